"""What every judged query is answered, kept to compare with: a change that is to move code and no answer proves it so.

    python -m bench.snapshot save FILE              # answer every query of every judged set, over fresh indexes
    python -m bench.snapshot compare BEFORE [AFTER] # … or compare with what is answered now; status 1 if they differ

A file has one line of JSON a query, with what a reader sees of the first page: ids in order, total, counts of every
facet, marked titles and snippets, near-duplicates, notes (they say which words a result may lack), suggestion. It is
made of the public values of `search` alone, so that it can be compared across any move of modules.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.quality import judged_sets
from search import Engine, Results, UserError, answer, query_from

Json = dict[str, Any]
Snapshot = dict[tuple[str, str], Json]
"""What was answered, by the name of the set and the id of the query."""

SHOWN = 3
"""Differences that are printed of a set; the rest is counted."""
BEFORE_DIFFERENCE, AFTER_DIFFERENCE = 30, 90
"""Characters that are printed of two values, around where they begin to differ."""


def answered(engine: Engine, text: str) -> Json:
    """Return the parts of what the search page shows for a text; what is wrong with the text, if it is refused."""
    try:
        return parts(answer(engine, query_from({"q": [text]}, collapse=True)))
    except UserError as error:
        return {"error": error.message}


def parts(results: Results) -> Json:
    """Return what a reader sees of results, by name of the part, and scores.

    Scores have 4 decimals: sums taken in another order may differ beyond them.
    """
    hits = results.hits
    return {
        "total": results.total,
        "ids": [hit.article.id for hit in hits],
        "similar": [[hit.similar_total, [article.id for article in hit.similar]] for hit in hits],
        "facets": {
            key: [[count.value, count.label, count.count, count.selected] for count in counts]
            for key, counts in results.facets.items()
        },
        "titles": [[hit.article.title, hit.title_highlights] for hit in hits],
        "snippets": [[[s.text, s.highlights, s.section] for s in hit.snippets] for hit in hits],
        "notes": [[note.code, note.message] for note in results.parsed.notes],
        "suggestion": results.suggestion,
        "scores": [round(hit.score, 4) for hit in hits],
    }


def take() -> Iterator[Json]:
    """Yield the line of every query of every judged set that is at hand. Indexes are built anew, and left nowhere."""
    with TemporaryDirectory(prefix="yibao-snapshot-") as work, ExitStack() as stack:
        for name, judged, engine in judged_sets(Path(work), stack):
            for query in judged.queries:
                yield {"set": name, "id": query.id, "text": query.text, "answer": answered(engine, query.text)}
            print(f"{name}: {len(judged.queries)} queries answered", file=sys.stderr)


def save(path: Path, lines: Iterable[Json]) -> None:
    """Write a snapshot; a file is there only when it is whole."""
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    unfinished.rename(path)


def load(lines: Iterable[str]) -> Snapshot:
    """Return what lines of a snapshot hold."""
    return {(line["set"], line["id"]): line for line in map(json.loads, lines)}


def differing(before: Json, after: Json) -> list[str]:
    """Return the names of the parts of two answers that are not the same."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def comparison(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield a line a set (queries, how many are answered the same, what differs how often), then first differences."""
    for name in dict.fromkeys(set_name for set_name, _ in [*before, *after]):
        old, new = _of_set(before, name), _of_set(after, name)
        shared = [id_ for id_ in old if id_ in new]
        differences = {id_: found for id_ in shared if (found := differing(old[id_]["answer"], new[id_]["answer"]))}
        counts = Counter(part for found in differences.values() for part in found)
        counts += Counter({"gone": len(old) - len(shared), "new": len(new) - len(shared)})
        told = ", ".join(f"{part} {count}" for part, count in counts.items())
        yield f"{name}: {len(old)} queries, {len(shared) - len(differences)} identical{f'; {told}' if told else ''}"
        for id_, found in list(differences.items())[:SHOWN]:
            yield f"    {old[id_]['text']}"
            for part in found:
                yield from _excerpts(part, old[id_]["answer"].get(part), new[id_]["answer"].get(part))


def _of_set(snapshot: Snapshot, name: str) -> Mapping[str, Json]:
    return {id_: line for (set_name, id_), line in snapshot.items() if set_name == name}


def _excerpts(part: str, before: Any, after: Any) -> Iterator[str]:
    """Yield both values from shortly before they differ."""
    texts = [json.dumps(value, ensure_ascii=False) for value in (before, after)]
    same = next((at for at, (old, new) in enumerate(zip(*texts, strict=False)) if old != new), min(map(len, texts)))
    start = max(0, same - BEFORE_DIFFERENCE)
    for sign, text in zip("-+", texts, strict=True):
        yield f"      {sign} {part}: {'…' if start else ''}{text[start:][: BEFORE_DIFFERENCE + AFTER_DIFFERENCE]}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.snapshot", description="Keep and compare complete answers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("save").add_argument("file", type=Path)
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path, nargs="?")
    options = parser.parse_args()
    if options.command == "save":
        save(options.file, take())
        return
    before = load(options.before.open(encoding="utf-8"))
    # Through JSON in either case: it knows no tuples.
    after = load(options.after.open(encoding="utf-8") if options.after else map(json.dumps, take()))
    for line in comparison(before, after):
        print(line)
    sys.exit(before.keys() != after.keys() or any(differing(before[k]["answer"], after[k]["answer"]) for k in before))


if __name__ == "__main__":
    main()
