"""What the indexes of a build look like in the cluster: settings, analysers that cut nothing themselves, fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...facets.status import STATUSES
from .address import Address
from .tokens import BEGINS, FREQUENCY, SEPARATOR

FACET = "facet_"
"""What the name of a facet's field begins with."""
STATUS = "status_"
"""What the name of the field of a status begins with: the days (ordinals) on which an article has it."""
BY_SCRIPT = "frequency"
"""The similarity whose score is the frequency: what a score is made of it is said by each query."""
GRAMS, CUT = "grams", "cut"
"""Analysers of query texts: into grams, and at the separators."""
TERMS = ("words", "pairs", "characters")
"""Fields of terms with their frequencies."""


def articles_index(address: Address, facets: Iterable[str]) -> dict[str, Any]:
    """Return what an index of articles is made with; `facets` are the keys of those that are stored."""
    return {
        "settings": {
            "number_of_shards": address.shards,
            "number_of_replicas": 0,
            "refresh_interval": -1,
            "similarity": {BY_SCRIPT: {"type": "scripted", "script": {"source": "return query.boost * doc.freq;"}}},
            "analysis": _analysis(),
        },
        "mappings": {
            "dynamic": False,
            "_source": {"includes": ["article", "statuses"]},
            "properties": _fields(facets),
        },
    }


def kept_index() -> dict[str, Any]:
    """Return what an index is made with that holds what is attached to a build: found by its id, nothing else."""
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1}
    return {"settings": settings, "mappings": {"dynamic": False}}


def _analysis() -> dict[str, Any]:
    return {
        "tokenizer": {
            "at_separators": {"type": "char_group", "tokenize_on_chars": [SEPARATOR], "max_token_length": 1000},
            "grams": {"type": "ngram", "min_gram": 2, "max_gram": 2},
        },
        "filter": {
            "frequencies": {"type": "delimited_term_freq", "delimiter": FREQUENCY},
            # A gram that begins in a heading stands there twice: as such, and as what an occurrence goes on with.
            "beginnings": {"type": "pattern_capture", "preserve_original": True, "patterns": [f"^{BEGINS}(.*)$"]},
        },
        "analyzer": {
            "counted": {"type": "custom", "tokenizer": "at_separators", "filter": ["frequencies"]},
            "heading_grams": {"type": "custom", "tokenizer": "at_separators", "filter": ["beginnings"]},
            GRAMS: {"type": "custom", "tokenizer": "grams"},
            CUT: {"type": "custom", "tokenizer": "at_separators"},
        },
    }


def _fields(facets: Iterable[str]) -> dict[str, Any]:
    common = {"type": "text", "norms": False, "similarity": BY_SCRIPT}
    fields: dict[str, Any] = {name: common | {"analyzer": "counted", "index_options": "freqs"} for name in TERMS}
    fields |= {name: common | {"analyzer": GRAMS} for name in ("grams", "title_grams")}
    fields["heading_grams"] = common | {"analyzer": "heading_grams"}
    fields |= {name: {"type": "integer"} for name in ("words_length", "bigrams_length", "day")}
    fields |= {
        "id": {"type": "keyword", "index": False},
        "group": {"type": "keyword"},
        "grouped": {"type": "boolean"},
        "full": {"type": "boolean"},
        "direction": {"type": "keyword"},
        "features": {"type": "binary", "doc_values": True},
        "has_status": {"type": "boolean"},
    }
    fields |= {f"{STATUS}{number}": {"type": "integer_range"} for number in range(1, len(STATUSES) + 1)}
    return fields | {f"{FACET}{key}": {"type": "keyword"} for key in facets}
