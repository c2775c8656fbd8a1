"""From the candidates of the channels to one list: the head rescored, one of each group of near-duplicates, the rest.

There is one channel so far, words. Another one would bring candidates of its own and a part of the rescoring; what
follows (collapse, page) stays as it is.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Hits
from .candidates import Candidates, CollapsedGroups, Lookup, Ranked
from .rescoring import Rescorer


def fuse(candidates: Candidates, lookup: Lookup, rescorer: Rescorer, window: int) -> Ranked:
    """Return the candidates with the first `window` of them in order anew.

    Nothing is taken from their scores, so they stay before all others. Of each group of near-duplicates the best is
    shown then too.
    """
    ranked, groups = candidates.ranked, candidates.groups
    head = ranked.part(0, window)
    others = _others(groups, head.documents) if groups else []
    if others:
        documents = np.array(others[:window], np.intp)
        head = Ranked.join([head, Ranked(documents, lookup.score(rescorer.scoring, documents))])
    scores = head.scores.copy()
    for own, features in lookup.windows(head.documents):
        scores[own] += rescorer.score(features)
    head = lookup.in_order(Ranked(head.documents, scores))
    if groups and others:
        head = head.take(_best_of_each(groups.of(head.documents)))
    return head if len(head.scores) == len(ranked.scores) else Ranked.join([head, ranked.part(window, None)])


def lifted(pinned: Ranked, ranked: Ranked, groups: CollapsedGroups | None) -> Ranked:
    """Return results with some of all matches first: of near-duplicates the first of them, in place of their best."""
    kept = np.ones(len(ranked.documents), np.bool_)
    if groups:
        pinned = pinned.take(_best_of_each(groups.of(pinned.documents)))
        own = groups.of(pinned.documents)
        kept = ~np.isin(groups.of(ranked.documents), own[own >= 0])
    kept &= ~np.isin(ranked.documents, pinned.documents)
    return Ranked.join([pinned, ranked.take(kept.nonzero()[0])])


def _others(groups: CollapsedGroups, documents: Hits) -> list[int]:
    """Return what was collapsed into some documents, in their order."""
    grouped = documents.compress(groups.of(documents) >= 0)
    return [other for document in grouped.tolist() for other in groups.others(document)]


def _best_of_each(groups: Hits) -> Hits:
    """Return the indices, in order, of what is in no group (-1) and of the first of each group."""
    _, first = np.unique(groups, return_index=True)
    kept = groups < 0
    kept[first] = True
    found: Hits = kept.nonzero()[0]
    return found
