"""What a plan for a query will ask, found out beforehand: so that it is asked in one request, not one by one.

`make_plan` is run on what is known by now, and notes what is not; what would be asked next is told as far as it follows
from bounds. What was asked for nothing costs a little; what was not foreseen is asked when its time comes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from ...model import Parsed
from ...retrieval.places import Within
from ...retrieval.plan import Share, make_plan
from .opened import Opened, Question
from .queries import Finder, lowered
from .tokens import place_of

ROUNDS = 3
"""So often it is looked ahead: how often terms occur, how often they do together, what a share of them reaches."""


class Frequencies:
    """The statistics of one query in one build. `search.retrieval.plan.Statistics`, and what else is asked of one."""

    def __init__(self, parsed: Parsed, build: Opened, finder: Finder) -> None:
        self.documents = build.statistics.documents
        self.parsed = parsed
        self._build = build
        self._finder = finder
        self._foreseen = False

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause."""
        self._foresee()
        known = self.counted(clause)
        return self._build.ask([self.of_clause(clause)])[0][0] if known is None else known

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        """Return how many articles carry all of these clauses, and are within."""
        self._foresee()
        return self._build.ask([self.together(clauses, within)])[0][0]

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        """Yield for falling sums how many articles fulfil the share with that sum; all are counted at once."""
        yield from self._build.ask([self.shared(share, sums)])[0]

    def counted(self, clause: int) -> int | None:
        """Return how many articles carry a clause of one term, as the build has counted; None for another one."""
        asked = self.parsed.clauses[clause]
        places = [place_of(form.text, asked.literal) for form in asked.forms]
        if len(places) == 1 and (place := places[0]) and not place.phrase:
            return self._build.statistics.terms[place.field].df(asked.forms[0].text)
        return None

    def of_clause(self, clause: int) -> Question:
        """Return the question how many articles carry a clause."""
        return Question(self._finder.clause(clause))

    def together(self, clauses: Sequence[int], within: Within | None) -> Question:
        """Return the question how many articles carry all of these clauses, and are within."""
        return Question(self._finder.carrying(clauses, within))

    def shared(self, share: Share, sums: Iterable[float]) -> Question:
        """Return the question how many articles fulfil a share with each of these sums."""
        return Question(self._finder.sharing(share), tuple(map(lowered, sums)))

    def _foresee(self) -> None:
        if self._foreseen:
            return
        self._foreseen = True
        for _ in range(ROUNDS):
            foreseen = Foresight(self, self._build)
            make_plan(self.parsed, foreseen)
            if not foreseen.unknown:
                return
            self._build.ask(foreseen.unknown)


class Foresight:
    """`search.retrieval.plan.Statistics` that asks nothing: what is `unknown` is noted, and answered by what it is at
    most.
    """

    def __init__(self, frequencies: Frequencies, build: Opened) -> None:
        self.documents = frequencies.documents
        self.unknown: list[Question] = []
        self._frequencies = frequencies
        self._build = build
        self._weights_known = True

    def df(self, clause: int) -> int:
        """Return how many articles carry a clause, or could."""
        counted = self._frequencies.counted(clause)
        return self._answer(self._frequencies.of_clause(clause), self.documents) if counted is None else counted

    def count(self, clauses: Sequence[int], within: Within | None = None) -> int:
        """Return how many articles carry all of these clauses and are within, or could."""
        most = min(map(self.df, clauses), default=self.documents)
        return self._answer(self._frequencies.together(clauses, within), most, weighs=not clauses)

    def reach(self, share: Share, sums: Iterable[float]) -> Generator[int]:
        """Yield what is known; without that nothing is reached, so that less and less is asked for."""
        question = self._frequencies.shared(share, sums)
        known = self._build.known(question)
        # Of other weights it would be another question.
        if known is None and self._weights_known:
            self.unknown.append(question)
        yield from known or (0,) * len(question.sums)

    def _answer(self, question: Question, most: int, weighs: bool = True) -> int:
        known = self._build.known(question)
        if known is not None:
            return known[0]
        self.unknown.append(question)
        self._weights_known &= not weighs
        return most
