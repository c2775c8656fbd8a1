"""What the search page shows, as frozen values: labels, sentences, counts and addresses are finished here.

Templates print these and compute nothing. All text is plain; escaping is the template's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from search import Query, Results, label

from .advice import FEW, advice
from .areas import applied_area, chosen_area
from .cards import Card, cards
from .collection import Collection
from .days import presets
from .filters import Chip, Options, chip_label, chips, facet_groups
from .hotline import asks_to_call
from .links import BROWSE, Link
from .notes import Line, also_searched, is_corrected, lines, nowhere
from .paging import Pager, pager, range_words, sizes, sorts
from .start import Start, extent, start
from .state import SearchState
from .top_answer import TopAnswer, top_answer
from .wording import say

EXPORTS = {"CSV": "/export.csv", "JSON": "/export.json"}


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Everything on the search page. `hidden` are the parameters that the form carries along unseen.

    `brief` is the number that is seen, `sentence` what is said of it to those who do not see.

    `banners` are lines of the operator's; their addresses may lead elsewhere, or be "".
    """

    title: str
    canonical: str
    text: str
    sentence: str
    brief: str
    range: str
    banners: tuple[Link, ...]
    notes: tuple[Line, ...]
    also: Line | None
    chips: tuple[Chip, ...]
    clear: str
    area: Link | None
    groups: tuple[Options, ...]
    date_from: str
    date_to: str
    presets: tuple[Link, ...]
    hidden: tuple[tuple[str, str], ...]
    sorts: tuple[Link, ...]
    sizes: tuple[Link, ...]
    why: Link | None
    feed: str
    exports: tuple[Link, ...]
    answer: TopAnswer | None
    cards: tuple[Card, ...]
    pager: Pager | None
    advice: tuple[Link, ...]
    total: int
    asks_to_call: bool
    few: bool
    start: Start | None
    browse: str = BROWSE


def search_page(
    state: SearchState, results: Results, notices: tuple[str, ...], collection: Collection, today: date
) -> SearchPage:
    """Return the page for `results`; `collection` tells what others would bring."""
    query = state.query
    searched = state.with_text(results.suggestion or "") if is_corrected(results) else state
    what = describe(searched)
    active = chips(state)
    enough = FEW if query.text.strip() else 0
    return SearchPage(
        title=f"{what} · {collection.site}" if what else collection.site,
        canonical=_canonical(state),
        text=query.text,
        sentence=_sentence(searched, results.total, nowhere(results)),
        brief=say("total", total=results.total) if results.total else say("none"),
        range=extent(results) if state.is_start() else range_words(query, results.total),
        banners=tuple(Link(banner.text, banner.link) for banner in results.banners),
        notes=lines(state, results, notices),
        also=also_searched(state, results),
        chips=active,
        clear=state.without_filters().url(),
        area=_area(state),
        groups=facet_groups(results, state.facets),
        date_from=query.date_from.isoformat() if query.date_from else "",
        date_to=query.date_to.isoformat() if query.date_to else "",
        presets=presets(state, today),
        hidden=_hidden(state),
        sorts=sorts(state),
        sizes=sizes(state, results.total),
        why=_why(state),
        feed="/feed.atom" + state.all_results().with_sort("relevance").querystring(),
        exports=tuple(Link(name, path + state.all_results().querystring()) for name, path in EXPORTS.items()),
        answer=top_answer(results, state, today),
        cards=cards(results.hits, state, today, applied_area(state)),
        pager=pager(state, results.total),
        advice=advice(state, results.parsed, active, results.total, collection) if results.total <= enough else (),
        total=results.total,
        asks_to_call=asks_to_call(query.text),
        few=results.total <= enough,
        start=start(results, collection) if state.is_start() and results.total else None,
    )


def _canonical(state: SearchState) -> str:
    """Return the one address of all that show the same results in the same order."""
    plain = state.with_explain(False)
    # Without a text there is nothing to be relevant to: newest first.
    if plain.is_filtered() and not plain.query.text.strip() and plain.query.sort == "newest":
        plain = plain.with_sort("relevance").with_page(plain.query.page)
    return plain.url()


def _why(state: SearchState) -> Link | None:
    """Return the switch for the reasons of the order, which a search without words does not have."""
    if not state.query.text.strip():
        return None
    on = state.query.explain
    return Link(say("explain-no-more" if on else "explain"), state.with_explain(not on).url(), current=on)


def _hidden(state: SearchState) -> tuple[tuple[str, str], ...]:
    """Return what the form carries along; newest first is what browsing does anyway, and no wish for a text."""
    browsing = not state.query.text.strip() and state.query.sort == "newest"
    return tuple(pair for pair in state.params() if pair[0] == "size" or (pair[0] == "sort" and not browsing))


def _area(state: SearchState) -> Link | None:
    """Return the switch between a place alone and all that applies there; None where no one place is chosen."""
    if applied := applied_area(state):
        return Link(say("place-alone", place=applied.label), state.with_places(applied.only).url(), current=True)
    if area := chosen_area(state):
        province = label("province", area.province)
        wider = (
            say("wider-than-city", province=province, whole=area.whole) if area.city else say("wider-than-municipality")
        )
        return Link(say("place-and-wider", wider=wider), state.with_places(area.filters).url())
    return None


def describe(state: SearchState) -> str:
    """Return in words what was asked for; empty if nothing was."""
    what, days = _what(state), _days(state.query)
    return f"{what}（{days}）" if what and days else what or days


def _what(state: SearchState) -> str:
    query, area = state.query, applied_area(state)
    chosen = state.with_places({}).query.filters if area else query.filters
    parts = ["、".join(chip_label(f, v) for v in chosen[f.key]) for f in state.facets if chosen.get(f.key)]
    filters = " · ".join((say("applies-in", place=area.label), *parts) if area else parts)
    text = query.text.strip()
    text = text if len(text) <= 40 else text[:40] + "…"
    if not text:
        return filters
    return say("about-among", filters=filters, text=text) if filters else say("about", text=text)


def _days(query: Query) -> str:
    if query.date_from and query.date_to:
        return say("from-to", first=query.date_from, last=query.date_to)
    if query.date_from:
        return say("from", first=query.date_from)
    return say("to", last=query.date_to) if query.date_to else ""


def _nothing(state: SearchState, what: str, days: str) -> str:
    if what and not (state.is_filtered() or days):
        return say("not-written", text=state.query.text.strip()[:40])
    return say("not-found", what=what) if what else say("not-found-in-days" if days else "empty")


def _sentence(state: SearchState, total: int, nowhere: str) -> str:
    what, days = _what(state), _days(state.query)
    if nowhere:
        sentence = say("found-rest", said=nowhere, total=total)
    elif total:
        sentence = say("found", what=what, total=total) if what else say("found-all", total=total)
    else:
        sentence = _nothing(state, what, days)
    return f"{sentence}（{days}）" if days else sentence
