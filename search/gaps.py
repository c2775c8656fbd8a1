"""What readers did not find: which of their words may be told at all, and how many clients asked for each on a day.
And of which articles they say that they helped or did not.

On the disk stand days (Asia/Shanghai), words or opinions on articles, and numbers, nothing else. Who is a client, and
how many of them make a word one that may be told, is for who counts to know.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, unquote

from .errors import SearchError
from .model import Results
from .text import fold_all
from .text.lexicon import HAN_WORD, lexicon, mixed_words, places
from .text.segmentation import segmenter

FOLDER = "gaps"
"""In the state directory; a file a day."""
FEEDBACK = "feedback"
"""The same for opinions on articles."""
KINDS = ("useful", "useless")
REASONS = ("outdated", "unclear", "elsewhere", "lacking")
"""Why an article was of no use: it is out of date, hard to understand, about another place, without what was sought."""
LONGEST_ID = 1000
"""Characters of an id, as it stands in an address, of which opinions are counted."""


def opinion(article_id: str, kind: str, reason: str = "") -> tuple[str, ...]:
    """Return what is counted of an opinion: its kind, and its reason beside it; nothing if there is no such opinion.

    Each names the article by its id as it stands in an address.
    """
    name = quote(article_id)
    if kind not in KINDS or len(name) > LONGEST_ID or (reason and (kind != "useless" or reason not in REASONS)):
        return ()
    return (f"{kind} {name}", *([f"{kind}:{reason} {name}"] if reason else []))


def opinion_of(counted: str) -> tuple[str, str]:
    """Return kind (with its reason, `useless:outdated`) and id of an article from what was counted."""
    kind, _, name = counted.partition(" ")
    return kind, unquote(name)


def gap_words(results: Results) -> frozenset[str]:
    """Return the words of a search that it did not find, as far as anybody may have said them.

    That is what stands in the dictionary, the lexicon or the gazetteer: no number, no name, nothing in quotes but such.
    """
    return frozenset(filter(is_common_word, results.unmet))


def load_gap_words() -> None:
    """Load what `gap_words` looks words up in, so that processes forked from this one share it."""
    for load in (lexicon, places, segmenter, _person_names):
        load()


def is_common_word(form: str) -> bool:
    """Tell whether anybody may have said `form`: a word of the dictionary that is nobody's name, or one of our own.

    Numbers and Latin runs are none, whatever they say.
    """
    if form in lexicon() or form in places() or form in mixed_words():
        return True
    return bool(HAN_WORD.fullmatch(form)) and segmenter().knows(form) and form not in _person_names()


@lru_cache(maxsize=1)
def _person_names() -> frozenset[str]:
    """Return the words that jieba's dictionary tags as names of persons (`nr…`): 79,000, read in half a second.

    Not all of them are.
    """
    package = find_spec("jieba")
    assert package and package.origin
    rows = Path(package.origin).with_name("dict.txt").read_text("utf-8")
    return frozenset(fold_all(re.findall(r"^(\S+) [0-9]+ nr", rows, re.M)))


class GapDays:
    """The days below a state directory. One process at a time may write."""

    def __init__(self, state: Path, folder: str = FOLDER) -> None:
        self._folder = state / folder

    def prepare(self) -> None:
        """Make the folder, for its owner alone. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, day: date, counts: Mapping[str, int]) -> None:
        """Add to the counts of a day. Raises OSError, and SearchError if those cannot be read."""
        total = self._of(day) + Counter(counts)
        path = self._path(day)
        beside = path.with_suffix(".new")
        # In the order of the words, not in that in which they were asked for.
        text = json.dumps(dict(sorted(total.items())), ensure_ascii=False, indent=0)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        beside.replace(path)

    def since(self, first: date, last: date) -> Counter[str]:
        """Return the counts from the first to the last day. Raises SearchError if some cannot be read."""
        return sum(map(self._of, _days(first, last)), Counter())

    def _of(self, day: date) -> Counter[str]:
        path = self._path(day)
        try:
            counts = json.loads(path.read_text("utf-8"))
            return Counter({str(word): int(count) for word, count in counts.items()})
        except FileNotFoundError:
            return Counter()
        except (ValueError, AttributeError, TypeError) as error:
            raise SearchError(f"{path} cannot be read: it is not what yibao wrote; remove it") from error

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.json"


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days) for days in range((last - first).days + 1))
