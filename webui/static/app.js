// The page with a script. Without one all of it searches, filters and reads: docs/decisions/0050-web.md and 0380-page.md.
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (names, run) => names.split(" ").forEach((name) => document.addEventListener(name, run, true));
const box = () => byId("q");
const active = () => document.activeElement;
const coarse = matchMedia("(pointer: coarse)");
const narrowScreen = matchMedia("(max-width: 51.99rem)");
const held = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

// Typing

let composing = false;
let asked = box().value;
let focused;
let typing = false; // whether typing made the entry of the history that is shown: only that may be replaced

// Where showing an answer takes long, the next key would wait behind it: there it is asked for when typing pauses. How
// long it takes is known after the first: before, a phone is held for slow, and words from an input method are a pause.
const LONG = 100; // milliseconds
const BRIEF = 30; // what is typed or ticked in one go is asked for once
const PAUSE = 250;
let slow = coarse.matches || null;
let pausing;
const ask = (wait, source, event) => { // unless anything else is asked for before
  clearTimeout(pausing);
  pausing = setTimeout(() => htmx.trigger(source, event), wait);
};
const showing = (since) => requestAnimationFrame(() => setTimeout(() => { slow = performance.now() - since > LONG; }));

const typed = (committed) => {
  if (box().value === asked) return;
  htmx.trigger(byId("options"), "complete");
  if (composing) return;
  asked = box().value;
  ask((slow ?? !committed) ? PAUSE : BRIEF, byId("search"), "typed");
};

on("compositionstart compositionend", ({ type }) => {
  composing = type === "compositionstart";
  if (!composing) typed(true);
});
on("input", ({ target }) => {
  if (target.matches(".find")) target.parentElement.querySelector("details").open = !!narrow(target);
  if (target === box()) {
    choose(); // of what was typed before
    typed();
    if (!target.value) recall();
  }
});
on("submit", () => {
  asked = box().value;
  remember(asked.trim());
  if (coarse.matches) box().blur();
});

// Completion, and what was searched before where the operator allows to keep it (in this browser alone)

const options = () => all("#options:not([hidden]) li");
const isChosen = (option) => option.getAttribute("aria-selected") === "true";
const choose = (option) => {
  for (const li of options()) li.setAttribute("aria-selected", li === option);
  box().setAttribute("aria-activedescendant", option ? option.id : "");
};
const offer = (open = false) => {
  byId("options").hidden = !open;
  box().setAttribute("aria-expanded", open);
  choose();
};
const KEPT = "yibao-recent";
const MOST = 6;
const keeps = () => "recent" in byId("search").dataset;
const recent = () => {
  try { return JSON.parse(localStorage.getItem(KEPT)) || []; } catch { return []; }
};
const keep = (texts) => {
  try { localStorage.setItem(KEPT, JSON.stringify(texts)); } catch { /* nothing may be kept here */ }
};
const remember = (text) => {
  if (text && keeps()) keep([text, ...recent().filter((other) => other !== text)].slice(0, MOST));
};
const recall = () => {
  const texts = keeps() && !box().value ? recent() : [];
  byId("options").replaceChildren(...[...texts, ...texts.slice(0, 1)].map((text, number) => {
    const option = document.createElement("li");
    option.id = `option-${number + 1}`;
    option.setAttribute("role", "option");
    const last = number === texts.length;
    option.textContent = last ? "清除搜索记录" : text;
    if (last) option.dataset.forget = "";
    return option;
  }));
  offer(!!texts.length);
};
const take = (option) => {
  const { open, forget } = option.dataset;
  if (forget !== undefined) { keep([]); return recall(); }
  const text = option.textContent;
  if (open) { remember(text); location.assign(`${open}?q=${encodeURIComponent(text)}${document.querySelector("[name=big]") ? "&big=1" : ""}`); return; }
  box().value = text;
  byId("search").requestSubmit ? byId("search").requestSubmit() : byId("search").querySelector(".primary").click();
};
const clear = () => { box().focus(); box().select(); document.execCommand("delete"); };
on("focusin", ({ target }) => { if (target === box() && !target.value) recall(); });
on("focusout submit", () => offer());
on("mousedown", (event) => {
  const option = event.target.closest("#options li");
  if (option) choose(option); // it is taken by the click: whoever lets go elsewhere has taken nothing
  if (option || event.target.closest("#clear")) event.preventDefault(); // the box keeps the focus
});

// Keys. Single ones may be in the way of who speaks to the computer, or trembles: off is kept, in this browser alone.

