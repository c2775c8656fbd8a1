"""A workbook's archive whose sheets hold no empty cells: what somebody coloured down to the last row costs nothing.

openpyxl makes an object of every cell that a sheet names, also of a million that have a style and no value. Here they
are taken out of the XML before it sees them. Cells and rows say their own place (`r="B7"`); one that does not is left.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, cast

_CHUNK = 1 << 18
_LONGEST_TAG = 1 << 12  # a chunk ends with a tag, if one ends within so many bytes
# One pass each: what is repeated holds none of what ends it.
_EMPTY_CELL = re.compile(
    rb"<(?:\w+:)?c\s+r=\"[A-Z]{1,3}\d{1,7}\"[^<>]*(?:/>|(?<!/)>\s*(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>)"
)
_EMPTY_ROW = re.compile(rb"<(?:\w+:)?row\s+r=\"\d{1,7}\"[^<>]*(?:/>|(?<!/)>\s*</(?:\w+:)?row>)")
_DATA, _DIMENSION = b"<sheetData", b"<dimension "
_ANY_DIMENSION = (
    b'<dimension ref="A1"/>'  # without one openpyxl reads the sheet once more to find it; nobody asks for it
)


class FilledCells(zipfile.ZipFile):
    """A workbook to read, as openpyxl opens its parts."""

    def open(self, name: str | zipfile.ZipInfo, mode: Any = "r", *args: Any, **options: Any) -> IO[bytes]:
        """Open a part; a sheet without what is empty in it."""
        stream = super().open(name, mode, *args, **options)
        called = name if isinstance(name, str) else name.filename
        if mode != "r" or "worksheets/" not in called:
            return stream
        return cast(IO[bytes], io.BufferedReader(_Chunks(stream, _filled(stream))))


def _filled(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the XML of a sheet without empty cells, and without rows that hold nothing else."""
    kept, in_data = b"", False
    while chunk := stream.read(_CHUNK):
        text = kept + chunk
        end = text.rfind(b">", max(len(text) - _LONGEST_TAG, 0)) + 1 or len(text)
        text, kept = text[:end], text[end:]
        if not in_data and (at := text.find(_DATA)) >= 0:
            in_data = True
            if _DIMENSION not in text[:at]:
                text = text[:at] + _ANY_DIMENSION + text[at:]
        yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", text))
    yield kept


class _Chunks(io.RawIOBase):
    """The bytes of an iterator, as a stream that closes the one they come from."""

    def __init__(self, stream: IO[bytes], chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._stream, self._chunks = stream, chunks
        self._pending = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next; return how many bytes, 0 at the end."""
        while not self._pending:
            found = next(self._chunks, None)
            if found is None:
                return 0
            self._pending = found
        taken = self._pending[: len(buffer)]
        self._pending = self._pending[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close both."""
        self._stream.close()
        super().close()
