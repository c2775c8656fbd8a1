"""Numbers with their units, however written: 三千元, 3000元, 3,000 元 and 3千块 are one value and have one key.

The key `NUM3000元` cannot stand in a folded text by itself, because folded text has no upper-case ASCII. A unit belongs
to its number: 85% is not 85元. In a range the unit of the last number is that of all (60%-70%, 三至六个月).

A number without a unit that a text writes otherwise than in plain digits (3,000; 1.5万; the 90 of 90mmHg) has the key
`NUM3000`; plain digits are a word as they are. A Han number has no key without a unit: 三亚, 一般, 万一 are none. Years
of four digits are no amounts; 二〇二五年 has the key of the plain 2025.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

NUMBER_KEY = re.compile(r"NUM[0-9]{1,24}(?:\.[0-9]{1,8})?[^0-9.]{0,6}")

_UNITS = {
    "%": "% percent(?![a-z])",
    "‰": "‰",
    "百分点": "个百分点 百分点",
    "元": "元(?![旦月宵素件老首]) 块钱 块(?![儿状地])",
    "年": "年(?![级度代轻龄初底末终])",
    "个月": "个月",
    "月": "月(?![经子])",
    "日": "日(?![元常间])",
    "天": "天",
    "周": "周(?![岁年边末期转]) 个星期 星期(?![一二三四五六日天]) 个礼拜 礼拜(?![一二三四五六日天])",
    "工作日": "个工作日 工作日",
    "小时": "个小时 小时 个钟头 钟头 h(?![a-z0-9])",
    "分钟": "分钟",
    "岁": "周岁 岁",
    "倍": "倍(?![他美])",
    "次": "次(?![性日数级要品序])",
    "型": "型(?!号)",
    "期": "期(?![间望待货限])",
    "级": "级(?![别联])",
    "类": "类(?![似别风])",
    "度": "度(?![假过数])",
    "档": "档(?!案)",
    "价": "价(?![格值款位钱目])",
    "代": "代(?![表理码替谢价])",
    "胎": "胎(?![儿盘])",
    "孩": "孩(?!子)",
    "针": "针(?![灸对])",
    "条": "条(?![件例约码形])",
    "章": "章",
    "毫克": "毫克 mg(?![a-z0-9/])",
    "微克": "微克 ug(?![a-z0-9/]) μg(?![a-z0-9/]) µg(?![a-z0-9/]) mcg(?![a-z0-9/])",
    "千克": "千克 公斤 kg(?![a-z0-9/])",
    "克": "克(?![隆服拉林]) g(?![a-z0-9/])",
    "毫升": "毫升 ml(?![a-z0-9/])",
    "毫米汞柱": "毫米汞柱 mmhg(?![a-z0-9])",
    "毫米": "毫米 mm(?![a-z0-9])",
    "厘米": "厘米 公分 cm(?![a-z0-9])",
    "公里": "公里 千米 km(?![a-z0-9])",
    "片": "片(?![面段])",
    "粒": "粒",
    "盒": "盒",
    "支": "支(?![付架气持原柱])",
    "瓶": "瓶",
}
"""How a unit is written → patterns of its spellings; what may not follow makes another word of it."""
_CLASSES = "型期级类度档"
"""What Roman numerals stand before."""
_NAMED = frozenset("型期级类度档价代胎孩针条章")
"""What a number names: 第二期 is 二期, while 第二年 is not 二年."""
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_ROMAN = {
    one: value
    for value, one in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)
} | {chr(0x2170 + value): value + 1 for value in range(12)}
_PARTS = {"百": "%", "千": "‰", "万": "‱"}

_HAN_DIGITS = "零〇一二两三四五六七八九"
_HAN = f"{_HAN_DIGITS}十百千万亿"
_FRACTION = f"点[{_HAN_DIGITS}]{{1,8}}"
_POWER = "(?:[十百千]?[万亿]|[百千])"
_LETTER = r"[^\W_\u2e80-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
_RANGE = r" ?(?:[-~—/、]|——|--|至|到|或|和)(?:第)? ?"
_ARABIC = (
    rf"[0-9](?<!{_LETTER}[0-9])(?<![0-9]\.[0-9])"
    r"(?:[0-9]{0,2}(?:,[0-9]{3})+(?![0-9,])|[0-9]{0,11})(?:\.[0-9]{1,8})?(?![0-9])"
)
_SPELLINGS = {spelling.split("(")[0]: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_PATTERNS = [spelling for spellings in _UNITS.values() for spelling in spellings.split()]
_UNIT = "|".join(sorted(_PATTERNS, key=lambda pattern: -len(pattern.split("(")[0])))
_BEGINNING = re.compile(rf"[0-9{_HAN}ivxⅰ-ⅻ]+")
"""Where a number may begin: asked first, because one set of characters is looked for ten times as fast."""
_NUMBER = re.compile(
    rf"(?P<part>[百千万])分之(?:(?P<parts>[{_HAN}]+(?:{_FRACTION})?)|(?P<digits>{_ARABIC}))"
    rf"|(?P<year>[一二](?<![{_HAN}]{{2}})[{_HAN_DIGITS}]{{3}})(?=年)"
    rf"|(?P<han>[{_HAN}](?<![几数多点{_HAN}][{_HAN}])[{_HAN}]*(?:{_FRACTION}{_POWER}?)?)"
    rf"(?:(?P<han_unit>{_UNIT})|(?={_RANGE}[{_HAN}]))"
    rf"|(?P<arabic>{_ARABIC})"
    rf"(?: ?(?P<power>[十百千]?[万亿]|百(?!分)|千(?![克米卡瓦分]))(?P<rest>[0-9]千)?)?(?: ?(?P<unit>{_UNIT}))?"
    rf"|(?P<roman>[ivxⅰ-ⅻ](?<!{_LETTER}[ivxⅰ-ⅻ])[ivx]{{0,3}}) ?(?P<class>[{_CLASSES}])"
)
_LETTER_AT = re.compile(_LETTER)
_ORDINAL = re.compile("第 ?\\Z")
_RANGE_MARK = re.compile(_RANGE)
_SPOKEN = re.compile(
    rf"[一二两三四五六七八九](?<![{_HAN}几数点][{_HAN_DIGITS}])(?:{_FRACTION}{_POWER}|[{_HAN}]*[十百千万亿][{_HAN}]*)"
)


class Number(NamedTuple):
    """A number in a folded text: its value in plain digits, its unit (empty: none), and where it stands.

    `hidden` tells that it is not found by the digits of its value, and is long enough to be looked for by them.
    """

    value: str
    unit: str
    hidden: bool
    start: int
    end: int

    def forms(self) -> tuple[str, ...]:
        """Return the keys that the index holds: of the value, unless its digits say that, and with its unit."""
        return _forms(self.value, self.unit, self.hidden)

    @property
    def asked(self) -> str:
        """The word that a query means by it."""
        return self.value if not self.unit and self.value.isdigit() else key(self.value, self.unit)


def key(value: str, unit: str = "") -> str:
    """Return the key of a value in plain digits, with one unit or any."""
    return f"NUM{value}{unit}"


def numbers(folded: str) -> list[Number]:
    """Return the numbers of a folded text that have a value, in order."""
    read: list[Number] = []
    behind: tuple[_Value, int] | None = None
    for alone, start in reversed(list(_read(folded))):
        value, end = alone, start + alone.length
        # The last of a range says the unit, and in 3-5万元 the power.
        if behind and not value.unit and behind[0].unit and _RANGE_MARK.fullmatch(folded, end, behind[1]):
            value = value.like(behind[0])
        behind = value, start
        if value.unit or not value.bare_han:
            read.append(Number(value.text, value.unit, value.hidden, start, end))
    return read[::-1]


def spoken(folded: str) -> Iterator[Number]:
    """Yield the Han numbers of a query that have a power and no unit, as people say a sum: 三千, 一万五, 一点五万."""
    for match in _SPOKEN.finditer(folded):
        value = _han_amount(match.group())
        if value is not None:
            yield Number(_text(value), "", True, *match.span())


def in_digits(word: str) -> str | None:
    """Return a word with its Han number in digits (3级医院 for 三级医院), None if it has none with a unit."""
    match = _NUMBER.search(word)
    numeral = match["han"] if match and match["han_unit"] else None
    value = _han_amount(numeral) if numeral else None
    return word.replace(numeral, _text(value), 1) if numeral and value is not None else None


def han_value(text: str) -> int | None:
    """Return the value of a Han number (三千五 is 3500); None if it is none, as 一二三 and 千万."""
    total = section = 0
    digit, power, smallest, zero = -1, 1, 10**9, False
    for character in text:
        if character in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[character]
            zero |= digit == 0
            continue
        power = _POWERS[character]
        if power >= 10_000:
            section += max(digit, 0)
            if not (section or total) or total >= power > smallest:
                return None
            total = (total + section) * power if power > smallest else total + section * power
            section, smallest = 0, power
        else:
            if digit <= 0 and not (power == 10 and not section and not total and digit < 0):
                return None
            section += (digit if digit > 0 else 1) * power
        digit, zero = -1, False
    if digit > 0:
        section += digit * power // 10 if power > 10 and not zero else digit
    elif digit == 0 and (total or section):
        return None
    return total + section


@lru_cache(maxsize=4096)
def _forms(value: str, unit: str, hidden: bool) -> tuple[str, ...]:
    return (*([key(value)] if hidden else []), *([key(value, unit)] if unit else []))


class _Value(NamedTuple):
    """What the characters of a number say; `power` is what is written out of it (万), already in the value `text`."""

    text: str
    unit: str
    length: int
    hidden: bool = True
    power: int = 1
    bare_han: bool = False

    def like(self, last: _Value) -> _Value:
        """Return this number with what the last of its range says."""
        below = last.power if last.power >= 10_000 else 10  # 十至二十万, but not 二十至三百
        if self.power == 1 < last.power and Decimal(self.text) < below:
            return self._replace(text=_text(Decimal(self.text) * last.power), unit=last.unit, hidden=True)
        return self._replace(unit=last.unit)


def _read(folded: str) -> Iterator[tuple[_Value, int]]:
    end = 0
    for beginning in _BEGINNING.finditer(folded):
        start = max(end, beginning.start())
        if start >= beginning.end():
            continue
        match = _NUMBER.match(folded, start)
        if not match and folded[beginning.end() - 1] in _PARTS:
            match = _NUMBER.match(folded, beginning.end() - 1)
        if match:
            start, end = match.span()
            arabic = match.end("arabic")
            value = _value(match.group(), match.groups(), arabic > 0 and _LETTER_AT.match(folded, arabic) is not None)
            ordinal = start and value and value.unit and _ORDINAL.search(folded, max(0, start - 2), start)
            if value and ordinal:
                unit = value.unit if value.unit in _NAMED else f"第{value.unit}"
                value = value._replace(unit=unit, length=value.length + start - ordinal.start())
                start = ordinal.start()
            if value:
                yield value, start


@lru_cache(maxsize=4096)
def _value(whole: str, groups: tuple[str | None, ...], glued: bool) -> _Value | None:
    """Return the value of a match of `_NUMBER`; `glued` tells whether its digits run into letters (500mg)."""
    part, parts, part_digits, year, han, han_unit, arabic, power, rest, unit, roman, roman_class = groups
    if arabic:
        return _arabic((arabic, power or "", rest, unit), len(whole), glued)
    if roman:
        number = _ROMAN.get(roman)
        return _Value(str(number), roman_class or "", len(whole), hidden=False) if number else None
    if year:
        number = int("".join(str(_DIGITS[character]) for character in year))
        return _Value(str(number), "", len(whole)) if 1900 <= number < 2100 else None
    if part:
        amount = Decimal(part_digits.replace(",", "")) if part_digits else _han_amount(parts or "")
        return None if amount is None else _Value(_text(amount), _PARTS[part], len(whole))
    amount = _han_amount(han or "")
    if amount is None or (han_unit == "块" and han == "一"):
        return None
    name, scale = _SPELLINGS.get(han_unit or "", ""), _POWERS.get((han or "")[-1:], 1)
    return _Value(
        _text(amount), name, len(whole), hidden=len(han or "") > 1, power=scale if scale > 10 else 1, bare_han=True
    )


def _arabic(written: tuple[str, str, str | None, str | None], length: int, glued: bool) -> _Value | None:
    digits, power, rest, unit = written
    if (glued and not (unit or power)) or (digits[0] == "0" and digits[1:2] not in ("", ".")):
        return None
    if unit == "年" and len(digits) == 4 and digits[:2] in ("19", "20"):
        unit, length = None, len(digits)
    name = _SPELLINGS.get(unit or "", "")
    if digits.isdigit() and not power:
        return _Value(digits, name, length, hidden=glued)
    scale = 1
    for character in power:
        scale *= _POWERS[character]
    amount = Decimal(digits.replace(",", "")) * scale + (int(rest[0]) * 1000 if rest else 0)
    return _Value(_text(amount), name, length, power=scale)


def _text(amount: Decimal | int) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _han_amount(text: str) -> Decimal | int | None:
    whole, point, fraction = text.partition("点")
    value = 100 if whole == "百" else han_value(whole)
    if value is None or not point:
        return value
    digits = "".join(str(_DIGITS[one]) for one in fraction if one in _DIGITS)
    return Decimal(f"{value}.{digits}") * _power_at_end(fraction)


def _power_at_end(han: str) -> int:
    """Return what the characters for powers at the end of a Han number are together: 10,000,000 for 千万."""
    return math.prod(_POWERS[one] for one in han[len(han.rstrip("".join(_POWERS))) :])
