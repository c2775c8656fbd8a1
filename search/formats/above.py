"""What stands above a list of questions or records: its name, whose it is, its day. That holds for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..model import Article, Rejection
from .dates import is_day, labelled_day, labelled_parts
from .fields import dated
from .text_lines import stated_source

_LONGEST = 80
_SENTENCE_ENDS = tuple("。！？!?；;：:，,")
_SHOWN = 40


@dataclass(slots=True)
class Above:
    """The lines above a list, by their number (from 1) in the file `path`."""

    path: str
    lines: dict[int, str]
    _is_used: bool = field(default=False, init=False)

    def holds_for(self, article: Article) -> Article:
        """Return an article of the list with its day, and with its name and publisher as the source.

        What the article states itself stays; a day in the name of the file goes before one of the lines.
        """
        found = dated(article, self.path, [*self.lines.values()])
        if found.source:
            return found
        self._is_used = True
        return replace(found, source="，".join(filter(None, map(_name, self.lines.values()))))

    def left_out(self) -> Iterator[Rejection]:
        """Yield what is in none of the articles that were asked for: sentences, or all if each had its own source."""
        for number, line in self.lines.items():
            if _is_sentence(line) or (_name(line) and not self._is_used):
                shown = line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
                yield Rejection(self.path, f"above a list, in none of its articles: “{shown}”", number)


def is_label(line: str) -> bool:
    """Tell whether a line says when or by whom something was published, and nothing else."""
    return all(labelled_day(part) or is_day(part) or stated_source([part]) for part in labelled_parts(line))


def _is_sentence(line: str) -> bool:
    return len(line) > _LONGEST or line.endswith(_SENTENCE_ENDS)


def _name(line: str) -> str:
    """Return what a line calls a list or its publisher; nothing if it says a day, or a sentence."""
    if _is_sentence(line):
        return ""
    parts = (part for part in labelled_parts(line) if not (labelled_day(part) or is_day(part)))
    return "，".join(stated_source([part]) or part for part in parts)
