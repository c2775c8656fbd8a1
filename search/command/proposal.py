"""The `yibao.toml` that `yibao init` proposes for a folder, from what was seen in it, in Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pypinyin import lazy_pinyin

from ..facets import FACETS, OFFICIAL
from ..facets.facet import RESERVED
from ..formats.fields import is_field
from ..indexing.survey import FolderSurvey, Seen, common, examples
from ..settings.reading import MOST_FACETS

OFTEN = 0.2
"""A facet is proposed of a field that stands in this share of the records,"""
REPEATED = 2
"""whose values come again so many times on average,"""
MOST_DIFFERENT = 200
"""and are no more than a reader can choose from."""
LONG = 40
"""Characters, on average, of a field that may be the text."""
MOSTLY = 0.8

TITLES = ("标题", "题目", "题名", "问题", "title", "name", "headline", "subject", "question", "Title")
SOURCES = ("来源", "发布机构", "发文机关", "发布单位", "发文单位", "publisher", "author", "issuer", "organization")


def proposed_settings(seen: FolderSurvey) -> str:
    """Return the text of a file of settings; it can be read as it is, and says nothing but what was seen."""
    return "\n".join([*_head(seen), *_index(seen), *_query(), ""])


def _head(seen: FolderSurvey) -> Iterator[str]:
    yield "# 本文件由 yibao init 生成，说明见 docs/settings.zh-CN.md。行首的 # 表示注释，去掉即生效。"
    yield "# Written by yibao init; docs/settings.md explains it. Lines that begin with # are comments."
    yield "#"
    yield f"# 看了 {seen.records:,} 条记录，{seen.files:,} 个可读的文件。"
    yield f"# Looked at {seen.records:,} records; {seen.files:,} files can be read."
    for suffix, count in seen.unread.most_common(20):
        yield f"# 没有格式可读 / no format reads: {_plain(suffix)} {count:,}"
    for reason, count in seen.refused.most_common(10):
        yield f"# 不能用 / refused: {_plain(reason)} {count:,}"
    for name, field in list(common(seen.fields))[:40]:
        yield f"# 字段 / field {_quoted(name)}: {field.records:,}; {_described(field)}"


def _described(field: Seen) -> str:
    different = f"{len(field.values):,}{'+' if field.is_open else ''} 个值 / values"
    return f"{different}: {_plain(', '.join(examples(field, 3)))}" if field.values else different


def _index(seen: FolderSurvey) -> Iterator[str]:
    yield ""
    yield "# —— 索引部分：改了要重建索引（yibao reindex）"
    yield "# —— The index part: a change reads all articles again"
    yield "[index]"
    yield "# 可信来源，其文章标“官方” / sources whose articles are marked 官方"
    yield '# trusted = ["国家医疗保障局"]'
    yield ""
    yield "# 字段的别名 / other names of fields"
    yield "[index.fields]"
    named = dict(_named(seen))
    for name, others in named.items():
        yield f"{name} = [{', '.join(map(_quoted, others))}]"
    if not named:
        yield '# text = ["content", "正文"]'
    used = {other for others in named.values() for other in others}
    proposed = list(_facets(seen, used))
    yield ""
    yield "# 自定分类：key 用于网址，label 是显示的名称，fields 是字段名，order 是取值的次序（可省）"
    yield "# Own facets: key for addresses, label to show, fields to read, order of values (may be left out)"
    for key, name, field in proposed:
        yield f"# {field.records:,} / {seen.records:,}; {_described(field)}"
        yield "[[index.facets]]"
        yield f'key = "{key}"'
        yield f"label = {_quoted(name[:20])}"
        yield f"fields = [{_quoted(name)}]"
        yield ""
    if not proposed:
        yield from ("# [[index.facets]]", '# key = "issuer"', '# label = "发文机关"', '# fields = ["发文机关"]', "")


def _query() -> Iterator[str]:
    yield "# —— 检索部分：改了用 yibao reindex --changed，不重读文章"
    yield "# —— The query part: yibao reindex --changed takes it over and reads no article"
    yield "[query]"
    yield "# 词典里没有的词 / words that no dictionary has"
    yield '# words = ["沪惠保"]'
    yield "# 同义词 / synonyms"
    yield '# synonyms = ["长护险 = 长期护理保险", "异地 → 跨省 @0.5"]'
    yield "# 首页的示例问题 / questions on the start page"
    yield '# examples = ["门诊怎么报销"]'
    yield ""
    yield "[query.site]"
    yield '# name = "某市医保问答"'
    yield '# body = "某市医疗保障局"'
    yield '# hotline = "0000-12393"'
    yield '# icp = "某ICP备00000000号"'
    yield '# police = "某公网安备 00000000000000号"'
    yield ""
    yield "# 置顶：问法与文章编号 / pins: queries, and ids of articles that come first for them"
    yield "# [[query.pins]]"
    yield '# queries = ["异地就医备案", "异地备案"]'
    yield '# articles = ["guide.md"]'
    yield ""
    yield "# 公告：检索词含有 words 之一时显示 / banners: shown where a query contains one of the words"
    yield "# [[query.banners]]"
    yield '# words = ["缴费"]'
    yield '# text = "缴费期到 12 月 31 日。"'
    yield '# link = "https://example.org/notice"'


def _named(seen: FolderSurvey) -> Iterator[tuple[str, list[str]]]:
    """Yield which fields go by other names: what they hold tells, of titles and sources what they are called."""
    free = [(name, field) for name, field in common(seen.fields) if not is_field(name, FACETS)]
    stated = {
        name: seen.fields[name].records if name in seen.fields else 0 for name in ("text", "title", "date", "url")
    }
    without_text = any(reason.startswith("text: missing") for reason in seen.refused)
    texts = [(name, field) for name, field in free if field.characters > LONG * field.records]
    if without_text and texts:
        longest = sorted(texts, key=lambda item: -item[1].characters)
        yield "text", [name for name, _ in longest[:1]]
    for own, names in (("title", TITLES), ("source", SOURCES)):
        found = [name for name, _ in free if name in names]
        if found and (own != "title" or stated["title"] < seen.records):
            yield own, sorted(found, key=names.index)
    days = [name for name, field in free if field.days >= MOSTLY * field.records > 0]
    if days and not stated["date"]:
        yield "date", days[:3]
    addresses = [name for name, field in free if field.addresses >= MOSTLY * field.records > 0]
    if addresses and not stated["url"]:
        yield "url", addresses[:1]


def _facets(seen: FolderSurvey, used: set[str]) -> Iterator[tuple[str, str, Seen]]:
    """Yield key, field and what was seen of each field that would do as a facet."""
    keys: set[str] = set()
    for name, field in common(seen.fields):
        if is_field(name, FACETS) or (name in used and name not in SOURCES) or len(keys) >= MOST_FACETS:
            continue
        often = field.records >= OFTEN * seen.records
        repeats = field.values.total() >= REPEATED * len(field.values)
        days = field.days >= MOSTLY * field.records
        if often and repeats and not field.is_open and not days and 1 < len(field.values) <= MOST_DIFFERENT:
            key = _key(name, keys)
            keys.add(key)
            yield key, name, field


def _key(name: str, taken: set[str]) -> str:
    """Return a key for a field: its name, or how that sounds, and no key that means something else."""
    sound = "".join(lazy_pinyin(name)).lower()
    plain = "".join(character if character.isascii() and character.isalnum() else "_" for character in sound)
    key = plain.strip("_")[:30] or "field"
    key = key if key[0].isalpha() else f"field_{key}"
    while key in taken or key in RESERVED or key in FACETS or key == OFFICIAL.key:
        key += "_own"
    return key


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Return text for a comment, which ends with its line."""
    return "".join(character if character.isprintable() else " " for character in text)[:120]
