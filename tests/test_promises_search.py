"""The promises of docs/architecture.md about what is asked, found and put in order, tried like the others."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from promises import REINDEX, Copy, ids

LONG = "螃蟹。" + "门诊和住院都一样。" * 9
SAID_ONCE = {"id": "title", "title": "螃蟹门诊住院说明", "text": "门诊，门诊，门诊。", "date": "2020-01-01"}
SAID_OFTEN = {"id": "text", "title": "大虾门诊住院说明", "text": "螃蟹，螃蟹，螃蟹。", "date": "2025-01-01"}
SEAFOOD = (
    {"id": "all", "title": "说明", "text": "螃蟹，大虾，贝壳。", "date": "2020-01-01"},
    {"id": "two", "title": "说明", "text": "螃蟹，大虾，住院。", "date": "2025-01-01"},
    *({"id": f"other{number}", "title": "其他", "text": "与此无关的一段话。"} for number in range(8)),
)


@pytest.fixture(params=[pytest.param("", marks=pytest.mark.kernel, id="compiled"), pytest.param("off", id="arrays")])
def kernel(request: pytest.FixtureRequest) -> str:
    """`YIBAO_KERNEL` for the compiled inner loops, then for those of NumPy."""
    value: str = request.param
    return value


@pytest.mark.parametrize("number", ["BM25_B", "TITLE_WEIGHT"])
def test_change_a_ranking_number(copy: Copy, kernel: str, number: str) -> None:
    """One value decides which of two comes first; an index that holds what it decided says so."""
    ask = "/api/v1/search?q=螃蟹"
    if number == "BM25_B":
        short = {"id": "short", "title": "说明", "text": "螃蟹。", "date": "2020-01-01"}
        copy.records(short, {"id": "long", "title": "说明", "text": LONG, "date": "2025-01-01"})
        assert copy.found_before("q=螃蟹") == ["short", "long"]
        copy.edit("search/retrieval/ranking.py", ("BM25_B = 0.8\n", "BM25_B = 0.0\n"))
        assert ids(*copy.answers(ask, YIBAO_KERNEL=kernel)) == ["long", "short"]
    else:
        copy.records(SAID_ONCE, SAID_OFTEN)
        assert copy.found_before("q=螃蟹") == ["title", "text"]
        copy.edit("search/retrieval/ranking.py", ("TITLE_WEIGHT = 4\n", "TITLE_WEIGHT = 1\n"))
        refused, answered = copy.answers(ask, REINDEX, ask, YIBAO_KERNEL=kernel)
        assert "weights of title and headings" in refused
        assert "yibao reindex" in refused
        assert ids(answered) == ["text", "title"]


@pytest.mark.kernel
def test_make_an_inner_loop_faster(copy: Copy) -> None:
    """Were it wrong then, in either of the twins, the tests of both would tell which."""
    copy.edit("search/kernel/kernel.c", ("uint32_t MAX_FREQUENCY = 255;", "uint32_t MAX_FREQUENCY = 254;"))
    copy.edit("search/kernel/plain.py", ("np.minimum(frequency, MAX_FREQUENCY)", "frequency"))
    copy.take("hatch_build.py")
    compiled = copy.run("-c", "import hatch_build, pathlib; assert hatch_build.compile_kernel(pathlib.Path.cwd())")
    assert compiled.returncode == 0, compiled.stderr
    name = "test_frequencies_stop_at_what_fits_a_byte"
    failed = copy.failures("tests/test_loops.py", "-k", name)
    assert set(failed) == {f"tests/test_loops.py::{name}[native]", f"tests/test_loops.py::{name}[plain]"}


SIGN = """
    if folded[position] == "+" and (position == 0 or folded[position - 1] == " "):
        if match := re.compile(r"[^\\W_]+").match(folded, position + 1):
            return _Part("phrase", position + 1, match.end(), position, match.end()), False
"""


def test_add_a_sign_to_the_query_syntax(copy: Copy) -> None:
    """`+贝壳` requires a word that could be lacking. It is found, marked, and told like a quoted one."""
    copy.records(*SEAFOOD)
    assert copy.found_before("q=螃蟹 大虾 贝壳") == ["all", "two"]
    head = "def _part_at(folded: str, position: int) -> tuple[_Part | None, bool]:\n"
    copy.edit("search/query/grammar.py", (head, head + SIGN.lstrip("\n")))
    asked = quote("螃蟹 大虾 +贝壳")
    searched, page = copy.answers(f"/api/v1/search?q={asked}", f"/?q={asked}")
    assert ids(searched) == ["all"]
    assert [clause["kind"] for clause in json.loads(searched)["query"]["clauses"]] == ["word", "word", "phrase"]
    assert "<mark>贝壳</mark>" in page
    assert copy.failures("tests/test_grammar.py", "-k", "not never_fails") == []


WISHED = """
    if folded[position] == "~" and (position == 0 or folded[position - 1] == " "):
        if match := re.compile(r"[^\\W_]+").match(folded, position + 1):
            return _Part("wished", position + 1, match.end(), position, match.end()), False
