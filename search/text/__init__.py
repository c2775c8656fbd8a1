"""Chinese text analysis: one set of rules for indexing, querying and highlighting.

`fold` maps characters one to one, so offsets in folded and original text agree. `occurrences` is the definition of a
match: literal folded characters. `index_words` and `is_word` describe the words index, which is an accelerator for that
definition, never another one.

Knows characters, words and the hand-kept word files; must not know facets, queries or any index.
"""

from __future__ import annotations

from .citations import cited_works, named_works, work
from .directions import direction
from .docnumbers import parts_of_numbers
from .folding import fold, fold_all, fold_codes, is_letter
from .language import PLAIN, Language
from .lexicon import question_words
from .numbers import key as number_key
from .segmentation import segmenter_name
from .synonym_groups import read_group, same_words, synonyms
from .tokens import (
    Token,
    index_word_parts,
    index_words,
    is_document_number,
    is_key,
    is_part_of_number,
    is_word,
    joined_runs,
    occurrences,
    other_spellings,
    query_words,
)

__all__ = [
    "PLAIN",
    "Language",
    "Token",
    "cited_works",
    "direction",
    "fold",
    "fold_all",
    "fold_codes",
    "index_word_parts",
    "index_words",
    "is_document_number",
    "is_key",
    "is_letter",
    "is_part_of_number",
    "is_word",
    "joined_runs",
    "named_works",
    "number_key",
    "occurrences",
    "other_spellings",
    "parts_of_numbers",
    "query_words",
    "question_words",
    "read_group",
    "same_words",
    "segmenter_name",
    "synonyms",
    "work",
]
