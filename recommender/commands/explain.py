"""`why` and `timeline`: one pair of events explained, and the story of one event."""

import json
from datetime import date
from pathlib import Path

import click

from recommender.commands.options import index_option
from recommender.commands.shared import Day, open_recommender, parameter_options
from recommender.parameters import MAX_LIMIT, Parameters
from recommender.render_timeline import timeline_json, timeline_markdown, timeline_table
from recommender.render_why import why_json, why_table
from recommender.timeline import timeline as timeline_of


@click.command()
@click.argument("slug")
@click.argument("other")
@index_option
@parameter_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def why(slug: str, other: str, folder: Path | None, parameters: Parameters, *, form: str) -> None:
    """Why OTHER is on the list of SLUG, or what kept it off: place, score, every feature, sources, gate."""
    recommender = open_recommender(folder)
    answer = recommender.why(slug, other, parameters)
    if form == "json":
        click.echo(json.dumps(why_json(answer, recommender.index), ensure_ascii=False, indent=2))
    else:
        click.echo(why_table(answer))


@click.command()
@click.argument("slug")
@index_option
@click.option("--limit", type=int, default=MAX_LIMIT, show_default=True, help="Events at most, beside SLUG itself.")
@click.option("--as-of", type=Day(), help="Only events up to this day, YYYY-MM-DD.")
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
def timeline(slug: str, folder: Path | None, limit: int, as_of: date | None, form: str) -> None:
    """The story of SLUG: its events in the order of their days."""
    recommender = open_recommender(folder)
    answer = timeline_of(recommender, slug, Parameters.checked(limit=limit, as_of=as_of))
    if form == "json":
        click.echo(json.dumps(timeline_json(answer, recommender.index), ensure_ascii=False, indent=2))
    else:
        corpus = recommender.index.corpus
        click.echo(timeline_markdown(answer, corpus) if form == "markdown" else timeline_table(answer))
