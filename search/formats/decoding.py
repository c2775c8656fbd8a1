"""Bytes → text: UTF-8 (with or without BOM), UTF-16, GB18030 or Big5, told apart by the bytes.

A character cut in half (crawlers cut snippets by bytes) becomes U+FFFD and the rest stays readable. Anything else, and
anything binary, is a `SourceError`.
"""

from __future__ import annotations

import codecs
import io
import re
from contextlib import suppress
from functools import lru_cache
from typing import BinaryIO, cast

from ..errors import SourceError

NO_TEXT = "no text in the file (scanned?)"
_MOST_PAGES = 10_000  # lines that may all be marks of pages

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read as one document: indexing it takes some twenty-five times its size of memory."""

# Of the characters outside ASCII, how many may be damaged: a cut snippet spoils one character in about two hundred,
# text in the other encoding spoils more than half of them.
_DAMAGE_SHARE = 0.1
_SAMPLE = 1 << 16  # bytes or characters by which an encoding is told
_UTF32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_USUAL = re.compile("[\t\r\n -~\u00b7\u2010-\u203b\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_CLEARLY = 0.1  # by how much more common the characters of another encoding must be
_USUAL_SHARE = 0.9  # of the characters of a text in UTF-16 without its mark
_GAP, _NUMBER = r"[\W_]*+", r"\d*+"  # possessive: one pass over a line, whatever it holds
_PAGE_MARK = re.compile(
    rf"{_GAP}(?:page|p|第)?+{_GAP}{_NUMBER}{_GAP}(?:of|页|頁|共)?+{_GAP}(?:共)?+{_GAP}{_NUMBER}{_GAP}(?:页|頁)?+{_GAP}",
    re.I,
)
_HAN = re.compile("[\u3400-\u9fff]")
_HAN_OR_OWN = re.compile("[\u3400-\u9fff\ue000-\uf8ff]")  # ideographs, and what no standard says
_DIGIT = re.compile(r"\d")
_NEWLINES = re.compile("\r\n?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What has no ink (Unicode's Default_Ignorable_Code_Point without the variation selectors), with the marks that turn the
# direction of writing: they would split words unseen, and let a title reorder what stands around it.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_ODD = re.compile("|".join(pattern.pattern for pattern in (_UNPRINTABLE, _INVISIBLE, _SURROGATES)))


def read_bytes(stream: BinaryIO, path: str, limit: int = MAX_BYTES) -> bytes:
    """Return all of a stream. Raises SourceError if it is too large."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise SourceError(path, f"larger than {limit // 1024 // 1024} MB")
    return data


def read_document(stream: BinaryIO, path: str, limit: int = MAX_BYTES) -> str:
    """Return the whole text of a stream. Raises SourceError: too large, empty, binary, or in no known encoding."""
    text = decode(read_bytes(stream, path, limit), path)
    if not text.strip():
        raise SourceError(path, "the file is empty")
    if _DIGIT.search(text) and all(_PAGE_MARK.fullmatch(line) for line in text.split("\n", _MOST_PAGES)):
        raise SourceError(path, NO_TEXT)
    return text


def decode(data: bytes, path: str, line: int | None = None) -> str:
    """Return `data` as text with `\\n` line ends and no control characters. Raises SourceError (at `line`)."""
    if encoding := _wide(data):
        return clean(_NEWLINES.sub("\n", data.decode(encoding, "replace").removeprefix("\ufeff")))
    nul = data.find(b"\0")
    if nul >= 0:
        raise SourceError(path, "binary content (a NUL byte)", line or data.count(b"\n", 0, nul) + 1)
    return clean(_NEWLINES.sub("\n", _decode(data, path, line)))


def decoded_name(data: bytes) -> str | None:
    """Return a few bytes that are a name or an argument, in UTF-8 or GB18030; None if they are neither."""
    found: list[str] = []
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            found.append(data.decode(encoding))
    if len(found) > 1 and not found[0].isascii() and not _HAN.search(found[0]) and _is_common(found[1]):
        return found[1]  # 通知 in GB18030 is UTF-8 too: of letters that nobody writes together
    return found[0] if found else None


def _decode(data: bytes, path: str, line: int | None) -> str:
    try:
        return _without_hz(data) or data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = error
    # UTF-8 with one cut character is often *valid* GB18030 (and gibberish), so damaged UTF-8 is asked about first.
    text = data.decode("utf-8-sig", "replace")
    if _damage(text) <= _DAMAGE_SHARE:
        return text
    found = [
        text
        for encoding in ("gb18030", "big5hkscs")
        if _damage(text := data.decode(encoding, "replace")) <= _DAMAGE_SHARE
    ]
    if len(found) > 1 and _commonness(found[1]) > _commonness(found[0]) + _CLEARLY:
        return found[1]  # valid in both; in one of them these are characters that nobody uses
    if found:
        return found[0]
    where = line or data.count(b"\n", 0, problem.start) + 1
    raise SourceError(path, f"neither UTF-8 nor GB18030 nor Big5 (byte {problem.start})", where)


def _without_hz(data: bytes) -> str:
    """Return text in HZ (RFC 1843), GB 2312 in seven bits as old mail programs have it; empty if it is none."""
    if b"~{" not in data or not data.isascii():
        return ""
    with suppress(UnicodeDecodeError):
        text = data.decode("hz")
        if _HAN.search(text) and _commonness(text) >= _USUAL_SHARE:
            return text
    return ""


def _wide(data: bytes) -> str | None:
    """Return which UTF-16 or UTF-32 this is: by its mark, or because there are NULs and it makes usual characters.

    (Half of a line end is NUL, and so is half of 一, on the other side.)
    """
    if data.startswith(_UTF32_MARKS):
        return "utf-32"
    if data.startswith(_UTF16_MARKS):
        return "utf-16-le" if data[:1] == b"\xff" else "utf-16-be"
    sample = data[:_SAMPLE]
    if b"\0" not in sample:
        return None
    usual = {encoding: _usual_share(sample, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    likely = max(usual, key=lambda encoding: usual[encoding])
    return likely if usual[likely] >= _USUAL_SHARE else None


def _usual_share(sample: bytes, encoding: str) -> float:
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    return sum(_USUAL.match(char) is not None for char in text) / max(len(text), 1)


def as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return a stream whose lines can be told by their bytes: one in UTF-16 is recoded as it is read."""
    head = stream.peek(2)[:2] if isinstance(stream, io.BufferedReader) else stream.read(2)
    if not isinstance(stream, io.BufferedReader):
        stream.seek(0)
    return cast(BinaryIO, io.BufferedReader(_Recoded(stream))) if head in _UTF16_MARKS else stream


class _Recoded(io.RawIOBase):
    """The UTF-8 of a stream in UTF-16."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._pending = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next; return how many bytes, 0 at the end."""
        while not self._pending:
            data = self._stream.read(len(buffer))
            self._pending = self._decoder.decode(data, not data).encode("utf-8", "replace")
            if not data:
                break
        taken = self._pending[: len(buffer)]
        self._pending = self._pending[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _commonness(text: str) -> float:
    """Return which share of the ideographs are among those that make nearly all of any text."""
    han = _HAN_OR_OWN.findall(text[:_SAMPLE])
    return sum(char in _common() for char in han) / max(len(han), 1)


def _is_common(text: str) -> bool:
    return all(char.isascii() or char in _common() for char in text)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The first levels of GB 2312 and Big5: the characters in daily use, simplified and traditional."""
    simple = (bytes((a, b)).decode("gb2312", "ignore") for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF))
    other = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = (bytes((a, b)).decode("big5", "ignore") for a in range(0xA4, 0xC7) for b in other)
    return frozenset("".join((*simple, *traditional)))


def _damage(text: str) -> float:
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") / max(beyond_ascii, 1)


def clean(text: str) -> str:
    """Replace control characters by spaces and lone surrogates by U+FFFD, one for one; take out invisible characters.

    (JSON can spell all of them.)
    """
    if not _ODD.search(text):  # one pass over nearly every text
        return text
    return _SURROGATES.sub("\ufffd", _UNPRINTABLE.sub(" ", _INVISIBLE.sub("", text)))
