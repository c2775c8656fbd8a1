"""What in an article says yes or no to a question: a first sentence, what stands below a heading, or one clause.

Polarity is where an answer goes wrong: what must be is not what may be, and what holds of one case not what holds of
another. So a question of the article must be the reader's own, or verdict and matter stand in one clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..model import Clause
from ..text import fold
from .asked import holds, says_as_much
from .questions import (
    ANY_WAY,
    AS_FOLLOWS,
    ASKS_PAPER,
    ASKS_PAY,
    ASKS_WHETHER_THERE_IS,
    CLAUSE_END,
    MUST,
    NEGATES,
    NO_ATTRIBUTE,
    NO_VERDICT,
    OPENS_WITH_VERDICT,
    OWN_CASE,
    PAY_VERBS,
    PAY_VERDICT,
    PAYS,
    PERSON_ASKED,
    SAYS_NO_HEADING,
    SAYS_WHO_HEADING,
    SAYS_YES_HEADING,
    SPECIAL,
    THERE_IS,
    VAGUE,
    VAGUE_VERBS,
    VERDICT_LABEL,
    kind_named,
    kind_of,
)
from .reading import LONGEST, Finding, Reading

__all__ = ["verdicts"]

_NEAR = 16
"""So many characters stand at most between a verdict and what it is of; lists of what is paid for may be longer."""


def verdicts(reading: Reading) -> Iterator[Finding]:
    """Yield what says yes or no: at the beginning, below a heading that asks, behind a question, in a list."""
    yield from _below_headings(reading)
    known = _knows(reading) and (not reading.title_asks or reading.asks_alike(reading.title))
    if not reading.focus and reading.lead[1] and known and _answers_title(reading):
        yield from _opening(reading, reading.view.index(reading.lead[0]), 3.0)
    wanted = _wanted(reading)
    for index, row in reading.sentences():
        start, end = reading.view.bounds(index)
        own, above = reading.own(start, end, row), reading.above(start)
        needed = _needed(reading, wanted, own, above, known)
        if (
            row
            or end - start > LONGEST
            or not _speaks_of(reading, own, above, needed)
            or _is_of_own_case(reading, own, needed)
        ):
            continue
        if _says_whether_there_is(reading, own, needed):
            yield Finding(start, end, 2.1)
        elif own.endswith("?"):
            yield from _behind_question(reading, index, own, needed)
        elif VERDICT_LABEL.match(own):
            yield Finding(start, end, 2.2)
        elif reading.is_bullet(start) and (SAYS_NO_HEADING.search(above) or SAYS_YES_HEADING.search(above)):
            if all(holds(word, own) for word in needed):
                yield Finding(start, end, 2.2)
        elif _says_so(reading, own, above, needed, known):
            held = sum(holds(word, own) for word in wanted)
            yield Finding(start, reading.whole(index, end), 1.0 + held / (1 + len(wanted)))
        elif _is_item_asked_for(reading, own, above, needed):
            yield Finding(start, end, 1.9)
        elif _states_all(reading, own, needed):
            yield Finding(start, reading.whole(index, end), 0.9)


def _wanted(reading: Reading) -> list[Clause]:
    """Return the words that an answer speaks of: verbs of one character that may be others only if they come last."""
    every = sorted((*reading.question.words, *reading.question.small), key=lambda word: word.start)
    vague = PAY_VERBS | VAGUE_VERBS | ANY_WAY
    wanted = [word for word in every[:-1] if word.text not in vague]
    return wanted + [word for word in every[-1:] if word.text not in PAY_VERBS]


def _knows(reading: Reading) -> bool:
    """Tell whether the title speaks of what is asked: of half of its words, or of the first, which says of what."""
    words = reading.question.words
    return len(reading.in_title) * 2 >= len(words) or words[0] in reading.in_title


def _is_of_own_case(reading: Reading, own: str, needed: list[Clause]) -> bool:
    """Tell whether a passage begins by saying that it is of a case of its own: 疾病身故：需要 …"""
    begins = OWN_CASE.match(own)
    label = begins.group(1) if begins else ""
    return (
        not ASKS_PAY.search(reading.question.folded)
        and bool(label)
        and not label.endswith(AS_FOLLOWS)
        and not VERDICT_LABEL.match(own)
        and not any(holds(word, label) for word in needed)
        and reading.added(label) > 0
    )


def _speaks_of(reading: Reading, own: str, above: str, needed: list[Clause]) -> bool:
    """Tell whether a passage holds words; verbs of one character may stand in its headings, and are not enough."""
    few = [word for word in reading.question.words if len(word.text) > 1]
    if few and all(len(word.text) == 1 for word in needed) and not any(holds(word, own) for word in few):
        return False
    last = max((word.start for word in needed), default=0)
    return bool(needed) and all(
        holds(word, own if len(word.text) > 1 and word.start == last else f"{own} {above}") for word in needed
    )


def _label(own: str) -> str:
    """Return what stands before the first colon: it is said of all that follows."""
    begins = OWN_CASE.match(own)
    return begins.group(1) if begins and own[begins.end() - 1] == ":" else ""


def _says_whether_there_is(reading: Reading, own: str, needed: list[Clause]) -> bool:
    if not ASKS_WHETHER_THERE_IS.search(reading.question.folded):
        return False
    last = max(needed, key=lambda word: word.start)
    return any(re.search(THERE_IS + re.escape(form.text), own) for form in last.forms)


def _is_item_asked_for(reading: Reading, own: str, above: str, needed: list[Clause]) -> bool:
    """Tell whether a list of papers names the one that is asked for: 身份证 for 要带身份证吗; or of persons."""
    named = [word for word in needed if len(word.text) > 1]
    if not named or not all(holds(word, own) for word in named):
        return False
    if SAYS_WHO_HEADING.search(above) and PERSON_ASKED.search(reading.question.folded):
        return True
    papers = kind_named("papers")
    asks = ASKS_PAPER.search(reading.question.folded) is not None and papers.heads.search(above) is not None
    return asks and papers.tells.search(own) is not None


def _states_all(reading: Reading, own: str, needed: list[Clause]) -> bool:
    """Tell whether two clauses of a sentence say all that was asked, to the last word, or say no of that."""
    parts = CLAUSE_END.split(own)
    label = _label(own)
    pairs = (f"{label} {before} {part}" for before, part in zip(("", *parts), parts, strict=False))
    if NO_VERDICT.search(own) or not reading.may_and_must_agree(own):
        return False
    if not any(all(holds(word, pair) for word in needed) for pair in pairs):
        return False
    last = max(needed, key=lambda word: word.start)
    if last.start != max(word.start for word in (*reading.question.words, *reading.question.small)):
        return False
    said = "|".join(re.escape(form.text) for form in last.forms if says_as_much(form))
    told = rf"(?:{said}){NO_ATTRIBUTE}"
    alone = sum(len(word.text) > 1 for word in needed) < 2  # 交 alone is no evidence
    return re.search(NEGATES + told if alone else told, own) is not None


def _needed(reading: Reading, wanted: list[Clause], own: str, above: str, known: bool) -> list[Clause]:
    """Return the words that a passage must hold: what the title says need not be said again, but in a special case.

    The last word is what is asked of all else, which only 能报吗 leaves out.
    """
    last = max((word.start for word in wanted), default=0)
    may_lack_it = ASKS_PAY.search(reading.question.folded) or own.endswith("?")
    missing = [word for word in wanted if word not in reading.in_title or (word.start == last and not may_lack_it)]
    special = any(word not in reading.question.folded for word in SPECIAL.findall(above))
    return missing if known and missing and not special else wanted


def _below_headings(reading: Reading) -> Iterator[Finding]:
    for section in reading.sections():
        heading = fold(section.heading)
        if not _asks_it(reading, heading) or (first := reading.first(section.body)) is None:
            continue
        yield from _opening(reading, first, 2.0)
        if _asks_the_same(reading, heading):
            start, end = reading.opened(first)
            if end - start <= LONGEST and not NO_VERDICT.search(reading.text, start, end):
                yield Finding(start, reading.whole(first, end), 1.8)


def _behind_question(reading: Reading, index: int, own: str, wanted: Sequence[Clause]) -> Iterator[Finding]:
    """Yield a question of the text with its answer, if what it asks in the end is what was asked."""
    following = reading.view.following(index)
    if not following or not any(holds(word, CLAUSE_END.split(own)[-1]) for word in wanted):
        return
    answer = fold(reading.view.cut(following[1]))
    alike = reading.asks_alike(CLAUSE_END.split(own)[-1])
    if alike and reading.question.kind.tells.search(answer) and _pays(reading, own + answer):
        yield Finding(reading.view.bounds(index)[0], following[1][1], 2.5)


def _says_so(reading: Reading, own: str, above: str, wanted: Sequence[Clause], known: bool) -> bool:
    """Tell whether a clause of a sentence says yes or no of what was asked: it holds the verdict, and of whom.

    What the title does not speak of must be asked and answered in one clause, to the last word.
    """
    pays = ASKS_PAY.search(reading.question.folded)
    if not _pays(reading, own) or NO_VERDICT.search(own):
        return False
    if known:
        told = wanted
    elif pays:
        told = [word for word in wanted if word not in reading.in_title]
    else:
        told = [max(wanted, key=lambda word: word.start)] if len(wanted) > 1 else []
    patterns = [PAY_VERDICT] if pays else [reading.question.kind.tells, *([MUST] if reading.asks_must else [])]
    parts = CLAUSE_END.split(own)
    if pays and sum(PAY_VERDICT.search(part) is not None for part in parts) == 1:
        parts = [own]  # one verdict of all that the sentence names
    last = max(word.start for word in wanted)
    label = _label(own)
    for before, part in zip(("", *parts), parts, strict=False):
        said = f"{label} {before} {part}"
        if not pays and not all(
            holds(word, said if word.start == last else f"{said} {above}") for word in wanted if len(word.text) > 1
        ):
            continue
        if reading.question.places and VAGUE.search(part):
            continue
        spans = [match.span() for pattern in patterns for match in pattern.finditer(part)]
        near = [part if pays else part[max(0, start - _NEAR) : end + _NEAR] for start, end in spans]
        if not known and not pays and len(told) == 1 and len(told[0].text) == 1:  # 交 alone is said of much
            near = [text for text in near if any(holds(word, text) for word in wanted if len(word.text) > 1)]
        if reading.may_and_must_agree(part) and any(holds(word, text) for word in told for text in near):
            return True
    return False


def _pays(reading: Reading, text: str) -> bool:
    """Tell whether a text speaks of paying, if the question does."""
    return not ASKS_PAY.search(reading.question.folded) or bool(PAYS.search(text) or PAY_VERDICT.search(text))


def _asks_the_same(reading: Reading, heading: str) -> bool:
    """Tell whether a heading asks yes or no with all words of the question, and about no case of its own."""
    small = (word for word in reading.question.small if word.text not in PAY_VERBS)
    return (
        kind_of(heading) is reading.question.kind
        and all(holds(word, heading) for word in small)
        and reading.asks_alike(heading)
        and all(word in reading.question.folded for word in SPECIAL.findall(heading))
    )


def _answers_title(reading: Reading) -> bool:
    """Tell whether the first sentence, which answers the title, answers the question: it asks no more and no less."""
    about = f"{reading.title} {reading.text[slice(*reading.lead)]}"
    small = (word for word in reading.question.small if word.text not in VAGUE_VERBS)
    return all(holds(word, about) for word in small) and reading.asks_alike(reading.title)


def _opening(reading: Reading, index: int, worth: float) -> Iterator[Finding]:
    """Yield a sentence that begins by saying yes or no, with the next one if it is short."""
    start, end = reading.opened(index)
    if OPENS_WITH_VERDICT.match(reading.text, start, end + 1) and not NO_VERDICT.search(reading.text, start, end):
        yield Finding(start, end, worth)


def _asks_it(reading: Reading, heading: str) -> bool:
    """Tell whether a heading asks the question: it holds what the title lacks, and some word of it."""
    words = (*reading.question.words, *reading.question.small)
    return all(holds(word, heading) for word in reading.focus) and any(holds(word, heading) for word in words)
