"""From the candidates of the channels to one list: the head rescored, one of each group of near-duplicates, the rest.

There is one channel so far, words. Another one would bring candidates of its own and a part of the rescoring; what
follows (collapse, page) stays as it is.
"""

from __future__ import annotations

import numpy as np

from .candidates import Candidates, Lookup, Ranked
from .rescoring import Rescorer


def fuse(candidates: Candidates, lookup: Lookup, rescorer: Rescorer, window: int) -> Ranked:
    """Return the candidates with the first `window` of them in order anew.

    Nothing is taken from their scores, so they stay before all others. Of each group of near-duplicates the best is
    shown then too.
    """
    ranked, groups = candidates.ranked, candidates.groups
    head = ranked.part(0, window)
    others = [other for one in head.documents.tolist() for other in groups.others(one)] if groups else []
    if others:
        documents = np.array(others[:window], np.intp)
        head = Ranked.join([head, Ranked(documents, lookup.score(rescorer.scoring, documents))])
    scores = head.scores.copy()
    for own, features in lookup.windows(head.documents):
        scores[own] += rescorer.score(features)
    head = lookup.in_order(Ranked(head.documents, scores))
    if groups and others:
        head = head.take(_best_of_each(list(map(groups.of, head.documents.tolist()))))
    return head if len(head.scores) == len(ranked.scores) else Ranked.join([head, ranked.part(window, None)])


def _best_of_each(groups: list[int | None]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the indices of what is in no group, or the first of its group."""
    seen: set[int] = set()
    kept = []
    for index, group in enumerate(groups):
        if group is None or group not in seen:
            kept.append(index)
        if group is not None:
            seen.add(group)
    return np.array(kept, np.intp)
