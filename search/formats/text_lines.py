"""What the lines of a text file are, before they are an article: questions, marks of pages, wrapped paragraphs.

Pure functions over lines, also for text that was taken from another format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from unicodedata import east_asian_width

from .dates import labelled_parts
from .headings import numbering

_ASKS = ("问", "Q", "q", "问题", "提问")
_PAIR = re.compile(
    r"(?:(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[.、．]\s*)?(?P<kind>问|答|[QqAa]|问题|提问|回答|答复|答案|解答)"
    r"\s*[\d一二三四五六七八九十]{0,3}\s*[:：.、]\s*(?P<words>\S.*)"
)
_LONGEST_CAPTION = 40
_SPACED = re.compile(r"\s*(?:[\u4e00-\u9fff][ \u3000]+){3,}[\u4e00-\u9fff]\s*")
_WAY = re.compile(r"(?:(?:您?(?:现在|当前)的?)?位置\s*[:：]|首页|主页)\s*.{0,20}(?:>|›|»|/|→|-).*")
_SOURCE = re.compile(
    r"[【\[(（]?(?:信息|文章|稿件|内容|新闻)?\s*(?:来\s*源|发布(?:机构|单位))[】\])）]?\s*[:：]\s*(?P<source>\S{2,40})"
)
_EARLY = 12

_PAGE_MARK = re.compile(
    r"(?i)[-—–=_*~\s]*"
    r"(?:(?:page|p\.)\s*\d{1,5}(?:\s*(?:of|/)\s*\d{1,5})?|第\s*\d{1,5}\s*页(?:\s*[,，/]?\s*共\s*\d{1,5}\s*页)?)"
    r"[-—–=_*~\s]*|[-—–]\s*\d{1,5}\s*[-—–]|\f+"
)
_SURE_MARK = re.compile(r"(?i).*(?:page|页|=).*", re.DOTALL)
_ROBOTS = re.compile(r"(?i)(?:user-agent|disallow|allow|sitemap|crawl-delay|host)\s*:.*|#.*")

_NARROWEST = 40
"""Columns (an ideograph takes two) of the narrowest text that was wrapped by a program and not by its writer."""
_NARROWEST_PARAGRAPH = 30
_INDENTS = ("\u3000", " ")
_HAN = re.compile("[\u4e00-\u9fff，、]")
_RAGGED = 3
"""Columns by which a wrapped line may be shorter: a punctuation mark that may not begin the next line."""
_WRAPPED_SHARE = 0.4
_LONGEST_WRAPPED = 200
_ENDS = tuple("。！？!?；;：:…”』】")
_BLANKS = re.compile(r"\s+")
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef“”‘’—…]")


def question_rows(
    lines: Sequence[str], is_label: Callable[[str], bool]
) -> tuple[list[tuple[int, str, str]], dict[int, str]]:
    """Return line number, question and answer of every pair of a text of lines 问：… and 答：… only; else nothing.

    And by their number the lines above: what the list is called, and labels (`is_label`).
    """
    rows: list[tuple[int, str, list[str]]] = []
    above: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = _PAIR.fullmatch(line.strip())
        if found and found["kind"] in _ASKS:
            if rows and not rows[-1][2]:
                return [], {}
            rows.append((number, found["words"], []))
        elif rows and (found or rows[-1][2]):
            rows[-1][2].append(found["words"] if found else line)
        elif not found and (is_label(line) or (_is_caption(line) and all(map(is_label, above.values())))):
            above[number] = line.strip()
        else:
            return [], {}
    if len(rows) < 2 or not all(answer for _, _, answer in rows):
        return [], {}
    return [(number, question, "\n".join(answer)) for number, question, answer in rows], above


def asks(line: str) -> bool:
    """Tell whether a line is labelled as a question (问：…)."""
    return _label(line) in _ASKS


def answers(line: str) -> bool:
    """Tell whether a line is labelled as an answer (答：…)."""
    return _label(line) not in {"", *_ASKS}


def _label(line: str) -> str:
    """Return what stands before the colon (问, 答, Q …); empty if a line is no labelled one."""
    found = _PAIR.fullmatch(line.strip())
    return found["kind"] if found else ""


def _is_caption(line: str) -> bool:
    return len(line) <= _LONGEST_CAPTION and not line.rstrip().endswith(_ENDS)


def without_page_marks(lines: Sequence[str]) -> list[str]:
    """Return lines without those that number printed pages (=== PAGE 3 ===, 第 3 页, - 3 -), if there are several."""
    marks = {at for at, line in enumerate(lines) if len(line) < 40 and _PAGE_MARK.fullmatch(line.strip())}
    if len(marks) < 2 and not any(_SURE_MARK.fullmatch(lines[at]) for at in marks):
        return list(lines)
    return [line for at, line in enumerate(lines) if at not in marks]


def closed_up(lines: Sequence[str]) -> list[str]:
    """Return lines, those that were spaced out (关 于 调 整) closed up."""
    return [_BLANKS.sub("", line) if _SPACED.fullmatch(line) else line for line in lines]


def without_way(lines: Sequence[str]) -> list[str]:
    """Return lines without the first where that says where on a site a page stood (首页 > 医保 > 问答)."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    is_way = bool(lines) and len(lines[first]) <= 2 * _LONGEST_CAPTION and _WAY.fullmatch(lines[first].strip())
    return list(lines[first + 1 :] if is_way else lines)


