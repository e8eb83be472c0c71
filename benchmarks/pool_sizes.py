"""How large the pool of candidates has to be: nDCG@10 of `extend` by the parameter `candidates`.

    python benchmarks/pool_sizes.py --index INDEX --qrels judged-dev.qrels --qrels stories-dev.qrels.gz

Of a file with more than `--queries` queries some are drawn. Differences are to the first size, query by query.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from tables import aligned

from recommender.evaluation import answer
from recommender.index import Index
from recommender.intervals import difference_interval, mean_interval
from recommender.measures import score_run
from recommender.parameters import Parameters
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender
from recommender.scoreboard import format_difference, format_mean

SIZES = (500, 400, 300, 250, 200, 150, 100)
MEASURE = "nDCG@10"


def by_size(recommender: Recommender, qrels: Qrels, queries: Sequence[str]) -> Iterator[list[str]]:
    """One table: a line for each size."""
    yield ["candidates", f"{MEASURE}, {qrels.name}, {len(queries)} queries", f"minus {SIZES[0]}"]
    whole = np.zeros(0)
    for size in SIZES:
        answers = answer(recommender, queries, Parameters.checked(candidates=size, limit=10))
        scores = score_run(str(size), answers, Qrels(qrels.name, {query: qrels.grades[query] for query in queries}))
        values = scores.values[MEASURE]
        whole = whole if len(whole) else values
        minus = "" if values is whole else format_difference(difference_interval(values, whole, seed=0))
        yield [str(size), format_mean(mean_interval(values, seed=0)), minus]


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--qrels", "files", type=click.Path(path_type=Path), multiple=True, required=True)
@click.option("--queries", "most", default=2000, show_default=True, help="Of a file, at most.")
def main(folder: Path, files: tuple[Path, ...], most: int) -> None:
    """Print a table for each file."""
    recommender = Recommender(Index.open(folder))
    for path in files:
        qrels = read_qrels(path)
        queries = sorted(qrels.grades)
        if len(queries) > most:
            queries = sorted(random.Random(0).sample(queries, most))
        click.echo(aligned(list(by_size(recommender, qrels, queries))) + "\n")


if __name__ == "__main__":
    main()
