"""A saved page made ready for the extractor of main text, and what it must not be asked for: the tables.

trafilatura takes elements out that look hidden (also cells with `overflow: hidden`), parts words at inline tags in
short pages, drops lists inside cells and paragraphs of links, and knows no merged cells. So styles go, inline tags are
unwrapped, and each table becomes a paragraph with a mark, whose rows are kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from .documents import header_rows
from .headings import MAX_HEADING, bold_headings
from .outline import Cell, Covered
from .page_facts import is_generated

Grid = tuple[list[list[Cell]], int]
"""Rows of a table, and how many of them name the columns."""

MAX_ATTRIBUTES = 256
"""Attributes of a tag that are read: the parser compares each with all before it, so that thousands take minutes."""

_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"'][^\s>]*+)?+)?+"""
# Possessive throughout, and each tag is consumed whole: one pass over the page, whatever it holds.
_TAG = re.compile(rf"(<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+)(?:{_ATTRIBUTE})*+")

MARK = re.compile("\ue000(\\d{1,6})\ue001")
"""What stands in the place of a table: its number. (The characters are of the private area and mean nothing.)"""

_INLINE = (
    *(
        "span",
        "font",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "ins",
        "mark",
        "small",
        "big",
        "s",
        "strike",
        "sub",
        "sup",
        "abbr",
    ),
    *("bdi", "bdo", "cite", "dfn", "kbd", "label", "var", "wbr", "o:p"),
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "br",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "dd",
        "dt",
        "ul",
        "ol",
        "blockquote",
    ]
)
_HOLDERS = (_BLOCKS - {"br"}) | {"table"}
_NUMBERED = re.compile(
    r"\s*(?:(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.、．)）]|[(（][\d一二三四五六七八九十]|第|步骤|[①-⑳])"
)
_AROUND = frozenset(("p", "div", "a", "section", *_INLINE))  # what may stand around the first words of an item
_BOLD = ("strong", "b")
_ATTACHED = re.compile(r"(?i)附件|附表|附图|\.(?:docx?|xlsx?|pdf|zip|rar|wps|et|ofd)$")
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
"""Headings that are marked, but the title."""
_MENU = 5
_MENU_SHARE = 0.7
_SPAN_LIMIT = 100
"""Columns or rows that a cell may cover; no table that people read has more."""
_CELL_LIMIT = 200_000
_DATA_CELL = 200
"""Characters up to which each cell of a table that holds tables is one of data."""
_LAYOUT_CELL = 500
"""Characters of a cell that holds more than half of its table: the table is there for the layout."""

_HEAD = re.compile(r"[^\d。；！？]{1,20}(?:[（(][^（()）]{1,12}[）)])?")
"""What names a column: short, no sentence, without figures but in brackets (起付线（2025年）)."""


def with_few_attributes(page: str) -> str:
    """Return a page with at most `MAX_ATTRIBUTES` attributes a tag."""
    return _TAG.sub(r"\1", page)


def prepared(tree: Any) -> list[Grid]:
    """Change the tree of a page as said above, and return the tables that its marks number."""
    for meta in list(tree.iter("meta")):
        if is_generated(meta.get("content") or ""):
            _remove(meta)
    _number_items(tree)
    for element in tree.iter(etree.Element):
        style = element.attrib.pop("style", "")
        if style and "display:none" in style.lower().replace(" ", ""):
            element.set("style", "display:none")
    _menus_out(tree)
    _keep_links(tree)
    _bold_to_headings(tree)
    etree.strip_tags(tree, *_INLINE)
    return _tables_out(tree)


def _number_items(tree: Any) -> None:
    """Write the numbers of numbered lists, which only a browser shows: a later text may say 见第3条."""
    for items in tree.iter("ol"):
        if "none" in (items.get("style") or ""):
            continue
        start = re.fullmatch(r"\s*(\d{1,4})\s*", items.get("start") or "")
        number = int(start[1]) if start else 1
        for item in items.iterchildren("li"):
            first = item
            while not (first.text or "").strip() and len(first) and first[0].tag in _AROUND:
                first = first[0]
            if not _NUMBERED.match(first.text or "") and "".join(item.itertext()).strip():
                first.text = f"{number}. {(first.text or '').lstrip()}"
            number += 1


