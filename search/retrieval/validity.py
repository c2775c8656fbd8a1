"""Which official texts are in force on a day: from what each says of itself, and from what others say and replace.

A text is repealed by another that names it (《…》同时废止) and revised by a newer one of the same name; both must be of
the same place, as every city has its own 医疗救助办法. A copy that another site published is no revision: the same
characters, or a day that is close, are the same version. Nothing is said of a text of which nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..facets.status import EXPIRED, IN_FORCE, NOT_YET, REPEALED, REVISED, STATUSES
from ..hashing import hash64
from ..model import Article
from ..text import fold, work
from ..text.validity import is_official, version_year

UNKNOWN = 0
"""A day that is not known, as an ordinal."""
SAME_VERSION_DAYS = 60
"""Two texts of one name whose days are no further apart are one version."""
CODES = ("", *STATUSES)
"""What the codes of statuses stand for; 0 for none."""
_CODE = {status: code for code, status in enumerate(CODES)}
_SAYS_REPEALED, _SAYS_REVISED = 1, 2
_NOT_HAN = re.compile(r"[^\u3400-\u9fff]+")


class Validities(NamedTuple):
    """What is known of the validity of some articles: of those only of which anything is.

    One item each: `rows` (which article, ascending), `effective`, `expires` and `version` (days as ordinals; the last
    one is that by which versions are told apart), `says` (what the source states), `works` (key of its name and place,
    0 for what is no official text) and `texts` (a hash of its characters). One item for each work that an article
    repeals: `repealing` (which article) and `repealed` (key of the work, of the same place).
    """

    rows: Array
    effective: Array
    expires: Array
    version: Array
    says: Array
    works: Array
    texts: Array
    repealing: Array
    repealed: Array


_TYPES = (np.uint32, np.int32, np.int32, np.int32, np.uint8, np.uint64, np.uint64, np.uint32, np.uint64)


def validities_of(articles: Sequence[Article]) -> Validities:
    """Return what is known of the validity of some classified articles."""
    known = []
    repeals = []
    for row, article in enumerate(articles):
        says = _SAYS_REPEALED * bool(article.repealed_by) | _SAYS_REVISED * bool(article.superseded_by)
        title = fold(article.title)
        official = article.kind == "article" and is_official(title)
        if not (official or article.effective or article.expires or says):
            continue
        name = work(title) if official else ""
        known.append(
            (
                row,
                _ordinal(article.effective),
                _ordinal(article.expires),
                max(_ordinal(article.effective), _ordinal(article.date), _ordinal(version_year(title))),
                says,
                _key(name, article) if name else 0,
                hash64(_NOT_HAN.sub("", article.text)),
            )
        )
        repeals += [(row, _key(each, article)) for each in article.repeals]
    columns = [
        *(zip(*known, strict=True) if known else [()] * 7),
        *(zip(*repeals, strict=True) if repeals else [()] * 2),
    ]
    return Validities(*(np.array(column, kind) for column, kind in zip(columns, _TYPES, strict=True)))


def joined(pieces: Iterable[Validities]) -> Validities:
    """Return several one after the other, their rows as they are."""
    found = [Validities(*(np.zeros(0, kind) for kind in _TYPES)), *pieces]
    return Validities(*(np.concatenate(columns) for columns in zip(*found, strict=True)))


def taken(known: Validities, kept: Array, first_row: int) -> Validities:
    """Return what is known of the rows that are `kept` (a mask over all rows), their numbers raised by `first_row`."""
    ones, by = kept.take(known.rows), kept.take(known.repealing)
    held = Validities(*(column[ones] for column in known[:-2]), *(column[by] for column in known[-2:]))
    raised = np.uint32(first_row)
    return held._replace(rows=held.rows + raised, repealing=held.repealing + raised)


class Statuses(NamedTuple):
    """The status of each item of some `Validities`, as an index into `CODES`; and by which item it was replaced, or -1.

    What is still in force but has a successor that is not yet names that one too.
    """

    codes: NDArray[np.uint8]
    replaced_by: NDArray[np.intp]


def statuses(known: Validities, day: date) -> Statuses:
    """Return what is in force on a day. Vectorised: takes milliseconds for hundreds of thousands."""
    today = day.toordinal()
    begun = (known.effective != UNKNOWN) & (known.effective <= today)
    ended = (known.expires != UNKNOWN) & (known.expires < today)
    codes = np.zeros(len(known.rows), np.uint8)
    codes[begun | ((known.expires != UNKNOWN) & ~ended)] = _CODE[IN_FORCE]
    codes[known.effective > today] = _CODE[NOT_YET]
    revised_by = _newer(known, today)
    codes[(revised_by >= 0) | (known.says & _SAYS_REVISED != 0)] = _CODE[REVISED]
    codes[ended] = _CODE[EXPIRED]
    repealed_by = _repealers(known, today)
    codes[(repealed_by >= 0) | (known.says & _SAYS_REPEALED != 0)] = _CODE[REPEALED]
    return Statuses(codes, np.where(repealed_by >= 0, repealed_by, revised_by))


def _newer(known: Validities, today: int) -> NDArray[np.intp]:
    """Return for each item the newest version of the same work that has begun by now, if that is another one; or -1."""
    found = np.full(len(known.rows), -1, np.intp)
    eligible = np.flatnonzero((known.works != 0) & (known.version != UNKNOWN) & (known.version <= today))
    if len(eligible) < 2:
        return found
    order = eligible[np.lexsort((known.version[eligible], known.works[eligible]))]
    works = known.works[order]
    last = np.searchsorted(works, works, "right") - 1
    newest = order[last]
    other = known.texts[newest] != known.texts[order]
    later = known.version[newest] - known.version[order] > SAME_VERSION_DAYS
    found[order] = np.where(other & later, newest, -1)
    return found


def _repealers(known: Validities, today: int) -> NDArray[np.intp]:
    """Return for each item a later one, begun by now, that says it repeals its work; or -1."""
    found = np.full(len(known.rows), -1, np.intp)
    if not len(known.repealing):
        return found
    by = np.searchsorted(known.rows, known.repealing)
    begins = np.maximum(known.effective[by], np.where(known.effective[by] == UNKNOWN, known.version[by], 0))
    acts = (begins != UNKNOWN) & (begins <= today)
    order = np.argsort(known.works, kind="stable")
    for repealer, key in zip(by[acts].tolist(), known.repealed[acts].tolist(), strict=True):
        first, last = np.searchsorted(known.works[order], (key, key + 1) if key < 2**64 - 1 else (key, key))
        for item in order[first:last].tolist():
            if item != repealer and known.version[item] < known.version[repealer]:
                found[item] = repealer
    return found


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else UNKNOWN


def _key(name: str, article: Article) -> int:
    places = "|".join("、".join(sorted(article.facets.get(facet, ()))) for facet in ("province", "city"))
    return hash64(f"{name}|{places}") or 1  # 0 is no official text
