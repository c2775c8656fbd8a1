"""Every error this program raises on purpose, in one tree.

::

    SearchError
    ├── UserError                 the reader can mend it: HTTP 400, `field` names the parameter
    │   └── PageOutOfRange        a page past the end: HTTP 404
    ├── IndexUnavailable          HTTP 503; `command` is what the operator should run
    │   ├── IndexMissing          no index there yet
    │   ├── IndexDamaged          something is there, but it is not a complete index of ours
    │   └── IndexOutdated         built with another schema or other text rules
    ├── EngineUnavailable         HTTP 503; the cluster that holds the index does not answer, or not whole
    ├── IndexBusy                 another process is writing this index
    ├── IndexUnwritable           the index directory cannot be written: no permission, disk full
    ├── BackupRefused             a file that is no backup, or no whole one; or a place where none is written
    ├── EngineUnknown             an address that no engine answers to, or that its engine cannot read
    └── SourceError               an input file cannot be used: path, line, reason

Messages of `UserError` are safe to show: `message` is a Chinese sentence for the page, `detail` the English one for the
API. Nothing here is ever turned into "0 results".
"""

from __future__ import annotations

from pathlib import Path


class SearchError(Exception):
    """Base of all errors of this program."""


class UserError(SearchError):
    """A request that its sender can correct."""

    def __init__(self, field: str, message: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.message = message
        self.detail = detail


class PageOutOfRange(UserError):
    """The page asked for lies past the last one."""


class IndexUnavailable(SearchError):
    """The index cannot be searched; `command` is what mends it."""

    def __init__(self, reason: str, command: str = "yibao reindex SOURCES…") -> None:
        super().__init__(f"{reason}. Run: {command}")
        self.reason = reason
        self.command = command


class IndexMissing(IndexUnavailable):
    """There is no index in this directory."""


class IndexDamaged(IndexUnavailable):
    """The directory holds something, but not a complete index of this program."""


class IndexOutdated(IndexUnavailable):
    """The index was built with another schema version or other text rules."""


class EngineUnknown(SearchError):
    """An address names an engine that is not there."""


class EngineUnavailable(SearchError):
    """The cluster that holds the index does not answer now, or cannot answer for all of it.

    Says nothing about the index, so it is no `IndexUnavailable`: nobody may take a build for damaged or gone by it.
    """


class IndexBusy(SearchError):
    """Another process holds the writer lock of this index directory."""


class IndexUnwritable(SearchError):
    """The file system does not let a new index be written to this directory."""

    def __init__(self, index_dir: Path, error: OSError) -> None:
        super().__init__(f"cannot write an index to {index_dir}: {plain(error)}")


class BackupRefused(SearchError):
    """A file that `restore` does not take, or that `backup` does not replace."""

    def __init__(self, path: Path, reason: str, what: str = "restored") -> None:
        super().__init__(f"{path} is not {what}: {reason}; nothing was changed")
        self.reason = reason


class SourceError(SearchError):
    """An input file, or one record of it, cannot be used."""

    def __init__(self, path: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line


def plain(error: OSError) -> str:
    """Return what an error of the operating system says, and about which file, without its number."""
    path = error.filename2 or error.filename
    return f"{error.strerror or error}{f' ({path})' if path else ''}"
