"""`related` and `run`: lists for one slug, or for many as a TREC run."""

import json
from datetime import date
from pathlib import Path
from typing import TextIO

import click

from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import Day, open_recommender, parameter_options
from recommender.errors import ParameterError
from recommender.parameters import Parameters
from recommender.qrels import run_lines, write_run
from recommender.render import as_json, as_markdown, as_table
from recommender.runs import answer_slugs, read_slugs
from recommender.seeds import Question


@click.command()
@click.argument("slugs", metavar="[SLUG]...", nargs=-1)
@index_option
@parameter_options
@click.option("--text", help="A text that is not in the archive, in place of SLUG; the first takes seconds.")
@click.option("--date", "day", type=Day(), help="Of the text, YYYY-MM-DD; the day after the last event if not given.")
@click.option("--like", multiple=True, metavar="SLUG", help="An event towards which the list is drawn; repeatable.")
@click.option("--unlike", multiple=True, metavar="SLUG", help="An event from which it is pushed away; repeatable.")
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option(
    "--group",
    "grouped",
    is_flag=True,
    help="The table by storyline: same event, earlier, later, background; extend only.",
)
def related(
    slugs: tuple[str, ...],
    folder: Path | None,
    parameters: Parameters,
    *,
    text: str | None,
    day: date | None,
    like: tuple[str, ...],
    unlike: tuple[str, ...],
    form: str,
    grouped: bool,
) -> None:
    """The events related to SLUG, to several together, or to a text.

    A slug is given whole, or its last part where only one event has it.
    """
    if grouped and parameters.profile != "extend":
        raise ParameterError("profile", parameters.profile, "extend with --group: no other profile tells stories apart")
    question = Question.checked(slugs=slugs, text=text, date=day, like=like, unlike=unlike)
    recommender = open_recommender(folder)
    answer = recommender.answer(question, parameters)
    if form == "json":
        click.echo(json.dumps(as_json(answer, recommender.index), ensure_ascii=False, indent=2))
    else:
        click.echo(as_markdown(answer, recommender) if form == "markdown" else as_table(answer, grouped=grouped))


@click.command()
@index_option
@parameter_options
@click.option("--queries", type=click.File(encoding="utf-8"), required=True, help="A slug a line; - for stdin.")
@click.option("--output", type=click.Path(path_type=Path, allow_dash=True), required=True, help="- for stdout.")
def run(folder: Path | None, parameters: Parameters, *, queries: TextIO, output: Path) -> None:
    """Lists for many slugs, as a TREC run."""
    slugs = read_slugs(queries)
    bars = Bars()
    answered = answer_slugs(
        open_recommender(folder), slugs, parameters, progress=lambda done: bars.show("queries", done, len(slugs))
    )
    bars.close()
    if str(output) == "-":
        for line in run_lines(answered):
            click.echo(line, nl=False)
    else:
        write_run(answered, output)
