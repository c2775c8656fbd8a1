"""大字模式: large type and strong colours, by a parameter of the address that every link and form of a page carries.

So it needs neither script nor cookie, and a page that is sent to somebody looks there as it did here. The addresses are
changed here, in the finished page, and nowhere else: what makes them need not know how large anything is shown.
"""

from __future__ import annotations

import re

from flask import request

from .links import OWN_PAGE

PARAMETER = "big"
_ON = f"{PARAMETER}=1"
# What a template prints has no quotation mark in it, so that these are attributes, and never words of an article.
_ADDRESS = re.compile(rf'(?<=\s)(href|action|hx-get)="({OWN_PAGE})(#[^"]*)?"')
_FORM = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')


def is_large() -> bool:
    """Tell whether this request asks for large type."""
    return request.args.get(PARAMETER) == "1"


def carried(url: str) -> str:
    """Return an address without a fragment, in large type if this request is."""
    return _with(url, "&") if is_large() else url


def switch(url: str) -> str:
    """Return what leads from the page `url`, which is shown, to the same page in the other size: a query alone."""
    query = "?" + url.partition("?")[2]
    if is_large():
        return query
    return query + _ON if query == "?" else _with(query, "&")


def enlarged(page: str) -> str:
    """Return the HTML of a page with the parameter in every address of a page of ours, and in every form."""
    page = _ADDRESS.sub(lambda m: f'{m[1]}="{_with(m[2], "&amp;")}{m[3] or ""}"', page)
    return _FORM.sub(rf'\g<0><input type="hidden" name="{PARAMETER}" value="1">', page)


def _with(url: str, joint: str) -> str:
    return f"{url}{joint if '?' in url else '?'}{_ON}"