"""


def test_add_a_kind_of_clause(copy: Copy) -> None:
    """`~贝壳` is weighed where it occurs and never required; no engine is told."""
    copy.records(*SEAFOOD)
    copy.edit("search/model.py", ('ClauseKind = Literal["word", ', 'ClauseKind = Literal["word", "wished", '))
    head = "def _part_at(folded: str, position: int) -> tuple[_Part | None, bool]:\n"
    copy.edit("search/query/grammar.py", (head, head + WISHED.lstrip("\n")))
    copy.edit(
        "search/retrieval/plan.py",
        ('{"word": [], ', '{"word": [], "wished": [], '),
        ('of["phrase"], of["optional"], ', 'of["phrase"], [*of["optional"], *of["wished"]], '),
    )
    copy.edit("search/retrieval/marks.py", ('"phrase", "optional"})', '"phrase", "optional", "wished"})'))
    copy.edit("webui/pages/advice.py", ('"excluded": excluded}', '"excluded": excluded, "wished": "~{}"}'))
    asked, in_vain = quote("大虾 ~贝壳"), quote('"鲸鱼" ~贝壳')
    searched, page, nothing, described = copy.answers(
        f"/api/v1/search?q={asked}", f"/?q={asked}", f"/?q={in_vain}", "/openapi.json"
    )
    assert ids(searched) == ["all", "two"]
    assert [clause["kind"] for clause in json.loads(searched)["query"]["clauses"]] == ["word", "wished"]
    assert "<mark>贝壳</mark>" in page
    assert "~" + quote("贝壳") in nothing
    assert "wished" in json.loads(described)["components"]["schemas"]["Clause"]["properties"]["kind"]["enum"]


YEARS = (
    {"id": "old", "title": "螃蟹", "text": "螃蟹。", "date": "2023-12-31"},
    {"id": "new", "title": "螃蟹", "text": "螃蟹，螃蟹。", "date": "2024-01-01"},
)


def _parameters(described: str) -> list[str]:
    operation = json.loads(described)["paths"]["/api/v1/search"]["get"]
    return [parameter["name"] for parameter in operation["parameters"]]


def test_add_a_url_parameter(copy: Copy) -> None:
    """`year=2024` is short for two days: page and endpoint take it and refuse nonsense, links have the days."""
    copy.records(*YEARS)
    copy.edit(
        "search/query/parameters.py",
        (
            '        Parameter("sort", "sort"',
            '        Parameter("year", "integer", "Only articles of this year.", maximum=2199),\n'
            '        Parameter("sort", "sort"',
        ),
        (
            "    if date_from and date_to and",
            '    if single.get("year"):\n'
            '        year = _integer(single, "year", 1, 2199)\n'
            "        date_from, date_to = date(year, 1, 1), date(year, 12, 31)\n"
            "    if date_from and date_to and",
        ),
    )
    searched, refused, page, lenient, described = copy.answers(
        "/api/v1/search?q=螃蟹&year=2024",
        "/api/v1/search?q=螃蟹&year=x",
        "/?q=螃蟹&year=2024",
        "/?q=螃蟹&year=x",
        "/openapi.json",
    )
    assert ids(searched) == ["new"]
    assert json.loads(refused)["status"] == 400
    assert 'href="/articles/new' in page
    assert 'href="/articles/old' not in page
    assert "from=2024-01-01" in page
    assert "year 应是 1 到 2199 之间的整数。" in lenient
    assert "year" in _parameters(described)
    listed = "tests/test_params.py::test_each_parameter_is_declared_with_its_kind_and_limit"
    assert copy.failures("tests/test_params.py") == [listed]


def test_add_something_to_ask_for(copy: Copy) -> None:
    """`snippets=1`: the endpoint, the page and its links, and the command have it."""
    copy.records(*({**one, "text": f"螃蟹{LONG}大虾{LONG}"} for one in YEARS))
    copy.edit("search/model.py", ("    explain: bool = False\n", "    explain: bool = False\n    snippets: int = 2\n"))
    copy.edit(
        "search/query/parameters.py",
        (
            '        Parameter(\n            "collapse"',
            '        Parameter("snippets", "integer", "Snippets a result.", maximum=5),\n'
            '        Parameter(\n            "collapse"',
        ),
        (
            '        explain=_flag(single, "explain"',
            '        snippets=_integer(single, "snippets", 2, 5),\n        explain=_flag(single, "explain"',
        ),
        (
            '        "explain": "1" if',
            '        "snippets": str(query.snippets) if query.snippets != default.snippets else "",\n'
            '        "explain": "1" if',
        ),
    )
    copy.edit(
        "search/answering/answers.py", ("snippets(parsed, article),", "snippets(parsed, article, query.snippets),")
    )
    copy.edit(
        "search/command/cli.py",
        (
            '@click.option("--size"',
            '@click.option("--snippets", default="", help="Snippets a result, at most 5.")\n@click.option("--size"',
        ),
        ('("to", "sort", "page", "size")', '("to", "sort", "page", "size", "snippets")'),
    )
    usual, one, page, described = copy.answers(
        "/api/v1/search?q=螃蟹 大虾",
        "/api/v1/search?q=螃蟹 大虾&snippets=1",
        "/?q=螃蟹 大虾&snippets=1&size=1",
        "/openapi.json",
    )
    assert [len(hit["snippets"]) for answer in (usual, one) for hit in json.loads(answer)["hits"]] == [2, 2, 1, 1]
    assert "snippets=1" in page
    assert "snippets" in _parameters(described)
    command = "from search.command.cli import main; main()"
    done = copy.run("-c", command, "search", "螃蟹 大虾", "--snippets", "1", "--json", "--index-dir", "index")
    assert [len(hit["snippets"]) for hit in json.loads(done.stdout)["hits"]] == [1, 1]
