"""What the command line prints: text for people, from finished values."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType

import click

from .. import text as text_analysis
from ..answering.quoting import quoted
from ..engines.registry import index_at
from ..facets import Facet, Facets
from ..formats import skipped_by_type
from ..gaps import opinion_of
from ..identity import NAMES, SETTINGS_PARTS, differing, digest, rules_of
from ..indexing.build import Report
from ..indexing.builds import Build
from ..indexing.checkup import Checkup, Repair, examine
from ..indexing.lint import LintReport
from ..indexing.rejected import RejectedKind, rejected_kinds
from ..model import Article, Contribution, FacetCount, IndexInfo, Parsed, Results, Span
from .report import coverage

MAX_LISTED = 20
"""How many findings of a kind are printed in full; the rest is counted."""
WORST = 10
"""How many kinds of rejections are printed, the largest first; the rest is counted."""


_ASCII = ("ascii", "us-ascii", "ansi_x3.4-1968", "646")

_ESTIMATED_FROM, _LEAST_SHARE = 2.0, 0.01
"""After so many seconds, and from such a share of the work on, it can be told how long the rest takes."""

BAR = 30
"""How many characters wide a progress bar is."""


class Progress:
    """Shows how far a reindex is: on a terminal a bar that rewrites itself, with the time that the rest may take; in a
    pipe a line now and then.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._interval = 0.1 if self._terminal else 5.0
        self._begun = self._last = time.monotonic()
        self._shown = False

    def __call__(self, stage: str, count: int, share: float | None = None) -> None:
        """Take note of the records so far; show them if the last time is long enough ago."""
        now = time.monotonic()
        if now - self._last < self._interval:
            return
        self._last = now
        self._shown = True
        line = f"{stage} {count:,} records"
        if share is not None:
            line += f", {share:.0%}"
        if self._terminal and share is not None:
            done = round(share * BAR)
            line = f"[{'#' * done}{'-' * (BAR - done)}] {line}{_left(now - self._begun, share)}"
        click.echo(f"\r\x1b[K{line}" if self._terminal else line, err=True, nl=not self._terminal)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._terminal and self._shown:
            click.echo("\r\x1b[K", err=True, nl=False)


def _left(seconds: float, share: float) -> str:
    """Return how long the rest takes, if it goes on as in the `seconds` so far; nothing as long as that is a guess."""
    if seconds < _ESTIMATED_FROM or share < _LEAST_SHARE:
        return ""
    rest = seconds * (1 - share) / share
    return f", {rest:.0f} s left" if rest < 60 else f", {rest / 60:.0f} min left"


def take_any_character() -> None:
    """Let standard output take any text: in UTF-8 where the locale states no encoding, escaped where one lacks it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            unstated = stream.encoding.lower() in _ASCII and "PYTHONIOENCODING" not in os.environ
            stream.reconfigure(encoding="utf-8" if unstated else None, errors="backslashreplace")


def json_line(value: object) -> str:
    """Return JSON on one line, in characters that standard output takes."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def print_report(report: Report) -> None:
    """Print what a reindex did."""
    click.echo(f"sources    {safe(', '.join(map(str, report.sources)))}")
    for part, identity in (("index", report.settings.index.identity()), ("query", report.settings.query.identity())):
        if identity:
            click.echo(f"settings   {part} part {identity}")
    kinds = ", ".join(f"{count:,} {kind}s" for kind, count in sorted(report.kinds.items()))
    click.echo(f"read       {report.files:,} files, {report.articles:,} records ({kinds or 'none'})")
    c = report.changes
    click.echo(f"changes    {c.added:,} added, {c.changed:,} changed, {c.removed:,} removed, {c.unchanged:,} unchanged")
    if report.other_rules:
        click.echo(f"           all files were read again: the index was built with other {report.other_rules}")
    click.echo(f"rejected   {len(report.rejections):,}")
    _print_rejected(rejected_kinds(report.rejections))
    click.echo(f"skipped    {len(report.skipped):,} files of other formats")
    _list(skipped_by_type(report.skipped))
    for key, _, count in coverage(report):
        share = count / report.articles if report.articles else 0
        click.echo(f"{key:<10} {count:,} records have one ({share:.0%})")
    _print_lint(report.lint)
    click.echo(f"time       {report.seconds:.1f} s")
    click.echo(f"index      {report.build_id or 'unchanged'}")


def _print_rejected(kinds: Sequence[RejectedKind]) -> None:
    for kind in kinds[:WORST]:
        what = f"{kind.type or 'without a suffix'}: {kind.reason}"
        click.echo(f"{kind.count:>10,} {safe(what)}")
        click.echo(f"           {'such as ' if kind.count > 1 else ''}{safe(str(kind.examples[0]))}")
    if rest := kinds[WORST:]:
        click.echo(f"           … and {sum(kind.count for kind in rest):,} of {len(rest):,} more kinds")
    if sum(kind.count for kind in kinds) > len(kinds[:WORST]):
        click.echo("           --report FILE.html or FILE.json lists every one")


