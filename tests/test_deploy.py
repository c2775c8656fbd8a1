"""The files in docs/deploy pass their linters, where these are to be had, and say what the program understands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import click
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from web import build_index

from search.command.cli import main

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs/deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("yibao*"))
SERVICES = [name for name in UNITS if name.endswith(".service")]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
PROGRAM = "/opt/yibao/bin/yibao"


def unit(name: str) -> dict[str, list[str]]:
    """Return setting → values of a unit."""
    settings: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            settings.setdefault(key, []).append(value)
    return settings


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with what they say."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def said(instruction: str) -> list[str]:
    return [rest for name, rest in dockerfile() if name == instruction]


def understood(arguments: list[str]) -> click.Context:
    """Parse arguments as `yibao` does; fails for an unknown command or option."""
    name, *rest = arguments
    return main.commands[name].make_context(name, rest)


def commands() -> Iterator[tuple[str, list[str]]]:
    for name in SERVICES:
        program, *arguments = shlex.split(unit(name)["ExecStart"][0])
        assert program == PROGRAM
        yield name, arguments
    yield "Dockerfile", json.loads(said("CMD")[0])
    for name, service in COMPOSE["services"].items():
        if "yibao" in service["image"]:
            yield name, [str(argument) for argument in service["command"]]
    for step in said("RUN"):
        for command in step.split("&&"):
            if command.strip().startswith(PROGRAM):
                yield "Dockerfile", shlex.split(command)[1:]


@pytest.mark.parametrize(
    ("where", "arguments"), [*commands()], ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_program_understands_what_it_is_told(where: str, arguments: list[str]) -> None:
    context = understood(arguments)
    if arguments[0] == "serve":
        behind_proxy = {"yibao.service": "127.0.0.1", "Dockerfile": "0.0.0.0", "yibao": "0.0.0.0"}
        assert context.params["host"] == behind_proxy[where]


def test_units_pass_the_linter_of_systemd(tmp_path: Path) -> None:
    """Where there is no systemd, that they say what is needed is all that is checked."""
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace(PROGRAM, sys.executable), "utf-8")
    if shutil.which("systemd-analyze"):
        verified = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in UNITS)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (verified.returncode, verified.stderr) == (0, "")


def test_caddy_understands_its_sample() -> None:
    """Where there is no Caddy, that it names what compose.yaml sets is all that is checked."""
    if caddy := shutil.which("caddy"):
        command = [caddy, "adapt", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
        site = {"YIBAO_SITE": "search.example.org", "YIBAO_UPSTREAM": "yibao:8000"}
        done = subprocess.run(command, env=site, capture_output=True, text=True, check=True)
        assert '"dial":"yibao:8000"' in done.stdout and '"host":["search.example.org"]' in done.stdout


HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
}


@pytest.mark.parametrize("name", SERVICES)
def test_services_may_do_what_they_need_and_no_more(name: str) -> None:
    settings = unit(name)
    assert {key: settings[key][-1] for key in HARDENED} == HARDENED
    assert settings["User"] == ["yibao"] and "MemoryMax" in settings
    context = understood(shlex.split(settings["ExecStart"][0])[1:])
    index_dir = str(context.params["index_dir"])
    [state] = settings["StateDirectory"]
    assert index_dir.startswith(f"/var/lib/{state}/")
    if name == "yibao.service":
        assert settings["ReadOnlyPaths"] == [f"-{index_dir}"]
        assert settings["Restart"] == ["always"] and settings["KillMode"] == ["mixed"]
        assert int(settings["TimeoutStopSec"][0]) > context.params["drain"] + 10
    else:
        assert settings["Type"] == ["oneshot"] and settings["ReadWritePaths"] == [f"/var/lib/{state}"]
        assert context.params["changed"]
        assert unit("yibao-reindex.timer")["OnCalendar"]


def test_the_image_is_built_of_what_is_there_and_runs_as_nobody() -> None:
    stages = [rest for name, rest in dockerfile() if name == "FROM"]
    assert [bool(re.fullmatch(r"\S+:\S+ AS build", stage)) for stage in stages] == [True, False]
    assert said("USER") == ["10001:10001"] and "--uid 10001" in " ".join(said("RUN"))
    instructions = [name for name, _ in dockerfile()]
    assert instructions.index("USER") > max(n for n, name in enumerate(instructions) if name in ("RUN", "COPY"))
    assert json.loads(said("ENTRYPOINT")[0]) == ["yibao"]
    environment = dict(pair.split("=", 1) for pair in shlex.split(said("ENV")[0]))
    [made] = [args for where, args in commands() if args[0] == "reindex" and where == "Dockerfile"]
    assert str(understood(made).params["index_dir"]) == environment["YIBAO_INDEX_DIR"]
    assert environment["YIBAO_INDEX_DIR"].startswith(said("VOLUME")[0])
    sources = [rest.split()[0] for rest in said("COPY") if not rest.startswith("--from")]
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_gets_all_that_the_package_is_built_of_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    taken = {line.removeprefix("!/") for line in lines if line.startswith("!")}
    assert "*" in lines and all((ROOT / name).exists() for name in taken)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"], "LICENSE", "hatch_build.py"}
    needed |= {"pyproject.toml", "package.json", "package-lock.json", "requirements/run.txt"}
    assert taken == needed


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return {canonicalize_name(found[1]): found[2] for found in re.finditer(r"^([\w.-]+)==(\S+)", text, re.M)}


def test_the_image_runs_what_was_tested() -> None:
    run, dev = _pins("run.txt"), _pins("dev.txt")
    assert run.items() <= dev.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["fast"]]
    assert {canonicalize_name(Requirement(one).name) for one in asked} <= run.keys()


LOADED = """
import pkgutil, sys
from importlib import import_module, metadata
sys.modules["search.engines.opensearch"] = None  # it has an extra of its own, which the image lacks
for package in "search", "webui":
    for module in pkgutil.walk_packages(import_module(package).__path__, package + "."):
        if module.name != "search.engines.opensearch":
            import_module(module.name)
