"""The judged sets that are known by name: the shipped one, and those that a file declares.

A table of such a file (`judged/sets.toml` in a checkout; it is not installed) is a set:

- `judgements`: what `load_judgements` reads;
- `articles`: the file or folder that is searched, where it is not the one that goes with the judgements;
- `ids`: a file of one id a line; only these records are searched, without the fields that `omit` lists;
- `split`: only the queries of this split.

Paths are relative to the file. Articles are mostly larger than may lie in a checkout, so a set may be at hand or not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..indexing.build import shipped_seeds
from .judgements import JUDGEMENTS, Judged, load_judgements, load_queries
from .samples import Sample

DECLARED = Path(__file__).parent / "judged" / "sets.toml"

_PATHS = ("judgements", "articles", "ids")
_KEYS = dict.fromkeys((*_PATHS, "split"), str) | {"omit": list}


@dataclass(frozen=True, slots=True)
class JudgedSets:
    """The sets of a file that are at hand, and by name of each other one the path that is not there."""

    sets: tuple[Judged, ...]
    absent: Mapping[str, Path]


def sets_at_hand() -> JudgedSets:
    """Return the shipped set, and those of `DECLARED` where that is there. Raises SourceError."""
    seeds = load_judgements(shipped_seeds() / JUDGEMENTS)
    declared = load_sets(DECLARED) if DECLARED.is_file() else JudgedSets((), {})
    return replace(declared, sets=(seeds, *declared.sets))


def load_sets(path: Path) -> JudgedSets:
    """Read the sets that a file declares. Raises SourceError for what is malformed, not for what is absent."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(str(path), str(error)) from error
    sets, absent = [], {}
    for name, table in tables.items():
        places = _places(path, name, table)
        missing = next((place for place in places.values() if not place.exists()), None)
        if missing is None:
            sets.append(_judged(name, places, table))
        else:
            absent[name] = missing
    return JudgedSets(tuple(sets), absent)


def _places(path: Path, name: str, table: Any) -> dict[str, Path]:
    """Return the paths of a declared set, by key. Raises SourceError if it is not declared right."""
    if not isinstance(table, dict) or "judgements" not in table:
        raise SourceError(str(path), f"the set {name!r} has no judgements")
    for key, value in table.items():
        if not isinstance(value, _KEYS.get(key, ())):
            raise SourceError(str(path), f"the set {name!r} has {key} = {value!r}, which says nothing")
    return {key: path.parent / table[key] for key in _PATHS if key in table}


def _judged(name: str, places: Mapping[str, Path], table: Mapping[str, Any]) -> Judged:
    split = table.get("split", "")
    sample = _sample(places, table)
    if "articles" not in places:
        return replace(load_judgements(places["judgements"], split), name=name, sample=sample)
    return Judged(name, load_queries(places["judgements"], split), (places["articles"],), sample)


def _sample(places: Mapping[str, Path], table: Mapping[str, Any]) -> Sample | None:
    if "ids" not in places:
        return None
    ids = places["ids"].read_text(encoding="utf-8").splitlines()
    return Sample(frozenset(ids), frozenset(table.get("omit", ())))


def find_set(name: str, split: str = "") -> Judged:
    """Return the set of this name, or else the one that `load_judgements` reads at this path.

    A `split` is one of a path. Raises SourceError if it is neither, or a set whose articles are not there.
    """
    known = sets_at_hand()
    if not split and name in known.absent:
        raise SourceError(name, f"the set cannot be run, there is no {known.absent[name].resolve()}")
    named = (judged for judged in known.sets if judged.name == name and not split)
    return next(named, None) or load_judgements(Path(name), split)
