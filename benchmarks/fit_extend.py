r"""Fit the trees of the `extend` profile on judgements and, a little, on stories; print a cross-validation.

    pip install -e '.[fit]'
    python benchmarks/fit_extend.py --index INDEX --qrels judged-train.qrels --stories stories-dev.qrels.gz \
        --leave-out judged-dev.qrels [--output models/weights/extend.json]

Two boosted models, each scaled to unit spread, side by side in one file. An event of a pool that nobody graded counts
as grade 0 in judged pools and as unrelated in stories. The same index, judgements and seed give the same bytes.

With them goes a calibration: a logistic curve from the score to the probability of grade 2 or 3, fitted on the scores
of the cross-validation, which come from trees that saw none of the query's group. Only what a longest list shows
counts, the first 50 of each query, and of these what readers graded. What nobody graded is left out: read, 17 of 60
such pairs with scores from -1.5 to 2.5 were relevant, no fewer than of graded pairs with the same scores.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import lightgbm
import numpy as np
from numpy.typing import NDArray
from pools import FOLDS, QUERIES_OF_A_STORY, SEED, STORY_YEARS, Material, Pool, Scorer, ndcgs, out_of_fold
from sklearn.linear_model import LogisticRegression

from models.tree_scores import LEAVES
from models.trees import UNIT, TreeRanker
from recommender.features import FEATURES, GROUPS
from recommender.index import Index
from recommender.intervals import mean_interval
from recommender.related import Recommender

ROUNDS = 100
MODELS: tuple[tuple[str, float], ...] = (("lambdarank", 0.03), ("rank_xendcg", 0.06))
"""Objective, and the weight of a story's query beside a judged one."""
SETTINGS = {
    "label_gain": [0, 1, 3, 7], "num_leaves": LEAVES, "learning_rate": 0.1, "min_data_in_leaf": 60,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
    "lambdarank_truncation_level": 20,
}  # fmt: skip
QUIET = {"verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
STORY_GRADE = 2
HARD, DRAWN = 40, 20
"""Ungraded candidates to learn from: the best by the first score (half as many by cosine), and some drawn at random."""
SHOWN, RELEVANT = 50, 2
"""The calibration is of the first so many of a query, and of a grade from this."""
UNCALIBRATED: Mapping[str, float] = {"slope": 1.0, "intercept": 0.0}


def rows_to_learn(pool: Pool, random: np.random.Generator, least: int) -> NDArray[np.int64]:
    """Graded candidates, and some of those that nobody graded."""
    keep = pool.grades >= least
    for name, count in (("first", HARD), ("cosine", HARD // 2)):
        keep[np.argsort(-pool.matrix[:, FEATURES.index(name)], kind="stable")[:count]] = True
    keep[random.choice(len(keep), min(DRAWN, len(keep)), replace=False)] = True
    return np.flatnonzero(keep)


@dataclass(frozen=True)
class Examples:
    """What a model learns from: rows query by query."""

    matrix: NDArray[np.float64]
    labels: NDArray[np.int64]
    """Grades 0 to 3."""
    weights: NDArray[np.float64]
    sizes: NDArray[np.int64]
    """Rows of each query."""


def examples(
    judged: Iterable[Pool], stories: Iterable[Pool], story_weight: float, seed: int, hidden: Iterable[str] = ()
) -> Examples:
    """Rows of both truths, without the hidden features; queries without any relevant row are left out."""
    random = np.random.default_rng(seed)
    parts = []
    for several, weight, least, factor in ((judged, 1.0, 0, 1), (stories, story_weight, 1, STORY_GRADE)):
        for pool in several:
            rows = rows_to_learn(pool, random, least)
            labels = np.maximum(pool.grades[rows], 0) * factor
            if labels.any():
                parts.append((pool.matrix[rows], labels, np.full(len(rows), weight), len(rows)))
    matrices, labels, weights, sizes = zip(*parts, strict=True)
    matrix = np.concatenate(matrices)
    matrix[:, [FEATURES.index(name) for name in hidden]] = 0.0  # nothing can be learned from what is always the same
    return Examples(matrix, np.concatenate(labels), np.concatenate(weights), np.array(sizes))


def fit(
    judged: Sequence[Pool],
    stories: Sequence[Pool],
    provenance: Mapping[str, Any],
    *,
    calibration: Mapping[str, float] = UNCALIBRATED,
    hidden: Iterable[str] = (),
    models: Sequence[tuple[str, float]] = MODELS,
    rounds: int = ROUNDS,
) -> TreeRanker:
    """Train the models and put their trees into one ranker."""
    trees: list[dict[str, list[Any]]] = []
    boosters = []
    for number, (objective, weight) in enumerate(models):
        rows = examples(judged, stories, weight, SEED + number, hidden)
        data = lightgbm.Dataset(rows.matrix, rows.labels, weight=rows.weights, group=rows.sizes)
        parameters = {**SETTINGS, **QUIET, "objective": objective, "seed": SEED + number}
        booster = lightgbm.train(parameters, data, rounds)
        boosters.append((booster, float(np.std(np.concatenate([booster.predict(pool.matrix) for pool in judged])))))
    splits = sum(booster.feature_importance("split") for booster, _ in boosters)
    used = [name for name, count in zip(FEATURES, splits, strict=True) if count]
    for booster, spread in boosters:
        for info in booster.dump_model()["tree_info"]:
            tree: dict[str, list[Any]] = {key: [] for key in ("feature", "threshold", "left", "right", "value", "leaf")}
            flatten(info["tree_structure"], tree, used, UNIT / spread)
            if tree["feature"]:
                trees.append(tree)
    content = {"provenance": provenance, "calibration": calibration, "features": used, "trees": trees}
    ranker = TreeRanker.of(content)
    for pool in judged[:20]:  # apart from a constant and the rounding of 200 values they are LightGBM's scores
        theirs = sum(booster.predict(pool.matrix) / spread for booster, spread in boosters)
        if np.ptp(scores(ranker, pool) / UNIT - theirs) > 1e-3:
            raise ValueError("our trees do not give LightGBM's scores")
    return ranker


def flatten(node: dict[str, Any], tree: dict[str, list[Any]], used: list[str], scale: float) -> int:
    """Add a node of LightGBM's dump and all below it; gives its number, ~number of a leaf."""
    if "split_index" not in node:
        tree["leaf"].append(round(node["leaf_value"] * scale))
        return ~(len(tree["leaf"]) - 1)
    place = len(tree["feature"])
    tree["feature"].append(used.index(FEATURES[node["split_feature"]]))
    tree["threshold"].append(node["threshold"])
    tree["value"].append(round(node["internal_value"] * scale))
    for side in ("left", "right"):
        tree[side].append(0)
    for side in ("left", "right"):
        tree[side][place] = flatten(node[f"{side}_child"], tree, used, scale)
    return place


def scores(ranker: TreeRanker, pool: Pool) -> NDArray[np.int64]:
    """Of a pool's candidates."""
    return ranker.scores(ranker.leaves(pool.matrix, FEATURES))


def fit_trees(**variant: Any) -> Callable[[Sequence[Pool], Sequence[Pool]], Scorer]:  # noqa: ANN401 - options of `fit`
    """What fits trees in a fold."""

    def fit_fold(judged: Sequence[Pool], stories: Sequence[Pool]) -> Scorer:
        return partial(scores, fit(judged, stories, {}, **variant))

    return fit_fold


def calibrate(judged: Sequence[Pool], told: Sequence[NDArray[np.int64]]) -> dict[str, float]:
    """The logistic curve of the scores that trees gave pools that they had not seen."""
    shown, relevant = [], []
    for pool, values in zip(judged, told, strict=True):
        first = np.argsort(-values, kind="stable")[:SHOWN]
        first = first[pool.grades[first] >= 0]
        shown.append(values[first] / UNIT)
        relevant.append(pool.grades[first] >= RELEVANT)
    model = LogisticRegression(C=np.inf).fit(np.concatenate(shown)[:, None], np.concatenate(relevant))
    return {"slope": round(float(model.coef_[0, 0]), 6), "intercept": round(float(model.intercept_[0]), 6)}


def show(name: str, values: NDArray[np.float64]) -> None:
    """One line: the mean of queries and its interval."""
    found = mean_interval(values, seed=0)
    click.echo(f"{name:22} {found.estimate:+.4f} ({found.low:+.4f} to {found.high:+.4f})")


def ablation(judged: Sequence[Pool], stories: Sequence[Pool], whole: NDArray[np.float64]) -> None:
    """Print what is lost without each group of features."""
    for group, names in GROUPS.items():
        show(f"without {group}", ndcgs(judged, out_of_fold(judged, stories, fit_trees(hidden=names))) - whole)


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--qrels", type=PATH, required=True, help="Judgements to fit on.")
@click.option("--stories", type=PATH, required=True, help="Stories to fit on, a little.")
@click.option("--leave-out", type=PATH, multiple=True, help="Judgements whose queries must not be learned from.")
@click.option("--output", type=PATH, help="Where the trees are to be written.")
@click.option("--groups", "by_group", is_flag=True, help="Cross-validate without each group of features, too: minutes.")
def main(
    folder: Path, qrels: Path, stories: Path, leave_out: tuple[Path, ...], output: Path | None, *, by_group: bool
) -> None:
    """Cross-validate, then fit on everything."""
    recommender = Recommender(Index.open(folder))
    material = Material.read(qrels, stories, leave_out)
    judged, told = material.pools(recommender)
    unseen = out_of_fold(judged, told, fit_trees())
    values = ndcgs(judged, unseen)
    first = ndcgs(judged, [pool.matrix[:, FEATURES.index("first")] for pool in judged])
    show("trees", values)
    show("first score alone", first)
    show("difference", values - first)
    if by_group:
        ablation(judged, told, values)
    years = "{}-{}".format(*STORY_YEARS)
    provenance = {
        "encoder": recommender.index.manifest.encoder,
        "judged": f"{material.judgements.name}, {len(judged)} queries graded by readers",
        "stories": f"{material.filed.name}, {len(told)} queries of {years}, {QUERIES_OF_A_STORY} a story",
        "measure": f"nDCG@10, gains 0 1 3 7, {FOLDS} folds by story and shared document of grade 3",
        "value": round(float(values.mean()), 4),
        "first_score_alone": round(float(first.mean()), 4),
        "calibrated": f"logistic, grade {RELEVANT} or more, graded of the first {SHOWN} by unseen trees",
        "seed": SEED,
        "models": [f"{objective}, {ROUNDS} rounds, stories weigh {weight}" for objective, weight in MODELS],
        "settings": SETTINGS,
        "lightgbm": lightgbm.__version__,
        "left_out": [path.name for path in leave_out],
    }
    calibration = calibrate(judged, unseen)
    even = -calibration["intercept"] / calibration["slope"]
    click.echo(f"as likely as not to be of grade {RELEVANT} or more: score {even:.3f}")
    ranker = fit(judged, told, provenance, calibration=calibration)
    click.echo(f"{len(ranker.content['trees'])} trees over {len(ranker.features)} features")
    if output is not None:
        ranker.save(output)


if __name__ == "__main__":
    main()
