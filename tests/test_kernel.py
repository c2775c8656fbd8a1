"""The compiled inner loops refuse what does not fit instead of overrunning it."""

from __future__ import annotations

import numpy as np
import pytest

from search.kernel import _kernel as compiled

pytestmark = pytest.mark.usefixtures("compiled_kernel")


def u32(items) -> np.ndarray:
    return np.array(items, np.uint32)


def i64(items) -> np.ndarray:
    return np.array(items, np.int64)


ZONES = np.array([1, 2, 4, 0], np.uint8)
FLOATS, BYTES, WORDS, LONGS = (np.zeros(2, dtype) for dtype in (np.float32, np.uint8, np.uint32, np.int64))


def score(terms, hits) -> None:
    compiled.score(terms, hits, WORDS, WORDS, ZONES, WORDS.copy(), FLOATS.copy(), FLOATS.copy())


@pytest.mark.parametrize(
    "call",
    [
        lambda: compiled.intersect([LONGS], LONGS),
        lambda: compiled.intersect([WORDS], LONGS[:1]),
        lambda: compiled.intersect([WORDS] * 1000, LONGS),
        lambda: compiled.unite(WORDS, WORDS, WORDS),
        lambda: compiled.fresh(WORDS, BYTES, LONGS[:1]),
        lambda: compiled.hold(i64([5]), [WORDS], np.ones(1), WORDS, np.ones(1)),
        lambda: compiled.hold(i64([-1]), [WORDS], np.ones(1), WORDS, np.ones(1)),
        lambda: compiled.hold(LONGS[:1], [WORDS], np.ones(0), WORDS, np.ones(1)),
        lambda: compiled.phrase([WORDS], LONGS[:0], WORDS.copy()),
        lambda: compiled.owners(WORDS, WORDS, WORDS, ZONES, WORDS[:1].copy(), BYTES.copy()),
        lambda: compiled.score(
            [(FLOATS, [])], i64([7]), WORDS, WORDS, ZONES, WORDS.copy(), FLOATS.copy(), FLOATS.copy()
        ),
        lambda: compiled.score(
            [(FLOATS[:0], [])], LONGS[:1], WORDS, WORDS, ZONES, WORDS.copy(), FLOATS.copy(), FLOATS.copy()
        ),
        lambda: score([(FLOATS, [(WORDS, BYTES[:1], 1.0)])], LONGS[:1]),
        lambda: compiled.owners(WORDS, WORDS, WORDS, ZONES[:3], WORDS.copy(), BYTES.copy()),
        lambda: compiled.top(FLOATS[:1], WORDS, LONGS, LONGS.copy()),
        lambda: compiled.top(FLOATS, WORDS, i64([0, 9]), LONGS.copy()),
        lambda: compiled.texts(BYTES, WORDS, i64([7])),
        lambda: compiled.texts(BYTES, u32([0, 9]), i64([0])),
        lambda: compiled.spread(LONGS, ["甲"], [1]),
    ],
)
def test_what_does_not_fit_is_refused(call):
    with pytest.raises(ValueError, match=r"too small|items of|too many"):
        call()
    assert not WORDS.any() and not LONGS.any() and not BYTES.any() and not FLOATS.any()


def test_read_only_arrays_are_never_written_to():
    frozen = np.zeros(2, np.int64)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        compiled.intersect([WORDS], frozen)
