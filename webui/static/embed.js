// A search box for the pages of other sites, in a shadow root: docs/embed.md. No cookie, nothing kept, nobody else asked.
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const {
    in: place, target = "_self", label = "搜索医保政策与问答", button = "搜索", placeholder = "如：异地就医怎么备案",
  } = script.dataset;
  const MOST = 6;
  const WAIT = 80; // milliseconds without a key
  const STYLE = `
    :host { display: block; font: 1rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    form { position: relative; display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; color: #1c2321; }
    input { flex: 1 1 8em; min-width: 0; }
    input, button { box-sizing: border-box; height: 2.75rem; padding: 0 .9rem; border: 1px solid #5f6965; border-radius: .5rem; font: inherit; background: #fff; color: inherit; }
    button { border: 0; background: #0f6b5c; color: #fff; cursor: pointer; }
    :focus-visible, [aria-selected=true] { outline: 2px solid #0f6b5c; outline-offset: 2px; }
    [aria-selected=true] { outline-offset: -2px; }
    ul { position: absolute; inset: 3rem 0 auto; z-index: 1; margin: 0; padding: .3rem 0; list-style: none; background: #fff; border: 1px solid #87918c; border-radius: .5rem; }
    ul[hidden] { display: none; }
    li { padding: .55rem .9rem; min-height: 1.65rem; cursor: pointer; }
    li[aria-selected=true], li:hover { background: #e6f1ee; }
    @media (prefers-color-scheme: dark) {
      form, ul, input { color: #e6ebe8; background-color: #1a211f; }
      form { background: none; }
      input { border-color: #87918c; }
      button { background: #6fd0bb; color: #07231d; }
      li[aria-selected=true], li:hover { background: #1e3430; }
      :focus-visible, [aria-selected=true] { outline-color: #6fd0bb; }
    }`;

  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const input = make("input", {
    name: "q", maxlength: 200, placeholder, autocomplete: "off", enterkeyhint: "search", "aria-label": label,
    role: "combobox", "aria-expanded": false, "aria-autocomplete": "list", "aria-controls": "options",
  });
  const list = make("ul", { id: "options", role: "listbox", "aria-label": "补全", hidden: "" });
  const form = make("form", { action: `${home}/`, method: "get", target, role: "search" }, input, make("button", {}, button), list);

  const host = place ? document.getElementById(place) : make("div", {});
  if (!place) script.after(host);
  const root = host.attachShadow({ mode: "open" });
  try { // which no policy of the site forbids
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(make("style", {}, STYLE)); // before Safari 16.4
  }
  root.append(form);

  let chosen = -1;
  let composing = false;
  let waiting, asking;

  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", at === number));
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[number].id);
  };
  const offer = (texts = []) => {
    list.replaceChildren(...texts.map((text, at) => make("li", { id: `option-${at}`, role: "option" }, text)));
    list.hidden = !texts.length;
    input.setAttribute("aria-expanded", !!texts.length);
    choose(-1);
  };
  const stop = () => {
    clearTimeout(waiting);
    if (asking) asking.abort();
  };
  const close = () => { stop(); offer(); };
  const ask = async () => {
    const text = input.value.trim();
    if (!text) return offer();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${home}/api/v1/suggest?q=${encodeURIComponent(text)}`, {
        signal, credentials: "omit", referrerPolicy: "no-referrer",
      });
      const { suggestions } = await answer.json();
      if (!signal.aborted && root.activeElement === input)
        offer(suggestions.map((each) => each.text).filter((each) => each !== text).slice(0, MOST));
    } catch { // not allowed, or not reached: the box searches all the same
      if (!signal.aborted) offer();
    }
  };
  const take = (number) => {
    input.value = list.children[number].textContent;
    close();
    form.submit();
  };

  input.addEventListener("compositionstart", () => { composing = true; });
  input.addEventListener("compositionend", () => { composing = false; });
  input.addEventListener("input", () => {
    stop();
    choose(-1); // of what was typed before
    waiting = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    // Keys of an input method are its own: Enter takes its candidate, and neither sends nor chooses. 229: Safari.
    if (composing || event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const ring = list.children.length + 1;
    if (step && ring > 1) {
      stop(); // no list takes a choice away
      choose((chosen + 1 + step + ring) % ring - 1);
    }
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else if (event.key === "Escape" && ring > 1) close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", (event) => {
    if (composing || !input.value.trim()) event.preventDefault();
    else close();
  });
  const at = ({ target }) => [...list.children].indexOf(target.closest("li"));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the box keeps the focus
    stop();
    choose(at(event)); // it is taken by the click: whoever lets go elsewhere has taken nothing
  });
  list.addEventListener("click", (event) => { if (at(event) >= 0) take(at(event)); });
})();
