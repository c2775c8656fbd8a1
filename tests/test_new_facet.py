"""The promise of docs/architecture.md: a facet is a module and a line. Made in a copy of the program, and tried."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MODULE = '''
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
RECORDS = [
    {"id": "a", "title": "2024年黑河补牙", "text": "补牙可以报销。"},
    {"id": "b", "title": "2025年黑河补牙", "text": "补牙的费用怎么报。"},
    {"id": "c", "title": "黑河补牙", "text": "补牙要多少钱。", "year": 2024},
    {"id": "d", "title": "黑河种牙", "text": "种牙不能报销。"},
]
TRY = """
import json, sys
from pathlib import Path
from search import reindex
from webui import Settings, create_app

reindex([Path("records")], Path("index"))
client = create_app(Settings(Path("index"))).test_client()
print(json.dumps({address: client.get(address).text for address in json.load(sys.stdin)}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a copy of the program with the facet answers, by address."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("search", "webui"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "search/facets/year.py").write_text(MODULE.lstrip(), encoding="utf-8")
    shipped = copy / "search/facets/shipped.py"
    listed = shipped.read_text(encoding="utf-8").replace("INSURANCE, TOPIC))", "INSURANCE, TOPIC, YEAR))")
    shipped.write_text(listed.replace("import TOPIC\n", "import TOPIC\nfrom .year import YEAR\n"), encoding="utf-8")
    (copy / "records").mkdir()
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS)
    (copy / "records/all.jsonl").write_text(lines, encoding="utf-8")
    addresses = ["/api/v1/search?q=补牙&year=2024", "/api/v1/articles/c", "/?q=补牙&year=2024", "/openapi.json"]
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        input=json.dumps(addresses),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_it_filters_and_counts(answers: dict[str, str]) -> None:
    answer: dict[str, Any] = json.loads(answers["/api/v1/search?q=补牙&year=2024"])
    assert sorted(hit["id"] for hit in answer["hits"]) == ["a", "c"]
    counts = {value["value"]: (value["count"], value["selected"]) for value in answer["facets"]["year"]}
    assert counts == {"2024": (2, True), "2025": (1, False)}
    assert [hit["year"] for hit in answer["hits"]] == [["2024"], ["2024"]]


def test_it_is_in_the_article(answers: dict[str, str]) -> None:
    assert json.loads(answers["/api/v1/articles/c"])["year"] == ["2024"]


def test_it_is_on_the_page(answers: dict[str, str]) -> None:
    page = answers["/?q=补牙&year=2024"]
    assert "年度" in page
    assert 'name="year" value="2025"' in page


def test_it_is_described(answers: dict[str, str]) -> None:
    document = json.loads(answers["/openapi.json"])
    parameters = document["paths"]["/api/v1/search"]["get"]["parameters"]
    assert "year" in [parameter["name"] for parameter in parameters]
    assert "year" in document["components"]["schemas"]["Hit"]["required"]
