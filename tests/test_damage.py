"""One changed byte anywhere in a build: a plain error or the same answers, never a signal, never a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from faults.flips import flipped

from search.engines.whoosh import WhooshEngine, verify
from search.engines.whoosh.generations import CURRENT, current_build
from search.errors import IndexDamaged, IndexUnavailable
from search.indexing.build import reindex
from search.indexing.builds import open_current
from search.storage import structure
from search.storage.container import Array, Container, ContainerWriter

SEED = 20261130


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two segments, with deleted documents, groups of near-duplicates, citations and every facet."""
    return make_build(tmp_path_factory.mktemp("damage"))


def make_build(root: Path) -> Path:
    """Index articles of every kind, and change one, so that each file of a build is there."""
    folder = root / "articles"
    folder.mkdir()
    for number in range(40):
        _write(
            folder, number, f"第{number}条：大连市职工医保门诊统筹报销，起付线{number}00元，异地就医备案2025年bj。" * 3
        )
    _write(folder, 40, "依据《社会保险法》，鞍山市居民医保住院报销比例与沈阳市相同，详见公告。")
    for number in (41, 42):
        _write(folder, number, "医保卡丢失以后先挂失，再到社保中心补办，也可以使用电子凭证就医购药。")
    reindex([folder], root / "index")
    _write(folder, 3, "第3条：生育津贴由生育保险基金支付，抚顺市灵活就业人员按规定办理。")
    reindex([folder], root / "index", changed=True)
    build = current_build(root / "index")
    names = ["MAIN_0000.1.deleted", "MAIN_0000.arrays", "MAIN_0001.arrays", "_MAIN_1.toc", "groups.bin", "index.json"]
    assert sorted(path.name for path in build.iterdir()) == [*names, "manifest.bin", "suggestions.bin"]
    return build


def _write(folder: Path, number: int, body: str) -> None:
    title = "《社会保险法》" if number == 0 else f"大连医保问答{number}"
    head = f"---\ntitle: {title}\ndate: 2025-03-{number % 28 + 1:02}\ntopic: [门诊, 住院]\n---\n"
    (folder / f"{number}.md").write_text(f"{head}{body}\n", "utf-8")


def test_no_changed_byte_of_a_small_build_goes_unnoticed(build: Path) -> None:
    """Checksums of a small build are compared when it is opened, and doctor compares all of any."""
    found = flipped(build, SEED, 1, "thorough")
    assert [one for one in found if one["outcome"] not in ("damaged", "same")] == []
    assert [one for one in found if not one["noticed"]] == []
    assert len({(one["file"], one["part"]) for one in found}) > 90


@pytest.mark.parametrize("kernel", ["", "off"], ids=["compiled", "arrays"])
def test_structure_alone_keeps_every_reader_inside(build: Path, kernel: str) -> None:
    """As for a large build, whose checksums are not compared when it is opened. What is in range is noticed later."""
    found = flipped(build, SEED, 1, "structure", YIBAO_KERNEL=kernel)
    unnoticed = [one for one in found if one["outcome"] == "other"]
    for one in unnoticed:
        print("other answers, in range:", one)
    assert [one for one in found if one["outcome"] not in ("damaged", "same", "other")] == []
    assert [one for one in found if not one["noticed"]] == []
    assert {one["file"] for one in unnoticed} <= {"MAIN_0000.arrays", "MAIN_0001.arrays", "suggestions.bin"}
    assert not {one["part"] for one in unnoticed} & ALWAYS_COMPARED


