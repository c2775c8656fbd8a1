"""What stands beside what: counts, foot, table on paper, head in large type. Only a browser can tell."""

import io
import json
from collections.abc import Iterator

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page

from search import reindex, values
from tests.browser.conftest import serving
from webui import Settings, create_app

pytestmark = pytest.mark.browser
COLUMNS, ROWS = 14, 90
TOPIC = "个人账户与家庭共济"
WIDE = "\n".join(
    [
        "|" + "|".join(f"第{n}列的待遇" for n in range(COLUMNS)) + "|",
        "|" + "---|" * COLUMNS,
        *("|" + "|".join(f"R{row}C{n}" for n in range(COLUMNS)) + "|" for row in range(ROWS)),
    ]
)


def _unlike(number: int) -> str:
    """A text that is no near-duplicate of another."""
    return "".join(chr(0x4E00 + (number * 977 + place * 131) % 5000) for place in range(30))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("layout")
    source = folder / "source"
    source.mkdir()
    (source / "wide.md").write_text(
        f"---\ntitle: 待遇对照表\n---\n\n各档待遇如下。\n\n{WIDE}\n\n表后还有一句。\n", "utf-8"
    )
    shared = ({"id": n, "title": f"绑定{_unlike(n)}", "text": _unlike(n + 500), "topic": TOPIC} for n in range(120))
    each = [
        {"id": f"each/{n}", "title": topic, "text": _unlike(n), "topic": topic}
        for n, topic in enumerate(values("topic"))
    ]
    (source / "many.jsonl").write_text("\n".join(json.dumps(record) for record in (*shared, *each)), "utf-8")
    reindex([source], folder / "index")
    with serving(create_app(Settings(folder / "index"))) as server:
        yield server.url


@pytest.fixture
def view(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def edges(part: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is seen."""
    box = part.bounding_box()
    assert box
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


@pytest.mark.parametrize("width", [320, 360])
def test_a_count_is_never_broken_however_long_the_name_before_it(view: Page, width: int) -> None:
    view.set_viewport_size({"width": width, "height": 740})
    view.goto("/")
    count = view.locator(".narrow .count", has_text="121").first
    name = view.locator(".index a", has_text=TOPIC).first
    lines = "(count) => count.getBoundingClientRect().height / parseFloat(getComputedStyle(count).fontSize)"
    assert count.evaluate(lines) < 2
    assert edges(count)[2] <= edges(name)[2]


@pytest.mark.parametrize("width", [360, 1280, 1920])
@pytest.mark.parametrize("path", ["/?", "/coverage?", "/?big=1"])
def test_links_and_sentence_of_the_foot_begin_where_the_page_begins(view: Page, width: int, path: str) -> None:
    view.set_viewport_size({"width": width, "height": 740})
    view.goto(path)
    brand = edges(view.locator(".brand"))[0]
    words = """(p) => {
      const all = document.createRange();
      all.selectNodeContents(p);
      return all.getBoundingClientRect().left;
    }"""
    assert abs(edges(view.locator("footer .links a").first)[0] - brand) < 1
    assert abs(view.locator("footer > p").first.evaluate(words) - brand) < 1


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_in_large_type_the_button_stands_beside_the_box_and_both_stay(view: Page, width: int) -> None:
    view.set_viewport_size({"width": width, "height": 740})
    view.goto("/?q=绑定&big=1")
    box, button = edges(view.locator("#q")), edges(view.locator("#search .primary"))
    assert (box[1], box[3]) == (button[1], button[3]) and button[0] > box[2]
    view.evaluate("scrollTo(0, 1500)")
    top = edges(view.locator("#q"))[1]
    assert 0 <= top < 24, "it stays"
    assert edges(view.locator(".top"))[3] <= 740 / 5, "and leaves four fifths to what is read"


def test_in_large_type_the_head_does_not_stay_where_the_button_stands_below(view: Page) -> None:
    view.set_viewport_size({"width": 320, "height": 740})
    view.goto("/?q=绑定&big=1")
    view.evaluate("scrollTo(0, 1500)")
    assert edges(view.locator(".top"))[3] < 0


def test_a_table_is_printed_whole(view: Page) -> None:
    view.goto("/articles/wide.md")
    view.set_viewport_size({"width": 680, "height": 1000})  # A4 between its margins
    view.emulate_media(media="print")
    assert edges(view.locator(".sideways table"))[2] <= 680
    assert view.evaluate("document.documentElement.scrollWidth") <= 680
    paper = view.pdf(format="A4", margin=dict.fromkeys(("left", "right", "top", "bottom"), "1.5cm"))
    document = pypdfium2.PdfDocument(io.BytesIO(paper))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert len(document) > 1
    document.close()
    said = "".join(text.split())
    missing = [cell for cell in (f"R{r}C{n}" for r in range(ROWS) for n in range(COLUMNS)) if cell not in said]
    assert missing == [] and "表后还有一句。" in said


def test_the_table_of_all_topics_fits_on_paper(view: Page) -> None:
    view.set_viewport_size({"width": 680, "height": 1000})
    view.emulate_media(media="print")
    view.goto("/coverage")
    assert view.locator(".coverage thead th").count() > 18
    assert edges(view.locator(".coverage"))[2] <= 680
