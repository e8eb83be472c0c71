r"""How much of an editors' story a timeline has, and how much of it is that story, beside a list of the same length.

    python benchmarks/timeline.py --index INDEX --stories stories-dev.qrels.gz --year 2017 [--least 0.3] [--sample 250]

The truth are the other events that editors filed under the query's story heading. Precision is over the queries whose
timeline has any other event, recall over all.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.index import Index
from recommender.intervals import mean_interval
from recommender.parameters import MAX_LIMIT, Parameters
from recommender.qrels import read_qrels
from recommender.related import Recommender
from recommender.timeline import LEAST_TIE, STEPS, follow, story_links

LONGEST = Parameters(limit=MAX_LIMIT)


def shares(found: Sequence[int], story: set[int]) -> tuple[float, float]:
    """Precision and recall of some rows; no precision of none."""
    hits = len(story.intersection(found))
    return (hits / len(found) if found else np.nan), hits / len(story)


def show(name: str, values: NDArray[np.float64]) -> None:
    """One line: means and their intervals, of precision where there is one."""
    cells = []
    for column in values.T:
        interval = mean_interval(column[~np.isnan(column)], seed=0)
        cells.append(f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})")
    click.echo(f"| {name} | {' | '.join(cells)} |")


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--stories", type=click.Path(path_type=Path), required=True)
@click.option("--year", required=True, help="Of the queries.")
@click.option("--least", multiple=True, type=float, default=(LEAST_TIE,), show_default=True, help="Weakest tie.")
@click.option("--steps", default=STEPS, show_default=True)
@click.option("--sample", type=int, help="Queries, drawn with seed 0; all if not given.")
def main(folder: Path, stories: Path, year: str, least: tuple[float, ...], *, steps: int, sample: int | None) -> None:
    """Print a table for each weakest tie."""
    recommender = Recommender(Index.open(folder))
    corpus, filed = recommender.index.corpus, read_qrels(stories).grades
    queries = [query for query in filed if query.split("/")[1] == year]
    if sample is not None:
        order = np.random.default_rng(0).permutation(len(queries))[:sample]
        queries = [queries[place] for place in sorted(order.tolist())]
    links = story_links(recommender, LONGEST)
    for weakest in least:
        ours, plain, sizes = np.zeros((len(queries), 2)), np.zeros((len(queries), 2)), []
        for place, query in enumerate(tqdm(queries, leave=False)):
            row = corpus.row(query)
            story = {corpus.row(document) for document in filed[query]}
            found = [tie.row for tie in follow(row, links, MAX_LIMIT, least=weakest, steps=steps) if tie.row != row]
            ours[place] = shares(found, story)
            plain[place] = shares([other for other, _ in links(row)][: len(found)], story)
            sizes.append(len(found))
        empty = sizes.count(0)
        click.echo(f"\n{len(queries)} queries of {year}, weakest tie {weakest}, {steps} lists at most;", nl=False)
        click.echo(f" {np.mean(sizes):.1f} other events on average, none for {empty} queries\n")
        click.echo("| | precision | recall |\n|---|---|---|")
        show("timeline", ours)
        show("the first of the plain list, as many", plain)
        show("difference", ours - plain)


if __name__ == "__main__":
    main()
