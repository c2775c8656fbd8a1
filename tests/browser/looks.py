"""Looks at a page, in every way that can be: each returns what is wrong, in words.

A state is entered once for each width and size of letters. What changes the page comes last, and is undone. Pictures of
the main states are left in `artifacts/`, for whoever looks at a build.
"""

from collections.abc import Iterator
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page

from tests.browser.conftest import NewPage, Server
from tests.browser.test_accessibility import ACTIONS, STATES, states
from tests.browser.test_names import untold
from tests.conftest import ROOT

ARTIFACTS = ROOT / "artifacts"
MAIN = ("start", "results", "level", "nothing", "article", "coverage", "compare", "not found", "drawer", "completion")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE = (360, 800)
ON_ITS_SIDE = ((740, 360), (932, 430))
WINDOWS = {360: (360, 320, 640), 1280: (1280, 1920)}
"""320: the narrowest phones, or 1280 px at 400 %. 640: 1280 px at 200 %."""

# What is seen of a selector, what to call it in a report, the ground it stands on, and how far two colours are apart.
TOOLS = """
  const seen = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('.unseen, .skip'));
  const called = (one) => `${one.tagName}#${one.id}.${one.className} ${one.textContent.trim().slice(0, 20)}`;
  const rgba = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const [red, green, blue, alpha = 1] = rgba(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    throw new Error('nothing is painted');
  };
  const light = (colour) => colour.slice(0, 3)
    .map((part) => part / 255).map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
  const contrast = (one, other) => {
    const [more, less] = [light(one), light(other)].sort((a, b) => b - a);
    return (more + .05) / (less + .05);
  };
"""


def look(page: Page, body: str, argument: object = None) -> Any:
    """What a script finds on the page."""
    return page.evaluate(f"async (given) => {{ {TOOLS} {body} }}", argument)


# What axe looks for; 1.4.6 in large letters

AXE = Axe().axe_script
VIOLATIONS = """async (options) => {
  const {violations} = await axe.run({resultTypes: ['violations'], ...options});
  return violations.flatMap(({id, nodes}) =>
    nodes.map(({target, failureSummary}) => `${id}: ${target}: ${failureSummary}`));
}"""
STRONG = {"rules": {"color-contrast-enhanced": {"enabled": True}}}
OPTIONS = {  # nothing but colours changes in the dark
    ("light", False): {},
    ("dark", False): {"runOnly": ["color-contrast"]},
    ("light", True): STRONG,
    ("dark", True): {"runOnly": ["color-contrast-enhanced"], **STRONG},
}

# 1.2.1 to 1.2.5, 1.4.2, 1.4.5, 2.2.1: nothing that sounds, plays, blinks or is written as a picture

MEDIA = """
  const media = 'audio, video, canvas, object, embed, iframe, svg, picture, marquee, blink, [autoplay]';
  const pictures = [...document.querySelectorAll('*')].filter((one) => ['', '::before', '::after', '::marker']
    .some((part) => /url\\(/.test(getComputedStyle(one, part).backgroundImage + getComputedStyle(one, part).content)));
  const refresh = document.querySelectorAll('meta[http-equiv=refresh]');
  return [...document.querySelectorAll(media), ...document.querySelectorAll('img:not(.code)'), ...pictures, ...refresh]
    .map(called);
"""

# 2.2.2, 2.3.1: what moves

MOVING = """
  const moving = document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0);
  return moving.map(({effect}) => effect.target.id || effect.target.className);
"""
# 1.3.4: a phone on its side

STAYS = """
  return seen('*').filter((one) => {
    const {position, top, bottom} = getComputedStyle(one), box = one.getBoundingClientRect();
    return (position === 'fixed' || position === 'sticky' && (top !== 'auto' || bottom !== 'auto'))
      && !one.matches('[popover]') && box.width > innerWidth / 2 && box.bottom > 0 && box.top < innerHeight;
  }).reduce((sum, one) => {
    const {top, bottom} = one.getBoundingClientRect();
    return sum + Math.min(bottom, innerHeight) - Math.max(top, 0);
  }, 0) / innerHeight;
"""

# 1.4.1: more than a colour

