"""The names of Whoosh that this package uses, from the one release it is written for.

Forks install the same top-level package with other formats and defects, so another version is refused by name. Whoosh's
source has escapes that newer Pythons warn about when they compile it; those warnings are not ours to show.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import SearchError


@contextmanager
def quietly() -> Iterator[None]:
    """Import Whoosh's modules in here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


with quietly():
    import whoosh
    from whoosh import columns, fields, formats, index, matching, reading
    from whoosh.codec import base
    from whoosh.filedb import filestore

REQUIRED = (2, 7, 4)

__all__ = [
    "REQUIRED",
    "base",
    "check_version",
    "columns",
    "fields",
    "filestore",
    "formats",
    "index",
    "matching",
    "reading",
]


def check_version(version: tuple[object, ...] = whoosh.__version__) -> None:
    """Raise SearchError unless the installed package is Whoosh 2.7.4."""
    if tuple(version) != REQUIRED:
        raise SearchError(
            f"whoosh {'.'.join(map(str, version))} is installed, this program needs whoosh 2.7.4; "
            "Whoosh-Reloaded, whoosh3 and whoosh-ng install the same package name: uninstall them first"
        )
