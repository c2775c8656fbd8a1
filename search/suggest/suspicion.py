"""What may be wrong with one query, and which replacements there is enough reason for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..engines.contract import Engine
from ..model import Clause, Parsed, Span
from ..query.grammar import as_phrase
from ..text import fold, is_word
from ..text.lexicon import places
from .evidence import ENOUGH, count
from .kept import denials, kept_spans, product_spans, says_another
from .keys import plain_letters
from .lattice import LETTER_COST, Edge, cheapest
from .replacements import find_edges
from .suggestions import Suggestions

ODD, ABSENT, UNKNOWN = 1, 2, 3
"""Doubts about a character, beside 0: its word occurs but together with its neighbours it sounds like another; is in
the dictionary but in no article; is in neither.
"""
_MOST_TRIES = 4
_LATIN = re.compile("[a-z]+")
_HAN = re.compile("[\u3400-\u9fff]")
_STRETCH = re.compile(r"(?:[\u3400-\u9fff]|(?<![a-z])[a-z]+(?:[ '][a-z]+)*(?![a-z]))+")
_BESIDE_DIGITS = re.compile("(?:[a-z]{4,}+|[0-9]++)+")
"""Letters that are too many for a code: jiaofei2026, zhuyuan30tian."""


class Suspicion:
    """Gathers doubts about the words of a query (`add_odd`, `add_rare`), then finds what to put in their place.

    `total`: what the query finds; if that is little, a doubt needs less proof, and least if it is nothing.
    """

    def __init__(self, engine: Engine, suggestions: Suggestions, parsed: Parsed, total: int) -> None:
        self._engine = engine
        self._suggestions = suggestions
        self._parsed = parsed
        self._few, self._nothing = total < ENOUGH, not total
        self._hits: dict[Clause, int] = {}
        self._wrong: list[Clause] = []
        self._absent: set[Span] = set()
        self._doubts = [0] * len(parsed.text)
        self._folded = plain_letters(fold(parsed.text))
        self._kept = kept_spans(self._folded)
        # Of one character even a word is soon part of another: 漫|特|病. Letters may be several words.
        self._whole = [
            one for one in parsed.clauses if len(one.text) > 1 and not one.text.isascii() and is_word(one.forms[0].text)
        ]
        self._products = product_spans(self._folded)
        self._denials = denials(self._folded)

    @property
    def doubts(self) -> int:
        """How many characters are doubted."""
        return sum(map(bool, self._doubts))

    def add_odd(self, stretches: Iterable[Span]) -> None:
        """Doubt what sounds like an insurance word."""
        for start, end in stretches:
            self._doubt(start, end, ODD)

    def add_rare(self, clauses: Iterable[Clause]) -> None:
        """Doubt those of the words that no article holds; where the query finds few, also what few hold."""
        for clause in clauses:
            hits = self._hits[clause] = count(self._engine, self._suggestions, clause)
            if hits < (ENOUGH if self._few and len(clause.text) > 1 else 1):
                self._wrong.append(clause)
                in_dictionary = is_word(clause.forms[0].text) and _HAN.search(clause.text) is not None
                self._doubt(clause.start, clause.end, ABSENT if in_dictionary else UNKNOWN)
                if in_dictionary:
                    self._absent.add((clause.start, clause.end))
            elif self._few and len(clause.text) == 1:
                self._doubt(clause.start, clause.end, ODD)

    def replacements(self) -> Iterator[Edge]:
        """Yield what to replace, in order; offsets into the query."""
        bare = list(self._folded)
        for clause in self._parsed.clauses:
            if clause.kind in ("phrase", "excluded") or is_fixed(clause):
                bare[clause.start : clause.end] = "\0" * (clause.end - clause.start)
        for stretch in _STRETCH.finditer("".join(bare)):
            doubts = self._doubts[stretch.start() : stretch.end()]
            if any(doubts):
                path = self._path(stretch.group(), stretch.start(), doubts)
                changed = [edge for edge in path if edge.changed and not self._is_half(edge, path)]
                yield from (edge for edge in changed if self._is_wordly(edge, changed))

    def is_missing(self, edge: Edge) -> bool:
        """Tell whether no article holds what an edge replaces."""
        inside = [clause for clause in self._wrong if _overlap(clause, edge)]
        if inside:
            return any(not self._hits[clause] for clause in inside)
        return not self._count_phrase(self._parsed.text[edge.start : edge.end])

    def is_doubtful(self, edge: Edge) -> bool:
        """Tell whether an edge is at most to be offered, whatever the query finds.

        It may replace the name of a product, or say that something is done where the query says that it is not. Or a
        word of the dictionary, which is right even if no article holds it: there only an insurance word or a place will
        do that sounds the same (包销). Or it was found by a reading that the character hardly ever has (吉他, 其他), or
        is one character off a question (怎么画, 怎么办).
        """
        if any(
            (start <= edge.start and edge.end <= end) or (edge.start <= start and end <= edge.end)
            for start, end in self._products
        ):
            return True
        if any(edge.start <= start < edge.end and self._folded[start] not in edge.word for start in self._denials):
            return True
        if (edge.start, edge.end) in self._absent:
            return not (edge.kind == "sound" and self._is_known(edge))
        if edge.kind == "edit":
            return any(
                one.kind == "question" and len(one.text) > 1 and _overlap(one, edge) for one in self._parsed.clauses
            )
        return edge.kind == "rare" and not self._folded[edge.start : edge.end].isascii()

    def _doubt(self, start: int, end: int, doubt: int) -> None:
        self._doubts[start:end] = [doubt] * (end - start)

    def _path(self, text: str, offset: int, doubts: list[int]) -> list[Edge]:
        """Return the cheapest way through a stretch of the query on which every replacement has its reason."""
        proofs: dict[Span, bool] = {}
        found = find_edges(self._suggestions, text, list(map(bool, doubts)))
        edges = [edge for edge in (one.moved(offset) for one in found) if self._is_likely(edge, proofs)]
        likely_wrong = [doubt > ODD for doubt in doubts]
        path: list[Edge] = []
        for _ in range(_MOST_TRIES):
            path = [e.moved(offset) for e in cheapest(text, [e.moved(-offset) for e in edges], likely_wrong)]
            alone = {edge for edge in path if not self._fits(edge, path)}
            if not alone:
                return path
            edges = [edge for edge in edges if edge not in alone]
        return []

    def _is_likely(self, edge: Edge, proofs: dict[Span, bool]) -> bool:
        """Tell whether a word may stand for what was typed, its neighbours aside."""
        if edge.kind in ("typed", "pinyin"):
            return True
        if self._is_kept(edge) or self._cuts(edge, self._whole) or self._is_strange(edge):
            return False
        if edge.kind == "initials":
            return edge.domain or edge.word in places() or (self._few and len(edge.word) > 2)
        doubt = max(self._doubts[edge.start : edge.end])
        if doubt == ODD:
            # What may well be right as it stands needs a proof that it is not: that nobody writes so.
            span = (edge.start, edge.end)
            alike = self._is_known(edge) and edge.kind in ("sound", "blurred")
            if alike and span not in proofs:
                proofs[span] = self.is_missing(edge)
            return alike and proofs[span]
        if edge.kind == "edit":
            return doubt == UNKNOWN and (edge.domain or self._few) and not self._cuts(edge, self._parsed.clauses)
        return self._is_known(edge) or ((self._few or edge.kind == "sound") and self._is_close(edge))

    def _is_kept(self, edge: Edge) -> bool:
        """Tell whether an edge would replace what is right as it stands, or name another illness."""
        typed = self._folded[edge.start : edge.end]
        return says_another(typed, edge.word) or any(
            start < edge.end and edge.start < end and self._folded[start:end] not in edge.word
            for start, end in self._kept
        )

    def _is_strange(self, edge: Edge) -> bool:
        """Tell whether a word has nothing of the characters that were typed but their sound: 龘靐 is no 大病."""
        typed = self._folded[edge.start : edge.end]
        return not any(map(str.isascii, typed)) and not self._shares_a_character(edge)

    def _is_known(self, edge: Edge) -> bool:
        """Tell whether a word is what people ask about: an insurance word, or a place that shares a character."""
        return edge.domain or (edge.word in places() and self._shares_a_character(edge))

    def _is_close(self, edge: Edge) -> bool:
        """Tell whether a general word shares a character with what was typed, and cuts no word that seems right."""
        right = [clause for clause in self._parsed.clauses if not any(self._doubts[clause.start : clause.end])]
        return self._shares_a_character(edge) and not self._cuts(edge, right)

    def _shares_a_character(self, edge: Edge) -> bool:
        return bool(set(self._folded[edge.start : edge.end]) & set(edge.word))

    def _cuts(self, edge: Edge, clauses: Iterable[Clause]) -> bool:
        """Tell whether an edge begins or ends inside one of the clauses."""
        return any(one.start < edge.start < one.end or one.start < edge.end < one.end for one in clauses)

    def _fits(self, edge: Edge, path: list[Edge]) -> bool:
        """Tell whether a word stands beside one of its neighbours in some article.

        An insurance word or a place fits anywhere, unless it would replace just a word that the dictionary has (剩余 by
        生育). There a place must sound the same (廊坊 for 廊房), and so must an insurance word, and only if the query
        finds nothing; then any word fits that sounds like what no dictionary has. A word without a word at its side
        fits if the query finds few.
        """
        if edge.kind in ("typed", "pinyin", "initials"):
            return True
        is_known, in_dictionary = self._is_known(edge), (edge.start, edge.end) in self._absent
        if is_known and not in_dictionary:
            return True
        if edge.kind == "sound" and (
            (is_known and not edge.domain) or (self._nothing and (edge.domain or not in_dictionary))
        ):
            return True
        words = [(one.start, one.end, one.word) for one in path if one.changed]
        words += [(one.start, one.end, one.forms[0].text) for one in self._parsed.clauses if one not in self._wrong]
        before = [word + edge.word for _, end, word in words if end == edge.start and len(word) > 1]
        after = [edge.word + word for start, _, word in words if start == edge.end and len(word) > 1]
        return any(map(self._count_phrase, before + after)) if before or after else self._few

    def _is_half(self, edge: Edge, path: list[Edge]) -> bool:
        """Tell whether an edge puts right a part of a word of which another part stays wrong: a part of a name.

        No name is what is syllables from end to end and says an insurance word, most of it in words: yibaoka|diu|le.
        """
        left = [one for one in path if not one.changed and one.cost >= LETTER_COST and _is_no_word(one)]
        first, last = self._run_around(edge)
        words = [one for one in path if one.changed and first <= one.start < last]
        most = 2 * _length(words) > last - first
        if most and any(one.domain for one in words) and not any(one.word in places() for one in words):
            left = [one for one in left if one.end - one.start == 1]
        return any(_overlap(word, edge) and any(_overlap(word, one) for one in left) for word in self._wrong)

    def _is_wordly(self, edge: Edge, changed: list[Edge]) -> bool:
        """Tell whether letters become a word, not single characters: le|qing is not 了|请. Beside a word they may be
        one, if it is all that a run of letters says: baoxiao ma.
        """
        if len(edge.word) > 1 or not self._folded[edge.start : edge.end].isascii():
            return True
        first, last = self._run_around(edge)
        inside = [one for one in changed if first <= one.start < last]
        said = _length(inside) >= last - first
        return any(len(one.word) > 1 for one in (changed if said else inside))

    def _run_around(self, edge: Edge) -> Span:
        """Return the run of letters that an edge begins in; nothing if it begins with a character."""
        runs = (run.span() for run in _LATIN.finditer(self._folded))
        return next(((first, last) for first, last in runs if first <= edge.start < last), (0, 0))

    def _count_phrase(self, text: str) -> int:
        return count(self._engine, self._suggestions, as_phrase(text))


def is_fixed(clause: Clause) -> bool:
    """Tell whether a clause is never corrected: a place, a number, a code."""
    has_digits = any(map(str.isdigit, clause.text))
    return bool(clause.place) or (has_digits and not _is_pinyin_beside_digits(clause.forms[0].text))


def _is_pinyin_beside_digits(text: str) -> bool:
    return not text.isdigit() and bool(_BESIDE_DIGITS.fullmatch(text))


def _is_no_word(edge: Edge) -> bool:
    """Tell whether an edge is what stands for itself: a character, a letter, a syllable."""
    return edge.end - edge.start == 1 or edge.word.isascii()


def _length(edges: Iterable[Edge]) -> int:
    return sum(edge.end - edge.start for edge in edges)


def _overlap(clause: Clause, edge: Edge) -> bool:
    return clause.start < edge.end and edge.start < clause.end
