"""Which file of settings goes with some sources: the one named, or the one at the root of a source folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import SourceError
from .reading import read_settings
from .values import NO_SETTINGS, Settings

NAME = "yibao.toml"


def find_settings(sources: Sequence[Path], named: Path | None = None) -> tuple[Settings, Path | None]:
    """Return the settings that go with `sources` and the file that says them; none and None where there is no file.

    Raises SourceError for a file that cannot be read or says what it must not, and for two that say different things.
    """
    if named is not None:
        return read_settings(named), named
    found = [(read_settings(path), path) for path in (source / NAME for source in sources) if path.is_file()]
    if not found:
        return NO_SETTINGS, None
    settings, first = found[0]
    for others, path in found[1:]:
        if (others.index, others.query) != (settings.index, settings.query):
            raise SourceError(str(first), f"it says otherwise than {path}; name the one that is meant by --settings")
    return settings, first
