"""Numbers for Prometheus, of all workers together, in OpenMetrics. Every label has few values, none of them a reader's.

Each process counts in a file of its own (mapped memory), and whoever is asked adds them up; what a dead worker counted
stays counted, what it held goes. The numbers of the index are those of the worker that is asked.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask

from search import EngineUnavailable, IndexUnavailable, Results

from ..served_index import age, engine, waiting
from .answers import Answered

if TYPE_CHECKING:
    from prometheus_client import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
PATH = "/metrics"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


class Metrics:
    """The numbers of a server. To be made once, before its workers are forked; `close` removes their files.

    `observe` is told of answers, `worker_ended` of workers; `connections` counts those that are held.
    """

    def __init__(self) -> None:
        self._maker = os.getpid()
        self._folder = tempfile.mkdtemp(prefix="yibao-metrics-")
        # Read when the package is imported, which nothing has done before.
        os.environ[FOLDER] = self._folder
        from prometheus_client import Counter, Gauge, Histogram

        self._requests = Counter(
            "yibao_requests", "Answers, by the rule of their route.", ["route", "status"], registry=None
        )
        self._seconds = Histogram(
            "yibao_request_seconds", "Time to make an answer.", ["route"], buckets=BUCKETS, registry=None
        )
        self._nothing = Counter("yibao_no_results", "Searches that found nothing.", ["route"], registry=None)
        self.connections = Gauge(
            "yibao_connections", "Connections that are held.", registry=None, multiprocess_mode="livesum"
        )
        self._deaths = Counter("yibao_worker_deaths", "Workers that ended unasked.", ["how"], registry=None)

    def observe(self, answered: Answered, results: Results | None) -> None:
        """Count an answer."""
        self._requests.labels(answered.route, str(answered.status)).inc()
        if answered.ms is not None:
            self._seconds.labels(answered.route).observe(answered.ms / 1000)
        if results and not results.total:
            self._nothing.labels(answered.route).inc()

    def worker_ended(self, pid: int, how: str | None) -> None:
        """Forget what a worker held; count its death if it was unasked: `how` is a signal or `exit`."""
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid, self._folder)  # type: ignore[no-untyped-call]
        if how:
            self._deaths.labels(how).inc()

    def page(self, app: Flask) -> bytes:
        """Return all numbers, with those of the index that `app` serves."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector
        from prometheus_client.openmetrics.exposition import generate_latest

        registry = CollectorRegistry()
        MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
        registry.register(OfIndex(app))
        text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
        return text

    def endpoint(self, app: Flask) -> Any:
        """Return a WSGI application that answers `/metrics` and nothing else."""
        from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            found = environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] in ("GET", "HEAD")
            body = self.page(app) if found else b""
            kind = CONTENT_TYPE_LATEST if found else "text/plain"
            start_response(
                "200 OK" if found else "404 Not Found",
                [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")],
            )
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

        return answer

    def close(self) -> None:
        """Remove the files, once the workers are gone; they come by here too, when they end."""
        if os.getpid() == self._maker:
            shutil.rmtree(self._folder, ignore_errors=True)


class OfIndex:
    """What is told of the index whenever it is asked."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, as Prometheus' library wants them."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        with self._app.app_context():
            try:
                build = engine()
                behind = waiting()
            except (IndexUnavailable, EngineUnavailable):
                yield GaugeMetricFamily("yibao_index_up", "Whether there is an index that can be searched.", value=0)
                return
            info, seconds = build.info, age()
            rejections = self._rejections(info.build_id)
        live = behind.build_id if behind else info.build_id
        yield GaugeMetricFamily("yibao_index_up", "Whether there is an index that can be searched.", value=1)
        yield InfoMetricFamily(
            "yibao_index", "The build that is served, and the live one.", value={"served": info.build_id, "live": live}
        )
        yield GaugeMetricFamily("yibao_index_age_seconds", "Time since it was built.", value=seconds)
        yield GaugeMetricFamily("yibao_index_documents", "Articles in it.", value=info.documents)
        if rejections is not None:
            yield GaugeMetricFamily(
                "yibao_index_rejections", "Records that its reindex could not use.", value=rejections
            )

    def _rejections(self, build_id: str) -> int | None:
        """Return how many records the last reindex rejected: read once a build, for it takes a while."""
        kept: dict[str, int | None] = self._app.extensions.setdefault("yibao-rejections", {})
        if build_id not in kept:
            try:
                rejections = len(engine().manifest().all_rejections)
            except (IndexUnavailable, EngineUnavailable, OSError):
                return None
            kept.clear()
            kept[build_id] = rejections
        return kept[build_id]
