"""`evaluate`: how good the lists are, by judgements or by the archive's own lists."""

import json
from pathlib import Path

import click

from recommender.commands.shared import Bars, index_option, open_recommender, profile_option
from recommender.evaluation import Truth, existing_lists
from recommender.evaluation import evaluate as evaluate_profiles
from recommender.parameters import Profile
from recommender.qrels import read_qrels
from recommender.scoreboard import format_table


@click.command()
@index_option
@click.option(
    "--qrels", type=click.Path(path_type=Path), help="TREC qrels, plain or .gz; the existing lists if not given."
)
@profile_option(multiple=True)
@click.option("--sample", type=click.IntRange(min=1), default=2000, show_default=True, help="Existing lists at most.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample and of the bootstrap.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate(
    folder: Path | None, qrels: Path | None, profiles: tuple[Profile, ...], *, sample: int, seed: int, form: str
) -> None:
    """Measure profiles against judgements, with intervals, beside the archive's own rule and plain cosine.

    Without --qrels the truth is the archive's own lists; the list of each query is hidden from what is
    known of its entities. That measures imitation, not quality.
    """
    judged = Truth(read_qrels(qrels)) if qrels is not None else None
    recommender = open_recommender(folder)
    truth = judged or existing_lists(recommender, sample=sample, seed=seed)
    bars = Bars()
    scoreboard = evaluate_profiles(recommender, truth, profiles, seed=seed, progress=bars.show)
    bars.close()
    if form == "json":
        click.echo(json.dumps(scoreboard.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(format_table(scoreboard))
