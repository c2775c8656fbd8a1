"""The inner loops, compiled and in NumPy, against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.kernel import Layout, Loops, Scratch
from search.kernel.plain import MAX_FREQUENCY, PlainLoops
from search.kernel.sets import documents_of

SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
DOCUMENTS = 40
WEIGHTS = np.array([1, 2, 4, 0], np.uint8)
IN_TITLE = 128
postings = st.sets(st.integers(0, DOCUMENTS - 1)).map(sorted)
lists = st.lists(postings, min_size=1, max_size=5)
hit_lists = st.lists(st.integers(0, DOCUMENTS - 1), unique=True)
floats = st.floats(0.125, 8, width=16)
STARTS = np.arange(0, (DOCUMENTS + 1) * 100, 100, dtype=np.uint32)
"""Documents of a hundred positions each."""
COARSE = (np.arange(0, DOCUMENTS * 100 + 64, 64) // 100).clip(max=DOCUMENTS - 1).astype(np.uint32)
LAYOUT = Layout(COARSE, STARTS, WEIGHTS)
places = st.sets(st.integers(0, DOCUMENTS * 100 - 1)).map(sorted)


@pytest.fixture(scope="module", params=[pytest.param("native", marks=pytest.mark.kernel), "plain"])
def loops(request: pytest.FixtureRequest) -> Loops:
    if request.param == "plain":
        return PlainLoops()
    from search.kernel.native import NativeLoops

    return NativeLoops()


@pytest.fixture(scope="module")
def scratch() -> Scratch:
    return Scratch(DOCUMENTS)


@pytest.fixture(autouse=True)
def _left_as_it_was(scratch):
    yield
    assert not scratch.bytes.any() and not scratch.seen.any() and not scratch.slots.any()


def u32(items) -> np.ndarray:
    return np.array(items, np.uint32)


def i64(items) -> np.ndarray:
    return np.array(items, np.intp)


@SETTINGS
@given(st.sets(st.text(max_size=4).map(str.encode)), st.text(max_size=4).map(str.encode), st.sampled_from((4, 8)))
def test_find(loops, strings, wanted, size):
    ordered = sorted(strings)
    text = np.frombuffer(b"".join(ordered), np.uint8)
    offsets = np.cumsum([0, *map(len, ordered)]).astype(f"u{size}")
    assert loops.find(text, offsets, wanted) == (ordered.index(wanted) if wanted in strings else -1)


@SETTINGS
@given(st.sets(st.integers(0, 2**42)), st.integers(0, 2**42))
def test_rank(loops, keys, wanted):
    ordered = sorted(keys)
    for key in [*ordered[:3], wanted]:
        assert loops.rank(np.array(ordered, np.uint64), key) == (ordered.index(key) if key in keys else -1)


@SETTINGS
@given(st.lists(st.text(max_size=3), max_size=6), st.data())
def test_texts(loops, strings, data):
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.uint32)
    wanted = data.draw(st.lists(st.integers(0, len(strings) - 1), max_size=5)) if strings else []
    text = np.frombuffer(b"".join(encoded), np.uint8)
    assert loops.texts(text, offsets, i64(wanted)) == [strings[number] for number in wanted]


@SETTINGS
@given(lists)
def test_intersect_and_unite(loops, scratch, some):
    as_read = [loops.posting(u32(each)) for each in some]
    assert loops.intersect(as_read, scratch).tolist() == sorted(set(some[0]).intersection(*some[1:]))
    assert loops.unite(as_read, scratch).tolist() == sorted(set().union(*some))


@SETTINGS
@given(lists)
def test_fresh_gives_each_document_once(loops, some):
    seen, given_out = np.zeros(DOCUMENTS, np.bool_), []
    for each in some:
        given_out += loops.fresh(loops.posting(u32(each)), seen).tolist()
    assert sorted(given_out) == sorted(set().union(*some)) == seen.nonzero()[0].tolist()


@SETTINGS
@given(hit_lists, lists, st.data())
def test_hold_adds_the_weights_of_what_a_hit_carries(loops, scratch, hits, some, data):
    weights = data.draw(st.lists(floats, min_size=len(some), max_size=len(some)))
    held = loops.hold(i64(hits), [loops.posting(u32(each)) for each in some], weights, scratch)
    assert held.tolist() == [
        sum(weight for each, weight in zip(some, weights, strict=True) if hit in each) for hit in hits
    ]


@SETTINGS
@given(lists, st.data())
def test_phrase_finds_where_every_list_has_its_offset(loops, some, data):
    offsets = data.draw(
        st.lists(st.integers(0, 7), min_size=len(some), max_size=len(some), unique=True).filter(
            lambda chosen: 0 in chosen
        )
        if len(some) > 1
        else st.just([0])
    )
    packed = [
        u32([place << 2 | (place + offset) % 3 for place in each]) for each, offset in zip(some, offsets, strict=True)
    ]
    found = loops.phrase(list(zip(packed, offsets, strict=True)))
    starts = [
        start
        for start in range(DOCUMENTS)
        if all(start + offset in each for each, offset in zip(some, offsets, strict=True))
    ]
    assert found.tolist() == [start << 2 | start % 3 for start in starts]


def by_document(packed: np.ndarray) -> tuple[list[int], list[int]]:
    sums: dict[int, int] = {}
    for place in packed.tolist():
        sums[(place >> 2) // 100] = sums.get((place >> 2) // 100, 0) + int(WEIGHTS[place & 3])
    return sorted(sums), [min(sums[doc], MAX_FREQUENCY) for doc in sorted(sums)]


@SETTINGS
@given(places, st.randoms())
def test_owners_and_gather_sum_up_places(loops, scratch, some, mixed):
    packed = u32([place << 2 | place % 3 for place in some])
    docs, tf = loops.owners(packed, LAYOUT)
    assert (docs.tolist(), tf.tolist()) == by_document(packed)
    assert set(documents_of(packed >> 2, COARSE, STARTS).tolist()) == set(docs.tolist())
    shuffled = packed.tolist()
    mixed.shuffle(shuffled)
    docs, tf = loops.gather(u32(shuffled), LAYOUT, scratch)
    assert (docs.tolist(), tf.tolist()) == by_document(packed)


def test_frequencies_stop_at_what_fits_a_byte(loops):
    packed = u32([place << 2 | 2 for place in range(100)])  # in the title, so four times as heavy
    docs, tf = loops.owners(packed, LAYOUT)
    assert (docs.tolist(), tf.tolist()) == ([0], [MAX_FREQUENCY])


@pytest.mark.parametrize("weights", [(1, 2, 4, 0), (3, 1, 1, 0)])
def test_what_an_occurrence_counts_by_its_zone_is_an_argument(loops, scratch, weights):
    """One occurrence in the text, one in a heading, one in the title."""
    layout = LAYOUT._replace(weights=np.array(weights, np.uint8))
    packed = u32([0 << 2, 1 << 2 | 1, 2 << 2 | 2])
    assert loops.owners(packed, layout)[1].tolist() == [sum(weights)]
    assert loops.gather(packed, layout, scratch)[1].tolist() == [sum(weights)]
    out = np.zeros(1, np.float32)
    loops.score([(np.ones(DOCUMENTS, np.float32), [(packed, None, 1.0)])], i64([0]), layout, scratch, out)
    assert out[0] == pytest.approx(sum(weights) / (sum(weights) + 1))


@SETTINGS
@given(hit_lists, st.lists(st.lists(st.tuples(postings, floats), min_size=1, max_size=3), max_size=3), places)
def test_score_sums_the_best_form_of_each_clause(loops, scratch, hits, clauses, some):
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
    terms = [
        (
            norms,
            [
                (loops.posting(u32(docs)), (np.array(docs, int) % 5 + 1).astype(np.uint8), factor)
                for docs, factor in forms
            ],
        )
        for forms in clauses
    ]
    out = np.zeros(len(hits), np.float32)
    loops.score([*terms, (norms, [(packed, None, 1.5)])], i64(hits), LAYOUT, scratch, out)
    assert out.tolist() == pytest.approx(expected, rel=1e-5)


@SETTINGS
@given(st.lists(st.lists(st.integers(1, 6), unique=True, max_size=4), min_size=1, max_size=5), st.data())
def test_rescore_reads_the_characters_of_each_hit(loops, texts, data):
    wanted = data.draw(st.lists(st.integers(1, 6), unique=True, max_size=4))
    hits = data.draw(st.lists(st.integers(0, len(texts) - 1), unique=True))
    codes = np.array([code for text in texts for code in sorted(text)], np.uint16)
    tf = (codes % 3 + 1 + IN_TITLE * (codes % 2)).astype(np.uint8)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.uint32)
    norms, factors = np.ones(len(texts), np.float32), np.array(wanted, np.float32)
    scores, common, titles = loops.rescore(offsets, codes, tf, i64(hits), i64(wanted), factors, norms, IN_TITLE)
    held = [[code for code in texts[hit] if code in wanted] for hit in hits]
    assert scores.tolist() == pytest.approx([sum(c * (c % 3 + 1) / (c % 3 + 2) for c in codes) for codes in held])
    assert common.tolist() == [sum(code % 2 for code in codes) for codes in held]
    assert titles.tolist() == [sum(code % 2 for code in texts[hit]) for hit in hits]


@SETTINGS
@given(hit_lists, st.sampled_from((np.uint16, np.uint32)))
def test_count_and_spread(loops, hits, dtype):
    rows = np.array([[doc % 3, 3 + doc % 4] for doc in range(DOCUMENTS)], dtype)
    counts = loops.count(rows, i64(hits), 7)
    expected = [sum(doc % 3 == value for doc in hits) for value in range(3)]
    expected += [sum(doc % 4 == value for doc in hits) for value in range(4)]
    assert counts.tolist() == expected
    names = ["甲", "", "丙", "丁", "戊", "己", "庚"]
    found = loops.spread(counts, names, [3, 7])
    assert found == [
        {names[n]: expected[n] for n in part if expected[n] and names[n]} for part in (range(3), range(3, 7))
    ]


@SETTINGS
@given(st.lists(st.integers(0, 3), max_size=DOCUMENTS), st.integers(0, 12), st.permutations(range(DOCUMENTS)))
def test_top_orders_by_score_then_rank(loops, scores, most, ranks):
    hits = list(range(len(scores)))
    found = loops.top(np.array(scores, np.float32), u32(ranks), i64(hits), most)
    assert found.tolist() == sorted(hits, key=lambda hit: (-scores[hit], ranks[hit]))[:most]
