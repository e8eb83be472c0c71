"""`related` and `run`: lists for one slug, or for many as a TREC run."""

import json
from pathlib import Path
from typing import TextIO

import click

from recommender.commands.shared import Bars, index_option, open_recommender, parameter_options
from recommender.errors import ParameterError
from recommender.parameters import Parameters
from recommender.qrels import run_lines, write_run
from recommender.render import as_json, as_markdown, as_table
from recommender.runs import answer_slugs, read_slugs


@click.command()
@click.argument("slug")
@index_option
@parameter_options
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option(
    "--group",
    "grouped",
    is_flag=True,
    help="The table by storyline: same event, earlier, later, background; extend only.",
)
def related(slug: str, folder: Path | None, parameters: Parameters, *, form: str, grouped: bool) -> None:
    """The events related to SLUG: whole, or its last part where only one event has it."""
    if grouped and parameters.profile != "extend":
        raise ParameterError("profile", parameters.profile, "extend with --group: no other profile tells stories apart")
    recommender = open_recommender(folder)
    answer = recommender.related(slug, parameters)
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
