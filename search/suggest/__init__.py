"""Words that somebody may have meant: did-you-mean, pinyin and initials, completion.

Made when an index is built, from what occurs in it (`write_suggestions`), and attached to the build, so that what is
suggested is always there to be found. Must not know how an index is stored, nor what is shown to readers.
"""

from __future__ import annotations

from .completion import Completion, complete
from .corrections import FEW, Correction, did_you_mean
from .keys import reduced
from .suggestions import Suggestions
from .writing import SUGGESTIONS, verify_suggestions, write_suggestions

__all__ = [
    "FEW",
    "SUGGESTIONS",
    "Completion",
    "Correction",
    "Suggestions",
    "complete",
    "did_you_mean",
    "reduced",
    "verify_suggestions",
    "write_suggestions",
]
