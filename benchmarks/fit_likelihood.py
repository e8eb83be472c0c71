r"""Fit what a score of `extend` is worth: how likely a candidate is the same story.

    python benchmarks/fit_likelihood.py --index INDEX --qrels judged-train.qrels --report judged-dev.qrels \
        [--output models/weights/likelihood.json]

To run again whenever `models/weights/extend.json` has changed. Fitted on every graded candidate of the pools; reported
is how often readers agree among the first ten of other queries.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from pools import WIDE
from sklearn.linear_model import LogisticRegression

from models.likelihood import Curve, Likelihood
from models.trees import UNIT, TreeRanker
from recommender.features import FEATURES
from recommender.index import Index
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender
from recommender.storylines import STORY_AT

RESAMPLES, SEED, TOP = 10_000, 0, 10
RELATED, SAME_STORY = 2, 3
CUTS = (0.3, 0.4, STORY_AT, 0.6, 0.7, 0.8)
_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Graded(NamedTuple):
    """The graded candidates of one query."""

    scores: NDArray[np.float64]
    days: NDArray[np.float64]
    grades: NDArray[np.int64]
    first: NDArray[np.bool_]
    """Whether each is among the first ten of the list."""


def graded(recommender: Recommender, qrels: Qrels) -> list[Graded]:
    """Of every query the candidates that readers graded, with the scores that they get."""
    corpus = recommender.index.corpus
    queries = list(qrels.grades)
    ranker = TreeRanker.bundled("extend")
    asked = recommender.candidates([corpus.row(query) for query in queries], WIDE)
    found = []
    for query, (row, rows, matrix) in zip(queries, asked, strict=True):
        scores = ranker.scores(ranker.leaves(matrix, FEATURES)) / UNIT
        grades = np.array([qrels.grades[query].get(corpus.slug(int(other)), -1) for other in rows])
        first = np.zeros(len(rows), np.bool_)
        first[np.argsort(-scores, kind="stable")[:TOP]] = True
        keep = grades >= 0
        days = np.abs(corpus.days[rows] - corpus.days[row]).astype(np.float64)
        found.append(Graded(scores[keep], days[keep], grades[keep], first[keep]))
    return found


def fit(queries: Sequence[Graded], least: int) -> Curve:
    """The curve of being graded so high."""
    scores, days, grades, _ = map(np.concatenate, zip(*queries, strict=True))
    model = LogisticRegression(C=np.inf, tol=1e-9).fit(np.stack([scores, np.log1p(days)], axis=1), grades >= least)
    (score, per_log_day), (intercept,) = model.coef_[0], model.intercept_
    return Curve(round(float(intercept), 4), round(float(score), 4), round(float(per_log_day), 4))


def show_cuts(queries: Sequence[Graded], curve: Curve) -> None:
    """Precision and recall of `the same story` among the first ten at several cuts; resampled are queries."""
    draws = np.random.default_rng(SEED).integers(len(queries), size=(RESAMPLES, len(queries)))
    click.echo("| same story from | precision | recall | of those it names, graded 2 or 3 |\n|---|---|---|---|")
    for cut in CUTS:
        counts = np.zeros((len(queries), 4))
        for place, query in enumerate(queries):
            grades = query.grades[query.first]
            named = curve.at(query.scores, query.days)[query.first] >= cut
            counts[place] = (
                (named & (grades == SAME_STORY)).sum(),
                named.sum(),
                (grades == SAME_STORY).sum(),
                (named & (grades >= RELATED)).sum(),
            )
        cells = []
        for above, below in ((0, 1), (0, 2), (3, 1)):
            resampled = counts[draws, above].sum(axis=1) / counts[draws, below].sum(axis=1)
            low, high = np.percentile(resampled, (2.5, 97.5))
            cells.append(f"{counts[:, above].sum() / counts[:, below].sum():.3f} ({low:.3f} to {high:.3f})")
        click.echo(f"| {cut:.1f} | {' | '.join(cells)} |")


def show_reliability(name: str, queries: Sequence[Graded], curve: Curve, least: int) -> None:
    """How often what is said to be so likely is so, among the first ten."""
    said = np.concatenate([curve.at(query.scores, query.days)[query.first] for query in queries])
    true = np.concatenate([query.grades[query.first] >= least for query in queries])
    click.echo(f"\n| {name}: said | said, mean | true | events |\n|---|---|---|---|")
    for low, high in itertools.pairwise(_BINS):
        inside = (said >= low) & (said < high)
        if inside.any():
            line = f"{said[inside].mean():.2f} | {true[inside].mean():.2f} | {inside.sum()}"
            click.echo(f"| {low:.1f} to {high:.1f} | {line} |")


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--qrels", type=PATH, required=True, help="Judgements to fit on.")
@click.option("--report", type=PATH, required=True, help="Judgements of other queries to report on.")
@click.option("--output", type=PATH, help="Where the curve is to be written.")
def main(folder: Path, qrels: Path, report: Path, output: Path | None) -> None:
    """Fit on some judgements, report on others."""
    recommender = Recommender(Index.open(folder))
    judged = read_qrels(qrels)
    queries = graded(recommender, judged)
    provenance = {
        "ranker": "extend.json",
        "encoder": recommender.index.manifest.encoder,
        "judged": f"{judged.name}, {len(queries)} queries, every graded candidate of their pools",
    }
    found = Likelihood(fit(queries, SAME_STORY), provenance)
    click.echo(f"same story {found.story}\n")
    others = graded(recommender, read_qrels(report))
    show_cuts(others, found.story)
    show_reliability("same story", others, found.story, SAME_STORY)
    if output is not None:
        found.save(output)


if __name__ == "__main__":
    main()
