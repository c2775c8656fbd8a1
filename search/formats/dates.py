"""The day that a text names, and where a document names its own day when no field does.

What a field states is read by `parse_date` alone, and wrong days are errors. The others are last sources: they return
None rather than a doubtful day, and each says where it looked, for the evidence of the article (`fields.dated`).
Knows lines and names of files; must not know formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import NamedTuple

from ..clock import SHANGHAI

_EARLIEST, _LATEST = 1900, 2199

_DAY = (
    r"(?:(?P<y1>\d{4})(?P<mark>[-/.])(?P<m1>\d{1,2})(?P=mark)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})\s*年\s*(?P<m2>\d{1,2})\s*月\s*(?P<d2>\d{1,2})\s*[日号]"
    r"|(?P<y3>\d{4})(?P<m3>\d{2})(?P<d3>\d{2})(?!\d))"
)
# A time of day, or of the week, in whatever form: only an offset from UTC may change the day.
_TIME = (
    r"(?:[\sT,，(（]*(?:星期|周)[一二三四五六日天][)）]?)?"
    r"(?:[\sT,，]*(?:[上下中]午|凌晨|早上|晚上|[AaPp][Mm])?\s*(?P<hour>\d{1,2})\s*[:：时点]"
    r"\s*(?P<minute>\d{0,2})\s*[:：分]?\s*(?P<second>\d{0,2})(?:[.,]\d{1,9})?\s*秒?\s*(?:[AaPp][Mm])?"
    r"\s*(?P<offset>Z|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d{2})?)?\s*(?:\(?[A-Z]{2,5}\)?)?)?\s*"
)
_MOMENT = re.compile(_DAY + _TIME)
_HAN_DAY = re.compile(r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]+)月([一二三四五六七八九十]+)[日号]")
_TEN = "十"
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4}\b.{0,20}")  # the Date of mail and HTTP (RFC 5322)

_NAMED_DAY = re.compile(
    r"(?<!\d)(?:(?P<y1>(?:19|20)\d\d)(?P<mark>[-/._])(?P<m1>\d{1,2})(?P=mark)(?P<d1>\d{1,2})(?!\d)"
    r"|(?P<y2>(?:19|20)\d\d)年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]"
    r"|(?P<y3>(?:19|20)\d\d)(?P<m3>\d\d)(?P<d3>\d\d)(?!\d))"
)
_LABEL = re.compile(
    r"[【\[(（]?\s*(?:发布|发文|成文|印发|公布|公告|发表|更新|编辑|创建|生成|文章)?\s*(?:日期|时间)"
    r"(?:[】\])）]\s*[:：]?|\s*[:：])\s*(?P<day>.{6,40})"
)
_NEXT_LABEL = re.compile(r"\s{2,}|\s*[|｜]\s*|\s+(?=[【\[]?[\u4e00-\u9fffA-Za-z]{2,8}[】\]]?\s*[:：])")
_LONGEST_LABELLED = 200
_EARLY, _LATE = 12, 8
"""Lines that hold something, from the top and from the end, among which a day may stand by itself."""
_LONGEST_LINE = 60


class FoundDay(NamedTuple):
    """A day that no field states, and the rule that found it, in words for the evidence."""

    day: date
    rule: str


_EPOCH = re.compile(r"(1\d{9})(?:\d{3})?(?:\.\d+)?")  # seconds, or milliseconds, since 1970: 2001 to 2033


def parse_date(text: str) -> date:
    """Return the day a text names: 2024-05-01, 2024/5/1, 2024.5.1, 20240501, 2024年5月1日, or a moment of such a day.

    A time of day may have any form, also one that no clock shows: the day counts. A moment with a UTC offset counts as
    the day it is in Shanghai, and so do seconds and milliseconds since 1970. 二〇二四年五月一日 and days of mail too.
    Raises ValueError or OverflowError.
    """
    found = _moment(text.strip())
    if not _EARLIEST <= found.year <= _LATEST:
        raise ValueError(f"year {found.year}")
    return found


def _moment(text: str) -> date:
    if han := _HAN_DAY.fullmatch("".join(text.split())):
        return date(int(han[1].translate(_HAN_DIGITS)), _han_number(han[2]), _han_number(han[3]))
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]), SHANGHAI).date()
    if _MAIL.fullmatch(text):
        return _in_shanghai(parsedate_to_datetime(text))
    if moment := _MOMENT.fullmatch(text):
        return _day_of(moment)
    return _in_shanghai(datetime.fromisoformat(text))


def _day_of(moment: re.Match[str]) -> date:
    day = date(*_parts(moment))
    offset = moment["offset"]
    if not offset:
        return day
    sign, hours, minutes = ("+", "0", "0") if offset == "Z" else _offset(offset)
    clock = "T".join((day.isoformat(), f"{moment['hour']:0>2}:{moment['minute']:0>2}:{moment['second']:0>2}"))
    try:
        at = datetime.fromisoformat(f"{clock}{sign}{hours:0>2}:{minutes:0>2}")
    except ValueError:  # no such time of day
        return day
    return _in_shanghai(at)


def _offset(text: str) -> tuple[str, str, str]:
    number = text.lstrip("UTCGM").replace(":", "")
    digits = number[1:]
    return (number[0], digits, "0") if len(digits) <= 2 else (number[0], digits[:-2], digits[-2:])


def _parts(found: re.Match[str]) -> tuple[int, int, int]:
    year, month, day = (int(found[f"{part}1"] or found[f"{part}2"] or found[f"{part}3"]) for part in "ymd")
    return year, month, day


def _in_shanghai(moment: datetime) -> date:
    return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).date()


def _han_number(text: str) -> int:
    """Return a number up to 99 that is written in Han: 七, 十二, 三十一."""
    tens, ten, ones = text.rpartition(_TEN)
    return (int(tens.translate(_HAN_DIGITS) or 1) * 10 if ten else 0) + int(ones.translate(_HAN_DIGITS) or 0)


def is_day(line: str) -> date | None:
    """Return the day if a line names one and says nothing else; a bracket around it and a time of day are nothing."""
    words = line.strip().strip("()（）[]【】 ")
    if not 6 <= len(words) <= _LONGEST_LINE or words.isdigit():  # a number is more often no day
        return None
    try:
        return parse_date(words)
    except (ValueError, OverflowError):
        return None


def labelled_parts(line: str) -> list[str]:
    """Return what a line says under several labels (来源：… 日期：… 字号：…), one each; else the line alone."""
    return [part.strip() for part in _NEXT_LABEL.split(line[:_LONGEST_LABELLED])]


def labelled_day(line: str) -> date | None:
    """Return the day that a line labels as that of the document: 发布日期：2024-05-01, 成文日期, 发布时间 …"""
    found = (is_day(label["day"]) for part in labelled_parts(line) if (label := _LABEL.match(part)))
    return next((day for day in found if day), None)


def day_in_name(path: str) -> FoundDay | None:
    """Return the day in the name of a file (2024-05-01-…, …(2024-12-31), 20231107-…), else of its folders (2024/05/01)

    A name that begins with a day means that one, of several others the last counts: 法(2018修正)_20181229.
    """
    folders, _, name = path.rpartition("/")
    for text, rule in ((name, "the file's name"), (folders + "/", "the folder's name")):
        days = [day for found in _NAMED_DAY.finditer(text) if (day := _possible(found))]
        if days:
            first = _NAMED_DAY.match(text)
            return FoundDay((first and _possible(first)) or days[-1], rule)
    return None


def _possible(found: re.Match[str]) -> date | None:
    try:
        return date(*_parts(found))
    except ValueError:
        return None


def day_in_lines(lines: Sequence[str]) -> FoundDay | None:
    """Return the day that stands by itself, or labelled, among the first or last lines of a document.

    Days inside sentences say when something happened, not when the document was written.
    """
    for line in islice(_filled(lines), _EARLY):
        if day := labelled_day(line):
            return FoundDay(day, "a labelled line at the top")
    for line in islice(_filled(lines), _EARLY):
        if day := is_day(labelled_parts(line)[0]):  # 2023-05-08 10:22 来源：某局
            return FoundDay(day, "a line at the top")
    for line in islice(_filled(lines[::-1]), _LATE):
        if day := labelled_day(line) or is_day(line):
            return FoundDay(day, "a line at the end")
    return None


def _filled(lines: Sequence[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())
