"""The compiled inner loops (`kernel.c`), if the build could compile them; `compiled` is None otherwise.

What they do NumPy can do too, in some calls instead of one: the same answers, several times as slow. Tests run both
ways. `YIBAO_KERNEL=off` leaves the compiled ones out.
"""

from __future__ import annotations

import os

try:
    from . import _kernel

    compiled = _kernel
except ImportError:
    compiled = None  # type: ignore[assignment]

if os.environ.get("YIBAO_KERNEL") == "off":
    compiled = None  # type: ignore[assignment]
