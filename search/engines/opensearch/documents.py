"""Articles → documents of the cluster, and what is read back from them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from ...arrays import Array
from ...facets import Facets
from ...facets.status import REPEALED, REVISED, STATUS
from ...model import UNSTATED, Article
from ...retrieval.features import DIRECTIONS
from ...retrieval.rescoring import CHARACTER_CODES, IN_TITLE
from ...retrieval.validity import CODES
from ...storage.articles import decode, encode
from ...text import fold, is_letter
from .mapping import FACET
from .mapping import STATUS as STATUS_FIELD
from .tokens import Tokens, counted

GROUP = "_group "
"""What the name of a group of near-duplicates begins with, and no id of a document."""
_LONGEST_KEY = 512
"""Bytes that the id of a document may have there."""
_HEAD = np.dtype([("work", "<u8"), ("length", "<u4"), ("characters", "<u4")])


class Step(NamedTuple):
    """From this day on (an ordinal) an article has this status, an index into `CODES`; and what took its place, or "".

    An article has none before its first step.
    """

    day: int
    code: int
    replaced_by: str = ""


def key_of(article_id: str) -> str:
    """Return the id of an article's document: its own, where the cluster takes that."""
    raw = article_id.encode("utf-8", "surrogatepass")
    if 0 < len(raw) <= _LONGEST_KEY and article_id[0] != "_" and not _has_surrogates(article_id):
        return article_id
    return "_" + hashlib.blake2b(raw, digest_size=32).hexdigest()


def document(article: Article, tokens: Tokens, work: int, direction: int, facets: Facets) -> bytes:
    """Return the document of an article as JSON, but for what depends on other articles: `belonging` adds that."""
    values: dict[str, Any] = {
        "id": article.id,
        "article": _text(article),
        "words": counted(tokens.words),
        "pairs": counted(tokens.pairs),
        "characters": counted(tokens.characters),
        "grams": tokens.grams,
        "title_grams": tokens.title_grams,
        "words_length": tokens.words_length,
        "bigrams_length": tokens.bigrams_length,
        "full": article.kind == "article",
        "features": _features(article, tokens, work),
    }
    if tokens.heading_grams:
        values["heading_grams"] = tokens.heading_grams
    if article.date:
        values["day"] = article.date.toordinal()
    if DIRECTIONS[direction]:
        values["direction"] = DIRECTIONS[direction]
    for facet in facets.stored:
        held = article.facets.get(facet.key) or ((UNSTATED,) if facet.unstated else ())
        if held:
            values[f"{FACET}{facet.key}"] = list(held)
    return _json(values)


def belonging(written: bytes, article_id: str, group: str, steps: Sequence[Step]) -> bytes:
    """Return a document with its group of near-duplicates ("" for none) and its statuses."""
    values: dict[str, Any] = {"group": group or key_of(article_id)}
    if group:
        values["grouped"] = True
    if steps:
        values["has_status"] = True
        values["statuses"] = [list(step) for step in steps]
        ends = [*(step.day - 1 for step in steps[1:]), date.max.toordinal()]
        for step, end in zip(steps, ends, strict=True):
            if step.code:
                values.setdefault(f"{STATUS_FIELD}{step.code}", []).append({"gte": step.day, "lte": end})
    return written[:-1] + b"," + _json(values)[1:]


def article_of(source: Mapping[str, Any], day: date | None = None) -> Article:
    """Return the article of a document, with its status on a day; without a day as it was given."""
    article = decode(source["article"])
    if day is None:
        return article
    status, replaced_by = "", ""
    for begin, code, by in source.get("statuses", ()):
        if begin <= day.toordinal():
            status, replaced_by = CODES[code], by
    if not status:
        return article
    values: dict[str, Any] = {"facets": {**article.facets, STATUS.key: (status,)}}
    if replaced_by and status in (REVISED, REPEALED):
        values["superseded_by" if status == REVISED else "repealed_by"] = replaced_by
    return replace(article, **values)


class Characters(NamedTuple):
    """What rescoring looks at in a hit: see `search.retrieval.rescoring.Window`."""

    work: int
    length: int
    codes: Array
    tf: Array


def characters_of(packed: str) -> Characters:
    """Return what `features` of a document holds."""
    # As doc values give it: for URLs, and without the padding.
    raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    work, length, count = np.frombuffer(raw, _HEAD, 1)[0].tolist()
    codes = np.frombuffer(raw, "<u2", count, _HEAD.itemsize)
    return Characters(work, length, codes, np.frombuffer(raw, np.uint8, count, _HEAD.itemsize + codes.nbytes))


def _features(article: Article, tokens: Tokens, work: int) -> str:
    in_title = set(fold(article.title))
    held = sorted(tokens.characters)
    codes = np.array([ord(character) for character in held], np.uint32)
    chosen = is_letter(codes) & (codes < CHARACTER_CODES)
    tf = [min(tokens.characters[one], IN_TITLE - 1) + IN_TITLE * (one in in_title) for one in held]
    head = np.array([(work, tokens.bigrams_length, int(chosen.sum()))], _HEAD)
    packed = head.tobytes() + codes[chosen].astype("<u2").tobytes() + np.array(tf, np.uint8)[chosen].tobytes()
    return base64.b64encode(packed).decode()


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _text(article: Article) -> str:
    """Return an article as a line of JSON that the cluster can hold: what UTF-8 cannot have as escapes."""
    text = encode(article)
    return json.dumps(json.loads(text)) if _has_surrogates(text) else text


def _json(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
