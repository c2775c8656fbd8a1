"""Errors as answers: a page for readers, `application/problem+json` (RFC 9457) for programs."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from search import IndexUnavailable, PageOutOfRange, UserError

from ..pages.views import error_page, past_the_end
from .responses import Problem

_MACHINE_PATHS = ("/api/", "/healthz", "/openapi.json")
_MOVED = ("没有这一页", "地址可能写错了，或者文章已经更新。换个词搜一搜，也许就能找到。")
_LONG = ("地址太长", "请缩短要搜的文字，或少选几个条件。")
_AWAY = ("暂时不能搜索", "服务正在维护，请过一会儿再试。")
_SENTENCES = {
    400: ("这个请求看不懂", "请检查地址，或者重新搜索。"),
    403: ("这里不能看", "请从搜索页重新开始。"),
    404: _MOVED,
    405: ("不支持这种请求", "请从搜索页重新开始。"),
    408: ("等得太久了", "网络可能不太顺，请再试一次。"),
    410: _MOVED,
    413: ("发来的内容太大", "这里只查询，不收文件。请重新搜索。"),
    414: _LONG,
    429: ("请求太频繁", "请等一分钟再试。"),
    431: _LONG,
    500: ("出错了", "不是您的问题，我们这边出了差错。请稍后再试。"),
    502: _AWAY,
    503: _AWAY,
    504: _AWAY,
}
"""What a page says to a status, also to those that only a limiter or a proxy in front brings; others as 400 or 500."""
_STATUSES = {status.value for status in HTTPStatus}
_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(UserError, _user_error)
    app.register_error_handler(IndexUnavailable, _unavailable)
    app.register_error_handler(HTTPException, _http_error)


def problem(status: int, detail: str, parameter: str = "") -> Response:
    """Return a problem document; `parameter` is the one at fault, if one is."""
    title = HTTPStatus(status).phrase if status in _STATUSES else "Unknown Error"
    body: Problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if parameter:
        body["parameter"] = parameter
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def _for_machine() -> bool:
    return request.path.startswith(_MACHINE_PATHS)


def _user_error(error: UserError) -> Response:
    status = 404 if isinstance(error, PageOutOfRange) else 400
    if _for_machine():
        return problem(status, error.detail, parameter=error.field)
    if status == 404:
        return past_the_end("没有这一页", error.message)
    return error_page(status, "这样搜不了", error.message)


def _unavailable(error: IndexUnavailable) -> Response:
    _log.error("%s", error)
    if _for_machine():
        response = problem(503, str(error))
    else:
        response = error_page(
            503, "暂时不能搜索", "索引还没有准备好。请管理员运行下面的命令，然后刷新本页。", error.command
        )
    response.headers["Retry-After"] = "30"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if _for_machine():
        response = problem(status, error.description or error.name)
    else:
        response = error_page(status, *_SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500]))
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    )
    return response
