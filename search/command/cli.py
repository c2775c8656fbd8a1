"""The command `yibao`: a thin shell over the library. Prints; decides nothing."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from .. import clock
from ..answering.answers import answer, parse_for, parse_text
from ..answering.shapes import article_json, results_json
from ..engines.contract import Engine
from ..engines.registry import index_at
from ..errors import SearchError, SourceError, plain
from ..facets import FACETS
from ..formats.decoding import decoded_name
from ..formats.fields import is_field
from ..gaps import FEEDBACK, FOLDER, GapDays
from ..indexing.backup import backup, restore
from ..indexing.build import Report, reindex, shipped_seeds
from ..indexing.builds import open_current
from ..indexing.checkup import repair
from ..model import Article
from ..quality import (
    Evaluation,
    Judged,
    JudgedSets,
    below_floors,
    engine_for,
    evaluate,
    evaluate_sets,
    find_set,
    load_evaluations,
    load_sets,
    save_evaluations,
    sets_at_hand,
    shipped_floors,
    tables,
)
from ..query.parameters import query_from
from ..settings import NAME as SETTINGS
from ..settings import find_settings, parse_settings
from . import output as cli_output
from .addresses import ip_addresses, listening, origin, origins
from .report import SUFFIXES, write_report

Command = Callable[..., Any]
Address = Path | str


class _Commands(click.Group):
    """Turns the program's own errors, and those of the file system, into one plain line and exit status 1."""

    def main(self, *args: Any, **options: Any) -> Any:
        cli_output.take_any_character()
        return super().main(*args, **options)

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


class _Words(click.ParamType[str]):
    """Text in UTF-8 or GB18030, whatever the locale takes an argument's bytes for (the POSIX one knows ASCII only)."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text that was typed. Fails with a plain sentence if it is none."""
        try:
            data = os.fsencode(value)
        except UnicodeEncodeError:  # no argument of this locale: it was given by a program
            return str(value)
        with suppress(UnicodeDecodeError):
            return data.decode()
        if value.isprintable():
            return str(value)
        return decoded_name(data) or self.fail("these bytes are text neither in UTF-8 nor in GB18030", param, ctx)


_WORDS = _Words()


def _address(command: Command) -> Command:
    """Give a command the `address` of the index: a directory, or where an engine is."""

    @wraps(command)
    def with_address(*args: Any, index_dir: Path, engine: str, **options: Any) -> Any:
        # A directory that was typed is meant, whatever the environment says.
        typed = click.get_current_context().get_parameter_source("index_dir") is ParameterSource.COMMANDLINE
        own = click.get_current_context().get_parameter_source("engine") is ParameterSource.ENVIRONMENT
        return command(*args, address=index_dir if typed and own else engine or index_dir, **options)

    directory = click.option(
        "--index-dir",
        type=click.Path(path_type=Path),
        default=Path("indexdir"),
        envvar="YIBAO_INDEX_DIR",
        show_default=True,
        show_envvar=True,
        help="Directory of the index.",
    )
    engine = click.option(
        "--engine",
        default="",
        envvar="YIBAO_ENGINE",
        show_envvar=True,
        metavar="ADDRESS",
        help="Address of the engine that holds the index, instead of a directory: NAME://…",
    )
    return directory(engine(with_address))


def _state(required: bool) -> Callable[[Command], Command]:
    """Return the option of the state directory: `state_dir`, None if it may be absent and is."""
    return click.option(
        "--state-dir",
        type=click.Path(path_type=Path, file_okay=False),
        required=required,
        envvar="YIBAO_STATE",
        show_envvar=True,
        help="Directory of what is kept beside the index.",
    )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yibao-search", prog_name="yibao")
def main() -> None:
    """Chinese faceted search for medical-insurance (医保) knowledge."""


def _names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Return field → name. Fails for what names no field."""
    names = {}
    for one in value:
        field, equals, name = one.partition("=")
        if not (equals and name.strip()) or not is_field(field.strip(), FACETS):
            raise click.BadParameter(f"{one!r} is not FIELD=NAME with a field that records have", ctx, param)
        names[field.strip()] = name.strip()
    return names


def _report_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Fail before a long run for a file that could not be written after it."""
    if value and value.suffix not in SUFFIXES:
        raise click.BadParameter(f"the name of a report ends in {' or '.join(SUFFIXES)}", ctx, param)
    if value and not value.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.absolute().parent}", ctx, param)
    return value


