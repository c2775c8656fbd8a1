// Handing on: what the browser offers, else copying; whatever comes of it is said aloud. docs/decisions/0420-elders.md
const byId = (id) => document.getElementById(id);

const say = (button, words) => {
  byId("said").textContent = "";
  setTimeout(() => { byId("said").textContent = words; }, 50); // so that the same words are said again
  button.textContent = words;
};
const select = (source) => {
  if (source.select) { source.focus(); source.select(); return; }
  getSelection().selectAllChildren(source);
};
// Over plain http there is no clipboard; where neither way works, what is to be copied is left selected.
const copy = async (button) => {
  const source = byId(button.dataset.copies);
  const { done, undone } = byId("said").dataset;
  try {
    await navigator.clipboard.writeText((source.value || source.textContent).trim());
    say(button, done);
  } catch {
    select(source);
    let copied = false;
    try { copied = document.execCommand("copy"); } catch { /* then by hand */ }
    say(button, copied ? done : undone);
  }
};

document.addEventListener("click", ({ target }) => {
  if (target.matches(".copy")) copy(target);
  else if (target.matches(".hand-on"))
    navigator.share({ title: document.title, url: byId(target.dataset.copies).value }).catch(() => {}); // thought better of it
});
document.addEventListener("toggle", ({ target }) => {
  if (target.matches(".share") && navigator.share) target.querySelector(".hand-on").hidden = false;
}, true);
