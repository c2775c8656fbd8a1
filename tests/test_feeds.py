"""What other programs fetch, read as those programs read it."""

import csv
import io
import json
import re
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.web import HOSTILE_TITLE, TOTAL, make_app
from webui.http import feeds
from webui.pages.spellings import FILE, labels, table

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("feeds")).test_client()


def feed(client: FlaskClient, address: str) -> ET.Element:
    response = client.get(address)
    assert response.mimetype == "application/atom+xml"
    return ET.fromstring(response.data)


def test_feed_of_a_search_holds_its_dated_articles_newest_first(client: FlaskClient) -> None:
    tree = feed(client, "/feed.atom?q=缴费&province=黑龙江&sort=oldest&page=7")
    assert tree.findtext(f"{ATOM}title") == "“黑龙江”中关于“缴费” · 医保搜索"
    entries = tree.findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}updated") for e in entries] == ["2025-01-02T00:00:00+08:00", "2025-01-01T00:00:00+08:00"]
    assert tree.findtext(f"{ATOM}updated") == "2025-01-02T00:00:00+08:00"
    addresses = {link.get("rel"): unquote(str(link.get("href"))) for link in tree.findall(f"{ATOM}link")}
    assert addresses == {
        "self": "http://localhost/feed.atom?q=缴费&province=黑龙江省",
        "alternate": "http://localhost/?q=缴费&province=黑龙江省",
    }
    (link,) = entries[0].findall(f"{ATOM}link")
    assert client.get(urlsplit(str(link.get("href"))).path).status_code == 200


def test_ids_of_entries_are_one_an_article_wherever_it_is_served(client: FlaskClient) -> None:
    first, other = feed(client, "/feed.atom"), ET.fromstring(client.get("/feed.atom", base_url="http://else").data)
    ids = [entry.findtext(f"{ATOM}id") for entry in first.iter(f"{ATOM}entry")]
    assert ids == [entry.findtext(f"{ATOM}id") for entry in other.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids) == TOTAL - 1, "the undated one has no true date to give"
    assert all(str(each).startswith("urn:uuid:") for each in ids)


def test_feed_without_entries_is_dated_by_its_index(client: FlaskClient) -> None:
    tree = feed(client, "/feed.atom?q=空空如也空空")
    assert tree.findall(f"{ATOM}entry") == [] and str(tree.findtext(f"{ATOM}updated"))[:2] == "20"


@pytest.mark.parametrize(
    ("address", "announced"),
    [
        ("/", "/feed.atom"),
        ("/?sort=newest", "/feed.atom"),
        ("/?q=缴费&province=黑龙江&size=1&page=2&sort=oldest", "/feed.atom?q=缴费&province=黑龙江省"),
    ],
)
def test_page_announces_the_feed_of_its_own_search(client: FlaskClient, address: str, announced: str) -> None:
    page = BeautifulSoup(client.get(address).data, "html.parser")
    link = page.select_one("link[rel=alternate]")
    assert link and unquote(str(link["href"])) == announced
    assert feed(client, announced).findall(f"{ATOM}entry")


def test_csv_is_a_table_that_no_spreadsheet_runs(client: FlaskClient) -> None:
    response = client.get("/export.csv?q=缴费&province=黑龙江&size=1&sort=newest")
    assert response.mimetype == "text/csv" and "attachment" in response.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert [row["id"] for row in table] == ["pay/2", "pay/1"], "all of them, whatever the page shows"
    assert (table[1]["city"], table[1]["page"]) == ("黑河市", "http://localhost/articles/pay/1")
    hostile = csv.DictReader(io.StringIO(client.get("/export.csv?q=备案").data.decode("utf-8-sig")))
    assert HOSTILE_TITLE in [row["title"] for row in hostile]


def test_json_says_how_many_there_are(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LIMIT", 3)
    body = json.loads(client.get("/export.json?q=缴费").data)
    assert body["total"] == 12 and len(body["articles"]) == 3
    assert body["articles"][0]["topic"] == ["参保缴费"]


def test_opensearch_template_is_a_search(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/").data, "html.parser")
    link = page.select_one("link[rel=search]")
    assert link
    tree = ET.fromstring(client.get(str(link["href"])).data)
    urls = [str(each.get("template")) for each in tree.iter() if each.tag.endswith("}Url")]
    assert "关于“缴费”的" in client.get(urls[0].replace("{searchTerms}", "缴费")).get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/articles/pay/1", True),
        ("/coverage", True),
        ("/static/style.css?v=1", True),
        ("/?q=x", False),
        ("/compare?a=x", False),
        ("/export.csv?q=x", False),
        ("/api/v1/search", False),
    ],
)
def test_crawlers_read_articles_and_no_combinations(client: FlaskClient, path: str, allowed: bool) -> None:
    rules = re.findall(r"^(Allow|Disallow): (.+)$", client.get("/robots.txt").get_data(as_text=True), re.M)
    fitting = [
        (len(pattern), kind)
        for kind, pattern in rules
        if re.match(re.escape(pattern).replace(r"\*", ".*"), path)  # RFC 9309: the longest rule decides
    ]
    assert (max(fitting, default=(0, "Allow"))[1] == "Allow") is allowed


def addresses(client: FlaskClient, path: str) -> list[str]:
    return [str(each.text) for each in ET.fromstring(client.get(path).data).iter(f"{SITEMAP}loc")]


def test_sitemap_lists_every_article_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found = addresses(client, "/sitemap.xml")
    assert len(set(found)) == len(found) == TOTAL + 2
    assert all(client.get(urlsplit(each).path).status_code == 200 for each in found)
    monkeypatch.setattr(feeds, "SITEMAP", TOTAL - 1)
    parts = addresses(client, "/sitemap.xml")
    assert [urlsplit(part).query for part in parts] == ["page=1", "page=2"]
    assert sorted(each for part in parts for each in addresses(client, part)) == sorted(found)
    assert client.get("/sitemap.xml?page=3").status_code == 404


def test_spelling_table_is_that_of_the_facets() -> None:
    assert FILE.read_text("utf-8") == table(labels()), "make it anew: python -m webui.pages.spellings"


def test_first_page_is_light(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert "HX-Request" in page.headers["Vary"] and "Accept-Encoding" in page.headers["Vary"]
    html = BeautifulSoup(client.get("/").data, "html.parser")
    parts = html.select("script[src], link[rel=stylesheet], link[rel=icon]")
    own = [str(part.get("src") or part.get("href")) for part in parts]
    assert len(own) + 1 <= 6
    sizes = {}
    for path in own:
        with client.get(path, headers={"Accept-Encoding": "deflate"}) as answer:
            sizes[path] = len(answer.data)
    assert len(page.data) + sum(sizes.values()) <= 40_000, sizes
    named = {path.split("?")[0].split("/")[-1]: size for path, size in sizes.items()}
    assert named["style.css"] < 8_000 and named["app.js"] < 6_000