def _print_lint(lint: LintReport) -> None:
    for name, findings in lint.findings().items():
        click.echo(f"lint       {name}: {len(findings):,}")
        _list(findings)


def _list(lines: Sequence[str]) -> None:
    for line in lines[:MAX_LISTED]:
        click.echo(f"           {safe(line)}")
    if len(lines) > MAX_LISTED:
        click.echo(f"           … and {len(lines) - MAX_LISTED:,} more")


def print_results(results: Results, facets: Facets) -> None:
    """Print one page of results; on a terminal the query's words stand out."""
    for note in results.parsed.notes:
        click.echo(f"注意：{note.message}")
    for banner in results.banners:
        click.echo(f"公告：{safe(banner.text)} {banner.link}".rstrip())
    click.echo(f"{results.total:,} 条结果，第 {results.query.page} 页，{results.took_ms:.1f} 毫秒")
    _print_answer(results)
    for rank, hit in enumerate(results.hits, (results.query.page - 1) * results.query.size + 1):
        article = hit.article
        click.echo(f"\n{rank:>3}. {'置顶 ' if hit.pinned else ''}{_marked(article.title, hit.title_highlights)}")
        about = [value for facet in facets if not _is_narrowed(facet, facets, article) for value in _of(article, facet)]
        day = article.date.isoformat() if article.date else "无日期"
        click.echo(f"     {' · '.join([*about, day, article.source])}".rstrip(" ·"))
        for snippet in hit.snippets:
            click.echo(f"     {_marked(snippet.text, snippet.highlights)}")
        if hit.lacks:
            click.echo(f"     没有：{'、'.join(hit.lacks)}")
        similar = f"  另有 {hit.similar_total} 篇相似" if hit.similar else ""
        click.echo(f"     id {article.id}  {hit.score:.3f}{similar}")
    lines = [_facet_line(facet, counts) for facet in facets if (counts := results.facets[facet.key])]
    if lines:
        click.echo("\n".join(["", *lines]))


def _print_answer(results: Results) -> None:
    """Print what answers the question, the title it stands under, and by which words it was chosen."""
    answer = results.answer
    for hit in results.hits if answer else ():
        if answer and hit.article.id == answer.id:
            click.echo(f"\n答案  {click.style(safe(quoted(answer, hit.article)), bold=True)}")
            click.echo(f"      {safe(' · '.join(filter(None, (hit.article.title, answer.heading))))}")
            if answer.words:
                click.echo(f"      按这些词选出：{'、'.join(map(safe, answer.words))}")


def _of(article: Article, facet: Facet) -> tuple[str, ...]:
    return article.facets.get(facet.key, ())


def _is_narrowed(facet: Facet, facets: Facets, article: Article) -> bool:
    """Tell whether the article has values inside those of the facet, which speak for them (a city for its province)."""
    return any(_of(article, child) for child in facets.children(facet.key))


def _facet_line(facet: Facet, counts: Sequence[FacetCount]) -> str:
    shown = "  ".join(f"{'✓' if c.selected else ''}{c.label} {c.count}" for c in counts[:10])
    return f"{facet.label}  {shown}{' …' if len(counts) > 10 else ''}"


def _marked(text: str, spans: Sequence[Span]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [safe(text[at:start]), click.style(safe(text[start:end]), bold=True, fg="yellow")]
        at = end
    return "".join([*pieces, safe(text[at:])])


def safe(text: str) -> str:
    """Return `text` without control and format characters: an article must not steer somebody's terminal.

    Nor does a file name with a line feed begin another line.
    """
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)


def safe_lines(text: str) -> str:
    """Return lines of text, each as `safe` has it."""
    return "\n".join(map(safe, text.split("\n")))


def print_analysis(text: str, parsed: Parsed) -> None:
    """Print the tokens of a text as indexed and as searched for."""
    folded = text_analysis.fold(text)
    click.echo(f"segmenter  {text_analysis.segmenter_name()}")
    click.echo(f"folded     {safe(folded)}")
    click.echo(f"index      {' | '.join(text_analysis.index_words(folded))}")
    click.echo(f"cut        {' | '.join(token.text for token in text_analysis.query_words(folded))}")
    for clause in parsed.clauses:
        forms = ", ".join(f"{form.text} ×{form.weight:g}" for form in clause.forms)
        click.echo(f"{clause.kind:<10} {safe(clause.text)} = {forms}{f'  ({clause.place})' if clause.place else ''}")
    for note in parsed.notes:
        click.echo(f"note       {note.message}")


