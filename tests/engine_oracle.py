"""Small random collections, and what the contract says about them, computed article by article without any index."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import log

from hypothesis import strategies as st

from search.facets import FACETS
from search.model import UNSTATED, Article, Clause, Form, Named, Parsed, Query, Section
from search.retrieval import ranking
from search.text import cited_works, direction, fold, index_words, named_works, occurrences, work

WORDS = (
    "医保",
    "门诊",
    "统筹",
    "门诊统筹",
    "异地",
    "就医",
    "异地就医",
    "备案",
    "医",
    "诊",
    "新农合",
    "ct",
    "pd1",
    "2025",
    "b超",
)
PIECES = (
    *WORDS,
    "pd-1",
    "《医保》",
    "《门诊统筹（试行）》",
    "第二条",
    "在外地",
    "外地医保卡",
    "12025",
    "a",
    "-",
    "，",
    " ",
    "。",
    "醫保",
    "ＣＴ",
    "😀",
    "𠀀",
    "Ct检查",
    "的",
    "1",
)
FORMS = (*WORDS, "pd-1", "异地就", "保备", "ct检查", "12", "1", "a", "𠀀", "，", "诊，统", "超")
PHRASES = (*FORMS, " ", "  ", "t", "025", "，。", "d-")
DATES = (None, date(2024, 5, 1), date(2025, 1, 1), date(2025, 12, 31))
PROVINCES = {"黑河市": "黑龙江省", "沈阳市": "辽宁省", "大连市": "辽宁省"}
VALUES = {
    "province": ("黑龙江省", "辽宁省"),
    "city": ("黑河市", "沈阳市", "大连市"),
    "insurance": ("职工医保", "居民医保"),
    "topic": ("门诊", "异地就医", "其他"),
}

texts = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
facets = st.fixed_dictionaries(
    {key: st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple) for key, values in VALUES.items()}
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, tuple[Section, ...]]:
    """A text of lines, some of which are headings. Each ends in a full stop: over a line's end too, runs are joined and
    numbers have their units, which no cut by zones would see."""
    lines = draw(st.lists(st.tuples(st.booleans(), texts), max_size=3))
    text, sections = "", []
    for is_heading, line in lines:
        start = len(text)
        text += line + "。\n"
        if is_heading:
            sections.append(Section(line, 2, start, len(text), len(text), f"s{len(sections)}"))
    return text, tuple(sections)


@st.composite
def collections(draw: st.DrawFn, max_size: int = 8) -> list[Article]:
    """Articles with unique ids, in no particular order."""
    ids = draw(st.lists(st.sampled_from([f"a/{number}.md" for number in range(12)]), unique=True, max_size=max_size))
    articles = []
    for article_id in ids:
        text, sections = draw(bodies())
        articles.append(
            Article(
                id=article_id,
                kind=draw(st.sampled_from(("article", "teaser"))),
                title=draw(texts.map(lambda title: title and f"{title}。")),
                text=text,
                date=draw(st.sampled_from(DATES)),
                sections=sections,
                facets=draw(facets),
            )
        )
    return articles


def _clause(kind: str, forms: list[str]) -> Clause:
    weights = [1.0] + [0.7] * (len(forms) - 1)
    folded = [fold(form) for form in forms]
    return Clause(kind, forms[0], 0, 0, tuple(map(Form, folded, weights)))


clauses = st.one_of(
    st.builds(_clause, st.just("word"), st.lists(st.sampled_from(FORMS), min_size=1, max_size=2, unique=True)),
    st.builds(_clause, st.just("word"), st.lists(st.sampled_from(WORDS), min_size=1, max_size=1)),
    st.builds(_clause, st.just("phrase"), st.lists(st.sampled_from(PHRASES), min_size=1, max_size=1)),
    st.builds(_clause, st.just("excluded"), st.lists(st.sampled_from(FORMS), min_size=1, max_size=2, unique=True)),
    st.builds(lambda form: replace(_clause("excluded", [form]), quoted=True), st.sampled_from(PHRASES)),
    st.builds(_clause, st.just("optional"), st.lists(st.sampled_from(FORMS), min_size=1, max_size=1)),
    st.builds(
        lambda form, place: replace(_clause("word", [form]), place=place),
        st.sampled_from(WORDS),
        st.sampled_from((*VALUES["province"], *VALUES["city"])),
    ),
    st.builds(_clause, st.just("question"), st.just(["怎么"])),
)


def _parsed(found: list[tuple[Clause, bool]]) -> Parsed:
    """Clauses in a row, some right behind the one before."""
    text, placed = "", []
    for clause, blank in found:
        text += " " * blank
        placed.append(replace(clause, start=len(text), end=len(text) + len(clause.text)))
        text += clause.text
    return Parsed(text, tuple(placed))


def _named(facet: str, most: int) -> st.SearchStrategy[tuple[Named, ...]]:
    names = st.builds(lambda value: Named(facet, value, value, 0, 0), st.sampled_from(VALUES[facet]))
    return st.lists(names, max_size=most, unique=True).map(tuple)


about = st.fixed_dictionaries(
    {
        "places": st.builds(lambda *found: sum(found, ()), _named("province", 1), _named("city", 2)),
        "named": _named("insurance", 2),
        "direction": st.sampled_from((None, "out", "into")),
    }
)
"""What the words of a query name. Here they need not name it, so that every combination comes up."""


def _with_places(parsed: Parsed) -> Parsed:
    """The query with the places that its words stand for."""
    found = [clause for clause in parsed.clauses if clause.place]
    named = [
        Named("city" if clause.place in PROVINCES else "province", clause.place, clause.place, clause.start, clause.end)
        for clause in found
    ]
    return replace(parsed, places=(*parsed.places, *named))


parsed_queries = st.builds(
    lambda found, named: _with_places(replace(_parsed(found), **named)),
    st.lists(st.tuples(clauses, st.booleans()), max_size=5),
    st.just({}) | about,
)
queries = st.builds(
    Query,
    filters=st.fixed_dictionaries(
        {},
        optional={
            key: st.lists(st.sampled_from((*values, UNSTATED, "没有")), min_size=1, max_size=2, unique=True).map(tuple)
            for key, values in VALUES.items()
        },
    ),
    date_from=st.sampled_from(DATES),
    date_to=st.sampled_from(DATES),
    sort=st.sampled_from(("relevance", "newest", "oldest")),
    size=st.just(50),
)


@dataclass(frozen=True)
class Expected:
    """The answer by the contract: scores by id, counts by facet and value."""

    scores: dict[str, float]
    counts: dict[str, dict[str, int]]
    optional: tuple[int, ...]


class Oracle:
    """Reads every article for every question."""

    def __init__(self, articles: list[Article]) -> None:
        self.articles = articles
        # As many bigrams begin in a text as it has characters: the last one pairs with nothing.
        self.lengths = {
            field: {article.id: sum(len(cut(text)) * weight for text, weight in zones(article)) for article in articles}
            for field, cut in (("words", index_words), ("bigrams", str))
        }

    def words(self) -> Counter[str]:
        """In how many articles each word occurs."""
        return Counter(
            word
            for article in self.articles
            for word in {word for text in (article.title, article.text) for word in index_words(fold(text))}
        )

    def answer(self, parsed: Parsed, query: Query) -> Expected:
        matching, optional = self.matching(parsed)
        matching = [article for article in matching if _in_dates(article, query)]
        counts = {}
        for facet in FACETS:
            others = {key: values for key, values in query.filters.items() if key != facet.key}
            found = Counter(
                value for article in matching if _passes(article, others) for value in values_of(article, facet)
            )
            counts[facet.key] = dict.fromkeys(query.filters.get(facet.key, ()), 0) | dict(found)
        hits = [article for article in matching if _passes(article, query.filters)]
        scores = {article.id: self.score(article, parsed) for article in hits}
        if query.sort == "relevance":
            # There are fewer articles than RESCORE_WINDOW.
            scores = {article.id: scores[article.id] + self.rescore(article, parsed) for article in hits}
        lacked = (
            number
            for number, clause in enumerate(parsed.clauses)
            if number in optional
            and (not all(self.has(article, clause, parsed) for article in hits) or self.is_missing(clause, parsed))
        )
        return Expected(scores, counts, tuple(lacked))

    def is_missing(self, clause: Clause, parsed: Parsed) -> bool:
        """Tell whether a word occurs nowhere: that is said even of no results."""
        if clause.place:
            asked = clause.place in places_of(parsed)
            return asked and not any(holds_place(article, clause.place, parsed) for article in self.articles)
        return clause.kind == "word" and not any(carries(article, clause) for article in self.articles)

    def has(self, article: Article, clause: Clause, parsed: Parsed) -> bool:
        """Tell whether an article lacks nothing of what a clause asks for: of several places one will do."""
        if clause.place and clause.kind == "word":
            return any(holds_place(article, place, parsed) for place in places_of(parsed))
        return carries(article, clause)

    def matching(self, parsed: Parsed) -> tuple[list[Article], tuple[int, ...]]:
        if parsed.text.strip() and not parsed.clauses:
            return [], ()
        optional = tuple(number for number, clause in enumerate(parsed.clauses) if clause.kind == "optional")
        words = [number for number, clause in enumerate(parsed.clauses) if clause.kind == "word"]
        held = {
            article.id: {number for number, clause in enumerate(parsed.clauses) if carries(article, clause)}
            for article in self.articles
        }
        must = {number for number, clause in enumerate(parsed.clauses) if clause.kind == "phrase"}
        kept = [article for article in self.articles if must <= held[article.id]]
        found, spare = self.enough(kept, held, words, parsed)
        excluded = {number for number, clause in enumerate(parsed.clauses) if clause.kind == "excluded"}
        found = [article for article in found if not excluded & held[article.id]]
        return found, tuple(sorted({*optional, *spare}))

    def enough(
        self, kept: list[Article], held: dict[str, set[int]], words: list[int], parsed: Parsed
    ) -> tuple[list[Article], list[int]]:
        places = places_of(parsed)
        matter = [number for number in words if not parsed.clauses[number].place]
        named = [number for number in words if number not in matter]
        quoted = any(clause.kind == "phrase" for clause in parsed.clauses)
        holding = {one.id for one in kept if not places or any(holds_place(one, place, parsed) for place in places)}
        if not matter and not quoted and places:
            return [article for article in kept if article.id in holding], []
        whole = [article for article in kept if set(matter) <= held[article.id]]
        found = [article for article in whole if article.id in holding]
        terms = len(matter) + bool(places)
        most = ranking.MATCH_ENOUGH_OF_TWO if terms == 2 else 10**9
        steps = [(share, min(enough, most)) for share, enough in ranking.MATCH_STEPS]
        third = ranking.MATCH_AT_MOST * len(self.articles)
        near, spare = holding, list[int]()
        around = holding | {one.id for one in kept if any(is_around(one, place) for place in places)}
        for wider in (around, {one.id for one in kept}) if places else ():
            more = [article for article in whole if article.id in wider]
            if len(found) >= steps[0][1] or (found and len(more) > max(third, ranking.MATCH_AROUND)):
                break
            found, near, spare = more, around, named
        if len(places) > 1:
            near = holding
        df = {number: sum(number in numbers for numbers in held.values()) for number in words}
        telling = [n for n in matter if len(parsed.clauses[n].text) > 1]
        unknown = telling and not quoted and not any(df[n] for n in telling)
        if terms < 2 or not matter or unknown:
            return found, spare
        weights = {n: self.idf(df[n]) if df[n] else 0.0 for n in matter}
        count = {place: sum(holds_place(one, place, parsed) for one in self.articles) for place in places}
        place = sum(ranking.PLACE_WORD_SHARE * self.idf(number) for number in count.values() if number)
        total, known = sum(weights.values()) + place, {number for number in matter if df[number]}
        for share, enough in steps if known else ():
            if len(found) >= enough:
                break
            need = (share - 1e-9) * total
            wider = [
                article
                for article in kept
                if sum(weights[n] for n in matter if n in held[article.id]) >= need - place * (article.id in near)
                and (quoted or known & held[article.id])
            ]
            if found and len(wider) > third:
                break
            if len(wider) > len(found):
                found, spare = wider, [*named, *(n for n in matter if total - weights[n] >= need or not df[n])]
        return found, spare

    def idf(self, df: int) -> float:
        return log(1 + (len(self.articles) - df + 0.5) / (df + 0.5))

    def score(self, article: Article, parsed: Parsed) -> float:
        if not any(clause.kind in ("word", "phrase") for clause in parsed.clauses):
            return 0.0
        score = ranking.ARTICLE_BOOST if article.kind == "article" else 0.0
        for clause in parsed.clauses:
            if clause.kind not in ("word", "phrase", "optional"):
                continue
            df = sum(carries(other, clause) for other in self.articles)
            score += _share(clause) * max(
                form.weight**ranking.SYNONYM_POWER * self.bm25(article, "words", form.text, clause.kind, df)
                for form in clause.forms
            )
        score += place_boosts(article, parsed) + insurance_boosts(article, parsed)
        pairs = han_pairs(bare_text(parsed))
        score += ranking.BIGRAM_SHARE * sum(self.bm25(article, "bigrams", pair, "phrase") for pair in pairs)
        return score

    def rescore(self, article: Article, parsed: Parsed) -> float:
        """Evidence of single characters, likeness of the title, and that other works cite this one."""
        if not any(clause.kind in ("word", "phrase") for clause in parsed.clauses):
            return 0.0
        bare = bare_text(parsed)
        asked, title = letters(bare), letters(fold(article.title))
        han = [character for character in asked if character >= "㐀"]
        score = ranking.CHARACTER_SHARE * sum(self.character(article, character) for character in han)
        held = {pair: sum(weighted(other, pair, "phrase") > 0 for other in self.articles) for pair in han_pairs(bare)}
        dice = 2 * len(asked & title) / max(len(asked) + len(title), 1)
        whole = sum(map(self.idf, held.values()))
        name = work(fold(article.title))
        citing = {work(fold(one.title)) for one in self.articles if name in cited_works(f"{one.title}\n{one.text}")} - {
            name
        }
        score += ranking.CITED_SHARE * whole * len(citing) / (len(citing) + ranking.CITED_HALF)
        score += ranking.NAMED_SHARE * whole * (name in named_works(bare))
        if parsed.places and not place_boosts(article, parsed):
            return score
        return score + ranking.LIKENESS_SHARE * whole * max(dice - ranking.LIKENESS_FROM, 0)

    def character(self, article: Article, character: str) -> float:
        tf = min(weighted(article, character, "phrase"), 127)
        df = sum(weighted(other, character, "phrase") > 0 for other in self.articles)
        return self.formula("bigrams", article, tf, df) if tf else 0.0

    def bm25(self, article: Article, field: str, form: str, kind: str, clause_df: int | None = None) -> float:
        """The score of a form; its idf is that of its clause, where one is given."""
        tf = weighted(article, form, kind)
        if not tf:
            return 0.0
        return self.formula(
            field, article, tf, clause_df or sum(weighted(other, form, kind) > 0 for other in self.articles)
        )

    def formula(self, field: str, article: Article, tf: int, df: int) -> float:
        average = sum(self.lengths[field].values()) / len(self.articles)
        relative = min(self.lengths[field][article.id] / average, ranking.LENGTH_AT_MOST) if average else 0.0
        norm = ranking.BM25_K1 * (1 - ranking.BM25_B + ranking.BM25_B * relative)
        return self.idf(df) * tf * (ranking.BM25_K1 + 1) / (tf + norm)


def places_of(parsed: Parsed) -> set[str]:
    """The places that words stand for, without a province of which a city is named."""
    named = {clause.place for clause in parsed.clauses if clause.place and clause.kind == "word"}
    return named - {PROVINCES[place] for place in named if place in PROVINCES}


def holds_place(article: Article, place: str, parsed: Parsed) -> bool:
    """An article about a place or a part of it, or with its characters."""
    cities = article.facets.get("city", ())
    about = {*article.facets.get("province", ()), *cities, *(PROVINCES[city] for city in cities)}
    return place in about or any(
        carries(article, clause) for clause in parsed.clauses if clause.place == place and clause.kind == "word"
    )


def is_around(article: Article, place: str) -> bool:
    """An article about the province of a city and about no city, or about no place."""
    provinces = article.facets.get("province", ())
    return not provinces or (PROVINCES.get(place) in provinces and not article.facets.get("city"))


def place_boosts(article: Article, parsed: Parsed) -> float:
    """What an article gets for the places it is about; 0 for one about another place than those of the query."""
    provinces, cities = article.facets.get("province", ()), article.facets.get("city", ())
    if not parsed.places:
        return 0.0 if provinces else ranking.ANYWHERE_BOOST
    # 外地医保在北京 is no answer to 北京医保在外地: as if about another place.
    opposite = {"out": "into", "into": "out", None: ""}[parsed.direction]
    away = direction(fold(article.title)) == opposite
    about = 0 if away else sum(value in (*provinces, *cities) for value in {place.value for place in parsed.places})
    asked = {PROVINCES[place.value] for place in parsed.places if place.facet == "city"}
    around = 0 if away or cities else len(asked & set(provinces))
    if not about and not around and provinces:
        return 0.0
    return about * ranking.PLACE_BOOST + around * ranking.PROVINCE_BOOST + ranking.NO_OTHER_PLACE_BOOST


def insurance_boosts(article: Article, parsed: Parsed) -> float:
    """What an article gets for the insurance types it is about."""
    if not parsed.insurance:
        return 0.0
    types = article.facets.get("insurance", ())
    if not types:
        return ranking.NO_OTHER_INSURANCE_BOOST
    asked = {named.value for named in parsed.insurance}
    return ranking.INSURANCE_BOOST + ranking.NO_OTHER_INSURANCE_BOOST if asked & set(types) else 0.0


def _share(clause: Clause) -> float:
    return ranking.PLACE_WORD_SHARE if clause.place else 1.0


def zones(article: Article) -> list[tuple[str, int]]:
    """Title, headings and the rest, each with its weight. Lines end in a blank, so cutting there cuts no word."""
    text = fold(article.text)
    found = [(fold(article.title), ranking.TITLE_WEIGHT)]
    done = 0
    for section in article.sections:
        found += [
            (text[done : section.start], ranking.BODY_WEIGHT),
            (text[section.start : section.body], ranking.HEADING_WEIGHT),
        ]
        done = section.body
    return [*found, (text[done:], ranking.BODY_WEIGHT)]


def weighted(article: Article, form: str, kind: str) -> int:
    """The weighted number of occurrences; an occurrence counts where it begins."""
    title, text = fold(article.title), fold(article.text)
    total = ranking.TITLE_WEIGHT * len(starts(form, title, kind))
    for start in starts(form, text, kind):
        in_heading = any(section.start <= start < section.body for section in article.sections)
        total += ranking.HEADING_WEIGHT if in_heading else ranking.BODY_WEIGHT
    return total


def starts(form: str, text: str, kind: str) -> list[int]:
    if kind == "phrase":
        return [start for start in range(len(text)) if text.startswith(form, start)]
    return [start for start, _ in occurrences(form, text)]


def carries(article: Article, clause: Clause) -> bool:
    return any(weighted(article, form.text, "phrase" if clause.quoted else clause.kind) for form in clause.forms)


def bare_text(parsed: Parsed) -> str:
    """The query without what is quoted or excluded, folded."""
    kept = list(fold(parsed.text))
    for clause in parsed.clauses:
        if clause.kind in ("phrase", "excluded"):
            kept[clause.start : clause.end] = " " * (clause.end - clause.start)
    return "".join(kept)


def han_pairs(form: str) -> list[str]:
    pairs = dict.fromkeys("".join(pair) for pair in pairwise(form))
    return [pair for pair in pairs if all("㐀" <= char <= "鿿" or char > "\U0001ffff" for char in pair)]


def letters(text: str) -> set[str]:
    return {c for c in text if "㐀" <= c <= "\uffff" or c in "0123456789abcdefghijklmnopqrstuvwxyz"}


def values_of(article: Article, facet) -> tuple[str, ...]:
    return article.facets.get(facet.key) or ((UNSTATED,) if facet.unstated else ())


def _passes(article: Article, filters) -> bool:
    return all(set(filters[facet.key]) & set(values_of(article, facet)) for facet in FACETS if filters.get(facet.key))


def _in_dates(article: Article, query: Query) -> bool:
    if not query.date_from and not query.date_to:
        return True
    if not article.date:
        return False
    return (query.date_from or date.min) <= article.date <= (query.date_to or date.max)


def order_key(article: Article, score: float, sort: str):
    """What results are sorted by, ascending."""
    undated = article.date is None
    day = article.date.toordinal() if article.date else 0
    if sort == "oldest":
        return undated, day, -score, article.id
    if sort == "newest":
        return undated, -day, -score, article.id
    return -score, undated, -day, article.id


def at_page(query: Query, page: int, size: int) -> Query:
    return replace(query, page=page, size=size)
