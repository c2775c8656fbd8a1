"""Where a query's words stand in a text, and which sentences and table rows show it best. Offsets only, never HTML.

A row is shown by its name and by those of its columns that were asked for: 一级 · 起付线 200 元. The words of its heads
count as its own. The marks are those of the text, moved along with the cells.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..model import Article, Parsed, Snippet, Span
from ..retrieval.marks import Mark, held, is_wanted, marks_of, merged, told, weight
from ..retrieval.passages import Passage, inside, passages
from ..retrieval.rows import BETWEEN_CELLS, Cell, Row, TableRows
from ..retrieval.sentences import SentenceView
from ..text import fold

_WINDOW = 100_000
"""Snippets are looked for in so many characters of a text."""
_OVERLAP = 1_000
"""Windows share so many characters, more than any query has: so no match is cut."""
_MARKS_CONSIDERED = 1_000
"""Of each form: a frequent word must not hide a rare one."""
_OPENINGS_TRIED = 50
_OPENING_SENTENCES = 50
_SHORT = 40
"""A sentence shorter than this takes the next one along, so that 报销比例： does not stand alone."""
_LEAD = 24
"""Characters kept before the first mark where a long sentence is cut."""
_LEAST_OF_CELL = 12
"""Characters that a cell must have room for, or it is left out."""

_BLANKS = dict.fromkeys((*range(0x20), 0x7F, 0x2028, 0x2029), " ")


@dataclass(frozen=True, slots=True)
class _Part:
    """A range to show, with what stands before and after it that is not of the text."""

    span: Span
    before: str = ""
    after: str = ""

    def __len__(self) -> int:
        return len(self.before) + self.span[1] - self.span[0] + len(self.after)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Parts to show one after the other, and the range of the text that they stand for."""

    parts: tuple[_Part, ...]
    bounds: Span

    def __len__(self) -> int:
        return sum(map(len, self.parts))


def spans(parsed: Parsed, text: str) -> tuple[Span, ...]:
    """Return the ranges of `text` to mark: in order, touching ones merged. Synonyms are marked, exclusions are not."""
    if not any(map(is_wanted, parsed.clauses)):
        return ()
    return merged((mark.start, mark.end) for mark in marks_of(parsed, fold(text)))


def title_spans(parsed: Parsed, article: Article) -> tuple[Span, ...]:
    """Return the ranges of a title to mark: also the name by which it is about a place of the query (合肥 for 安徽)."""
    found = spans(parsed, article.title)
    asked = {clause.place for clause in parsed.clauses if clause.kind == "word"} - {""}
    about = {(place.facet, place.value) for place in parsed.places if place.value in asked}
    named = {(e.start, e.end) for e in article.evidence if e.field == "title" and (e.facet, e.value) in about}
    added = [one for one in named if not any(one[0] < end and start < one[1] for start, end in found)]
    return merged(sorted([*found, *added])) if added else found


def snippets(parsed: Parsed, article: Article, limit: int = 2, max_chars: int = 160) -> tuple[Snippet, ...]:
    """Return up to `limit` stretches of whole sentences that show most of the query, that which tells most first.

    Without a match in the text (the title matched, or nothing was asked) it is the opening. A sentence longer than
    `max_chars` is cut around its marks, with … where something is left out. Empty only for a text without characters.
    """
    if any(map(is_wanted, parsed.clauses)):
        view = SentenceView(article, _window(parsed, article), _WINDOW)
        marks = marks_of(parsed, view.folded, _MARKS_CONSIDERED)
        if marks:
            marks = _of_header(parsed, view) + marks
            stretches = _best(view, passages(view, marks, parsed.asks_amount), marks, limit, max_chars)
            return tuple(_snippet(view, stretch, marks) for stretch in stretches)
    view = SentenceView(article, 0, _WINDOW)
    return tuple(_snippet(view, stretch, []) for stretch in _opening(view, max_chars))


def _of_header(parsed: Parsed, view: SentenceView) -> list[Mark]:
    """Return the marks in the header of a table that goes on in the window, which lies before it."""
    span = view.rows.header_before()
    if span is None:
        return []
    start, end = span[0], min(span[1], span[0] + _WINDOW, 0)
    found = marks_of(parsed, fold(view.cut((start, end))), _MARKS_CONSIDERED)
    return [mark._replace(start=mark.start + start, end=mark.end + start) for mark in found]


