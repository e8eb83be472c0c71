"""Fit the weights of the `extend` profile by a grid, on judgements: prints the best, writes a weights file.

python benchmarks/fit_extend.py --index INDEX --qrels judged-train.qrels [--output extend.json]
"""

import itertools
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.ranker import DAYS, LinearRanker
from recommender.features import FEATURES
from recommender.index import Index
from recommender.measures import gain
from recommender.parameters import Parameters
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender

ENTITIES = (0.1, 0.2, 0.3, 0.5, 0.7)
LEXICAL = (0.2, 0.3, 0.5, 0.7, 0.9)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
HALF_LIVES = (30.0, 83.0, 200.0, 500.0)
_DISCOUNTS = 1.0 / np.log2(np.arange(2, 12))

Judged = tuple[NDArray[np.float64], NDArray[np.float64], float]
"""Features of a query's candidates, their gains, and the DCG of the ideal list."""


def judged_candidates(recommender: Recommender, qrels: Qrels) -> list[Judged]:
    """The candidates of every judged query, as the profile would see them."""
    corpus = recommender.index.corpus
    queries = []
    rows = [corpus.row(query) for query in qrels.queries]
    for query, (_, candidates, matrix) in zip(qrels.queries, recommender.candidates(rows, Parameters()), strict=True):
        grades = qrels.grades[query]
        gains = np.array([gain(grades.get(corpus.slug(int(row)), 0)) for row in candidates], np.float64)
        best = sorted((gain(grade) for grade in grades.values()), reverse=True)[:10]
        queries.append((matrix, gains, float(np.dot(best, _DISCOUNTS[: len(best)]))))
    return queries


def mean_ndcg(queries: list[Judged], ranker: LinearRanker) -> float:
    """Mean nDCG@10 with the gains 2^grade - 1; a query without a relevant candidate counts as 0."""
    values = []
    for matrix, gains, ideal in queries:
        scores = ranker.contributions(matrix, FEATURES).sum(axis=1).round(6)
        first = gains[np.argsort(-scores, kind="stable")[:10]]
        values.append(float(np.dot(first, _DISCOUNTS[: len(first)])) / ideal if ideal else 0.0)
    return float(np.mean(values))


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--qrels", type=click.Path(path_type=Path), required=True)
@click.option("--output", type=click.Path(path_type=Path))
def main(folder: Path, qrels: Path, output: Path | None) -> None:
    """Try every point of the grid and keep the best; the first of equals."""
    judgements = read_qrels(qrels)
    queries = judged_candidates(Recommender(Index.open(folder)), judgements)
    found: list[tuple[float, LinearRanker]] = []
    for entities, lexical, share, half_life in tqdm(list(itertools.product(ENTITIES, LEXICAL, SHARES, HALF_LIVES))):
        ranker = LinearRanker({"cosine": 1.0, "entities": entities, "lexical": lexical}, share, half_life)
        found.append((mean_ndcg(queries, ranker), ranker))
    found.sort(key=lambda pair: -pair[0])
    for value, ranker in found[:5]:
        click.echo(
            f"{value:.4f}  {dict(ranker.weights)}  {DAYS}: {ranker.time_share}, {ranker.half_life_days:.0f} days"
        )
    if output is not None:
        value, best = found[0]
        provenance = {"fitted_on": judgements.name, "queries": len(judgements.queries), "nDCG@10": round(value, 4)}
        LinearRanker(best.weights, best.time_share, best.half_life_days, provenance).save(output)


if __name__ == "__main__":
    main()
