"""How a query is read that finds nothing: a word that occurs nowhere by its pairs of characters, then by its single
ones, at last what was quoted as words. Each reading asks for less than the one before, and is said to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ..messages import note
from ..model import Clause, Form, Parsed
from ..text.tokens import HAN

CUT = {"by-pairs": 2, "by-characters": 1}
"""Codes of the notes on words that were cut, and how many characters the pieces have."""

Parse = Callable[[str], Parsed]

_HAN_WORD = re.compile(rf"[{HAN}]{{2,}}")


def readings(parsed: Parsed, missing: Collection[int], parse: Parse) -> Iterator[Parsed]:
    """Yield what else to ask for, with a note that says so. `missing` are the words (by index) that occur nowhere."""
    words = [number for number in missing if _can_be_cut(parsed.clauses[number])]
    for code, length in CUT.items():
        cut = [number for number in words if len(parsed.clauses[number].text) > length]
        if cut:
            said = note(code, words="、".join(parsed.clauses[number].text for number in cut))
            yield replace(parsed, clauses=tuple(_cut(parsed, cut, length)), notes=(*parsed.notes, said))
    quoted = [clause for clause in parsed.clauses if clause.kind == "phrase"]
    if quoted:
        bare = list(parsed.text)
        for clause in quoted:
            bare[clause.start - 1] = bare[clause.end] = " "
        read = parse("".join(bare))
        said = note("without-quotes", words="”“".join(clause.text for clause in quoted))
        yield replace(read, notes=(*read.notes, said))


def _can_be_cut(clause: Clause) -> bool:
    return not clause.place and bool(_HAN_WORD.fullmatch(clause.forms[0].text))


def _cut(parsed: Parsed, words: Collection[int], length: int) -> Iterator[Clause]:
    """Yield the clauses, of `words` every stretch of so many characters, each once."""
    seen: set[str] = set()
    for number, clause in enumerate(parsed.clauses):
        if number not in words:
            yield clause
            continue
        form = clause.forms[0].text
        for start in range(len(form) - length + 1):
            part = form[start : start + length]
            if part not in seen:
                seen.add(part)
                begin = clause.start + start
                yield Clause("word", parsed.text[begin : begin + length], begin, begin + length, (Form(part),))
