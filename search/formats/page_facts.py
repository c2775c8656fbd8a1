"""What a saved page says of itself: title, day, source and address, from its meta tags and the lines around its text.

Chinese government sites state them in tags of their own (国办 website norm: ArticleTitle, PubDate, ContentSource, Url),
others in those of Open Graph or in a line such as 来源：… 发布时间：…. Reads a tree and leaves it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from .dates import is_day, labelled_day, parse_date
from .documents import stated_title
from .fields import is_web_address
from .official import is_authority

_TITLES = ("articletitle",)
_HEADS = ("og:title", "twitter:title")
_DAYS = (
    *(
        "pubdate",
        "publishdate",
        "publish_date",
        "publishtime",
        "publish_time",
        "article:published_time",
        "og:published_time",
    ),
    *("datepublished", "firstpublishedtime", "releasedate", "createdate", "dc.date", "dc.date.issued", "date"),
)
_SOURCES = ("contentsource", "source", "mediaid", "article:publisher")
_SITES = ("sitename", "og:site_name", "application-name")
_ADDRESSES = ("url", "og:url")
_NO_SOURCE = frozenset(
    [
        "本网",
        "本站",
        "本网站",
        "原创",
        "网络",
        "互联网",
        "转载",
        "其他",
        "其它",
        "未知",
        "无",
        "null",
        "微信公众平台",
        "管理员",
        "admin",
    ]
)
"""What stands for a source and names none: then the site is."""

_DAY_PLACE = re.compile(
    r"(?i)(?:pub|post|release|create|news|article|issue|info|entry)\w*[-_]?(?:date|time)|^(?:date|time)$"
)
_SOURCE_PLACE = re.compile(
    r"(?i)^(?:js_name|profile_nickname|rich_media_meta_nickname|rich_media_meta_text)$|^(?:\w+[-_])?source$"
)
_SOURCE_LINE = re.compile(
    r"(?:信息|文章|稿件|内容|新闻|^|\s)来\s*源\s*[:：]\s*(?P<source>[^\s:：|｜。]{2,40})(?:\s|$|[|｜]|(?=发布|时间|作者|浏览))"
)
_DAY_IN_LINE = re.compile(
    r"(?:(?:发表|发布|更新)于\s*[:：]?\s*(?=\d{4}\D)|(?:发布|发表|发文|成文|公布|印发)?(?:日期|时间)\s*[:：]\s*)"
    r"(?P<day>\d{4}\D.{0,40})"
)
_GENERATED = "生成"
_LABEL, _SOURCE_LABEL = "发布时间:", "来源:"
_LONGEST_LINE = 160
_MOST_LINES = 5_000
_SEPARATORS = " -_|｜－—–·»>"
_BETWEEN = re.compile(r"\s*[_|｜]\s*|\s+[-–—]+\s+")  # … and the ones that stand in no title
_TITLE_PLACE = re.compile(r"(?i)(?:^|[-_])(?:tit|title|biaoti|headline|subject)(?:$|[-_])")
_SITE = re.compile(r"(?:网|网站|网页|平台|门户|论坛|公众号|社区)$")
_DOCUMENT = re.compile(r"(?i)\.(?:docx?|xlsx?|pdf|zip|rar|wps|et|ofd|pptx?)(?:$|[?#&])")
_LINES = ("p", "li", "div", "td", "dd")
_HAN = re.compile("[\u4e00-\u9fff]")
_SHORTEST_TITLE, _LONGEST_TITLE = 4, 120
_LONGEST_LABEL = 10
"""Characters of a label whose value stands in the next element: <small>来源:</small>某局."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page states; empty or None where it states nothing that can be used.

    `called` is what it is called where it shows no title; `attached` are the lines that offer files.
    """

    title: str = ""
    called: str = ""
    day: date | None = None
    source: str = ""
    site: str = ""
    url: str = ""
    attached: tuple[str, ...] = ()


def page_facts(tree: Any) -> PageFacts:
    """Return what a page (an lxml tree) states of itself."""
    tags = _meta_tags(tree)
    site = _first(tags, _SITES)
    site = "" if site in _NO_SOURCE else site
    lines = list(_lines(tree))
    source = _first(tags, _SOURCES) or next(_sources(tree), "") or next(_named_sources(lines), "")
    head = stated_title(_first(tags, _HEADS) or " ".join((tree.findtext(".//title") or "").split()))
    return PageFacts(
        title=without_site(_first(tags, _TITLES), site) or _shown_title(tree, head),
        called=next((part for part in _BETWEEN.split(head) if len(part) >= _SHORTEST_TITLE and not _is_site(part)), ""),
        day=next(_days(tags, tree, lines), None),
        source=source if source and source not in _NO_SOURCE else site,
        site=site,
        url=next((tags[name] for name in _ADDRESSES if is_web_address(tags.get(name, ""))), ""),
        attached=tuple(dict.fromkeys(_attached(tree))),
    )


def _shown_title(tree: Any, head: str) -> str:
    """Return the words of a page that its <title> (`head`) names, beside the site and its columns; empty if none.

    A page that has no <title> is called by its first heading.
    """
    if not head:
        return next((words for words in _headings(tree) if not _is_site(words)), "")
    found = {words for words in (*_headings(tree), *_unlinked(tree)) if _stands_in(words, head)}
    return max((words for words in found if not _is_site(words)), key=len, default="")


def _headings(tree: Any) -> Iterator[str]:
    for element in tree.iter("h1", "h2", "h3", "div", "p", "td", "span"):
        if element.tag in ("h1", "h2", "h3") or (len(element) < 5 and _stands_at(element, _TITLE_PLACE)):
            words = " ".join(element.text_content().split())
            if _SHORTEST_TITLE <= len(words) <= _LONGEST_TITLE:
                yield words


def _unlinked(tree: Any) -> Iterator[str]:
    body = tree.find("body")
    for element in body.iter(etree.Element) if body is not None else ():
        if element.tag not in ("a", "script", "style"):
            words = (element.text or "").strip()
            if _SHORTEST_TITLE <= len(words) <= _LONGEST_TITLE:
                yield " ".join(words.split())


def _attached(tree: Any) -> Iterator[str]:
    """Yield the lines in which a page offers documents: 附件：1.某表.docx."""
    for link in tree.iter("a"):
        if _DOCUMENT.search(link.get("href") or ""):
            line = next((each for each in link.iterancestors(*_LINES)), link)
            words = " ".join(line.text_content().split())
            if len(words) > _LONGEST_LINE:
                words = " ".join(link.text_content().split())
            if len(_HAN.findall(words)) >= _SHORTEST_TITLE:
                yield words[:_LONGEST_LINE]


def _stands_in(words: str, head: str) -> bool:
    """Tell whether words are a part of a title, between its ends or marks that part it."""
    at = head.find(words)
    before, after = head[at - 1 : at] if at else "", head[at + len(words) :][:1]
    return at >= 0 and (not before or before in _SEPARATORS) and (not after or after in _SEPARATORS)


def _is_site(words: str) -> bool:
    return is_authority(words) or _SITE.search(words) is not None


def without_site(title: str, site: str) -> str:
    """Return a title without the name of the site at its end (… - 某市人民政府门户网站)."""
    bare = title.removesuffix(site).rstrip(_SEPARATORS) if site else title
    return bare or title


def is_generated(content: str) -> bool:
    """Tell whether a meta tag says when the page was generated, which is no day of the article."""
    return _GENERATED in content


def _meta_tags(tree: Any) -> Mapping[str, str]:
    """Return the first content that stands under each name, names in lower case."""
    tags: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = (tag.get("name") or tag.get("property") or tag.get("itemprop") or "").strip().lower()
        content = " ".join((tag.get("content") or "").split())
        if name and content and not is_generated(content):
            tags.setdefault(name, content)
    return tags


def _first(tags: Mapping[str, str], names: Iterable[str]) -> str:
    return next((tags[name] for name in names if tags.get(name)), "")


def _days(tags: Mapping[str, str], tree: Any, lines: list[str]) -> Iterator[date]:
    for name in _DAYS:
        if day := _parsed(tags.get(name, "")):
            yield day
    for element in tree.iter("time", "span", "em", "i", "div", "p", "td", "li", "b", "h5", "h6"):
        if element.tag != "time" and not _stands_at(element, _DAY_PLACE):
            continue
        words = " ".join(element.text_content().split()) if element.tag == "time" or len(element) < 5 else ""
        if day := _parsed(element.get("datetime") or "") or is_day(words) or _labelled(words):
            yield day
    for line in lines:
        if day := _labelled(line):
            yield day


def _labelled(words: str) -> date | None:
    found = _DAY_IN_LINE.search(words[:_LONGEST_LINE])
    if not found:
        return None
    return labelled_day(f"{_LABEL}{found['day']}") or _beginning(found["day"])


def _beginning(words: str) -> date | None:
    """Return the day that a line begins with, whatever follows after a blank."""
    parts = words.split()
    return is_day(parts[0].rstrip(",，")) if parts else None


def _parsed(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except (ValueError, OverflowError):
        return None


def _sources(tree: Any) -> Iterator[str]:
    """Yield what stands where pages name their source, the account of a post before its author."""
    found = [
        e for e in tree.iter("span", "a", "strong", "em", "div", "p") if _stands_at(e, _SOURCE_PLACE) and len(e) < 5
    ]
    found.sort(key=lambda e: "text" in (e.get("class") or ""))
    for element in found:
        words = " ".join(element.text_content().split())
        name = words.replace("：", ":").rpartition(_SOURCE_LABEL)[2].strip()
        if 2 <= len(name) <= 40 and not is_day(name):
            yield name


def _named_sources(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if found := _SOURCE_LINE.search(line):
            yield found["source"]


def _stands_at(element: Any, place: re.Pattern[str]) -> bool:
    names = (element.get("id") or "", *(element.get("class") or "").split()[:8])
    return any(place.search(name) for name in names if name)


def _lines(tree: Any) -> Iterator[str]:
    """Yield the first short pieces of text of a page, in order."""
    body = tree.find("body")
    count = 0
    label = ""
    for text in (body if body is not None else tree).itertext():
        words = label + " ".join(text.split())
        label = words if words.endswith((":", "：")) and len(words) <= _LONGEST_LABEL else ""
        if 8 <= len(words) <= _LONGEST_LINE:
            yield words
            count += 1
            if count == _MOST_LINES:
                return