from search.text import segmenter_name; segmenter_name()
owners = metadata.packages_distributions()
tops = {name.partition(".")[0] for name in sys.modules}
print(*{owner for top in tops for owner in owners.get(top, ())})
"""


def test_the_image_has_all_that_the_program_loads() -> None:
    """A package that only the tests ask for would be missing there."""
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    # What Python itself, and the editable installation, load into every process.
    loaded = {canonicalize_name(owner) for owner in done.stdout.split()} - {"yibao-search", "setuptools"}
    assert {"gunicorn", "gevent", "flask", "whoosh", "trafilatura"} <= loaded
    assert loaded - _pins("run.txt").keys() == set()


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_health_check_tells_health(tmp_path: Path) -> None:
    """The one of the Dockerfile, against a server that answers for one name alone, and against none."""
    from webui import Settings, create_app

    program, *arguments = json.loads(said("HEALTHCHECK")[0].partition("CMD ")[2])
    assert program == "python"
    app = create_app(Settings(build_index(tmp_path), trusted_hosts=(".example.org",)))
    with make_server("127.0.0.1", 0, app, handler_class=_Silent) as server:
        code = [argument.replace(":8000", f":{server.server_port}") for argument in arguments]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        asked = [
            subprocess.run([sys.executable, *code], env=environment, capture_output=True, check=False).returncode
            for environment in ({"YIBAO_TRUSTED_HOSTS": ".example.org example.com"}, {"YIBAO_TRUSTED_HOSTS": "a.org"})
        ]
        server.shutdown()
    assert asked == [0, 1]
    assert subprocess.run([sys.executable, *code], capture_output=True, check=False).returncode == 1


def test_the_composition_names_what_is_there() -> None:
    services = COMPOSE["services"]
    build = services["yibao"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT and (context / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    known = {parameter.envvar for command in main.commands.values() for parameter in command.params}
    assert set(services["yibao"]["environment"]) <= known
    address = services["caddy"]["networks"]["inside"]["ipv4_address"]
    assert services["yibao"]["environment"]["YIBAO_PROXY"] == address
    for service in services.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and "mem_limit" in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or source == "./articles" or (DEPLOY / source).exists()
    assert "ports" not in services["yibao"] and COMPOSE["networks"]["inside"]["internal"]
    [path] = said("VOLUME")
    assert f"index:{path}:ro" in services["yibao"]["volumes"] and f"index:{path}" in services["reindex"]["volumes"]
    told = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert set(services["caddy"]["environment"]) == set(re.findall(r"\{\$(\w+):", told))