PALE = """
  const words = (node) => node.nodeType === 3 && /\\p{L}/u.test(node.data);
  const inSentence = (link) => {
    const block = link.closest('p, li, dd, td, th, div');
    return [...block.childNodes].some(words) && !link.closest('.snippet, [aria-current]');
  };
  const underlined = (one) => getComputedStyle(one).textDecorationLine === 'underline';
  const bold = (one) => +getComputedStyle(one).fontWeight >= 600;
  const ringed = (one) => getComputedStyle(one).outlineStyle === 'solid';
  return [
    ...seen('a[href]').filter((one) => inSentence(one) && !underlined(one)),
    ...seen('[aria-current]').filter((one) => !bold(one)),
    ...seen('.options :checked ~ .name').filter((one) => !bold(one)),
    ...seen('[role=option][aria-selected=true]').filter((one) => !ringed(one)),
  ].map(called);
"""

# 1.4.4: letters of everything that is seen, in px, where they are below 22

LITTLE = """
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest('.unseen, .skip, [aria-hidden=true]')) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 22) found.push(`${element.tagName}.${element.className} ${walker.currentNode.data.trim()}: ${size}`);
  }
  for (const box of document.querySelectorAll('input:not([type=checkbox], [type=hidden]), select, button'))
    if (box.checkVisibility() && parseFloat(getComputedStyle(box).fontSize) < 22) found.push(box.id || box.name);
  return found;
"""

# 1.4.10: wider than the window, which is as wide as asked for

WIDER = """
  const wide = document.documentElement.scrollWidth;
  return innerWidth === given && wide <= given ? [] : [`${wide} px in ${innerWidth} of ${given}`];
"""

# 1.4.11: what one aims at, and where one is

EDGES = """
  return seen('input:not([type=checkbox], [type=hidden]), select, .outlined').flatMap((one) => {
    const style = getComputedStyle(one), outside = ground(one.parentElement);
    if (one.matches(':focus')) return [];
    const far = style.borderTopStyle === 'solid' ? contrast(rgba(style.borderTopColor), outside) : 0;
    return parseFloat(style.borderTopWidth) >= 1 && far >= 3 ? [] : [`${called(one)}: ${far}`];
  });
"""
RINGS = """
  return seen('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]').flatMap((one) => {
    one.focus({preventScroll: true});
    if (document.activeElement !== one) return [`${called(one)} takes no focus`];
    const style = getComputedStyle(one), ring = rgba(style.outlineColor);
    const far = contrast(ring, ground(one.parentElement));
    const inner = parseFloat(style.outlineOffset) < 0 ? contrast(ring, ground(one)) : far;
    return style.outlineStyle !== 'none' && Math.min(far, inner) >= 3 ? [] : [`${called(one)}: ${far}, ${inner}`];
  });
"""

# 1.4.12: lines, letters, words and paragraphs further apart

SPACED = """
  const sheet = new CSSStyleSheet(); // which the page's own policy does not forbid
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
"""
AS_BEFORE = "document.adoptedStyleSheets = []"
CUT = """
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, one = node.parentElement;
    if (!node.data.trim() || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.closest('.unseen, .skip, .snippet, select')) continue; // shortened on purpose
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()];
    for (let box = one; box !== document.body; box = box.parentElement) {
      const {display, overflowX, position} = getComputedStyle(box);
      const {left, right, top, bottom} = box.getBoundingClientRect();
      if (/auto|scroll/.test(overflowX)) break;
      if (!/^(inline|contents)$/.test(display) && rects.some((line) =>
        line.left < left - 1 || line.right > right + 1 || line.top < top - 1 || line.bottom > bottom + 1)
      ) found.push(`${called(one)} in ${called(box)}`);
      if (/absolute|fixed/.test(position)) break;
    }
  }
  return found;
"""

# 2.4.7, 2.4.11: where the focus goes

