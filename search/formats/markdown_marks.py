"""Marks that stand in Markdown files and are no Markdown: taken out, or written so that a parser understands them.

Comments (never public), shortcodes of site generators (`{% note %}`, `{{< tip >}}`, `:::tip`), links and call-outs of
note programs (`[[page|words]]`, `![[image.png]]`, `[!note]`), lines of tags, footnotes, `##heading` without a blank,
components and imports of MDX and Vue, boxes of tasks (☐, ☑), anchors (`{#id}`, `^id`). Code in fences stays as it is.
Every pattern is tried once at each place: time in proportion to the size.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(?m)^ {0,3}(?P<fence>`{3,}|~{3,})[^\n`]*\n(?:.*\n)*? {0,3}(?P=fence)[`~]*[ \t]*$")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—·"

_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (needed, re.compile(pattern), written)
    for needed, pattern, written in (
        ("<!--", r"<!--(?:(?!-->)[\s\S])*+(?:-->|\Z)", ""),
        (
            "<",
            r"(?im)^<(?P<code>script|style)\b[^<>\n]{0,300}>\s*\n(?:(?!</(?P=code))[\s\S])*+(?:</(?P=code)\s*>|\Z)",
            "",
        ),
        ("import", r"(?m)^import[ \t]+[\w{}*,$ \t]{1,200}?[ \t]from[ \t]+[\"'][^\"'\n]{1,200}[\"'];?[ \t]*$", ""),
        ("/>", r"<[A-Z][a-z]\w{0,30}(?:\s[^<>]{0,500})?/>", ""),
        ("<", r"(?m)^[ \t]*</?[A-Z][a-z]\w{0,30}(?:\s[^<>\n]{0,500})?>[ \t]*$", ""),
        ("<", r"(?i)</?(?:details|summary|aside)(?:\s[^<>\n]{0,200})?>", ""),
        ("<a", r"(?i)<a[ \t]+(?:name|id)=[\"'][^\"'<>\n]{0,200}[\"'][^<>\n]{0,100}>[ \t]*</a>[ \t]*\n?", ""),
        ("{{", r"\{\{[ \t]*\$[^}\n]{0,200}\}\}", ""),
        ("{", r"(?m)^(?P<heading> {0,3}#{1,6}[ \t][^\n{]{0,300}?)[ \t]*\{[#.:][^}\n]{1,200}\}[ \t]*$", r"\g<heading>"),
        ("[ ]", r"(?m)^(?P<item>[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+)\[ \][ \t]+", r"\g<item>☐ "),
        ("]", r"(?m)^(?P<item>[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+)\[[xX]\][ \t]+", r"\g<item>☑ "),
        ("^", r"(?m)(?:^|[ \t])\^(?:[0-9a-z]{6}|[A-Za-z][\w-]{2,40})[ \t]*$", ""),
        ("%%", r"%%(?=[^%\n])(?:(?!%%|\n\n)[\s\S]){1,2000}%%", ""),
        ("{%", r"\{%(?:(?!%\}|\{%)[^\n]){0,500}%\}", ""),
        ("{{", r"\{\{[<%](?:(?![>%]\}\}|\{\{)[^\n]){0,500}[>%]\}\}", ""),
        (
            ":::",
            r"(?m)^[ \t]{0,3}:{3,}[ \t]*(?:\{[^}\n]{0,200}\}|[\w-]+)?[ \t]*(?P<title>[^\n]{0,200})$",
            r"\g<title>\n",
        ),
        (
            "[!",
            r"(?m)^(?P<quote>[ \t]{0,3}(?:>[ \t]?)+)\[![\w-]{1,30}\][+-]?[ \t]*(?P<title>[^\n]*)$",
            r"\g<quote>\g<title>\n\g<quote>",
        ),
        (
            "![[",
            r"!\[\[[^\]\[\n]{1,300}?\.(?:png|jpe?g|gif|svg|webp|bmp|mp[34]|webm|mov)(?:\\?\|[^\]\n]{0,100})?\]\]",
            "",
        ),
        ("[[", r"!?\[\[[^\]\[|\n]{1,300}\\?\|(?P<words>[^\]\[\n]{1,300})\]\]", r"\g<words>"),
        ("[", r"(?im)^[ \t]{0,3}@?\[?\[toc\]\]?(?:\([^)\n]{0,50}\))?[ \t]*$", ""),
        ("[[", r"!?\[\[(?P<words>[^\]\[|#\n]{0,300})(?:#[^\]\[\n]{0,300})?\]\]", r"\g<words>"),
        ("[^", r"(?m)^[ \t]{0,3}\[\^[^\]\s]{1,50}\]:[ \t]*", ""),
        ("[^", r"\[\^[^\]\s]{1,50}\]", ""),
        ("{:", r"(?m)^[ \t]{0,3}\{:[^}\n]{0,300}\}[ \t]*$", ""),
        ("==", r"==(?=\S)(?P<words>[^=\n]{1,300})(?<=\S)==", r"\g<words>"),
        ("#", r"(?m)^[ \t]{0,3}(?:#[^\s#]{1,50}[ \t]+)+#[^\s#]{1,50}[ \t]*$", ""),
        ("#", r"(?m)^[ \t]{0,3}#[^\s#/]{1,50}/[^\s#]{1,50}[ \t]*$", ""),
        ("#", r"(?m)^(?P<marks> {0,3}#{1,6})(?=[^\s#\d!][^#\n]*$)", r"\g<marks> "),
    )
)
"""What a text needs to have for a rule to be tried at all, the rule, what is written instead."""

_TAGS = re.compile(r"\s*(?:(?:#[^\s#]{1,50}[ \t]+)+#[^\s#]{1,50}|#[^\s#/]{1,50}/[^\s#]{1,50})[ \t]*(?:\n|$)")
_LEFT_OVER = re.compile(rf"(?:\*\*|__|~~)(?=[{_CJK}]|$)|(?<=[{_CJK}])(?:\*\*|__|~~)|^(?:\*\*|__|~~)")


def without_marks(body: str) -> str:
    """Return the body of a Markdown file with these marks gone or rendered."""
    parts: list[str] = []
    at = 0
    for fence in _FENCE.finditer(body) if "```" in body or "~~~" in body else ():
        parts += (_rendered(body[at : fence.start()]), fence[0])
        at = fence.end()
    return "".join((*parts, _rendered(body[at:])))


def _rendered(text: str) -> str:
    for needed, pattern, written in _RULES:
        if needed in text:
            text = pattern.sub(written, text)
    return text


def begins_with_tags(body: str) -> bool:
    """Tell whether the text of a note begins with a line of tags: such notes have their title in their name."""
    return bool(_TAGS.match(body))


def without_left_over(text: str) -> str:
    """Return text without emphasis marks that CommonMark leaves beside Chinese punctuation: **（试行）**办法."""
    return _LEFT_OVER.sub("", text)
