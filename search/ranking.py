"""Every number that decides the order of results, with its reason. No other module holds a weight."""

from __future__ import annotations

BM25_K1 = 1.2
"""Term-frequency saturation. Robertson & Zaragoza 2009 suggest 1.2-2; answers here repeat words a lot."""

BM25_B = 0.75
"""Length normalisation, the usual value."""

TITLE_WEIGHT = 4
HEADING_WEIGHT = 2
BODY_WEIGHT = 1
"""BM25F term-frequency weights (simple BM25F, Robertson, Zaragoza & Taylor 2004: weighted sum of term frequencies and
lengths over the fields). Integers, because weighted frequencies are stored as integers at index time."""

BIGRAM_SHARE = 0.4
"""What bigram evidence adds to word evidence."""

MATCH_SHARE = 0.6
"""With three or more content words: the share of the query's idf weight that a match must carry."""

SYNONYM_WEIGHT = 0.7
"""Default weight of a synonym form against the typed word, so that direct hits rank above."""

EXACT_TITLE_BOOST = 3.0
"""Added when the folded title is the folded query without question words."""

PLACE_BOOST = 2.0
"""Added when a place in the query is a facet value of the article."""

ARTICLE_BOOST = 0.2
"""Added to a full article: it says more than the teaser of the same text."""