def _window(parsed: Parsed, article: Article) -> int:
    """Return where the window begins that tells most of the query; the first of those that do."""
    text = article.text
    if len(text) <= _WINDOW:
        return 0
    best, most = 0, 0.0
    whole = sum(max(weight(clause, form) for form in clause.forms) for clause in parsed.clauses if is_wanted(clause))
    for offset in range(0, len(text), _WINDOW - _OVERLAP):
        header = TableRows(article, offset, _WINDOW).header_before() or (0, 0)
        heads = text[header[0] + offset : min(header[1], header[0] + _WINDOW) + offset]
        here = held(parsed, fold(f"{heads}\n{text[offset : offset + _WINDOW]}"))
        if here > most:
            best, most = offset, here
        if here >= whole:
            break
    return best


def _best(
    view: SentenceView, sentences: list[Passage], marks: list[Mark], limit: int, max_chars: int
) -> list[_Stretch]:
    """Choose greedily: the sentence that tells most, then the one that adds most to it.

    They stay in that order: a card shows as many lines as a phone has room for, and the lesser should be cut off.
    """
    chosen: list[_Stretch] = []
    seen: frozenset[int] = frozenset()
    said: list[str] = []
    while sentences and len(chosen) < limit:
        best = max(sentences, key=lambda sentence: sentence.worth(seen))
        if chosen and _says(view, best.bounds, said):
            sentences = [sentence for sentence in sentences if sentence is not best]
            continue
        if chosen and not best.clauses - seen and sum(map(len, chosen)) > max_chars // 2:
            break
        stretch = _stretch(view, best.bounds[0], marks, max_chars, chosen)
        chosen.append(stretch)
        if len(chosen) == limit:
            break
        seen |= best.clauses
        said += [_bare(view, part.span) for part in stretch.parts]
        sentences = [s for s in sentences if not (_overlap(stretch, s.bounds) or _is_other_row(view, s, best, marks))]
    return chosen


def _is_other_row(view: SentenceView, sentence: Passage, best: Passage, marks: list[Mark]) -> bool:
    """Tell whether this is not the row asked for, but another of its table: it has less of the query than the best one,
    and its name none of the rest.
    """
    row = sentence.row
    if not (row and best.row and row.table == best.row.table) or best.clauses <= sentence.clauses:
        return False
    named = {mark.clause for cell in view.rows.cells(row) if cell.leads for mark in inside(marks, cell.span)}
    return not named - best.clauses


def _bare(view: SentenceView, bounds: Span) -> str:
    """Return the letters and digits of a range, by which it is told whether another says the same."""
    start, end = bounds
    within = start >= 0 and end <= len(view.text)
    folded = view.folded[start:end] if within else fold(view.cut(bounds))
    return "".join(filter(str.isalnum, folded))


def _says(view: SentenceView, bounds: Span, said: Collection[str]) -> bool:
    """Tell whether what was `said` already holds what this range says."""
    own = _bare(view, bounds)
    return bool(own) and any(own in other for other in said)


def _overlap(stretch: _Stretch, bounds: Span) -> bool:
    return bounds[0] < stretch.bounds[1] and stretch.bounds[0] < bounds[1]


def _stretch(
    view: SentenceView, position: int, marks: Sequence[Mark], max_chars: int, shown: Collection[_Stretch] = ()
) -> _Stretch:
    """Return what is shown for a row, or for a sentence: itself, what follows if it is short, a part if it is long.

    It ends where something begins that is `shown` already.
    """
    if row := view.rows.at(position):
        return _Stretch(tuple(_row_parts(view, row, marks, max_chars)), (row.start, row.end))
    index = view.index(position)
    start, end = view.bounds(index)
    if end - start > max_chars:
        return _Stretch((_cut((start, end), marks, max_chars),), (start, end))
    parts = [_Part((start, end))]
    while end - start < _SHORT and (further := view.following(index)):
        index, bounds = further
        if any(_overlap(stretch, bounds) for stretch in shown):
            break
        row = view.rows.at(bounds[0])
        gap = " " if bounds[0] > end else ""
        room = max_chars - sum(map(len, parts)) - len(gap)
        if not row and _says(view, bounds, [_bare(view, part.span) for part in parts]):
            end = bounds[1]
            continue
        taken = _row_parts(view, row, marks, max_chars) if row else [_Part(bounds)]
        if sum(map(len, taken)) > room:
            break
        taken[0] = replace(taken[0], before=gap + taken[0].before)
        parts += taken
        end = row.end if row else bounds[1]
        if row:
            break
    return _Stretch(tuple(parts), (start, end))


