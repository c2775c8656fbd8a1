"""The report of a reindex as one page for an operator, which needs no script and no other file.

It is made as a tree, so that nothing of a source can become an element or end an attribute.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

DATE, SOURCE = "日期", "来源"
WORST = 10
"""Kinds of rejections that are listed; the others are counted."""
LISTED = 100
"""Lines of a list that are on the page; the JSON has all."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 100%/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; min-width: 100%; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid #8886; text-align: start; vertical-align: top; }
.n { text-align: end; white-space: nowrap; } small { display: block; opacity: .8; }
meter { width: 8rem; } summary { cursor: pointer; }
"""  # noqa: E501 - of a style, a line a rule
_CHANGES = {"added": "新增", "changed": "改动", "removed": "移除", "unchanged": "未变"}
_KINDS = {"article": "全文", "teaser": "摘要"}
_LINT = {
    "missing date": "没有日期",
    "empty body": "没有正文",
    "changed while it was read": "读取时文件有变",
    "no Chinese text": "没有中文",
    "placeholders of a template": "像是模板，有占位符",
    "a list and no sentence": "只有名目，没有句子",
}
_READ_BY = {
    "are read with": "装上扩展就能读：",
    "are pictures": "是图片：先识别文字，存成 PDF",
    "are presentations": "是演示文稿：另存为 PDF",
    "are archives": "是压缩包：解开，或压成 .zip",
    "are read by no format": "没有能读它的格式",
}
_MENDING = (
    ("LibreOffice", "装上 LibreOffice 就能读，或另存为 .docx、.xlsx、PDF"),
    ("OFD", "另存为 PDF"),
    ("presentations", "另存为 PDF"),
    ("no text in the file", "像是扫描件：先识别文字（OCR），再存成 PDF 或文本"),
    ("password", "去掉密码再放进来"),
    ("damaged", "文件坏了：重新取一份，或重新保存"),
    ("holds nothing", "补上正文，或删掉文件"),
    ("the file is empty", "补上正文，或删掉文件"),
    ("neither UTF-8", "另存为 UTF-8"),
    ("NUL byte", "不是文本：另存为 UTF-8 的文本"),
    ("front matter", "按行号改正开头的元数据"),
    ("is no date", "改正日期，例如 2025-03-27"),
    ("is taken by", "编号重复：给后一篇换个 id"),
    ("is read already", "同一份文件出现了两次：去掉一处"),
    ("not JSON", "按行号改正这一条"),
    ("no main text", "网页里没有正文：另存为 .txt 或 .md"),
    ("larger than", "文件太大：拆开"),
    ("more than", "超出限度：拆开，或另存为别的格式"),
    ("link", "链接指到了文件夹之外或别处：换成真正的文件"),
    ("permission denied", "没有读取权限：改权限"),
    ("not read in the archive", "压缩包里有不能读的文件"),
)
"""What to do about a reason that holds some words; the first that does is taken (docs/formats.md has all)."""


def report_page(data: Mapping[str, Any]) -> str:
    """Return the page of what `report.report_json` returns."""
    html = Element("html", lang="zh-CN")
    head = SubElement(html, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", "索引报告")
    SubElement(head, "style").text = _STYLE
    body = SubElement(html, "body")
    _add(body, "h1", "索引报告")
    _summary(body, data)
    _rejections(body, data)
    _coverage(body, data)
    _skipped(body, data["skipped"])
    _lint(body, data["lint"])
    _near_duplicates(body, data["near_duplicates"])
    return f"<!doctype html>\n{tostring(html, encoding='unicode', method='html')}\n"


def _summary(body: Element, data: Mapping[str, Any]) -> None:
    kinds = "，".join(f"{_KINDS[kind]} {count:,}" for kind, count in data["kinds"].items())
    changes = "，".join(f"{label} {data['changes'][name]:,}" for name, label in _CHANGES.items())
    _table(
        body,
        (),
        [
            ("时间", f"{data['at']}，用时 {data['seconds']} 秒"),
            ("来源文件夹", "、".join(data["sources"])),
            ("读了", f"{data['files']:,} 个文件，{data['records']:,} 条记录（{kinds or '无'}）"),
            ("比上次", changes),
            ("拒收", f"{len(data['rejections']):,} 处"),
            ("索引", data["build_id"] or "没有更换"),
        ],
    )


def _rejections(body: Element, data: Mapping[str, Any]) -> None:
    kinds = data["rejection_kinds"]
    _add(body, "h2", f"拒收（{len(data['rejections']):,}）")
    if not kinds:
        _add(body, "p", "没有。")
        return
    rows = [
        (f"{kind['count']:,}", kind["type"] or "无后缀", [_mending(kind["reason"]), kind["reason"]], kind["examples"])
        for kind in kinds[:WORST]
    ]
    _table(body, ("数量", "类型", "怎么办，原因", "例如"), rows)
    if len(kinds) > WORST:
        rest = kinds[WORST:]
        _add(body, "p", f"另有 {len(rest):,} 类，共 {sum(kind['count'] for kind in rest):,} 处。")
    lines = [
        f"{r['path']}{':' + str(r['line']) if r['line'] is not None else ''}: {r['reason']}" for r in data["rejections"]
    ]
    _details(body, "逐条列出", lines)


def _mending(reason: str) -> str:
    return next((what for words, what in _MENDING if words in reason), "按原因改正")


def _coverage(body: Element, data: Mapping[str, Any]) -> None:
    _add(body, "h2", "标注的覆盖率")
    rows = [(one["label"], f"{one['count']:,}", f"{one['share']:.0%}", one["share"]) for one in data["coverage"]]
    _table(body, ("", "有的记录", "占", ""), rows)


def _skipped(body: Element, skipped: Sequence[Mapping[str, Any]]) -> None:
    _add(body, "h2", f"没有读的文件（{sum(one['count'] for one in skipped):,}）")
    if skipped:
        rows = [(f"{one['count']:,}", one["type"] or "无后缀", _read_by(one["read_by"])) for one in skipped]
        _table(body, ("数量", "类型", "怎样才能读"), rows)
    else:
        _add(body, "p", "没有。")


def _read_by(what: str) -> str:
    said = next((said for begins, said in _READ_BY.items() if what.startswith(begins)), what)
    return said + what.partition("`")[2].rstrip("`") if said.endswith("：") else said


def _lint(body: Element, lint: Mapping[str, Sequence[str]]) -> None:
    _add(body, "h2", "可疑之处")
    found = {name: lines for name, lines in lint.items() if lines}
    if not found:
        _add(body, "p", "没有。")
    for name, lines in found.items():
        _details(body, f"{_LINT.get(name, name)}（{len(lines):,}）", lines)


def _near_duplicates(body: Element, groups: Sequence[Sequence[str]]) -> None:
    _add(body, "h2", f"几乎相同的文章（{len(groups):,} 组）")
    if groups:
        _details(
            body, "逐组列出", [" = ".join(group[:WORST]) + (" …" if len(group) > WORST else "") for group in groups]
        )
    else:
        _add(body, "p", "没有。")


def _details(body: Element, summary: str, lines: Sequence[str]) -> None:
    details = SubElement(body, "details")
    _add(details, "summary", summary)
    items = SubElement(details, "ul")
    for line in lines[:LISTED]:
        _add(items, "li", line)
    if len(lines) > LISTED:
        _add(details, "p", f"另有 {len(lines) - LISTED:,} 条，全部在 JSON 报告里（--report 文件.json）。")


def _table(body: Element, heads: Sequence[str], rows: Iterable[Sequence[str | float | Sequence[str]]]) -> None:
    """Add a table: a list in a cell is one line and small ones below, a share is a meter, numbers stand at the end."""
    table = SubElement(SubElement(body, "div", {"class": "wide"}), "table")
    if heads:
        line = SubElement(SubElement(table, "thead"), "tr")
        for head in heads:
            _add(line, "th" if head else "td", head, **({"scope": "col"} if head else {}))
    inside = SubElement(table, "tbody")
    for row in rows:
        line = SubElement(inside, "tr")
        for number, cell in enumerate(row):
            if isinstance(cell, float):
                SubElement(SubElement(line, "td"), "meter", value=f"{cell:.4f}")
            elif isinstance(cell, str):
                is_head = not heads and number == 0
                is_number = bool(heads) and cell[-1:].rstrip("%").isdigit()
                named = {"scope": "row"} if is_head else {"class": "n"} if is_number else {}
                _add(line, "th" if is_head else "td", cell, **named)
            else:
                first, *others = cell
                place = _add(line, "td", first)
                for other in others:
                    _add(place, "small", other)


def _add(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    return element
