"""`python -m bench.reader FOLDER`: how many actions a reader with a phone needs to the first useful sentence.

FOLDER holds the articles that `reader.tsv` asks about. Each line of that is a question in a reader's words and what a
useful sentence holds: some characters, decided from the source before anything was searched; `|` parts alternatives.

Typing and Enter are one action, each screen scrolled one, each tap one. A reader scrolls on, or taps what stands first
(the answer, or the first result) and scrolls there: the shorter of both counts.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.demo import demo

TASKS = Path(__file__).with_name("reader.tsv")
WIDTH, HEIGHT = 360, 740
MOST = 5
"""Actions after which a reader has given up."""
FEW = 2

# Whether one of some texts is in sight: all of its characters inside the window, covered and cut by nothing.
IN_SIGHT = """(wanted) => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const at = [];
  while (walker.nextNode()) {
    if (walker.currentNode.parentElement.closest('.unseen')) continue;
    [...walker.currentNode.data].forEach((character, offset) => {
      if (character.trim()) at.push([walker.currentNode, offset, character.normalize('NFKC')]);
    });
  }
  const text = at.map(([, , character]) => character).join('');
  const seen = ([node, offset]) => {
    const range = document.createRange();
    range.setStart(node, offset);
    range.setEnd(node, offset + 1);
    const box = range.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.width > 0 && there !== null && (there.contains(node) || node.parentElement.contains(there));
  };
  for (const one of wanted.map((words) => words.normalize('NFKC')))
    for (let start = text.indexOf(one); start >= 0; start = text.indexOf(one, start + 1))
      if (at.slice(start, start + one.length).every(seen)) return true;
  return false;
}"""


@dataclass(frozen=True, slots=True)
class Task:
    """A question, and what a useful sentence holds: one of some texts without white space.

    `kept` is the set it belongs to: `tuned`, looked at while the page was put right, or `held` back until then.
    """

    kept: str
    question: str
    useful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """How a task went: on the first screen or not, and how many actions it took; None if the reader gave up."""

    task: Task
    at_once: bool
    actions: int | None


def tasks(path: Path = TASKS) -> Iterator[Task]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield Task(row["set"], row["question"], tuple(row["useful"].split("|")))


def scrolled(page: Page, task: Task, spent: int) -> int | None:
    """Return how many actions were spent when a useful sentence is in sight, going down from here."""
    for actions in range(spent, MOST + 1):
        if page.evaluate(IN_SIGHT, list(task.useful)):
            return actions
        page.evaluate("scrollBy(0, innerHeight - document.querySelector('.top').offsetHeight)")
    return None


def walk(page: Page, url: str, task: Task) -> Walk:
    """Do one task from the start page on."""
    page.goto(url)
    page.locator("#q").tap()
    page.keyboard.insert_text(task.question)
    with page.expect_response(lambda answer: "q=" in answer.url and "/suggest" not in answer.url):
        page.keyboard.press("Enter")
    page.locator(".cards, .nothing").first.wait_for()
    page.wait_for_timeout(300)
    on_list = scrolled(page, task, 1)
    page.evaluate("scrollTo(0, 0)")
    inside = None
    first = page.locator(".answer a, .card h2 a").first
    if first.count() and on_list != 1:
        first.tap()
        page.locator("article").wait_for()
        inside = scrolled(page, task, 2)
    return Walk(task, on_list == 1, min((way for way in (on_list, inside) if way), default=None))


def walks(browser: Browser, url: str, all_tasks: Iterator[Task]) -> list[Walk]:
    """Do each task in a browser of its own, as somebody who comes for it alone."""
    done = []
    for task in all_tasks:
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, has_touch=True, is_mobile=True, locale="zh-CN"
        )
        done.append(walk(context.new_page(), url, task))
        context.close()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reader", description=__doc__)
    parser.add_argument("folder", type=Path, help="the articles")
    parser.add_argument("--tasks", type=Path, default=TASKS, help="questions and what is useful, as in reader.tsv")
    options = parser.parse_args()
    with demo(options.folder) as (browser, url):
        done = walks(browser, url, tasks(options.tasks))
    for one in done:
        print(f"{one.actions or 'given up'}\t{'first screen' if one.at_once else ''}\t{one.task.question}")
    for kept in dict.fromkeys(one.task.kept for one in done):
        own = [one for one in done if one.task.kept == kept]
        few = sum(one.actions is not None and one.actions <= FEW for one in own)
        at_once = sum(one.at_once for one in own)
        print(f"{kept}: {len(own)} tasks, {few} within {FEW} actions, {at_once} on the first screen")


if __name__ == "__main__":
    main()
