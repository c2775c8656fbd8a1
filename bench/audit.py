"""Are there known holes in what this program is made of? `python -m bench.audit`, or `make audit`.

Asks OSV (https://osv.dev, which collects PyPI's and GitHub's advisories) about every pinned package: names and versions
are sent, nothing else. Without a network: `--database FILE` reads OSV's own dump instead, fetched elsewhere beforehand,
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip (and …/npm/all.zip).

Exit status: 0 no known hole, 1 some, 2 not everything could be checked. What was not checked is always said.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]
ADDRESS = "https://api.osv.dev/v1/querybatch"
BATCH = 500


class Package(NamedTuple):
    ecosystem: str
    name: str
    version: str


Holes = Mapping[Package, Sequence[str]]
Ask = Callable[[Sequence[Package]], Sequence[Sequence[str]]]


def pinned(root: Path = ROOT) -> list[Package]:
    """Return what the lock files pin: Python packages to run and to develop, and what the browser gets."""
    found = set()
    for path in sorted((root / "requirements").glob("*.txt")):
        for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", path.read_text("utf-8"), re.M):
            found.add(Package("PyPI", canonicalize_name(name), version))
    packages = json.loads((root / "package-lock.json").read_text("utf-8"))["packages"]
    for path, package in packages.items():
        if path:
            found.add(Package("npm", path.rpartition("node_modules/")[2], package["version"]))
    return sorted(found)


def ask_osv(packages: Sequence[Package]) -> list[list[str]]:
    """Return the ids of the advisories on each package. Raises OSError, ValueError."""
    answers: list[list[str]] = []
    for first in range(0, len(packages), BATCH):
        queries = [
            {"package": {"ecosystem": one.ecosystem, "name": one.name}, "version": one.version}
            for one in packages[first : first + BATCH]
        ]
        request = urllib.request.Request(
            ADDRESS, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            results = json.load(response)["results"]
        if len(results) != len(queries):
            raise ValueError("OSV answered fewer questions than were asked")
        answers += [[hole["id"] for hole in result.get("vulns", ())] for result in results]
    return answers


def in_database(path: Path, packages: Iterable[Package]) -> tuple[dict[Package, list[str]], set[str]]:
    """Return the holes that a dump knows, and the ecosystems it speaks of."""
    wanted: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        wanted.setdefault(package[:2], []).append(package)
    holes: dict[Package, list[str]] = {}
    ecosystems = set()
    with zipfile.ZipFile(path) as dump:
        for name in dump.namelist():
            advisory = json.loads(dump.read(name))
            for affected in () if advisory.get("withdrawn") else advisory.get("affected", ()):
                ecosystem, title = affected["package"]["ecosystem"], affected["package"]["name"]
                ecosystems.add(ecosystem)
                key = ecosystem, canonicalize_name(title) if ecosystem == "PyPI" else title
                for package in wanted.get(key, ()):
                    if is_affected(package.version, affected) and advisory["id"] not in holes.get(package, ()):
                        holes.setdefault(package, []).append(advisory["id"])
    return holes, ecosystems


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Tell whether an advisory means a version: by its list, or by its ranges, as OSV's schema defines them.

    One that cannot be compared is taken to be affected.
    """
    if version in affected.get("versions", ()):
        return True
    try:
        at = Version(version)
        return any(_within(at, one["events"]) for one in affected.get("ranges", ()) if one["type"] != "GIT")
    except InvalidVersion:
        return True


def _within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    inside = False
    for when, what in sorted(_moments(events)):
        if version < when or (what == "last_affected" and version == when):
            break
        inside = what == "introduced"
    return inside


def _moments(events: Sequence[Mapping[str, str]]) -> Iterator[tuple[Version, str]]:
    for event in events:
        for what, when in event.items():
            if what != "limit":
                yield Version(when), what


def audit(
    packages: Sequence[Package], database: Path | None = None, ask: Ask = ask_osv
) -> tuple[Holes, list[Package], str]:
    """Return known holes, which packages could not be checked, and why not."""
    if database:
        try:
            holes, ecosystems = in_database(database, packages)
        except (OSError, zipfile.BadZipFile, ValueError, KeyError) as error:
            return {}, [*packages], f"{database}: {error}"
        unknown = [package for package in packages if package.ecosystem not in ecosystems]
        return holes, unknown, f"{database} does not speak of them"
    try:
        answers = ask(packages)
    except (OSError, ValueError, KeyError) as error:
        return {}, [*packages], f"{ADDRESS} cannot be asked: {error}"
    return {package: ids for package, ids in zip(packages, answers, strict=True) if ids}, [], ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found, and what was not looked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, help="OSV's dump of an ecosystem, a zip file, instead of the network")
    packages = pinned()
    holes, unchecked, why = audit(packages, parser.parse_args(arguments).database)
    for package, ids in holes.items():
        print(f"HOLE  {package.name} {package.version} ({package.ecosystem}): {', '.join(ids)}")
    if unchecked:
        kinds = ", ".join(sorted({package.ecosystem for package in unchecked}))
        print(f"NOT CHECKED: {len(unchecked)} of {len(packages)} packages ({kinds}): {why}")
    print(f"{len(packages) - len(unchecked)} of {len(packages)} pinned packages checked, {len(holes)} with known holes")
    return 1 if holes else 2 if unchecked else 0


if __name__ == "__main__":
    sys.exit(main())
