"""The passages of an article that may be the answer to a question, and how much of the question each holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Section, Span
from ..text import fold
from .asked import holds, is_measure
from .questions import (
    ANY_WAY,
    ASKS_CHANNEL,
    CHANNEL,
    GIVES,
    LONG_HEADING,
    SPECIAL,
    STRONG_WAY,
    VAGUE_VERBS,
    kind_of,
)
from .reading import LONGEST, SHORT, Finding, Reading
from .rows import Row
from .verdicts import verdicts

_OPEN_END = re.compile("[?:]$")
"""What ends so only leads to an answer."""


def findings(reading: Reading) -> list[Finding]:
    """Return what may be the answer, the best first; of equals the first in the text."""
    found = verdicts(reading) if reading.question.kind.name == "yes or no" else _telling(reading)
    return sorted(found, key=lambda each: (-each.worth, each.start))


def _telling(reading: Reading) -> Iterator[Finding]:
    """Yield sentences, rows and parts of the text that hold what this kind of answer holds."""
    kind = reading.question.kind
    yield from _parts(reading)
    if kind.name == "papers":
        yield from _lists(reading)
    for index, row in reading.sentences():
        start, end = (row.start, row.end) if row else reading.view.bounds(index)
        own = reading.own(start, end, row)
        if end - start > LONGEST or not kind.tells.search(own) or _OPEN_END.search(own):
            continue
        if (row and not _names_row(reading, row)) or (kind.name == "count" and not _counts_it(reading, own)):
            continue
        gives = GIVES.get(kind.name)
        states = (kind.name == "how" or (gives and gives.search(own))) and _states_all(reading, own)
        if kind.name == "how" and not STRONG_WAY.search(own) and not states:
            continue
        names = row or (kind.name == "department" and reading.is_bullet(start))
        if kind.exact or names:
            held = any(holds(word, own) for word in reading.question.words)
            if _covers(reading, own, start, row) and (kind.exact or held):
                yield Finding(start, end, _worth(reading, own, start) + 12.0 * (not kind.exact), row)
        elif _names_channel(reading, own) or _gives(reading, own, reading.above(start)):
            yield Finding(start, end, 4.0)
        elif states:
            yield Finding(start, reading.whole(index, end), 0.9)
        elif _leads(reading, own, start) and reading.asks_alike(reading.title):
            yield Finding(start, reading.whole(index, end), 5.0 if reading.question.words else 15.0)


def _counts_it(reading: Reading, own: str) -> bool:
    """Tell whether a number counts what was asked for, if a passage names that: 几个指导组, 8 个指导组."""
    asks = reading.question.kind.asks.search(reading.question.folded)
    counted = [word for word in reading.question.words if asks and word.start >= asks.end()][:1]
    return all(
        re.search(f"{reading.question.kind.tells.pattern}[^,;:。]{{0,4}}{re.escape(form.text)}", own)
        for word in counted
        for form in word.forms
        if form.text in own
    )


def _names_channel(reading: Reading, own: str) -> bool:
    """Tell whether a sentence gives the name of the channel that is asked for, and speaks of all else that is."""
    asks = ASKS_CHANNEL.search(reading.question.folded) if reading.question.kind.name == "where" else None
    if not asks or not CHANNEL.search(own):
        return False
    words = (word for word in reading.question.words if word.forms[0].text != asks.group(1))
    return all(holds(word, f"{own} {reading.title}") for word in words)


def _gives(reading: Reading, own: str, above: str) -> bool:
    """Tell whether a sentence says where to go, who does it or what to bring, and names what for, to the last word."""
    gives = GIVES.get(reading.question.kind.name)
    vague = ANY_WAY | VAGUE_VERBS
    wanted = [*reading.question.words, *(word for word in reading.question.small if word.text not in vague)]
    needed = [word for word in wanted if word not in reading.in_title] or wanted
    if not gives or not needed or not gives.search(own):
        return False
    last = max(wanted, key=lambda word: word.start)
    told = f"{own} {above}" if reading.question.kind.name == "where" else own
    return holds(last, told) and all(holds(word, f"{own} {above}") for word in needed)


def _leads(reading: Reading, own: str, start: int) -> bool:
    """Tell whether a passage is what an article that asks the same begins with, or says there what is asked last."""
    if not (reading.is_lead(start) and reading.title_asks) or reading.focus:
        return False
    words = reading.question.words
    return start == reading.lead[0] or any(holds(word, own) for word in words[-1:])


def _states_all(reading: Reading, own: str) -> bool:
    """Tell whether one sentence says all that was asked and the title does not say, and more than one word of it."""
    vague = ANY_WAY | VAGUE_VERBS
    wanted = [*reading.question.words, *(word for word in reading.question.small if word.text not in vague)]
    needed = [word for word in wanted if word not in reading.in_title]
    return len(needed) > 1 and all(holds(word, own) for word in needed)


def _parts(reading: Reading) -> Iterator[Finding]:
    """Yield the beginnings of sections whose heading promises this kind of answer."""
    kind = reading.question.kind
    for section in reading.sections():
        heading = fold(section.heading)
        promises = _promises_part(reading, heading, reading.above(section.body))
        topical = kind.name in ("how", "where") and _is_topical(reading, heading)
        if not promises and not topical:
            continue
        start, end = _block(reading, section)
        told = kind.exact or (kind.name == "how" and any(holds(word, heading) for word in reading.question.small))
        around = reading.above(section.body) + (reading.text[start:end] if told else "")
        about = f"{reading.above(section.body)} {reading.title}"
        if not reading.holds_all(around, section.body) or not _holds_some(reading, about):
            continue
        tells = start < end and kind.tells.search(reading.text, start, end)
        if tells and not _OPEN_END.search(reading.text[start:end]):
            held = sum(holds(word, heading) for word in (*reading.question.words, *reading.question.small))
            yield Finding(start, end, 10.0 * promises + held, is_part=True)


def _lists(reading: Reading) -> Iterator[Finding]:
    """Yield the lists of papers that a sentence leads to: 带这些材料去窗口：…"""
    for index, row in reading.sentences():
        start, end = reading.view.bounds(index)
        own, above = reading.text[start:end], reading.above(start)
        if row or not own.endswith(":") or not reading.question.kind.heads.search(own):
            continue
        stop = end
        for following in range(index + 1, len(reading.view)):
            begin, last = reading.view.bounds(following)
            if (begin < last and not reading.is_bullet(begin)) or last - start > LONGEST:
                break
            stop = max(stop, last)
        special = any(word not in reading.question.folded for word in SPECIAL.findall(above))
        if end < stop and not special and reading.holds_all(f"{own} {above}", start):
            yield Finding(start, stop, 9.0, is_part=True)


def _is_topical(reading: Reading, heading: str) -> bool:
    """Tell whether a heading says what the title lacks, or again what an article that asks how is about."""
    words = reading.focus or (reading.question.words if reading.title_asks else ())
    few = all(holds(word, heading) for word in reading.focus) and any(holds(word, heading) for word in words)
    return few and not any(word not in reading.question.folded for word in SPECIAL.findall(heading))


def _promises_part(reading: Reading, heading: str, above: str) -> bool:
    """Tell whether a heading promises what is asked, and not for a case that the question leaves out."""
    kind, asked_for = reading.question.kind, reading.question.folded
    if not kind.heads.search(heading) or kind_of(heading) not in (None, kind):
        return False
    if any(word not in asked_for for word in SPECIAL.findall(above)):
        return False
    said = sum(holds(word, heading) for word in reading.question.words)
    if reading.added(heading) > 1 + said:
        return False
    return said > 0 or kind.asks.search(heading) is not None or len(kind.heads.sub("", heading)) <= LONG_HEADING


def _block(reading: Reading, section: Section) -> Span:
    """Return the first paragraph or list of a section; of a long one as many sentences as an answer may have.

    A list of papers is whole, or it is no answer.
    """
    first = reading.first(section.body)
    if first is None:
        return 0, 0
    start, end = reading.view.bounds(first)
    for index in range(first + 1, len(reading.view)):
        begin, stop = reading.view.bounds(index)
        if begin >= section.end or reading.view.is_heading(index):
            break
        if begin == stop:
            continue
        if "\n\n" in reading.view.text[end:begin] and end - start >= SHORT:
            break
        if stop - start > LONGEST:
            return (0, 0) if reading.question.kind.name == "papers" else (start, end)
        end = stop
    return start, end


def _covers(reading: Reading, own: str, start: int, row: Row | None) -> bool:
    """Tell whether a passage and what stands above it hold what the title lacks, and some word of the question."""
    above = reading.above(start)
    if not row and _is_headed_otherwise(reading, start):
        return False
    around = f"{own} {above}"
    leads = reading.is_lead(start) and reading.title_asks
    if not reading.holds_all(around, start):
        return False
    if not leads and not all(
        holds(word, around) for word in reading.question.words if is_measure(reading.question.kind, word)
    ):
        return False
    if reading.question.kind.name == "phone" and reading.question.kind.heads.search(own):
        return True
    return leads or bool(reading.promises(above)) or _holds_some(reading, around)


def _holds_some(reading: Reading, about: str) -> bool:
    words = (*reading.question.words, *reading.question.small)
    return not words or any(holds(word, about) for word in words)


def _is_headed_otherwise(reading: Reading, start: int) -> bool:
    """Tell whether the heading of a passage asks yes or no, or is of something else: what stands below answers that."""
    section = reading.view.section(start)
    heading = fold(section.heading) if section else ""
    asks = kind_of(heading)
    said = sum(holds(word, heading) for word in reading.question.words)
    return (asks is not None and asks.name == "yes or no") or reading.added(heading) > max(2, 2 * said)


def _names_row(reading: Reading, row: Row) -> bool:
    """Tell whether the question names a row: by what the row is called."""
    leads = [reading.text[cell.span[0] : cell.span[1]] for cell in reading.view.rows.cells(row) if cell.leads]
    return any(
        lead in reading.question.folded or any(holds(word, lead) for word in reading.question.words) for lead in leads
    )


def _worth(reading: Reading, own: str, start: int) -> float:
    above = reading.above(start)
    leads = reading.is_lead(start) and reading.title_asks
    held = (
        (1.0 if holds(word, own) else 0.9 if leads and word in reading.titled else 0.5 if holds(word, above) else 0.0)
        * len(word.text)
        for word in reading.question.words
    )
    small = sum(holds(word, f"{own} {above}") for word in reading.question.small)
    return sum(held) + small + 2.0 * reading.promises(above) + leads
