"""From what was typed to clauses and notes.

::

    query    = { quoted | excluded | bare }
    quoted   = “characters”  or  "…"  「…」  『…』      these very characters (after folding), as a phrase
    excluded = -word  or  -“characters”              at the start or after white space only
    bare     = anything else: cut into words; punctuation separates

Nothing else is syntax. Parsing never fails except for length; what was ignored is said in notes. The caller gives the
recogniser of places, because this module must not know the facets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..errors import UserError
from ..messages import message, note
from ..model import Clause, ClauseKind, Form, Named, Note, Parsed
from ..retrieval.ranking import SYNONYM_WEIGHT
from ..text import (
    PLAIN,
    Language,
    Token,
    direction,
    fold,
    is_document_number,
    is_part_of_number,
    joined_runs,
    number_key,
    other_spellings,
    parts_of_numbers,
    query_words,
    question_words,
    synonyms,
)
from ..text.tokens import HAN

MAX_CHARACTERS = 200

Recognise = Callable[[str], Iterable[Named]]
"""Folded text → the facet values it names, offsets into that text."""

_CLOSERS = {"「": "」", "『": "』"} | dict.fromkeys('"“”„‟〝〞', '"“”„‟〞〝')
"""Folded opening quote → the characters that close it. People type “ for ” and the reverse: any pairs with any."""
_WORD = re.compile(r"[^\W_]")
_EXCLUDED = re.compile(r"-[^\W_][^\s“”\"„‟〝〞「」『』]*")
_EXCLUDED_WORD = re.compile(r"[^\W_](?:[^\W_]|[-.](?=[^\W_]))*")
_YEAR = re.compile(r"(?:19[0-9]{2}|20(?!00)[0-9]{2}|2000(?=年))(?! ?[元块万人])")
"""2000 alone is more often an amount; 2025元 is one."""
_SHORT_YEAR = re.compile(r"(?<![^\W_])(2[0-9])年(?![级限以之内前后的工都才够满])")
"""25年 at the beginning is mostly 2025, and may be 25 years."""
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]*")
_WHETHER = re.compile(rf"([{HAN}])[不没]\1|(?<=[{HAN}])(?:不|没|没有)(?![^\W_])")
"""能不能, 报没报, and 能报不, 备案了没 where nothing follows: asking, not denying."""
_AMOUNT_ASKED = re.compile(r"多少|比例|几|限额|额度|多久|多长|标准|封顶线|起付线|上限|金额|基数")
_NEGATIONS = frozenset("不无没未非")
_ORDINARY = re.compile(r"[\w\s!-~，。？！、；：“”‘’（）《》〔〕【】—…·]*")
"""Texts that hold nothing to be ignored, told at once."""
_IGNORED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_EMOJI = (range(0x2600, 0x27C0), range(0x1F000, 0x20000), range(0xFE00, 0xFE10))


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the query that is no bare text: its content lies in [start, end), it takes up [outer, outer_end)."""

    kind: ClauseKind
    start: int
    end: int
    outer: int
    outer_end: int


def nothing(folded: str) -> Iterable[Named]:
    """Recognise nothing: the default of `parse`."""
    return ()


def parse(
    text: str, find_places: Recognise = nothing, find_values: Recognise = nothing, language: Language = PLAIN
) -> Parsed:
    """Return `text` understood. Raises UserError (`q`) above 200 characters, and for nothing else.

    `find_values` finds values of other facets than places, in a text with its places overwritten. `language` has the
    words and synonyms that are known beside the program's own.
    """
    if len(text) > MAX_CHARACTERS:
        raise UserError(
            "q", message("text-too-long", most=MAX_CHARACTERS), f"q is longer than {MAX_CHARACTERS} characters"
        )
    text = "".join("\ufffd" if "\ud800" <= character < "\ue000" else character for character in text)
    folded = fold(text)
    parts, lone_quotes = _parts(folded)
    bare = _blank_out(folded, parts)
    places = tuple(find_places(bare))
    clauses = [clause for part in parts if (clause := _part_clause(part, text, folded))]
    clauses += _bare_clauses(text, bare, places, language)
    clauses = _distinct(sorted(clauses, key=lambda clause: clause.start))
    optional = (clause for clause in clauses if clause.kind == "optional")
    years = tuple(_year(clause) for clause in optional if not is_part_of_number(clause.forms[0].text))
    clauses = _promote(clauses)
    return Parsed(
        text,
        tuple(clauses),
        places,
        tuple(find_values(_masked(bare, places))),
        tuple(_notes(text, bool(clauses), lone_quotes)),
        years,
        tuple(clause.text for clause in clauses if is_document_number(clause.forms[0].text)),
        any(_AMOUNT_ASKED.search(clause.text) for clause in clauses),
        direction(bare),
    )


