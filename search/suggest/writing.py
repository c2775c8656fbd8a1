"""The suggestions of a build: its words and titles with the keys that find them, written as one file of arrays."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..engines.contract import Engine
from ..errors import IndexDamaged
from ..model import UNSTATED, Parsed, Query
from ..query.grammar import as_phrase, parse, read_words
from ..retrieval import holding
from ..storage.container import Container, ContainerWriter
from ..storage.strings import encode_strings
from ..storage.structure import (
    BYTES,
    LONG,
    NUMBERS,
    SHORT,
    Ascending,
    Below,
    Column,
    Finite,
    Utf8,
    check,
    offsets,
    verify,
)
from ..text import fold_all, is_key, question_words
from ..text.lexicon import lexicon, places
from .keys import (
    EDITED,
    SIGNS,
    Keys,
    blur,
    letter_keys,
    make_keys,
    matrix,
    sound_keys,
    spelling,
    without,
)
from .pronunciation import CODES, Readings, readings
from .titles import Title, Titles

SUGGESTIONS = "suggestions.bin"
"""What the file is called that is attached to a build."""
FORMAT = 1
"""Raise it when the arrays change: suggestions of another format are passed over until the next reindex."""
LONGEST_TITLE = 60
"""A longer title completes nothing: nobody searches for it."""
NAMING_TITLES, NAME_LENGTHS = 5_000, range(3, 7)
"""In so many titles names are looked for that no dictionary has (肩颈痛), of so many characters: two that stand side by
side are mostly none, or a slip of the pen. A title takes 40 µs."""
TITLES_TOGETHER = 1 << 15
"""Titles that are written at a time."""
LEXICON_BONUS, PLACE_BONUS = 4.0, 1.0
"""Added to log(1 + df): an insurance word stands before a general word that occurs fifty times as often."""
WORD, LEXICON, PLACE, QUESTION = range(4)

Named = tuple[str, Array]
"""An array, and its name in the file."""
_HAN_WORD = re.compile(r"[^\W_]*[\u3400-\u9fff][^\W_]*")


def write_suggestions(path: Path, engine: Engine, titles: Iterable[str]) -> None:
    """Write the suggestions of what an engine holds into a new file, and sync it to the disk."""
    known = readings()
    writer = ContainerWriter(path)
    try:
        short = (title for title in titles if len(title) <= LONGEST_TITLE)
        first = list(islice(short, NAMING_TITLES))
        for name, column in _word_arrays(_counts(engine, first), known):
            writer.add(name, column)
        with closing(Titles()) as taken:
            taken.add(chain(first, short))
            for name, column in _title_arrays(*_write_texts(writer, taken.in_order(), known)):
                writer.add(name, column)
        writer.add("readings", np.concatenate([known.first, known.second]))
        writer.close({"format": FORMAT, "syllables": known.syllables, "documents": engine.info.documents})
    finally:
        writer.abandon()


def verify_suggestions(path: Path) -> None:
    """Check every byte of a file of suggestions, and their structure. Raises IndexDamaged."""
    open_file(path, verify)


def open_file(path: Path, checked: Callable[..., None] = check) -> Container:
    """Open a file of suggestions. Raises IndexDamaged, also if it is there in another format."""
    container = Container(path)
    if container.meta["format"] != FORMAT:
        raise IndexDamaged(f"{path} has format {container.meta['format']}, this program reads {FORMAT}")
    sounds = 1 + len(container.meta["syllables"]) + len(SIGNS)
    checked(container, COLUMNS, {"sounds": sounds, "readings": 2 * CODES})
    return container


def _entries(name: str, *keys: str) -> dict[str, Column]:
    """Declare the arrays of words or titles, and of the keys that find them."""
    rows = f"{name}s"
    columns = {
        f"{name}_offsets": offsets(rows, f"bytes of {rows}"),
        f"{name}_text": Column(BYTES, f"bytes of {rows}", (Utf8(f"{name}_offsets", "strict"),)),
        f"{name}_counts": Column(NUMBERS, rows, (Below(1 << 32, least=1),)),
        f"{name}_weights": Column(("<f4",), rows, (Finite(),)),
    }
    for key in keys:
        columns[f"{key}_keys"] = Column(LONG, f"keys {key}", (Ascending(equal=True),))
        columns[f"{key}_rows"] = Column(NUMBERS, f"keys {key}", (Below(rows),))
    return columns


COLUMNS = {
    **_entries("word", "spelled", "edited", "word_sounds", "rare", "blurred", "word_initials"),
    "word_kinds": Column(BYTES, "words", (Below(QUESTION + 1),)),
    "characters": Column(NUMBERS, "characters", (Ascending(), Below(sys.maxunicode + 1))),
    **_entries("title", "title_sounds", "title_initials"),
    "readings": Column(SHORT, "readings", (Below("sounds"),)),
}
"""The arrays of the file: their types, how many items they have, and what must hold of these."""


def _counts(engine: Engine, titles: Sequence[str]) -> dict[str, int]:
    """Return in how many articles each word occurs, names in titles that no dictionary has among them."""
    counts = {
        word: count
        for word, count in engine.words()
        if _HAN_WORD.fullmatch(word) and len(word) > 1 and not is_key(word)
    }
    read = {word.text for title in fold_all(titles[:NAMING_TITLES]) for word in read_words(title, names=True)}
    for name in read - counts.keys():
        if len(name) in NAME_LENGTHS and _HAN_WORD.fullmatch(name) and not is_key(name):
            # A title may write it with a blank between (B 超): then it is no name of its own.
            found = engine.match(Parsed(name, (as_phrase(name),)), Query(size=1, collapse=False)).total
            if found:
                counts[name] = found
    return counts | dict(_places(engine))


def _places(engine: Engine) -> Iterator[tuple[str, int]]:
    """Yield the names of the places that articles are about, with how many hold each: they need not name it."""
    everything = engine.match(Parsed(""), Query(size=1, collapse=False)).counts
    for facet in engine.facets.places:
        for value in everything.get(facet.key, {}).keys() - {UNSTATED}:
            for name in dict.fromkeys(fold_all([value, facet.label_of(value)])):
                if _HAN_WORD.fullmatch(name) and (count := holding(engine, parse(name, engine.facets.find_places))):
                    yield name, count


def _word_arrays(counts: dict[str, int], known: Readings) -> Iterator[Named]:
    words = sorted(counts)
    yield from _texts("word", words)
    df = np.fromiter((counts[word] for word in words), np.uint32, len(words))
    kinds = np.fromiter(map(_kind, words), np.uint8, len(words))
    weights = np.log1p(df) + LEXICON_BONUS * (kinds == LEXICON) + PLACE_BONUS * (kinds == PLACE)
    yield "word_counts", df
    yield "word_kinds", kinds
    yield "word_weights", weights.astype(np.float32)
    codes = matrix(words)
    rows = np.arange(len(words))
    yield "characters", np.unique(np.frombuffer("".join(words).encode("utf-32-le"), "<u4"))
    yield from _keys("spelled", make_keys(spelling(codes), rows, weights))
    yield from _keys("edited", _edited(words, codes, weights))
    sounds = known.sounds(codes)
    rare, owners = _rare_readings(known, codes, sounds)
    heard, hearers = np.concatenate([sounds, rare]), np.concatenate([rows, owners])
    yield from _keys("word_sounds", make_keys(sound_keys(sounds), rows, weights))
    yield from _keys("rare", make_keys(sound_keys(rare), owners, weights))
    yield from _keys("blurred", make_keys(sound_keys(blur(known.syllables)[sounds]), rows, weights))
    yield from _keys("word_initials", make_keys(letter_keys(_letters(known)[heard]), hearers, weights))


def _write_texts(writer: ContainerWriter, titles: Iterator[Title], known: Readings) -> list[Array]:
    """Write the texts of titles; return what is kept of each in memory: end of the text, count, length, two keys."""
    column = writer.stream("title_text")
    letters = _letters(known)
    types = (np.uint64, np.uint32, np.uint8, np.uint64, np.uint64)
    kept: list[list[Array]] = [[np.zeros(0, dtype)] for dtype in types]
    end = np.uint64(0)
    while some := list(islice(titles, TITLES_TOGETHER)):
        text, offsets = encode_strings(title.shown.encode("utf-8", "replace").decode() for title in some)
        column.append(text)
        sounds = known.sounds(matrix([title.key for title in some]))
        counts = np.array([title.times for title in some], np.uint32)
        lengths = np.array([len(title.key) for title in some], np.uint8)
        found: tuple[Array, ...] = (
            offsets[1:] + end,
            counts,
            lengths,
            sound_keys(sounds),
            letter_keys(letters[sounds]),
        )
        for pieces, piece in zip(kept, found, strict=True):
            pieces.append(piece)
        end += offsets[-1]
    writer.finish_stream(column)
    return [np.concatenate(kept.pop(0)) for _ in types]  # each column is twice in memory, and never two


def _title_arrays(ends: Array, counts: Array, lengths: Array, sounds: Array, letters: Array) -> Iterator[Named]:
    """Yield the other arrays of titles, whose texts are written."""
    yield "title_offsets", np.append(np.uint64(0), ends)
    # Of titles that occur equally often the shorter one first: it is the more general.
    weights = np.log1p(counts) - 0.01 * lengths
    rows = np.arange(len(counts))
    yield "title_counts", counts
    yield "title_weights", weights.astype(np.float32)
    yield from _keys("title_sounds", make_keys(sounds, rows, weights))
    yield from _keys("title_initials", make_keys(letters, rows, weights))


def _kind(word: str) -> int:
    if word in _insurance_words():
        return LEXICON
    if word in places():
        return PLACE
    return QUESTION if word in question_words() else WORD


@lru_cache(maxsize=1)
def _insurance_words() -> frozenset[str]:
    """The lexicon, and the words its entries are made of (备案 in 异地就医 备案)."""
    return frozenset(lexicon()) | {part for parts in lexicon().values() for part in parts if len(part) > 1}


def _texts(name: str, texts: list[str]) -> Iterator[Named]:
    text, offsets = encode_strings(texts)
    yield f"{name}_text", text
    yield f"{name}_offsets", offsets


def _keys(name: str, keys: Keys) -> Iterator[Named]:
    yield f"{name}_keys", keys.keys
    yield f"{name}_rows", keys.rows


def _edited(words: list[str], codes: Array, weights: Array) -> Keys:
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    keys, rows = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for column in range(EDITED[-1]):
        chosen = np.flatnonzero((lengths > column) & (lengths >= EDITED[0]) & (lengths <= EDITED[-1]))
        keys.append(spelling(without(codes[chosen], column)))
        rows.append(chosen)
    return make_keys(np.concatenate(keys), np.concatenate(rows), weights)


def _rare_readings(known: Readings, codes: Array, sounds: Array) -> tuple[Array, Array]:
    """Return the sounds of words with one character in its second reading, and their rows. 长护险 is changhuxian so."""
    variants, owners = [sounds[:0]], [np.arange(0)]
    seconds = known.second[np.where(codes < len(known.second), codes, 0)]
    for column in range(codes.shape[1]):
        rows = np.flatnonzero((seconds[:, column] != 0) & (seconds[:, column] != sounds[:, column]))
        other = sounds[rows]
        other[:, column] = seconds[rows, column]
        variants.append(other)
        owners.append(rows)
    return np.concatenate(variants), np.concatenate(owners)


def _letters(known: Readings) -> Array:
    """Return sound → number of its first letter."""
    spelled = [*known.syllables, *SIGNS]
    return np.array([0, *(SIGNS.index(text[0]) + 1 for text in spelled)], dtype=np.uint8)
