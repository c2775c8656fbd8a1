"""The compiled inner loops against plain Python, and that they refuse what does not fit instead of overrunning it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engines.whoosh import kernel
from search.engines.whoosh.inversion import IN_TITLE, MAX_FREQUENCY, ZONE_WEIGHTS, documents_of

pytestmark = pytest.mark.usefixtures("compiled_kernel")
compiled = kernel.compiled

DOCUMENTS = 40
postings = st.sets(st.integers(0, DOCUMENTS - 1)).map(sorted)
lists = st.lists(postings, min_size=1, max_size=5)
hit_lists = st.lists(st.integers(0, DOCUMENTS - 1), unique=True)
floats = st.floats(0.125, 8, width=16)
STARTS = np.arange(0, (DOCUMENTS + 1) * 100, 100, dtype=np.uint32)
"""Documents of a hundred positions each."""
COARSE = (np.arange(0, DOCUMENTS * 100 + 64, 64) // 100).clip(max=DOCUMENTS - 1).astype(np.uint32)
places = st.sets(st.integers(0, DOCUMENTS * 100 - 1)).map(sorted)


def u32(items) -> np.ndarray:
    return np.array(items, np.uint32)


def i64(items) -> np.ndarray:
    return np.array(items, np.int64)


def room(dtype) -> np.ndarray:
    return np.zeros(DOCUMENTS, dtype)


@given(st.sets(st.text(max_size=4).map(str.encode)), st.text(max_size=4).map(str.encode), st.sampled_from((4, 8)))
def test_find(strings, wanted, size):
    ordered = sorted(strings)
    text = np.frombuffer(b"".join(ordered), np.uint8)
    offsets = np.cumsum([0, *map(len, ordered)]).astype(f"u{size}")
    expected = ordered.index(wanted) if wanted in strings else -1
    assert compiled.find(text, offsets, wanted) == expected


@given(st.sets(st.integers(0, 2**42)), st.integers(0, 2**42))
def test_rank(keys, wanted):
    ordered = sorted(keys)
    for key in [*ordered[:3], wanted]:
        assert compiled.rank(np.array(ordered, np.uint64), key) == (ordered.index(key) if key in keys else -1)


@given(st.lists(st.text(max_size=3), max_size=6), st.data())
def test_texts(strings, data):
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.uint32)
    wanted = data.draw(st.lists(st.integers(0, len(strings) - 1), max_size=5)) if strings else []
    text = np.frombuffer(b"".join(encoded), np.uint8)
    assert compiled.texts(text, offsets, i64(wanted)) == [strings[number] for number in wanted]


@given(lists)
def test_intersect_and_unite(some):
    some.sort(key=len)
    out = np.empty(len(some[0]), np.int64)
    found = out[: compiled.intersect([u32(each) for each in some], out)]
    assert found.tolist() == sorted(set(some[0]).intersection(*some[1:]))
    out = np.empty(len(some[0]) + len(some[-1]), np.uint32)
    assert out[: compiled.unite(u32(some[0]), u32(some[-1]), out)].tolist() == sorted({*some[0], *some[-1]})


@given(lists)
def test_fresh_gives_each_document_once(some):
    seen, given_out = room(np.uint8), []
    for each in some:
        out = np.empty(len(each), np.int64)
        given_out += out[: compiled.fresh(u32(each), seen, out)].tolist()
    assert sorted(given_out) == sorted(set().union(*some)) == seen.nonzero()[0].tolist()


@given(hit_lists, lists, st.data())
def test_hold_adds_the_weights_of_what_a_hit_carries(hits, some, data):
    weights = data.draw(st.lists(floats, min_size=len(some), max_size=len(some)))
    out, slots = np.zeros(len(hits)), room(np.uint32)
    compiled.hold(i64(hits), [u32(each) for each in some], np.array(weights), slots, out)
    assert out.tolist() == [
        sum(weight for each, weight in zip(some, weights, strict=True) if hit in each) for hit in hits
    ]
    assert not slots.any()


@given(lists, st.data())
def test_phrase_finds_where_every_list_has_its_offset(some, data):
    offsets = data.draw(
        st.lists(st.integers(0, 7), min_size=len(some), max_size=len(some), unique=True).filter(
            lambda chosen: 0 in chosen
        )
        if len(some) > 1
        else st.just([0])
    )
    some = sorted(zip(some, offsets, strict=True), key=lambda pair: len(pair[0]))
    packed = [u32([place << 2 | (place + offset) % 3 for place in each]) for each, offset in some]
    out = np.empty(len(packed[0]), np.uint32)
    found = out[: compiled.phrase(packed, i64([offset for _, offset in some]), out)]
    starts = [s for s in range(DOCUMENTS) if all(s + offset in each for each, offset in some)]
    assert found.tolist() == [start << 2 | start % 3 for start in starts]


def by_document(packed: np.ndarray) -> tuple[list[int], list[int]]:
    sums: dict[int, int] = {}
    for place in packed.tolist():
        sums[(place >> 2) // 100] = sums.get((place >> 2) // 100, 0) + int(ZONE_WEIGHTS[place & 3])
    return sorted(sums), [min(sums[doc], MAX_FREQUENCY) for doc in sorted(sums)]


@given(places, st.randoms())
def test_owners_and_gather_sum_up_places(some, mixed):
    packed = u32([place << 2 | place % 3 for place in some])
    docs, tf = np.empty(len(packed) + 1, np.uint32), np.empty(len(packed) + 1, np.uint8)
    found = compiled.owners(packed, COARSE, STARTS, docs, tf)
    assert (docs[:found].tolist(), tf[:found].tolist()) == by_document(packed)
    assert set(documents_of(packed >> 2, COARSE, STARTS).tolist()) == set(docs[:found].tolist())
    shuffled, marks = packed.tolist(), room(np.uint8)
    mixed.shuffle(shuffled)
    found = compiled.gather(u32(shuffled), COARSE, STARTS, marks, docs, tf)
    assert (docs[:found].tolist(), tf[:found].tolist()) == by_document(packed)
    assert not marks.any()


def test_frequencies_stop_at_what_fits_a_byte():
    packed = u32([place << 2 | 2 for place in range(100)])  # in the title, so four times as heavy
    docs, tf = np.empty(100, np.uint32), np.empty(100, np.uint8)
    assert compiled.owners(packed, COARSE, STARTS, docs, tf) == 1
    assert tf[0] == MAX_FREQUENCY


@given(hit_lists, st.lists(st.lists(st.tuples(postings, floats), min_size=1, max_size=3), max_size=3), places)
def test_score_sums_the_best_form_of_each_clause(hits, clauses, some):
    norms = np.linspace(0.25, 2, DOCUMENTS, dtype=np.float32)
    packed = u32([place << 2 for place in some])
    docs, frequencies = by_document(packed)
    expected = []
    for hit in hits:
        total = sum(
            max((factor * (hit % 5 + 1) / (hit % 5 + 1 + norms[hit]) if hit in docs else 0) for docs, factor in forms)
            for forms in clauses
        )
        tf = dict(zip(docs, frequencies, strict=True)).get(hit, 0)
        expected.append(total + 1.5 * tf / (tf + norms[hit]))
    given_clauses = [
        (norms, [(u32(docs), (np.array(docs, int) % 5 + 1).astype(np.uint8), factor) for docs, factor in forms])
        for forms in clauses
    ]
    slots, best, out = room(np.uint32), np.zeros(len(hits), np.float32), np.zeros(len(hits), np.float32)
    compiled.score([*given_clauses, (norms, [(packed, None, 1.5)])], i64(hits), COARSE, STARTS, slots, best, out)
    assert out.tolist() == pytest.approx(expected, rel=1e-5)
    assert not slots.any() and not best.any()


@given(st.lists(st.lists(st.integers(1, 6), unique=True, max_size=4), min_size=1, max_size=5), st.data())
def test_rescore_reads_the_characters_of_each_hit(texts, data):
    wanted = data.draw(st.lists(st.integers(1, 6), unique=True, max_size=4))
    hits = data.draw(st.lists(st.integers(0, len(texts) - 1), unique=True))
    codes = np.array([code for text in texts for code in sorted(text)], np.uint16)
    tf = (codes % 3 + 1 + IN_TITLE * (codes % 2)).astype(np.uint8)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.uint32)
    norms, factors = np.ones(len(texts), np.float32), np.array(wanted, np.float32)
    ranks, scores = np.zeros(1 << 16, np.uint8), np.zeros(len(hits), np.float32)
    common, titles = np.zeros((2, len(hits)), np.int64)
    compiled.rescore(offsets, codes, tf, i64(hits), i64(wanted), factors, norms, ranks, scores, common, titles)
    held = [[code for code in texts[hit] if code in wanted] for hit in hits]
    assert scores.tolist() == pytest.approx([sum(c * (c % 3 + 1) / (c % 3 + 2) for c in codes) for codes in held])
    assert common.tolist() == [sum(code % 2 for code in codes) for codes in held]
    assert titles.tolist() == [sum(code % 2 for code in texts[hit]) for hit in hits]
    assert not ranks.any()


@given(hit_lists, st.sampled_from((np.uint16, np.uint32)))
def test_count_and_spread(hits, dtype):
    rows = np.array([[doc % 3, 3 + doc % 4] for doc in range(DOCUMENTS)], dtype)
    counts = np.zeros(7, np.int64)
    compiled.count(rows, 2, i64(hits), counts)
    expected = [sum(doc % 3 == value for doc in hits) for value in range(3)]
    expected += [sum(doc % 4 == value for doc in hits) for value in range(4)]
    assert counts.tolist() == expected
    names = ["甲", "", "丙", "丁", "戊", "己", "庚"]
    found = compiled.spread(counts, names, [3, 7])
    assert found == [
        {names[n]: expected[n] for n in part if expected[n] and names[n]} for part in (range(3), range(3, 7))
    ]


@given(st.lists(st.integers(0, 3), max_size=DOCUMENTS), st.integers(0, 12), st.permutations(range(DOCUMENTS)))
def test_top_orders_by_score_then_rank(scores, most, ranks):
    hits = list(range(len(scores)))
    out = np.empty(min(most, len(hits)), np.int64)
    found = compiled.top(np.array(scores, np.float32), u32(ranks), i64(hits), out)
    assert found == len(out)
    assert out.tolist() == sorted(hits, key=lambda hit: (-scores[hit], ranks[hit]))[:most]


FLOATS, BYTES, WORDS, LONGS = (np.zeros(2, dtype) for dtype in (np.float32, np.uint8, np.uint32, np.int64))


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
        lambda: compiled.owners(WORDS, WORDS, WORDS, WORDS[:1].copy(), BYTES.copy()),
        lambda: compiled.score([(FLOATS, [])], i64([7]), WORDS, WORDS, WORDS.copy(), FLOATS.copy(), FLOATS.copy()),
        lambda: compiled.score([(FLOATS[:0], [])], LONGS[:1], WORDS, WORDS, WORDS.copy(), FLOATS.copy(), FLOATS.copy()),
        lambda: compiled.score(
            [(FLOATS, [(WORDS, BYTES[:1], 1.0)])], LONGS[:1], WORDS, WORDS, WORDS.copy(), FLOATS.copy(), FLOATS.copy()
        ),
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
