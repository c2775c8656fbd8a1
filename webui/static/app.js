// Why: docs/decisions/005?-*.md
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (names, run) => names.split(" ").forEach((name) => document.addEventListener(name, run, true));
const box = () => byId("q");
const active = () => document.activeElement;
const coarse = matchMedia("(pointer: coarse)");
const held = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;

let composing = false;
let asked = box().value;
let focused;

const typed = () => {
  if (composing || box().value === asked) return;
  asked = box().value;
  htmx.trigger(byId("search"), "typed");
};

on("compositionstart compositionend", ({ type }) => {
  composing = type === "compositionstart";
  typed();
});
on("input", ({ target }) => {
  if (target.matches(".find")) target.parentElement.querySelector("details").open = !!narrow(target);
  typed();
});
on("submit", () => {
  asked = box().value;
  if (coarse.matches) box().blur();
});

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
on("focusout submit", () => offer());
on("mousedown", (event) => {
  const option = event.target.closest("#options li");
  if (option) { event.preventDefault(); take(option); }
});

on("keydown", (event) => {
  const { target, key } = event;
  const inBox = target === box();
  const composes = event.isComposing || event.keyCode === 229; // Safari
  if (held(event) || (composes && !(inBox && key === "Enter"))) return;
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
  else if (escape && inBox) { box().select(); document.execCommand("delete"); }
  else if (escape && target.closest("#results")) box().focus();
  else if (next && stops.includes(target)) next.focus();
  else if (target.matches("input:not([type=checkbox]), select")) return;
  else if (key === "/") box().select();
  else if (key === "?") byId("keys").togglePopover();
  else return;
  event.preventDefault();
});

const narrow = (find) => {
  const list = find.parentElement;
  const wanted = find.value.toLowerCase().replace(/['\s]/g, "").replace(/^(?=[a-z])/, " "); // hei'long
  const items = all(":scope > ul > li, :scope > details > ul > li", list);
  for (const item of items) item.hidden = !item.dataset.spell.includes(wanted);
  list.querySelector(".none").hidden = items.some((item) => !item.hidden);
  return wanted;
};
addEventListener("online", () => byId("trouble").hidden || byId("retry").click());
on("click", (event) => {
  const { target } = event;
  const step = +target.dataset.step;
  const before = window.navigation?.entries().findLast(
    ({ sameDocument, index }) => !sameDocument && index < navigation.currentEntry.index);
  if (before && document.referrer === target.closest(".back a")?.href && !held(event)) {
    event.preventDefault();
    navigation.traverseTo(before.key);
  } else if (coarse.matches && target.matches(".find")) target.scrollIntoView();
  else if (step) {
    const marks = all("mark[id]");
    const next = (location.hash.slice(5) || step < 0) - 1 + step;
    location.replace(`#${marks.at(next % marks.length).id}`);
    byId("at").textContent = location.hash.slice(5) + "/" + marks.length;
  } else if (target.matches(".copy"))
    navigator.clipboard?.writeText(byId(target.dataset.copies)?.textContent ?? location.href)
      .then(() => { target.textContent = "已复制"; });
});

on("htmx:config:request", (event) => {
  if (!composing || event.detail.ctx.sourceElement.id !== "search") return;
  event.preventDefault();
  asked = null;
});
on("htmx:before:history:restore", () => htmx.trigger(byId("search"), "htmx:abort"));
on("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  focused = active()?.id;
  const ticked = ctx.sourceEvent?.target?.closest?.("#filters > fieldset");
  const twin = ({ id }) => tasks[0].fragment.getElementById(id);
  for (const list of ticked ? all(".options[id]", ticked) : []) // keeps its order
    twin(list)?.prepend(...[...list.children].flatMap((li) => twin(li.querySelector("input"))?.closest("li") ?? []));
});
on("htmx:after:swap", ({ detail: { ctx: { swap, target, sourceElement, sourceEvent } } }) => {
  if (swap === "none") return;
  if (target.id === "options") return offer(target.children[0] && active() === box());
  byId("trouble").hidden = true;
  if (target === document.body) { asked = box().value; composing = false; return; }
  if (sourceElement.id !== "search" && active() !== box())
    box().value = asked = new URLSearchParams(location.search).get("q") ?? "";
  for (const one of all("#live input[type=checkbox]")) one.checked = one.defaultChecked;
  all(".find").forEach(narrow);
  const results = byId("results");
  if (active() === document.body) (byId(focused) ?? results)?.focus({ preventScroll: true });
  if (sourceEvent?.target?.closest?.(".pager")) { results.focus(); results.scrollIntoView(); }
});
on("htmx:error htmx:response:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.sourceElement?.id === "options" || ctx.response?.status === 400) return;
  byId("retry").setAttribute("hx-get", ctx.request.action);
  asked = null;
  byId("trouble").hidden = false;
});
