"""How several events that ask are best fused, and what liked and unliked ones should weigh.

    python benchmarks/seeds.py --index INDEX --stories stories-dev.qrels.gz --qrels judged-train.qrels [--year 2016]

Stories: one to three events of a story ask, the rest of the story is the truth. Judged: an event of the best grade is
liked and the first of grade 0 on the list is not; the rest is the truth. Whoever asks is on no list and in no truth.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.trees import UNIT
from recommender.fusion import score
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.qrels import read_qrels
from recommender.related import Recommender
from recommender.seeds import SeedRows

Scores = NDArray[np.float64]
Fusion = Callable[[Sequence[Scores]], Scores]
PARAMETERS = Parameters()
RRF_K = 60
WEIGHTS = (0.25, 0.5, 1.0)
SEED = 0
LEAST = 6
"""Events of a story, without the query, that make it a case: three of them may ask."""


def ranks(scores: Scores) -> Scores:
    """Places from 1, the highest score first."""
    places = np.empty(len(scores))
    places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return places


FUSIONS: dict[str, Fusion] = {
    "the first alone": lambda scores: scores[0],
    "mean of scores": lambda scores: np.mean(scores, axis=0),
    "mean of 1 / (1 + exp(-score))": lambda scores: np.mean([1.0 / (1.0 + np.exp(-one)) for one in scores], axis=0),
    "best score": lambda scores: np.max(scores, axis=0),
    "reciprocal ranks": lambda scores: np.sum([1.0 / (RRF_K + ranks(one)) for one in scores], axis=0),
}


def ndcg(listed: Sequence[str], truth: Mapping[str, int]) -> float:
    """nDCG@10 with gains 2^grade - 1."""

    def gain(grades: Sequence[int]) -> float:
        return sum((2.0**grade - 1.0) / math.log2(place + 2.0) for place, grade in enumerate(grades[:10]))

    best = gain(sorted(truth.values(), reverse=True))
    return gain([truth.get(slug, 0) for slug in listed]) / best if best else 0.0


def scored(recommender: Recommender, group: SeedRows) -> tuple[NDArray[np.int64], list[Scores]]:
    """The candidates, and how each asker scores them."""
    askers = recommender.askers(group, PARAMETERS)
    found = score(askers, group.rows)
    return found[0].rows, [one.scores / UNIT for one in found]


def value(recommender: Recommender, rows: NDArray[np.int64], scores: Scores, truth: Mapping[str, int]) -> float:
    """Measure of the list by these scores."""
    first = rows[np.argsort(-scores, kind="stable")[:10]]
    return ndcg([recommender.index.corpus.slug(int(row)) for row in first], truth)


def tell(title: str, values: Mapping[str, list[float]], base: str) -> None:
    """A table of means, each with its paired difference to the base and half the 95 % interval of that."""
    count = len(values[base])
    click.echo(f"\n| {title}, {count} queries | nDCG@10 | difference to {base} |\n|---|---|---|")
    draws = np.random.default_rng(0).integers(0, count, (2000, count))
    for name, found in values.items():
        apart = np.array(found) - np.array(values[base])
        low, high = np.percentile(apart[draws].mean(axis=1), (2.5, 97.5))
        told = "" if name == base else f"{apart.mean():+.3f} ±{(high - low) / 2:.3f}"
        click.echo(f"| {name} | {np.mean(found):.3f} | {told} |")


def moved(scores: Scores, like: Scores, unlike: Scores | None) -> Iterator[tuple[str, Scores]]:
    """Ways to let a liked event, and one that is not, move the scores."""
    yield "not at all", scores
    for weight in WEIGHTS:
        yield f"like {weight}", scores + weight * like
        yield f"like {weight}, above 0 only", scores + weight * np.maximum(like, 0.0)
        if unlike is not None:
            yield f"unlike {weight}", scores - weight * unlike
            yield f"unlike {weight}, above 0 only", scores - weight * np.maximum(unlike, 0.0)


def stories(recommender: Recommender, path: Path, year: str, sample: int, draw: random.Random) -> None:
    """Fusions of two and three events of one story, and one that is liked."""
    corpus = recommender.index.corpus
    truths = {query: found for query, found in read_qrels(path).grades.items() if query.startswith(f"news/{year}/")}
    cases = sorted(query for query, found in truths.items() if len(found) >= LEAST)
    for count in (2, 3):
        values: dict[str, list[float]] = {name: [] for name in FUSIONS}
        liked: dict[str, list[float]] = {}
        for query in tqdm(draw.sample(cases, min(sample, len(cases))), disable=None):
            others = draw.sample(sorted(truths[query]), count - 1)
            truth = {slug: grade for slug, grade in truths[query].items() if slug not in others}
            group = SeedRows(tuple(map(corpus.row, (query, *others))), (), ())
            rows, scores = scored(recommender, group)
            for name, fusion in FUSIONS.items():
                values[name].append(value(recommender, rows, fusion(scores), truth))
            for name, found in moved(scores[0], np.mean(scores[1:], axis=0), None):
                liked.setdefault(name, []).append(value(recommender, rows, found, truth))
        tell(f"{count} events of a story of {year}", values, "mean of scores")
        tell(f"an event and {count - 1} liked of its story of {year}", liked, "not at all")


def judged(recommender: Recommender, path: Path, sample: int, draw: random.Random) -> None:
    """One liked event of the best grade, one of grade 0 that is not liked."""
    corpus = recommender.index.corpus
    truths = read_qrels(path).grades
    values: dict[str, list[float]] = {}
    for query in tqdm(draw.sample(sorted(truths), min(sample, len(truths))), disable=None):
        grades = truths[query]
        best = sorted(slug for slug, grade in grades.items() if grade == max(grades.values()) and grade >= 2)
        listed = [one.event.slug for one in recommender.related(query).related]
        worst = next((slug for slug in listed if grades.get(slug) == 0), None)
        if not best or worst is None:
            continue
        like = draw.choice(best)
        truth = {slug: grade for slug, grade in grades.items() if slug not in (like, worst)}
        group = SeedRows((corpus.row(query),), (corpus.row(like),), (corpus.row(worst),))
        rows, scores = scored(recommender, group)
        for name, found in moved(scores[0], scores[1], scores[2]):
            values.setdefault(name, []).append(value(recommender, rows, found, truth))
    tell("judged, one liked and one not", values, "not at all")


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--stories", "story_file", type=click.Path(path_type=Path), required=True)
@click.option("--qrels", type=click.Path(path_type=Path), required=True)
@click.option("--year", default="2016", show_default=True, help="Of the stories.")
@click.option("--sample", default=300, show_default=True)
def main(folder: Path, story_file: Path, qrels: Path, year: str, sample: int) -> None:
    """Print tables of fusions and weights."""
    recommender = Recommender(Index.open(folder))
    draw = random.Random(SEED)
    stories(recommender, story_file, year, sample, draw)
    judged(recommender, qrels, sample, draw)


if __name__ == "__main__":
    main()
