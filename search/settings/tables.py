"""Values out of a TOML file, each checked, with the line it stands in when it is not what it must be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from ..errors import SourceError

Path = tuple[str | int, ...]
_HEADER = re.compile(r"\s*\[(\[)?([^\[\]]+)\]")
_COMPLETE = re.compile(r"(?:[^\\,\[{(=\s]|\\.)\s*(?:#.*)?$")
"""Ends of lines after which a statement may be complete: telling so costs a parse."""
_MOST_PARSED = 16 << 20
"""Characters that are parsed to find a line: a string over thousands of lines is begun anew with each of them."""
_LONGEST_SHOWN = 40


class Table:
    """A table of the file. Each key is asked for once, by its kind; `close` then says which keys nobody asks for."""

    def __init__(self, name: str, text: str, data: Mapping[str, Any], path: Path = ()) -> None:
        self._name, self._text, self._data, self._path = name, text, data, path
        self._asked: list[str] = []

    def text(self, key: str, longest: int = 200, needed: bool = False) -> str:
        """Return one line of text, "" where there is none and none is `needed`."""
        value = self._value(key)
        if value is None:
            if needed:
                self._miss(key)
            return ""
        return self._line(key, value, longest)

    def texts(self, key: str, most: int, longest: int = 200, needed: bool = False) -> tuple[str, ...]:
        """Return lines of text, each once. A single text stands for a list of one."""
        value = self._value(key)
        values = [value] if isinstance(value, str) else value
        if values is None or values == []:
            if needed and values is None:
                self._miss(key)
            if needed:
                self._refuse(f"{self._shown(key)} is empty", key)
            return ()
        if not isinstance(values, list):
            self._refuse(f'{self._shown(key)} must be a list of texts, such as ["…", "…"]', key)
        if len(values) > most:
            self._refuse(f"{self._shown(key)} has more than {most:,} entries", key)
        return tuple(dict.fromkeys(self._line(key, each, longest) for each in values))

    def flag(self, key: str) -> bool:
        """Return true or false, which it is where there is none."""
        value = self._value(key)
        if not isinstance(value, bool | None):
            self._refuse(f"{self._shown(key)} must be true or false, not {_shown(value)}", key, value)
        return bool(value)

    def table(self, key: str) -> Table:
        """Return a table in this one; an empty one where there is none."""
        value = self._value(key)
        if not isinstance(value, dict | None):
            self._refuse(f"{self._shown(key)} must be a table: [{self._shown(key)}]", key)
        return Table(self._name, self._text, value or {}, (*self._path, key))

    def tables(self, key: str, most: int) -> list[Table]:
        """Return the tables of an array of tables."""
        value = self._value(key)
        values = [] if value is None else value
        if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
            self._refuse(f"{self._shown(key)} must be tables: [[{self._shown(key)}]]", key)
        if len(values) > most:
            self._refuse(f"there are more than {most:,} of [[{self._shown(key)}]]", key)
        return [Table(self._name, self._text, each, (*self._path, key, n)) for n, each in enumerate(values)]

    def close(self, hints: Mapping[str, str] | None = None) -> None:
        """Refuse a key that nobody asked for, naming the one it may be meant for, or what `hints` say of it."""
        for key in self._data:
            if key in self._asked:
                continue
            near = get_close_matches(key, self._asked, n=1, cutoff=0.5)
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._asked)}"
            self._refuse(f"nothing is called {self._shown(key)}: {(hints or {}).get(key) or known}", key)

    def refuse(self, key: str, reason: str, value: object = None) -> NoReturn:
        """Refuse what a key says. Raises SourceError with the line."""
        self._refuse(f"{self._shown(key)}: {reason}", key, value)

    def _value(self, key: str) -> Any:
        self._asked.append(key)
        return self._data.get(key)

    def _line(self, key: str, value: object, longest: int) -> str:
        if not isinstance(value, str):
            self._refuse(f"{self._shown(key)} must be text in quotes, not {_shown(value)}", key, value)
        text = " ".join(value.split())
        if not text:
            self._refuse(f"{self._shown(key)} holds an empty text", key, value)
        if not text.isprintable():
            self._refuse(f"{self._shown(key)} holds a character that cannot be shown: {_shown(text)}", key, value)
        if len(text) > longest:
            self._refuse(f"{self._shown(key)} is longer than {longest} characters: {_shown(text)}", key, value)
        return text

    def _miss(self, key: str) -> NoReturn:
        near = get_close_matches(key, self._data.keys(), n=1, cutoff=0.6)
        hint = f"; is it meant by {near[0]}?" if near else ""
        self._refuse(f"{self._shown(key)} is missing{hint}", *near)

    def _shown(self, key: str) -> str:
        return ".".join(str(part) for part in (*self._path, key) if isinstance(part, str))

    def _refuse(self, reason: str, key: str | None = None, value: object = None) -> NoReturn:
        path = self._path if key is None else (*self._path, key)
        raise SourceError(self._name, reason, line_of(self._text, path, value))


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def line_of(text: str, path: Path, value: object = None) -> int | None:
    """Return the line, from 1, in which a key (or the table it is missing in) stands; that of the `value` in its list.

    None if that cannot be told.
    """
    best: tuple[int, int] = (0, 0)
    for first, statement, said in _statements(text):
        depth = _shared(path, said)
        if depth > best[0]:
            best = (depth, first + _offset(statement, value if depth == len(path) else None))
    return best[1] or None


def _offset(statement: str, value: object) -> int:
    """Return in which line of a statement a value stands; that of lists that go over several lines."""
    lines = statement.split("\n")
    written = (f'"{value}"', f"'{value}'", str(value)) if isinstance(value, str) else (str(value),)
    found = (number for text in written for number, line in enumerate(lines) if text in line)
    return 0 if value is None else next(found, 0)


def _shared(path: Path, said: Path) -> int:
    """Return how many parts of `path` a statement about `said` tells."""
    count = 0
    for ours, theirs in zip(path, said, strict=False):
        if ours != theirs:
            return count
        count += 1
    return count


def _statements(text: str) -> Iterator[tuple[int, str, Path]]:
    """Yield the first line, the characters and the path of each header and each `key = value`.

    What is one is asked of the parser, as strings and lists may go over lines; so long ones may make it stop early.
    """
    at: Path = ()
    tables: dict[Path, int] = {}
    begun: list[str] = []
    first, spent = 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        if not begun and (not line.strip() or line.lstrip().startswith("#")):
            continue
        first = first if begun else number
        begun.append(line)
        if not _COMPLETE.search(line):
            continue
        statement = "\n".join(begun)
        spent += len(statement)
        if spent > _MOST_PARSED:
            return
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        begun = []
        header = _HEADER.match(statement)
        path = _only_path(said)
        if header:
            if header[1]:
                tables[path] = tables.get(path, -1) + 1
            at = _numbered(path, tables)
            yield first, statement, at
        else:
            yield first, statement, (*at, *path)


def _only_path(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the path that one statement is about; its keys have one entry each, to the value."""
    path: list[str] = []
    value: Any = said
    while isinstance(value, dict | list) and len(value) == 1:
        if isinstance(value, list):
            if not isinstance(value[0], dict) or value[0]:
                break
            value = value[0]
        else:
            (key,) = value
            path.append(key)
            value = value[key]
    return tuple(path)


def _numbered(path: tuple[str, ...], tables: Mapping[Path, int]) -> Path:
    """Return the path of a header with the numbers of the tables of arrays."""
    found: list[str | int] = []
    for end, part in enumerate(path, 1):
        found.append(part)
        if path[:end] in tables:
            found.append(tables[path[:end]])
    return tuple(found)
