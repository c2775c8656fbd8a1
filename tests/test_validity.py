"""From when on an official text holds, until when, and what took its place; its status is that of the day of asking."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines import ENGINES, Make
from records import build_of

from search import LiveIndex, Query, article_json, parse_text, reindex
from search.engines.contract import Engine
from search.indexing.validity import with_validity
from search.model import Article
from search.text import fold, work
from search.text.validity import is_official, statements
from webui import Settings, create_app

PUBLISHED = date(2024, 1, 31)


def said(text: str, published: date | None = PUBLISHED) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in statements(fold(text), published):
        found.setdefault(one.kind, []).append(one.value)
    return found


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        ("第八条 本办法自2023年7月1日起施行。", "2023-07-01"),
        ("六、本通知自印发之日起执行。", "2024-01-31"),
        ("本细则从2023年10月8日起正式实施。", "2023-10-08"),
        ("自二〇二三年一月一日起施行", "2023-01-01"),
        ("本规定自公布之日起30日后施行。", "2024-03-01"),
        ("本意见自发布之日起满一个月后生效。", "2024-02-29"),
        ("本方案由市医保局负责解释，自下发之日起执行。", "2024-01-31"),
        ("上述规定自2023-05-01起执行。", "2023-05-01"),
        ("2023年5月1日起施行。", "2023-05-01"),
        ("本条例自2023年2月30日起施行。", None),
        ("《社会保险法》自2011年7月1日起施行。", None),
        ("门诊共济办法自2023年7月1日起施行。", None),
        ("自2023年7月1日起，个人账户计入办法改为定额。", None),
        ("备案自办理之日起生效。", None),
    ],
)
def test_from_when_on_a_text_holds_is_what_it_says_of_itself(text: str, effective: str | None) -> None:
    assert said(text).get("effective", [None]) == [effective]


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("本办法自2023年7月1日起施行，有效期五年。", "2028-06-30"),
        ("本通知自印发之日起执行，有效期至2026年12月31日。", "2026-12-31"),
        ("本办法自2024年2月29日起施行。本办法有效期为1年。", "2025-02-27"),
        ("本细则自2023年7月1日起试行，试行期两年。", None),
        ("本细则自2023年7月1日起执行，试行期两年。", "2025-06-30"),
        ("本通知有效期自2023年1月1日至2025年12月31日。", "2025-12-31"),
        ("本办法自2023年7月1日起施行。异地备案有效期六个月。", None),
        ("门诊慢特病资格有效期两年。", None),
    ],
)
def test_until_when_it_holds_is_told_for_the_text_not_for_a_matter(text: str, expires: str | None) -> None:
    assert said(text).get("expires", [None]) == [expires]


def test_the_period_of_an_undated_text_without_a_first_day_ends_nobody_knows_when() -> None:
    assert said("本通知有效期三年。", None) == {}


@pytest.mark.parametrize(
    ("text", "repeals"),
    [
        ("《海州市门诊统筹办法》（海医保〔2018〕3号）同时废止。", ["海州市门诊统筹办法"]),
        ("原《住院结算办法》《转诊管理规定》即行废止。", ["住院结算办法", "转诊管理规定"]),
        ("《关于印发住院结算办法的通知》予以废止", ["住院结算办法"]),
        ("根据《社会保险法》制定本办法。《住院结算办法》废止。", ["住院结算办法"]),
        ("《住院结算办法》第三条同时废止。", []),
        ("《住院结算办法》与本办法不一致的，以本办法为准。", []),
        ("原《暂行办法》同时废止。", []),
    ],
)
def test_what_it_repeals_is_named_whole(text: str, repeals: list[str]) -> None:
    assert said(text).get("repeals", []) == repeals


@pytest.mark.parametrize(
    ("title", "official"),
    [
        ("海州市医疗救助办法", True),
        ("关于印发《海州市医疗救助办法》的通知", True),
        ("海州市医疗救助办法（试行）", True),
        ("中华人民共和国社会保险法(2018年修正)", True),
        ("医疗救助怎么申请", False),
        ("医疗救助办法有哪些", False),
    ],
)
def test_official_texts_are_told_by_their_titles(title: str, official: bool) -> None:
    assert is_official(fold(title)) is official


def test_a_long_text_is_looked_at_where_it_speaks_of_itself_and_offsets_are_those_of_the_text() -> None:
    text = "为了规范待遇，制定本办法。" + "参保人员按规定享受待遇。" * 2000 + "本办法自2023年7月1日起施行。"
    (one,) = statements(fold(text), None)
    assert text[one.start : one.end] == "本办法自2023年7月1日起施行"


def test_what_the_source_states_is_not_read_from_the_text() -> None:
    text = "本办法自2023年7月1日起施行，有效期两年。"
    article = Article("a", "article", "海州市救助办法", text, effective=date(2023, 9, 1))
    found = with_validity(article)
    assert (found.effective, found.expires) == (date(2023, 9, 1), date(2025, 6, 30))
    assert [(e.facet, e.value, e.field) for e in found.evidence] == [
        ("effective", "2023-09-01", "metadata"),
        ("expires", "2025-06-30", "text"),
    ]


def test_articles_that_are_no_official_texts_are_left_alone() -> None:
    article = Article("a", "article", "救助怎么申请", "本办法自2023年7月1日起施行。")
    assert with_validity(article) is article


# On a day


def official(name: str, title: str, day: date | None = None, text: str = "", **more: object) -> Article:
    places = {"province": ("辽宁省",), "city": ("沈阳市",)}
    facets = {**places, "insurance": (), "topic": ("其他",)}
    return Article(name, "article", title, text or f"救助{name}", date=day, **{"facets": facets, **more})  # type: ignore[arg-type]


ARTICLES = [
    official("begun", "甲救助办法", effective=date(2024, 1, 1)),
    official("limited", "乙救助办法", effective=date(2024, 1, 1), expires=date(2024, 12, 31)),
    official("stated", "丙救助办法", effective=date(2024, 1, 1), repealed_by="国务院令第1号"),
    official("old", "丁救助办法", date(2018, 5, 1), "旧的救助，三成。", effective=date(2018, 6, 1)),
    official("new", "丁救助办法（2025年修订）", date(2025, 5, 1), "新的救助，七成。", effective=date(2025, 7, 1)),
    official("repealed", "戊救助规定", date(2020, 1, 1), effective=date(2020, 1, 1)),
    official("repealing", "己救助条例", date(2025, 2, 1), effective=date(2025, 3, 1), repeals=(work("戊救助规定"),)),
    official("unknown", "庚救助办法"),
    official("copy", "辛救助通知", date(2024, 1, 10), "同样的救助，五成。"),
    official("copied", "辛救助通知", date(2024, 2, 10), "同样的救助，五成！又刊登"),
    official("elsewhere", "戊救助规定", date(2019, 1, 1), effective=date(2019, 1, 1), facets={"city": ("大连市",)}),
]


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    make: Make = request.param
    return make(tmp_path, ARTICLES, ())


def statuses(engine: Engine) -> dict[str, str]:
    return {one.id: status for one in engine.articles() for status in one.facets.get("status", ())}


def test_the_status_is_that_of_the_day(engine: Engine) -> None:
    in_force = {"begun": "现行有效", "limited": "现行有效", "old": "现行有效", "repealed": "现行有效"}
    always = {"stated": "已废止", "elsewhere": "现行有效"}
    not_yet = {"new": "尚未生效", "repealing": "尚未生效"}
    assert statuses(engine.on(date(2024, 12, 31))) == {**in_force, **always, **not_yet}
    after = {"begun": "现行有效", "limited": "已失效", "repealing": "现行有效", "repealed": "已废止"}
    before_new = {**after, "old": "现行有效", "new": "尚未生效"}
    assert statuses(engine.on(date(2025, 6, 30))) == {**before_new, **always}
    assert statuses(engine.on(date(2025, 7, 1))) == {**after, **always, "old": "已修订", "new": "现行有效"}


def test_what_took_the_place_is_named_from_the_day_on_which_it_did(engine: Engine) -> None:
    replaced = {one.id: (one.superseded_by, one.repealed_by) for one in engine.on(date(2026, 1, 1)).articles()}
    assert replaced["old"] == ("new", "")
    assert replaced["repealed"] == ("", "repealing")
    assert replaced["stated"] == ("", "国务院令第1号")
    stay = ("begun", "limited", "new", "repealing", "unknown", "copy", "copied")
    assert {replaced[name] for name in stay} == {("", "")}
    earlier = engine.on(date(2025, 1, 1)).get("old")
    assert earlier is not None
    assert earlier.superseded_by == ""


def test_it_is_a_facet_like_the_others(engine: Engine) -> None:
    found = engine.on(date(2026, 1, 1)).match(parse_text("救助"), Query(filters={"status": ("已废止",)}))
    assert sorted(match.id for match in found.page) == ["repealed", "stated"]
    assert found.counts["status"] == {"现行有效": 4, "已失效": 1, "已废止": 2, "已修订": 1}


@pytest.mark.parametrize("make", ENGINES.values(), ids=ENGINES)
def test_a_collection_without_official_texts_has_the_facet_and_no_value_of_it(make: Make, tmp_path: Path) -> None:
    engine = make(tmp_path, [Article(name, "article", f"救助{name}", "正文") for name in ("甲", "乙")], ())
    found = engine.match(parse_text("救助"), Query())
    assert (found.total, found.counts["status"], tuple(found.counts)) == (2, {}, engine.facets.keys)
    none = engine.match(parse_text("救助"), Query(filters={"status": ("现行有效",)}))
    assert (none.total, none.counts["status"], sum(none.counts["province"].values())) == (0, {"现行有效": 0}, 0)


def test_what_is_in_force_comes_before_what_is_no_longer(engine: Engine) -> None:
    today, earlier = (engine.on(day) for day in (date(2026, 1, 1), date(2025, 1, 1)))
    asked = parse_text("丁救助办法")
    assert [match.id for match in today.match(asked, Query()).page][:2] == ["new", "old"]
    assert [match.id for match in earlier.match(asked, Query()).page][:2] == ["old", "new"]
    assert "replaced" in [part.what for part in today.explain(asked, "old")]
    assert "replaced" not in [part.what for part in earlier.explain(asked, "old")]


def test_what_is_over_comes_after_what_is_as_good_and_in_force(tmp_path: Path) -> None:
    twice = [{"id": name, "title": "生育津贴办法", "text": "生育津贴。", "expires": day} for name, day in OVER.items()]
    build = build_of(tmp_path, twice).on(date(2025, 1, 1))
    matches = build.match(parse_text("生育津贴"), Query(collapse=False))
    assert [match.id for match in matches.page] == ["b", "a"]


OVER = {"a": "2024-12-31", "b": "2025-12-31"}


# From a source to a reader


def records(day: str = "2024-01-01") -> list[dict[str, object]]:
    name = "沈阳市救助办法"
    now = f"救助七成。本办法自{day}起施行，有效期五年。"
    return [
        {"id": "old", "title": name, "text": "救助三成。本办法自2020年1月1日起施行。", "date": "2019-12-01"},
        {"id": "new", "title": name, "text": now, "date": "2023-12-01"},
        {"id": "told", "title": "救助须知", "text": "救助须知。", "effective": "2024年3月1日", "expires": "2024-12-31"},
    ]


def told(build: Engine, name: str) -> dict[str, Any]:
    article = build.get(name)
    assert article is not None
    return dict(article_json(article))


def test_an_index_is_asked_for_a_day(tmp_path: Path) -> None:
    build = build_of(tmp_path, records()).on(date(2025, 5, 1))
    old, new, other = (told(build, name) for name in ("old", "new", "told"))
    assert (old["status"], old["superseded_by"], old["effective"]) == (["已修订"], "new", "2020-01-01")
    assert (new["status"], new["superseded_by"], new["expires"]) == (["现行有效"], None, "2028-12-31")
    assert (other["status"], other["effective"], other["expires"]) == (["已失效"], "2024-03-01", "2024-12-31")
    assert "effective" in [each["facet"] for each in new["evidence"]]


def test_the_page_of_a_text_that_is_not_in_force_says_so_above_it(tmp_path: Path) -> None:
    build_of(tmp_path, records())
    client = create_app(Settings(tmp_path / "index")).test_client()
    said = "：下面写的不是现在的规定。"
    assert f"已修订{said}" in client.get("/articles/old").get_data(as_text=True)
    assert f"已失效{said}" in client.get("/articles/told").get_data(as_text=True)
    found = client.get("/?q=救助须知").get_data(as_text=True)
    assert '<span class="kind lapsed">已失效</span>' in found


def test_a_status_that_a_source_states_is_its_own_matter(tmp_path: Path) -> None:
    build = build_of(tmp_path, [{"id": "a", "title": "题", "text": "正文。", "status": "publish"}])
    article = build.get("a")
    assert article is not None
    assert "status" not in article.facets


def test_a_change_of_the_sources_changes_what_took_whose_place(tmp_path: Path) -> None:
    build_of(tmp_path, records()[:1])
    source = tmp_path / "articles.jsonl"
    source.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records()), "utf-8")
    reindex([source], tmp_path / "index", changed=True)
    live = LiveIndex(tmp_path / "index", calendar=lambda: date(2025, 5, 1))
    assert statuses(live.engine()) == {"old": "已修订", "new": "现行有效", "told": "已失效"}


def test_a_server_that_runs_over_midnight_tells_the_new_day(tmp_path: Path) -> None:
    day = date(2024, 12, 31)
    calendar: Callable[[], date] = lambda: day  # noqa: E731
    build_of(tmp_path, records())
    live = LiveIndex(tmp_path / "index", calendar=calendar)
    assert statuses(live.engine())["told"] == "现行有效"
    assert live.engine() is live.engine()
    day += timedelta(days=1)
    assert statuses(live.engine())["told"] == "已失效"
    assert live.engine() is live.engine()


def test_pages_lead_from_an_old_text_to_the_new_one_and_back(tmp_path: Path) -> None:
    build_of(tmp_path, records())
    client = create_app(Settings(index_dir=tmp_path / "index")).test_client()
    old, new = (" ".join(client.get(f"/articles/{name}").text.split()) for name in ("old", "new"))
    assert '<dt>有新版</dt><dd><a href="/articles/new">沈阳市救助办法</a></dd>' in old
    assert '<dt>旧版</dt><dd><a href="/articles/old">沈阳市救助办法（2019-12-01）</a></dd>' in new
    assert "<dt>有效期至</dt><dd>2028-12-31</dd>" in new
    assert "已修订" in client.get("/?q=救助办法").text
    assert [hit["id"] for hit in client.get("/api/v1/search?q=救助&status=已修订").get_json()["hits"]] == ["old"]
