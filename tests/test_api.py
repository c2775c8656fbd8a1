"""The JSON endpoints: exact answers, and problem documents that name the parameter at fault."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from flask.testing import FlaskClient

from tests.web import HOSTILE_TEXT, HOSTILE_TITLE, TOTAL, make_app
from webui import Settings, create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("api")).test_client()


def get(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/json"
    return response.json


def test_search_answers_with_hits_facets_and_how_it_was_understood(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=缴费&province=黑龙江&city=黑河&size=5")
    assert set(answer) == {"query", "total", "page", "size", "took_ms", "hits", "facets", "suggestion", "banners"} | {
        "answer"
    }
    assert (answer["total"], answer["page"], answer["size"]) == (1, 1, 5)
    assert [clause["text"] for clause in answer["query"]["clauses"]] == ["缴费"]
    (hit,) = answer["hits"]
    score = hit.pop("score")
    assert score > 0
    snippets = hit.pop("snippets")
    assert hit == {
        "id": "pay/1",
        "kind": "article",
        "title": "黑河居民医保缴费时间",
        "title_highlights": [[6, 8]],
        "url": "",
        "source": "测试编辑部",
        "date": "2025-01-01",
        "province": ["黑龙江省"],
        "city": ["黑河市"],
        "insurance": ["居民医保"],
        "topic": ["参保缴费"],
        "status": [],
        "lacks": [],
    }
    marked = [snippet["text"][start:end] for snippet in snippets for start, end in snippet["highlights"]]
    assert marked and set(marked) == {"缴费"}
    assert list(answer["facets"]) == ["province", "city", "insurance", "topic", "status"]
    assert answer["facets"]["province"][0] == {"value": "黑龙江省", "label": "黑龙江", "count": 1, "selected": True}
    assert answer["facets"]["city"] == [
        {"value": "黑河市", "label": "黑河", "count": 1, "selected": True},
        {"value": "哈尔滨市", "label": "哈尔滨", "count": 1, "selected": False},
    ]


def test_page_and_endpoint_agree(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=缴费&sort=oldest&page=2")
    assert [hit["id"] for hit in answer["hits"]] == ["pay/11", "pay/12"]
    html = client.get("/?q=缴费&sort=oldest&page=2").text
    assert [html.index(f'href="/articles/{hit["id"]}?') for hit in answer["hits"]] == sorted(
        html.index(f'href="/articles/{hit["id"]}?') for hit in answer["hits"]
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_a_query_string_is_read_in_the_encoding_it_is_in(client: FlaskClient, encoding: str) -> None:
    for text in ("缴费", "补牙 医保a", "異地 備案"):
        address = f"/api/v1/search?size=5&q={quote_plus(text, encoding=encoding)}"
        assert get(client, address)["query"]["text"] == text
        assert f'value="{text}"' in client.get(address.replace("/api/v1/search", "/")).text


def test_a_query_string_in_no_encoding_is_no_failure(client: FlaskClient) -> None:
    assert get(client, "/api/v1/search?q=%FF%FFa")["query"]["text"] == "%FF%FFa"


def test_empty_query_browses(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search")
    assert answer["total"] == TOTAL
    assert answer["hits"][0]["id"] == "card.md"


def test_highlights_count_code_points_and_text_is_plain(client: FlaskClient) -> None:
    (hit,) = [hit for hit in get(client, "/api/v1/search?q=备案")["hits"] if hit["id"] == "hostile"]
    assert hit["title"] == HOSTILE_TITLE
    assert [hit["title"][start:end] for start, end in hit["title_highlights"]] == ["备案"]


def test_article(client: FlaskClient) -> None:
    article = get(client, "/api/v1/articles/card.md")
    assert article["title"] == "医保卡丢了怎么办"
    assert [section["heading"] for section in article["sections"]] == ["先挂失", "再补办"]
    assert get(client, "/api/v1/articles/list.txt/1")["kind"] == "teaser"
    assert get(client, "/api/v1/articles/list.txt%2F1")["id"] == "list.txt/1"
    assert get(client, "/api/v1/articles/hostile")["text"] == HOSTILE_TEXT


def test_health_names_the_index(client: FlaskClient) -> None:
    health = get(client, "/healthz")
    assert health["status"] == "ok"
    assert health["documents"] == TOTAL
    assert health["fingerprint"] and health["built_at"]


PROBLEMS = [
    ("/api/v1/search?colour=red", 400, "colour"),
    ("/api/v1/search?province=火星", 400, "province"),
    ("/api/v1/search?province=山东省&province=火星", 400, "province"),
    ("/api/v1/search?city=北京市", 400, "city"),
    ("/api/v1/search?insurance=x", 400, "insurance"),
    ("/api/v1/search?topic=x", 400, "topic"),
    ("/api/v1/search?from=2025-02-30", 400, "from"),
    ("/api/v1/search?to=昨天", 400, "to"),
    ("/api/v1/search?from=2025-02-02&to=2025-02-01", 400, "from"),
    ("/api/v1/search?sort=best", 400, "sort"),
    ("/api/v1/search?page=0", 400, "page"),
    ("/api/v1/search?page=1e3", 400, "page"),
    ("/api/v1/search?page=99999999999999999999", 400, "page"),
    ("/api/v1/search?size=101", 400, "size"),
    ("/api/v1/search?size=-1", 400, "size"),
    ("/api/v1/search?size=5&size=5", 400, "size"),
    ("/api/v1/search?q=a&q=b", 400, "q"),
    ("/api/v1/search?q=" + "长" * 201, 400, "q"),
    ("/api/v1/search?q=缴费&page=3", 404, "page"),
    ("/api/v1/search?q=缴费&page=1000000", 404, "page"),
    ("/api/v1/articles/none", 404, "id"),
    ("/api/v1/articles/card.md?q=x", 400, "q"),
]


@pytest.mark.parametrize(("address", "status", "parameter"), PROBLEMS, ids=[p[0][-30:] for p in PROBLEMS])
def test_problem_names_the_parameter(client: FlaskClient, address: str, status: int, parameter: str) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["status"] == status
    assert problem["parameter"] == parameter
    assert problem["detail"] and problem["title"] and problem["type"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/api/v1/nothing", 404), ("GET", "/api/", 404), ("POST", "/api/v1/search", 405), ("PUT", "/healthz", 405)],
)
def test_every_error_is_a_problem_document(client: FlaskClient, method: str, address: str, status: int) -> None:
    response = client.open(address, method=method)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert json.loads(response.data)["status"] == status
    if status == 405:
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("address", ["/api/v1/search", "/api/v1/articles/x", "/healthz"])
def test_without_an_index_503_says_why_and_not_where(tmp_path: Path, address: str) -> None:
    response = create_app(Settings(index_dir=tmp_path / "none")).test_client().get(address)
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"
    assert json.loads(response.data) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "there is no index yet; the log of the server says what to do",
        "code": "index-missing",
    }


def test_fault_of_our_own_is_a_500_without_details(seed_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("webui.http.api.engine", fail)
    monkeypatch.setattr("webui.pages.views.engine", fail)
    client = create_app(Settings(index_dir=seed_index)).test_client()
    response = client.get("/api/v1/search?q=" + quote("查病"))
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text
    page = client.get("/?q=" + quote("查病"))
    assert page.status_code == 500
    assert "出错了" in page.text and "secret" not in page.text


def test_explain_adds_the_parts_of_each_score(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=缴费&explain=1")
    for hit in answer["hits"]:
        assert {"what", "where", "score"} == set(hit["why"][0])
        assert sum(part["score"] for part in hit["why"]) == pytest.approx(hit["score"], abs=1e-3)
    assert "why" not in get(client, "/api/v1/search?q=缴费")["hits"][0]
    assert client.get("/api/v1/search?q=缴费&explain=yes").json["parameter"] == "explain"