def _row_parts(view: SentenceView, row: Row, marks: Sequence[Mark], max_chars: int) -> list[_Part]:
    """Return what is shown of a row: its name, and of the other cells those asked for, each with its head before it."""
    cells = view.rows.cells(row)
    asked = {cell for cell in cells if not cell.leads and any(inside(marks, head) for head in cell.heads)}
    held = {cell for cell in cells if not cell.leads and inside(marks, cell.span)}
    amounts = set() if asked else {cell for cell in cells if not cell.leads and view.rows.is_amount(cell.span)}
    wanted = (asked | held | amounts) or {cell for cell in cells if not cell.leads}
    parts: dict[Span, list[_Part]] = {}
    room = max_chars
    for cell in sorted(
        (c for c in cells if c.leads or c in wanted), key=lambda c: (not c.leads, c not in asked | held)
    ):
        named = _named(view, cell)
        room -= sum(min(len(part), _LEAST_OF_CELL) for part in named) + len(BETWEEN_CELLS)
        if parts and room < 0:
            break
        parts[cell.span] = named
    shown = [parts[cell.span] for cell in cells if cell.span in parts]
    for named in shown[1:]:
        named[0] = replace(named[0], before=BETWEEN_CELLS)
    return _fitted([part for named in shown for part in named], marks, max_chars)


def _named(view: SentenceView, cell: Cell) -> list[_Part]:
    """Return a cell behind the heads of its column, unless it says what the row is."""
    heads = [head for head in cell.heads if not cell.leads and view.cut(head) != view.cut(cell.span)]
    return [_Part(span, " " if number else "") for number, span in enumerate((*heads, cell.span))]


def _fitted(parts: list[_Part], marks: Sequence[Mark], max_chars: int) -> list[_Part]:
    """Return parts of which the longest are cut until all together have no more than `max_chars` characters."""
    room = max_chars - sum(len(part.before) for part in parts)
    limits: dict[int, int] = {}
    for left, number in enumerate(sorted(range(len(parts)), key=lambda n: len(parts[n]))):
        start, end = parts[number].span
        limits[number] = min(end - start, room // (len(parts) - left))
        room -= limits[number]
    fitted = []
    for number, part in enumerate(parts):
        is_whole = limits[number] == part.span[1] - part.span[0]
        cut = part if is_whole else _cut(part.span, marks, max(1, limits[number] - 2))  # two: … at both ends
        fitted.append(part if is_whole else replace(cut, before=part.before + cut.before))
    return fitted


def _cut(span: Span, marks: Sequence[Mark], most: int) -> _Part:
    """Cut a long range to the `most` characters that hold most, with some characters before the first mark."""
    start, end = span
    if end - start <= most:
        return _Part(span)
    own = inside(marks, span)
    openings = [max(start, min(mark.start - _LEAD, end - most)) for mark in own[:_OPENINGS_TRIED]] or [start]

    def held_from(opening: int) -> float:
        return told(mark for mark in own if opening <= mark.start and mark.end <= opening + most)

    opening = max(openings, key=held_from)
    close = opening + most
    return _Part((opening, close), "…" if opening > start else "", "…" if close < end else "")


def _opening(view: SentenceView, max_chars: int) -> list[_Stretch]:
    """Return the first sentence below the headings, or the first heading if there is nothing else near."""
    headings = []
    for index in range(min(len(view), _OPENING_SENTENCES)):
        start, end = view.bounds(index)
        if start == end:
            continue
        if not view.is_heading(index):
            return [_stretch(view, start, (), max_chars)]
        headings.append(start)
    return [_stretch(view, start, (), max_chars) for start in headings[:1]]


def _snippet(view: SentenceView, stretch: _Stretch, marks: Sequence[Mark]) -> Snippet:
    text, inside = "", list[Span]()
    for part in stretch.parts:
        start, end = part.span
        text += part.before
        shift = len(text) - start
        inside += [
            (max(mark.start, start) + shift, min(mark.end, end) + shift)
            for mark in marks
            if mark.start < end and start < mark.end
        ]
        text += view.cut(part.span).translate(_BLANKS) + part.after
    return Snippet(text, merged(inside), view.anchor(stretch.bounds[0]))
