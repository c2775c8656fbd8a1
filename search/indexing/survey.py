"""What is in a folder, before it is indexed: which fields its records state, and which files nothing reads.

Looks at the beginning of a bounded number of files, by the same readers as a reindex.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from ..facets import FACETS, FieldMap
from ..formats import PARSED_FROM, Reader, reader_for
from ..formats.dates import parse_date
from ..formats.fields import is_web_address
from ..model import Rejection
from .ingest import open_source, scan_all

MOST_FILES, MOST_RECORDS = 1_000, 5_000
MOST_BYTES, MOST_OF_PARSED = 4 << 20, 16 << 10
"""Of a file: in general, and where the parser is not ours."""
MOST_FIELDS, MOST_VALUES = 200, 500
"""Fields that are remembered, and different values of each."""
LONGEST_NAME, LONGEST_VALUE = 60, 60


@dataclass(slots=True)
class Seen:
    """What one field held: in how many records it stood, what its short values were, how much there was in it.

    `values` counts up to `MOST_VALUES` different ones; `is_open` says that there were more, or longer ones.
    """

    records: int = 0
    values: Counter[str] = field(default_factory=Counter)
    is_open: bool = False
    characters: int = 0
    days: int = 0
    addresses: int = 0

    def note(self, value: object) -> None:
        """Take note of what a record states."""
        each = value if isinstance(value, list) else [value]
        texts = [str(one).strip() for one in each if isinstance(one, str | int | float) and not isinstance(one, bool)]
        if not any(texts):
            return
        self.records += 1
        self.characters += sum(map(len, texts))
        self.days += _is_day(texts[0])
        self.addresses += is_web_address(texts[0])
        for text in filter(None, texts):
            known = text in self.values or len(self.values) < MOST_VALUES
            if known and len(text) <= LONGEST_VALUE and text.isprintable():
                self.values[text] += 1
            else:
                self.is_open = True


@dataclass(frozen=True, slots=True)
class FolderSurvey:
    """`fields` by name; `records` were looked at, in `files` of all files that are read; `unread` are counted by the
    ends of their names, `refused` records by the reason.
    """

    fields: Mapping[str, Seen]
    records: int
    files: int
    unread: Counter[str]
    refused: Counter[str]


def look_at(folder: Path) -> FolderSurvey:
    """Return what a source folder holds. Never raises for what is in it."""
    files, skipped = scan_all([folder])
    seen: dict[str, Seen] = {}
    records = 0
    refused: Counter[str] = Counter()

    def note(raw: Mapping[str, object]) -> None:
        nonlocal records
        records += 1
        for name, value in raw.items():
            if name in seen or (len(seen) < MOST_FIELDS and len(name) <= LONGEST_NAME and name.isprintable()):
                seen.setdefault(name, Seen()).note(value)

    facets = replace(FACETS, fields=_Noting(note=note))
    for source in files[:MOST_FILES]:
        reader = reader_for(source.file.name)
        if source.problem or reader is None or records >= MOST_RECORDS:
            continue
        try:
            with open_source(source) as stream:
                data = stream.read(_most(reader))
            # Half a page or half an archive is not what is wrong with it.
            is_half = reader in PARSED_FROM and len(data) == MOST_OF_PARSED
            for record in reader(BytesIO(_beginning(data, _most(reader))), source.path, facets):
                if isinstance(record, Rejection) and not is_half and not record.reason.startswith("damaged"):
                    refused[record.reason.partition("“")[0].rstrip()] += 1
                if records >= MOST_RECORDS:
                    break
        except Exception as error:  # a parser fed with hostile input: whatever it trips over, the other files go on
            refused[f"cannot be read: {type(error).__name__}"] += 1
    unread = Counter(Path(name).suffix.lower() or Path(name).name for name in skipped)
    return FolderSurvey(seen, records, len(files), unread, refused)


@dataclass(frozen=True)
class _Noting(FieldMap):
    """Renames nothing, and tells of each record's fields."""

    note: Callable[[Mapping[str, object]], None] = print

    def renamed(self, raw: Mapping[str, object]) -> Mapping[str, object]:
        """Take note of what a record states."""
        self.note(raw)
        return raw

    def knows(self, name: str) -> bool:
        """Let no field be called unknown: that is what we are here for."""
        return True


def _most(reader: Reader) -> int:
    return MOST_OF_PARSED if reader in PARSED_FROM else MOST_BYTES


def _beginning(data: bytes, most: int) -> bytes:
    """Return bytes that were cut off, to the end of a line."""
    return data[: data.rfind(b"\n") + 1] or data if len(data) == most else data


def _is_day(text: str) -> bool:
    try:
        parse_date(text)
    except (ValueError, OverflowError):
        return False
    return True


def common(seen: Mapping[str, Seen]) -> Iterator[tuple[str, Seen]]:
    """Yield the fields, those first that stand in the most records."""
    yield from sorted(seen.items(), key=lambda item: (-item[1].records, item[0]))


def examples(seen: Seen, most: int = 5) -> Sequence[str]:
    """Return the values that occur most often."""
    return [value for value, _ in sorted(seen.values.items(), key=lambda item: (-item[1], item[0]))[:most]]
