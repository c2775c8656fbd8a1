"""How a query string is read: UTF-8, or GB 18030 (with GBK and GB 2312 in it) where it is no UTF-8.

Old pages and input fields of Windows link in GBK: ?q=%B2%B9%D1%C0 is 补牙. GBK text is hardly ever valid UTF-8.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote_from_bytes, unquote_to_bytes

from flask import Flask, Request
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

_OTHER = "gb18030"
_SIGNS = "%&=+!$'()*,/:;?@[]~"
"""What a query string is made of, besides what is escaped in it."""


class _Request(Request):
    @cached_property
    def args(self) -> MultiDict[str, str]:
        """Return the parameters of the query string."""
        if not _is_text(self.query_string, "utf-8") and _is_text(self.query_string, _OTHER):
            escaped = quote_from_bytes(self.query_string, safe=_SIGNS)
            return self.parameter_storage_class(parse_qsl(escaped, keep_blank_values=True, encoding=_OTHER))
        return super().args


def _is_text(query_string: bytes, encoding: str) -> bool:
    try:
        unquote_to_bytes(query_string).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def install(app: Flask) -> None:
    """Read the query strings of an application so."""
    app.request_class = _Request
