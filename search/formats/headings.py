"""Headings that carry no marks: found in plain text by how the lines stand.

A heading is a short line without closing punctuation that stands alone between blank lines and has something below it;
一、 and 第一章 make one anywhere. Lists look similar: a run of lines numbered alike with nothing between them, or of
four and more bare lines, is a list. Levels are told from numbering, from headings that stand directly above another
heading, and, on saved question-and-answer pages, from the further questions that follow the main answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from ..model import Section
from .outline import Heading, sections_at

MAX_HEADING = 40
MAX_HEADINGS = 10_000
"""Where a text has more lines like headings, only the first ones are looked at: it is a list, not an article."""

_STYLES = (
    ("atx", re.compile(r"(?P<marks>#{1,6})\s+(?=\S)")),
    ("part", re.compile(r"第[一二三四五六七八九十百零\d]+[编篇]")),
    ("chapter", re.compile(r"第[一二三四五六七八九十百零\d]+(?:章|部分)")),
    ("section", re.compile(r"第[一二三四五六七八九十百零\d]+节")),
    ("一、", re.compile(r"[一二三四五六七八九十]+[、.．]")),
    ("(一)", re.compile(r"[(（][一二三四五六七八九十]+[)）]")),
    ("1.", re.compile(r"\d{1,2}[.、．](?!\d)")),
    ("(1)", re.compile(r"[(（]\d{1,2}[)）]")),
)
_SURE = ("atx", "part", "chapter", "section", "一、")  # headings even without blank lines around them
_LIST_MARK = re.compile(r"[•·\-*–—▪●○◆■>|]")
_ENDS_A_SENTENCE = tuple("。；;：:，,、！!…”』】")
_INSIDE_A_SENTENCE = re.compile(r"[。；;]|[，,](?!.*[?？吗呢]$)")
_QUESTION = re.compile(r"如何|怎[么样]|什么|哪[些里个儿]|多少|多久|吗|是否|能不能|可不可以|为何|[?？]$")
_SUBJECT = 5  # characters that a further question shares with the title (黑龙江医保卡…)
_LIST_RUN = 4
_DEEPEST = 6


@dataclass(slots=True)
class _Candidate:
    start: int
    end: int
    words: str
    style: str
    level: int = 0
    text_below: bool = False  # something that is no candidate stands before the next one
    prose_below: bool = False  # … and it begins with a paragraph, not a list


def plain_sections(text: str, title: str = "", questions: bool = False) -> tuple[Section, ...]:
    """Return the sections of a text whose headings have no marks.

    With `questions`, an unnumbered question (or a heading on the subject of `title`) that is followed by prose opens a
    further answer: it has level 2 and the headings below it level 3.
    """
    if "\n" not in text:
        return ()
    headings = _without_lists(_candidates(text))
    _set_levels(headings, title if questions else None)
    return sections_at((_as_heading(h) for h in headings), len(text))


def _as_heading(found: _Candidate) -> Heading:
    return found.start, found.end, found.level, found.words


def _candidates(text: str) -> list[_Candidate]:
    found: list[_Candidate] = []
    lines = text.split("\n")
    start = 0
    above = ""
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        end = start + len(line)
        candidate = _candidate(line, start, alone=not above.strip() and not below.strip())
        if candidate and len(found) == MAX_HEADINGS:
            break
        if candidate:
            found.append(candidate)
        elif found and not found[-1].text_below and line.strip():
            found[-1].text_below = True
            found[-1].prose_below = not _LIST_MARK.match(line.lstrip()) and not _style(line.lstrip())
        start, above = end + 1, line
    return found


def _candidate(line: str, start: int, alone: bool) -> _Candidate | None:
    if not line or len(line) > MAX_HEADING * 2 or line[0].isspace():
        return None
    words = line.rstrip()
    style = _style(words)
    if len(words) > MAX_HEADING or not (alone or style in _SURE):
        return None
    if _LIST_MARK.match(words) or words.endswith(_ENDS_A_SENTENCE) or _INSIDE_A_SENTENCE.search(words):
        return None
    if not style and not any(char.isalpha() for char in words):
        return None
    end = start + len(line)
    if style == "atx":
        marks = len(words) - len(words.lstrip("#"))
        return _Candidate(start, end, words.strip("# "), style, marks)
    return _Candidate(start, end, words, style)


def _style(line: str) -> str:
    return next((name for name, pattern in _STYLES if pattern.match(line)), "")


def _without_lists(found: list[_Candidate]) -> list[_Candidate]:
    """Drop list lines and a last line with nothing below; what is dropped is text below the heading before it."""
    kept: list[_Candidate] = []
    run_ends = [i for i, c in enumerate(found, 1) if c.text_below or i == len(found)]
    for start, end in pairwise((0, *run_ends)):
        run = found[start:end]
        if not run[-1].text_below and run[-1].style != "atx":
            run.pop()
            if run:
                run[-1].text_below = True
        kept += _headings_of(run)
    return kept


def _headings_of(run: list[_Candidate]) -> list[_Candidate]:
    """Return the headings of lines that stand directly below each other."""
    bare = [c for c in run if not c.style]
    if len(bare) >= _LIST_RUN:
        run = [c for c in run if c.style or c is bare[0]]
    alike = {i for i in range(1, len(run)) if run[i].style and run[i].style == run[i - 1].style != "atx"}
    return [c for i, c in enumerate(run) if i not in alike and i + 1 not in alike]


def _set_levels(headings: list[_Candidate], title: str | None) -> None:
    base, styles = 2, list[str]()
    for heading in headings:
        if heading.style == "atx":
            continue
        if title is not None and _is_further_question(heading, title):
            heading.level, base, styles = 2, 3, []
            continue
        style = heading.style or ("bare" if heading.text_below else "above")
        if style == "above" and "above" not in styles and "bare" in styles:
            styles = styles[: styles.index("bare")]
        styles = [*styles[: styles.index(style)], style] if style in styles else [*styles, style]
        heading.level = min(base + len(styles) - 1, _DEEPEST)


def _is_further_question(heading: _Candidate, title: str) -> bool:
    if heading.style or not heading.prose_below:
        return False
    return bool(_QUESTION.search(heading.words)) or heading.words[:_SUBJECT] == title[:_SUBJECT]