def print_explanation(article: Article, contributions: Sequence[Contribution]) -> None:
    """Print what made an article's score, and why it has its facet values."""
    click.echo(f"{safe(article.title)}  ({article.id})")
    if not contributions:
        click.echo("does not match")
    for part in contributions:
        click.echo(f"{part.score:>8.3f}  {part.what}  in {part.where}")
    if contributions:
        click.echo(f"{sum(part.score for part in contributions):>8.3f}  in all")
    for e in article.evidence:
        seen = {"title": article.title, "text": article.text}.get(e.field, "")[e.start : e.end]
        click.echo(f"{e.facet:<10} {e.value}  by {e.rule} in {e.field} {safe(seen)}".rstrip())


def print_stats(info: IndexInfo, facets: Mapping[str, Sequence[FacetCount]], size: int, as_json: bool) -> None:
    """Print what an index holds and what built it."""
    if as_json:
        counts = {key: {c.value: c.count for c in values} for key, values in facets.items()}
        identity = {name: getattr(info, name) for name in IndexInfo.__slots__}
        click.echo(json_line({**identity, "bytes": size, "facets": counts}))
        return
    click.echo(f"documents  {info.documents:,}")
    click.echo(f"bytes      {size:,}")
    click.echo(f"built      {info.built_at}  {info.build_id}")
    click.echo(f"rules      schema {info.schema_version}, {info.segmenter}, fingerprint {info.fingerprint}")
    for part in (part for part in SETTINGS_PARTS if part in info.rules):
        click.echo(f"settings   {NAMES[part]}: {info.rules[part]}")
    for key, values in facets.items():
        if values:
            click.echo(f"{key:<10} {'  '.join(f'{c.label} {c.count}' for c in values[:MAX_LISTED])}")


def print_gaps(first: date, last: date, words: Mapping[str, int], opinions: Mapping[str, int], as_json: bool) -> None:
    """Print words that readers did not find, most asked for first; then opinions on articles, in the same order."""
    missed, said = (sorted(counts.items(), key=lambda item: (-item[1], item[0])) for counts in (words, opinions))
    told = [(*opinion_of(counted), count) for counted, count in said]
    if as_json:
        listed = [{"word": word, "count": count} for word, count in missed]
        feedback = [{"article": article, "kind": kind, "count": count} for kind, article, count in told]
        click.echo(json_line({"from": str(first), "to": str(last), "words": listed, "feedback": feedback}))
        return
    for word, count in missed:
        click.echo(f"{count:>7,}  {safe(word)}")
    if not missed:
        click.echo(f"no word from {first} to {last} that enough readers did not find")
    for kind, article, count in told:
        click.echo(f"{count:>7,}  {safe(kind):<17}  {safe(article)}")


def print_checkup(address: Path | str) -> bool:
    """Print whether installation and index are sound; return False if something needs mending."""
    index = index_at(address)
    click.echo(f"ok    segmenter {text_analysis.segmenter_name()}, rules {digest(rules_of())}")
    click.echo(f"ok    engine {index.about()}")
    found = examine(index)
    repairs = index.completed("yibao doctor --repair")
    if found.problem:
        click.echo(f"BAD   {found.problem}")
        if found.successor:
            click.echo(f"      Or serve what is there, build {found.successor} is sound: {repairs}")
    elif found.live:
        build = Build(index.open(found.live))
        info = build.info
        click.echo(f"ok    index {found.live}: {info.documents:,} documents, {info.built_at}")
        click.echo(f"ok    {index.verified}")
        for part in (part for part in SETTINGS_PARTS if part in info.rules):
            click.echo(f"ok    {NAMES[part]}: {info.rules[part]}")
        if others := differing(info.rules, rules_of(build.facets, build.settings)):
            command = index.completed("yibao reindex SOURCES…")
            click.echo(
                f"note  the index was built with other {others}; a reindex reads the sources by the new ones: {command}"
            )
    _print_beside(found, repairs)
    return found.problem is None


def _print_beside(found: Checkup, repairs: str) -> None:
    """Print what is there beside the live build."""
    others = {build: condition for build, condition in found.builds.items() if build != found.live}
    for build, condition in others.items():
        click.echo(f"note  build {build} is there too: {condition.value}")
    for name in found.beside.temporary:
        click.echo(f"note  {name} is of a reindex that is running, or was killed")
    if found.problem is None and (found.leftovers or found.beside.temporary):
        click.echo(f"      What no running reindex needs goes with the next one, or now: {repairs}")
    for name in found.beside.foreign:
        click.echo(f"note  {safe(name)} is not of this program and stays")


def print_repair(done: Repair) -> None:
    """Print what was mended."""
    if done.switched_to:
        click.echo(f"done  build {done.switched_to} is live now, the newest that is sound")
    for name in done.removed:
        click.echo(f"done  {name} was removed")
    if not (done.switched_to or done.removed):
        click.echo("done  there was nothing that could be mended")
