"""The inner loops over arrays, twice: compiled from `kernel.c`, and in NumPy where no compiler was at hand.

Knows arrays of numbers; must not know what is searched, nor any number that decides an order: those are arguments. Both
ways have the same functions and give the same answers, NumPy's several times as slow. `YIBAO_KERNEL=off` chooses it.
"""

from __future__ import annotations

import os

from . import plain
from .interface import Form, Layout, Loops, Term
from .sets import Scratch

__all__ = ["Form", "Layout", "Loops", "Scratch", "Term", "is_compiled", "loops"]

loops: Loops = plain.PlainLoops()
"""The way that is used: call `kernel.loops.…`, so that tests can have both."""

try:
    from .native import NativeLoops
except ImportError:
    pass
else:
    if os.environ.get("YIBAO_KERNEL") != "off":
        loops = NativeLoops()


def is_compiled() -> bool:
    """Tell whether the compiled loops are used."""
    return not isinstance(loops, plain.PlainLoops)
