"""What is built from the tree: an sdist, the wheel built from it, and that wheel at work in an empty directory."""

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE_JSON = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
OPTIONAL = {"rjieba", "pypdfium2", "python-docx", "openpyxl", "xlrd", "opensearch-py", "urllib3"}
"""What the extras add."""
JUDGED = "search/quality/judged/"
LOCK = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")


def _run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    _run("tar", "-xf", next(folder.glob("*.tar.gz")), cwd=folder)
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds from the sdist without a network and without npm."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation")
    _run(*pip, "-w", folder, sdist, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment that holds the wheel; the dependencies are borrowed from the one that runs this."""
    folder = tmp_path_factory.mktemp("venv")
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index")
    _run(*pip, wheel, cwd=folder)
    # A path line in a .pth file adds the folder, but does not follow the .pth of the editable install in it.
    site_packages = next(folder.glob("lib/python*/site-packages"))
    (site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def elsewhere(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """An empty directory, and an environment whose home is empty too."""
    home = tmp_path_factory.mktemp("home")
    environment = {"HOME": str(home), "PATH": f"{venv / 'bin'}{os.pathsep}/usr/bin:/bin"}
    return tmp_path_factory.mktemp("elsewhere"), environment


def _tracked(*folders: str) -> list[str]:
    """Return every file below `folders` that belongs to the source: what git would not ignore."""
    ignored = ("__pycache__", "vendor")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return sorted(
        str(path.relative_to(ROOT))
        for path in files
        if not set(ignored) & set(path.parts) and not path.name.startswith("_kernel.abi3")
    )


def test_wheel_holds_the_whole_program(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    seeds = [f"search/{name}" for name in _tracked("seeds")]
    assert len(seeds) > 60
    program = [name for name in _tracked("search", "webui") if not name.startswith(JUDGED)]
    assert [name for name in [*program, *seeds] if name not in names] == []
    assert [name for name in names if name.startswith(JUDGED)] == [], "judged sets whose articles are not there either"
    assert {name.partition("/")[0] for name in names} == {"search", "webui", f"yibao_search-{_version()}.dist-info"}


@pytest.mark.kernel
def test_wheel_holds_the_kernel_for_every_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(re.fullmatch(r"search/kernel/_kernel\.abi3\.(so|pyd)", name) for name in names)
    assert wheel.stem.split("-")[2:4] == ["cp311", "abi3"]


def test_wheel_holds_the_licences(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    licence = archive.read(f"yibao_search-{_version()}.dist-info/licenses/LICENSE")
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert b"Zero-Clause BSD" in archive.read("webui/static/vendor/htmx.LICENSE.txt")


@pytest.mark.parametrize(("name", "file"), PACKAGE_JSON["vendored"].items(), ids=list(PACKAGE_JSON["vendored"]))
def test_wheel_holds_the_pinned_browser_files(wheel: Path, name: str, file: dict[str, str]) -> None:
    content = zipfile.ZipFile(wheel).read(f"webui/static/vendor/{name}")
    assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_wheel_asks_for_run_time_dependencies_only(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read(f"yibao_search-{_version()}.dist-info/METADATA").decode()
    required = {
        Requirement(line.partition(": ")[2]) for line in metadata.splitlines() if line.startswith("Requires-Dist:")
    }
    always = {canonicalize_name(one.name) for one in required if one.marker is None}
    assert always == {canonicalize_name(Requirement(one).name) for one in PROJECT["project"]["dependencies"]}
    assert {one.name for one in required if one.marker is not None} == OPTIONAL


@pytest.mark.parametrize(
    "name", ["Makefile", "hatch_build.py", "package-lock.json", "tests/conftest.py", "seeds/README.md"]
)
def test_sdist_can_be_built_and_tested(sdist: Path, name: str) -> None:
    assert (sdist / name).read_bytes() == (ROOT / name).read_bytes()


def test_installed_program_works_from_any_directory(venv: Path, elsewhere: tuple[Path, dict[str, str]]) -> None:
    folder, env = elsewhere
    where = _run(
        venv / "bin/python", "-c", "import search, webui; print(search.__file__, webui.__file__)", cwd=folder, env=env
    )
    assert all(Path(path).is_relative_to(venv) for path in where.split())
    assert _run("yibao", "--version", cwd=folder, env=env).split()[-1] == _version()
    _run("yibao", "reindex", cwd=folder, env=env)
    found = json.loads(_run("yibao", "search", "门诊", "--json", cwd=folder, env=env))
    assert found["total"] > 0
    everything = json.loads(_run("yibao", "search", "--json", cwd=folder, env=env))
    assert everything["total"] == len(list((ROOT / "seeds/articles").glob("*.md")))
    head, *sets = _run("yibao", "evaluate", cwd=folder, env=env).splitlines()
    assert [row.split()[head.split().index("set")] for row in sets] == ["seeds"], "the one set whose articles it holds"


def test_without_a_compiler_the_wheel_is_pure_python_and_answers_alike(
    sdist: Path, tmp_path: Path, seed_index: Path
) -> None:
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation")
    _run(*pip, "-w", tmp_path, sdist, cwd=tmp_path, env={**os.environ, "CC": "/nowhere/cc"})
    pure = next(tmp_path.glob("*.whl"))
    assert pure.name.endswith("-py3-none-any.whl")
    zipfile.ZipFile(pure).extractall(tmp_path / "pure")
    ask = (
        sys.executable,
        "-m",
        "search.command.cli",
        "search",
        "异地就医怎么备案",
        "--json",
        "--index-dir",
        seed_index,
    )
    answers = [json.loads(_run(*ask, cwd=folder)) for folder in (tmp_path / "pure", ROOT)]
    pure_answer, answer = [
        ([hit["id"] for hit in answer["hits"]], answer["total"], answer["facets"]) for answer in answers
    ]
    assert answer[1] > 0
    assert pure_answer == answer


def test_build_hook_runs_npm_only_for_missing_or_altered_files(
    sdist: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(sdist)
    from hatch_build import VENDOR, vendor

    calls = []
    monkeypatch.setattr(
        "hatch_build._npm_ci", lambda directory: calls.append(sorted(p.name for p in directory.iterdir()))
    )
    root = tmp_path / "tree"
    (root / VENDOR).mkdir(parents=True)
    for name in ("package.json", "package-lock.json", *(f"{VENDOR}/{name}" for name in PACKAGE_JSON["vendored"])):
        (root / name).write_bytes((sdist / name).read_bytes())
    vendor(root)
    assert calls == []
    (root / VENDOR / "htmx.min.js").write_text("alert(1)", encoding="utf-8")
    # The stand-in fetches nothing, and what was not fetched must not pass for the pinned file.
    with pytest.raises(RuntimeError, match=r"package\.json says"):
        vendor(root)
    assert calls == [["package-lock.json", "package.json"]]


def test_browser_packages_are_pinned_by_integrity_and_name_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {name.removeprefix("node_modules/"): entry["version"] for name, entry in packages.items()} == PACKAGE_JSON[
        "dependencies"
    ]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "://" not in json.dumps(lock)


def test_every_locked_package_has_hashes_and_names_no_host() -> None:
    assert "://" not in LOCK
    entries = re.findall(r"^[a-z0-9].+?(?=^[a-z0-9]|\Z)", LOCK, re.M | re.S)
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def _declared() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    return [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *(one for extra in extras for one in extra),
    ]


@pytest.mark.parametrize("declared", sorted(set(_declared())))
def test_lock_answers_what_pyproject_asks(declared: str) -> None:
    wanted = Requirement(declared)
    pattern = rf"^{re.escape(canonicalize_name(wanted.name))}==([^ ]+)"
    versions = re.findall(pattern, LOCK, re.M)
    assert versions, "run `make lock`"
    assert all(wanted.specifier.contains(version) for version in versions), "run `make lock`"


@pytest.mark.parametrize("declared", sorted(set(_declared()) | set(PROJECT["build-system"]["requires"])))
def test_every_dependency_has_its_reason(declared: str) -> None:
    decisions = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/decisions").glob("*.md")))
    assert re.search(rf"(?<![\w-]){re.escape(Requirement(declared).name)}(?![\w-])", decisions)


def _version() -> str:
    return str(PROJECT["project"]["version"])
