"""Firefox driven by WebDriver BiDi (W3C), which it speaks itself: no driver stands between."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.conftest import FIREFOX

SECONDS = 30
"""Until an answer, or what a page is to show, is given up: machines that run all checks at once are slow."""
ENTER = "\ue007"
_QUIET = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "zh-CN",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 1,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "widget.gtk.overlay-scrollbars.enabled": True,
}


@dataclass
class Firefox:
    """One window. Scripts are expressions whose values JSON can hold."""

    socket: ClientConnection
    context: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a command. AssertionError if it is an error, TimeoutError if there is none."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv(timeout=SECONDS))
            if message.get("id") == number:
                assert message["type"] == "success", message
                result: dict[str, Any] = message["result"]
                return result

    def open(self, width: int, height: int) -> None:
        """Use a new window of this size from here on."""
        if self.context:
            self.send("browsingContext.close", context=self.context)
        self.context = self.send("browsingContext.create", type="tab")["context"]
        self.send("browsingContext.setViewport", context=self.context, viewport={"width": width, "height": height})

    def go(self, url: str) -> None:
        self.send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def back(self) -> None:
        self.send("browsingContext.traverseHistory", context=self.context, delta=-1)

    def value(self, script: str) -> Any:
        """Return what an expression is worth on the page."""
        target = {"context": self.context}
        expression = f"JSON.stringify({script}) ?? 'null'"
        result = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

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
        self.send("input.performActions", context=self.context, actions=[{"type": "key", "id": "k", "actions": keys}])

    def click(self, selector: str) -> None:
        """Click the first element that a selector finds in the middle, once it is in sight."""
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'nearest'}}) ?? 0")
        found = self.send(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector}
        )
        origin = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.send(
            "input.performActions", context=self.context, actions=[{"type": "pointer", "id": "p", "actions": steps}]
        )

    def named(self, role: str, name: str = "") -> int:
        """Return how many elements have a role, and a name if one is given, in the tree that screen readers read."""
        value = {"role": role, **({"name": name} if name else {})}
        locator = {"type": "accessibility", "value": value}
        return len(self.send("browsingContext.locateNodes", context=self.context, locator=locator)["nodes"])


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Yield a Firefox without a screen, with a `profile` (a folder) of its own."""
    prefs = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _QUIET.items())
    (profile / "user.js").write_text(prefs, "utf-8")
    command = [
        FIREFOX,
        "--headless",
        "--no-remote",
        "--profile",
        profile,
        "--remote-debugging-port",
        "0",
        "about:blank",
    ]
    with (profile / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        with connect(_address(profile / "said.txt") + "/session", max_size=None) as socket:
            browser = Firefox(socket)
            browser.send("session.new", capabilities={})
            yield browser
    finally:
        process.terminate()
        process.wait(SECONDS)


def _address(said: Path) -> str:
    end = time.monotonic() + 2 * SECONDS
    while time.monotonic() < end:
        _, found, rest = said.read_text("utf-8", "replace").partition("WebDriver BiDi listening on ")
        if found and "\n" in rest:
            return rest.split()[0]
        time.sleep(0.1)
    raise AssertionError("Firefox does not listen")
