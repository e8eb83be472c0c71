r"""What else could be installed, against `extend`: one table for each truth.

    pip install -e '.[rivals]'
    python benchmarks/rivals.py --index INDEX --qrels judged-dev.qrels --stories stories-dev.qrels.gz

Every ranking orders all events of the index but the query. The rivals are described in rival_rankings.py.
"""

import json
from pathlib import Path

import click
from pools import year
from rival_rankings import RIVALS, Rivals, order
from tables import aligned, markdown
from tqdm import tqdm

from recommender.evaluation import answer
from recommender.index import Index
from recommender.intervals import Interval
from recommender.measures import CONDENSED, JUDGED, MEASURES, score_run
from recommender.parameters import PROFILES, Parameters
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender
from recommender.scoreboard import Scoreboard, build_scoreboard, format_difference, format_mean

OURS, NDCG = "extend", MEASURES[0]
SHOWN = ((NDCG, "nDCG@10", True), (JUDGED, "Judged@10", False), (CONDENSED, "condensed", True))
"""A measure, its heading, and whether the difference of ours stands beside it."""


def measure(recommender: Recommender, rivals: Rivals, qrels: Qrels) -> Scoreboard:
    """Our profiles and all rivals on the same queries."""
    corpus = recommender.index.corpus
    runs = [
        score_run(profile, answer(recommender, qrels.queries, Parameters.checked(profile=profile)), qrels)
        for profile in PROFILES
    ]
    rows = {query: corpus.row(query) for query in qrels.queries}
    for name, ranking in RIVALS.items():
        lists = {
            query: [corpus.slug(other) for other in order(ranking(rivals, row), row)]
            for query, row in tqdm(rows.items(), desc=f"{qrels.name}, {name}", leave=False)
        }
        runs.append(score_run(name, lists, qrels))
    return build_scoreboard(runs, baselines=[OURS])


def cells(scoreboard: Scoreboard) -> list[list[str]]:
    """The table: a heading, then a row a ranking, best nDCG@10 first."""
    heading = ["ranking"]
    for _, name, compared in SHOWN:
        heading += [name, f"{OURS} minus it"] if compared else [name]
    lines = [heading]
    for row in sorted(scoreboard.rows, key=lambda row: -row.means[NDCG].estimate):
        line = [row.name]
        for measured, _, compared in SHOWN:
            line.append(format_mean(row.means[measured]))
            if compared:
                there = row.differences.get(OURS)
                line.append(format_difference(_other_way(there[measured])) if there else "")
        lines.append(line)
    return lines


def _other_way(difference: Interval) -> Interval:
    return Interval(-difference.estimate, -difference.high, -difference.low)


def title(scoreboard: Scoreboard) -> str:
    """What was measured."""
    return f"{scoreboard.qrels}, {scoreboard.queries:,} queries, {scoreboard.pairs:,} judged pairs"


def note(scoreboard: Scoreboard) -> str:
    """What the intervals are."""
    drawn = f"{scoreboard.resamples:,} resamples of the queries, seed {scoreboard.seed}"
    return f"±: half the {scoreboard.level:.0%} interval of the paired bootstrap, {drawn}; *: it does not hold 0"


def as_json(scoreboards: list[Scoreboard]) -> str:
    """For programs: the scoreboards with all measures; differences are those of each ranking to ours."""
    return json.dumps([scoreboard.to_json() for scoreboard in scoreboards], ensure_ascii=False, indent=2)


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--qrels", type=PATH, required=True, help="Judgements by readers.")
@click.option("--stories", type=PATH, required=True, help="Events that are one story.")
@click.option("--year", "only", type=int, default=2017, show_default=True, help="Of the queries of stories.")
@click.option("--format", "form", type=click.Choice(["table", "markdown", "json"]), default="table", show_default=True)
def main(folder: Path, qrels: Path, stories: Path, only: int, form: str) -> None:
    """Measure and print."""
    recommender = Recommender(Index.open(folder))
    filed = read_qrels(stories)
    of_year = [query for query in filed.queries if year(query) == only]
    truths = (read_qrels(qrels), filed.restricted_to(of_year, name=f"{filed.name} of {only}"))
    rivals = Rivals.of(recommender.index)
    scoreboards = [measure(recommender, rivals, truth) for truth in truths]
    if form == "json":
        click.echo(as_json(scoreboards))
        return
    layout = aligned if form == "table" else markdown
    parts = [f"{title(board)}:\n\n{layout(cells(board))}\n\n{note(board)}" for board in scoreboards]
    click.echo("\n\n".join(parts))


if __name__ == "__main__":
    main()
