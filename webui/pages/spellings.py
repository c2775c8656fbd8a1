"""How the facet values sound, so that a list can be searched by pinyin and by first letters.

`spellings.tsv` is made by `python -m webui.pages.spellings` and held to the facets by a test; serving needs no pinyin
library.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from search import FACET_KEYS, UNSTATED, label, values

FILE = Path(__file__).with_name("spellings.tsv")


def spelling(name: str) -> str:
    """Return what a label answers to beside its characters: `heilongjiang hlj`; empty for an unknown label."""
    return _table().get(name, "")


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return dict(line.split("\t") for line in FILE.read_text("utf-8").splitlines())


def labels() -> tuple[str, ...]:
    """Return every label in characters that a listed facet value can have, each once, in canonical order."""
    every = [UNSTATED, *(label(key, value) for key in FACET_KEYS for value in values(key))]
    return tuple(dict.fromkeys(name for name in every if not name.isascii()))


def table(names: Iterable[str]) -> str:
    """Return the text of `spellings.tsv` for these labels."""
    from pypinyin import lazy_pinyin

    lines = []
    for name in names:
        syllables = [syllable.replace("ü", "v") for syllable in lazy_pinyin(name)]
        lines.append(f"{name}\t{''.join(syllables)} {''.join(s[0] for s in syllables)}\n")
    return "".join(lines)


if __name__ == "__main__":
    FILE.write_text(table(labels()), "utf-8")
