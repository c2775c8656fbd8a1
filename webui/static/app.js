// Beside htmx: when typing asks, what a lost answer does, where the focus stays, keys (docs/decisions/0050-web.md).
// Listens on the document, because the body is replaced when one goes back.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isBox = (event) => event.target.id === "q";
  const on = (name, listener) => document.addEventListener(name, listener, true);
  const typed = () => htmx.trigger(byId("search"), "typed");

  let composing = false;
  let asked = byId("q").value; // the text of the last request
  let underway = null;         // the last request
  let failed = "";             // the address that got no answer
  let focused = "";            // the id of what had the focus before a swap

  document.documentElement.classList.add("scripted");

  // While composing all input is a draft. Some browsers send an `input` after the end: both end in one delayed trigger.
  on("input", (event) => {
    if (event.target.matches(".find")) narrow(event.target);
    else if (isBox(event) && !composing && !event.isComposing) typed();
  });
  on("compositionstart", (event) => { if (isBox(event)) composing = true; });
  on("compositionend", (event) => { if (isBox(event)) { composing = false; typed(); } });
  on("submit", (event) => {
    if (composing) { event.preventDefault(); event.stopImmediatePropagation(); }
    else if (matchMedia("(pointer: coarse)").matches) byId("q").blur(); // puts the on-screen keyboard away
  });

  on("keydown", (event) => {
    const { target, key } = event;
    const box = byId("q");
    // The Enter that takes a candidate: 229 is how Safari marks it, after compositionend.
    if (event.isComposing || event.keyCode === 229) {
      if (target === box && key === "Enter") event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const links = all(".cards h2 a");
    const at = links.indexOf(target);
    const writes = target.matches("input:not([type=checkbox]), select");
    if (key === "/" && !writes) box.select();
    else if (key === "?" && !writes) byId("keys").togglePopover();
    else if (key === "Escape" && target === box && box.value) { box.value = ""; typed(); }
    else if (key === "Escape" && target.closest("#results")) box.focus();
    else if (key === "ArrowDown" && (at >= 0 || target === box)) links[at + 1]?.focus();
    else if (key === "ArrowUp" && at >= 0) (links[at - 1] ?? box).focus();
    else return;
    event.preventDefault();
  });

  // A province that is switched off takes its cities along.
  on("change", ({ target }) => {
    if (target.type === "checkbox" && !target.checked)
      for (const city of all(".nested input", target.closest("li"))) city.checked = false;
  });

  // Searches a list of values: characters, pinyin (also half composed: hei'long), first letters.
  const narrow = (box) => {
    const wanted = box.value.toLowerCase().replace(/['\s]/g, "");
    const group = box.parentElement;
    for (const item of all(":scope > ul > li, :scope > details > ul > li", group)) {
      const name = item.querySelector(".name");
      item.hidden = !name.textContent.includes(wanted) && !` ${name.dataset.spell}`.includes(` ${wanted}`);
    }
    if (wanted) group.querySelector("details").open = true;
  };

  on("click", ({ target }) => {
    if (target.id === "retry") retry();
    else if (target.dataset.step) { // to the next or previous mark
      const step = +target.dataset.step;
      const marks = all("mark[id]");
      const at = marks.findIndex((mark) => `#${mark.id}` === location.hash);
      location.replace(`#${marks.at((at < 0 && step < 0 ? at : at + step) % marks.length).id}`);
    } else if (target.matches(".copy")) {
      navigator.clipboard?.writeText(byId(target.dataset.copies)?.textContent ?? location.href)
        .then(() => { target.textContent = "已复制"; });
    }
  });

  on("htmx:config:request", (event) => {
    const { sourceElement, sourceEvent } = event.detail.ctx;
    if (sourceElement.id !== "search") return;
    const text = byId("q").value;
    if (composing || (sourceEvent.type === "typed" && text === asked)) event.preventDefault();
    else asked = text;
  });

  // An answer still under way belongs to the page left behind.
  on("htmx:before:request", (event) => { underway = event.detail.ctx.request; });
  on("htmx:before:history:restore", () => underway?.abort?.());

  on("htmx:before:swap", () => { focused = document.activeElement?.closest("#live") ? document.activeElement.id : ""; });
  on("htmx:after:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.swap === "none") return;
    byId("trouble").hidden = true;
    if (ctx.target === document.body) { asked = byId("q").value; composing = false; return; }
    // Merging keeps what a reader did to a checkbox; the answer knows better.
    for (const box of all("#live input[type=checkbox]")) box.checked = box.defaultChecked;
    all(".find").forEach(narrow);
    const feed = document.querySelector("link[rel=alternate]");
    if (feed) feed.href = byId("feed")?.href ?? "/feed.atom";
    if (ctx.sourceElement?.closest?.(".pager") || ctx.sourceEvent?.target?.closest?.(".pager")) byId("results").focus();
    else if (focused && document.activeElement === document.body) byId(focused)?.focus({ preventScroll: true });
  });

  // No answer: the last results stay, with a line that says so.
  const trouble = (event) => {
    const { ctx } = event.detail;
    if (!ctx || ctx.response?.status === 400) return;
    failed = ctx.request.action;
    asked = null;
    byId("trouble").hidden = false;
  };
  on("htmx:error", trouble);
  on("htmx:response:error", trouble);
  const retry = () => { if (failed) htmx.ajax("GET", failed, { source: "#live" }); };
  addEventListener("online", () => { if (!byId("trouble").hidden) retry(); });
})();
