"""How many of the lists that name an event stand around it: what `regenerate --new` reaches, by depth.

    python benchmarks/around.py --index INDEX [--events 1000] [--lists FILE]

Makes all lists by `extend`, which takes minutes; `--lists` keeps them for the next run. For a sample of events it
counts the lists that name each, and which of these belong to the first events of its own ranking, to those and events
that have it among their nearest texts. Prints one table, with 95 % intervals by bootstrap over events.
"""

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from recommender.index import Index
from recommender.parameters import MAX_LIMIT, Parameters
from recommender.related import Recommender

DEPTHS = (0, 10, 20, 30, 40, 50)
DRAWS = 1000


def all_lists(recommender: Recommender) -> NDArray[np.int32]:
    """(events, limit) rows of every list; -1 where it is shorter."""
    events, limit = len(recommender.index.corpus), recommender.index.manifest.limit
    lists = np.full((events, limit), -1, np.int32)
    for row, ranking in recommender.rankings(range(events), Parameters()):
        lists[row, : len(ranking.rows)] = ranking.rows
    return lists


def share(reached: NDArray[np.float64], named: NDArray[np.float64], seed: int) -> str:
    """Of all lists that name an event, with its interval."""
    drawn = np.random.default_rng(seed).integers(0, len(named), (DRAWS, len(named)))
    spread = 1.96 * float(np.std(reached[drawn].sum(axis=1) / named[drawn].sum(axis=1)))
    return f"{reached.sum() / named.sum():.3f} ±{spread:.3f}"


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--events", default=1000, show_default=True, help="Size of the sample.")
@click.option("--lists", "file", type=click.Path(path_type=Path), help="A file .npy where all lists are kept.")
@click.option("--seed", default=7, show_default=True)
def main(folder: Path, events: int, file: Path | None, seed: int) -> None:
    """Print the table."""
    recommender = Recommender(Index.open(folder))
    lists = np.load(file) if file and file.exists() else all_lists(recommender)
    if file and not file.exists():
        np.save(file, lists)
    sample = np.sort(np.random.default_rng(seed).choice(len(lists), min(events, len(lists)), replace=False))
    rankings = recommender.rankings(sample.tolist(), Parameters(limit=MAX_LIMIT))
    ranked = [ranking.rows for _, ranking in rankings]
    naming = [np.flatnonzero((lists == row).any(axis=1)) for row in sample]
    near = [np.flatnonzero((recommender.index.graph.neighbours == row).any(axis=1)) for row in sample]
    named = np.array(list(map(len, naming)), np.float64)
    click.echo(f"{len(sample):,} events, each named by {named.mean():.1f} of {len(lists):,} lists\n")
    click.echo("| depth | of its ranking: lists | reached | and of whom it is among the nearest: lists | reached |")
    click.echo("|---|---|---|---|---|")
    for depth in DEPTHS:
        cells = []
        for looked in (
            [rows[:depth] for rows in ranked],
            [np.union1d(rows[:depth], others) for rows, others in zip(ranked, near, strict=True)],
        ):
            reached = [np.isin(lists_of, rows).sum() for lists_of, rows in zip(naming, looked, strict=True)]
            cells += [f"{np.mean(list(map(len, looked))):.1f}", share(np.array(reached, np.float64), named, seed)]
        click.echo(f"| {depth} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
