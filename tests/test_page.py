"""The pages, parsed back into data: what a reader sees, as a whole page and as the block that htmx asks for."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from search import PARAMETERS, UserError, reindex
from tests.web import HOSTILE_TEXT, HOSTILE_TITLE, TOTAL, make_app
from webui import Settings, create_app
from webui.pages.state import read

HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("page")).test_client()


@dataclass(frozen=True)
class Box:
    name: str
    value: str
    label: str
    count: int
    checked: bool


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def words(tag: Tag | None) -> str:
    return " ".join(tag.get_text().split()) if tag else ""


def count(page: BeautifulSoup) -> str:
    return words(page.select_one("#count > .unseen"))


def hrefs(page: BeautifulSoup, selector: str) -> list[str]:
    return [str(a["href"]) for a in page.select(selector)]


def boxes(page: BeautifulSoup, selector: str) -> list[Box]:
    found = []
    for label in page.select(f"{selector} label:has(input[type=checkbox])"):
        box = label.input
        assert box
        number = int(words(label.select_one(".count")).removesuffix(" 篇"))
        found.append(
            Box(str(box["name"]), str(box["value"]), words(label.select_one(".name")), number, box.has_attr("checked"))
        )
    return found


def whole(page: BeautifulSoup) -> dict[str, object]:
    """Everything on a search page that a reader can read or click."""
    return {
        "title": words(page.title),
        "count": count(page),
        "cards": [words(card) for card in page.select(".card")],
        "boxes": boxes(page, "#filters"),
        "links": hrefs(page, "main a"),
        "hidden": [(i["name"], i["value"]) for i in page.select("input[type=hidden]")],
    }


ADDRESSES = ["/", "/?q=缴费", "/?q=缴费&province=黑龙江省&page=1", "/?q=缴费&page=2&sort=oldest", "/?q=缴费&topic=口腔"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_block_holds_what_the_page_holds(client: FlaskClient, address: str) -> None:
    page, block = client.get(address), client.get(address, headers=HTMX)
    assert page.status_code == block.status_code == 200
    assert whole(soup(page)) == whole(soup(block))
    assert soup(page).html and not soup(block).html
    assert not soup(block).select("#q"), "the box is never swapped"
    for response in (page, block):
        assert "HX-Request" in response.headers["Vary"]
    assert block.headers["Cache-Control"] == "no-store"


def test_history_restore_gets_the_whole_page(client: FlaskClient) -> None:
    response = client.get("/?q=缴费", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert soup(response).html
    assert "HX-Push-Url" not in response.headers


@pytest.mark.parametrize(
    ("before", "after", "header"),
    [
        ("/", "/?q=缴费", "HX-Replace-Url"),
        ("/?q=缴", "/?q=缴费&from=&to=", "HX-Replace-Url"),
        ("/?q=缴费&page=2", "/?q=缴", "HX-Replace-Url"),
        ("/?q=缴费", "/?q=缴费&province=黑龙江", "HX-Push-Url"),
        ("/?q=缴费", "/?q=缴费&page=2", "HX-Push-Url"),
        ("/?q=缴费", "/?q=缴费&sort=newest", "HX-Push-Url"),
        ("/articles/national", "/?q=缴费", "HX-Push-Url"),
        ("http://[", "/?q=缴费", "HX-Push-Url"),
    ],
)
def test_typing_replaces_the_address_and_all_else_pushes_it(
    client: FlaskClient, before: str, after: str, header: str
) -> None:
    current = before if before.startswith("http") else "http://localhost" + quote(before, safe="/?=&")
    response = client.get(after, headers={**HTMX, "HX-Current-URL": current, "HX-Source": "form#search"})
    found = {name: value for name, value in response.headers.items() if name.startswith("HX-")}
    assert list(found) == [header]
    clicked = client.get(after, headers={**HTMX, "HX-Current-URL": current, "HX-Source": "a"})
    assert "HX-Push-Url" in clicked.headers, "one goes back from a link, even one that only changes the text"
    assert found[header].isascii()
    assert "from" not in found[header], "canonical: nothing empty in it"


def links(page: BeautifulSoup, selector: str) -> dict[str, str]:
    return {words(a): str(a["href"]) for a in page.select(selector)}


def test_start_page_shows_what_is_in_here_and_ways_in(client: FlaskClient) -> None:
    page = soup(client.get("/"))
    assert count(page) == f"全部 {TOTAL} 篇 11 个省份 · 12 个城市 · 最新 2025-05-01"
    assert hrefs(page, ".card h2 a") == [
        "/articles/card.md",
        "/articles/list.txt/1",
        "/articles/national",
        "/articles/pay/12",
        "/articles/pay/11",
    ]
    ways = links(page, ".start a")
    assert ways["补牙能报销吗"] == "/?q=" + quote("补牙能报销吗")
    assert ways["参保缴费 12"] == "/?topic=" + quote("参保缴费")
    assert ways["黑龙江 4"] == "/?province=" + quote("黑龙江省")
    assert "生育津贴怎么算" not in ways, "an example without results is no example"
    assert not page.select(".pager, .sorts")
    assert hrefs(page, 'a[href="/coverage"], a[href="/compare"]') == ["/coverage", "/compare"], "said once"
    assert "/?sort=newest" in hrefs(page, "main a")


def test_every_way_in_leads_where_it_says(client: FlaskClient) -> None:
    for text, address in links(soup(client.get("/")), ".start li a").items():
        total = int(count(soup(client.get(address))).split(" 篇")[0].split()[-1])
        assert total == int(text.split()[-1]) if text[-1].isdigit() else total > 0, text


@pytest.mark.parametrize("address", ["/?sort=newest", "/?page=1&sort=newest", "/?size=10&sort=newest", "/?size=20"])
def test_all_articles_can_be_browsed(client: FlaskClient, address: str) -> None:
    page = soup(client.get(address))
    assert count(page).startswith(f"全部 {TOTAL} 篇")
    assert hrefs(page, ".card h2 a")[0].startswith("/articles/card.md?")
    assert not page.select(".start")
    assert [words(a) for a in page.select(".sorts a")] == ["最新", "最早"]
    assert words(page.select_one(".sorts [aria-current]")) == "最新"
    assert ("sort", "newest") not in [(i["name"], i["value"]) for i in page.select("input[type=hidden]")]


def test_second_page_of_all_articles_leads_back_to_the_first(client: FlaskClient) -> None:
    page = soup(client.get("/?page=2"))
    assert hrefs(page, ".pager [rel=prev]") == ["/?sort=newest"]


def test_card_says_all_about_its_article(client: FlaskClient) -> None:
    card = soup(client.get("/?q=补牙")).select(".card")[0]
    assert [words(mark) for mark in card.select("h2 mark")] == ["补牙"]
    assert words(card.select_one(".kind")) == "摘要"
    assert [words(item) for item in card.select(".meta li")] == [
        "黑龙江 · 黑河",
        "职工医保、居民医保",
        "口腔",
        "2025-03-01",
    ]
    assert [words(mark) for mark in card.select(".snippet mark")] == ["补牙"]


def test_correction_is_said_and_undone_in_one_click(client: FlaskClient) -> None:
    page = soup(client.get("/?q=异地就医备按"))
    assert count(page) == "关于“异地就医备案”的 2 篇", "one has both words, another one 备案, which most weight is on"
    box = page.select_one("#q")
    assert box and box["value"] == "异地就医备按", "the box keeps what was typed"
    assert "没有找到“异地就医备按”" in words(page.select_one(".notes"))
    address = links(page, ".notes a")["仍按输入的字搜"]
    as_typed = soup(client.get(address))
    assert count(as_typed) == '关于“"异地就医备按"”的 2 篇'
    assert words(as_typed.select_one(".notes")) == "没有原样出现“异地就医备按”的文章，以下是去掉引号的结果。"


def test_a_word_that_is_nowhere_is_said_in_the_headline(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费+螃蟹"))
    assert count(page).startswith("没有文章写到“螃蟹”。按其余的词找到 12 篇")
    (note,) = page.select(".results-head + .notes p.lack")
    assert words(note) == "没有文章写到“螃蟹”" and note["aria-hidden"] == "true", "seen once, and said once"
    assert not page.select(".divider")
    assert {words(line) for line in page.select(".card .lacks")} == {"缺“螃蟹”"}


def test_results_that_hold_only_part_are_set_apart(client: FlaskClient) -> None:
    page = soup(client.get("/?q=异地就医备案"))
    rows = [
        (words(row) if "divider" in row["class"] else words(row.select_one(".lacks")))
        for row in page.select(".cards > li")
    ]
    assert rows == ["", "以下只含部分词", "缺“异地就医”"]


def test_synonyms_are_told_below_the_results_and_left_out_in_one_click(client: FlaskClient) -> None:
    page = soup(client.get("/?q=补牙"))
    line = page.select_one(".cards ~ .notes")
    assert line and "也搜索了：" in words(line) and "牙科" in words(line)
    plain = soup(client.get(links(page, ".notes a")["不搜这些"]))
    assert count(plain) == '关于“"补牙"”的 1 篇' and "也搜索了" not in plain.get_text()
    nothing = soup(client.get("/?q=补牙&topic=参保缴费"))
    assert "没有找到" in count(nothing) and "也搜索了" not in nothing.get_text()


def test_reasons_are_told_on_request(client: FlaskClient) -> None:
    page = soup(client.get("/?q=黑河+补牙"))
    assert "为什么排在这里" not in page.get_text()
    (address,) = (a for text, a in links(page, ".reuse a").items() if text == "为什么这样排")
    explained = soup(client.get(address))
    line = next(words(p) for p in explained.select(".card p.meta"))
    assert line.startswith("为什么排在这里：") and "标题有“补牙”“黑河”" in line and "讲的是黑河" in line
    assert not re.search(r"[A-Za-z0-9%]", line), "every part of a score has a name in plain Chinese"
    other = soup(client.get("/?q=拔牙&explain=1")).select_one(".card p.meta")
    assert words(other) == "为什么排在这里：标题有“补牙”，字句与问题相近", (
        "the word that was found, not the one asked for"
    )
    assert "为什么这样排" not in links(soup(client.get("/?topic=口腔")), ".reuse a"), "no words, no reasons"
    assert hrefs(explained, "#feed") == hrefs(page, "#feed")


def test_snippet_links_to_its_section(client: FlaskClient) -> None:
    page = soup(client.get("/?q=补办"))
    link = page.select_one(".snippet a")
    assert link
    path, _, anchor = str(link["href"]).partition("#")
    article = soup(client.get(path))
    target = article.find(id=anchor)
    assert isinstance(target, Tag)
    assert words(target) == "再补办"


def test_facets_in_order_with_the_rest_behind_more(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费"))
    assert [words(legend) for legend in page.select("#filters > .facet > summary")] == [
        "省份",
        "城市",
        "险种",
        "主题",
        "日期",
    ]
    provinces = boxes(page, "#facet-province")
    assert (provinces[0].label, provinces[0].count) == ("黑龙江", 2)
    assert len(provinces) == 11
    assert len(boxes(page, "#facet-province > fieldset > .options")) == 8
    assert words(page.select_one("#more-province summary")) == "更多（3）"
    assert all(" · " in box.label for box in boxes(page, "#facet-city"))


def test_counts_of_a_facet_ignore_its_own_selection(client: FlaskClient) -> None:
    without = {box.value: box.count for box in boxes(soup(client.get("/?q=缴费")), "#facet-province")}
    chosen = [box for box in boxes(soup(client.get("/?q=缴费&province=山东省")), "#filters") if box.name == "province"]
    assert {box.value: box.count for box in chosen} == without
    assert chosen[0] == Box("province", "山东省", "山东", 1, True)


def test_long_lists_can_be_searched_by_sound(client: FlaskClient) -> None:
    page = soup(client.get("/"))
    assert [str(box["id"]) for box in page.select(".find")] == ["find-city"], "12 cities; the 11 provinces fit without"
    spelled = [str(item["data-spell"]) for item in page.select("#facet-city li")]
    assert "湖南 · 长沙 hunan hn changsha cs" in spelled and "未注明 weizhuming wzm" in spelled
    assert not page.select("#facet-insurance [data-spell]")


def test_presets_set_the_first_day(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费&to=2025-01-09"))
    (address,) = (a for text, a in links(page, ".presets a").items() if text == "近五年")
    assert set(parse_qs(urlsplit(address).query)) == {"q", "from"}
    again = soup(client.get(address))
    assert words(again.select_one(".presets [aria-current]")) == "近五年"
    assert links(again, ".presets a")["近五年"] == "/?q=" + quote("缴费")


def test_what_applies_to_a_place_is_the_city_the_province_and_anywhere(client: FlaskClient) -> None:
    here = soup(client.get("/?city=黑河市"))
    assert count(here) == "黑河的 2 篇"
    (address,) = hrefs(here, ".chips .area")
    page = soup(client.get(address))
    assert count(page) == "适用于黑河的 6 篇"
    levels = {str(c.a["href"]).split("?")[0]: words(c.select_one(".level")) for c in page.select(".card") if c.a}
    assert levels == {
        "/articles/card.md": "通用",
        "/articles/list.txt/1": "本市",
        "/articles/national": "通用",
        "/articles/pay/1": "本市",
        "/articles/hostile": "通用",
        "/articles/heilongjiang": "全省",
    }
    assert words(page.select_one(".chips a")) == "适用于黑河×"
    assert hrefs(page, ".chips a")[0] == "/"
    assert links(page, ".chips .area") == {"只看黑河本地的": "/?city=" + quote("黑河市")}


@pytest.mark.parametrize(
    "address", ["/?province=黑龙江", "/?city=黑河&city=烟台", "/?city=黑河&province=山东", "/?q=缴费"]
)
def test_nothing_applies_to_no_one_place(client: FlaskClient, address: str) -> None:
    assert not soup(client.get(address)).select(".area")


def test_chosen_province_holds_its_cities_and_hides_the_others(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费&province=黑龙江省"))
    assert {box.label for box in boxes(page, "#facet-province .nested")} == {"黑河", "哈尔滨"}
    assert not page.select("#facet-city")
    two = soup(client.get("/?q=缴费&province=黑龙江省&province=山东省"))
    assert {box.label for box in boxes(two, "#facet-province .nested")} == {"黑河", "哈尔滨", "烟台"}


def test_city_outside_the_chosen_province_can_still_be_unchecked(client: FlaskClient) -> None:
    page = soup(client.get("/?province=黑龙江省&city=烟台市"))
    assert boxes(page, "#facet-city") == [Box("city", "烟台市", "山东 · 烟台", 0, True)]
    assert "没有找到" in count(page)


def test_unstated_stands_last_where_it_is_not_chosen(client: FlaskClient) -> None:
    page = soup(client.get("/"))
    for facet, size in (("province", 11), ("city", 12), ("insurance", 2)):
        listed = boxes(page, f"#facet-{facet}")
        assert [box.label for box in listed].index("未注明") == size, (
            "behind all values, however many articles lack one"
        )
    assert not page.select("#facet-city details .unstated"), "and never behind 更多"
    chosen = boxes(soup(client.get("/?insurance=未注明")), "#facet-insurance")
    assert (chosen[-1].label, chosen[-1].checked) == ("未注明", True)


def test_whole_of_a_province_stands_among_its_cities(client: FlaskClient) -> None:
    page = soup(client.get("/?province=黑龙江"))
    inside = boxes(page, "#facet-province .nested")
    assert [(box.label, box.count) for box in inside] == [("黑河", 2), ("哈尔滨", 1), ("未注明", 1)]
    whole = soup(client.get("/?province=黑龙江&city=未注明"))
    assert hrefs(whole, ".card h2 a")[0].startswith("/articles/heilongjiang?")
    assert links(whole, ".chips a") == {
        "黑龙江×": "/",
        "城市未注明×": "/?province=" + quote("黑龙江省"),
        "清除全部": "/",
    }
    two = soup(client.get("/?province=黑龙江&province=山东&city=未注明"))
    assert boxes(two, "#facet-city") == [Box("city", "未注明", "未注明", 1, True)]
    assert links(two, ".chips a")["山东×"] == "/?" + urlencode({"province": "黑龙江省", "city": "未注明"})


def test_every_chosen_value_has_a_box(client: FlaskClient) -> None:
    for place in ("province=北京&city=未注明", "province=未注明&city=未注明", "city=未注明", "province=吉林&city=烟台"):
        page = soup(client.get(f"/?{place}"))
        wanted = {tuple(pair.split("=")) for pair in place.split("&")}
        found = {(box.name, box.label.split(" · ")[-1]) for box in boxes(page, "#filters") if box.checked}
        assert found == wanted, place


def test_chips_lead_to_the_search_without_them(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费&province=黑龙江省&city=黑河市&insurance=未注明&from=2025-01-01&to=2025-02-01"))
    found = page.select(".chips a:not(.area)")
    chips = {words(a).removesuffix("×"): parse_qs(urlsplit(str(a["href"])).query) for a in found}
    every = {
        "q": ["缴费"],
        "province": ["黑龙江省"],
        "city": ["黑河市"],
        "insurance": ["未注明"],
        "from": ["2025-01-01"],
        "to": ["2025-02-01"],
    }

    def without(*names: str) -> dict[str, list[str]]:
        return {name: values for name, values in every.items() if name not in names}

    assert chips == {
        "黑龙江": without("province", "city"),
        "黑河": without("city"),
        "险种未注明": without("insurance"),
        "2025-01-01 起": without("from"),
        "2025-02-01 止": without("to"),
        "清除全部": {"q": ["缴费"]},
    }


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/?q=缴费&province=黑龙江省&insurance=居民医保", "“黑龙江 · 居民医保”中关于“缴费”的 2 篇"),
        ("/?province=黑龙江省&province=山东省", "黑龙江、山东的 5 篇"),
        ("/?q=缴费&topic=口腔", "没有找到“口腔”中关于“缴费”的文章"),
        ("/?from=2025-02-01", "全部 3 篇（2025-02-01 起）"),
        ("/?to=2024-11-02&insurance=未注明", "没有找到险种未注明的文章（2024-11-02 止）"),
        ("/?q=缴费&from=2025-01-02&to=2025-01-03", "关于“缴费”的 2 篇（2025-01-02 至 2025-01-03）"),
    ],
)
def test_count_is_a_sentence(client: FlaskClient, address: str, sentence: str) -> None:
    assert count(soup(client.get(address))) == sentence


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("缴费", ["word"]), ("保缴费时", ["title"] * 3), ("黑河缴费怎么办", [])],
    ids=["a word", "of eight titles that hold it three", "no title that is a result alone"],
)
def test_options_leave_the_results_in_sight(client: FlaskClient, text: str, kinds: list[str]) -> None:
    options = soup(client.get("/suggest", query_string={"q": text})).select("[role=option]")
    assert ["title" if option.get("data-open") else "word" for option in options] == kinds
    assert client.get("/api/v1/suggest", query_string={"q": text}).json["suggestions"]  # type: ignore[index]


def test_nothing_found_says_which_filter_to_drop(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费&province=黑龙江省&topic=口腔"))
    advice = {words(a): str(a["href"]) for a in page.select(".nothing ul a")}
    assert advice == {
        "去掉“口腔”：2 篇": "/?" + urlencode({"q": "缴费", "province": "黑龙江省"}),
        "只按筛选条件看：1 篇": "/?" + urlencode({"province": "黑龙江省", "topic": "口腔"}),
        "去掉全部筛选：12 篇": "/?q=" + quote("缴费"),
    }
    assert list(advice)[-1].startswith("去掉全部筛选"), "what gives up most comes last"


def test_few_results_say_what_would_bring_more(client: FlaskClient) -> None:
    page = soup(client.get('/?q="黑河" "缴费"'))
    found = int(count(page).split(" ")[-2])
    assert 0 < found <= 2
    advice = links(page, ".nothing ul a")
    assert "去掉“黑河”：12 篇" in advice
    for text, url in advice.items():
        more = int(text.removesuffix(" 篇").split("：")[1])
        assert more > found
        assert f" {more} 篇" in count(soup(client.get(url))), text
    assert soup(client.get("/?city=黑河市")).select(".nothing") == [], (
        "a place with few articles is no search too narrow"
    )


@pytest.mark.parametrize(
    ("address", "advised"),
    [
        ("/?q=补牙 -黑河", {"不排除任何词": "/?q=补牙"}),
        (
            '/?q="职工补牙" -黑河&insurance=职工医保',
            {
                "不排除任何词": '/?q="职工补牙"&insurance=职工医保',
                "只按筛选条件看": "/?insurance=职工医保",
            },
        ),
        (
            "/?q=空空如也&province=黑龙江&from=2025-01-02",
            {"只按筛选条件看": "/?province=黑龙江省&from=2025-01-02"},
        ),
        ("/?q=空空如也", {}),
        (
            "/?q=补牙&province=山东&province=广东&city=烟台",
            {"不限省份": "/?q=补牙", "只按筛选条件看": "/?province=山东省&province=广东省&city=烟台市"},
        ),
        (
            "/?q=补牙&city=烟台&city=广州",
            {"不限城市": "/?q=补牙", "只按筛选条件看": "/?city=烟台市&city=广州市"},
        ),
    ],
)
def test_nothing_found_says_how_to_ask_for_less(client: FlaskClient, address: str, advised: dict[str, str]) -> None:
    page = soup(client.get(address))
    advice = {text.split("：")[0]: url for text, url in links(page, ".nothing ul a").items()}
    assert {name: unquote(url).replace("+", " ") for name, url in advice.items()} == advised
    for text, url in links(page, ".nothing ul a").items():
        assert text.removesuffix(" 篇").split("：")[1] in count(soup(client.get(url))).split(), text


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("黑河 缴费", {"黑河 1": {"city": "黑河市"}}),
        ("居民医保缴费", {"居民医保 12": {"insurance": "居民医保"}}),
        ("黑河城乡居民缴费", {"黑河 1": {"city": "黑河市"}, "居民医保 12": {"insurance": "居民医保"}}),
        ("工伤保险缴费", {}),
    ],
)
def test_place_and_insurance_in_the_text_are_offered_as_filters(
    client: FlaskClient, text: str, offered: dict[str, dict[str, str]]
) -> None:
    found = links(soup(client.get("/?" + urlencode({"q": text}))), ".notes a:has(.count)")
    assert found == {name: "/?" + urlencode({"q": text, **filters}) for name, filters in offered.items()}


@pytest.mark.parametrize(
    ("text", "said", "ways"),
    [
        pytest.param("拉萨缴费", ["没有关于拉萨的文章。"], {}, id="a place without any article"),
        pytest.param(
            "沈阳 备案",
            ["关于沈阳的 1 篇文章里，没有这方面的。"],
            {"看沈阳的文章": {"city": "沈阳市"}},
            id="none on the matter",
        ),
        pytest.param(
            "五大连池缴费", ["五大连池属于黑河。"], {"黑河 1": {"q": "五大连池缴费", "city": "黑河市"}}, id="a county"
        ),
        pytest.param(
            "五大连池", ["五大连池属于黑河。"], {"黑河 2": {"q": "五大连池", "city": "黑河市"}}, id="a county alone"
        ),
    ],
)
def test_what_the_collection_lacks_is_said(
    client: FlaskClient, text: str, said: list[str], ways: dict[str, dict[str, str]]
) -> None:
    page = soup(client.get("/?" + urlencode({"q": text})))
    notes = words(page.select_one(".notes"))
    assert [sentence for sentence in said if sentence not in notes] == []
    found = links(page, ".notes a, .nothing ul a")
    assert {name: found.get(name) for name in ways} == {name: "/?" + urlencode(to) for name, to in ways.items()}


def test_place_of_the_text_is_not_missed_where_places_are_filtered(client: FlaskClient) -> None:
    assert words(soup(client.get("/?q=拉萨缴费")).select_one(".notes .lack")) == "没有关于拉萨的文章。"
    assert "没有关于" not in words(soup(client.get("/?q=拉萨缴费&city=黑河市")).select_one(".notes"))


def test_offer_is_gone_once_it_is_taken(client: FlaskClient) -> None:
    assert not soup(client.get("/?q=黑河+缴费&city=黑河")).select(".notes a:has(.count)")


def test_hostile_text_stays_text(client: FlaskClient) -> None:
    query = quote("<b>备案</b>\"'&")
    for page in (soup(client.get("/?q=备案 登记时")), soup(client.get(f"/articles/hostile?q={query}"))):
        assert len(page.select("main")) == 1
        assert not page.select("main img:not(.code), main script, main b, main [onerror]")
    article = soup(client.get('/articles/hostile?q="备案"'))
    assert article.h1 and article.h1.get_text() == HOSTILE_TITLE
    assert HOSTILE_TEXT in article.get_text()
    assert [mark.get_text() for mark in article.select(".text mark")] == ["备案"]
    box = soup(client.get(f"/?q={query}")).select_one("#q")
    assert box and box["value"] == "<b>备案</b>\"'&"


def test_article_page(client: FlaskClient) -> None:
    page = soup(client.get("/articles/card.md?q=挂失&topic=医保卡与电子凭证&page=1"))
    assert words(page.h1) == "医保卡丢了怎么办"
    assert [(words(a), a["href"]) for a in page.select(".contents a")] == [
        (words(heading), "#" + str(heading["id"])) for heading in page.select(".text h2")
    ]
    assert [words(heading) for heading in page.select(".text h2")] == ["先挂失", "再补办"]
    assert [words(item) for item in page.select(".text li")] == ["说出姓名", "说出证件号码"]
    assert {mark.get_text() for mark in page.select(".text mark")} >= {"挂失"}
    facts = {words(div.dt): words(div.dd) for div in page.select(".facts div")}
    assert facts == {"日期": "2025-05-01", "主题": "医保卡与电子凭证", "来源": "测试编辑部"}
    source = page.select_one('.facts a[href="https://example.org/card"]')
    assert source and "noreferrer" in source["rel"]
    assert hrefs(page, ".back a") == ["/?" + urlencode({"q": "挂失", "topic": "医保卡与电子凭证"})]
    canonical = page.select_one("link[rel=canonical]")
    assert canonical and canonical["href"] == "http://localhost/articles/card.md"


def test_article_page_leads_on(client: FlaskClient) -> None:
    page = soup(client.get("/articles/pay/1?q=缴费"))
    marks = [str(mark["id"]) for mark in page.select(".text mark")]
    assert marks == ["hit-1"] and hrefs(page, ".hits a") == ["#hit-1"]
    assert words(page.select_one("#citation")) == (
        "测试编辑部：《黑河居民医保缴费时间》，2025-01-01。医保搜索，http://localhost/articles/pay/1"
    )
    elsewhere = links(page, "section[aria-labelledby=elsewhere] a")
    assert len(elsewhere) == 5, "four articles, and one address to compare"
    assert all("居民医保缴费时间" in text for text in elsewhere if text != "并排对比")
    pair = parse_qs(urlsplit(elsewhere["并排对比"]).query)
    assert (pair["a"], pair["topic"], pair["q"]) == (["黑河市"], ["参保缴费"], ["居民医保缴费时间"])
    nearby = links(page, "section[aria-labelledby=nearby] a")
    assert list(nearby) == ["黑河补牙能报销吗"]
    assert nearby["黑河补牙能报销吗"] == "/articles/list.txt/1?city=" + quote("黑河市")
    script = page.select_one("script[type='application/ld+json']")
    assert script and json.loads(script.get_text())["headline"] == "黑河居民医保缴费时间"


def test_summary_says_so_before_its_text(client: FlaskClient) -> None:
    page = soup(client.get("/articles/list.txt/1"))
    assert "全文不在这里" in words(page.select_one("header.heading .aside"))
    assert not soup(client.get("/articles/pay/1")).select(".aside")


def test_province_ticked_off_takes_its_cities_but_a_link_keeps_what_it_says(client: FlaskClient) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://localhost/?" + urlencode({"province": "黑龙江省", "city": "黑河市"})}
    ticked = client.get("/?city=黑河市&from=&to=", headers={**headers, "HX-Source": "form#search"})
    assert ticked.headers["HX-Push-Url"] == "/"
    link = client.get("/?city=黑河市", headers={**headers, "HX-Source": "a"})
    assert unquote(link.headers["HX-Push-Url"]) == "/?city=黑河市"


@pytest.mark.parametrize("article", ["hostile", "national", "list.txt/1"])
def test_article_of_any_kind_has_a_page(client: FlaskClient, article: str) -> None:
    page = soup(client.get(f"/articles/{article}"))
    assert words(page.h1) and not page.select(".hits")
    script = page.select_one("script[type='application/ld+json']")
    assert script and "<" not in script.get_text()


def test_coverage_counts_are_what_a_click_brings(client: FlaskClient) -> None:
    page = soup(client.get("/coverage"))
    rows = {words(tr.th): tr for tr in page.select("tbody tr")}
    assert list(rows)[:3] == ["辽宁", "吉林", "黑龙江"] and list(rows)[-1] == "未注明"
    assert words(rows["黑龙江"].select_one(".day")) == "2025-03-01"
    for link in page.select("tbody td a"):
        number = words(link).removesuffix(" 篇").split()[-1]
        assert number in count(soup(client.get(str(link["href"])))).split(), link
    assert "西藏" in words(page.select_one(".lacking")) and "山东" not in words(page.select_one(".lacking"))
    (inside,) = rows["黑龙江"].select("th a")
    cities = soup(client.get(str(inside["href"])))
    assert [words(th) for th in cities.select("tbody th")] == ["哈尔滨", "黑河", "未注明"]
    assert "齐齐哈尔" in words(cities.select_one(".lacking"))


def test_two_places_side_by_side(client: FlaskClient) -> None:
    page = soup(client.get("/compare?a=黑河&b=山东&topic=参保缴费"))
    assert [words(h2) for h2 in page.select(".sides h2")] == ["黑河（1 篇）", "山东（1 篇）"]
    assert [words(h3) for h3 in page.select(".sides h3")] == ["黑河居民医保缴费时间", "烟台居民医保缴费时间"]
    assert [words(option) for option in page.select("select option[selected]")] == ["黑河", "山东（全部）", "参保缴费"]
    asked = soup(client.get("/compare?a=黑河&b=哈尔滨&q=补牙"))
    assert [words(h2) for h2 in asked.select(".sides h2")] == ["黑河（1 篇）", "哈尔滨（0 篇）"]
    assert [words(mark) for mark in asked.select(".text mark")] == ["补牙"]
    assert not page.select("[id^=hit-]"), "two articles on a page: no anchors that could meet"


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/compare", ""),
        ("/compare?a=火星&b=黑河", "火星"),
        ("/compare?a=黑河&b=哈尔滨&topic=火星", "火星"),
    ],
    ids=["nothing", "no such place", "no such topic"],
)
def test_compare_says_what_it_cannot_read(client: FlaskClient, address: str, line: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    alert = words(soup(response).select_one("[role=alert]"))
    assert line in alert and bool(alert) == bool(line)


@pytest.mark.parametrize("address", ["/?q={}", "/articles/card.md?q={}", "/compare?a=黑河&b=哈尔滨&q={}"])
def test_a_text_too_long_to_search_is_cut(client: FlaskClient, address: str) -> None:
    """Where a search is shown, the page says so; the first 200 characters are searched for."""
    typed = "缴费" + "囧" * 197 + "缴" + "囧" * 300
    response = client.get(address.format(typed))
    assert response.status_code == 200
    if address.startswith("/?"):
        page = soup(response)
        assert "文字太长，只按前 200 个字搜索。" in words(page.select_one("#results"))
        assert page.select_one("#q")["value"] == typed[:200]
        assert client.get(address.format(typed[:200])).text.count("文字太长") == 0


@pytest.mark.parametrize(
    "address", ["/", "/?q=缴费&province=黑龙江省", "/articles/card.md", "/articles/none", "/coverage"]
)
def test_headers_keep_it_private_and_closed(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in response.headers
    page = soup(response)
    inline = page.select("script:not([src]), style, [style]")
    assert {str(tag.get("type")) for tag in inline} <= {"application/ld+json"}, "data, which no browser runs"
    own = [
        str(tag.get("src") or tag.get("href"))
        for tag in page.select("script[src], link[rel=stylesheet], link[rel=icon]")
    ]
    assert own and all(path.startswith("/static/") for path in own)
    for path in own:
        with client.get(path) as file:
            assert file.status_code == 200, path


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/", "/"),
        ("/?utm_source=x&q=&from=", "/"),
        ("/?province=黑龙江&q=缴费&page=1", "/?q=缴费&province=黑龙江省"),
        ("/?city=230100&sort=relevance", "/?city=哈尔滨市"),
        ("/articles/pay/1?q=缴费", "/articles/pay/1"),
        ("/coverage", "/coverage"),
        ("/coverage?province=黑龙江", "/coverage?province=黑龙江省"),
        ("/compare?b=烟台&a=黑河&q=", "/compare?a=黑河市&b=烟台市"),
        ("/nowhere", None),
        ("/?page=9", None),
    ],
)
def test_address_has_a_canonical_form_and_is_for_crawlers_only_without_a_query(
    client: FlaskClient, address: str, canonical: str | None
) -> None:
    page = soup(client.get(address, follow_redirects=True))
    wanted = [f"http://localhost{canonical}"] if canonical else []
    assert [unquote(url) for url in hrefs(page, "link[rel=canonical]")] == wanted
    hidden = canonical is None or "?" in canonical
    assert bool(page.select('meta[name=robots][content="noindex"]')) is hidden


def test_every_page_has_a_title_and_a_description_of_its_own(client: FlaskClient) -> None:
    addresses = ["/", "/?q=缴费", "/articles/pay/1", "/articles/pay/2", "/coverage", "/compare"]
    titles = {address: words(soup(client.get(address)).title) for address in addresses}
    assert len(set(titles.values())) == len(titles) and all("医保搜索" in title for title in titles.values())
    article = soup(client.get("/articles/pay/1")).select_one("meta[name=description]")
    assert article and str(article["content"]).startswith("黑河市城乡居民的集中缴费")


@pytest.mark.parametrize(
    ("address", "notice"),
    [
        ("/?province=火星", "火星"),
        ("/?province=火星&province=黑龙江", "火星"),
        ("/?from=昨天", "2025-03-27"),
        ("/?from=2025-05-01&to=2025-01-01", "起始日期晚于截止日期"),
        ("/?page=abc", "page"),
        ("/?sort=best", "best"),
        ("/?size=0", "size"),
    ],
)
def test_what_cannot_be_read_is_left_out_with_a_line(client: FlaskClient, address: str, notice: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert notice in words(soup(response).select_one(".notes"))


@given(
    st.dictionaries(
        st.sampled_from([parameter.name for parameter in PARAMETERS] + ["x"]),
        st.lists(
            st.sampled_from(
                ["", "黑河", "黑龙江省", "火星", "未注明", "口腔", "2025-01-01", "2024-12-31", "2", "newest"]
            )
            | st.text(max_size=8),
            max_size=3,
        ),
    )
)
def test_every_address_has_a_canonical_one_that_means_the_same(params: dict[str, list[str]]) -> None:
    state, _ = read(params)
    again, notices = read(parse_qs(urlsplit(state.url()).query))
    assert again == state and notices == ()
    assert again.url() == state.url()


def test_unknown_parameters_are_ignored(client: FlaskClient) -> None:
    page = soup(client.get("/?utm_source=x&q=缴费&q=备案"))
    assert count(page).startswith("关于“缴费”的 12 篇")
    assert "utm_source" not in page.get_text()


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/?q=缴费&page=3", 404, "没有这一页"),
        ("/?page=999999", 404, "没有这一页"),
        ("/articles/none", 404, "没有这一页"),
        ("/nowhere", 404, "没有这一页"),
    ],
)
def test_error_pages_keep_the_design_and_say_what_to_do(
    client: FlaskClient, address: str, status: int, heading: str
) -> None:
    response = client.get(address)
    page = soup(response)
    assert response.status_code == status
    assert words(page.h1) == heading
    assert page.select("#q") and hrefs(page, "main a")[-1] == "/"
    block = client.get(address, headers=HTMX)
    assert block.status_code == status
    assert words(soup(block).h1) == heading
    assert not any(name.startswith("HX-") for name, _ in block.headers)


def test_page_past_the_end_leads_to_the_first_and_the_last(client: FlaskClient) -> None:
    page = soup(client.get("/?q=缴费&page=9&sort=oldest"))
    assert words(page.select_one("[role=status]")) == "只有 2 页。"
    assert {text: unquote(url) for text, url in links(page, "main a").items()} == {
        "看第 1 页": "/?q=缴费&sort=oldest",
        "看最后一页（第 2 页）": "/?q=缴费&sort=oldest&page=2",
        "回到首页": "/",
    }
    assert list(links(soup(client.get("/?q=补办&page=2")), "main a")) == ["看第 1 页", "回到首页"]
    assert list(links(soup(client.get("/nowhere")), "main a")) == ["回到首页"]


def test_what_a_search_refuses_is_said_and_the_filters_stay_in_the_form(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("q", "这样的词不能搜。", "q is refused")

    monkeypatch.setattr("webui.pages.views.search_page", refuse)
    response = client.get("/?city=黑河市&q=缴费")
    page = soup(response)
    assert response.status_code == 400
    assert (words(page.h1), words(page.select_one("[role=status]"))) == ("这样搜不了", "这样的词不能搜。")
    assert [(i["name"], i["value"]) for i in page.select("input[type=hidden][form=search]")] == [("city", "黑河市")]


NASTY = [
    "",
    " ",
    "医",
    "的了吗",
    "。！？",
    '"',
    '""',
    "-",
    "-医保",
    "\x00\x07\x1b",
    "%ED%A0%80",
    "%FF%FE",
    "🏥🏥",
    "\u202e医保",
    "a医b保c",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:x}",
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", NASTY, ids=[ascii(text) for text in NASTY])
def test_any_text_is_a_page(client: FlaskClient, text: str) -> None:
    address = "/?q=" + (text if text.startswith("%") else quote(text))
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    page = soup(response)
    assert len(page.select("main")) == 1 and not page.select("main script")
    if text.strip() and not text.startswith("-"):
        assert f"全部 {TOTAL} 篇" not in count(page), "never the whole collection by accident"


def test_without_an_index_the_page_says_to_come_again(tmp_path: Path) -> None:
    response = create_app(Settings(index_dir=tmp_path / "none")).test_client().get("/?q=缴费")
    assert response.status_code == 503
    assert "服务正在维护，请过一会儿再试" in words(soup(response).select_one("[role=status]"))
    assert "yibao reindex" not in response.text and str(tmp_path) not in response.text
    assert response.headers["Retry-After"]


def test_near_duplicates_are_one_card_that_names_the_others(tmp_path: Path) -> None:
    place = {"province": "山东省", "city": "烟台市", "topic": "异地就医"}
    text = "在外地看病之前要先办好备案，手机上就能办。备案以后，在联网的医院住院可以直接结算，只付自己那一份。" * 3
    lines = [
        {"id": str(n), "title": f"异地备案{n}", "text": text, "date": f"2025-01-{n:02}", "source": "甲报", **place}
        for n in range(1, 14)
    ]
    lines.append({"id": "other", "title": "补牙", "text": "补牙怎么报销。", **place})
    source = tmp_path / "source.jsonl"
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    reindex([source], tmp_path / "index")
    client = create_app(Settings(index_dir=tmp_path / "index")).test_client()
    page = soup(client.get("/?sort=newest"))
    assert count(page).startswith("全部 2 篇")
    first, second = page.select(".card")
    assert words(first.select_one("summary")) == "另有 12 篇相似"
    assert words(first.select(".more a")[0]) == "异地备案12（2025-01-12 · 甲报）"
    assert second.select_one(".more") is None
    (address,) = hrefs(page, ".card .more li:last-child a")
    apart = soup(client.get(address))
    assert count(apart).startswith("全部 14 篇")
    assert apart.select_one(".card .more") is None
    assert soup(client.get(links(apart, ".notes a")["合并相似的"])).select_one(".card .more")
    assert client.get("/api/v1/search").json["total"] == 14