def _bold_to_headings(tree: Any) -> None:
    """Make headings of bold paragraphs, where several stand above text and nothing beside them is a heading."""
    parents = {paragraph.getparent(): None for bold in tree.iter(*_BOLD) for paragraph in bold.iterancestors("p")}
    marked: set[Any] = set()  # what holds headings
    for heading in tree.iter(*HEADINGS) if parents else ():
        for element in heading.iterancestors():
            if element in marked:
                break
            marked.add(element)
    for parent in parents:
        if parent is None or parent in marked:
            continue
        children = [(child, words) for child in parent if (words := _words_of(child))]
        for at in bold_headings([(words, _is_bold(child, words)) for child, words in children]):
            children[at][0].tag = "h2"


def _words_of(child: Any) -> str:
    """Return the words of a paragraph; of anything else the first ones."""
    if child.tag == "p":
        return " ".join("".join(child.itertext()).split())
    return next((text for text in child.itertext() if text.strip()), "")


def _is_bold(paragraph: Any, words: str) -> bool:
    if paragraph.tag != "p" or not 1 < len(words) <= MAX_HEADING:
        return False
    bold = "".join("".join(each.itertext()) for each in paragraph.iter(*_BOLD) if each.getparent().tag not in _BOLD)
    return len("".join(bold.split())) >= len("".join(words.split()))


def _menus_out(tree: Any) -> None:
    """Take out lists of which nearly all is links: menus and lists of other sites, unless they are attachments."""
    for menu in list(tree.iter("ul", "ol")):
        items = [text for item in menu.iter("li") if (text := "".join(item.itertext()).strip())]
        linked = sum(len("".join(link.itertext()).strip()) for link in menu.iter("a"))
        attached = sum(bool(_ATTACHED.search(text)) for text in items)
        if len(items) >= _MENU and linked >= _MENU_SHARE * sum(map(len, items)) and attached * 2 < len(items):
            _remove(menu)


def _keep_links(tree: Any) -> None:
    """Unwrap the links of paragraphs that say something besides them, or name an attachment."""
    for paragraph in tree.iter("p"):
        links = list(paragraph.iter("a"))
        if not links:
            continue
        linked = sum(len("".join(link.itertext()).strip()) for link in links)
        whole = "".join(paragraph.itertext()).strip()
        says_more = len(whole) - linked >= 3 and (
            whole.endswith(("。", "；", "）", ")", ".")) or linked * 2 < len(whole)
        )
        if says_more or _ATTACHED.search(whole):
            etree.strip_tags(paragraph, "a")


def _tables_out(tree: Any) -> list[Grid]:
    grids: list[Grid] = []
    outer: set[Any] = set()
    gone: set[Any] = set()  # tables in cells of tables: their words are the cell's
    tables = list(tree.iter("table"))
    for table in tables:
        if table not in gone and len(inner := list(table.iter("table"))) > 1 and _holds_data(table):
            gone.update(inner[1:])
    for table in reversed(tables):
        if table in gone:
            continue
        grid = None if table in outer else _grid(table)
        if grid is None:
            _unwrapped(table)
            continue
        outer.update(table.iterancestors("table"))
        mark = etree.Element("p")
        mark.text = f"\ue000{len(grids)}\ue001"
        mark.tail = table.tail
        parent = table.getparent()
        if parent is None:
            continue
        if parent.tag == "p":  # a parser that is not strict leaves tables in paragraphs
            parent.tag = "div"
        parent.replace(table, mark)
        grids.append(grid)
    return grids


def _unwrapped(table: Any) -> None:
    """Make a table that is there for the layout into blocks."""
    for part in table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup", "col"):
        is_leaf = part.tag in ("td", "th", "caption") and not any(child.tag in _HOLDERS for child in part)
        part.tag = "p" if is_leaf else "div"


def _own_rows(table: Any) -> list[Any]:
    """Return the rows of a table, those of tables in its cells left out."""
    return [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]


