"""Whether this server lives, is ready, and from which index it answers: for those who start, stop and balance it."""

from __future__ import annotations

import dataclasses

from flask import Blueprint, Response, current_app, jsonify

from search import Query, answer

from ..served_index import STOPPING, age, engine, waiting
from .problems import problem

probes = Blueprint("probes", __name__)

WORD = "医保"
"""Asked of the index by each probe: the answer may be empty, but it must come."""


@probes.get("/livez")
def live() -> Response:
    """That this process answers: it need not be started anew, whatever the index is like."""
    return jsonify({"status": "ok"})


@probes.get("/readyz")
def ready() -> Response:
    """Whether this worker should be sent requests: its index answers, and it is not about to stop."""
    if refusal := _stopping():
        return refusal
    _ask()
    return jsonify({"status": "ok"})


@probes.get("/healthz")
def health() -> Response:
    """Whether this instance can answer, from which index, and how old that is."""
    if refusal := _stopping():
        return refusal
    _ask()
    info = engine().info
    told: dict[str, object] = {"status": "ok", "age_seconds": max(0, round(age())), **dataclasses.asdict(info)}
    if behind := waiting():
        told["waiting"] = {"build_id": behind.build_id, "reason": "outdated" if behind.is_outdated else "unusable"}
    return jsonify(told)


def _stopping() -> Response | None:
    return problem(503, "this server is stopping", code="stopping") if current_app.config.get(STOPPING) else None


def _ask() -> None:
    answer(engine(), Query(WORD, size=1))