const SINGLE = "yibao-single-keys";
let single = true;
try { single = localStorage.getItem(SINGLE) !== "off"; } catch { /* on, then */ }
const showSingle = () => { byId("single").checked = single; };
showSingle();
on("change", ({ target }) => {
  if (target.id !== "single") return;
  single = target.checked;
  try { single ? localStorage.removeItem(SINGLE) : localStorage.setItem(SINGLE, "off"); } catch { /* as long as this page */ }
});
const opened = () => popovers && document.querySelector(":popover-open"); // Esc closes that first
on("keydown", (event) => {
  const { target, key } = event;
  const inBox = target === box();
  const composes = event.isComposing || event.keyCode === 229; // Safari
  const escape = key === "Escape";
  if (held(event) || (composes && !(inBox && key === "Enter")) || (escape && opened())) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const listed = inBox ? options() : [];
  const chosen = listed.findIndex(isChosen);
  const stops = [box(), ...all(".cards h2 a")];
  const next = stops[stops.indexOf(target) + step];
  const ring = [null, ...listed];
  if (composes) ;
  else if (listed[0] && step) choose(ring[(chosen + 1 + step + ring.length) % ring.length]);
  else if (key === "Enter" && listed[chosen]) take(listed[chosen]);
  else if (escape && listed[0]) offer();
  else if (escape && inBox) clear();
  else if (escape && target.closest("#results")) box().focus();
  else if (next && stops.includes(target)) next.focus();
  else if (!single || target.matches("input:not([type=checkbox]), select")) return;
  else if (key === "/") box().select();
  else if (key === "?") toggle(byId("keys"));
  else return;
  event.preventDefault();
});

// Drawers. Browsers without popover (before 2024) have an attribute instead, which merging leaves alone.

const popovers = "togglePopover" in HTMLElement.prototype;
if (!popovers) document.documentElement.classList.add("no-popover");
const toggle = (drawer) => {
  const opens = popovers ? drawer.togglePopover() : drawer.toggleAttribute("open");
  if (opens !== false && drawer.id === "keys") drawer.querySelector("button").focus();
};
const sink = (root) => { // groups that fold come last, for the eye and for Tab
  const foot = narrowScreen.matches && root.querySelector(".drawer-foot");
  if (foot) foot.before(...all(".folds", root));
};
sink(document);
if (narrowScreen.matches)
  for (const facet of all(".folds")) facet.open = !!facet.querySelector(":checked, [type=date][value]:not([value=''])");

