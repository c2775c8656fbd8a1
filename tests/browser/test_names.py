"""What assistive technology is told, by the tree of Chromium: all that one can act on has a role and a name."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, Server
from webui.observing import feedback

pytestmark = pytest.mark.browser
ACTED_ON = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "option", "Date", "DisclosureTriangle"}
LANDMARKS = {"banner", "search", "main", "contentinfo"}
Node = dict[str, Any]


def tree(page: Page) -> list[Node]:
    """The nodes that are not ignored, in order, each with its role and its name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {"role": node["role"]["value"], "name": node.get("name", {}).get("value", "").strip()}
        for node in nodes
        if not node["ignored"]
    ]


def names(nodes: list[Node], *roles: str) -> list[str]:
    return [node["name"] for node in nodes if node["role"] in roles]


def untold(page: Page) -> list[str]:
    """What assistive technology cannot tell of a page, in words."""
    nodes = tree(page)
    roles = [node["role"] for node in nodes]
    nameless = [node["role"] for node in nodes if not node["name"]]
    return [
        *(f"a {role} without a name" for role in nameless if role in {*ACTED_ON, "image", "heading"}),
        *(f"{roles.count(part)} of {part}" for part in sorted(LANDMARKS) if roles.count(part) != 1),
        *(["no heading"] if "heading" not in roles else []),
        *([] if page.evaluate("document.documentElement.lang") == "zh-CN" else ["not in Chinese"]),
        *([] if page.title() else ["no title"]),
    ]


def test_a_search_is_read_in_this_order(page: Page) -> None:
    page.goto("/?q=缴费")
    nodes = tree(page)
    assert names(nodes, "combobox") == ["搜索医保政策与问答"]
    assert "大字" in names(nodes, "link") and "搜索" in names(nodes, "button")
    (count,) = [node for node in nodes if node["role"] == "status"]
    assert nodes.index(count) < next(
        i for i, node in enumerate(nodes) if node["role"] == "heading" and "缴费" in node["name"]
    )
    boxes = names(nodes, "checkbox")
    assert "黑龙江 2 篇" in [" ".join(name.split()) for name in boxes]


def test_an_article_says_what_its_controls_do(page: Page) -> None:
    page.goto("/articles/card.md?q=挂失")
    page.locator(".share summary").click()
    expect(page.locator("#address")).to_be_visible()
    nodes = tree(page)
    assert {"复制链接", "复制引用", "上一处", "下一处"} <= set(names(nodes, "button"))
    assert "地址" in names(nodes, "textbox") and "这一页的二维码" in names(nodes, "image")
    assert [name for name in names(nodes, "DisclosureTriangle") if name.startswith("分享")]


def test_the_question_whether_it_helped_is_a_named_form(
    new_page: NewPage, server: Server, request: pytest.FixtureRequest
) -> None:
    app = server.app
    assert app
    heard: list[tuple[str, tuple[str, ...]]] = []
    feedback.ask(app, lambda client, said: heard.append((client, said)))
    request.addfinalizer(lambda: app.extensions.pop("yibao-feedback"))
    page = new_page(java_script_enabled=False)
    page.goto("/articles/pay/1?big=1")
    form = page.get_by_role("form", name="这一篇有用吗？")
    form.get_by_role("button", name="没用").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("谢谢，已经记下")
    page.get_by_role("form", name="为什么没用？可以不答。").get_by_role("button", name="看不懂").click()
    expect(page.get_by_role("form", name="为什么没用？可以不答。")).to_have_count(0)
    assert [said for _, said in heard] == [("useless pay/1",), ("useless pay/1", "useless:unclear pay/1")]
    page.go_back()
    expect(page.get_by_role("form", name="为什么没用？可以不答。")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("form", name="这一篇有用吗？")).to_be_visible()
    page.go_forward()
    page.get_by_role("link", name="回到《黑河居民医保缴费时间》").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("黑河居民医保缴费时间")
    assert "big=1" in page.url and page.context.cookies() == []