def test_no_changed_bit_of_the_pointer_goes_unnoticed(build: Path, tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    shutil.copytree(build.parents[1], index_dir)
    pointer = index_dir / CURRENT
    whole = pointer.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            pointer.write_bytes(changed)
            if changed.decode("ascii", "replace").strip() != build.name:
                with pytest.raises(IndexUnavailable, match="Run: yibao reindex SOURCES… --index-dir "):
                    open_current(index_dir)


ALWAYS_COMPARED = {"header", "table", "store", "ids", "id_offsets", "id_order"}
"""Parts of a segment whose checksums are compared however large it is; of `store`, when a block is read."""


def altered(build: Path, target: Path, change: Callable[[dict[str, Array]], None]) -> Path:
    """Return a copy of a build of which the first segment holds other arrays, each with its right checksum."""
    shutil.copytree(build, target)
    path = target / "MAIN_0000.arrays"
    old = Container(path)
    arrays = {name: array.copy() for name, array in old.arrays.items()}
    change(arrays)
    path.unlink()
    writer = ContainerWriter(path)
    for name, array in arrays.items():
        writer.add(name, array)
    writer.close(old.meta)
    return target


def put(name: str, index: int, value: int) -> Callable[[dict[str, Array]], None]:
    """Return a change of one item."""

    def change(arrays: dict[str, Array]) -> None:
        arrays[name][index] = value

    return change


def swap(name: str, left: int, right: int) -> Callable[[dict[str, Array]], None]:
    """Return a change of the order of two items."""

    def change(arrays: dict[str, Array]) -> None:
        arrays[name][[left, right]] = arrays[name][[right, left]]

    return change


# The segment holds 43 documents, numbers 0 to 42.
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("store_first", put("store_first", -1, 44)),
        ("store_offsets", put("store_offsets", 0, 1)),
        ("starts", put("starts", 0, 1)),
        ("starts", swap("starts", 1, 2)),
        ("coarse", put("coarse", 0, 42)),
        ("coarse", put("coarse", 0, 43)),
        ("word_text_offsets", put("word_text_offsets", -1, 0)),
        ("word_text", put("word_text", 0, 0xFF)),
        ("word_offsets", swap("word_offsets", 1, 2)),
        ("word_docs", put("word_docs", 0, 43)),
        ("word_tf", put("word_tf", 0, 0)),
        ("bigram_keys", swap("bigram_keys", 0, 1)),
        ("bigram_keys", put("bigram_keys", -1, 1 << 42)),
        ("bigram_offsets", put("bigram_offsets", 1, 1 << 31)),
        ("bigram_df", put("bigram_df", 0, 0)),
        ("bigram_df", put("bigram_df", 0, 1 << 20)),
        ("bigram_places", put("bigram_places", 0, (1 << 32) - 4)),
        ("bigram_places", put("bigram_places", 0, 3)),
        ("char_offsets", swap("char_offsets", 1, 2)),
        ("char_codes", swap("char_codes", 0, 1)),
        ("char_tf", put("char_tf", 0, 128)),
        ("char_keys", swap("char_keys", 0, 1)),
        ("char_df", put("char_df", 0, 1000)),
        ("id_offsets", put("id_offsets", 1, 1000)),
        ("ids", put("ids", 0, 0x80)),
        ("id_order", put("id_order", 0, 43)),
        ("id_order", put("id_order", 0, 1)),
        ("dates", put("dates", 0, -1)),
        ("dates", put("dates", 0, 3_652_060)),
        ("newest", put("newest", 0, 1 << 31)),
        ("words_lengths", put("words_lengths", 0, 0)),
        ("bigrams_lengths", put("bigrams_lengths", 0, 0)),
        ("full", put("full", 0, 2)),
        ("direction", put("direction", 0, 3)),
        ("citing", put("citing", 0, 43)),
        ("facets", put("facets", 0, 1000)),
        ("facet_topic_more", put("facet_topic_more", 0, 1000)),
        ("facet_topic_more_docs", put("facet_topic_more_docs", -1, 43)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_rule_of_the_structure_is_kept(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[dict[str, Array]], None]
) -> None:
    """With right checksums, as a fault of the writer would leave it: doctor sees it, so does opening a large file."""
    copy = altered(build, tmp_path / "copy", change)
    with pytest.raises(IndexDamaged, match=rf"MAIN_0000.arrays: the array {name} is damaged \(.*yibao reindex"):
        verify(copy)
    monkeypatch.setattr(structure, "SMALL", 0)
    with pytest.raises(IndexDamaged, match=rf"the array {name} is damaged"):
        WhooshEngine.open(copy)


def test_an_array_that_is_missing_or_of_another_size_or_type_is_damage(build: Path, tmp_path: Path) -> None:
    def shorter(arrays: dict[str, Array]) -> None:
        arrays["dates"] = arrays["dates"][1:]

    def wider(arrays: dict[str, Array]) -> None:
        arrays["dates"] = arrays["dates"].astype("<i8")

    def missing(arrays: dict[str, Array]) -> None:
        del arrays["dates"]

    for number, (change, said) in enumerate(
        ((shorter, "has 42 items"), (wider, "another type"), (missing, r"\(dates\)"))
    ):
        with pytest.raises(IndexDamaged, match=said):
            WhooshEngine.open(altered(build, tmp_path / str(number), change))


def test_groups_and_deletions_of_other_segments_are_damage(build: Path, tmp_path: Path) -> None:
    groups = {"group": [0, 0], "segment": [0, 0], "document": [1, 43]}
    for number, (name, arrays) in enumerate(
        (
            ("groups.bin", groups),
            ("groups.bin", groups | {"segment": [0, 2], "document": [1, 2]}),
            ("MAIN_0000.1.deleted", {"deleted": [43]}),
            ("MAIN_0000.1.deleted", {"deleted": [3, 4]}),
        )
    ):
        copy = tmp_path / str(number)
        shutil.copytree(build, copy)
        (copy / name).unlink()
        writer = ContainerWriter(copy / name)
        for key, items in arrays.items():
            writer.add(key, np.array(items, np.uint32))
        writer.close({})
        with pytest.raises(IndexDamaged):
            WhooshEngine.open(copy)
