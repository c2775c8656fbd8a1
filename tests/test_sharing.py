"""What is handed on: an address, its QR code, a card with a picture, an icon; and never anything of another site."""

import io
import json
import struct
import zlib
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.web import make_app
from webui.http.icons import GREEN, SIZES, WHITE, png
from webui.pages.sharing import LONGEST


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("sharing")).test_client()


def soup(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("/articles/pay/1", "/articles/pay/1"),
        ("/articles/pay/1?q=缴费&big=1", "/articles/pay/1"),  # what somebody searched for is theirs
        ("/?q=缴费&explain=1", f"/?q={quote('缴费')}"),
        ("/?q=缴费&page=2&big=1", f"/?q={quote('缴费')}&page=2"),
    ],
)
def test_what_is_shared_is_the_page_for_anybody(client: FlaskClient, address: str, shared: str) -> None:
    page = soup(client, address)
    field, code = page.select_one(".share #address"), page.select_one(".share img")
    assert field and field["value"] == f"http://localhost{shared}"
    assert code and code["loading"] == "lazy" and code["src"] == f"/qr.svg?to={quote(shared, safe='')}"
    assert client.get(str(code["src"])).mimetype == "image/svg+xml"


def test_an_address_too_long_for_a_code_has_none(client: FlaskClient) -> None:
    page = soup(client, "/?q=" + "缴费" * 40)
    assert page.select(".share #address") and not page.select(".share img")
    assert "地址太长" in page.select(".share")[0].get_text()


# By ISO/IEC 18004 level M holds 26 bytes in version 2, 42 in version 3, 62 in version 4: 17 + 4 × version squares.
@pytest.mark.parametrize(("path", "squares"), [("/?q=a", 25), ("/articles/pay/1", 29), ("/articles/" + "a" * 30, 33)])
def test_the_code_holds_the_whole_address(client: FlaskClient, path: str, squares: int) -> None:
    answer = client.get(f"/qr.svg?to={quote(path, safe='')}")
    tree = ET.fromstring(answer.data)
    assert tree.get("viewBox") == f"0 0 {squares + 8} {squares + 8}", "with four squares of margin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "to",
    [
        "",
        "//example.org/",
        "https://example.org/",
        "articles/x",
        "/api/v1/search?q=a",
        "/static/app.js",
        "/?q=\n",
        '/?q="><script>',
        "/\\example.org",
        "/@example.org",
        "/?q=缴费",  # not as an address is written
        "/?q=" + "a" * LONGEST,
    ],
)
def test_nothing_else_becomes_a_code(client: FlaskClient, to: str) -> None:
    assert client.get(f"/qr.svg?to={quote(to, safe='')}").status_code == 404


def test_a_card_says_what_the_page_is(client: FlaskClient) -> None:
    page = soup(client, "/articles/pay/1?q=缴费")
    card = {str(each["property"]): str(each["content"]) for each in page.select("meta[property^='og:']")}
    description = page.select_one("meta[name=description]")
    assert description
    assert card == {
        "og:type": "article",
        "og:site_name": "医保搜索",
        "og:title": page.title.get_text() if page.title else "",
        "og:description": description["content"],
        "og:url": "http://localhost/articles/pay/1",
        "og:image": "http://localhost/icon-512.png",
    }
    assert len(page.select("meta[name=theme-color]")) == 2


def test_hostile_text_stays_inside_its_card(client: FlaskClient) -> None:
    page = soup(client, "/articles/hostile")
    title = page.select_one("meta[property='og:title']")
    assert title and str(title["content"]).startswith("<script>") and not page.select("head img, head [onerror]")


def _pixels(data: bytes) -> tuple[int, bytes]:
    """A side of a PNG, and its rows, each behind a byte that says that it is unfiltered."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    stream, parts = io.BytesIO(data[8:]), {}
    while head := stream.read(8):
        size, name = struct.unpack(">I4s", head)
        parts[name] = stream.read(size)
        assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(name + parts[name])
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (width, depth, colour) == (height, 8, 2)
    return width, zlib.decompress(parts[b"IDAT"])


@pytest.mark.parametrize("size", SIZES)
def test_the_picture_is_a_white_cross_on_green(client: FlaskClient, size: int) -> None:
    answer = client.get(f"/icon-{size}.png")
    side, rows = _pixels(answer.data)
    assert (side, answer.mimetype) == (size, "image/png") and len(answer.data) < 4_000

    def at(x: float, y: float) -> tuple[int, ...]:
        start = int(y * size) * (1 + 3 * size) + 1 + 3 * int(x * size)
        return tuple(rows[start : start + 3])

    assert at(0.5, 0.5) == at(0.3, 0.5) == at(0.5, 0.7) == WHITE
    assert at(0.05, 0.05) == at(0.3, 0.3) == at(0.95, 0.5) == GREEN


def test_an_ico_holds_the_small_picture(client: FlaskClient) -> None:
    data = client.get("/favicon.ico").data
    reserved, kind, count, width, height = struct.unpack("<HHHBB", data[:8])
    size, start = struct.unpack("<II", data[14:22])
    assert (reserved, kind, count, width, height) == (0, 1, 1, 32, 32)
    assert data[start : start + size] == png(32) and len(data) == start + size


def test_no_other_sizes_are_made(client: FlaskClient) -> None:
    for size in (0, 33, 100000):
        assert client.get(f"/icon-{size}.png").status_code == 404


def test_what_a_home_screen_is_told_is_there(client: FlaskClient) -> None:
    page = soup(client, "/")
    (link,) = page.select("link[rel=manifest]")
    answer = client.get(str(link["href"]))
    told = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert (told["name"], told["start_url"], told["lang"]) == ("医保搜索", "/", "zh-CN")
    for picture in told["icons"]:
        side = _pixels(client.get(picture["src"]).data)[0]
        assert picture["sizes"] == f"{side}x{side}"
    (touch,) = page.select("link[rel=apple-touch-icon]")
    assert _pixels(client.get(str(touch["href"])).data)[0] == 180


def test_what_draws_codes_is_read_when_one_is_drawn() -> None:
    source = (Path(__file__).parents[1] / "webui/http/qr.py").read_text("utf-8")
    assert "\nimport segno" not in source and "    import segno" in source
