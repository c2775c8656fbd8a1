"""Names for arrays that travel between rooms: what they hold, of which type, in which order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""Any array: the docstring where it stands says of what."""

Docs = NDArray[Any]
"""A posting list's documents: ascending, distinct; uint32 as in the file, or `intp`, by which NumPy indexes."""

Hits = NDArray[np.intp]
"""Documents, distinct, in any order."""

Places = NDArray[np.uint32]
"""Where characters stand: `position << 2 | zone`, ascending unless it is said otherwise."""

Frequencies = NDArray[np.uint8]
"""Weighted frequencies of a term, one a document of its posting list."""

Scores = NDArray[np.float32]
"""Scores, or parts of them, one a hit."""

Mask = NDArray[np.bool_]
"""Whether something holds, one a hit."""
