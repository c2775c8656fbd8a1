"""One file that holds named arrays, read through one memory mapping. Knows nothing of what the arrays mean.

Layout, little-endian: a header of 64 bytes (magic, format, place of the table, size of the file, checksums), the
arrays, each aligned to 64 bytes, and a table in JSON: name → dtype, length, offset, CRC-32, and a free `meta` object.
No pickles. A file that was cut short, or is something else, is told by its header; a changed byte by `verify`.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array
from ..errors import IndexDamaged

MAGIC = b"YIBAOSEG"
FORMAT = 1
_HEADER = struct.Struct("<8sIIQQQ")
"""Magic, format, CRC-32 of the table, offset of the table, length of the table, size of the file."""
_CHECKSUM = struct.Struct("<I")
"""CRC-32 of the header, behind it; zeros follow."""
_ALIGN = 64
_CHECK = 16 << 20


class ContainerWriter:
    """Writes a container front to back; columns that grow side by side get their room beforehand."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb")
        self._file.write(bytes(_ALIGN))
        self._end = _ALIGN
        self._table: dict[str, dict[str, Any]] = {}

    def add(self, name: str, array: Array) -> None:
        """Write a whole array."""
        column = self.column(name, array.dtype, array.size)
        column.append(array)

    def column(self, name: str, dtype: DTypeLike, length: int) -> Column:
        """Reserve room for `length` items, to be filled front to back by `Column.append`."""
        entry = self._entry(name, np.dtype(dtype), length)
        self._end = entry["offset"] + entry["length"] * np.dtype(dtype).itemsize
        return Column(self._file.fileno(), entry)

    def stream(self, name: str) -> Column:
        """Begin an array of bytes of unknown length; `finish_stream` it before anything else is written."""
        return Column(self._file.fileno(), self._entry(name, np.dtype(np.uint8), 0), grows=True)

    def finish_stream(self, column: Column) -> None:
        """End the array of bytes begun by `stream`."""
        self._end = column.entry["offset"] + column.entry["length"]

    def close(self, meta: Mapping[str, Any]) -> None:
        """Write table and header, and sync the file to the disk."""
        table = json.dumps({"arrays": self._table, "meta": meta}, ensure_ascii=False).encode()
        size = self._end + len(table)
        header = _HEADER.pack(MAGIC, FORMAT, zlib.crc32(table), self._end, len(table), size)
        self._file.flush()
        fd = self._file.fileno()
        os.ftruncate(fd, size)
        _write_all(fd, table, self._end)
        _write_all(fd, header + _CHECKSUM.pack(zlib.crc32(header)), 0)
        os.fsync(fd)
        self._file.close()

    def abandon(self) -> None:
        """Close the file without making it a container."""
        self._file.close()

    def _entry(self, name: str, dtype: np.dtype[Any], length: int) -> dict[str, Any]:
        if name in self._table:
            raise ValueError(f"array {name} written twice")
        offset = -(-self._end // _ALIGN) * _ALIGN
        self._table[name] = {"dtype": dtype.newbyteorder("<").str, "length": length, "offset": offset, "crc": 0}
        return self._table[name]


class Column:
    """An array being written."""

    def __init__(self, fd: int, entry: dict[str, Any], grows: bool = False) -> None:
        self.entry = entry
        self._fd = fd
        self._written = 0
        self._grows = grows

    def append(self, items: Array | bytes) -> None:
        """Write the next items; arrays are converted to the column's dtype."""
        dtype = np.dtype(self.entry["dtype"])
        data = items if isinstance(items, bytes) else np.ascontiguousarray(items, dtype).view(np.uint8).data
        _write_all(self._fd, data, self.entry["offset"] + self._written)
        self.entry["crc"] = zlib.crc32(data, self.entry["crc"])
        self._written += len(data)
        if self._grows:
            self.entry["length"] = self._written
        elif self._written > self.entry["length"] * dtype.itemsize:
            raise ValueError("more items than reserved")


class Container:
    """A finished container: `arrays` are read-only views of one shared mapping, `meta` is the free object.

    Raises IndexDamaged if the file is missing, cut short, or not a container. The mapping lives as long as any array.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self.size = os.fstat(file.fileno()).st_size
                header = file.read(_ALIGN)
                self._end, length, crc = _read_header(path, header, self.size)
                file.seek(self._end)
                table = file.read(length)
                if zlib.crc32(table) != crc:
                    raise IndexDamaged(f"{path}: the table of arrays is damaged")
                self._buffer = mmap.mmap(file.fileno(), self.size, access=mmap.ACCESS_READ)
        except OSError as error:
            raise IndexDamaged(f"{path}: {error.strerror}") from error
        content = json.loads(table)
        self.meta: dict[str, Any] = content["meta"]
        self._table: dict[str, dict[str, Any]] = content["arrays"]
        self.arrays: dict[str, Array] = {
            name: np.frombuffer(self._buffer, entry["dtype"], entry["length"], entry["offset"])
            for name, entry in self._table.items()
        }

    def verify(self) -> None:
        """Compare every array with its checksum, and what lies between them with zeros. Raises IndexDamaged."""
        end = _ALIGN
        for name, array in self.arrays.items():
            self.verify_array(name)
            begin = self._table[name]["offset"]
            if any(self._buffer[end:begin]):
                raise IndexDamaged(f"{self.path}: there is something before the array {name}")
            end = begin + array.nbytes
            self.let_go()
        if any(self._buffer[end : self._end]):
            raise IndexDamaged(f"{self.path}: there is something behind the arrays")

    def let_go(self) -> None:
        """Count what was read as no memory of this process any more; the system's cache may keep it.

        Who reads a file once and from end to end would seem to hold all of it.
        """
        if hasattr(mmap, "MADV_DONTNEED"):  # Linux
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def verify_array(self, name: str) -> None:
        """Compare an array with its checksum. Raises IndexDamaged."""
        if _checksum(self.arrays[name].view(np.uint8)) != self._table[name]["crc"]:
            raise IndexDamaged(f"{self.path}: the array {name} is damaged")


def _read_header(path: Path, header: bytes, size: int) -> tuple[int, int, int]:
    """Return offset, length and checksum of the table."""
    if len(header) < _ALIGN or not header.startswith(MAGIC):
        raise IndexDamaged(f"{path}: not a finished segment of this program")
    fields = header[: _HEADER.size]
    (check,) = _CHECKSUM.unpack_from(header, _HEADER.size)
    if zlib.crc32(fields) != check or any(header[_HEADER.size + _CHECKSUM.size :]):
        raise IndexDamaged(f"{path}: the header is damaged")
    _, form, crc, offset, length, expected = _HEADER.unpack(fields)
    if form != FORMAT:
        raise IndexDamaged(f"{path}: segment format {form}, this program reads {FORMAT}")
    if size != expected:
        raise IndexDamaged(f"{path}: {size} bytes, {expected} were written")
    return offset, length, crc


def _checksum(data: Array) -> int:
    crc = 0
    for start in range(0, data.size, _CHECK):
        crc = zlib.crc32(data[start : start + _CHECK].data, crc)
    return crc


def _write_all(fd: int, data: bytes | memoryview, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view = view[written:]
        offset += written
