"""What programs leave beside the files of a folder, and nobody wrote: no source, and nothing that is lost."""

from __future__ import annotations

import re
from collections.abc import Collection

_LEFT_OVER = re.compile(r"(?i)~\$.*|~wr[a-z]\d+\.tmp|thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r")
_PAGE_FOLDER = re.compile(r"(?i)(?P<page>.+)(?:_files|\.files|_文件)")
_PAGES = (".html", ".htm", ".xhtml", ".mht")


def is_left_over(name: str) -> bool:
    """Tell whether a file is a lock of Office (~$…), a lost draft of it, or what Windows notes of a folder."""
    return _LEFT_OVER.fullmatch(name) is not None


def belongs_to_page(folder: str, beside: Collection[str]) -> bool:
    """Tell whether a folder holds the pictures and scripts of a page that a browser saved `beside` it."""
    found = _PAGE_FOLDER.fullmatch(folder)
    return found is not None and any(found["page"] + suffix in beside for suffix in _PAGES)
