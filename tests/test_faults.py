"""Operations that go wrong while an index is written: nothing is lost, nothing is wrong, and the message is plain.

The program is `tests/faults/operations.py`; `make torture` runs all of it.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from faults.operations import COMMANDS, Outcome, Task, compiled_shim, outcomes

STEP = 10


@pytest.fixture(scope="module")
def shim(c_compiler: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled_shim(tmp_path_factory.mktemp("shim"))


def struck(shim: Path, folder: Path, tasks: list[Task]) -> list[Outcome]:
    found = list(outcomes(shim, folder, tasks))
    assert [one for one in found if one.problems] == []
    assert Counter(one.operation == "" for one in found)[True] == len(tasks), "each went on to the end of the command"
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_before_any_change_a_reindex_leaves_the_old_index_or_the_new(
    shim: Path, tmp_path: Path, command: str
) -> None:
    found = struck(shim, tmp_path / "scene", [Task(command, "stop", after=3)])
    assert len(found) > 120
    # Old up to the rename of CURRENT, new from then on.
    switch = [one.operation for one in found].index("rename CURRENT")
    assert {one.index for one in found[: switch + 1]} == {"old"}
    assert {one.index for one in found[switch + 1 :]} == {"new"}


def test_a_reindex_in_which_an_operation_goes_wrong_leaves_the_old_index_or_the_new(shim: Path, tmp_path: Path) -> None:
    """Every tenth, and those move from run to run."""
    seed = int(os.environ.get("YIBAO_SEED") or random.SystemRandom().randrange(1000))
    print(f"YIBAO_SEED={seed}")
    chance = random.Random(seed)
    tasks = [
        Task(command, fault, chance.randint(1, STEP), STEP, 3)
        for command in COMMANDS
        for fault in ("kill", "EIO", "ENOSPC")
    ]
    found = struck(shim, tmp_path / "scene", tasks)
    assert {one.status for one in found if one.fault == "kill" and one.operation} == {-9}
    full = [one for one in found if one.fault == "ENOSPC" and one.operation]
    assert {"No space left on device" in one.message for one in full if one.index == "old"} == {True}
