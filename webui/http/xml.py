"""The XML that other programs read: Atom feed, OpenSearch description, sitemap. Trees, so everything is escaped."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from search import Article, Results

from ..pages.links import article_path
from ..pages.search_page import describe
from ..pages.state import SearchState
from ..pages.wording import say

_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATOM = "http://www.w3.org/2005/Atom"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SHORT = 16
"""Characters of a name, by the specification of OpenSearch."""
_NAMES = uuid.UUID("7b0e4a52-1d6f-5c35-9f55-0d4f6f3f9d11")
"""Name space of the ids of entries: an article keeps its id wherever it is served from."""


def atom_feed(results: Results, state: SearchState, root: str, built: str, site: str) -> bytes:
    """Return the dated hits as an Atom feed (RFC 4287) of the search `state`, served from `root`.

    Articles without a date are left out: an entry must say when it was last changed, and nobody knows. `built` (RFC
    3339) dates a feed without entries.
    """
    what, here = describe(state), f"{root}/feed.atom{state.querystring()}"
    dated = [hit for hit in results.hits if hit.article.date]
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "zh-CN"})
    _add(feed, "title", f"{what} · {site}" if what else site)
    _add(feed, "id", here)
    _add(feed, "link", rel="self", type="application/atom+xml", href=here)
    _add(feed, "link", rel="alternate", type="text/html", href=root + state.url())
    _add(feed, "updated", max((_moment(hit.article) for hit in dated), default=built))
    _add(_add(feed, "author"), "name", site)
    for hit in dated:
        article = hit.article
        entry = _add(feed, "entry")
        _add(entry, "title", article.title)
        _add(entry, "id", uuid.uuid5(_NAMES, article.id).urn)
        _add(entry, "link", rel="alternate", type="text/html", href=root + article_path(article.id))
        _add(entry, "published", _moment(article))
        _add(entry, "updated", _moment(article))
        if article.source:
            _add(_add(entry, "author"), "name", article.source)
        for topic in article.facets.get("topic", ()):
            _add(entry, "category", term=topic)
        _add(entry, "summary", " … ".join(snippet.text for snippet in hit.snippets))
    return _bytes(feed)


def opensearch(root: str, site: str) -> bytes:
    """Return the OpenSearch 1.1 description, by which a browser adds this search to its own."""
    tree = ET.Element("OpenSearchDescription", {"xmlns": _OPENSEARCH})
    _add(tree, "ShortName", site[:_SHORT])
    _add(tree, "Description", say("site-description"))
    _add(tree, "InputEncoding", "UTF-8")
    _add(tree, "Url", type="text/html", template=f"{root}/?q={{searchTerms}}")
    _add(tree, "Url", type="application/atom+xml", template=f"{root}/feed.atom?q={{searchTerms}}")
    return _bytes(tree)


def sitemap(addresses: Iterable[str]) -> bytes:
    """Return a sitemap of these addresses."""
    return _locations("urlset", "url", addresses)


def sitemap_index(addresses: Sequence[str]) -> bytes:
    """Return a list of sitemaps."""
    return _locations("sitemapindex", "sitemap", addresses)


def _locations(outer: str, inner: str, addresses: Iterable[str]) -> bytes:
    tree = ET.Element(outer, {"xmlns": _SITEMAP})
    for address in addresses:
        _add(_add(tree, inner), "loc", address)
    return _bytes(tree)


def _moment(article: Article) -> str:
    return f"{article.date}T00:00:00+08:00"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: _NOT_XML.sub("", value) for name, value in attributes.items()})
    element.text = _NOT_XML.sub("", text) or None
    return element


def _bytes(tree: ET.Element) -> bytes:
    text: bytes = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
    return text
