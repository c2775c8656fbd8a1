"""`yibao.toml`: what it may say, which line is at fault when it says something else, and what its parts decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import SourceError
from search.settings import NAME, find_settings, parse_settings, read_settings
from search.text import Language, fold, query_words

GOOD = """\
# comments are no part of it
[index]
trusted = ["县医保中心"]

[index.fields]
text = [
  "body",
  "内容",
]
title = "题目"

[[index.facets]]
key = "column"
label = "栏目"
fields = ["栏目", "channel"]
order = ["政策", "问答"]

[[index.facets]]
key = "volume"
label = "卷"

[query]
words = ["惠民保", "e保通"]
synonyms = ["看牙卡 = 口腔卡", "生孩子 → 分娩 @0.4"]
examples = ["看牙卡在哪办"]

[[query.pins]]
queries = ["看牙"]
articles = ["teeth.md"]

[[query.banners]]
words = ["看牙"]
text = "口腔集采价格已更新。"
link = "/articles/price"

[query.site]
name = "青石县医保"
"""


def refusal(text: str) -> str:
    with pytest.raises(SourceError) as caught:
        parse_settings(text, "x.toml")
    return str(caught.value)


def test_all_that_it_says_is_there() -> None:
    settings = parse_settings(GOOD)
    assert dict(settings.index.fields) == {"title": ("题目",), "text": ("body", "内容")}
    assert [(each.key, each.label, each.fields, each.order) for each in settings.index.facets] == [
        ("column", "栏目", ("栏目", "channel"), ("政策", "问答")),
        ("volume", "卷", (), ()),
    ]
    assert settings.query.site.name == "青石县医保"
    assert settings.query.pinned("  看  牙 ") == () and settings.query.pinned("看牙 ") == ("teeth.md",)
    assert [one.link for one in settings.query.banners_for("哪里看牙")] == ["/articles/price"]


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ('key = "column"', 'key = "Column"', 13, "index.facets.key: “Column” must be of a-z"),
        ('key = "volume"', 'key = "topic"', 19, "“topic” means something else already"),
        ('key = "volume"', 'key = "official"', 19, "“official” means something else already"),
        ('key = "volume"', 'key = "column"', 19, "two facets have the key column"),
        ('key = "volume"\n', "", 18, "index.facets.key is missing"),
        ('label = "卷"', "label = 7", 20, "index.facets.label must be text in quotes, not 7"),
        ('  "内容",', "  3,", 8, "index.fields.text must be text in quotes, not 3"),
        ('  "内容",', '  "  ",', 8, "index.fields.text holds an empty text"),
        ('title = "题目"', 'titel = "题目"', 10, "did you mean title?"),
        ("trusted", "trustd", 3, "did you mean trusted?"),
        ("[query.site]", "[query.sight]", 36, "did you mean site?"),
        ("[index]\n", "[indexes]\n", 2, "did you mean index?"),
        ('["惠民保", "e保通"]', '["惠民保", "惠"]', 23, "“惠” is no word"),
        ("看牙卡 = 口腔卡", "看牙卡 = ", 24, "is no group"),
        ("@0.4", "@4", 24, "is no group"),
        ("@0.4", "@many", 24, "is no group"),
        ("/articles/price", "javascript:alert(1)", 34, "query.banners.link: must be an address"),
        ("/articles/price", "//elsewhere.example", 34, "query.banners.link: must be an address"),
        ("/articles/price", "https://u:p@host.example/", 34, "query.banners.link: must be an address"),
        ('queries = ["看牙"]\n', "", 27, "query.pins.queries is missing"),
        ('articles = ["teeth.md"]', "articles = []", 29, "query.pins.articles is empty"),
        ('queries = ["看牙"]', 'queries = ["？！"]', 28, "asks nothing"),
        ("[[query.pins]]", "[query.pins]", 27, "query.pins must be tables: [[query.pins]]"),
        ('text = "口腔集采', 'text = "\\u202e口腔集采', 33, "holds a character that cannot be shown"),
        ('name = "青石县医保"', f'name = "{"长" * 31}"', 37, "query.site.name is longer than 30 characters"),
        ('words = ["惠民保"', 'words = "惠民保"\nfoo = ["x"', 24, "nothing is called query.foo"),
        ('trusted = ["县医保中心"]', 'words = ["惠民保"]', 3, "write it under [query], as query.words"),
        ("examples =", "trusted =", 25, "write it under [index], as index.trusted"),
        ('label = "栏目"', 'label = "栏目', 14, "not TOML"),
        ('label = "栏目"', 'label = "栏目"\nlabel = "b"', 15, "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_key(before: str, after: str, line: int, says: str) -> None:
    assert before in GOOD
    said = refusal(GOOD.replace(before, after, 1))
    assert said.startswith(f"x.toml:{line}: ") and says in said


def test_bounds_hold_for_hostile_files(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(f"x = {'[' * 100_000}", encoding="utf-8")
    with pytest.raises(SourceError, match="not TOML"):
        read_settings(path)
    path.write_bytes(b"#" * (2 << 20))
    with pytest.raises(SourceError, match="longer than"):
        read_settings(path)
    path.write_bytes(b"[index]\n\n# \xff\n")
    with pytest.raises(SourceError, match=":3: not in UTF-8"):
        read_settings(path)
    many = ", ".join(f'"词语{number}"' for number in range(20_001))
    assert "query.words has more than 20,000 entries" in refusal(f"[query]\nwords = [{many}]\n")
    lines = "\n".join(["甲"] * 50_000)
    assert "nothing is called query.x" in refusal(f'[query]\nx = """\n{lines}\n"""\n')
    with pytest.raises(SourceError, match="cannot be read"):
        read_settings(tmp_path / "nowhere.toml")


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_settings(path).index == parse_settings(GOOD).index


def test_each_part_has_an_identity_of_what_it_says_and_nothing_else() -> None:
    base = parse_settings(GOOD)
    same = parse_settings(
        GOOD.replace("# comments are no part of it", "# nor is this").replace("trusted =", "trusted  =")
    )
    assert (same.index.identity(), same.query.identity()) == (base.index.identity(), base.query.identity())
    for text, changes in [
        (GOOD.replace("县医保中心", "市医保中心"), (True, False)),
        (GOOD.replace("问答", "解读"), (True, False)),
        (GOOD.replace("惠民保", "惠农保"), (False, True)),
        (GOOD.replace("青石县医保", "白石县医保"), (False, True)),
    ]:
        other = parse_settings(text)
        differ = (other.index.identity() != base.index.identity(), other.query.identity() != base.query.identity())
        assert differ == changes
    assert parse_settings("# nothing\n").index.identity() == parse_settings("").query.identity() == ""


def test_the_first_folder_that_has_a_file_says_and_two_must_agree(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    assert find_settings(folders)[1] is None
    (folders[1] / NAME).write_text(GOOD, encoding="utf-8")
    assert find_settings(folders) == (read_settings(folders[1] / NAME), folders[1] / NAME)
    (folders[2] / NAME).write_text(GOOD + "# the same\n", encoding="utf-8")
    assert find_settings(folders)[1] == folders[1] / NAME
    (folders[2] / NAME).write_text(GOOD.replace("县医保中心", "市医保中心"), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        find_settings(folders)
    assert str(folders[1] / NAME) in str(caught.value) and str(folders[2] / NAME) in str(caught.value)
    assert find_settings(folders, folders[2] / NAME)[1] == folders[2] / NAME


@pytest.mark.parametrize(
    ("text", "words", "cut"),
    [
        ("惠农保怎么买", ("惠农保",), ["惠农保", "怎么", "买"]),
        ("沪惠保单", ("沪惠保",), ["沪惠保", "单"]),  # fewer words than 沪 惠 保单
        ("医保通知", ("医保通",), ["医保", "通知"]),  # no fewer, so nothing is torn
        ("惠农保惠农保", ("惠农保", "惠农"), ["惠农保", "惠农保"]),
        ("e保通登录", ("e保通",), ["e保通", "登录"]),
        ("se保通", ("e保通",), ["se", "保", "通"]),  # a run is whole
        ("惠農保", ("惠农保",), ["惠农保"]),
    ],
)
def test_own_words_are_cut_where_that_makes_fewer(text: str, words: tuple[str, ...], cut: list[str]) -> None:
    assert [token.text for token in query_words(fold(text), Language(words))] == cut
    assert "".join(token.text for token in query_words(fold(text))) == "".join(cut)


def test_two_languages_in_one_process_do_not_mix() -> None:
    first, second = Language(("惠农保",)), Language(("农保卡",))
    assert [token.text for token in query_words("惠农保卡", first)] == ["惠农保", "卡"]
    assert [token.text for token in query_words("惠农保卡", second)] == ["惠", "农保卡"]
    assert "惠农保" not in [token.text for token in query_words("惠农保卡")]