STOP = """
  const one = document.activeElement;
  if (one === document.body) return null;
  const again = one === window.firstStop;
  window.firstStop ??= one;
  const style = getComputedStyle(one), box = one.getClientRects()[0];
  const table = one.parentElement.closest('.scroll, .sideways'); // it scrolls alone
  const edge = table ? table.getBoundingClientRect() : {left: 0, right: innerWidth};
  const hit = document.elementFromPoint(
    (Math.max(box.left, edge.left) + Math.min(box.right, edge.right)) / 2,
    (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2);
  const region = one.closest('.skip, .top, #trouble, #filters, #results, main, footer, [popover]');
  const {x, y} = region.getBoundingClientRect();
  return {
    name: called(one), again, same: one === window.lastStop || !(window.lastStop = one),
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    covered: one.contains(hit) || hit?.closest('[popover]:popover-open') ? '' : hit ? called(hit) : 'out of sight',
    region: region.id || region.classList[0] || region.tagName,
    left: box.left - x, top: box.top - y + region.scrollTop, bottom: box.bottom - y + region.scrollTop,
  };
"""


RECORD = f"""
  if (!window.stopped) {{
    const stop = () => {{ {STOP} }};
    addEventListener('keydown', ({{key}}) => {{ if (key === 'Tab') stopped.push(stop()); }}, true);
  }}
  window.stopped = [];
  window.firstStop = window.lastStop = undefined;
"""
AT_ONCE = 20


def stops(page: Page, back: bool = False) -> list[dict[str, Any]]:
    """Where Tab, held down, leads to until it has gone round; a stop is noted when the next press comes."""
    if back:
        page.keyboard.down("Shift")
    page.keyboard.down("Tab")
    look(page, RECORD)
    found: list[dict[str, Any]] = []
    for _ in range(500 // AT_ONCE):
        for _ in range(AT_ONCE):
            page.keyboard.down("Tab")
        stopped = page.evaluate("stopped.splice(0)")
        assert len(stopped) == AT_ONCE
        for stop in stopped:
            if stop and stop["again"] and len(found) > 1 and not stop["same"]:
                page.keyboard.up("Tab")
                page.keyboard.up("Shift")
                page.evaluate("firstStop.focus()")
                return found
            if stop and not stop["same"]:  # a field for a day has stops inside
                found.append(stop)
    raise AssertionError("it does not go round")


# 2.5.3: what is seen is in the name

NAMED = """
  const plain = (text) => text.replace(/\\s+/g, '');
  return seen(':is(a, button, input, select, summary):is([aria-label], [aria-labelledby])')
    .flatMap((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll('[aria-hidden=true], .unseen').forEach((part) => part.remove());
      const words = [...one.labels || []].map((label) => label.innerText).join('') + copy.textContent;
      const ids = (one.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
      const name = ids.map((id) => document.getElementById(id).textContent).join('') || one.getAttribute('aria-label');
      return !/[\\p{L}\\p{N}]/u.test(words) || plain(name).includes(plain(words)) ? [] : [`${words}: ${name}`];
    });
"""

# 2.5.8: lower than 44 px. Sentences and the running text of an article are exempt, as they are there.

SMALL = """
  return [...document.querySelectorAll('a[href], button, input, select, summary, label:has([type=checkbox])')]
    .filter((element) => element.checkVisibility({visibilityProperty: true}) && element.type !== 'checkbox'
      && !element.closest('.unseen, .skip, .snippet, .text'))
    .map((element) => [element.getBoundingClientRect(), element.textContent.trim() || element.id])
    .filter(([box]) => box.width > 0 && box.height < 44).map(([box, name]) => `${name}: ${box.height}`);
"""

UNFOLDED = {
    "sounds, plays, goes on by itself, or is a picture (1.2.1 – 1.2.5, 1.4.2, 1.4.5, 2.2.1)": MEDIA,
    "moves (2.2.2, 2.3.1)": MOVING,
    "has a colour alone (1.4.1)": PALE,
    "is called otherwise than one sees (2.5.3)": NAMED,
}
ROUND = (
    "start",
    "results",
    "level",
    "nothing",
    "article",
    "neighbours",
    "coverage",
    "compare",
    "explained",
    "drawer",
    "trouble",
)
"""Where the focus is sent round, to the end and back."""

Look = tuple[str, list[str]]
"""What is looked for, and where it is."""


def used_with(hand: Literal["fingers", "mouse"], page: Page, session: CDPSession | None) -> None:
    """Tell the page whose it is, where there is a session: fingers use narrow ones alone."""
    if not session:
        return
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": hand == "fingers"})
    assert page.evaluate("matchMedia('(pointer: coarse)').matches") is (hand == "fingers")


def resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})


