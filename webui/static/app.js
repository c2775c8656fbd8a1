// Why: docs/decisions/0050-web.md
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (names, run) => names.split(" ").forEach((name) => document.addEventListener(name, run, true));
const box = () => byId("q");
const active = () => document.activeElement;

let composing = false;
let asked = box().value;
let underway, focused, height;

const typed = () => {
  if (box().value === asked) return;
  asked = box().value;
  htmx.trigger(byId("search"), "typed");
};

on("compositionstart compositionend", ({ type }) => {
  composing = type === "compositionstart";
  if (!composing) typed();
});
on("input", ({ target }) => {
  if (target.matches(".find")) target.parentElement.querySelector("details").open = !!narrow(target);
  if (!composing) typed();
});
on("submit", () => {
  asked = box().value;
  offer();
  if (matchMedia("(pointer: coarse)").matches) box().blur();
});

for (const contents of all(".contents details")) contents.open = matchMedia("(min-width: 52rem)").matches;

const options = () => all("#options:not([hidden]) li");
const choose = (option) => {
  for (const li of options()) li.ariaSelected = li === option;
  box().setAttribute("aria-activedescendant", option?.id ?? "");
};
const offer = (open = false) => {
  byId("options").hidden = !open;
  box().ariaExpanded = open;
  choose();
};
const take = (option) => { box().value = option.textContent; byId("search").requestSubmit(); };
on("focusout", () => offer());
on("mousedown", (event) => {
  const option = event.target.closest("#options li");
  if (option) { event.preventDefault(); take(option); }
});

on("keydown", (event) => {
  const { target, key } = event;
  const inBox = target === box();
  const composes = event.isComposing || event.keyCode === 229; // Safari
  if (event.ctrlKey || event.metaKey || event.altKey || (composes && !(inBox && key === "Enter"))) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const escape = key === "Escape";
  const listed = inBox ? options() : [];
  const chosen = listed.findIndex((option) => option.ariaSelected === "true");
  const stops = [box(), ...all(".cards h2 a")];
  const next = stops[stops.indexOf(target) + step];
  if (composes) ;
  else if (listed[0] && step) choose([null, ...listed].at((chosen + 1 + step) % (listed.length + 1)));
  else if (key === "Enter" && listed[chosen]) take(listed[chosen]);
  else if (escape && listed[0]) offer();
  else if (escape && inBox && box().value) { box().value = ""; typed(); }
  else if (escape && target.closest("#results")) box().focus();
  else if (next && stops.includes(target)) next.focus();
  else if (target.matches("input:not([type=checkbox]), select")) return;
  else if (key === "/") box().select();
  else if (key === "?") byId("keys").togglePopover();
  else return;
  event.preventDefault();
});

on("change", ({ target }) => { // a province takes its cities
  if (target.type === "checkbox" && !target.checked)
    for (const city of all(".nested input", target.closest("li"))) city.checked = false;
});

const narrow = (find) => {
  const list = find.parentElement;
  const wanted = find.value.toLowerCase().replace(/['\s]/g, "").replace(/^(?=[a-z])/, " "); // hei'long
  const items = all(":scope > ul > li, :scope > details > ul > li", list);
  for (const item of items) item.hidden = !item.dataset.spell.includes(wanted);
  list.querySelector(".none").textContent = items.some((item) => !item.hidden) ? "" : "没有符合的选项";
  return wanted;
};
on("focusin", ({ target }) => { // room for the list above the keys of a phone
  if (target.matches(".find") && matchMedia("(pointer: coarse)").matches) target.scrollIntoView();
});

// Back to the entry of the history, with its place; no-referrer hides the addresses of other entries.
addEventListener("pagehide", () => {
  if (byId("results") && window.navigation) sessionStorage.left = [navigation.currentEntry.key, location.href];
});
const leave = (event, { href }) => {
  const entry = window.navigation?.entries().find(({ key }) => sessionStorage.left === `${key},${href}`);
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  navigation.traverseTo(entry.key);
};

addEventListener("online", () => byId("trouble").hidden || byId("retry").click());
on("click", (event) => {
  const { target } = event;
  const step = +target.dataset.step;
  const back = target.closest(".back a");
  if (back) leave(event, back);
  else if (step) {
    const marks = all("mark[id]");
    const next = (location.hash.slice(5) || step < 0) - 1 + step;
    const mark = marks.at(next % marks.length);
    location.replace("#" + mark.id);
    byId("at").textContent = `${marks.indexOf(mark) + 1}/${marks.length}`;
  } else if (target.matches(".copy"))
    navigator.clipboard?.writeText(byId(target.dataset.copies)?.textContent ?? location.href)
      .then(() => { target.textContent = "已复制"; });
});

on("htmx:config:request", (event) => {
  if (!composing || event.detail.ctx.sourceElement.id !== "search") return;
  event.preventDefault();
  asked = null;
});
on("htmx:before:request", ({ detail: { ctx } }) => { if (ctx.target.id === "live") underway = ctx.request; });
on("htmx:before:history:restore", () => underway?.abort());
on("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  focused = active()?.id;
  // While its boxes are ticked a list keeps its order and its place: what is under the finger stays there.
  const ticked = ctx.sourceEvent?.target.closest?.("#filters > fieldset");
  height = ticked && active().getBoundingClientRect().top;
  for (const list of ticked ? all(".options[id]", ticked) : []) {
    const find = ({ id }) => tasks[0].fragment.querySelector("#" + CSS.escape(id));
    find(list)?.prepend(...all(":scope > li > label > input", list).flatMap((one) => find(one)?.closest("li") ?? []));
  }
});
on("htmx:after:swap", ({ detail: { ctx: { swap, target, sourceElement, sourceEvent } } }) => {
  if (swap === "none") return;
  if (target.id === "options") return offer(target.children[0] && active() === box());
  byId("trouble").hidden = true;
  if (target === document.body) { asked = box().value; composing = false; return; }
  if (sourceElement.id !== "search" && active() !== box())
    box().value = asked = new URLSearchParams(location.search).get("q") ?? "";
  // Merging keeps what readers checked.
  for (const one of all("#live input[type=checkbox]")) one.checked = one.defaultChecked;
  all(".find").forEach(narrow);
  document.querySelector("[rel=alternate]").href = byId("feed") ?? "/feed.atom";
  if ((sourceEvent?.target ?? sourceElement).closest?.(".pager")) {
    byId("results").focus();
    byId("results").scrollIntoView();
  } else if (active() === document.body) (byId(focused) ?? byId("results"))?.focus({ preventScroll: true });
  for (const scroller of height ? [byId("filters"), document.documentElement] : [])
    scroller.scrollTop += active().getBoundingClientRect().top - height;
});
on("htmx:error htmx:response:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.sourceElement?.id === "options" || ctx.response?.status === 400) return;
  byId("retry").setAttribute("hx-get", ctx.request.action);
  asked = null;
  byId("trouble").hidden = false;
});
