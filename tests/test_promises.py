"""The promises of docs/architecture.md: each change is made in a copy of the program, where its row says, and tried."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from promises import REINDEX, ROOT, Copy, Row, ids, rows

PLACES = ("test_promises.py", "test_promises_search.py")
RECORDS = (
    {"id": "a", "title": "2024年黑河补牙", "text": "补牙可以报销。"},
    {"id": "b", "title": "2025年黑河补牙", "text": "补牙的费用怎么报。"},
    {"id": "c", "title": "黑河补牙", "text": "补牙要多少钱。", "year": 2024},
    {"id": "d", "title": "黑河种牙", "text": "种牙不能报销。"},
)
OUTDATED = re.compile(r"the index was built with other text rules .*\. Run: yibao reindex .*")


def test_every_row_is_tried() -> None:
    trees = [ast.parse((Path(__file__).parent / name).read_text(encoding="utf-8")) for name in PLACES]
    tests = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert rows()
    assert [row.change for row in rows() if row.edit and row.test not in tests] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.change)
def test_a_row_names_what_is_there(row: Row) -> None:
    """A new file aside. Where nothing is to be edited, the proof is a file of tests."""
    assert [name for name in (*row.edit, *row.proof) if "<" not in name and not (ROOT / name).exists()] == []
    assert row.proof


YEAR = '''
"""年度: the year that a title speaks of."""

from __future__ import annotations

import re

from ..model import Evidence
from .facet import Facet
from .folded_article import FoldedArticle

_YEAR = re.compile("20[0-9]{2}(?=年)")


def detect_year(article: FoldedArticle) -> list[Evidence]:
    """Return evidence for the first year of the title."""
    found = _YEAR.search(article.title)
    return [Evidence("year", found.group(), "named in the title", "title", *found.span())] if found else []


YEAR = Facet("year", "年度", detect=detect_year)
'''


def test_add_a_facet(copy: Copy) -> None:
    """It is found, filtered, counted, shown and described like those that were there."""
    copy.add("search/facets/year.py", YEAR.lstrip())
    copy.edit(
        "search/facets/shipped.py",
        ("TOPIC, STATUS))", "TOPIC, STATUS, YEAR))"),
        ("import TOPIC\n", "import TOPIC\nfrom .year import YEAR\n"),
    )
    copy.records(*RECORDS)
    searched, article, page, described = copy.answers(
        REINDEX, "/api/v1/search?q=补牙&year=2024", "/api/v1/articles/c", "/?q=补牙&year=2024", "/openapi.json"
    )
    answer = json.loads(searched)
    assert {hit["id"]: hit["year"] for hit in answer["hits"]} == {"a": ["2024"], "c": ["2024"]}
    counts = {value["value"]: (value["count"], value["selected"]) for value in answer["facets"]["year"]}
    assert counts == {"2024": (2, True), "2025": (1, False)}
    assert json.loads(article)["year"] == ["2024"]
    assert "年度" in page
    assert 'name="year" value="2025"' in page
    document = json.loads(described)
    parameters = document["paths"]["/api/v1/search"]["get"]["parameters"]
    assert "year" in [parameter["name"] for parameter in parameters]
    assert "year" in document["components"]["schemas"]["Hit"]["required"]


TABLE = '''
"""`.lines`: an article a line, title and text with a tab between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..facets import FACETS, Facets
from ..model import Article, Rejection
from .fields import FieldError, make_article


def read_lines(stream: BinaryIO, path: str, facets: Facets = FACETS) -> Iterator[Article | Rejection]:
    """Yield the article or the rejection of every line."""
    for number, line in enumerate(stream.read().decode().splitlines(), 1):
        title, _, text = line.partition("\\t")
        try:
            yield make_article(path, f"{path}/{number}", {"title": title}, text, facets=facets)
        except FieldError as error:
            yield Rejection(path, str(error), number)
