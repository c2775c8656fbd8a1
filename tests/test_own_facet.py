"""A facet of an operator, as a value given to a build: whatever a shipped one does, it does, and nothing is edited."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search import FACETS, Facet, Facets, answer, facet_of_field, open_current, query_from, reindex
from search.facets.folded_article import FoldedArticle
from search.model import Evidence
from webui import Settings, create_app

RECORDS = [
    {"id": "a", "title": "2024年黑河补牙", "text": "补牙可以报销。", "year": "2024"},
    {"id": "b", "title": "2025年黑河补牙", "text": "补牙的费用怎么报。", "year": ["2025", "2024"]},
    {"id": "c", "title": "2025年烟台补牙", "text": "补牙要多少钱。", "year": 2025},
    {"id": "d", "title": "黑河种牙", "text": "种牙不能报销，补牙可以。"},
]


def detect_year(article: FoldedArticle) -> list[Evidence]:
    return [Evidence("year", "2031", "named", "title", 0, 4)] if article.title.startswith("2031") else []


KINDS: dict[str, Facet] = {
    "any value": facet_of_field("year", "年度"),
    "listed": facet_of_field("year", "年度", ["2024", "2025", "2031"], {"2025": ["二〇二五"]}),
    "with a rule in code": Facet("year", "年度", detect=detect_year),
}


def write(folder: Path, records: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    (folder / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module", params=KINDS)
def facets(request: pytest.FixtureRequest) -> Facets:
    return FACETS.with_(KINDS[request.param])


@pytest.fixture(scope="module")
def index_dir(facets: Facets, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    write(folder / "records", RECORDS)
    report = reindex([folder / "records"], folder / "index", facets=facets)
    assert dict(report.coverage) == {"province": 4, "city": 4, "insurance": 0, "topic": 4, "year": 3}
    return folder / "index"


@pytest.fixture(scope="module")
def client(index_dir: Path) -> FlaskClient:
    return create_app(Settings(index_dir)).test_client()


def test_the_build_says_which_facets_it_has(index_dir: Path, facets: Facets) -> None:
    found = open_current(index_dir).facets
    assert found.keys == facets.keys
    assert found["year"].label == "年度"


def test_it_filters_and_counts(index_dir: Path) -> None:
    engine = open_current(index_dir)
    query = query_from({"q": ["补牙"], "year": ["2024"]}, engine.facets)
    results = answer(engine, query)
    assert (results.total, sorted(hit.article.id for hit in results.hits)) == (2, ["a", "b"])
    counts = {each.value: (each.count, each.selected) for each in results.facets["year"]}
    assert counts == {"2024": (2, True), "2025": (2, False), "未注明": (1, False)}
    assert {each.value: each.count for each in results.facets["city"]} == {"黑河市": 2}


def test_articles_without_a_value_can_be_asked_for(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=补牙&year=未注明").json
    assert found and [(hit["id"], hit["year"]) for hit in found["hits"]] == [("d", [])]


def test_the_endpoint_takes_it_and_tells_it(client: FlaskClient) -> None:
    found = client.get("/api/v1/search?q=补牙&year=2025&city=黑河").json
    assert found and [(hit["id"], hit["year"]) for hit in found["hits"]] == [("b", ["2025", "2024"])]
    article = client.get("/api/v1/articles/b").json
    assert article and article["year"] == ["2025", "2024"]
    assert [each["field"] for each in article["evidence"] if each["facet"] == "year"] == ["metadata", "metadata"]


def test_the_interface_describes_it(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document
    parameters = {one["name"]: one for one in document["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert parameters["year"]["description"] == "Only articles with this year (年度); any of several."
    schemas = document["components"]["schemas"]
    assert all("year" in schemas[name]["required"] for name in ("Hit", "Article"))
    facets = schemas["Answer"]["properties"]["facets"]["$ref"].rpartition("/")[2]
    assert "year" in schemas[facets]["required"]


def test_the_page_shows_it(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/?q=补牙&year=2024").text, "html.parser")
    boxes = {box["value"]: box.has_attr("checked") for box in page.select("input[name=year]")}
    assert boxes == {"2024": True, "2025": False, "未注明": False}
    assert "年度" in page.text
    assert "/?q=" in str(page.select_one("main a[href*='year=2024']"))
    chips = [chip.text.strip() for chip in page.select(".chips a")]
    assert any("2024" in chip for chip in chips), chips
    described = BeautifulSoup(client.get("/articles/b").text, "html.parser")
    assert described.select("a[href='/?year=2024']")


def test_a_table_has_a_column_of_it(client: FlaskClient) -> None:
    table = list(csv.DictReader(io.StringIO(client.get("/export.csv?q=补牙&year=2024").text.removeprefix("\ufeff"))))
    assert {row["id"]: row["year"] for row in table} == {"a": "2024", "b": "2025、2024"}


def test_whoosh_itself_finds_it(index_dir: Path) -> None:
    from whoosh import index
    from whoosh.query import Term

    directory = open_current(index_dir).attachment("").resolve()
    with index.open_dir(str(directory), "MAIN").searcher() as searcher:
        assert sorted(hit["id"] for hit in searcher.search(Term("year", "2024"))) == ["a", "b"]


def test_it_is_kept_where_only_changes_are_read(tmp_path: Path, facets: Facets) -> None:
    write(tmp_path / "records", RECORDS)
    (tmp_path / "records" / "one.md").write_text("---\nyear: 2024\n---\n# 沈阳补牙\n\n可以报销。\n", encoding="utf-8")
    sources, index_dir = [tmp_path / "records"], tmp_path / "index"
    reindex(sources, index_dir, facets=facets)
    (tmp_path / "records" / "one.md").write_text("---\nyear: 2031\n---\n# 沈阳补牙\n\n可以报销。\n", encoding="utf-8")
    report = reindex(sources, index_dir, changed=True, facets=facets)
    assert (report.changes.changed, report.changes.unchanged, report.coverage["year"]) == (1, 4, 4)
    engine = open_current(index_dir)
    results = answer(engine, query_from({"year": ["2031"]}, engine.facets))
    assert [hit.article.id for hit in results.hits] == ["one.md"]


def test_without_it_the_index_is_made_anew(tmp_path: Path, facets: Facets) -> None:
    write(tmp_path / "records", RECORDS)
    reindex([tmp_path / "records"], tmp_path / "index", facets=facets)
    report = reindex([tmp_path / "records"], tmp_path / "index", changed=True)
    assert report.build_id and open_current(tmp_path / "index").facets is FACETS


def test_a_listed_value_goes_by_its_other_names_and_no_other() -> None:
    facets = FACETS.with_(KINDS["listed"])
    assert query_from({"year": ["二〇二五"]}, facets).filters == {"year": ("2025",)}
