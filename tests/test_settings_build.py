"""A build keeps the settings that it was made by: they act on page, endpoint and files, and a change of the query part
touches no article."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask.testing import FlaskClient

from search import answer, open_current, parse_settings, query_from, reindex
from search.command.cli import main
from search.engines.whoosh.layout import INFO_FILE
from search.errors import SourceError
from search.indexing.backup import backup, restore
from search.indexing.manifest import MANIFEST
from search.indexing.survey import look_at
from search.settings import NAME, read_settings
from webui import Settings, create_app

TOML = """\
[index]
trusted = ["青石县医疗保障局"]

[index.fields]
text = ["正文"]
title = ["题目"]
date = ["成文日期"]

[[index.facets]]
key = "issuer"
label = "发文单位"
fields = ["发文单位", "印发"]

[[index.facets]]
key = "year"
label = "年份"
order = ["2025", "2024", "2023"]

[query]
synonyms = ["看牙卡 = 口腔补贴"]
words = ["青惠保"]
examples = ["青惠保怎么买", "没有答案的问题天书"]

[[query.pins]]
queries = ["种牙"]
articles = ["guide.md", "gone.md"]

[[query.banners]]
words = ["种牙"]
text = "<b>新价</b>已公布"
link = "https://example.org/?a=1&b=2"

