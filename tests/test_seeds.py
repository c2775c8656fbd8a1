"""The shipped articles keep what seeds/README.md promises: complete, of the facets, varied, and in our own words."""

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path

import frontmatter
import pytest

from search.text.folding import fold

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
FACETS = ("province", "city", "insurance", "topic")

INSURANCE = {
    "职工医保",
    "居民医保",
    "灵活就业医保",
    "大病保险",
    "商业补充医保",
    "生育保险",
    "长期护理保险",
    "医疗救助",
    "工伤保险",
    "失业保险",
    "养老保险",
}
TOPIC = {
    "异地就医",
    "报销待遇",
    "报销流程",
    "参保缴费",
    "断缴补缴",
    "个人账户与家庭共济",
    "医保卡与电子凭证",
    "门诊",
    "门诊慢特病",
    "住院",
    "生育",
    "口腔",
    "购药",
    "互联网问诊",
    "就医指南",
    "查询咨询",
    "养老退休",
    "其他",
}
LONG_SENTENCE = 20
SHINGLE = 4


@dataclass(frozen=True)
class Seed:
    name: str
    meta: dict[str, object]
    body: str

    def facet(self, key: str) -> list[str]:
        """The stated values; none when the key is left out."""
        stated = self.meta.get(key) or []
        return [stated] if isinstance(stated, str) else list(stated)  # type: ignore[call-overload]


def _read(path: Path) -> Seed:
    post = frontmatter.loads(path.read_text(encoding="utf-8"))
    return Seed(path.name, post.metadata, post.content)


SEED_LIST = [_read(path) for path in sorted((SEEDS / "articles").glob("*.md"))]
each_seed = pytest.mark.parametrize("seed", SEED_LIST, ids=lambda seed: seed.name.removesuffix(".md"))


@cache
def divisions() -> dict[str, tuple[str, str]]:
    """Code → official name and level, without comments."""
    lines = (ROOT / "search/gazetteer/divisions.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {code: (official, level) for code, official, _short, level, *_ in rows}


@cache
def left_out() -> dict[str, set[str]]:
    """What seeds/README.md says is left out on purpose: file → facet keys."""
    rows = re.findall(r"^\| `(\S+\.md)` \| ([a-z, ]+) \|$", (SEEDS / "README.md").read_text(encoding="utf-8"), re.M)
    return {name: set(keys.split(", ")) for name, keys in rows}


def test_there_are_enough() -> None:
    assert len(SEED_LIST) >= 60
    assert len({seed.meta["title"] for seed in SEED_LIST}) == len(SEED_LIST)


@each_seed
def test_front_matter_is_complete_and_valid(seed: Seed) -> None:
    assert set(seed.meta) <= {"title", "date", "source", "url", *FACETS}
    title, source, day = seed.meta["title"], seed.meta["source"], seed.meta["date"]
    assert isinstance(title, str)
    assert 5 <= len(title) <= 60
    assert isinstance(source, str)
    assert source.strip()
    assert isinstance(day, date)
    assert date(2024, 1, 1) <= day <= date(2026, 12, 31)
    assert set(seed.facet("insurance")) <= INSURANCE
    assert set(seed.facet("topic")) <= TOPIC
    assert len(seed.facet("topic")) <= 3
    missing = {key for key in FACETS if key not in seed.meta}
    assert missing == left_out().get(seed.name, set()), "the table in seeds/README.md says what is left out on purpose"
    assert seed.facet("topic") or "topic" in left_out().get(seed.name, set())


@each_seed
def test_places_are_official_and_belong_together(seed: Seed) -> None:
    provinces = {name: code for code, (name, level) in divisions().items() if level in ("province", "pool")}
    cities = {name: code for code, (name, level) in divisions().items() if level in ("city", "direct")}
    stated = seed.facet("province")
    assert set(stated) <= set(provinces)
    for city in seed.facet("city"):
        assert city in cities
        assert cities[city][:2] in {provinces[province][:2] for province in stated}


@each_seed
def test_body_has_headings_and_a_readable_length(seed: Seed) -> None:
    assert 300 <= len("".join(seed.body.split())) <= 1500
    assert len(re.findall(r"^## \S", seed.body, re.M)) >= 2
    assert not re.search(r"^# ", seed.body, re.M), "the title stands in the front matter"


def test_only_existing_files_are_listed_as_incomplete() -> None:
    assert len(left_out()) >= 3
    assert set(left_out()) <= {seed.name for seed in SEED_LIST}


def test_every_facet_is_covered() -> None:
    values = {key: {value for seed in SEED_LIST for value in seed.facet(key)} for key in FACETS}
    assert values["insurance"] == INSURANCE
    assert values["topic"] == TOPIC
    assert len(values["province"]) >= 12
    assert len(values["city"]) >= 25
    assert any(seed.meta.get("province") == [] for seed in SEED_LIST), "articles about no place"
    assert any(seed.meta.get("insurance") == [] for seed in SEED_LIST), "articles that only say 医保"


def _shingles(text: str) -> set[str]:
    letters = re.sub(r"\W", "", fold(text))
    return {letters[i : i + SHINGLE] for i in range(len(letters) - SHINGLE + 1)}


def _likeness(a: Seed, b: Seed) -> float:
    """Jaccard likeness of the bodies' four-character shingles, 0 to 1."""
    left, right = _shingles(a.body), _shingles(b.body)
    return len(left & right) / len(left | right)


@pytest.mark.parametrize(("same_place", "likeness", "enough"), [(False, 0.3, 8), (True, 0.8, 2)], ids=["apart", "one"])
def test_near_duplicates_exist(same_place: bool, likeness: float, enough: int) -> None:
    """Unrelated seeds share less than a tenth of their shingles, so both bounds mean one text told twice."""
    placed = [seed for seed in SEED_LIST if seed.facet("province")]
    pairs = [
        (a.name, b.name)
        for a, b in combinations(placed, 2)
        if ((a.facet("province"), a.facet("city")) == (b.facet("province"), b.facet("city"))) is same_place
        and (same_place or (a.facet("city") and b.facet("city")))
        and _likeness(a, b) >= likeness
    ]
    assert len(pairs) >= enough, pairs


def _bare(text: str) -> str:
    """Folded, without white space and Markdown or list marks: what a copied sentence keeps."""
    return re.sub(r"[\s*#•`]+", "", fold(text))


def _sentences(text: str) -> list[str]:
    """The sentences of a text that are long enough to be somebody's own wording."""
    lines = (re.sub(r"^\s*(?:[-*•#]+|\d+[.、])\s*", "", line) for line in text.splitlines())
    parts = (_bare(part) for line in lines for part in re.split(r"[。！？!?；;]", line))
    return [part for part in parts if len(part) >= LONG_SENTENCE]


def _originals(shared: Path) -> list[str]:
    """The texts the facts come from: the saved pages and the policy corpus."""
    pages = [path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))]
    records = (shared / "corpora/policy_gz/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return pages + [json.loads(record)["text"] for record in records]


def test_no_sentence_is_copied(shared: Path) -> None:
    originals = _originals(shared)
    haystack = "\n".join(_bare(text) for text in originals)
    copied = [(seed.name, s) for seed in SEED_LIST for s in _sentences(seed.body) if s in haystack]
    assert copied == []
    # The same comparison must notice a real copy, or it proves nothing.
    assert all(_sentences(text) and _sentences(text)[0] in haystack for text in originals)
