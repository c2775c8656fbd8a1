"""What an official text says of its own validity: from when on it holds, until when, and which works it repeals.

Only what a text says of itself counts: 本办法自2024年5月1日起施行, or a clause that begins with 自, as the last article
does. 《社会保险法》自2011年7月1日起施行 says something of another work, and 备案有效期两年 something of a matter.
Offsets are those of the folded text, which are those of the text.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .citations import work
from .numbers import han_value

_KINDS = "法|条例|规定|办法|细则|规则|规程|通知|意见|决定|方案|公告|通告|公报|标准|制度|规范|批复|命令|令"
_OFFICIAL = re.compile(rf"(?:{_KINDS})\Z")
_NOTE = re.compile(r"[(\[][^()\[\]]{1,40}[)\]]\Z")
_SELF = (
    r"(?:本|该|上述|以上|前述)(?:法|条例|规定|办法|细则|规则|规程|通知|意见|决定|方案|公告|通告|标准|制度|规范|文件|令)"
)
_HOLDS = r"(?:正式)?(?:施行|执行|实施|生效)"
_NUMERAL = r"[0-9]{1,4}|[〇零一二三四五六七八九十两百]{1,5}"
_YEAR = r"(?:[0-9]{4}|[〇零一二三四五六七八九]{4})"
_DAY = rf"(?:{_YEAR} ?年 ?(?:{_NUMERAL}) ?月 ?(?:{_NUMERAL}) ?日|{_YEAR}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}})"
_PUBLISHED = r"(?:公布|发布|印发|下发|颁布|发文|签发|发行)(?:之|当)?日"
_CLAUSE = r"(?:(?<=[。;；，,、:：\n ])|\A)"
# The number of the last article of a text stands before what it says: 第十二条 自…, 十、本通知自…
_HEAD = rf"{_CLAUSE}(?:第[^ \n]{{1,6}}条 ?)?(?:(?:{_SELF})[^。;；\n《》]{{0,16}}?)?"
_EFFECTIVE = re.compile(
    rf"{_HEAD}(?:(?:自|从|于|将于)? ?(?P<day>{_DAY})|(?:自|从|于) ?(?P<published>{_PUBLISHED}))"
    rf"(?:起?(?:满)? ?(?P<delay>{_NUMERAL}) ?(?P<delay_unit>日|天|个月)(?:后|之后))? ?(?:起|开始)?{_HOLDS}"
)
_PERIOD = re.compile(
    rf"(?:(?:{_SELF})[^。;；\n《》]{{0,12}}|{_HOLDS}[，,、;； ]{{1,2}}(?:暂定)?)"
    rf"(?:有效期|试行期|施行期)限?"
    rf"(?:为|暂定)?(?:(?P<count>{_NUMERAL}) ?(?P<unit>年|个月)|(?:至|到|截至|截止到?)(?P<until>{_DAY}))"
)
_RANGE = re.compile(
    rf"(?:{_SELF})[^。;；\n《》]{{0,8}}有效期(?:限)?(?:为|自|从|由)+(?P<first>{_DAY})起?(?:至|到|[-~—]+)(?P<last>{_DAY})"
)
_REPEAL = re.compile(r"[^。\n]{0,400}《[^。\n]{2,400}?(?:同时|即行|即|随之|相应|一并|予以)*废止")
_REPEALED = "废止"
_NAMED = re.compile(r"《([^《》\n]{2,80})》")
_OF_A_PART = re.compile(r" ?(?:\([^()\n]{0,40}\))? ?(?:中的?)?第[^。\n]{1,12}[条款章项]")
_DIGITS = {character: f"{value}" for value, character in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_DAYS, _YEARS = ("日", "天"), "年"
_CLOSING = "》"
_BARE = 3
"""《办法》 and 《暂行办法》 name no work by themselves."""
_VERSION = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2}) ?年?(?:第.次)?(?:修订|修正|修改|版|本|年版)")
_PARTS = re.compile(r"[0-9〇零一二三四五六七八九十两百]+")
_FROM_END = 4000
"""So many characters of the end are looked at, and of the beginning: that is where a text speaks of itself."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says of itself: `kind` is effective, expires or repeals; `value` a day in ISO 8601, or a work."""

    kind: str
    value: str
    start: int
    end: int


