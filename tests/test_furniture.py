"""Lines that many pages of a folder repeat are no text of any of them: they go, that is said, and nothing else goes."""

from pathlib import Path

import pytest

from search import Article, open_current, reindex
from search.indexing.furniture import cut, repeated
from search.indexing.lint import FURNITURE
from search.model import Section, Table

TOPICS = ["住院起付线", "门诊慢病", "异地备案", "生育津贴", "家庭共济", "断缴补缴", "新生儿参保", "药店购药"]
OPENING = "点击上面的蓝字，随时了解身边的新消息"
CLOSING = ["本号只转载公开的消息，如有差错请告诉我们改正", "编辑：小周", "喜欢就分享给您身边的朋友和家人"]


def page(topic: str, last: str = "") -> str:
    body = [f"{topic}怎么办，看这一篇就够了。", f"先到窗口问清楚{topic}要带哪些材料。", f"{topic}办完以后会收到短信。"]
    return "\n\n".join([f"# {topic}", OPENING, *body, *([last] if last else []), *CLOSING])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for topic in TOPICS:
        (folder / f"{topic}.md").write_text(page(topic), "utf-8")
    return folder


def texts(index: Path) -> dict[str, str]:
    engine = open_current(index)
    found = {article.title: article.text for article in engine.articles()}
    engine.close()
    return found


def test_what_the_pages_of_a_folder_repeat_is_cut_and_said(folder: Path, tmp_path: Path) -> None:
    report = reindex([folder], tmp_path / "index")
    for topic, text in texts(tmp_path / "index").items():
        assert text.startswith(f"{topic}怎么办")
        assert text.endswith(f"{topic}办完以后会收到短信。")
    found = report.lint.findings()[FURNITURE]
    assert len(found) == len(TOPICS)
    assert OPENING in found[0]
    assert CLOSING[0] in found[0]


def test_a_few_pages_that_end_alike_keep_their_ends(folder: Path, tmp_path: Path) -> None:
    for topic in TOPICS[4:]:
        (folder / f"{topic}.md").unlink()
    reindex([folder], tmp_path / "index")
    assert all(text.endswith(CLOSING[-1]) for text in texts(tmp_path / "index").values())


def test_official_documents_keep_every_word(tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    last = "本通知自印发之日起施行，由市医疗保障局负责解释。"
    for topic in TOPICS:
        (folder / f"{topic}.md").write_text(page(f"关于做好{topic}工作的通知", last), "utf-8")
    report = reindex([folder], tmp_path / "index")
    assert all(last in text and CLOSING[-1] in text for text in texts(tmp_path / "index").values())
    assert FURNITURE not in report.lint.findings()


def test_pages_of_other_folders_have_their_own_ends(folder: Path, tmp_path: Path) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "a.md").write_text(page("慢病续方"), "utf-8")
    reindex([folder], tmp_path / "index")
    assert texts(tmp_path / "index")["慢病续方"].endswith(CLOSING[-1])


def test_a_page_that_is_added_loses_the_same_lines(folder: Path, tmp_path: Path) -> None:
    reindex([folder], tmp_path / "index")
    (folder / "zz.md").write_text(page("电子凭证"), "utf-8")
    report = reindex([folder], tmp_path / "index", changed=True)
    assert (report.changes.added, report.changes.unchanged) == (1, len(TOPICS))
    assert texts(tmp_path / "index")["电子凭证"].endswith("电子凭证办完以后会收到短信。")
    assert len(report.lint.findings()[FURNITURE]) == len(TOPICS) + 1


def test_short_lines_go_only_where_they_stand_outside_of_a_longer_one() -> None:
    bodies = [f"第{n}篇\n这里讲第{n}件事情，各有各的说法。\n说完了第{n}件。\n另有一段{n}" for n in range(9)]
    inside = repeated([f"{body}\n特此通知。" for body in bodies])
    article = Article("a", "article", "题", f"{bodies[0]}\n特此通知。")
    assert cut(article, inside) == (article, ())
    outside = repeated([f"{body}\n{body}\n关注我们，每天一条好消息\n微信\n微博" for body in bodies])
    shared = Article("a", "article", "题", f"{bodies[0]}\n关注我们，每天一条好消息\n微信\n微博")
    assert cut(shared, outside)[0].text == bodies[0]


def test_a_text_that_is_nothing_but_repeated_lines_stays() -> None:
    lines = "每一页都有的一句长长的话\n再来一句每页都有的长话"
    article = Article("a", "article", "题", lines)
    assert cut(article, (frozenset(), frozenset(lines.split("\n")))) == (article, ())


def test_sections_and_tables_keep_their_places() -> None:
    opening, closing = "点击蓝字关注这里的消息吧\n", "\n分享给更多需要的朋友看看"
    body = "待遇\n一级 200元\n二级 400元\n\n办理\n带身份证"
    text = opening + body + closing
    at = len(opening)
    cells = tuple(
        ((text.index(a), text.index(a) + 2), (text.index(b), text.index(b) + 4))
        for a, b in (("一级", "200元"), ("二级", "400元"))
    )
    article = Article(
        "a", "article", "题", text,
        sections=(
            Section("待遇", 2, at, at + 3, text.index("办理"), "s1"),
            Section("办理", 2, text.index("办理"), text.index("办理") + 3, len(text), "s2"),
        ),
        tables=(Table(text.index("一级"), text.index("400元") + 4, cells),),
    )  # fmt: skip
    found, gone = cut(article, (frozenset([opening.strip()]), frozenset([closing.strip()])))
    assert gone == (opening.strip(), closing.strip())
    assert found.text == body
    assert [found.text[s.start : s.body].strip() for s in found.sections] == ["待遇", "办理"]
    assert found.sections[-1].end == len(body)
    assert [[found.text[a:b] for a, b in row] for row in found.tables[0].rows] == [["一级", "200元"], ["二级", "400元"]]
