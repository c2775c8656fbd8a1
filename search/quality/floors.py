"""Floors: the least scores that a set must have, by measure and class. `docs/evaluation.md` says when to move one."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..indexing.build import shipped_seeds
from .scores import Evaluation

FLOORS = "floors.toml"
"""Name of the shipped file, in the folder of the seeds."""


def shipped_floors() -> dict[str, dict[str, Any]]:
    """Return the floors that come with the program."""
    return load_floors(shipped_seeds() / FLOORS)


def load_floors(path: Path) -> dict[str, dict[str, Any]]:
    """Read the floors: a table for each set, by the set's name. Raises SourceError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(str(path), str(error)) from error


def below_floors(evaluation: Evaluation, floors: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every measure of `evaluation` that lies below its floor.

    `floors` is the table of this set in `seeds/floors.toml`: `ndcg`, `mrr`, `recall` hold floors by class (`overall`:
    all queries; `each`: any class that is not named), `broad` how many queries may be too broad, `told` the share of
    the queries without an answer whose readers are told so.
    """
    found = {"overall": evaluation.overall(), **evaluation.classes()}
    failures = []
    for measure in ("ndcg", "mrr", "recall"):
        least = dict(floors.get(measure, {}))
        each = least.pop("each", None)
        if each is not None:
            least = {kind: each for kind in found if kind != "overall"} | least
        for kind, floor in least.items():
            value = getattr(found[kind], measure) if kind in found else 0.0
            if value < floor:
                failures.append(f"{measure} of {kind} is {value:.3f}, below its floor {floor:g}")
    if evaluation.told() < floors.get("told", 0.0):
        failures.append(
            f"of the queries without an answer {evaluation.told():.3f} are told so, {floors['told']:g} must be"
        )
    if (broad := len(evaluation.broad())) > floors.get("broad", math.inf):
        failures.append(f"{broad} queries return more than a third of the collection, {floors['broad']} may")
    return failures
