// Why: docs/decisions/0050-web.md. Listens on the document: going back replaces the body.
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (name, run) => document.addEventListener(name, run, true);
const box = () => byId("q");
const onHtmx = (name, run) => on(`htmx:${name}`, (event) => run(event.detail.ctx, event));
const active = () => document.activeElement;
const onBox = (name, run) => on(name, (event) => { if (event.target === box()) run(event); });
const typed = () => htmx.trigger(byId("search"), "typed");

let composing = false;
let asked = box().value;
let underway, failed, focused; // a request, an address, an id

document.documentElement.classList.add("scripted");

onBox("input", (event) => { if (!composing && !event.isComposing) typed(); });
onBox("compositionstart", () => { composing = true; });
onBox("compositionend", () => { composing = false; typed(); });
on("submit", (event) => {
  if (composing) { event.preventDefault(); event.stopImmediatePropagation(); }
  else if (matchMedia("(pointer: coarse)").matches) box().blur();
  offer();
});

const options = () => all("#options:not([hidden]) li");
const choose = (option) => {
  for (const each of options()) each.ariaSelected = each === option;
  box().setAttribute("aria-activedescendant", option?.id ?? "");
};
const offer = (open = false) => {
  byId("options").hidden = !open;
  box().ariaExpanded = open;
  choose();
};
const take = (option) => { box().value = option.textContent; byId("search").requestSubmit(); };
onBox("focusout", () => offer());
on("mousedown", (event) => {
  const option = event.target.closest("#options li");
  if (option) { event.preventDefault(); take(option); }
});

on("keydown", (event) => {
  const { target, key } = event;
  const inBox = target === box();
  // 229: Safari
  const candidate = event.isComposing || event.keyCode === 229;
  if (event.ctrlKey || event.metaKey || event.altKey || (candidate && !(inBox && key === "Enter"))) return;
  const writes = target.matches("input:not([type=checkbox]), select");
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const listed = inBox ? options() : [];
  const chosen = listed.findIndex((option) => option.ariaSelected === "true");
  const links = all(".cards h2 a");
  const at = links.indexOf(target);
  const escape = key === "Escape";
  if (candidate) ;
  else if (listed.length && step) choose(listed[chosen < 0 && step < 0 ? listed.length - 1 : chosen + step]);
  else if (key === "Enter" && listed[chosen]) take(listed[chosen]);
  else if (escape && listed.length) offer();
  else if (escape && inBox && box().value) { box().value = ""; typed(); }
  else if (escape && target.closest("#results")) box().focus();
  else if (step && (at >= 0 || (inBox && step > 0))) (links[at + step] ?? (step < 0 ? box() : target)).focus();
  else if (key === "/" && !writes) box().select();
  else if (key === "?" && !writes) byId("keys").togglePopover();
  else return;
  event.preventDefault();
});

on("change", ({ target }) => { // a province takes its cities along
  if (target.type === "checkbox" && !target.checked)
    for (const city of all(".nested input", target.closest("li"))) city.checked = false;
});

const narrow = (find) => {
  const wanted = find.value.toLowerCase().replace(/['\s]/g, ""); // hei'long
  for (const item of all(":scope > ul > li, :scope > details > ul > li", find.parentElement)) {
    const name = item.querySelector(".name");
    item.hidden = !name.textContent.includes(wanted) && !` ${name.dataset.spell}`.includes(` ${wanted}`);
  }
  if (wanted) find.parentElement.querySelector("details").open = true;
};
on("input", ({ target }) => { if (target.matches(".find")) narrow(target); });

const retry = () => htmx.ajax("GET", failed, { source: "#live" });
addEventListener("online", () => { if (!byId("trouble").hidden) retry(); });
on("click", ({ target }) => {
  const step = +target.dataset.step;
  if (target.id === "retry") retry();
  else if (step) {
    const marks = all("mark[id]");
    const next = (location.hash.slice(5) || step < 0) - 1 + step; // after "#hit-"
    location.replace(`#${marks.at(next % marks.length).id}`);
  } else if (target.matches(".copy")) {
    navigator.clipboard?.writeText(byId(target.dataset.copies)?.textContent ?? location.href)
      .then(() => { target.textContent = "已复制"; });
  }
});

onHtmx("config:request", ({ sourceElement, sourceEvent }, event) => {
  if (sourceElement.id !== "search") return;
  const text = box().value;
  if (composing || (sourceEvent.type === "typed" && text === asked)) event.preventDefault();
  else asked = text;
});

// What is under way belongs to what is left behind.
onHtmx("before:request", (ctx) => { if (ctx.target.id === "live") underway = ctx.request; });
on("htmx:before:history:restore", () => underway?.abort?.());

on("htmx:before:swap", () => { focused = active()?.closest("#live") && active().id; });
onHtmx("after:swap", (ctx) => {
  if (ctx.swap === "none") return;
  if (ctx.target.id === "options") return offer(ctx.target.children[0] && active() === box());
  byId("trouble").hidden = true;
  if (ctx.target === document.body) { asked = box().value; composing = false; return; }
  // Merging keeps what readers checked.
  for (const each of all("#live input[type=checkbox]")) each.checked = each.defaultChecked;
  all(".find").forEach(narrow);
  for (const feed of all("link[rel=alternate]")) feed.href = byId("feed") ?? "/feed.atom";
  if ((ctx.sourceEvent?.target ?? ctx.sourceElement)?.closest?.(".pager")) byId("results").focus();
  else if (focused && active() === document.body) byId(focused)?.focus({ preventScroll: true });
});

for (const name of ["error", "response:error"])
  onHtmx(name, (ctx) => {
    if (!ctx || ctx.sourceElement?.id === "options" || ctx.response?.status === 400) return;
    failed = ctx.request.action;
    asked = null;
    byId("trouble").hidden = false;
  });
