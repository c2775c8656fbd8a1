"""Firefox and WebKitGTK, driven by the commands of classic WebDriver (W3C).

Firefox takes them itself over a socket (Marionette, which geckodriver speaks too). WebKitGTK has a driver that takes
them over HTTP, and needs a screen: Xvfb.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

from tests.conftest import FIREFOX, WEBKIT, XVFB

SECONDS = 30
"""Until an answer, or what a page is to show, is given up: machines that run all checks at once are slow."""
ENTER, DOWN, RIGHT = "\ue007", "\ue015", "\ue014"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference to an element, by the standard
_PATHS = {
    "Navigate": ("POST", "/url"),
    "Back": ("POST", "/back"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "FindElement": ("POST", "/element"),
    "PerformActions": ("POST", "/actions"),
    "SetWindowRect": ("POST", "/window/rect"),
    "GetComputedRole": ("GET", "/element/{id}/computedrole"),
    "GetComputedLabel": ("GET", "/element/{id}/computedlabel"),
}
_QUIET = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "zh-CN",
    "marionette.port": 0,  # any that is free
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
    "toolkit.telemetry.enabled": False,
    "widget.gtk.overlay-scrollbars.enabled": True,
}

Send = Callable[[str, dict[str, Any]], Any]
"""Carries a command out, given its name and parameters, and returns its value. AssertionError if it fails."""


@dataclass
class Window:
    """One window of a browser. Scripts are expressions whose values JSON can hold."""

    send: Send

    def resize(self, width: int, height: int) -> None:
        """Give the page this size, the window what it needs around it."""
        around = self.value("outerHeight - innerHeight")
        self.send("SetWindowRect", {"width": width, "height": height + around})
        self.until(f"innerWidth === {width} && innerHeight === {height}")

    def go(self, url: str) -> None:
        self.send("Navigate", {"url": url})

    def back(self) -> None:
        self.send("Back", {})

    def value(self, script: str) -> Any:
        """Return what an expression is worth on the page."""
        return self.send("ExecuteScript", {"script": f"return {script}", "args": []})

    def until(self, script: str) -> None:
        """Wait until an expression is true, also over a change of pages."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                if self.value(script):
                    return
            except AssertionError:
                pass  # the page was going away, or is not there yet
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def type(self, text: str) -> None:
        """Press and release the key of each character."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.send("PerformActions", {"actions": [{"type": "key", "id": "keys", "actions": keys}]})

    def click(self, selector: str) -> None:
        """Click the first element that a selector finds in the middle, once it is in sight."""
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'nearest'}})")
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": {ELEMENT: self._find(selector)}},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.send("PerformActions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]})

    def told(self, selector: str) -> tuple[str, str]:
        """Return the role and the name of the first element that a selector finds, as screen readers are told them."""
        element = {"id": self._find(selector)}
        return self.send("GetComputedRole", element), self.send("GetComputedLabel", element)

    def _find(self, selector: str) -> Any:
        return self.send("FindElement", {"using": "css selector", "value": selector})[ELEMENT]


@contextmanager
def firefox(folder: Path) -> Iterator[Window]:
    """Yield a window of Firefox, which needs no screen, with an empty `folder` for its profile."""
    prefs = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _QUIET.items())
    (folder / "user.js").write_text(prefs, "utf-8")
    (folder / "chrome").mkdir()
    (folder / "chrome/userChrome.css").write_text(":root, body { min-width: 0 !important }", "utf-8")
    port = folder / "MarionetteActivePort"
    command = [FIREFOX, "--headless", "--no-remote", "--profile", folder, "--marionette", "about:blank"]
    with _running(command):
        _wait(lambda: port.exists() and port.read_text().isdigit())
        with (
            socket.create_connection(("127.0.0.1", int(port.read_text())), SECONDS) as connection,
            connection.makefile("rb") as answers,
        ):
            yield Window(_marionette(connection, answers))


def _marionette(connection: socket.socket, answers: IO[bytes]) -> Send:
    """Messages are JSON, led by their length in bytes and a colon: [0, number, command, parameters] and its answer
    [1, number, error, value]."""

    def receive() -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = answers.read(1)
            assert byte, "Firefox is gone"
            length += byte
        return json.loads(answers.read(int(length[:-1])))

    def send(command: str, params: dict[str, Any]) -> Any:
        message = json.dumps([0, 1, f"WebDriver:{command}", params]).encode()
        connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = receive()
        assert error is None, error
        return value.get("value")

    receive()  # its greeting
    send("NewSession", {})
    return send


@contextmanager
def webkit(folder: Path) -> Iterator[Window]:
    """Yield a window of WebKitGTK's MiniBrowser on a screen of its own, with an empty `folder` for what it keeps."""
    (folder / "gtk-3.0").mkdir()
    (folder / "gtk-3.0/gtk.css").write_text("* { min-width: 0; padding: 0; margin: 0; border-width: 0 }", "utf-8")
    homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME"), str(folder))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        _running([XVFB, "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]) as screen,
        _running([WEBKIT, f"--port={port}"], **homes, DISPLAY=f":{screen.readline().strip()}"),
        closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection,
    ):
        _wait(lambda: _is_taken(port))
        session = "/session/" + _ask(connection, "POST", "/session", {"capabilities": {}})["sessionId"]

        def send(command: str, params: dict[str, Any]) -> Any:
            method, path = _PATHS[command]
            return _ask(connection, method, session + path.format(**params), params)

        yield Window(send)
        _ask(connection, "DELETE", session, {})


def _ask(connection: HTTPConnection, method: str, path: str, params: dict[str, Any]) -> Any:
    connection.request(method, path, json.dumps(params) if method == "POST" else None)
    answer = connection.getresponse()
    value = json.load(answer)["value"]
    assert answer.status == 200, value
    return value


@contextmanager
def _running(command: list[Any], **environment: str) -> Iterator[IO[str]]:
    """Yield what a program prints, and end it. What it complains of, pytest shows."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stdout
        try:
            yield process.stdout
        finally:
            process.terminate()


def _is_taken(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 2 * SECONDS
    while not is_so():
        assert time.monotonic() < end, "the browser does not listen"
        time.sleep(0.05)