const narrow = (find) => {
  const list = find.parentElement;
  const wanted = find.value.toLowerCase().replace(/['\s]/g, "").replace(/^(?=[a-z])/, " "); // hei'long
  const items = all(":scope > ul > li, :scope > details > ul > li", list);
  for (const item of items) item.hidden = !item.dataset.spell.includes(wanted);
  list.querySelector(".none").hidden = items.some((item) => !item.hidden);
  return wanted;
};

// The way back: what lies behind is kept in the history itself, so it outlives a reload, and going back and forth: how
// many jumps inside this page, and whether the search that its link leads to lies before them.

const backLink = document.querySelector(".back a");
const first = { inside: 0, from: !!backLink && document.referrer === backLink.href };
let here = (history.state && "inside" in history.state && history.state) || first;
const mark = (inside) => {
  here = { ...here, inside };
  history.replaceState(here, "");
};
if (backLink && here === first) mark(0);
addEventListener("hashchange", () => {
  if (backLink && history.state) here = history.state;
  else if (backLink) mark(here.inside + 1);
});
const goesBack = (link) => {
  if (!link || link !== backLink || !here.from || history.length <= here.inside + 1) return false;
  history.go(-here.inside - 1);
  return true;
};

addEventListener("online", () => byId("trouble").hidden || byId("retry").click());
on("click", (event) => {
  const { target } = event;
  const option = target.closest("#options li");
  const step = +target.dataset.step;
  const opens = !popovers && target.closest("[popovertarget]");
  if (option) take(option);
  else if (opens) toggle(byId(opens.getAttribute("popovertarget")));
  else if (!held(event) && goesBack(target.closest(".back a"))) event.preventDefault();
  else if (target.closest("#clear")) clear();
  else if (coarse.matches && target.matches(".find")) target.scrollIntoView();
  else if (step) {
    const marks = all("mark[id]");
    const next = (+location.hash.slice(5) || step < 0) - 1 + step;
    location.replace(`#${marks[(next + marks.length) % marks.length].id}`);
    mark(here.inside);
    byId("at").textContent = location.hash.slice(5) + "/" + marks.length;
  }
});

// Answers

on("htmx:config:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  if (sourceElement.id !== "options") clearTimeout(pausing);
  if (sourceElement.id === "options" && !box().value) {
    event.preventDefault();
    htmx.trigger(sourceElement, "htmx:abort", {}, false); // not that of the form around it
  } else if (composing && sourceElement.id === "search") {
    event.preventDefault();
    asked = null;
  }
});
on("change", ({ target }) => {
  if (!target.matches(".filter")) return;
  htmx.trigger(byId("search"), "htmx:abort"); // an answer to what was asked before must not undo a tick
  ask(BRIEF, target, "ticked");
});
let cause; // the name of the event that led to the answer
on("htmx:before:history:update", ({ detail: { history: entry, sourceElement } }) => {
  const same = entry.path === location.pathname + location.search;
  if (entry.type === "replace" && !typing && !same) entry.type = "push";
  typing = sourceElement.id === "search" && cause === "typed" && (typing || !same);
});
on("htmx:before:history:restore", () => {
  typing = false;
  clearTimeout(pausing);
  htmx.trigger(byId("search"), "htmx:abort");
});
addEventListener("pageshow", ({ persisted }) => { if (persisted) typing = false; });

const hold = (holds) => {
  for (const facet of all("#filters > .facet")) facet.style.minHeight = holds ? `${facet.offsetHeight}px` : "";
};
on("toggle", ({ target, newState }) => {
  if (target.id === "filters" && newState === "closed") hold(false);
  else if (target.matches(".facet")) target.style.minHeight = "";
});
let ticked, place, since;
on("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (ctx.target.id === "options" && options().some(isChosen)) return event.preventDefault(); // no list takes a choice away
  focused = active() && active().id;
  if (ctx.target.id !== "live" || ctx.swap === "none") return;
  const source = ctx.sourceEvent && ctx.sourceEvent.target;
  sink(tasks[0].fragment);
  since = performance.now();
  cause = ctx.sourceEvent && ctx.sourceEvent.type;
  ticked = cause === "ticked" && source.closest("#filters") ? source : null;
  place = ticked && ticked.getBoundingClientRect().top;
  const twin = ({ id }) => tasks[0].fragment.getElementById(id);
  for (const list of ticked ? all(".options[id]", ticked.closest(".facet")) : []) { // keeps its order
    const there = twin(list);
    if (there) there.prepend(...[...list.children].flatMap((li) => {
      const other = twin(li.querySelector("input"));
      return other ? [other.closest("li")] : [];
    }));
  }
  // What is not the same result stands in no other place: it is another one. And no list moves the one below it.
  const types = cause === "typed" || cause === "submit";
  hold(types || (ticked && narrowScreen.matches));
  if (types || ticked) for (const part of all("#results > :not(.results-head)")) part.remove();
  if (types) for (const group of all("#filters > .facet > fieldset")) { // put in anew: merging takes three times as long
    for (const part of all("[id]:is(details, .find)", group)) {
      const { open, value } = part;
      if (twin(part)) Object.assign(twin(part), part.matches("details") ? { open } : { value });
    }
    group.remove();
  }
});
on("htmx:after:swap", ({ detail: { ctx: { swap, target, sourceElement, sourceEvent } } }) => {
  if (swap === "none") return;
  if (target.id === "options" && !box().value) return recall(); // it came too late: the box is empty by now
  if (target.id === "options") return offer(target.children[0] && active() === box());
  byId("trouble").hidden = true;
  if (target === document.body) { asked = box().value; composing = false; sink(target); showSingle(); return; }
  showing(since);
  if (sourceElement.id !== "search" && active() !== box())
    box().value = asked = new URLSearchParams(location.search).get("q") || "";
  for (const one of all("#live input[type=checkbox]")) one.checked = one.defaultChecked;
  all(".find").forEach(narrow);
  const results = byId("results");
  if (active() === document.body) {
    const next = byId(focused) || results;
    if (next) next.focus({ preventScroll: true });
  }
  if (ticked && ticked.isConnected) { // lists above it may have become shorter: it stays under the finger
    const scrolled = narrowScreen.matches ? byId("filters") : document.documentElement;
    scrolled.scrollTop += ticked.getBoundingClientRect().top - place;
  }
  if (sourceEvent && sourceEvent.target.closest && sourceEvent.target.closest(".pager, .cards ~ .sorts")) {
    results.focus();
    results.scrollIntoView();
  }
});
on("htmx:error htmx:response:error", ({ detail: { ctx } }) => {
  if (!ctx || (ctx.sourceElement && ctx.sourceElement.id === "options") || (ctx.response && ctx.response.status === 400)) return;
  byId("retry").setAttribute("hx-get", ctx.request.action);
  asked = null;
  byId("cause").textContent = byId("cause").dataset[ctx.response ? "failed" : "offline"];
  byId("trouble").hidden = false;
});
