"""Did you mean: what a query that does not find what it says may have been meant to say.

Only bare words can be wrong: quoted and excluded parts, numbers, years and document numbers stay as they are, and so
does every word that the collection holds, and what is a name or says an illness (`kept`). What is put in their place
are words that the collection holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engines.contract import Engine
from ..model import Clause, Matches, Parsed, Span
from ..query.grammar import MAX_CHARACTERS
from ..text import fold, is_word
from .evidence import ENOUGH, sound_like_known
from .replacements import LONGEST
from .suggestions import Suggestions
from .suspicion import Suspicion, is_fixed

FEW = ENOUGH
"""A query with fewer hits than this may be wrong; so may a word that fewer articles hold and no dictionary knows."""
MOST_DOUBTS = 40
"""A query with more doubtful characters than this is no slip of the pen."""


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` is the whole query put right; `replaced` are its parts as typed, in order.

    With `certain`, no article holds one of these parts, so that the query as typed cannot be answered whole, and each
    sounds or looks like what it is replaced by. What is `doubtful` may well be right as typed: it is at most an offer,
    even where the query finds nothing.
    """

    text: str
    replaced: tuple[str, ...]
    certain: bool
    doubtful: bool = False


def did_you_mean(
    engine: Engine, suggestions: Suggestions | None, parsed: Parsed, matches: Matches
) -> Correction | None:
    """Return what `parsed` was probably meant to say, given what it matches; None if it seems right.

    Costs little for a query that finds enough and whose words all occur.
    """
    if suggestions is None:
        return None
    odd = _odd_stretches(suggestions, parsed)
    few = matches.total < FEW
    suspects = [
        clause
        for index, clause in enumerate(parsed.clauses)
        if clause.kind == "word" and not is_fixed(clause) and (few or index in matches.optional or _is_strange(clause))
    ]
    if not odd and not suspects:
        return None
    suspicion = Suspicion(engine, suggestions, parsed, matches.total)
    suspicion.add_odd(odd)
    suspicion.add_rare(suspects)
    return _corrected(parsed.text, suspicion) if suspicion.doubts <= MOST_DOUBTS else None


def _corrected(text: str, suspicion: Suspicion) -> Correction | None:
    found = list(suspicion.replacements())
    if not found:
        return None
    edges = [edge for edge in found if not suspicion.is_doubtful(edge)]
    doubtful = not edges
    edges = edges or found
    pieces, done = "", 0
    for edge in edges:
        pieces += text[done : edge.start] + edge.word
        done = edge.end
    replaced = tuple(text[edge.start : edge.end] for edge in edges)
    certain = not doubtful and all(edge.kind != "edit" for edge in edges) and any(map(suspicion.is_missing, edges))
    whole = pieces + text[done:]
    return Correction(whole, replaced, certain, doubtful) if len(whole) <= MAX_CHARACTERS else None


def _odd_stretches(suggestions: Suggestions, parsed: Parsed) -> list[Span]:
    """Return the stretches of words side by side that together sound like one: 备|按, 零活|就业, 漫|特病."""
    clauses = [one for one in parsed.clauses if one.kind in ("word", "question") and not is_fixed(one)]
    questions = {one.end for one in clauses if one.kind == "question"}
    stretches = []
    for first, clause in enumerate(clauses):
        end = clause.end
        for other in clauses[first + 1 :]:
            if other.start != end or other.end - clause.start > LONGEST:
                break
            end = other.end
            # 多少|种|药: what is counted stands behind the question, and two characters are soon alike.
            if end - clause.start > 2 or clause.start not in questions:
                stretches.append((clause.start, end))
    folded = fold(parsed.text)
    alike = sound_like_known(suggestions, [folded[start:end] for start, end in stretches])
    return [stretch for stretch, like in zip(stretches, alike, strict=True) if like]


def _is_strange(clause: Clause) -> bool:
    """Tell whether a clause is Han characters that no dictionary has as a word."""
    return len(clause.text) > 1 and not clause.text.isascii() and not is_word(clause.forms[0].text)
