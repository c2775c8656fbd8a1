"""The command `yibao`: a thin shell over the library. Prints; decides nothing."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import evaluate_output
from ..answering.answers import answer, parse_text
from ..answering.shapes import article_json, results_json
from ..engines.contract import Engine
from ..errors import SearchError, plain
from ..evaluate import FLOORS, below_floors, engine_for, evaluate, load_floors, load_report, save_report
from ..facets import FACETS
from ..indexing.build import Report, reindex, shipped_seeds
from ..indexing.generations import current_build, open_current
from ..judgements import JUDGEMENTS, load_judgements
from ..model import Article
from ..query.parameters import query_from
from . import output as cli_output

Command = Callable[..., Any]


class _Commands(click.Group):
    """Turns the program's own errors, and those of the file system, into one plain line and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SearchError as error:
            message = str(error)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe had enough: click ends quietly
                raise
            message = plain(error)
        click.echo(f"yibao: {cli_output.safe(message)}", err=True)
        _give_up_unwritten()
        ctx.exit(1)


def _give_up_unwritten() -> None:
    """Drop what standard output does not take (a full disk), or Python would try again, and complain, at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _OfText(click.Command):
    """A command with a TEXT, of which the grammar lets a minus exclude a word: told apart from options by --."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = "A TEXT that begins with - comes last, after --."
            raise click.UsageError(f"{error.format_message()}\n{hint}", ctx) from error


def _index_dir(command: Command) -> Command:
    return click.option(
        "--index-dir",
        type=click.Path(path_type=Path),
        default=Path("indexdir"),
        envvar="YIBAO_INDEX_DIR",
        show_default=True,
        show_envvar=True,
        help="Directory of the index.",
    )(command)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yibao-search", prog_name="yibao")
def main() -> None:
    """Chinese faceted search for medical-insurance (医保) knowledge."""


@main.command("reindex")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@_index_dir
@click.option("--changed", is_flag=True, help="Read again only the files that changed.")
@click.option("--dry-run", is_flag=True, help="Read, classify and report; write nothing.")
@click.option("--strict", is_flag=True, help="Switch to the new index only if nothing was rejected.")
def reindex_command(sources: tuple[Path, ...], index_dir: Path, changed: bool, dry_run: bool, strict: bool) -> None:
    """Build the index of SOURCES (files or folders; the shipped seeds by default) and switch to it."""
    with cli_output.Progress() as progress:
        report: Report = reindex(
            sources or (shipped_seeds(),),
            index_dir,
            changed=changed,
            dry_run=dry_run,
            strict=strict,
            progress=progress,
        )
    cli_output.print_report(report)
    if strict and report.rejections:
        click.echo("yibao: records were rejected and --strict was given: the index stays as it was.", err=True)
        sys.exit(1)


def _filters(command: Command) -> Command:
    for facet in reversed(FACETS):
        command = click.option(f"--{facet.key}", multiple=True, help=f"{facet.label}; repeatable.")(command)
    return command


@main.command("search", cls=_OfText)
@click.argument("text", default="")
@_index_dir
@_filters
@click.option("--from", "from_", default="", help="Earliest date, YYYY-MM-DD.")
@click.option("--to", default="", help="Latest date, YYYY-MM-DD.")
@click.option("--sort", default="", help="relevance, newest or oldest.")
@click.option("--page", default="", help="Page of results, from 1.")
@click.option("--size", default="", help="Results a page, at most 100.")
@click.option("--collapse", is_flag=True, help="Show one of each group of near-duplicates.")
@click.option("--json", "as_json", is_flag=True, help="Print the object of GET /api/v1/search.")
def search_command(text: str, index_dir: Path, collapse: bool, as_json: bool, **options: Any) -> None:
    """Search for TEXT; without it, list the newest articles."""
    single = {"q": text, "from": options.pop("from_"), **{k: options.pop(k) for k in ("to", "sort", "page", "size")}}
    query = query_from({**{name: [value] for name, value in single.items()}, **options}, collapse=collapse)
    results = answer(open_current(index_dir), query)
    if as_json:
        click.echo(json.dumps(results_json(results), ensure_ascii=False))
    else:
        cli_output.print_results(results)


@main.command("export")
@_index_dir
def export_command(index_dir: Path) -> None:
    """Print every stored article, one JSON object a line."""
    for article in open_current(index_dir).articles():
        click.echo(json.dumps(article_json(article), ensure_ascii=False))


@main.command("serve")
@_index_dir
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", default=min(4, os.cpu_count() or 1), show_default="CPUs, at most 4", type=click.IntRange(1))
def serve_command(index_dir: Path, host: str, port: int, workers: int) -> None:
    """Serve the search page and the JSON endpoint."""
    from webui.server import serve

    serve(index_dir, host, port, workers)


@main.command("analyze", cls=_OfText)
@click.argument("text")
def analyze_command(text: str) -> None:
    """Show how TEXT is cut when indexed and when searched for, side by side."""
    cli_output.print_analysis(text, parse_text(text))


def _stored(engine: Engine, article_id: str) -> Article:
    article = engine.get(article_id)
    if article is None:
        raise SearchError(f"no article with id {article_id!r}")
    return article


@main.command("explain", cls=_OfText)
@click.argument("text")
@click.argument("article_id", metavar="ID")
@_index_dir
def explain_command(text: str, article_id: str, index_dir: Path) -> None:
    """Show why article ID matches TEXT, what made its score, and why it carries its facets."""
    engine = open_current(index_dir)
    article = _stored(engine, article_id)
    cli_output.print_explanation(article, engine.explain(parse_text(text), article_id))


@main.command("evaluate")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--index-dir", type=click.Path(path_type=Path), help="Use this index, not a temporary one of PATH's own.")
@click.option("--split", default="", help="Only the queries of this split of a folder, e.g. dev.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the scores to this file.")
@click.option("--against", type=click.Path(path_type=Path), help="Compare with the scores in this file.")
def evaluate_command(
    path: Path | None, index_dir: Path | None, split: str, save: Path | None, against: Path | None
) -> None:
    """Score the order of results with the judgements in PATH: a .tsv file (the shipped one by default), or a folder
    with corpus.jsonl, queries.jsonl and qrels.tsv. Exit status 1 if a score is below its floor."""
    judged = load_judgements(path or shipped_seeds() / JUDGEMENTS, split)
    saved = load_report(against) if against else None
    with engine_for(judged, index_dir) as engine:
        report = evaluate(engine, judged)
    click.echo(evaluate_output.score_table(report))
    if saved:
        click.echo(f"\n{evaluate_output.comparison(report, saved)}")
    if save:
        save_report(report, save)
    failures = below_floors(report, load_floors(shipped_seeds() / FLOORS).get(report.name, {}))
    for failure in failures:
        click.echo(f"yibao: {report.name}: {failure}", err=True)
    if failures:
        sys.exit(1)


@main.command("stats")
@_index_dir
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats_command(index_dir: Path, as_json: bool) -> None:
    """Show what is in the index: documents, facet counts, what built it, its size."""
    engine = open_current(index_dir)
    facets = answer(engine, query_from({"size": ["1"]})).facets
    cli_output.print_stats(engine.info, facets, current_build(index_dir), as_json)


@main.command("doctor")
@_index_dir
def doctor_command(index_dir: Path) -> None:
    """Check this installation and the index; exit status 1 if something needs mending."""
    if not cli_output.print_checkup(index_dir):
        sys.exit(1)


if __name__ == "__main__":
    main()
