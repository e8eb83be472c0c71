"""`evaluate`: how good the lists are, by judgements, by the archive's own lists, or by pages that exist elsewhere."""

import json
from datetime import date
from pathlib import Path
from typing import Literal

import click
from click.core import ParameterSource

from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import open_recommender, output_file, profiles_option, read_pages
from recommender.evaluation import Truth, existing_lists, measure
from recommender.page_writer import write_page
from recommender.parameters import Profile
from recommender.qrels import read_qrels
from recommender.reliability import format_reliability, measure_reliability, reliability_json
from recommender.report import make_report
from recommender.reproduction import AsOf, compare
from recommender.reproduction_report import format_reproduction, to_json
from recommender.scoreboard import format_table

_WORDS: dict[str, Literal["listed", "none"]] = {"listed": "listed", "none": "none"}


class ListDay(click.ParamType):  # type: ignore[type-arg]  # as Day
    """A date as `YYYY-MM-DD`, `listed` for the day of each list's newest item, or `none`."""

    name = "date"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | Literal["listed", "none"]:
        """Read the date, or one of the words."""
        if isinstance(value, date):
            return value
        try:
            return _WORDS.get(value) or date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day, expected YYYY-MM-DD, listed or none", param, ctx)


@click.command()
@index_option
@click.option(
    "--qrels", type=click.Path(path_type=Path), help="TREC qrels, plain or .gz; the existing lists if not given."
)
@click.option(
    "--existing",
    type=click.Path(path_type=Path),
    help="A folder of pages whose lists are compared with ours for the same events; --profile is reproduce by default.",
)
@profiles_option()
@click.option(
    "--as-of",
    type=ListDay(),
    help="With --existing: only events up to this day; `listed`, the default, is each list's newest item.",
)
@click.option("--skip-bad-pages", is_flag=True, help="With --existing: pass over pages that cannot be read.")
@click.option("--sample", type=click.IntRange(min=1), default=2000, show_default=True, help="Existing lists at most.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample and of the bootstrap.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Also write a page with plots and the best and worst queries, one HTML file; not with --existing.",
)
@click.option(
    "--reliability",
    is_flag=True,
    help="With --qrels: also compare what extend calls probable with what readers call relevant; not with --existing.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def evaluate(
    context: click.Context,
    folder: Path | None,
    qrels: Path | None,
    existing: Path | None,
    profiles: tuple[Profile, ...],
    *,
    as_of: date | Literal["listed", "none"] | None,
    skip_bad_pages: bool,
    sample: int,
    seed: int,
    report: Path | None,
    reliability: bool,
    form: str,
) -> None:
    """Measure profiles against judgements, with intervals, beside the archive's own rule and plain cosine.

    Without --qrels the truth is the archive's own lists; the list of each query is hidden from what is
    known of its entities. That measures imitation, not quality.

    With --existing the Related lists of the pages in another folder, as a site once published them, are
    compared with ours, item by item: how many come out, and why not the others.
    """
    _refuse(context, existing is not None)
    if existing is not None:
        given = context.get_parameter_source("profiles") is not ParameterSource.DEFAULT
        day: AsOf = None if as_of == "none" else as_of or "listed"
        _compare(
            existing,
            folder,
            profiles if given else ("reproduce",),
            as_of=day,
            skip_bad_pages=skip_bad_pages,
            seed=seed,
            form=form,
        )
        return
    if reliability and qrels is None:
        raise click.UsageError("--reliability can only be given with --qrels FILE", context)
    page = None if report is None else output_file("report", report)
    judged = Truth(read_qrels(qrels)) if qrels is not None else None
    recommender = open_recommender(folder)
    truth = judged or existing_lists(recommender, sample=sample, seed=seed)
    bars = Bars()
    evaluation = measure(recommender, truth, profiles, seed=seed, progress=bars.show)
    curve = measure_reliability(recommender, truth.qrels, seed=seed, progress=bars.show) if reliability else None
    bars.close()
    scoreboard = evaluation.scoreboard
    if form == "json":
        content = scoreboard.to_json() | ({"reliability": reliability_json(curve)} if curve is not None else {})
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        click.echo(format_table(scoreboard))
        if curve is not None:
            click.echo(f"\n{format_reliability(curve)}")
    if page is not None:
        from recommender.report_page import render_report  # noqa: PLC0415 - Jinja2 takes 50 ms, which no other command needs

        write_page(page.parent, page.name, render_report(make_report(recommender, evaluation)))


def _refuse(context: click.Context, existing: bool) -> None:
    """Say which options cannot be given together."""
    strangers = (
        {"qrels": "--qrels", "sample": "--sample", "report": "--report", "reliability": "--reliability"}
        if existing
        else {}
    )
    strangers = strangers or {"as_of": "--as-of", "skip_bad_pages": "--skip-bad-pages"}
    for name, option in strangers.items():
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            together = "cannot be given with --existing" if existing else "can only be given with --existing FOLDER"
            raise click.UsageError(f"{option} {together}", context)


def _compare(
    existing: Path,
    folder: Path | None,
    profiles: tuple[Profile, ...],
    *,
    as_of: AsOf,
    skip_bad_pages: bool,
    seed: int,
    form: str,
) -> None:
    pages = read_pages(existing, skip_bad=skip_bad_pages).pages
    recommender = open_recommender(folder)
    bars = Bars()
    reproduction = compare(recommender, pages, profiles, as_of=as_of, progress=bars.show)
    bars.close()
    if form == "json":
        content = to_json(reproduction, recommender, seed=seed)
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        click.echo(format_reproduction(reproduction, seed=seed), nl=False)
