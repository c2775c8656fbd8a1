"""How a query is read that finds nothing: a word that occurs nowhere by its pairs of characters, then by its single
ones, at last what was quoted as words. Each reading asks for less than the one before, and is said to the reader.

Knows no engine: what a reading finds it is told. What a phrase and a word match does not change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ..messages import note
from ..model import Clause, ClauseKind, Form, Matches, Parsed
from ..text.tokens import HAN, query_words
from .grammar import without_quotes

CUT = ("by-pairs", "by-characters")
"""Codes of the notes on words that were cut: into two characters each, into one."""
_LONGEST = 8
"""Characters of a word that is looked for by single ones. Of a longer one, what holds them all does so by chance."""

_HAN_WORD = re.compile(rf"[{HAN}]{{2,}}")


def is_cut(parsed: Parsed) -> bool:
    """Tell whether words of the query are asked for in pieces."""
    return any(said.code in CUT for said in parsed.notes)


def last_resort(
    parsed: Parsed, missing: Collection[int], parse: Callable[[str], Parsed], match: Callable[[Parsed], Matches]
) -> Parsed | None:
    """Return the first other reading of a query without results that has some, with notes that say so; None if none.

    `missing` are its words (by index) that occur nowhere, `match` tells what is found without any filter.
    """
    for reading in _in_pieces(parsed, missing):
        if match(reading).total:
            return reading
    phrases = [clause for clause in parsed.clauses if clause.kind == "phrase"]
    if not phrases:
        return None
    bare = parse(without_quotes(parsed.text))
    # Several may each stand somewhere: only of one alone it is said that it stands nowhere.
    nowhere = len(phrases) == 1 and not match(replace(parsed, clauses=tuple(phrases))).total
    said = note("without-quotes", words=phrases[0].text) if nowhere else note("without-quotes-all")
    bare = replace(bare, notes=(*bare.notes, said))
    found = match(bare)
    return bare if found.total else last_resort(bare, found.missing, parse, match)


def _in_pieces(parsed: Parsed, missing: Collection[int]) -> Iterator[Parsed]:
    words = [number for number in missing if _can_be_cut(parsed.clauses[number])]
    pairs = [number for number in words if len(parsed.clauses[number].text) > 2]
    if pairs:
        yield _cut(parsed, pairs, 2)
    joined = [number for number in words if _is_joined(parsed.clauses[number])]
    if joined:
        yield _cut(parsed, joined, 1)


def _can_be_cut(clause: Clause) -> bool:
    return clause.kind == "word" and not clause.place and bool(_HAN_WORD.fullmatch(clause.forms[0].text))


def _is_joined(clause: Clause) -> bool:
    """Tell whether a word is single characters side by side (脸痒). What has 吉 and 他 is about no 吉他."""
    form = clause.forms[0].text
    return len(form) <= _LONGEST and all(len(token.text) == 1 for token in query_words(form))


def _cut(parsed: Parsed, words: Collection[int], length: int) -> Parsed:
    """Return the query with every stretch of so many characters, each once, for `words`.

    Of two characters some will do, as of any words; single ones say so little that all of them are required.
    """
    clauses: list[Clause] = []
    seen: set[str] = set()
    for number, clause in enumerate(parsed.clauses):
        if number not in words:
            clauses.append(clause)
            continue
        form = clause.forms[0].text
        for start in range(len(form) - length + 1):
            part = form[start : start + length]
            if part not in seen:
                seen.add(part)
                begin, end = clause.start + start, clause.start + start + length
                kind: ClauseKind = "word" if length > 1 else "phrase"
                clauses.append(
                    replace(clause, kind=kind, text=parsed.text[begin:end], start=begin, end=end, forms=(Form(part),))
                )
    said = note(CUT[2 - length], words="、".join(parsed.clauses[number].text for number in words))
    return replace(parsed, clauses=tuple(clauses), notes=(*parsed.notes, said))