@main.command("reindex")
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@_address
@click.option("--changed", is_flag=True, help="Read again only the files that changed.")
@click.option("--dry-run", is_flag=True, help="Read, classify and report; write nothing.")
@click.option("--strict", is_flag=True, help="Switch to the new index only if nothing was rejected.")
@click.option("--follow-links", is_flag=True, help="Follow symbolic links that leave the source folders.")
@click.option(
    "--map",
    "names",
    multiple=True,
    metavar="FIELD=NAME",
    callback=_names,
    help="What records (JSON, tables) call a field, such as text=content; repeatable.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    callback=_report_file,
    help="Write what was found into this file: a page (.html), or the same as data (.json).",
)
@click.option(
    "--settings",
    "named",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of settings, instead of the yibao.toml in the first of the SOURCES that has one.",
)
def reindex_command(
    sources: tuple[Path, ...],
    address: Address,
    strict: bool,
    named: Path | None,
    report_file: Path | None,
    **options: Any,
) -> None:
    """Build the index of SOURCES (files or folders; the shipped seeds by default) and switch to it."""
    sources = sources or (shipped_seeds(),)
    settings, path = find_settings(sources, named)
    settings = settings.with_fields(options.pop("names"))
    with cli_output.Progress() as progress:
        run = partial(reindex, sources, address, settings=settings, progress=progress)
        try:
            report: Report = run(strict=strict, **options)
        except SourceError:  # there is not one article: what is wrong is all the more to be told
            if report_file:
                _write_report(report_file, run(**{**options, "changed": False, "dry_run": True}))
            raise
    if path:
        click.echo(f"settings   {cli_output.safe(str(path))}")
    cli_output.print_report(report)
    if report_file:
        _write_report(report_file, report)
    if strict and report.rejections:
        click.echo("yibao: records were rejected and --strict was given: the index stays as it was.", err=True)
        sys.exit(1)


def _write_report(file: Path, report: Report) -> None:
    write_report(file, report, clock.now())


@main.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file that is there.")
def init_command(folder: Path, force: bool) -> None:
    """Look at the articles in FOLDER, and write a yibao.toml there that proposes what suits them."""
    from ..indexing.survey import look_at
    from .proposal import proposed_settings

    if not folder.is_dir():
        raise SearchError(f"there is no folder {folder}")
    path = folder / SETTINGS
    proposed = proposed_settings(look_at(folder))
    parse_settings(proposed, str(path))
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(proposed)
    except FileExistsError:
        raise SearchError(f"there is {path} already; --force replaces it") from None
    click.echo(cli_output.safe_lines(proposed))
    click.echo(f"written    {cli_output.safe(str(path))}")


def _filters(command: Command) -> Command:
    for facet in reversed(FACETS.declared):
        command = click.option(f"--{facet.key}", type=_WORDS, multiple=True, help=f"{facet.label}; repeatable.")(
            command
        )
    return command


@main.command("search", cls=_OfText)
@click.argument("text", type=_WORDS, default="")
@_address
@_filters
@click.option("--from", "from_", default="", help="Earliest date, YYYY-MM-DD.")
@click.option("--to", default="", help="Latest date, YYYY-MM-DD.")
@click.option("--sort", default="", help="relevance, newest or oldest.")
@click.option("--page", default="", help="Page of results, from 1.")
@click.option("--size", default="", help="Results a page, at most 100.")
@click.option("--collapse", is_flag=True, help="Show one of each group of near-duplicates.")
@click.option("--json", "as_json", is_flag=True, help="Print the object of GET /api/v1/search.")
def search_command(text: str, address: Address, collapse: bool, as_json: bool, **options: Any) -> None:
    """Search for TEXT; without it, list the newest articles."""
    single = {"q": text, "from": options.pop("from_"), **{k: options.pop(k) for k in ("to", "sort", "page", "size")}}
    engine = open_current(address)
    facets = engine.facets
    query = query_from({**{name: [value] for name, value in single.items()}, **options}, facets, collapse=collapse)
    results = answer(engine, query)
    if as_json:
        click.echo(cli_output.json_line(results_json(results, facets)))
    else:
        cli_output.print_results(results, facets)


@main.command("export")
@_address
def export_command(address: Address) -> None:
    """Print every stored article, one JSON object a line."""
    engine = open_current(address)
    facets = engine.facets
    for article in engine.articles():
        click.echo(cli_output.json_line(article_json(article, facets)))