def without_quotes(text: str) -> str:
    """Return a query text with blanks for the quotes of its phrases; what is excluded stays so."""
    characters = list(text)
    for part in _parts(fold(text))[0]:
        if part.kind == "phrase":
            characters[part.outer] = characters[part.outer_end - 1] = " "
    return "".join(characters)


def _parts(folded: str) -> tuple[list[_Part], bool]:
    """Return quoted and excluded parts in order, and whether a quote stood alone."""
    parts: list[_Part] = []
    lone_quote, position = False, 0
    while position < len(folded):
        part, lone = _part_at(folded, position)
        lone_quote |= lone
        if part:
            parts.append(part)
        position = part.outer_end if part else position + 1
    return parts, lone_quote


def _part_at(folded: str, position: int) -> tuple[_Part | None, bool]:
    minus = folded[position] == "-" and (position == 0 or folded[position - 1] == " ")
    quote = position + minus
    if quote < len(folded) and folded[quote] in _CLOSERS:
        closers = _CLOSERS[folded[quote]]
        end = next((i for i in range(quote + 1, len(folded)) if folded[i] in closers), -1)
        if end >= 0:
            return _Part("excluded" if minus else "phrase", quote + 1, end, position, end + 1), False
        return None, not minus
    if minus and (match := _EXCLUDED.match(folded, position)):
        word = _excluded_word(match.group()[1:])
        end = position + 1 + len(word)
        return _Part("excluded", position + 1, end, position, end), False
    return None, folded[position] in "」』"


def _excluded_word(chunk: str) -> str:
    """The part of `chunk` that a minus before it excludes: a document number, else the first unbroken word."""
    first = next(iter(query_words(chunk)), None)
    if first and first.start == 0 and first.text != chunk[: first.end]:
        return chunk[: first.end]
    match = _EXCLUDED_WORD.match(chunk)
    return match.group() if match else chunk[:1]


def _part_clause(part: _Part, text: str, folded: str) -> Clause | None:
    content = folded[part.start : part.end]
    start = part.start + len(content) - len(content.lstrip(" "))
    content = content.strip(" ")
    if not _WORD.search(content):
        return None
    form = content
    quoted = part.kind == "excluded" and folded[part.start - 1] != "-"
    if part.kind == "excluded" and not quoted:
        words = query_words(content)
        form = words[0].text if len(words) == 1 else content
    end = start + len(content)
    return Clause(part.kind, text[start:end], start, end, (Form(form),), quoted=quoted)


def _blank_out(folded: str, parts: list[_Part]) -> str:
    for part in parts:
        folded = folded[: part.outer] + " " * (part.outer_end - part.outer) + folded[part.outer_end :]
    return folded


def _masked(bare: str, places: Iterable[Named]) -> str:
    """Return the text with its places overwritten, as the rules of facets read titles."""
    for place in places:
        bare = bare[: place.start] + "〇" * (place.end - place.start) + bare[place.end :]
    return bare


def _bare_clauses(text: str, bare: str, places: tuple[Named, ...], language: Language) -> list[Clause]:
    asking = _whether(bare)
    rest = list(bare)
    for token in asking:
        rest[token.start : token.end] = " " * len(token.text)
    kinds: list[tuple[Token, ClauseKind]] = [(token, "question") for token in asking]
    kinds += [(token, _kind(token, bare)) for token in read_words("".join(rest), language=language)]
    parts = [
        Clause("optional", text[start:end], start, end, (Form(key),)) for key, start, end in parts_of_numbers(bare)
    ]
    return [*(_clause(token, kind, text, bare, places, language) for token, kind in kinds), *parts]


def _whether(bare: str) -> list[Token]:
    """Return what asks yes or no by a negation. In 报不报 the first 报 is a word like any other."""
    tokens = []
    for match in _WHETHER.finditer(bare):
        start = match.start() + (match.group(1) is not None and match.group(1) not in question_words())
        tokens.append(Token(bare[start : match.end()], start, match.end()))
    return tokens


def _kind(token: Token, bare: str) -> ClauseKind:
    if token.text in question_words():
        return "question"
    if _SHORT_YEAR.match(bare, token.start):
        return "optional"
    year = _YEAR.match(token.text + bare[token.end :])
    return "optional" if year and year.end() == len(token.text) else "word"


def _year(clause: Clause) -> int:
    """Return the year that an optional clause names."""
    return next(int(form.text) for form in clause.forms if form.text.isdigit())


