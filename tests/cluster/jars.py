"""The jars that a node is made of: copied by Maven as `pom.xml` names them, compared with `jars.sha256`, kept for the
next time. Nothing of them stands in the repository.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
CHECKSUMS = HERE / "jars.sha256"
PACKAGES = {"java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless", "mvn": "maven"}
"""Program → the package of Debian that has it."""


class NotToBeHad(Exception):
    """A cluster cannot be started here. The message says what is missing, and how to come by it."""


def jars() -> Path:
    """Return the folder of the jars, every one compared with its checksum. Raises NotToBeHad."""
    need("java", "javac")
    expected = CHECKSUMS.read_bytes()
    folder = cache() / f"opensearch-{sha256(expected).hexdigest()[:12]}"
    if not folder.is_dir():
        _fetch(folder)
    if wrong := differing(folder):
        raise NotToBeHad(
            f"{folder} holds other jars than {CHECKSUMS.name} says (remove the folder): {', '.join(wrong)}"
        )
    return folder


def need(*programs: str) -> None:
    """Raise NotToBeHad unless all of these programs are on the path."""
    if missing := [name for name in programs if not shutil.which(name)]:
        packages = dict.fromkeys(PACKAGES[name] for name in missing)
        raise NotToBeHad(
            f"a cluster needs {', '.join(missing)}, which is not on the path; on Debian, as root: "
            f"apt-get install {' '.join(packages)}"
        )


def cache() -> Path:
    """Return the folder that keeps what was downloaded."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yibao"


def differing(folder: Path) -> list[str]:
    """Return names of files that are missing, too many, or of other content than `jars.sha256` says."""
    expected = dict(reversed(line.split()) for line in CHECKSUMS.read_text(encoding="utf-8").splitlines())
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    return sorted({name for name, _ in expected.items() ^ found.items()})


def _fetch(folder: Path) -> None:
    """Have Maven copy the jars. Two at once do no harm: the folder appears whole, and the first is kept."""
    need("mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as work:
        got = Path(work) / "jars"
        maven = ["mvn", "-q", "-B", "-f", POM, "dependency:copy-dependencies", f"-DoutputDirectory={got}"]
        done = subprocess.run(maven, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotToBeHad(f"Maven could not fetch the jars:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if wrong := differing(got):
            raise NotToBeHad(f"Maven fetched other jars than {CHECKSUMS.name} says: {', '.join(wrong)}")
        try:
            got.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


if __name__ == "__main__":
    try:
        print(jars())
    except NotToBeHad as error:
        sys.exit(f"make jars: {error}")
