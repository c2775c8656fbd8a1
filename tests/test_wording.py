"""What readers read stands in one place a side: the library's sentences, the words of the pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from search import messages
from webui.pages import wording

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path.relative_to(ROOT).as_posix() for room in ("search", "webui") for path in (ROOT / room).rglob("*.py")
)
HOMES = ("search/messages.py", "webui/pages/wording.py")

PATTERNS = (
    "search/facets/",
    "search/formats/",
    "search/gazetteer/",
    "search/model.py",
    "search/query/grammar.py",
    "search/retrieval/questions.py",
    "search/retrieval/rows.py",
    "search/suggest/kept.py",
    "search/suggest/suspicion.py",
    "search/text/",
    "webui/pages/points.py",
)
"""Here Chinese is what texts are read by, and the names of values: constants of a module, never inside a function."""

ALLOWED = {
    "search/command/output.py": None,  # the page of the terminal, whose layout words these are
    "search/command/report_page.py": None,  # and those of the page for operators
    "search/command/proposal.py": None,  # the file that it writes, in both languages
    "search/settings/reading.py": {"” is no group: write 甲 = 乙 = 丙 or 甲 → 乙 丙, and @0.5 behind it"},
    "search/formats/text.py": {
        "an entry of 相关推荐 with neither title nor text",
        "an entry of 相关推荐 without its line “source date”",
    },
    "search/gazetteer/recognition.py": {"区"},
    "search/text/docnumbers.py": {"号"},
    "search/text/numbers.py": {"第", "块", "一", "年", "点", "百"},  # signs of numbers
    "search/text/tokens.py": {"号"},
    "webui/http/health.py": {"医保"},  # asked of the index, to see that it answers
    "webui/http/openapi.py": {"Faceted search for Chinese medical-insurance (医保) knowledge."},
    "webui/http/server.py": {"广东医保报销多少"},  # a query, to warm up with
    "webui/pages/areas.py": {"自治区"},  # how official names end
}
"""What else may stand where: parts of names to look for, English that quotes Chinese, and what is said beside it."""

HAN = re.compile(r"[\u4e00-\u9fff]")


def _tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def _chinese(tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield every Chinese string but documentation, and whether it stands inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
            yield node.value, inside
        yield from _chinese(node, inside or isinstance(node, ast.FunctionDef | ast.Lambda))


@pytest.mark.parametrize("module", [module for module in MODULES if module not in HOMES])
def test_no_sentence_stands_anywhere_else(module: str) -> None:
    allowed = ALLOWED.get(module, set())
    if allowed is not None:
        free = module.startswith(PATTERNS)
        found = [text for text, inside in _chinese(_tree(module)) if not (free and not inside) and text not in allowed]
        assert found == []


def test_what_is_allowed_is_there() -> None:
    for module, texts in ALLOWED.items():
        found = {text for text, _ in _chinese(_tree(module))}
        assert found >= texts if texts is not None else found, module


SAID: dict[str, dict[str, str]] = {
    "say": dict(wording.TEXTS),
    "message": messages.ERRORS,
    "note": messages.NOTES,
}


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield every call of one of these functions: where, of which, and the call."""
    for module in MODULES:
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID:
                yield module, node.func.id, node


def test_codes_said_are_declared_and_their_gaps_filled() -> None:
    for module, function, call in _calls():
        code = call.args[0]
        if isinstance(code, ast.Constant):
            gaps = {name for _, name, _, _ in Formatter().parse(SAID[function][str(code.value)]) if name}
            given = {keyword.arg for keyword in call.keywords} | ({"place"} if len(call.args) > 1 else set())
            assert gaps <= given or None in given, f"{module}: {code.value}"  # None: a mapping with `**`


def test_every_code_is_said() -> None:
    trees = [_tree(module) for module in MODULES if module not in HOMES]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    begun = {
        str(call.args[0].values[0].value)
        for _, _, call in _calls()
        if isinstance(call.args[0], ast.JoinedStr) and isinstance(call.args[0].values[0], ast.Constant)
    }
    codes = {code for texts in SAID.values() for code in texts}
    assert {code for code in codes - constants if not code.startswith(tuple(begun))} == set()


@pytest.mark.parametrize("code", ["corrected", "none"])
def test_what_is_missing_is_an_error(code: str) -> None:
    with pytest.raises(KeyError):
        messages.note(code)
