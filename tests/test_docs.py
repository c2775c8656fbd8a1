"""The documents name nothing that is not there: commands, options, recipes, paths, links, settings, parameters."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import click
import pytest

ROOT = Path(__file__).parents[1]
# Decisions and the changelog tell history: what they name may be gone. Their links must work all the same.
HISTORY = [*sorted((ROOT / "docs/decisions").glob("*.md")), ROOT / "CHANGELOG.md"]
PRESENT = [
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "seeds/README.md", "indexdir/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]

CODE = re.compile(r"^```.*?$(.*?)^```|`([^`\n]+)`", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
REPO_PATH = re.compile(r"(?:search|webui|tests|docs|bench|seeds|requirements|\.ci)/[\w./*-]*")
PLACEHOLDER = re.compile(r"[\[\]<>…|]")


def each(documents: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", documents, ids=lambda path: str(path.relative_to(ROOT)))


def _code(document: Path) -> Iterator[str]:
    """Yield every line of a code block and every piece of inline code."""
    for block, inline in CODE.findall(document.read_text(encoding="utf-8")):
        yield from (line.strip() for line in block.splitlines() if line.strip())
        if inline:
            yield inline


def _commands(document: Path) -> list[str]:
    """Return the `yibao …` commands of a document, up to a comment, a pipe, a redirection or the next command."""
    found = []
    for code in _code(document):
        for part in re.split(r"&&|;| \| ", code):
            command = re.sub(r"\s+[#>&].*", "", part.strip())
            if command.startswith("yibao "):
                found.append(command)
    return found


def _heading_anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _code_text() -> str:
    sources = [*(ROOT / "search").rglob("*.py"), *(ROOT / "webui").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*sources, ROOT / "Makefile"])


@each([*PRESENT, *HISTORY])
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        parts = urlsplit(link)
        target = (document.parent / unquote(parts.path)).resolve() if parts.path else document
        if parts.scheme or not target.exists() or (parts.fragment and parts.fragment not in _heading_anchors(target)):
            broken.append(link)
    assert broken == []


@each(PRESENT)
def test_paths_exist(document: Path) -> None:
    named = {code for code in _code(document) if REPO_PATH.fullmatch(code)}
    assert {name for name in named if not list(ROOT.glob(name))} == set()


@each(PRESENT)
def test_commands_and_options_exist(document: Path) -> None:
    from search.command.cli import main

    for text in _commands(document):
        name = text.split()[1]
        if name.startswith("-"):
            assert name in {"--help", "-h", "--version"}, text
            continue
        assert name in main.commands, text
        command = main.commands[name]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", text)) <= options, text
        if not PLACEHOLDER.search(text):
            try:
                command.make_context(name, shlex.split(text)[2:])
            except click.UsageError as error:
                pytest.fail(f"{text}: {error.format_message()}")


@each(PRESENT)
def test_make_recipes_exist(document: Path) -> None:
    recipes = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {name for code in _code(document) for name in re.findall(r"^make ([a-z]+)", code)}
    assert named <= recipes


@each(PRESENT)
def test_settings_exist(document: Path) -> None:
    named = set(re.findall(r"YIBAO_[A-Z_]*[A-Z]", document.read_text(encoding="utf-8")))
    assert {name for name in named if name not in _code_text()} == set()


@each(PRESENT)
def test_addresses_and_parameters_exist(document: Path) -> None:
    from search.query.parameters import PARAMETERS

    routes = _routes()
    for path, query in re.findall(
        r"(?<![\w.~])(/(?:api|healthz|openapi|articles?)\b[\w/.<>:%-]*)(\?[^\s`\"')]+)?", "\n".join(_code(document))
    ):
        pattern = re.sub(r"<[^>]+>", "x", path).rstrip("/.")
        assert any(re.fullmatch(route, pattern) for route in routes), path
        assert set(parse_qs(query[1:], keep_blank_values=True)) <= {one.name for one in PARAMETERS}, query


def _routes() -> list[str]:
    from webui import Settings, create_app

    app = create_app(Settings(index_dir=ROOT / "indexdir"))
    return [re.sub(r"<(?:path:)?\w+>", ".+", str(rule)) for rule in app.url_map.iter_rules()]


def test_every_command_setting_and_parameter_is_described() -> None:
    from search.command.cli import main
    from search.query.parameters import PARAMETERS

    documents = "\n".join(path.read_text(encoding="utf-8") for path in PRESENT)
    assert [name for name in main.commands if f"yibao {name}" not in documents] == []
    assert (
        sorted(name for name in set(re.findall(r"\bYIBAO_[A-Z_]*[A-Z]", _code_text())) if name not in documents) == []
    )
    api = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert [one.name for one in PARAMETERS if f"`{one.name}`" not in api] == []


def test_rooms_are_those_of_the_contracts() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = {one["id"]: list(reversed(one["layers"])) for one in linter["contracts"] if "layers" in one}
    told = [
        block.replace(" ", "").replace("\n", "").split("←")
        for block in re.findall(r"^```text$(.*?)^```", text, re.M | re.S)
    ]
    assert told == [[layer.replace(" : ", ",") for layer in layers["layers"]]]
    assert f"`{' ← '.join(layers['webui'])}`" in text
    rooms = {room for layer in layers["layers"] for room in layer.split(" : ")}
    table = text.partition("## Rooms")[2].partition("## ")[0]
    assert set(re.findall(r"`search/(\w+)(?:\.py|/)`", table)) == rooms


def test_chinese_readme_is_a_twin() -> None:
    english, chinese = (ROOT / "README.md", ROOT / "README.zh-CN.md")
    assert _commands(chinese) == _commands(english)
    twin = {"README.md", "README.zh-CN.md"}
    links = [set(LINK.findall(path.read_text(encoding="utf-8"))) - twin for path in (english, chinese)]
    assert links[0] == links[1]


def test_the_reader_of_documents_sees_what_is_there(tmp_path: Path) -> None:
    document = tmp_path / "x.md"
    document.write_text(
        "# A b\n`make run`\n```sh\nyibao reindex a  # why\nyibao export > b && yibao stats\n```\n", encoding="utf-8"
    )
    assert _commands(document) == ["yibao reindex a", "yibao export", "yibao stats"]
    assert _heading_anchors(document) == {"a-b"}