[query.site]
name = "青石医保<i>"
body = "青石县医疗保障局"
hotline = "0000-1234567"
icp = "青ICP备00000001号"
police = "青公网安备 000000号"
"""

RECORDS: list[dict[str, Any]] = [
    {"id": "a", "题目": "种牙集采", "正文": "种牙可以报销。", "发文单位": ["县局", "财政局"], "year": "2023"},
    {"id": "b", "title": "种牙问答", "题目": "别的", "正文": "种牙怎么报。", "印发": "县局", "year": 2024,
     "成文日期": "2024-03-01"},
    {"id": "c", "text": "口腔补贴的办理。", "source": "青石县医疗保障局", "year": "2025"},
    {"id": "d", "text": "青惠保是商业保险。", "source": "某自媒体", "official": "官方", "year": "1999"},
]  # fmt: skip
GUIDE = "---\n题目: 办事指南\nyear: 2024\n成文日期: 2023-01-02\n---\n# 另一个标题\n\n先预约再来。\n"


def write(folder: Path, settings: str = TOML) -> Path:
    folder.mkdir(exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) for record in RECORDS)
    (folder / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "guide.md").write_text(GUIDE, encoding="utf-8")
    (folder / NAME).write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settings")
    source = write(folder / "articles")
    report = reindex([source], folder / "index", settings=read_settings(source / NAME))
    assert (report.articles, report.rejections, report.skipped) == (5, (), ())
    assert {key: report.coverage[key] for key in ("issuer", "year", "official")} == {
        "issuer": 2,
        "year": 5,
        "official": 1,
    }
    return folder / "index"


@pytest.fixture(scope="module")
def client(index_dir: Path) -> FlaskClient:
    return create_app(Settings(index_dir)).test_client()


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).text, "html.parser")


def found(client: FlaskClient, query: str) -> dict[str, Any]:
    answered = client.get(f"/api/v1/search?{query}").json
    assert answered
    return dict(answered)


def test_fields_go_by_their_other_names_which_come_before_their_own(index_dir: Path) -> None:
    stored = {article.id: article for article in open_current(index_dir).articles()}
    assert [stored[one].title for one in ("a", "b", "guide.md")] == ["种牙集采", "别的", "办事指南"]
    assert [str(stored[one].date) for one in ("b", "guide.md")] == ["2024-03-01", "2023-01-02"]
    assert stored["a"].text == "种牙可以报销。"


def test_an_own_facet_is_stated_by_any_of_its_fields(client: FlaskClient) -> None:
    assert sorted(hit["id"] for hit in found(client, "q=种牙&issuer=县局")["hits"]) == ["a", "b"]
    counts = [(one["value"], one["count"]) for one in found(client, "q=&size=1")["facets"]["issuer"]]
    assert counts == [("未注明", 3), ("县局", 2), ("财政局", 1)]
    schemas = client.get("/openapi.json").json["components"]["schemas"]  # type: ignore[index]
    assert {"issuer", "year", "official"} <= set(schemas["Hit"]["required"])
    table = csv.DictReader(io.StringIO(client.get("/export.csv?issuer=财政局").text.removeprefix("\ufeff")))
    assert [(row["id"], row["issuer"]) for row in table] == [("a", "县局、财政局")]


def test_values_stand_in_the_order_that_is_set_and_others_behind_by_count(client: FlaskClient) -> None:
    values = [one["value"] for one in found(client, "q=")["facets"]["year"]]
    assert values == ["2025", "2024", "2023", "1999"]
    boxes = [box["value"] for box in page(client, "/?q=种牙").select("input[name=year]")]
    assert boxes == ["2024", "2023"]


def test_only_trusted_sources_are_official_whatever_a_record_says(client: FlaskClient) -> None:
    assert [hit["id"] for hit in found(client, "official=官方")["hits"]] == ["c"]
    tags = [tag.text for tag in page(client, "/?q=口腔补贴").select(".card .tag")]
    assert "官方" in tags


def test_synonyms_and_words_act_on_queries(client: FlaskClient) -> None:
    assert [hit["id"] for hit in found(client, "q=看牙卡")["hits"]] == ["c"]
    assert [hit["id"] for hit in found(client, "q=口腔补贴")["hits"]] == ["c"]
    [clause] = found(client, "q=青惠保")["query"]["clauses"]
    assert clause["text"] == "青惠保"
    marked = page(client, "/articles/c?q=看牙卡").select(".text mark")
    assert [mark.text for mark in marked] == ["口腔补贴"]


def test_they_act_too_where_quotes_are_left_out_that_find_nothing(client: FlaskClient) -> None:
    answered = found(client, "q=“看牙卡办理”")
    assert [hit["id"] for hit in answered["hits"]] == ["c"]
    assert answered["hits"][0]["lacks"] == []
    assert [note["code"] for note in answered["query"]["notes"]] == ["without-quotes"]


def test_an_own_word_is_offered_while_it_is_typed(client: FlaskClient) -> None:
    answered = client.get("/api/v1/suggest?q=青惠").json
    assert answered and answered["suggestions"][0] == {"text": "青惠保", "kind": "word", "count": 1}
    assert all(one["count"] for one in client.get("/api/v1/suggest?q=看").json["suggestions"])  # type: ignore[index]


def test_an_own_word_is_never_corrected(tmp_path: Path) -> None:
    records = [{"id": f"{n}", "text": f"慢特病怎么办，第{n}种。"} for n in range(12)]
    source = tmp_path / "all.jsonl"
    source.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records), encoding="utf-8")
    for words, answered in (("", "慢特病"), ('words = ["漫特病"]', "漫特病")):
        reindex([source], tmp_path / "index", settings=parse_settings(f"[query]\n{words}\n"))
        client = create_app(Settings(tmp_path / "index")).test_client()
        assert found(client, "q=漫特病")["query"]["text"] == answered


def test_pins_come_first_for_exactly_their_query(client: FlaskClient) -> None:
    answered = found(client, "q=种 牙".replace(" ", ""))
    hits = [(hit["id"], hit.get("pinned", False)) for hit in answered["hits"]]
    assert hits[0] == ("guide.md", True)
    assert (answered["total"], sorted(hits[1:])) == (3, [("a", False), ("b", False)])
    assert found(client, "q=种牙&issuer=县局")["total"] == 2
    assert "guide.md" not in [hit["id"] for hit in found(client, "q=种牙集采")["hits"]]
    assert not any("pinned" in hit for hit in found(client, "q=种牙&sort=newest")["hits"])
    card = page(client, "/?q=种牙").select_one(".card")
    assert card and "置顶" in card.text
    assert found(client, "q=种牙&size=1&page=3")["total"] == 3


def test_banners_are_text_and_their_links_are_links(client: FlaskClient) -> None:
    assert found(client, "q=哪里种牙好")["banners"] == [
        {"text": "<b>新价</b>已公布", "link": "https://example.org/?a=1&b=2"}
    ]
    assert found(client, "q=口腔")["banners"] == []
    link = page(client, "/?q=种牙").select_one(".banners a")
    assert link and (link.text, link["href"]) == ("<b>新价</b>已公布", "https://example.org/?a=1&b=2")
    assert page(client, "/?q=口腔").select(".banners") == []


@pytest.mark.parametrize("address", ["/", "/?q=种牙", "/articles/a", "/coverage", "/compare", "/nowhere"])
def test_every_page_says_whose_it_is(client: FlaskClient, address: str) -> None:
    found = page(client, address)
    assert found.title and "青石医保<i>" in found.title.text
    brand, footer = found.select_one(".brand"), found.select_one("footer")
    assert brand and footer and brand.text.endswith("青石医保<i>")
    for said in ("主办：青石县医疗保障局", "0000-1234567", "青ICP备00000001号", "青公网安备 000000号"):
        assert said in footer.text
    assert "12393" not in footer.text


def test_what_programs_fetch_says_it_too(client: FlaskClient) -> None:
    assert "青石医保&lt;i&gt;" in client.get("/opensearch.xml").text
    assert "青石医保&lt;i&gt;" in client.get("/feed.atom").text


def test_the_start_page_offers_the_questions_that_have_an_answer(client: FlaskClient) -> None:
    assert [link.text for link in page(client, "/").select(".pills a")] == ["青惠保怎么买"]


def test_health_tells_the_identity_of_both_parts(client: FlaskClient) -> None:
    told = client.get("/healthz").json
    settings = parse_settings(TOML)
    assert told and told["rules"]["settings"] == settings.index.identity()
    assert told["rules"]["query"] == settings.query.identity()


def test_without_settings_nothing_of_them_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 种牙\n\n种牙可以报。\n", encoding="utf-8")
    reindex([tmp_path / "a.md"], tmp_path / "index")
    client = create_app(Settings(tmp_path / "index")).test_client()
    answered = found(client, "q=种牙")
    assert answered["banners"] == [] and "official" not in answered["facets"]
    assert set(client.get("/healthz").json["rules"]) == {"schema", "text", "weights", "facets", "formats"}  # type: ignore[index]
    footer = page(client, "/").select_one("footer")
    assert footer and "12393" in footer.text and "主办" not in footer.text


def run(*arguments: object) -> str:
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_change_of_the_query_part_shares_every_file_of_articles(tmp_path: Path) -> None:
    source, index = write(tmp_path / "articles"), tmp_path / "index"
    run("reindex", source, "--index-dir", index)
    before = open_current(index)
    assert run("reindex", source, "--changed", "--index-dir", index).rstrip().endswith("unchanged")
    files = [*before.attachment("").glob("*")]
    kept = {path.name: path.stat().st_ino for path in files if path.name not in (INFO_FILE, MANIFEST)}
    (source / NAME).write_text(TOML.replace("看牙卡 = 口腔补贴", "看牙证 = 口腔补贴"), encoding="utf-8")
    run("reindex", source, "--index-dir", index, "--changed")
    after = open_current(index)
    assert after.info.build_id != before.info.build_id
    assert after.info.rules["query"] != before.info.rules["query"]
    assert {**after.info.rules, "query": ""} == {**before.info.rules, "query": ""}
    assert len(kept) > 3 and {name: (after.attachment("") / name).stat().st_ino for name in kept} == kept
    for build, word in ((after, "看牙证"), (before, "看牙卡")):  # each by its own, in one process
        hits = answer(build, query_from({"q": [word]}, build.facets)).hits
        assert [hit.article.id for hit in hits] == ["c"]
    assert f"settings of queries (yibao.toml): {after.info.rules['query']}" in run("doctor", "--index-dir", index)
    assert after.info.rules["settings"] in run("stats", "--index-dir", index)


def test_changed_articles_and_query_part_are_both_taken_over(tmp_path: Path) -> None:
    source, index = write(tmp_path / "articles"), tmp_path / "index"
    run("reindex", source, "--index-dir", index)
    (source / "new.md").write_text("---\nyear: 2025\n---\n# 青惠保续保\n\n青惠保到期续保。\n", encoding="utf-8")
    (source / NAME).write_text(TOML.replace("青石医保", "白石医保"), encoding="utf-8")
    assert "1 added, 0 changed, 0 removed, 5 unchanged" in run("reindex", source, "--changed", "--index-dir", index)
    build = open_current(index)
    assert build.settings.query.site.name == "白石医保<i>"
    assert (build.facets["year"].order, build.facets["issuer"].label) == (("2025", "2024", "2023"), "发文单位")
    assert "ok" in run("doctor", "--index-dir", index) and "other" not in run("doctor", "--index-dir", index)


def test_a_change_of_the_index_part_reads_everything_again(tmp_path: Path) -> None:
    source, index = write(tmp_path / "articles"), tmp_path / "index"
    run("reindex", source, "--index-dir", index)
    (source / NAME).write_text(TOML.replace('trusted = ["青石县', 'trusted = ["某自媒体", "青石县'), encoding="utf-8")
    run("reindex", source, "--changed", "--index-dir", index)
    build = open_current(index)
    assert build.get("d").facets["official"] == ("官方",)  # type: ignore[union-attr]
    assert build.info.rules["settings"] == read_settings(source / NAME).index.identity()
    (source / NAME).unlink()
    run("reindex", source, "--changed", "--index-dir", index)
    assert "settings" not in open_current(index).info.rules
    assert "issuer" not in open_current(index).facets


def test_a_build_answers_by_its_own_copy_and_a_backup_holds_it(tmp_path: Path) -> None:
    source, index = write(tmp_path / "articles"), tmp_path / "index"
    run("reindex", source, "--index-dir", index)
    (source / NAME).write_text("nonsense", encoding="utf-8")
    backup(index, tmp_path / "file")
    restore(tmp_path / "other", tmp_path / "file")
    assert open_current(tmp_path / "other").settings == parse_settings(TOML)


def test_a_file_at_fault_stops_a_reindex_with_its_line(tmp_path: Path) -> None:
    source = write(tmp_path / "articles", TOML.replace('key = "year"', 'kye = "year"'))
    done = CliRunner().invoke(main, ["reindex", str(source), "--index-dir", str(tmp_path / "index")])
    assert done.exit_code == 1
    assert f"{source / NAME}:15: index.facets.key is missing; is it meant by kye?" in done.output
    assert not (tmp_path / "index").exists()
    with pytest.raises(SourceError):
        read_settings(source / NAME)


def test_what_init_reads_half_of_is_not_called_wrong(tmp_path: Path) -> None:
    item = "<item><title>门诊怎么报销</title><text>先过起付线。</text></item>"
    (tmp_path / "long.xml").write_text(f"<items>{item * 1_000}</items>", "utf-8")
    (tmp_path / "wrong.xml").write_text("<items><item></items>", "utf-8")
    assert [*look_at(tmp_path).refused.values()] == [1]


def test_init_proposes_what_suits_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "办公室"
    folder.mkdir()
    columns = ["政策文件", "办事问答", "公告"]
    lines = [
        {"题目": f"第{n}号通知", "全文内容": "门诊费用按规定报销，比例见附件，具体以公布为准。" * 3,
         "栏目": columns[n % 3], "n": n, "印发日期": f"2024年{n % 12 + 1}月5日",
         "note": "\x1b[31m" if n else "\n[query]\n"}
        for n in range(30)
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "all.jsonl").write_text(text, encoding="utf-8")
    (folder / "one.md").write_text("---\n栏目: 公告\n---\n# 一\n\n正文。\n", encoding="utf-8")
    for name in ("x.odg", "y.ODG"):
        (folder / name).write_bytes(b"x")
    said = run("init", folder)
    settings = read_settings(folder / NAME)
    assert dict(settings.index.fields) == {"text": ("全文内容",), "title": ("题目",), "date": ("印发日期",)}
    assert [(one.label, one.fields) for one in settings.index.facets if one.label == "栏目"] == [("栏目", ("栏目",))]
    assert "n" not in [one.label for one in settings.index.facets]  # as many values as records
    assert ".odg 2" in said and "31 条记录" in said and "\x1b" not in said
    refused = CliRunner().invoke(main, ["init", str(folder)])
    assert refused.exit_code == 1 and "--force" in refused.output
    run("init", folder, "--force")
    assert "rejected   0" in run("reindex", folder, "--index-dir", tmp_path / "index")
