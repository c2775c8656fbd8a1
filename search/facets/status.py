"""效力: whether an official text is in force. The value depends on the day on which it is asked for, so it is derived
from what is stored of an article (`Article.validity`) by whoever answers, and is never stored itself.
"""

from __future__ import annotations

from .facet import Facet
from .vocabulary import ListedValues

IN_FORCE, NOT_YET, EXPIRED, REPEALED, REVISED = "现行有效", "尚未生效", "已失效", "已废止", "已修订"
STATUSES = (IN_FORCE, NOT_YET, EXPIRED, REPEALED, REVISED)
REPLACED = (REPEALED, REVISED)
NOT_IN_FORCE = frozenset({EXPIRED, NOT_YET, *REPLACED})
_ALIASES = {
    IN_FORCE: ("有效", "现行"),
    NOT_YET: ("未生效", "待生效"),
    EXPIRED: ("失效", "过期"),
    REPEALED: ("废止",),
    REVISED: ("修订", "有新版"),
}

STATUS = Facet(key="status", label="效力", vocabulary=ListedValues.of(STATUSES, _ALIASES), unstated=False, derived=True)
