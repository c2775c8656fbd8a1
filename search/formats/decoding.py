"""Bytes → text: UTF-8 (with or without BOM) or GB18030, told apart by the bytes.

A character cut in half (crawlers cut snippets by bytes) becomes U+FFFD and the rest stays readable. Anything else, and
anything binary, is a `SourceError`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import BinaryIO

from ..errors import SourceError

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read as one document: indexing it takes some twenty-five times its size of memory."""

# Of the characters outside ASCII, how many may be damaged: a cut snippet spoils one character in about two hundred,
# text in the other encoding spoils more than half of them.
_DAMAGE_SHARE = 0.1
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


def read_document(stream: BinaryIO, path: str, limit: int = MAX_BYTES) -> str:
    """Return the whole text of a stream. Raises SourceError: too large, empty, binary, or in no known encoding."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise SourceError(path, f"larger than {limit // 1024 // 1024} MB")
    text = decode(data, path)
    if not text.strip():
        raise SourceError(path, "the file is empty")
    return text


def decode(data: bytes, path: str, line: int | None = None) -> str:
    """Return `data` as text with `\\n` line ends and no control characters. Raises SourceError (at `line`)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(path, "UTF-16 text; save it as UTF-8", line)
    nul = data.find(b"\0")
    if nul >= 0:
        raise SourceError(path, "binary content (a NUL byte)", line or data.count(b"\n", 0, nul) + 1)
    return clean(_NEWLINES.sub("\n", _decode(data, path, line)))


def decoded_name(data: bytes) -> str | None:
    """Return a few bytes that are a name or an argument, in UTF-8 or GB18030; None if they are neither."""
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return None


def _decode(data: bytes, path: str, line: int | None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = error
    # UTF-8 with one cut character is often *valid* GB18030 (and gibberish), so damaged UTF-8 is asked about first.
    text = data.decode("utf-8-sig", "replace")
    if _damage(text) <= _DAMAGE_SHARE:
        return text
    text = data.decode("gb18030", "replace")
    if _damage(text) <= _DAMAGE_SHARE:
        return text
    where = line or data.count(b"\n", 0, problem.start) + 1
    raise SourceError(path, f"neither UTF-8 nor GB18030 (byte {problem.start})", where)


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