@main.command("serve")
@_address
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", default=min(4, os.cpu_count() or 1), show_default="CPUs, at most 4", type=click.IntRange(1))
@click.option(
    "--base-url",
    default="",
    envvar="YIBAO_BASE_URL",
    show_envvar=True,
    callback=origin,
    help="Where readers find this server, such as https://yibao.example.org; for absolute addresses.",
)
@click.option(
    "--trusted-host",
    "trusted_hosts",
    multiple=True,
    envvar="YIBAO_TRUSTED_HOSTS",
    show_envvar=True,
    help="Host name that is answered for, repeatable; a dot before it stands for what is under it. Default: any.",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    envvar="YIBAO_PROXY",
    show_envvar=True,
    callback=ip_addresses,
    help="IP address of a proxy in front, repeatable: its connections are not limited. Loopback needs no naming.",
)
@click.option(
    "--allow-origin",
    "allow_origins",
    multiple=True,
    envvar="YIBAO_ALLOW_ORIGINS",
    show_envvar=True,
    callback=origins,
    help="Site whose pages may frame ours and read /api/, such as https://portal.example.org; repeatable.",
)
@click.option(
    "--rate-limit",
    default=0,
    envvar="YIBAO_RATE_LIMIT",
    show_envvar=True,
    type=click.IntRange(0, 10_000),
    help="Requests a second that one client may send, five seconds' worth at once; then 429. 0 is no limit.",
)
@click.option(
    "--drain",
    default=0.0,
    envvar="YIBAO_DRAIN",
    show_envvar=True,
    type=click.FloatRange(0, 60),
    help="Seconds to go on serving after SIGTERM while /healthz says 503, for balancers to notice.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="YIBAO_LOG_FORMAT",
    show_default=True,
    show_envvar=True,
    help="How log lines are written. They never tell what was asked.",
)
@click.option(
    "--slow",
    type=click.FloatRange(0),
    default=1000.0,
    envvar="YIBAO_SLOW",
    show_default=True,
    show_envvar=True,
    help="Milliseconds beyond which the line of an answer is a warning.",
)
@click.option(
    "--metrics",
    default="",
    envvar="YIBAO_METRICS",
    show_envvar=True,
    metavar="HOST:PORT",
    callback=listening,
    help="Where to answer /metrics in OpenMetrics, apart from the pages. Default: nowhere.",
)
@click.option(
    "--gaps",
    is_flag=True,
    envvar="YIBAO_GAPS",
    show_envvar=True,
    help="Count the words that readers did not find, for yibao gaps. Needs --state-dir.",
)
@click.option(
    "--feedback",
    is_flag=True,
    envvar="YIBAO_FEEDBACK",
    show_envvar=True,
    help="Ask below each article whether it helped, and count that for yibao gaps. Needs --state-dir.",
)
@click.option(
    "--files",
    multiple=True,
    type=click.Path(path_type=Path),
    envvar="YIBAO_FILES",
    show_envvar=True,
    metavar="SOURCE",
    help="Source folder of the reindex, repeatable: its files can be opened from the articles read from them.",
)
@_state(required=False)
def serve_command(address: Address, gaps: bool, feedback: bool, state_dir: Path | None, **options: Any) -> None:
    """Serve the search page and the JSON endpoint."""
    from webui.http.server import Serving, serve

    if missing := [source for source in options["files"] if not source.exists()]:
        raise click.UsageError(f"--files: there is no {missing[0]}")
    for name, wanted in (("--gaps", gaps), ("--feedback", feedback)):
        if wanted and state_dir is None:
            raise click.UsageError(f"{name} needs a directory to count in: --state-dir or YIBAO_STATE.")
    serve(address, Serving(**options, gaps=state_dir if gaps else None, feedback=state_dir if feedback else None))


@main.command("gaps")
@_state(required=True)
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660), help="How many days, with today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def gaps_command(state_dir: Path, days: int, as_json: bool) -> None:
    """Show words that readers did not find, by how many of them asked on each day. Kept by yibao serve --gaps.

    And of which articles they said that they helped or did not. Kept by yibao serve --feedback.
    """
    today = clock.today()
    first = today - timedelta(days - 1)
    words, opinions = (GapDays(state_dir, folder).since(first, today) for folder in (FOLDER, FEEDBACK))
    cli_output.print_gaps(first, today, words, opinions, as_json)


@main.command("analyze", cls=_OfText)
@click.argument("text", type=_WORDS)
def analyze_command(text: str) -> None:
    """Show how TEXT is cut when indexed and when searched for, side by side."""
    cli_output.print_analysis(text, parse_text(text))


def _stored(engine: Engine, article_id: str) -> Article:
    article = engine.get(article_id)
    if article is None:
        raise SearchError(f"no article with id {article_id!r}")
    return article


@main.command("explain", cls=_OfText)
@click.argument("text", type=_WORDS)
@click.argument("article_id", type=_WORDS, metavar="ID")
@_address
def explain_command(text: str, article_id: str, address: Address) -> None:
    """Show why article ID matches TEXT, what made its score, and why it carries its facets."""
    engine = open_current(address)
    article = _stored(engine, article_id)
    cli_output.print_explanation(article, engine.explain(parse_for(engine, text), article_id))


