"""Every Chinese sentence that the library says to readers, by its code.

Codes are stable: notes carry them in the JSON (docs/api.md). Knows no query, no engine and no page; the words of the
pages stand in `webui.pages.wording`.
"""

from __future__ import annotations

from .model import Named, Note

NOTES = {
    # About how the text was read.
    "lone-quote": "引号没有成对，已按普通标点处理。",
    "ignored-characters": "表情符号和不可见字符已忽略。",
    "nothing-to-search": "没有可以搜索的字词。",
    # About what it finds.
    "too-many-words": "文字较长，按其中最要紧的 {most} 个词搜索。",
    "corrected": "没有找到“{wrong}”，以下是“{text}”的结果。",
    "did-you-mean": "“{text}”有 {total} 条结果。",
    "by-pairs": "没有一篇含有“{words}”，以下按其中相连的两个字找到。",
    "by-characters": "没有一篇含有“{words}”，以下只是含有其中每一个字。",
    "without-quotes": "没有原样出现“{words}”的文章，以下是去掉引号的结果。",
    "without-quotes-all": "没有一篇既合乎引号里的每个字句，又合乎其余的词，以下是去掉引号的结果。",
    "missing-words": "没有文章写到“{words}”",
    "county": "{county}属于{place}。",
    "no-such-place": "没有关于{place}的文章。",
    "sounds-alike": "“{text}”也这样读，有 {total} 条结果。",
    "initials-alike": "“{text}”也是这几个首字母，有 {total} 条结果。",
    "several-places": "几个地方都找了，篇数：{named}。",
    "not-of-place": "关于{place}的 {total} 篇文章里，没有这方面的。",
}
ERRORS = {
    "unknown-parameter": "没有名为“{name}”的参数。",
    "repeated-parameter": "参数“{name}”只能出现一次。",
    "not-a-date": "日期请写成 2025-03-27 这样的形式。",
    "from-after-to": "起始日期晚于截止日期。",
    "unknown-sort": "不能按“{sort}”排序。",
    "not-a-flag": "{name} 只能是 0 或 1。",
    "not-an-integer": "{name} 应是 1 到 {maximum} 之间的整数。",
    "unknown-facet": "没有“{key}”这一分类。",
    "unknown-value": "没有名为“{value}”的{facet}。",
    "ambiguous-value": "{facet}“{value}”不止一个：{some}。",
    "text-too-long": "要搜的文字最多 {most} 个字，请缩短一些。",
    "past-the-end": "只有 {last} 页。",
}


def message(code: str, **values: object) -> str:
    """Return the sentence of an error, its gaps filled. KeyError for an unknown code or a missing value."""
    return ERRORS[code].format_map(values)


def note(code: str, place: Named | None = None, **values: object) -> Note:
    """Return a note with its sentence; of a note about a `place` that is a value of its own. KeyError as `message`."""
    return Note(code, NOTES[code].format_map({"place": place.label} | values if place else values), place)
