"""The main text of a page by our own means, for pages of which the extractor loses text or tables.

The text of a page is where its prose is: sentences that are no links. The deepest element that holds nearly all of it
is written whole, without menus and other furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .outline import Outline
from .page_tree import HEADINGS, MARK, Grid, cell_text

_NEVER = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "select",
        "button",
        "input",
        "textarea",
        "nav",
        "header",
        "footer",
        "aside",
        "head",
    ]
)
_FURNITURE = re.compile(
    r"(?i)(?:^|[-_\s])(?:nav|navbar|menu|footer|foot|header|top|breadcrumb|crumb|crumbs|sidebar|side|share|copyright|toolbar"
    r"|tool|position|location|related|recommend|comment|comments|qrcode|ewm|friendlink|links)(?:$|[-_\s\d])"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[，。；：！？、]")
_PROSE = 10
"""Ideographs of a piece of text that is prose, and not a label."""
_SHARE = 0.8
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "figcaption",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "tr",
        "ul",
        "html",
    ]
) | frozenset(_HEADINGS)
_PROMPT = re.compile(
    r"(?:长按|扫一扫|扫描|扫码|识别|点击|轻触|戳).{0,14}(?:二维码|关注|蓝字|公众号|小程序码|阅读原文)"
    r"|^(?:扫一扫在手机(?:打开当前页)?|打开当前页|下载、?打印|预览时标签不可点|微信扫一扫|继续滑动看下一个|关注该公众号|(?:点击)?阅读原文|"
    r"(?:分享|收藏|点赞|在看|留言|[赞 、\s])+|【?(?:打印|关闭)(?:本页|窗口|页面)?】?)$"
)
_LONGEST_PROMPT = 30
_DEEPEST = 250


def han(text: str) -> int:
    """Return how many ideographs a text has."""
    return len(_HAN.findall(text))


def main_element(tree: Any, grids: list[Grid]) -> tuple[Any, int]:
    """Return the element that holds the main text, and the ideographs of its prose, those of its tables included."""
    prose: dict[Any, int] = {}
    body = tree.find("body")
    top = body if body is not None else tree
    for element, text in _pieces(top):
        mark = MARK.search(text)
        size = _table_size(grids, int(mark[1])) if mark else han(text)
        if mark or (size >= _PROSE and _SENTENCE.search(text)):
            for each in (element, *element.iterancestors()):
                prose[each] = prose.get(each, 0) + size
    whole = prose.get(top, 0)
    while True:
        deeper = next((child for child in top if prose.get(child, 0) > _SHARE * whole), None)
        if deeper is None or deeper.tag not in _BLOCKS or not whole:
            break
        top = deeper
    if top.tag == "p" and top.getparent() is not None:
        top = top.getparent()
    return top, prose.get(top, 0)


def has_headings(element: Any) -> bool:
    """Tell whether paragraphs of an element stand below headings that are marked, but h1."""
    for heading in element.iter(*HEADINGS):
        below = heading.getnext()
        if han(cell_text(heading)) > 1 and below is not None and below.tag == "p" and han(cell_text(below)) >= _PROSE:
            return True
    return False


def _table_size(grids: list[Grid], number: int) -> int:
    if number >= len(grids):
        return 0
    return sum(han(cell) for row in grids[number][0] for cell in row if isinstance(cell, str))


def _pieces(top: Any) -> Iterator[tuple[Any, str]]:
    """Yield the pieces of visible text with the element each stands in, but those of links and furniture."""
    for element in _visible(top):
        if element.text and element.text.strip() and element.tag != "a":
            yield element, element.text
        for child in element:
            if child.tail and child.tail.strip() and element.tag != "a":
                yield element, child.tail


def _visible(top: Any) -> Iterator[Any]:
    waiting = [top]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element) if isinstance(child.tag, str) and not is_furniture(child)]


def is_furniture(element: Any) -> bool:
    """Tell whether an element belongs to the page around the text: a menu, a footer, what is hidden or no text."""
    if element.tag in _NEVER or element.get("style") == "display:none" or element.get("hidden") is not None:
        return True
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    return bool(_FURNITURE.search(names[:200])) and element.tag != "body" and not _has_much_prose(element)


def _has_much_prose(element: Any) -> bool:
    """Tell whether what is named like furniture holds an article all the same (class="content-top")."""
    sizes = (han(p.text_content() if hasattr(p, "text_content") else "") for p in element.iter("p"))
    return sum(size for size in sizes if size >= 2 * _PROSE) > 20 * _PROSE


def write_element(element: Any, outline: Outline, grids: list[Grid]) -> None:
    """Write an element of a page: headings, paragraphs, lists and tables; `br` is a line break."""
    words: list[str] = []

    def flush(group: str = "", before: str = "") -> None:
        lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
        text = "\n".join(line for line in lines if line)
        words.clear()
        for number, part in enumerate(MARK.split(text)):
            if number % 2 and int(part) < len(grids):
                outline.table(*grids[int(part)])
            elif part.strip() and not is_prompt(part):
                outline.block(before + part.strip(), group)

    def walk(node: Any, depth: int, lists: int) -> None:
        level = _HEADINGS.get(node.tag, 0)
        is_block = node.tag in _BLOCKS
        if is_block:
            flush()
        if level:
            outline.heading(level, cell_text(node))
            return
        item = node.tag == "li"
        mark = "" if item and node.getparent().tag == "ol" else "• "  # numbers are written already (`page_tree`)
        words.append(_one_line(node.text))
        for child in node:
            if not isinstance(child.tag, str) or is_furniture(child) or depth > _DEEPEST:
                pass
            elif child.tag == "br":
                words.append("\n")
            elif child.tag in ("ul", "ol") and item:
                flush("list", "  " * lists + mark)
                walk(child, depth + 1, lists + 1)
            else:
                walk(child, depth + 1, lists + (child.tag in ("ul", "ol")))
            words.append(_one_line(child.tail))
        if item:
            flush("list", "  " * max(lists, 1) + mark)
        elif is_block:
            flush()

    walk(element, 0, 0)
    flush()


def is_prompt(text: str) -> bool:
    """Tell whether a paragraph only asks readers to follow, scan or share: furniture of posts, wherever it stands."""
    words = text.strip()
    return len(words) <= _LONGEST_PROMPT and not words.endswith("。") and bool(_PROMPT.search(words))


def _one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")
