"""An xz-packed file as a stream of its bytes, which stops where no honest file goes: at thousands of times its size."""

from __future__ import annotations

import io
import lzma
from typing import BinaryIO

MAX_RATIO = 200
"""How many times its packed size a file may unpack to; text takes 4 to 20 times. Line ends alone would reach 6,800."""
FREE_BYTES = 8 * 1024 * 1024
"""Up to so many unpacked bytes nothing is compared: a small file of repeated lines is none that costs anything."""
MAX_BYTES = 32 * 1024 * 1024 * 1024
"""How much any file may unpack to."""
MAX_DICTIONARY = 256 * 1024 * 1024
"""Memory that unpacking may take; `xz -9` takes 65 MB."""

_CHUNK = 1 << 16


class PackedTooWell(Exception):
    """A file unpacks to more than it may."""


class Unpacked(io.RawIOBase):
    """The bytes of an xz or lzma stream, or of several one after the other.

    Reading raises lzma.LZMAError or EOFError where the packing is damaged, PackedTooWell beyond the bounds above.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Read from `stream`, which stays open."""
        super().__init__()
        self._stream = stream
        self._unpacker = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
        self._pending = b""
        self._packed = self._unpacked = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next; return how many bytes, 0 at the end."""
        while True:
            if self._unpacker.eof and not self._next_stream():
                return 0
            chunk = b""
            if self._unpacker.needs_input:
                chunk = self._read()
                if not chunk:
                    raise EOFError("the file ends before the packing does")
            data = self._unpacker.decompress(chunk, max_length=len(buffer))
            if data:
                break
        self._unpacked += len(data)
        if self._unpacked > min(max(FREE_BYTES, MAX_RATIO * self._packed), MAX_BYTES):
            raise PackedTooWell
        buffer[: len(data)] = data
        return len(data)

    def _next_stream(self) -> bool:
        """Begin with what follows a stream that has ended; return False if nothing does but the zeros that fill up."""
        rest = self._unpacker.unused_data.lstrip(b"\0")
        while not rest:
            chunk = self._read()
            if not chunk:
                return False
            rest = chunk.lstrip(b"\0")
        self._unpacker = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
        self._pending = rest
        return True

    def _read(self) -> bytes:
        if self._pending:
            chunk, self._pending = self._pending, b""
            return chunk
        chunk = self._stream.read(_CHUNK)
        self._packed += len(chunk)
        return chunk
