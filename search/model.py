"""The frozen values that travel through the program.

All offsets are `[start, end)` in Unicode code points of the *original* text. Dates are calendar dates in Asia/Shanghai.
This module knows no file, no engine and no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, NamedTuple

Kind = Literal["article", "teaser"]
Sort = Literal["relevance", "newest", "oldest"]
Direction = Literal["out", "into"]
"""Which way a text about care elsewhere looks: 北京医保在外地 out of 北京, 外地医保在北京 into it."""
Span = tuple[int, int]
_Day = date
"""A date, where a field is called that."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a type alone does not say of its values, in the words of JSON Schema: metadata for `Annotated`."""

    enum: tuple[str, ...] | None = None
    minimum: int | None = None
    format: str | None = None
    description: str | None = None


Count = Annotated[int, Described(minimum=0)]
Moment = Annotated[str, Described(format="date-time")]

UNSTATED = "未注明"
"""The facet value of an article that has none (province, city and insurance type)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of an article's text and the range it governs.

    `start` is where the heading line begins in `Article.text`, `body` where the heading line ends, `end` where the next
    heading of any level begins (or the text ends). Where `body` is `start`, the heading stands in no line of the text:
    it is that of a page. `anchor` is unique in its article and safe in a URL fragment.
    """

    heading: str
    level: int
    start: int
    body: int
    end: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an article's text: where it stands, and its `rows` of cells, each the range of its words.

    All rows are equally long: a cell that spans several columns or rows comes at each of its places, with the same
    range. That of an empty cell is empty. The first `header` rows name the columns.
    """

    start: int
    end: int
    rows: tuple[tuple[Span, ...], ...]
    header: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an article carries a facet value: which rule saw what, and where."""

    facet: str
    value: str
    rule: str
    field: Literal["title", "text", "metadata"]
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """One record of the collection: a full article, or the teaser of one.

    `facets` maps a facet key to its values; a reader fills in only what the source states explicitly, and
    `facets.classify` adds what it detects for the keys that are absent. It is in force from `effective` on and through
    `expires`; `superseded_by` and `repealed_by` name what took its place: an article, or whatever the source states;
    `repeals` are the works that it repeals itself, by the names that `text.work` gives.
    """

    id: str
    kind: Kind
    title: str
    text: str
    date: date | None = None
    source: str = ""
    url: str = ""
    path: str = ""
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    effective: _Day | None = None
    expires: _Day | None = None
    superseded_by: str = ""
    repealed_by: str = ""
    repeals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """An input that did not become an article, and why."""

    path: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Query:
    """All that a reader asked for, in one value. `filters` holds official facet values (or `UNSTATED`).

    With `collapse` near-duplicates with the same facets are one result: the best of them, which names the others.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    sort: Sort = "relevance"
    page: int = 1
    size: int = 10
    explain: bool = False
    collapse: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a clause may stand in a text: folded characters and how much they count (1.0 = as typed)."""

    text: str
    weight: float = 1.0