def by_axe(page: Page, state: str, width: int, large: bool) -> Iterator[Look]:
    page.evaluate(AXE)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        yield f"axe in the {scheme}", page.evaluate(VIOLATIONS, OPTIONS[scheme, large])
        if state in MAIN:
            name = f"{'large-' * large}{state.replace(' ', '-')}-{width}-{scheme}.png"
            page.screenshot(path=ARTIFACTS / name)
    page.emulate_media(color_scheme="light")


def by_size(page: Page, width: int, large: bool) -> Iterator[Look]:
    if large:
        yield "has little letters (1.4.4)", look(page, LITTLE)
    if large and width == 360:
        yield "is easily missed, with a mouse (2.5.8)", look(page, SMALL)
    for window in WINDOWS[width]:
        if window != width:
            resize(page, window, 800)
        yield f"is wider than a window of {window} (1.4.10)", look(page, WIDER, window)
    resize(page, width, 800)


def by_spaces(page: Page, width: int) -> Iterator[Look]:
    look(page, SPACED)
    yield "is cut off where spaces are wide (1.4.12)", look(page, CUT)
    yield "is wider than its window where spaces are wide (1.4.12)", look(page, WIDER, width)
    look(page, AS_BEFORE)


def by_focus(page: Page, state: str, width: int, large: bool) -> Iterator[Look]:
    for back in (False, True) if state in ROUND else ():
        found = [stop for stop in stops(page, back) if stop["ring"] < 2 + large or stop["covered"]]
        yield (
            f"has the focus unseen{', back' * back} (2.4.7, 2.4.11)",
            [f"{stop['name']}: ring of {stop['ring']}, {stop['covered']}" for stop in found],
        )
    if width == 1280:
        page.keyboard.press("Tab")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            yield f"has a faint edge in the {scheme} (1.4.11)", look(page, EDGES)
            yield f"has a faint ring in the {scheme} (1.4.11)", look(page, RINGS)
        page.emulate_media(color_scheme="light")


def looks(page: Page, session: CDPSession | None, state: str, width: int, large: bool) -> Iterator[Look]:
    if not large or (state in STATES if width == 360 else state in MAIN):
        yield from by_axe(page, state, width, large)
    if width == 1280:
        yield "is not told (1.1.1, 2.4.2, 2.4.6, 3.1.1, 4.1.2)", untold(page)
    elif large:
        yield "has little letters, for fingers (1.4.4)", look(page, LITTLE)
    used_with("mouse", page, session)
    yield from by_size(page, width, large)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for what, body in UNFOLDED.items():
        yield what, look(page, body)
    used_with("fingers", page, session)
    yield from by_spaces(page, width)
    used_with("mouse", page, session)
    yield from by_focus(page, state, width, large)


def look_at_every_state(new_page: NewPage, server: Server, width: int, large: bool) -> None:
    page = new_page(complaints=True, viewport={"width": width, "height": 800})
    session = page.context.new_cdp_session(page) if width == 360 else None
    page.goto("/")
    for state, enter in states(page, server, width, large):
        used_with("fingers", page, session)
        enter()
        for what, found in looks(page, session, state, width, large):
            assert found == [], f"{state}: {what}: {found}"


def look_at_every_state_of_a_phone(new_page: NewPage, server: Server, large: bool) -> None:
    """1.3.4, 2.5.8: 44 px to touch; on its side, what stays leaves half of the height.

    A page is opened once and turned; what is done on it is done either way.
    """
    width, height = PHONE
    page = new_page(complaints=True, viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    ways = {size: dict(states(page, server, size[0], large)) for size in (PHONE, *ON_ITS_SIDE)}
    for state in (*STATES, *ACTIONS):
        for size in (size for size, way in ways.items() if state in way):
            resize(page, *size)
            if size == PHONE or state in ACTIONS:
                ways[size][state]()
            where = f"{state}, {size[0]} × {size[1]}"
            if size == PHONE:
                found = look(page, SMALL)
                assert found == [], f"{where}: is easily missed: {found}"
                continue
            found = look(page, WIDER, size[0])
            assert found == [], f"{where}: is wider than its window: {found}"
            for to in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
                page.evaluate(f"scrollTo(0, {to})")
                assert look(page, STAYS) <= 0.5, f"{where}: too much stays at {to}"
