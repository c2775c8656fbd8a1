"""For the tests of promises: the table “Where a change is made” of docs/architecture.md, and copies of the program.

A test makes the change of the row whose name it bears, in a copy, and may edit what its row names: all of it, and
nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/architecture.md"

_ROW = re.compile(r"^\| (?P<change>[^|]+) \| (?P<edit>[^|]+) \| (?P<proof>[^|]+) \|$", re.M)
_FILE = re.compile(r"`((?:search|webui|tests|docs|seeds)/[\w./<>]*)`")

REINDEX = "reindex"
_SERVE = f"""
import io, json, logging, sys
from pathlib import Path
from search import reindex
from webui import Settings, create_app

said = []
log = io.StringIO()
logging.basicConfig(stream=log, format="%(message)s")
address, steps = json.load(sys.stdin)
client = create_app(Settings(address)).test_client()
for step in steps:
    if step == "{REINDEX}":
        reindex([Path("records")], address)
        client = create_app(Settings(address)).test_client()
    else:
        answer = client.get(step)
        said.append(log.getvalue().splitlines()[0] if answer.status_code == 503 else answer.text)
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Row:
    """A change, the files to edit (`<name>` in one stands for a name to be chosen), the files that are to prove it."""

    change: str
    edit: tuple[str, ...]
    proof: tuple[str, ...]

    @property
    def test(self) -> str:
        """The name of the test that makes the change."""
        return "test_" + re.sub(r"\W+", "_", self.change.lower())

    def named(self, path: str) -> str | None:
        """Return what the row calls a file that is edited; None for one that it does not name."""
        if path in self.edit:
            return path
        patterns = {name: re.sub(r"<\w+>", "[^/]+", re.escape(name)) for name in self.edit}
        return next((name for name, pattern in patterns.items() if re.fullmatch(pattern, path)), None)


def rows() -> list[Row]:
    """Return the rows of the table."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("\n## Where a change is made\n")[2].partition("\n## ")[0]
    found = [
        Row(match["change"], tuple(_FILE.findall(match["edit"])), tuple(_FILE.findall(match["proof"])))
        for match in _ROW.finditer(section)
    ]
    return found[1:]  # without the heading of the table


@dataclass
class Copy:
    """The program in a folder of its own, to be edited; `edited` are the paths that were."""

    folder: Path
    edited: set[str] = field(default_factory=set)

    def take(self, *names: str) -> Copy:
        """Copy files and folders of the program. Compiled modules go along, so that Python need not compile again."""
        for name in names:
            if (ROOT / name).is_dir():
                # A temporary file of another process that is just compiling is gone when it is to be copied.
                shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("*.pyc.*"))
            else:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        return self

    def add(self, path: str, text: str) -> None:
        """Write a new file."""
        assert not (self.folder / path).exists(), f"{path} is there already"
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")
        self.edited.add(path)

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace in a file: each old text, which stands there once, by the new one."""
        text = (self.folder / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{path} has {text.count(old)} times: {old}"
            text = text.replace(old, new)
        (self.folder / path).write_text(text, encoding="utf-8")
        self.edited.add(path)

    def append(self, path: str, line: str) -> None:
        """Add a line at the end of a file."""
        with (self.folder / path).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        self.edited.add(path)

    def records(self, *records: dict[str, Any]) -> None:
        """Write records, and let the program as it is make an index of them: the one that a change comes upon."""
        from search import reindex

        lines = (json.dumps(record, ensure_ascii=False) for record in records)
        (self.folder / "records").mkdir()
        (self.folder / "records/all.jsonl").write_text("\n".join(lines), encoding="utf-8")
        reindex([self.folder / "records"], self.folder / "index")

    def found_before(self, query: str) -> list[str]:
        """Return the ids that a query (`q=…`) finds with the program as it is, best first."""
        from webui import Settings, create_app

        client = create_app(Settings(self.folder / "index")).test_client()
        return ids(client.get(f"/api/v1/search?{query}").text)

    def run(self, *arguments: str, given: object = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy, with `given` as JSON to read."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)} | environment,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )

    def answers(self, *steps: str, index: str = "index", **environment: str) -> list[str]:
        """Return what the edited program answers to each address; `REINDEX` among them lets it reindex.

        Where it has no usable index, what its log says of that.
        """
        done = self.run("-c", _SERVE, given=[index, steps], **environment)
        assert done.returncode == 0, done.stderr
        answered: list[str] = json.loads(done.stdout)
        return answered

    def failures(self, file: str, *options: str) -> list[str]:
        """Run a test file of the program in the copy; return which tests fail."""
        self.take("pyproject.toml", "tests/conftest.py", file)
        done = self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", file, *options)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return re.findall(r"^FAILED (\S+)", done.stdout, re.M)


def ids(answer: str) -> list[str]:
    """Return the ids of the hits of a JSON answer, best first."""
    return [hit["id"] for hit in json.loads(answer)["hits"]]
