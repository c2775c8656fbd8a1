"""A server over articles (the shipped seeds if no others) and a browser, for what is measured or shown on the page."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from search import reindex
from webui import Settings, create_app

SEEDS = Path(__file__).parents[1] / "seeds"
CHROMIUM = "/usr/bin/chromium"


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        pass


@contextmanager
def demo(source: Path = SEEDS) -> Iterator[tuple[Browser, str]]:
    """Yield a browser and the address of a server that answers from an index of `source`."""
    with tempfile.TemporaryDirectory() as folder:
        reindex([source], Path(folder))
        server = make_server("127.0.0.1", 0, create_app(Settings(Path(folder))), threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-lcd-text"]
            )
            yield browser, f"http://127.0.0.1:{server.server_port}"
            browser.close()
        server.shutdown()
        server.server_close()
        thread.join()
