"""Chinese faceted search for medical-insurance (医保) knowledge: the public names."""

from .answer import answer, article_highlights, parse_text
from .build import Report, reindex
from .engine import Contribution, Engine
from .errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    IndexUnavailable,
    PageOutOfRange,
    SearchError,
    SourceError,
    UserError,
)
from .facets import FACET_KEYS, FACETS, Facet
from .generations import open_current
from .live import LiveIndex
from .model import (
    UNSTATED,
    Article,
    Clause,
    Evidence,
    FacetCount,
    Hit,
    IndexInfo,
    Note,
    Parsed,
    Place,
    Query,
    Rejection,
    Results,
    Section,
    Snippet,
    Sort,
    Span,
)
from .params import MAX_PAGE, MAX_SIZE, PARAMETERS, SORTS, Parameter, query_from
from .present import article_json, results_json
from .taxonomy import label, province_of, resolve, values

__all__ = [
    "FACETS",
    "FACET_KEYS",
    "MAX_PAGE",
    "MAX_SIZE",
    "PARAMETERS",
    "SORTS",
    "UNSTATED",
    "Article",
    "Clause",
    "Contribution",
    "Engine",
    "Evidence",
    "Facet",
    "FacetCount",
    "Hit",
    "IndexBusy",
    "IndexDamaged",
    "IndexInfo",
    "IndexMissing",
    "IndexOutdated",
    "IndexUnavailable",
    "LiveIndex",
    "Note",
    "PageOutOfRange",
    "Parameter",
    "Parsed",
    "Place",
    "Query",
    "Rejection",
    "Report",
    "Results",
    "SearchError",
    "Section",
    "Snippet",
    "Sort",
    "SourceError",
    "Span",
    "UserError",
    "answer",
    "article_highlights",
    "article_json",
    "label",
    "open_current",
    "parse_text",
    "province_of",
    "query_from",
    "reindex",
    "resolve",
    "results_json",
    "values",
]
