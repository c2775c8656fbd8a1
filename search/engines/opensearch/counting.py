"""Totals and counts of a selection, exact: what is asked of the cluster, and how its answer is read.

Near-duplicates are counted once each by taking off what is too much: of a group of n matches n - 1, wherever the group
passes the filters. Its members have the same facets, so they all pass or none does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...errors import EngineUnavailable
from ...facets.status import STATUS
from ...retrieval.candidates import Selection
from ...retrieval.plan import Plan
from .mapping import FACET
from .opened import Opened, status_counts
from .queries import Finder, Json, all_of, filters, in_dates
from .statistics import Group

MOST_VALUES = 50_000
"""So many values of a facet are counted, and so many groups of near-duplicates in one part of an answer."""
_HITS, _GROUPS, _NEWEST, _LACKING, _APART = "hits", "groups", "newest", "lacking:", "apart"

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted. `lacking` tells of each optional clause how many hits lack it, and how many of these are in no
    group; `sizes` how many matches each group has, of those with several.
    """

    total: int
    counts: Counts
    newest: date | None
    lacking: Mapping[int, tuple[int, int]]
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counting:
    """The counts of a selection of what a plan matches."""

    build: Opened
    finder: Finder
    plan: Plan
    selection: Selection

    @property
    def collapses(self) -> bool:
        """Whether there is anything to collapse."""
        return self.selection.collapse and bool(self.build.groups)

    @property
    def matching(self) -> Json:
        """What finds the matches, facet filters aside."""
        return all_of([self.finder.plan(self.plan), *in_dates(self.selection)])

    @property
    def passing(self) -> Json:
        """What finds those that pass all facet filters."""
        return all_of(filters(self.selection, self.build.conditions).values())

    def body(self) -> Json:
        """Return the search that counts."""
        return {"query": self.matching, "size": 0, "track_total_hits": False, "aggs": self._aggregations()}

    def read(self, found: Mapping[str, Any]) -> Counted:
        """Return what an answer says."""
        answers = found["aggregations"]
        hits = answers[_HITS]
        counts = {
            key: self._values(key, hits[key] if key in hits else answers[FACET + key][key]) for key in self._keys()
        }
        total = int(hits["doc_count"])
        sizes = self._sizes(answers)
        for name, size in sizes.items():
            total -= self._take_off(counts, self.build.groups[name], size - 1)
        for key, chosen in self.selection.filters.items():
            counts[key] = dict.fromkeys(chosen, 0) | counts.get(key, {})
        newest = hits[_NEWEST]["value"]
        lacking = {
            number: (int(answer["doc_count"]), int(answer[_APART]["doc_count"]))
            for number in self._optional()
            for answer in (hits[f"{_LACKING}{number}"],)
        }
        return Counted(total, counts, date.fromordinal(int(newest)) if newest else None, lacking, sizes)

    def _keys(self) -> Sequence[str]:
        return (*self.build.facets, STATUS.key)

    def _optional(self) -> Sequence[int]:
        return [number for number in self.plan.optional if number not in self.plan.missing]

    def _aggregations(self) -> Json:
        passing = filters(self.selection, self.build.conditions)
        within: Json = {key: self._facet(key) for key in self._keys() if key not in passing}
        within[_NEWEST] = {"max": {"field": "day"}}
        apart = {_APART: {"filter": all_of([], [{"term": {"grouped": True}}])}}
        for number in self._optional():
            lacking = all_of([], [self.finder.holding(number, self.plan)])
            within[f"{_LACKING}{number}"] = {"filter": lacking, "aggs": apart}
        found: Json = {_HITS: {"filter": all_of(passing.values()), "aggs": within}}
        for key in passing:
            others = all_of([query for other, query in passing.items() if other != key])
            found[FACET + key] = {"filter": others, "aggs": {key: self._facet(key)}}
        if self.collapses:
            found |= {f"{_GROUPS}{number}": part for number, part in enumerate(self._group_parts())}
        return found

    def _facet(self, key: str) -> Json:
        if key == STATUS.key:
            return status_counts(self.build.conditions)
        return {"terms": {"field": f"{FACET}{key}", "size": MOST_VALUES, "shard_size": MOST_VALUES}}

    def _parts(self) -> int:
        return -(-len(self.build.groups) * 2 // MOST_VALUES)

    def _group_parts(self) -> Sequence[Json]:
        parts = self._parts()
        by: Json = {"field": "group", "size": MOST_VALUES, "shard_size": MOST_VALUES, "min_doc_count": 2}
        each = [
            by | ({"include": {"partition": n, "num_partitions": parts}} if parts > 1 else {}) for n in range(parts)
        ]
        grouped = {"term": {"grouped": True}}
        return [{"filter": grouped, "aggs": {_GROUPS: {"terms": one}}} for one in each]

    def _values(self, key: str, answer: Mapping[str, Any]) -> dict[str, int]:
        if key == STATUS.key:
            found = answer["by"]["buckets"].items()
            return {status: int(bucket["doc_count"]) for status, bucket in found if bucket["doc_count"]}
        return {bucket["key"]: int(bucket["doc_count"]) for bucket in _all_buckets(answer)}

    def _sizes(self, answers: Mapping[str, Any]) -> Mapping[str, int]:
        if not self.collapses:
            return {}
        buckets = [_all_buckets(answers[f"{_GROUPS}{part}"][_GROUPS]) for part in range(self._parts())]
        return {bucket["key"]: int(bucket["doc_count"]) for part in buckets for bucket in part}

    def _take_off(self, counts: Counts, group: Group, surplus: int) -> int:
        """Take what is too much of a group off the counts; return what is too much of it among the hits."""
        asked = {key: values for key, values in self.selection.filters.items() if values}
        refusing = [key for key, values in asked.items() if not {*values} & {*group.facets.get(key, ())}]
        for key, values in group.facets.items():
            if not refusing or refusing == [key]:
                for value in values:
                    counts[key][value] -= surplus
        return 0 if refusing else surplus


def _all_buckets(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the buckets of an aggregation, if these are all of them and none is an estimate."""
    if answer["sum_other_doc_count"] or answer["doc_count_error_upper_bound"]:
        raise EngineUnavailable(f"more than {MOST_VALUES} values of a facet, or groups, cannot be counted")
    buckets: Sequence[Mapping[str, Any]] = answer["buckets"]
    return buckets