'''


def test_add_a_document_format(copy: Copy) -> None:
    """Its files are found in a folder, indexed, classified and searched beside the others."""
    copy.add("search/formats/lines.py", TABLE.lstrip())
    copy.edit(
        "search/formats/__init__.py",
        ("import read_text\n", "import read_text\nfrom .lines import read_lines\n"),
        ('    ".txt": read_text,\n', '    ".txt": read_text,\n    ".lines": read_lines,\n'),
    )
    copy.records(*RECORDS)
    (copy.folder / "records/more.LINES").write_text("黑河装假牙\t装假牙也可以报销。\n没有正文\n", encoding="utf-8")
    searched, browsed = copy.answers(REINDEX, "/api/v1/search?q=装假牙", "/api/v1/search?city=黑河")
    assert ids(searched) == ["more.LINES/1"]
    assert ids(browsed) == ["a", "b", "c", "d", "more.LINES/1"]


def test_add_an_engine(copy: Copy) -> None:
    """An address that names it is indexed, searched and served, and nothing of it lies in a folder."""
    copy.add("search/engines/memory/__init__.py", (ROOT / "tests/reference_index.py").read_text(encoding="utf-8"))
    known = 'ENGINES: dict[str, str] = {"whoosh": "search.engines.whoosh"'
    copy.edit("search/engines/registry.py", (known, f'{known}, "memory": "search.engines.memory"'))
    copy.take("tests/reference_engine.py", "tests/engine_oracle.py")
    copy.records(*RECORDS)
    shutil.rmtree(copy.folder / "index")
    refused, searched, page, suggested = copy.answers(
        *("/api/v1/search?q=补牙", REINDEX, "/api/v1/search?q=补牙&city=黑河", "/?q=补牙", "/api/v1/suggest?q=buy"),
        index="memory://here",
        PYTHONPATH=os.pathsep.join([str(copy.folder), str(copy.folder / "tests")]),
    )
    assert refused.endswith("YIBAO_ENGINE=memory://here yibao reindex")
    answer = json.loads(searched)
    assert sorted(ids(searched)) == ["a", "b", "c"]
    assert [value["count"] for value in answer["facets"]["city"] if value["selected"]] == [3]
    assert 'href="/articles/a' in page
    assert "补牙" in json.dumps(json.loads(suggested), ensure_ascii=False)
    assert not (copy.folder / "index").exists()


def test_add_a_synonym(copy: Copy) -> None:
    """A query with the one word finds the other in the index that was there."""
    copy.records(*RECORDS)
    assert copy.found_before("q=植齿") == []
    copy.append("search/text/synonyms.txt", "植齿 → 种牙")
    assert ids(*copy.answers("/api/v1/search?q=植齿")) == ["d"]


def test_say_what_answers_in_other_words(copy: Copy) -> None:
    """What answers a question in its own words answers it in the others, in the index that was there."""
    copy.records({"id": "a", "title": "口腔科收费", "text": "口腔科种牙每颗收费6000元。"})
    asked = "/api/v1/search?q=口腔科植齿收费多少钱"
    before = json.loads(copy.answers(asked)[0])
    copy.append("search/text/same_words.txt", "植齿 → 种牙")
    after = json.loads(copy.answers(asked)[0])
    assert (before["answer"], after["answer"]["text"]) == (None, "口腔科种牙每颗收费6000元。")
    assert [hit["id"] for hit in before["hits"]] == [hit["id"] for hit in after["hits"]] == ["a"]


def test_add_a_word(copy: Copy) -> None:
    """An index without it says so and names the command; after that the word is one."""
    copy.records(*RECORDS, {"id": "e", "title": "补牙洞", "text": "补牙洞的材料。"})
    copy.append("search/text/lexicon.txt", "补牙洞")
    refused, answered = copy.answers("/api/v1/search?q=补牙洞", REINDEX, "/api/v1/search?q=补牙洞")
    assert OUTDATED.fullmatch(refused)
    assert [clause["text"] for clause in json.loads(answered)["query"]["clauses"]] == ["补牙洞"]
    assert ids(answered) == ["e"]


def test_add_a_field_to_a_json_answer(copy: Copy) -> None:
    """It is in the answer and in the document that describes answers."""
    copy.edit(
        "search/answering/shapes.py",
        ("    score: float\n    why: NotRequired", "    length: Count\n    score: float\n    why: NotRequired"),
        ('        "score": round(hit.score', '        "length": len(article.text),\n        "score": round(hit.score'),
    )
    copy.records(*RECORDS)
    searched, described = copy.answers("/api/v1/search?q=种牙", "/openapi.json")
    assert [hit["length"] for hit in json.loads(searched)["hits"]] == [len("种牙不能报销。")]
    shape = json.loads(described)["components"]["schemas"]["Hit"]
    assert "length" in shape["required"]
    assert shape["properties"]["length"] == {"type": "integer", "minimum": 0}


def test_change_a_sentence_of_the_library(copy: Copy) -> None:
    """Programs and readers are told the new one."""
    copy.edit("search/messages.py", ("没有可以搜索的字词。", "请输入要查的字词。"))
    copy.records(*RECORDS)
    searched, page = copy.answers("/api/v1/search?q=？？", "/?q=？？")
    notes = json.loads(searched)["query"]["notes"]
    assert notes == [{"code": "nothing-to-search", "message": "请输入要查的字词。"}]
    assert "请输入要查的字词。" in page
    assert "没有可以搜索的字词。" not in page


def test_change_a_sentence_of_a_page(copy: Copy) -> None:
    """The page says the new one wherever it said the old one."""
    copy.edit("webui/pages/wording.py", ("这里还没有讲“{text}”的文章", "“{text}”，这里没有写到"))
    copy.records(*RECORDS)
    page, fragment = copy.answers("/?q=鲸鱼", "/?q=鲸鱼&city=黑河")
    assert "“鲸鱼”，这里没有写到" in page
    assert "这里还没有讲" not in page + fragment
