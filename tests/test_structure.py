"""What is declared of arrays, and what checking them costs, where they are large."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from search.arrays import Array
from search.engines.whoosh.segment import conditions_kept
from search.storage.container import Container, ContainerWriter
from search.storage.strings import encode_strings
from search.storage.structure import Known, Utf8

TEXTS = [*map("医保报销{}".format, range(20_000)), "", "三十八万字节", "\ud800"]


def holds(blob: Array, offsets: Array) -> bool:
    return Utf8("offsets").holds(blob, Known({"offsets": offsets}, {}))


def test_long_texts_are_read_in_pieces() -> None:
    assert holds(*encode_strings(TEXTS))
    assert holds(*encode_strings([]))
    assert holds(*encode_strings(["一" * 200_000]))


@pytest.mark.parametrize("place", [0, 1, 200_000, -4, -1])
def test_a_byte_that_is_no_text_is_found_wherever_it_stands(place: int) -> None:
    blob, offsets = encode_strings(TEXTS)
    damaged = blob.copy()
    damaged[place] = 0xFF
    assert not holds(damaged, offsets)


def test_no_text_begins_within_a_character() -> None:
    blob, offsets = encode_strings(TEXTS)
    moved = offsets.copy()
    moved[15_000] += 1
    assert not holds(blob, moved)


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds of a file is asked of Linux")
def test_a_file_that_was_verified_takes_no_memory_any_more(tmp_path: Path) -> None:
    path = tmp_path / "arrays"
    writer = ContainerWriter(path)
    writer.add("numbers", np.arange(1 << 20))
    writer.close({})
    container = Container(path)

    def held() -> int:
        maps = Path("/proc/self/smaps").read_text("utf-8")
        return sum(int(size) for size in re.findall(rf"{re.escape(str(path))}\n.*?\nRss: +(\d+) kB", maps, re.S))

    assert int(container.arrays["numbers"].sum()) == (1 << 19) * ((1 << 20) - 1)
    assert held() > 8_000
    container.verify()
    assert held() < 100
    assert int(container.arrays["numbers"][-1]) == (1 << 20) - 1


@pytest.mark.parametrize(("documents", "kept"), [(0, 64), (1, 64), (500_000, 33), (2_000_000, 8), (90_000_000, 8)])
def test_masks_of_conditions_are_kept_as_far_as_there_is_room(documents: int, kept: int) -> None:
    assert conditions_kept(documents) == kept