@main.command("evaluate")
@click.argument("which", metavar="[SET]", required=False)
@click.option("--index-dir", type=click.Path(path_type=Path), help="Use this index, not a temporary one of SET's own.")
@click.option("--engine", default="", metavar="ADDRESS", help="The same, where an engine holds it: NAME://…")
@click.option("--split", default="", help="Only the queries of this split of a folder, e.g. dev.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the scores to this file.")
@click.option("--against", type=click.Path(path_type=Path), help="Compare with the scores in this file.")
def evaluate_command(  # noqa: PLR0913, PLR0917 - the options of one command
    which: str | None, index_dir: Path | None, engine: str, split: str, save: Path | None, against: Path | None
) -> None:
    """Score the order of results by judged queries, a line for every set that is at hand.

    Of a single SET every query is shown: its name, a .tsv file of judgements, or a folder with corpus.jsonl,
    queries.jsonl and qrels.tsv. A .toml file declares sets of its own. Exit status 1 if a score is below its floor.
    """
    saved = load_evaluations(against) if against else {}
    floors = shipped_floors()
    if which is None or which.endswith(".toml"):
        if index_dir or engine or split:
            raise click.UsageError("--index-dir, --engine and --split go with a single SET.")
        evaluations = _evaluate_sets(load_sets(Path(which)) if which else sets_at_hand(), floors, saved)
    else:
        evaluations = [_evaluate_set(find_set(which, split), engine or index_dir, saved)]
    if save:
        save_evaluations(evaluations, save)
    failures = [
        (evaluation.name, text)
        for evaluation in evaluations
        for text in below_floors(evaluation, floors.get(evaluation.name, {}))
    ]
    for name, text in failures:
        click.echo(f"yibao: {name}: {text}", err=True)
    if failures:
        sys.exit(1)


def _evaluate_sets(
    found: JudgedSets, floors: Mapping[str, Mapping[str, Any]], saved: Mapping[str, Evaluation]
) -> list[Evaluation]:
    """Print a row a set, as soon as it is there, and which sets are not at hand."""
    evaluations = []
    click.echo(tables.SETS_HEAD)
    for evaluation in evaluate_sets(found.sets):
        held = not below_floors(evaluation, floors[evaluation.name]) if evaluation.name in floors else None
        click.echo(tables.set_row(evaluation, held))
        evaluations.append(evaluation)
    if found.absent:
        click.echo(f"left out, as their articles are not here: {', '.join(found.absent)}")
    if saved:
        click.echo(f"\n{tables.sets_comparison(evaluations, saved)}")
    return evaluations


def _evaluate_set(judged: Judged, address: Address | None, saved: Mapping[str, Evaluation]) -> Evaluation:
    """Print the scores of all queries of a set."""
    with engine_for(judged, address) as engine:
        evaluation = evaluate(engine, judged)
    click.echo(tables.score_table(evaluation))
    if evaluation.name in saved:
        click.echo(f"\n{tables.comparison(evaluation, saved[evaluation.name])}")
    elif saved:
        click.echo(f"\nnothing to compare with: {', '.join(saved)} was saved")
    return evaluation


@main.command("stats")
@_address
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats_command(address: Address, as_json: bool) -> None:
    """Show what is in the index: documents, facet counts, what built it, its size."""
    engine = open_current(address)
    facets = answer(engine, query_from({"size": ["1"]})).facets
    size = index_at(address).size(engine.info.build_id)
    cli_output.print_stats(engine.info, facets, size, as_json)


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@_address
def backup_command(file: Path, address: Address) -> None:
    """Write the live index to FILE, one archive with checksums; an older backup of that name is replaced."""
    contents = backup(address, file)
    size = sum(member.bytes for member in contents.files)
    click.echo(f"backup     {cli_output.safe(str(file))}: build {contents.build.build_id}, {size:,} bytes")


@main.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@_address
def restore_command(file: Path, address: Address) -> None:
    """Check the backup in FILE and switch to it; the index stays as it was if anything is wrong with it."""
    restored = restore(address, file)
    build = restored.contents.build
    click.echo(f"index      {restored.build_id}: {build.documents:,} documents, those of build {build.build_id}")


@main.command("doctor")
@_address
@click.option("--repair", "mends", is_flag=True, help="Serve the newest sound build if the live one is not; tidy up.")
def doctor_command(address: Address, mends: bool) -> None:
    """Check this installation and the index; exit status 1 if something needs mending, still or yet."""
    if mends:
        cli_output.print_repair(repair(address))
    if not cli_output.print_checkup(address):
        sys.exit(1)


if __name__ == "__main__":
    main()
