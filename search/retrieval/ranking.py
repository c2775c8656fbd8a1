"""Every number that decides the order of results, with its reason. No other module holds a weight."""

from __future__ import annotations

BM25_K1 = 1.2
"""Term-frequency saturation. Robertson & Zaragoza 2009 suggest 1.2-2; answers here repeat words a lot."""

BM25_B = 0.8
"""Length normalisation; 0.75 is the usual value. With it: policy_gz MRR@10 0.935 → 0.935, stard train 0.362 → 0.359."""

LENGTH_AT_MOST = 3
"""So many times the average is the most that a length counts. Past that BM25 prefers a short text with one of the words
to a long one with all of them (Lv & Zhai 2011, When documents are very long, BM25 fails). nDCG@10 without such a limit
→ with it: the six sets over the real pages 0.928 → 0.937, 0.962 → 0.960, the same, 0.971 → 0.976, 0.957 → 0.969,
0.977 → 0.978; the FAQ 0.920 → 0.919; the others the same. 2 loses on two of the six, with 5 it is half as much."""

TITLE_WEIGHT = 4
HEADING_WEIGHT = 2
BODY_WEIGHT = 1
"""BM25F term-frequency weights (simple BM25F, Robertson, Zaragoza & Taylor 2004: weighted sum of term frequencies and
lengths over the fields). Integers, because weighted frequencies are stored as integers at index time."""

BIGRAM_SHARE = 0.15
"""What bigram evidence adds to word evidence. The bigrams are those of the whole query as typed. Against 0.4 of the
bigrams inside its words: titles of an insurance FAQ with a quarter cut out nDCG@10 0.922 → 0.985, seeds 0.859 → 0.867,
stard dev 0.302 → 0.311, policy_gz MRR@10 the same; 0.1 less or 0.2 more loses on two of them."""

MATCH_STEPS = ((0.8, 200), (0.6, 200), (0.5, 200), (0.4, 200), (0.3, 200), (0.2, 200), (0.1, 10))
"""Where fewer documents than the second number carry all words of a query, or what the steps before ask for, this share
of its idf weight will do. Against one fixed share of 0.6: seeds nDCG@10 0.886 → 0.923, policy_gz MRR@10 0.878 → 0.938,
stard dev nDCG@10 0.230 → 0.350. 200 against 20: stard dev 0.336 → 0.350, the FAQ 0.880 → 0.920. The last step fills a
page that is not full: three of the sets over the real pages +0.002 to +0.004, the others the same; taken while a page
is full too it loses 0.001 to 0.002."""

WORDS_AT_MOST = 24
"""So many of a query's words are searched for, those that tell most: a pasted paragraph has sixty, of which the rest
would only be lacking somewhere. Its pairs of characters are compared whole."""

MATCH_ENOUGH_OF_TWO = 20
"""So many documents with both will do for a query of two words: two pages. Against 1 (both, where any article has
both): nDCG@10 of seeds 0.920 → 0.923, of the sets over the real pages +0.004 on average, of the others the same."""

MATCH_AT_MOST = 1 / 3
"""No share is tried that would find more than this part of the collection: then a common word alone would do."""

MATCH_AROUND = 20
"""So many may be found in any case that carry all the rest of a query that names a place: what is about another one, or
about none, comes after what is about it, and does not bury it. Matters to collections of less than sixty articles."""

SYNONYM_WEIGHT = 0.7
"""Default weight of a synonym form against the typed word, so that direct hits rank above. Snippets go by it."""

SYNONYM_POWER = 0.2
"""A form counts its weight to this power: 0.4, a wider word, 0.83; 0.7, another word for the same, 0.93. With 1: seeds
nDCG@10 0.920 → 0.914, the sets over the real pages −0.002 to −0.010, the FAQ −0.002; with 0, all alike,
within 0.0012 of it."""

CHARACTER_SHARE = 0.4
"""What the single ideographs of the query add to word evidence, in the rescoring window. With 0: questions on passages
nDCG@10 0.848 → 0.835, rephrased FAQ questions the same, stard dev 0.313 → 0.309."""

LIKENESS_SHARE = 1.5
"""What a title adds that is nearly the query: this share of the idf of all pairs of the query. With 0: rephrased FAQ
questions nDCG@10 0.910 → 0.82; the other sets within 0.005."""

LIKENESS_FROM = 0.45
"""Titles of which fewer characters are those of the query (Dice coefficient) add nothing. Titles that merely share a
few words with it (names of laws) must not gain: with 0, stard dev loses 0.015."""

CITED_SHARE = 0.15
CITED_HALF = 5
"""What an article adds that others cite by its title (《社会保险法》): this share of the idf of all pairs of the query,
half of it for so many works that cite it. Laws are asked about more than what explains them. With 0: stard train
nDCG@10 0.416 → 0.366, dev 0.350 → 0.315; the other sets the same, as nobody cites their articles."""

NAMED_SHARE = 2.0
"""What an article adds whose title the query gives whole: this share of the idf of all pairs of the query, more than
words and likeness can be worth. A law or a notice is asked for by its name, with or without who issued it."""

RESCORE_WINDOW = 100
"""Of so many hits, the best by words, pairs and boosts, single characters and titles are looked at. 50 loses 0.003 of
rephrased FAQ questions, 200 gains nothing."""

PLACE_BOOST = 4.0
"""Added when a place in the query is a facet value of the article. With 0: seeds nDCG@10 0.9006 → 0.8997."""

NO_OTHER_PLACE_BOOST = 4.0
"""Added when an article is about a place of the query, about the province around it, or about no place: the rules of
another city are no answer, however alike. With 0: seeds nDCG@10 0.9006 → 0.8920; the other sets name no places."""

PROVINCE_BOOST = 1.0
"""Added when an article is about the province around a city of the query, and about no city: nearer than what holds
everywhere. With 0: nDCG@10 of the sets over the real pages −0.0012 to 0, of seeds +0.0001."""

ANYWHERE_BOOST = 1.0
"""Added to an article about no place when the query names none: the rules of one place are no answer for all. With 0:
seeds nDCG@10 0.9096 → 0.907, pages 0.934 → 0.931; 4 loses on all."""

INSURANCE_BOOST = 2.0
"""Added when an insurance type that the query names is a facet value of the article. With this and the next 0: seeds
nDCG@10 −0.001, rephrased FAQ questions −0.002."""

NO_OTHER_INSURANCE_BOOST = 1.0
"""Added when an article is about an insurance type of the query or about none in particular."""

REPLACED = -3.0
"""Added to an official text that is repealed or revised on the day of the question: after what took its place, but
found, as people ask for old texts by name too."""

EXPIRED = -0.03
"""Added to an official text whose days are over: after one as good that is in force. It may be the only one on the
matter, with its status beside it: with -0.1, policy_gz MRR 0.938 → 0.931, with -1 0.922."""

PLACE_WORD_SHARE = 0.3
"""What the word of a place weighs against another word as rare, in the score and in the rule of enough. With 1, any
article of the city comes before the national one on the matter: seeds 0.9006 → 0.8955."""

NUMBER_PART_GAIN = 10.0
"""What a part of a document number (粤医保发2023) weighs against a word as rare. Its characters are common words, which
stand in the titles of others: one mention of such a number in a long text is to tell more than all of these. No judged
query has one."""

ARTICLE_BOOST = 0.2
"""Added to a full article: it says more than the teaser of the same text."""