def _holds_data(table: Any) -> bool:
    """Tell whether a table that has tables in its cells is one to read, and not there for the layout."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in _own_rows(table)]
    widths = [sum(_span(cell, "colspan") for cell in row) for row in rows if row]
    holders = sum(next(cell.iter("table"), None) is not None for row in rows for cell in row)
    return (
        len(widths) > 1
        and min(widths) > 1
        and holders * 2 <= sum(map(len, rows))
        and all(len(cell_text(cell)) <= _DATA_CELL for row in rows for cell in row)
    )


def _grid(table: Any) -> Grid | None:
    """Return the rows of a table; None if it has no two cells side by side, or is there for the layout."""
    trs = _own_rows(table)
    cells = [[cell for cell in tr if cell.tag in ("td", "th")] for tr in trs]
    texts = [[cell_text(cell) for cell in row] for row in cells]
    wide = sum(len(row) > 1 for row in cells)
    lengths = [len(text) for row in texts for text in row if text]
    if not wide or len(lengths) < 2 or sum(map(len, cells)) > _CELL_LIMIT:
        return None
    if wide == 1 and sum(lengths) > _LAYOUT_CELL:
        return None
    linked = sum(len("".join(link.itertext())) for link in table.iter("a"))
    if linked * 2 > sum(lengths) or (max(lengths) > _LAYOUT_CELL and max(lengths) * 2 > sum(lengths)):
        return None
    rows = list(_rows(cells, texts))
    header = 0
    for tr, row in zip(trs, cells, strict=True):
        if not row or (tr.getparent().tag != "thead" and any(cell.tag != "th" for cell in row)):
            break
        header += 1
    header = header or _unmarked_header(rows)
    caption = table.find("caption")
    if caption is not None and (words := cell_text(caption)):
        rows.insert(0, [words, *[Covered.LEFT] * (max(map(len, rows)) - 1)])
        header += 1
    return rows, header if header < len(rows) else 0


def _unmarked_header(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many rows name the columns of a table without `th`, as most are: short words above figures.

    A first row of one cell is a caption above them. In a table of two columns the figures must be of one form (200元,
    400元): else it may as well be names and values.
    """
    captions = 1 if len(rows) > 1 and set(rows[0][1:]) == {Covered.LEFT} else 0
    rows = rows[captions:]
    count = header_rows(rows)
    named = [cell for row in rows[:count] for cell in row if isinstance(cell, str)]
    if not (0 < count < len(rows)) or not all(_HEAD.fullmatch(cell) for cell in named):
        return 0
    width = len(rows[0])
    for column in range(width):
        below = [row[column] for row in rows[count:] if column < len(row)]
        cells = [cell for cell in below if isinstance(cell, str)]
        figures = [re.sub(r"[\d.,]+", "0", cell) for cell in cells if re.search(r"\d", cell)]
        if width > 2 and figures and len(figures) * 2 >= len(cells):
            return captions + count
        if len(figures) == len(cells) > 1 and len(set(figures)) == 1:
            return captions + count
    return 0


def _rows(cells: Sequence[Sequence[Any]], texts: Sequence[Sequence[str]]) -> Iterator[list[Cell]]:
    above: dict[int, int] = {}  # column → how many rows, from this one on, a cell above covers there
    room = _CELL_LIMIT
    for row, words in zip(cells, texts, strict=True):
        line: list[Cell] = []
        below = {column: left - 1 for column, left in above.items() if left > 1}
        for cell, text in zip(row, words, strict=True):
            while len(line) in above:
                line.append(Covered.ABOVE)
            wide, high = (_span(cell, name) if room > 0 else 1 for name in ("colspan", "rowspan"))
            room -= wide * high
            if high > 1:
                below.update({len(line) + column: high - 1 for column in range(wide)})
            line += [text, *[Covered.LEFT] * (wide - 1)]
        while len(line) in above:
            line.append(Covered.ABOVE)
        above = below
        yield line


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*(\d{1,4})", cell.get(name) or "")
    return min(max(int(digits[1]), 1), _SPAN_LIMIT) if digits else 1


def cell_text(cell: Any) -> str:
    """Return the words of a cell; blocks in it (paragraphs, items of a list) are parted by a blank, lines joined."""
    parts: list[str] = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        is_block = element.tag in _BLOCKS
        if is_block:
            parts.append(" ")
        if event == "start":
            parts.append(element.text if isinstance(element.tag, str) and element.text else "")
        elif element is not cell:
            parts.append(element.tail or "")
    return " ".join("".join(parts).split())


def _remove(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()  # unlike `remove`, this keeps the text behind it
