"""The only module that knows jieba and rjieba.

Both are fed runs of Han characters and nothing else, with HMM off and the same added words at the same fixed
frequencies; then they agree word for word (held by tests), so an index built with one is searched with the other.
The tokenizer is built once and not changed afterwards: nothing else in the process uses rjieba's, and jieba's is our
own. jieba's cache file is bypassed: it lives in the shared temp directory and is read with `marshal` unchecked.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol

from ..errors import SearchError
from .lexicon import lexicon, place_names

LEXICON_FREQUENCY = 20_000
"""High enough that the coarse cut keeps each lexicon word whole (held by a test), the same for both segmenters."""

PLACE_FREQUENCY = 300
"""Places are kept whole, but lose against everyday words that overlap them."""

VARIABLE = "YIBAO_SEGMENTER"


class Segmenter(Protocol):
    """What the rest of the program needs of a segmenter. Input is folded; Han runs may be joined by line feeds."""

    name: str

    def words(self, text: str) -> list[str]:
        """Return every dictionary word of two characters and more, at every position."""
        ...

    def cut(self, text: str) -> list[str]:
        """Return one best segmentation; the parts joined are `text`."""
        ...

    def knows(self, word: str) -> bool:
        """Tell whether `word` is a dictionary word."""
        ...


class _Rjieba:
    def __init__(self) -> None:
        self.name = f"rjieba {version('rjieba')}"
        self._jieba = _rjieba()
        self.knows = self._jieba.has_word

    def words(self, text: str) -> list[str]:
        return [word for word in self._jieba.cut_all(text) if len(word) > 1]

    def cut(self, text: str) -> list[str]:
        return list(self._jieba.cut(text, hmm=False))


@lru_cache(maxsize=1)
def _rjieba() -> Any:
    """The package itself: it reads its dictionary when it is imported, and a tokenizer of our own would again."""
    import rjieba

    for word, frequency in _added_words(rjieba.has_word):
        rjieba.add_word(word, frequency, None)
    return rjieba


class _Jieba:
    def __init__(self) -> None:
        with warnings.catch_warnings():
            # jieba 0.42.1 has invalid escapes in its source and imports pkg_resources where there is one.
            warnings.simplefilter("ignore")
            import jieba
        jieba.setLogLevel(logging.WARNING)
        self.name = f"jieba {version('jieba')}"
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(self._jieba.get_dict_file())
        self._jieba.initialized = True
        for word, frequency in _added_words(self.knows):
            # add_word counts the old frequency of a known word twice; rjieba does not.
            self._jieba.total -= self._jieba.FREQ.get(word, 0)
            self._jieba.add_word(word, frequency)

    def words(self, text: str) -> list[str]:
        return [word for word in self._jieba.cut(text, cut_all=True) if len(word) > 1]

    def cut(self, text: str) -> list[str]:
        return list(self._jieba.cut(text, HMM=False))

    def knows(self, word: str) -> bool:
        return bool(self._jieba.FREQ.get(word))


FAMILY: dict[str, type[_Rjieba] | type[_Jieba]] = {"rjieba": _Rjieba, "jieba": _Jieba}


@lru_cache(maxsize=1)
def segmenter() -> Segmenter:
    """Return the process's segmenter: rjieba where installed, else jieba; `YIBAO_SEGMENTER` decides otherwise."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        return make(chosen)
    try:
        return make("rjieba")
    except ImportError:
        return make("jieba")


def make(name: str) -> Segmenter:
    """Build a segmenter by name (`jieba`, `rjieba`). SearchError for another name, ImportError if not installed."""
    if name not in FAMILY:
        raise SearchError(f"{VARIABLE}={name!r}: must be one of {', '.join(sorted(FAMILY))}")
    return FAMILY[name]()


def segmenter_name() -> str:
    """Return name and version of the segmenter in use, such as `rjieba 0.2.2`."""
    return segmenter().name


def _added_words(known: Callable[[str], bool]) -> Iterable[tuple[str, int]]:
    """Yield what is added to jieba's dictionary. A place that is a word there already keeps its frequency."""
    for word in lexicon():
        yield word, LEXICON_FREQUENCY
    domain = frozenset(lexicon())
    for place in place_names():
        if place not in domain and not known(place):
            yield place, PLACE_FREQUENCY