def is_official(folded_title: str) -> bool:
    """Tell whether a title is that of a text that can be in force: a law, a measure, a notice."""
    title = folded_title.strip().rstrip(_CLOSING)
    while note := _NOTE.search(title):
        title = title[: note.start()].rstrip()
    return bool(_OFFICIAL.search(title))


def version_year(folded_title: str) -> date | None:
    """Return the first day of the year of which a title says that it is the version: (2018年修正), 2024年版."""
    match = _VERSION.search(folded_title)
    return date(int(match[1]), 1, 1) if match else None


def statements(folded: str, published: date | None) -> list[Statement]:
    """Return what a folded official text says of its own validity; `published` is the day it is dated.

    At most one day from which on it holds and one until which it does (that day included).
    """
    found: list[Statement] = []
    for offset, part in _ends(folded):
        found += [_moved(one, offset) for one in _in_part(part, published)]
    effective = next((one for one in found if one.kind == "effective"), None)
    begins = date.fromisoformat(effective.value) if effective else published
    expires = next((one for one in found if one.kind == "expires"), None)
    if expires is None:
        expires = next((one for offset, part in _ends(folded) for one in _after(part, offset, begins)), None)
    repeals = [one for one in found if one.kind == "repeals"]
    return [*filter(None, (effective, expires)), *repeals]


def _ends(folded: str) -> list[tuple[int, str]]:
    """Return where a text speaks of itself: its end first, then its beginning."""
    if len(folded) <= 2 * _FROM_END:
        return [(0, folded)]
    return [(len(folded) - _FROM_END, folded[-_FROM_END:]), (0, folded[:_FROM_END])]


def _moved(one: Statement, by: int) -> Statement:
    return Statement(one.kind, one.value, one.start + by, one.end + by)


def _in_part(part: str, published: date | None) -> Iterator[Statement]:
    for match in _RANGE.finditer(part):
        first, last = _day(match["first"]), _day(match["last"])
        if first and last and first <= last:
            yield Statement("effective", first.isoformat(), *match.span("first"))
            yield Statement("expires", last.isoformat(), *match.span("last"))
    for match in reversed(list(_EFFECTIVE.finditer(part))):  # the last one is the one at the end of the text
        day = _day(match["day"]) if match["day"] else published
        if day and match["delay"]:
            day = _later(day, match["delay"], match["delay_unit"])
        if day:
            yield Statement("effective", day.isoformat(), *_trimmed(match))
    if _REPEALED in part:
        for match in _REPEAL.finditer(part):
            for name in _NAMED.finditer(match.group()):
                repealed = work(name.group(1))
                at = match.start()
                if len(repealed) > _BARE and not _OF_A_PART.match(part, at + name.end()):
                    yield Statement("repeals", repealed, at + name.start(), at + name.end())


def _after(part: str, offset: int, begins: date | None) -> Iterator[Statement]:
    """Yield until when a text holds, if it tells for how long from the day on which it `begins`."""
    for match in _PERIOD.finditer(part):
        last = _day(match["until"]) if match["until"] else None
        if match["count"] and begins:
            after = _later(begins, match["count"], match["unit"])
            last = after - timedelta(days=1) if after else None
        if last:
            yield Statement("expires", last.isoformat(), match.start() + offset, match.end() + offset)


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    return start, match.end()


def _day(text: str) -> date | None:
    """Return the day that a text names; None if there is no such day."""
    numbers = [_number(part) for part in _PARTS.findall(text)]
    try:
        return date(*(number for number in numbers if number is not None)) if len(numbers) == 3 else None
    except (ValueError, TypeError):
        return None


def _number(text: str) -> int | None:
    if text.isascii():
        return int(text)
    if len(text) == 4 and set(text) <= _DIGITS.keys():  # a year, digit by digit
        return int("".join(_DIGITS[character] for character in text))
    return han_value(text)


def _later(day: date, count: str, unit: str) -> date | None:
    """Return the day so many days, months or years later; the last of a month that has no such day."""
    number = _number(count)
    if number is None or number > 100 * 12:
        return None
    try:
        if unit in _DAYS:
            return day + timedelta(days=number)
        months = day.month - 1 + number * (12 if unit == _YEARS else 1)
        year, month = day.year + months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return None