def as_phrase(text: str) -> Clause:
    """Return the clause that asks for these very characters."""
    return Clause("phrase", text, 0, len(text), (Form(fold(text)),))


def read_words(bare: str, names: bool = False, language: Language = PLAIN) -> list[Token]:
    """Cut folded text, then join adjacent single characters that are no word each: a name, a word of no dictionary.

    With `names` also those that mean something by themselves: 痛 in 肩颈痛.
    """
    groups: list[list[Token]] = []
    for token in query_words(bare, language):
        last = groups[-1][-1] if groups else None
        if last and last.end == token.start and _belong_together(last.text, token.text, names, language):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [Token("".join(token.text for token in group), group[0].start, group[-1].end) for group in groups]


def _belong_together(left: str, right: str, names: bool, language: Language) -> bool:
    """Not if the second means something by itself, that is, has synonyms: 牙 and 报 in 牙报不报.

    After such a character others are kept: 报消 may be a word written wrong, to be corrected as a whole.
    """
    return _is_loose(left) and _is_loose(right) and (names or not synonyms(right, SYNONYM_WEIGHT, language.groups))


def _is_loose(word: str) -> bool:
    return len(word) == 1 and word >= "\u3400" and word not in _NEGATIONS and word not in question_words()


def _clause(  # noqa: PLR0913, PLR0917 - all that a clause may depend on
    token: Token, kind: ClauseKind, text: str, bare: str, places: tuple[Named, ...], language: Language
) -> Clause:
    """Return a bare clause; a word or year with what else it may be written as, a word with its synonyms.

    For 黑河市 also 黑河, for 沪 also 上海.
    """
    start, end = token.start, token.end
    if kind == "question":
        return Clause(kind, text[start:end], start, end, (Form(token.text),))
    forms = [Form(token.text), *_also_written(token, bare)]
    if kind == "optional":
        return Clause(kind, text[start:end], start, end, tuple(forms))
    written = {form.text for form in forms}
    forms += [form for form in synonyms(token.text, SYNONYM_WEIGHT, language.groups) if form.text not in written]
    place = next((place for place in places if place.start <= start and end <= place.end), None)
    if place:
        label = fold(place.label)
        is_longer = token.text.startswith(label[:2]) and token.text not in label
        if label != token.text and (is_longer or len(token.text) == 1):
            forms.append(Form(label))
    return Clause("word", text[start:end], start, end, tuple(forms), place.value if place else "")


def _also_written(token: Token, bare: str) -> Iterator[Form]:
    """Yield what else a text may write for a token: no other word, so it counts as much.

    3000 may stand in 3,000 or 三千元, 25年 be 2025, PET CT be PETCT, 帐户 be 账户, and 三级医院 be 3级医院.
    """
    typed = bare[token.start : token.end]
    if _WHOLE_NUMBER.fullmatch(token.text):
        yield Form(number_key(token.text))
        if typed != token.text and not typed[0].isascii():
            yield Form(typed)
    elif _SHORT_YEAR.match(bare, token.start):
        yield Form(f"20{typed[:2]}")
    elif not token.text.isascii():
        yield from map(Form, other_spellings(token.text))
    for joined, start, end in joined_runs(bare):
        if start <= token.start and token.end <= end and (start, end) != (token.start, token.end):
            yield Form(joined)


def _distinct(clauses: list[Clause]) -> list[Clause]:
    """Keep the first of clauses that say the same."""
    first: dict[tuple[ClauseKind, str], Clause] = {}
    for clause in clauses:
        first.setdefault((clause.kind, clause.forms[0].text), clause)
    return list(first.values())


def _promote(clauses: list[Clause]) -> list[Clause]:
    """Where nothing is required, require the years, and without years the question words: 怎么办 alone is a word."""
    if any(clause.kind in ("word", "phrase") for clause in clauses):
        return clauses
    for kind in ("optional", "question"):
        if any(clause.kind == kind for clause in clauses):
            return [replace(clause, kind="word") if clause.kind == kind else clause for clause in clauses]
    return clauses


def _notes(text: str, found: bool, lone_quote: bool) -> Iterator[Note]:
    if lone_quote:
        yield note("lone-quote")
    if not _ORDINARY.fullmatch(text) and any(map(_is_ignored, text)):
        yield note("ignored-characters")
    if text.strip() and not found:
        yield note("nothing-to-search")


def _is_ignored(character: str) -> bool:
    code = ord(character)
    return (
        character == "\ufffd"
        or any(code in block for block in _EMOJI)
        or (not character.isspace() and unicodedata.category(character) in _IGNORED_CATEGORIES)
    )