ClauseKind = Literal["word", "phrase", "optional", "excluded", "question"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a query.

    `word`: bare word, any of its `forms` will do · `phrase`: quoted, these very characters · `optional`: weighed where
    it occurs, never required (a year, a part of a document number) · `excluded`: `-word`, none of its forms may occur ·
    `question`: understood, but neither required nor weighed (怎么, 吗 …). `start`/`end` are offsets into `Query.text`.
    `place` names the official place a word stands for. `quoted` tells whether an excluded one stood in quotes.
    """

    kind: ClauseKind
    text: str
    start: int
    end: int
    forms: tuple[Form, ...]
    place: str = ""
    quoted: bool = False

    @property
    def literal(self) -> bool:
        """Whether the very characters are meant, inside longer words and numbers too."""
        return self.kind == "phrase" or self.quoted


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should know about how the query was read: a stable code and a Chinese sentence.

    `place` is the place it is about, `places` are the several that it offers to compare, `text` is the query that it
    offers, if any.
    """

    code: str
    message: str
    place: Named | None = None
    places: tuple[Named, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A facet value that a query names: offered as a filter, never forced.

    `county` is the county that the query names, if it does: a county stands for what it belongs to.
    """

    facet: str
    value: str
    label: str
    start: int
    end: int
    county: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query text, understood.

    `places` are the places it names, `named` the values of other facets; `years` and `document_numbers` are what stands
    in it; `asks_amount` says whether it asks how much (then a sentence with a number is the better snippet),
    `direction` which way it looks, if it is about care elsewhere. `pinned` are the ids of the articles that an operator
    wants to come first: they are among the results whatever they hold, if they pass the filters.
    """

    text: str
    clauses: tuple[Clause, ...] = ()
    places: tuple[Named, ...] = ()
    named: tuple[Named, ...] = ()
    notes: tuple[Note, ...] = ()
    years: tuple[int, ...] = ()
    document_numbers: tuple[str, ...] = ()
    asks_amount: bool = False
    direction: Direction | None = None
    pinned: tuple[str, ...] = ()

    @property
    def insurance(self) -> tuple[Named, ...]:
        """The insurance types it names."""
        return tuple(named for named in self.named if named.facet == "insurance")


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many results a facet value has, its own facet's selection set aside."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """A part of a score: a clause (or a boost) by name, the field it was found in, and what it added."""

    what: str
    where: str
    score: float


class Match(NamedTuple):
    """An article id and its score.

    `similar` are the ids of the near-duplicates collapsed into it, in the order of results; `why` holds the parts of
    the score, largest first, if the query asked to explain.
    """

    id: str
    score: float
    similar: tuple[str, ...] = ()
    why: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """What an engine answers: exact `total`, one page of `page` (best first), counts of every facet.

    `counts` maps facet key → value → count over the values that occur (selected ones are present even at 0).
    `optional` holds the indices of the clauses that not every match carries, `missing` of the words that occur nowhere
    in the collection.
    """

    total: int
    page: tuple[Match, ...]
    counts: Mapping[str, Mapping[str, int]]
    optional: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """Whole sentences of an article with the spans to mark; `section` is the anchor they stand under."""

    text: str
    highlights: tuple[Span, ...]
    section: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result as shown: the stored article, its score, and where the query's words stand.

    `why` is that of its `Match`; `similar` are the first of the near-duplicates collapsed into it, `similar_total` says
    how many there are. `lacks` are the words of the query, as typed, that the article does not hold. `pinned` tells
    that it comes first because an operator wants that.
    """

    article: Article
    score: float
    title_highlights: tuple[Span, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    why: tuple[Contribution, ...] = ()
    similar: tuple[Article, ...] = ()
    similar_total: int = 0
    lacks: tuple[str, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """A cell of the row that answers: the range of its words, and those of the heads of its column, top to bottom."""

    start: int
    end: int
    heads: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers a question, of the article `id`: the very characters of its text in [start, end).

    `section` is the anchor it stands under, `heading` that heading ("" for none). A row of a table has its `cells`.
    `words` are those of the question that it was chosen by, as typed.
    """

    id: str
    text: str
    start: int
    end: int
    section: str = ""
    heading: str = ""
    cells: tuple[AnswerCell, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line of text that an operator puts above the results, and the address it leads to, or ""."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The whole answer to a `Query`, best hit first; `facets` has every facet in declared order.

    `unmet` are the words of the text, folded, that not every result holds: all of them where there is none. `answer` is
    what answers the question, of one of the first hits; None where nothing surely does.
    """

    query: Query
    parsed: Parsed
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    took_ms: float
    suggestion: str | None = None
    unmet: tuple[str, ...] = ()
    banners: tuple[Announcement, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The identity of an index: what built it, from what, when.

    `rules` are those of `search.identity` by part, `fingerprint` is over all of them.
    """

    schema_version: int
    fingerprint: str
    segmenter: str
    built_at: Moment
    documents: Count
    build_id: str
    rules: Mapping[str, str] = field(default_factory=dict)