def stated_source(lines: Sequence[str]) -> str:
    """Return the source that one of the first lines labels as such (来源：某局); empty if none does."""
    early = [line for line in lines if line.strip()][:_EARLY]
    found = (_SOURCE.fullmatch(part) for line in early for part in labelled_parts(line))
    return next((each["source"] for each in found if each), "")


def is_robots(lines: Sequence[str]) -> bool:
    """Tell whether a text tells crawlers what they may read, and readers nothing."""
    filled = [line.strip() for line in lines if line.strip()]
    return any(line.lower().startswith("user-agent") for line in filled) and all(map(_ROBOTS.fullmatch, filled))


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Return lines with those joined that a program broke at a fixed width, between ideographs without a blank.

    Text was wrapped so if many of its lines are as wide as the widest ones and end inside a sentence. Lines that begin
    a paragraph (indented, numbered, after a blank line) begin one still.
    """
    widths = [_width(line) for line in lines]
    filled = sorted(width for width in widths if width)
    widest = filled[len(filled) * 9 // 10] if filled else 0
    narrowest = max(_NARROWEST, widest - _RAGGED)
    full = [narrowest <= width <= widest + _RAGGED for width in widths]
    broken = [is_full and not lines[at].rstrip().endswith(_ENDS) for at, is_full in enumerate(full)]
    if sum(broken) < max(3, _WRAPPED_SHARE * len(filled)) or max(widths, default=0) > widest + 2 * _RAGGED:
        return _hanging(lines, widths)
    joined: list[str] = []
    for at, line in enumerate(lines):
        goes_on = at > 0 and full[at - 1] and line.strip() and not line[0].isspace() and not numbering(line)
        if goes_on and joined:
            before = joined[-1].rstrip()
            gap = "" if _CJK.match(before[-1:]) or _CJK.match(line) else " "
            joined[-1] = before + gap + line
        else:
            joined.append(line)
    return joined


def _hanging(lines: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return lines with those joined to an indented paragraph that begin in the middle of its sentence."""
    joined: list[str] = []
    inside = False  # whether the line before is, or goes on with, an indented paragraph, and ends in a sentence
    for line, width in zip(lines, widths, strict=True):
        is_indented = line[:1] in _INDENTS
        if inside and line.strip() and not is_indented and not numbering(line) and not labelled_parts(line)[1:]:
            joined[-1] = joined[-1].rstrip() + line
        else:
            joined.append(line)
            inside = is_indented
        inside = inside and width >= _NARROWEST_PARAGRAPH and bool(_HAN.match(line.rstrip()[-1:]))
    return joined


def _width(line: str) -> int:
    """Return how many columns a line takes; a very long one is no wrapped one, so that it need not be exact."""
    if len(line) > _LONGEST_WRAPPED:
        return len(line)
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in line.rstrip())
