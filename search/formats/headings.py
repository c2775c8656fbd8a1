"""Headings that carry no marks: found in plain text by how the lines stand.

A heading is a short line without closing punctuation that stands alone between blank lines and has something below it;
一、 and 第一章 make one anywhere, also indented as in official texts. A numbered paragraph may begin with its heading
(（一）保障对象。…): then only that is one. The articles of a law (第一条) are sections where it has no chapters.
Lists look similar: a run of lines numbered alike with nothing between them, or of
four and more bare lines, is a list. Levels are told from numbering, from headings that stand directly above another
heading, and, on saved question-and-answer pages, from the further questions that follow the main answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from ..model import Section, Table
from .outline import Heading, sections_at

MAX_HEADING = 40
MAX_HEADINGS = 10_000
"""Where a text has more lines like headings, only the first ones are looked at: it is a list, not an article."""

_STYLES = (
    ("atx", re.compile(r"(?P<marks>#{1,6})\s+(?=\S)")),
    ("part", re.compile(r"第[一二三四五六七八九十百零\d]+[编篇]")),
    ("chapter", re.compile(r"第[一二三四五六七八九十百零\d]+(?:章|部分)")),
    ("section", re.compile(r"第[一二三四五六七八九十百零\d]+节")),
    ("article", re.compile(r"第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十]+)?(?=[\s【（(]|$)")),
    ("一、", re.compile(r"[一二三四五六七八九十]+[、.．]")),
    ("(一)", re.compile(r"[(（][一二三四五六七八九十]+[)）]")),
    ("1.1", re.compile(r"\d{1,2}(?:[.．]\d{1,2}){1,3}[.、．]?[ \u3000]+(?=\S)")),
    ("1.", re.compile(r"\d{1,2}[.、．](?!\d)")),
    ("(1)", re.compile(r"[(（]\d{1,2}[)）]")),
)
_SURE = ("atx", "part", "chapter", "section", "article", "一、", "1.1")  # headings even without blank lines around them
_CHAPTERS = ("atx", "part", "chapter", "section")
_INDENT = "\u3000\xa0 "
_RUN_IN = re.compile(r"(?P<words>[^。；;：:，,！!？?]{2,24})。(?=.{20})")
"""The heading that a paragraph begins with: a few words that are no sentence yet, and then a good deal of text."""
_NUMBER_BEGINS = frozenset("第一二三四五六七八九十（(")
_RUN_IN_STYLES = ("一、", "(一)")
_ARTICLE_NAME = re.compile(r"\s*(?:【[^】]{1,30}】|[（(][^（()）]{1,30}[)）])")
_FILLED, _ROW = re.compile(r"[^\n]"), "|"
_LIST_MARK = re.compile(r"[•·\-*–—▪●○◆■>|]")
_ENDS_A_SENTENCE = tuple("。；;：:，,、！!…”』】")
_INSIDE_A_SENTENCE = re.compile(r"[。；;]|[，,](?!.*[?？吗呢]$)")
_QUESTION = re.compile(r"如何|怎[么样]|什么|哪[些里个儿]|多少|多久|吗|是否|能不能|可不可以|为何|[?？]$")
_SUBJECT = 5  # characters that a further question shares with the title (黑龙江医保卡…)
_LIST_RUN = 4
_FEWEST_BOLD = 2
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


def plain_sections(  # noqa: PLR0913, PLR0917 - what a text is
    text: str,
    title: str = "",
    questions: bool = False,
    numbered: bool = False,
    paragraphs: bool = False,
    tables: Iterable[Table] = (),
) -> tuple[Section, ...]:
    """Return the sections of a text whose headings have no marks.

    With `numbered` only lines with a number are headings: for a text in which every paragraph stands alone, as pages
    have. With `paragraphs` each line is a paragraph, so that one with a number stands alone without blank lines. No
    line of `tables` is a heading.

    With `questions`, an unnumbered question (or a heading on the subject of `title`) that is followed by prose opens a
    further answer: it has level 2 and the headings below it level 3.
    """
    if "\n" not in text:
        return ()
    text = _without_cells(text, tables)
    headings = _without_lists(_without_articles(_candidates(text, numbered, paragraphs)))
    _set_levels(headings, title if questions else None)
    return sections_at((_as_heading(h) for h in headings), len(text))


def _without_cells(text: str, tables: Iterable[Table]) -> str:
    """Return a text, as long as it is, whose tables (in order) say nothing."""
    pieces: list[str] = []
    at = 0
    for table in tables:
        pieces += (text[at : table.start], _FILLED.sub(_ROW, text[table.start : table.end]))
        at = table.end
    return "".join(pieces) + text[at:] if pieces else text


def _as_heading(found: _Candidate) -> Heading:
    return found.start, found.end, found.level, found.words


def _candidates(text: str, numbered: bool, paragraphs: bool) -> list[_Candidate]:
    found: list[_Candidate] = []
    lines = text.split("\n")
    start = 0
    above = ""
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        end = start + len(line)
        alone = not above.strip() and not below.strip()
        stands_alone = alone or (paragraphs and bool(_style(line.lstrip(_INDENT))))
        candidate = _run_in(line, start) or _candidate(line, start, stands_alone, numbered)
        if candidate and len(found) == MAX_HEADINGS:
            break
        if candidate:
            found.append(candidate)
        elif found and not found[-1].text_below and line.strip():
            found[-1].text_below = True
            found[-1].prose_below = not _LIST_MARK.match(line.lstrip()) and not _style(line.lstrip())
        start, above = end + 1, line
    return found


def _run_in(line: str, start: int) -> _Candidate | None:
    """Return the heading that a longer line begins with: number of an article, or first words of a paragraph."""
    words = line.lstrip(_INDENT)
    style = _style(words) if words[:1] in _NUMBER_BEGINS else ""
    if style == "article":
        number = next(pattern for name, pattern in _STYLES if name == style).match(words)
        name = _ARTICLE_NAME.match(words, number.end()) if number else None
        size = name.end() if name else number.end() if number else 0
    elif style in _RUN_IN_STYLES and (opening := _RUN_IN.match(words)):
        size = opening.end()
    else:
        return None
    if not words[size:].strip():
        return None
    start_of_words = start + len(line) - len(words)
    heading = words[:size].rstrip("。")
    return _Candidate(start_of_words, start_of_words + size, heading, style, text_below=True, prose_below=True)


def _candidate(line: str, start: int, alone: bool, numbered: bool) -> _Candidate | None:
    if len(line) > MAX_HEADING * 2:
        return None
    unindented = line.lstrip(_INDENT)
    words = unindented.rstrip()
    style = _style(words)
    is_indented = line[:1].isspace()
    stands_out = style in _SURE or (alone and not is_indented and (style or not numbered))
    if not words or len(words) > MAX_HEADING or not stands_out or (is_indented and style == "atx"):
        return None
    if _LIST_MARK.match(words) or _is_sentence(words):
        return None
    if not style and not any(char.isalpha() for char in words):
        return None
    start, end = start + len(line) - len(unindented), start + len(line)
    if style == "atx":
        marks = len(words) - len(words.lstrip("#"))
        return _Candidate(start, end, words.strip("# "), style, marks)
    return _Candidate(start, end, words, style)


def bold_headings(lines: Sequence[tuple[str, bool]]) -> list[int]:
    """Return which paragraphs (words, whether all of it is bold; none empty) are headings that only their type shows.

    Several must stand above text: one may be anything. Where lines are numbered as headings are, numbers tell them.
    """
    bold = [at for at, (words, is_bold) in enumerate(lines) if is_bold and len(words) <= MAX_HEADING]
    above = [at for at in bold if at + 1 < len(lines) and not lines[at + 1][1]]
    numbered = any(_style(lines[at][0]) for at in bold) or any(_style(words) in _SURE for words, _ in lines)
    if len(above) < _FEWEST_BOLD or numbered:
        return []
    return [at for at in above if _stands_out(lines[at][0])]


def _stands_out(line: str) -> bool:
    return not _is_sentence(line) and any(char.isalpha() for char in line)


def _is_sentence(line: str) -> bool:
    return line.endswith(_ENDS_A_SENTENCE) or _INSIDE_A_SENTENCE.search(line) is not None


def numbering(line: str) -> str:
    """Return which way a line is numbered as a heading may be (第一章, 一、, (一), 1.); empty if it is not."""
    return _style(line)


def _style(line: str) -> str:
    return next((name for name, pattern in _STYLES if pattern.match(line)), "")


def _without_articles(found: list[_Candidate]) -> list[_Candidate]:
    """Leave out the articles of a law that has chapters: there they are its paragraphs."""
    if not any(each.style in _CHAPTERS for each in found):
        return found
    kept: list[_Candidate] = []
    for each in found:
        if each.style != "article":
            kept.append(each)
        elif kept and not kept[-1].text_below:
            kept[-1].text_below = kept[-1].prose_below = True
    return kept


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
