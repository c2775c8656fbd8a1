"""The official layout (公文格式, GB/T 9704) of notices, as lines of text: what stands at their head and at their end.

    云医保发〔2023〕7号             document number (文号)
    云溪县医疗保障局                issuer (发文机关), also as …文件; may also stand above the number
    关于做好长期护理保险            title, over several lines
    失能评估工作的通知
    各乡镇人民政府：                addressee; the body begins here
    …
    云溪县医疗保障局                signature
    2023年3月9日                    day

How to call it: `official(lines)` with the lines of a whole text as any reader has them (blank lines may stand anywhere,
as in text taken from PDF or DOCX; no line ends). None means: not in this layout. Otherwise leave out the lines
`title_at` and the text is what remains: the number and the issuer stay in it, so that they are found. Where it has no
`day`, name of the file and lines of the text are the last sources: `fields.dated` adds the day to an article.
Sections of the text come from `headings.plain_sections`.

Pure functions; knows words, must not know files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from .dates import is_day, labelled_day
from .headings import numbering

_HEAD = 30
"""Lines that hold something, from the top, among which head and title are looked for."""
_TITLE_LINES = 6
_LONGEST_LINE = 80
_LONGEST_TITLE = 200
_LONGEST_SIGNATURE = 12
"""Lines of issuers that one document can have at its end."""

_NUMBER = re.compile(
    r"[(（]?(?P<number>[\u4e00-\u9fff]{1,16}\s*[〔\[【﹝(（〈<]\s*[12]\d{3}\s*[〕\]】﹞)）〉>]\s*第?\s*\d{1,5}\s*号"
    r"|[\u4e00-\u9fff]{2,30}令\s*第?\s*\d{1,4}\s*号|[(（]?[12]\d{3}\s*年\s*第\s*\d{1,4}\s*号[)）]?|第\s*\d{1,4}\s*号令?)[)）]?"
    r"(?:\s*(?:签发人|会签人).*)?"
)
_MARK = re.compile(
    r"(?:\d{6}|(?:绝密|机密|秘密).{0,6}|特急|加急|平急|急件|(?:主动|依申请|不予|此件)?公开(?:发布)?|签发人\s*[:：].*|[*＊★☆\-—─_=＝\s]+)"
)
_ORGAN = re.compile(
    r"(?!关于)[\u4e00-\u9fff·（）()]{2,36}?(?:局|委|委员会|政府|办公厅|办公室|厅|部|院|中心|署|党组|组|银行|集团|公司|总会|联合会|协会|大队|分局|站|处|所)"
    r"(?:文件)?"
)
_LABELLED = re.compile(
    r"[【\[]?(?P<label>标\s*题|名\s*称|文\s*号|发文字号|发布机构|发文机关|发布单位|制发机关"
    r"|索\s*引\s*号|(?:主题|信息)?\s*分\s*类|主\s*题\s*词|体裁|有\s*效\s*性|时\s*效\s*性|状态)[】\]]?\s*[:：]\s*(?P<value>.*)"
)
"""Lines of the table that sites put above a document."""
_TITLE_LABELS = ("标题", "名称")
_NUMBER_LABELS = ("文号", "发文字号")
_ORGAN_LABELS = ("发布机构", "发文机关", "发布单位", "制发机关")
_OFFICIAL = re.compile(r"(?:代)?(?:[省市县区州部局厅盟]长|主任|总理|主席|院长)\s*[\u4e00-\u9fff· ]{2,8}")
"""Who signs an order in place of an authority: 市长 某某."""
# What a document is (文种), as its title ends; a version may follow in brackets.
_LETTER = "通知|通告|公告|公示|意见|决定|决议|批复|函|报告|请示|纪要|通报|命令|议案|解读|说明|答复|建议|提案|公报"
_RULES = (
    "办法|方案|细则|规定|条例|规则|规程|规范|标准|指南|制度|规划|计划|目录|清单|要点|措施|预案|章程|准则|法|令|问答|政策"
    "|流程|须知"
)
_VERSION = r"(?:\s*[（(][^（()）]{1,30}[)）])*"
_GENRE_AT_END = re.compile(rf"(?:{_LETTER}|{_RULES}){_VERSION}$")
_LETTER_AT_END = re.compile(rf"(?:{_LETTER}){_VERSION}$")
_FORWARDS = re.compile(r"关于(?:印发|转发|公布|发布|下发|修改|废止|批转|同意|实施)")
"""Titles that hold the title of another document (关于印发…办法的通知): they end with what kind of letter they are."""
_CONTINUES = tuple("的和及与暨、》）)”")
_ADDRESSEE = re.compile(r"[^。；;]{2,200}[：:]")
_SENTENCE = re.compile(r"[。；;！!]")
_ABOUT, _ORDER, _LETTERHEAD = "关于", "令", "文件"
_OPEN, _CLOSE = "《（(“「", "》）)”」"


@dataclass(frozen=True, slots=True)
class Official:
    """A document in the official layout. What it does not say is empty, or None.

    `title_at` are indexes of lines (they need not be neighbours), `body_at` that of the first line below the head;
    several issuers are joined by 、. `day` is that below the signature, else one that a line labels.
    """

    title: str
    title_at: tuple[int, ...]
    body_at: int
    number: str = ""
    issuer: str = ""
    day: date | None = None


@dataclass(slots=True)
class _Head:
    number: str = ""
    organs: tuple[str, ...] = ()
    title: tuple[tuple[int, str], ...] = ()
    addressed: bool = False
    day: date | None = None
    body_at: int = 0


def official(lines: Sequence[str]) -> Official | None:
    """Return what a document in the official layout says of itself; None if it is not laid out so.

    It is if its title ends like one (…的通知) and it has a number, an addressee or a signature; or a number and a title
    of any kind.
    """
    head = _head(lines)
    if not head.title:
        return None
    title = _joined([words for _, words in head.title])
    signature = _signature(lines, head.body_at)
    is_letter = bool(_GENRE_AT_END.search(title))
    if not (head.number or (is_letter and (head.addressed or signature))):
        return None
    organs = head.organs or (signature[0] if signature else ()) or _issuers_of(title)
    return Official(
        title=title,
        title_at=tuple(at for at, _ in head.title),
        body_at=head.body_at,
        number=head.number,
        issuer="、".join(dict.fromkeys(organs)),
        day=signature[1] if signature else head.day,
    )


def is_number(line: str) -> bool:
    """Tell whether a line is the number of a document and nothing else."""
    return _NUMBER.fullmatch(line.strip()) is not None


def is_authority(words: str) -> bool:
    """Tell whether words name an authority, or several, and say nothing else."""
    return bool(_organs(words))


def _head(lines: Sequence[str]) -> _Head:
    head = _Head()
    ended = False  # whether the title is complete
    for at, line in _filled(lines, 0, _HEAD):
        words = line.strip()
        head.body_at = at
        if label := _LABELLED.fullmatch(words):
            _take_label(head, at, label)
        elif day := labelled_day(words) or is_day(words):
            head.day = head.day or day
        elif not head.number and (number := _NUMBER.fullmatch(words)):
            head.number = "".join(number["number"].split())
            _take_letterhead(head)
        elif (words == _LETTERHEAD and head.organs and not head.title) or _MARK.fullmatch(words):
            continue
        elif _ADDRESSEE.fullmatch(words) and head.title:
            head.addressed = True
            return head
        elif (organs := _organs(words)) and not head.title:
            head.organs += organs
        elif ended or not _can_be_title(words, head):
            return head
        else:
            head.title += ((at, words),)
            ended = _is_complete([each for _, each in head.title], _next(lines, at))
    head.body_at = min(head.body_at + 1, len(lines))
    return head


def _take_letterhead(head: _Head) -> None:
    """Take lines above the number for the issuer if together they are one: its name was too wide for a line."""
    if organs := _organs(_joined([words for _, words in head.title])):
        head.organs, head.title = (*head.organs, *organs), ()


def _take_label(head: _Head, at: int, label: re.Match[str]) -> None:
    name, value = "".join(label["label"].split()), label["value"].strip()
    if name in _TITLE_LABELS:
        head.title = ((at, value),) if value else head.title
    elif name in _NUMBER_LABELS:
        head.number = head.number or "".join(value.split())
    elif name in _ORGAN_LABELS and value:
        head.organs = head.organs or _organs(value) or (value,)


def _can_be_title(words: str, head: _Head) -> bool:
    is_short = len(words) <= _LONGEST_LINE and sum(len(each) for _, each in head.title) <= _LONGEST_TITLE
    return is_short and len(head.title) < _TITLE_LINES and not _SENTENCE.search(words) and not numbering(words)


def _is_complete(title: Sequence[str], following: str) -> bool:
    words = _joined(title)
    if any(words.count(one) > words.count(other) for one, other in zip(_OPEN, _CLOSE, strict=True)):
        return False
    if following.startswith(_CONTINUES) and not _ADDRESSEE.fullmatch(following):
        return False
    pattern = _LETTER_AT_END if _FORWARDS.search(words) else _GENRE_AT_END
    return bool(pattern.search(words))


def _next(lines: Sequence[str], at: int) -> str:
    return next((line.strip() for _, line in _filled(lines, at + 1, 1)), "")


def _organs(words: str) -> tuple[str, ...]:
    """Return the authorities that a line consists of; empty if it says anything else."""
    parts = words.split()
    if words.endswith(_LETTERHEAD) and len(parts) > 1 and parts[-1] == _LETTERHEAD:
        parts.pop()
    whole = ["".join(parts)] if all(len(part) == 1 for part in parts) else parts  # 滨 州 市 …, spaced out
    if len(words) > _LONGEST_LINE or not whole or not all(map(_ORGAN.fullmatch, whole)):
        return ()
    return tuple(part.removesuffix(_LETTERHEAD) for part in whole)


def _issuers_of(title: str) -> tuple[str, ...]:
    return _organs(title.partition(_ABOUT)[0].removesuffix(_ORDER))


def _signature(lines: Sequence[str], start: int) -> tuple[tuple[str, ...], date] | None:
    """Return the issuers that sign, and the day below them: of the document itself, not of what is attached to it."""
    organs: tuple[str, ...] = ()
    signed_by_person = False
    for _, line in _filled(lines, start, len(lines)):
        words = line[: _LONGEST_LINE * 2].strip()
        if (organs or signed_by_person) and (day := is_day(words)):
            return organs, day
        signed_by_person = bool(_OFFICIAL.fullmatch(words))
        if signed_by_person:
            continue
        name, _, last = words.rpartition(" ")
        if (day := is_day(last)) and (signed := _organs(name.strip())):
            return organs + signed, day
        found = _organs(words)
        organs = (organs + found)[-_LONGEST_SIGNATURE:] if found else ()
    return None


def _filled(lines: Sequence[str], start: int, most: int) -> Iterator[tuple[int, str]]:
    count = 0
    for at in range(start, len(lines)):
        if lines[at].strip():
            yield at, lines[at]
            count += 1
            if count >= most:
                return


def _joined(lines: Sequence[str]) -> str:
    """Return lines as one; between ideographs a line end is nothing, beside a Latin letter a blank."""
    return re.sub(r"(?<=[A-Za-z0-9,.])\n(?=[A-Za-z])", " ", "\n".join(lines)).replace("\n", "")
