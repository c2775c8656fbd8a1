"""Log lines as text or as JSON, on standard error. Of an exception they tell type and places, never its message.

A message of an exception may quote what was asked: that is health data. What the program says itself is told whole.
"""

from __future__ import annotations

import errno
import json
import logging
import time
import traceback
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

from flask import Flask, has_request_context

from .request_ids import request_id

LogFormat = Literal["text", "json"]
FIELDS = ("request_id", "method", "route", "status", "ms", "bytes", "build", "clauses")
"""What a record may carry beside its message, in the order in which it is told."""
_OURS = ("search", "webui")
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(form: LogFormat) -> None:
    """Let all loggers of this process write such lines; those of this program from `info` on, others' warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter({"text": TextLines, "json": JsonLines}[form]())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class TextLines(logging.Formatter):
    """Lines for people: time, process, level, message, and the fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it where an exception came about."""
        when = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(record.created))
        fields = "".join(f" {name}={value}" for name, value in _fields(record))
        line = f"[{when}] [{record.process}] [{record.levelname}] {_on_one_line(record.getMessage())}{fields}"
        raised = _raised(record)
        return f"{line}\n{raised}" if raised else line


class JsonLines(logging.Formatter):
    """Lines for programs: one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; `exception` tells where one came about."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "pid": record.process,
            "message": _on_one_line(record.getMessage()),
            **dict(_fields(record)),
        }
        if raised := _raised(record):
            line["exception"] = raised
        return json.dumps(line, ensure_ascii=False)


class PrivateFlask(Flask):
    """Flask, which would quote the path of a request that failed, and the message of what made it fail."""

    def log_exception(self, exc_info: _Raised) -> None:
        """Log what failed, by its places, whoever writes the line."""
        error = exc_info[1] and unquoted(exc_info[1])
        self.logger.error("a request failed", exc_info=error)


class Unquoted(Exception):
    """An exception, told by its kind: its own message may quote what was asked."""


def unquoted(error: BaseException) -> Unquoted:
    """Return an exception, and what it was raised from, with their places in the code, and kinds for messages."""
    if isinstance(error, Unquoted):
        return error
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, OSError) and error.errno:
        kind += f" ({errno.errorcode.get(error.errno, error.errno)})"
    plain = Unquoted(kind).with_traceback(error.__traceback__)
    plain.__cause__ = unquoted(earlier) if earlier else None
    return plain


def _raised(record: logging.LogRecord) -> str:
    error = record.exc_info and record.exc_info[1]
    return "".join(traceback.format_exception(unquoted(error))).rstrip() if error else ""


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    if not hasattr(record, "request_id") and has_request_context():
        record.request_id = request_id()
    for name in FIELDS:
        if (value := getattr(record, name, None)) is not None:
            yield name, value


def _on_one_line(text: str) -> str:
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") else character for character in text
    )
