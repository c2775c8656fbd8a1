"""Words that somebody may have meant: did-you-mean, pinyin and initials, completion.

Made when an index is built, from what occurs in it (`write_suggestions`), kept in the build as arrays, opened with the
first question (`suggestions_of`). So what is suggested is always there to be found.
"""

from __future__ import annotations

from .completion import Completion, complete
from .corrections import FEW, Correction, did_you_mean
from .suggestions import Suggestions, suggestions_of
from .writing import verify_suggestions, write_suggestions

__all__ = [
    "FEW",
    "Completion",
    "Correction",
    "Suggestions",
    "complete",
    "did_you_mean",
    "suggestions_of",
    "verify_suggestions",
    "write_suggestions",
]
