"""What an operator says in a `yibao.toml` beside the articles: read, checked, and kept with the build.

An index part decides what is stored of an article: own facets, other names of fields, trusted sources. A query part
acts on questions and pages only: words, synonyms, pins, banners, the site. Each has an identity. A build answers by the
copy that it holds, never by the file in the folder.

Knows facets and the fields of a record; must not know engines, builds, answers or pages. docs/settings.md describes it.
"""

from __future__ import annotations

from .locating import NAME, find_settings
from .reading import parse_settings, read_settings
from .values import NO_SETTINGS, Banner, IndexSettings, OwnFacet, Pin, QuerySettings, Settings, Site

__all__ = [
    "NAME",
    "NO_SETTINGS",
    "Banner",
    "IndexSettings",
    "OwnFacet",
    "Pin",
    "QuerySettings",
    "Settings",
    "Site",
    "find_settings",
    "parse_settings",
    "read_settings",
]
