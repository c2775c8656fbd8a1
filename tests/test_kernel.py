"""The compiled inner loops refuse what does not fit instead of overrunning it."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import IndexDamaged
from search.kernel import _kernel as compiled

pytestmark = pytest.mark.usefixtures("compiled_kernel")

DOCUMENTS = 40
hit_lists = st.lists(st.integers(0, DOCUMENTS - 1), unique=True)
STARTS = np.arange(0, (DOCUMENTS + 1) * 100, 100, dtype=np.uint32)
"""Documents of a hundred positions each."""
COARSE = (np.arange(0, DOCUMENTS * 100 + 64, 64) // 100).clip(max=DOCUMENTS - 1).astype(np.uint32)


def u32(items) -> np.ndarray:
    return np.array(items, np.uint32)


def i64(items) -> np.ndarray:
    return np.array(items, np.int64)


ZONES = np.array([1, 2, 4, 0], np.uint8)
FLOATS, BYTES, WORDS, LONGS = (np.zeros(2, dtype) for dtype in (np.float32, np.uint8, np.uint32, np.int64))


def score_small(terms, hits) -> None:
    compiled.score(terms, hits, WORDS, WORDS, ZONES, WORDS.copy(), FLOATS.copy(), FLOATS.copy())


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled.intersect([LONGS], LONGS),
        lambda: compiled.intersect([WORDS], LONGS[:1]),
        lambda: compiled.intersect([WORDS] * 1000, LONGS),
        lambda: compiled.unite(WORDS, WORDS, WORDS),
        lambda: compiled.fresh(WORDS, BYTES, LONGS[:1]),
        lambda: compiled.hold(LONGS[:1], [WORDS], np.ones(0), WORDS, np.ones(1)),
        lambda: compiled.phrase([WORDS], LONGS[:0], WORDS.copy()),
        lambda: compiled.owners(WORDS, WORDS, WORDS, ZONES, WORDS[:1].copy(), BYTES.copy()),
        lambda: score_small([(FLOATS[:0], [])], LONGS[:1]),
        lambda: score_small([(FLOATS, [(WORDS, BYTES[:1], 1.0)])], LONGS[:1]),
        lambda: compiled.owners(WORDS, WORDS, WORDS, ZONES[:3], WORDS.copy(), BYTES.copy()),
        lambda: compiled.top(FLOATS[:1], WORDS, LONGS, LONGS.copy()),
        lambda: compiled.texts(BYTES, WORDS, i64([7])),
        lambda: compiled.spread(LONGS, ["甲"], [1]),
    ],
)
def test_what_does_not_fit_is_refused(call):
    with pytest.raises(ValueError, match=r"too small|items of|too many"):
        call()
    assert not WORDS.any() and not LONGS.any() and not BYTES.any() and not FLOATS.any()


TEXT = np.frombuffer("医保".encode(), np.uint8)
HUGE = np.array([0, 2**63, 2**64 - 1], np.uint64)


def rescore(offsets, codes, tf, hits):
    room_for = [np.zeros(len(hits), dtype) for dtype in (np.float32, np.int64, np.int64)]
    ranks, norms = np.zeros(1 << 16, np.uint8), np.ones(DOCUMENTS, np.float32)
    return compiled.rescore(
        offsets, codes, tf, i64(hits), i64([]), np.zeros(0, np.float32), norms, 128, ranks, *room_for
    )


def score(hits, form):
    norms, slots, best, out = (np.zeros(DOCUMENTS, dtype) for dtype in (np.float32, np.uint32, np.float32, np.float32))
    compiled.score([(norms, [form])], i64(hits), COARSE, STARTS, ZONES, slots, best, out)
    return out


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled.find(TEXT, u32([0, 9]), b"a"),
        lambda: compiled.find(TEXT, u32([4, 2]), b"a"),
        lambda: compiled.find(TEXT, HUGE, b"a"),
        lambda: compiled.texts(TEXT, u32([0, 9]), i64([0])),
        lambda: compiled.texts(TEXT, u32([6, 3]), i64([0])),
        lambda: compiled.texts(TEXT, HUGE, i64([1])),
        lambda: compiled.texts(TEXT, u32([0, 4, 6]), i64([0, 1])),
        lambda: compiled.hold(i64([5]), [WORDS], np.ones(1), WORDS, np.ones(1)),
        lambda: compiled.hold(i64([-1]), [WORDS], np.ones(1), WORDS, np.ones(1)),
        lambda: score([DOCUMENTS], (u32([0]), np.ones(1, np.uint8), 1.0)),
        lambda: score([-1], (u32([0]), None, 1.0)),
        lambda: compiled.top(FLOATS, WORDS, i64([0, 9]), LONGS.copy()),
        lambda: rescore(u32([0, 9]), np.ones(3, np.uint16), np.ones(3, np.uint8), [0]),
        lambda: rescore(u32([0, 3]), np.ones(3, np.uint16), np.ones(2, np.uint8), [0]),
        lambda: rescore(u32([3, 1]), np.ones(3, np.uint16), np.ones(3, np.uint8), [0]),
        lambda: rescore(u32([0, 3]), np.ones(3, np.uint16), np.ones(3, np.uint8), [1]),
        lambda: rescore(HUGE, np.ones(3, np.uint16), np.ones(3, np.uint8), [0]),
        lambda: compiled.count(u32([0, 9]), 1, i64([1]), LONGS.copy()),
        lambda: compiled.count(u32([0, 1]), 1, i64([2]), LONGS.copy()),
        lambda: compiled.count(u32([0, 1]), 1, i64([-1]), LONGS.copy()),
    ],
)
def test_contents_that_point_outside_are_damage(call):
    with pytest.raises(IndexDamaged, match=r"^an array of the index is damaged\. Run: yibao reindex"):
        call()
    assert not WORDS.any() and not LONGS.any() and not BYTES.any() and not FLOATS.any()


anything = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20).map(u32)
any_bytes = st.binary(min_size=20, max_size=20).map(lambda data: np.frombuffer(data, np.uint8))


@given(anything, anything, st.tuples(anything, anything), any_bytes, hit_lists)
def test_no_contents_lead_outside(docs, places, layout, tf, hits):
    """Whatever postings and layouts hold, each function answers or says that they are damaged."""
    coarse, starts = layout
    documents = len(starts) - 1
    slots, best, out = (np.zeros(DOCUMENTS, dtype) for dtype in (np.uint32, np.float32, np.float32))
    norms, forms = np.ones(DOCUMENTS, np.float32), [(docs, tf, 1.0), (places, None, 1.0)]
    found, frequencies = np.zeros(40, np.uint32), np.zeros(40, np.uint8)
    seen = np.zeros(DOCUMENTS, np.uint8)
    calls = [
        lambda: compiled.score([(norms, forms)], i64(hits), coarse, starts, ZONES, slots, best, out),
        lambda: compiled.phrase([docs, places], i64([1, 0]), found),
        lambda: compiled.intersect([docs, places], np.zeros(40, np.int64)),
        lambda: compiled.unite(docs, places, found),
        lambda: compiled.fresh(docs, seen, np.zeros(40, np.int64)),
        lambda: compiled.hold(i64(hits), [docs, places], np.ones(2), slots, np.zeros(DOCUMENTS)),
    ]
    if documents:
        calls += [
            lambda: compiled.owners(places, coarse, starts, ZONES, found, frequencies),
            lambda: compiled.gather(places, coarse, starts, ZONES, np.zeros(DOCUMENTS, np.uint8), found, frequencies),
        ]
    for call in calls:
        with suppress(IndexDamaged, ValueError):  # ValueError: no documents at all
            call()
    assert not slots.any() and not best.any()


def test_read_only_arrays_are_never_written_to():
    frozen = np.zeros(2, np.int64)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        compiled.intersect([WORDS], frozen)
