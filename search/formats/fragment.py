"""Pieces of a page inside other texts: the body of a record as a site exports it, tags in a Markdown file.

Tags of paragraphs, lines, lists and tables decide: what has none stays as it is (血压 <140, <身份证>, <b>) and is
escaped wherever it is shown. Headings, lists and tables are a page's.
"""

from __future__ import annotations

import html
import re

from .decoding import clean
from .headings import plain_sections
from .outline import Outline, Written

MAX_FRAGMENT = 4 * 1024 * 1024
"""Longest piece in characters; the marks stay in a longer one."""

_BLOCKS = "p|div|table|tbody|thead|tr|td|th|ul|ol|li|dl|dt|dd|h[1-6]|section|article|blockquote|center|pre|figure"
_WORDS = "span|font|strong|b|em|i|u|s|a|sup|sub|small|big|label|mark|o:p"
_ALONE = "br|hr|img"
_TAG = re.compile(rf"(?i)</(?:{_BLOCKS})\s*>|<(?:{_BLOCKS}|br|hr)(?:[\s/][^<>]{{0,4000}})?>")
_MARKED = re.compile(r"(?i)<(?P<tag>em|mark|font|span|p|h[1-6])\b[^<>]{0,4000}>[^<]*</(?P=tag)\s*>")
_BLOCK = re.compile(rf"(?i)</?(?:{_BLOCKS})\b")
_ANY = re.compile(rf"(?i)</?(?:{_BLOCKS}|{_WORDS}|{_ALONE})(?:[\s/][^<>]{{0,4000}})?>")
_BREAK = re.compile(r"(?i)<br\b")
_BROKEN = re.compile(r"(?i)(?:<br\s*/?>)?[ \t]*\n")
_HAN = re.compile("[\u4e00-\u9fff]")
_ENTITY = re.compile(rf"(?i)&(?:nbsp|quot|#39|[lr][ds]quo|[mn]dash|middot|hellip);|&lt;/?(?:{_BLOCKS}|br)\b")
"""Those that nobody writes by hand; beside them all are entities."""


def is_fragment(text: str) -> bool:
    """Tell whether a text is laid out by the tags of a page."""
    return "<" in text and len(text) <= MAX_FRAGMENT and bool(_TAG.search(text))


def without_entities(text: str) -> str:
    """Return a text without tags with its entities (&nbsp;, &lt;p&gt;) as the characters they stand for."""
    return html.unescape(text) if "&" in text and not is_fragment(text) and _ENTITY.search(text) else text


def without_tags(line: str) -> str:
    """Return a title as readers see it: <em>医保</em>&nbsp;缴费."""
    words = without_entities(line)
    return without_entities(_ANY.sub("", words)) if _MARKED.search(words) else words


def inline(tag: str) -> str:
    """Return what a tag inside a line of Markdown is read as: a line break, nothing, itself if it is none of a page."""
    return "\n" if _BREAK.match(tag) else "" if _ANY.fullmatch(tag) else tag


def write_fragment(text: str, outline: Outline) -> bool:
    """Write a piece of a page; return whether it could be parsed."""
    # Their import takes longer than a search, and few records have tags.
    import lxml.html

    from .page_content import write_element
    from .page_tree import prepared, with_few_attributes

    if not _BLOCK.search(text):  # lines of plain text, with breaks or emphasis in them
        text = _BROKEN.sub("<br>", re.sub(r"\n\s*\n", "<p>", text))
    page = with_few_attributes(f"<html><body>{text}").encode("utf-8", "replace")
    try:
        tree = lxml.html.document_fromstring(page, lxml.html.HTMLParser(encoding="utf-8"))
        grids = prepared(tree)
        write_element(tree.find("body"), outline, grids)
    except MemoryError:
        raise
    except Exception:  # a parser fed with hostile input: the text stays as it is, and the other records go on
        return False
    return True


def read_fragment(text: str, title: str) -> Written:
    """Return the text of a record, with its sections and tables; what has tags is read as a piece of a page."""
    text = clean(without_entities(text)).strip("\n").rstrip()
    outline = Outline(title)
    if is_fragment(text) and write_fragment(text, outline):
        found, sections, tables = outline.finish()
        if found or not _HAN.search(_ANY.sub("", text)):
            return Written(found, sections or plain_sections(found, numbered=True, tables=tables), tables)
    return Written(text, plain_sections(text), ())
