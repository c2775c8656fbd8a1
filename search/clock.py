"""What time it is where readers and articles are: all days of the program are days in Shanghai."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the moment it is, with the offset of Shanghai."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """Return the day it is in Shanghai."""
    return now().date()
