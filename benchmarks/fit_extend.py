r"""Fit the trees of the `extend` profile on judgements and, a little, on stories; print a cross-validation.

    pip install -e '.[fit]'
    python benchmarks/fit_extend.py --index INDEX --qrels judged-train.qrels --stories stories-dev.qrels.gz \
        --leave-out judged-dev.qrels [--output models/weights/extend.json]

Two boosted models, each scaled to unit spread, side by side in one file. An event of a pool that nobody graded counts
as grade 0 in judged pools and as unrelated in stories. The same index, judgements and seed give the same bytes.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import lightgbm
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.trees import LEAVES, UNIT, TreeRanker
from recommender.features import FEATURES, GROUPS
from recommender.index import Index
from recommender.intervals import mean_interval
from recommender.measures import gain
from recommender.parameters import Parameters
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender

SEED, FOLDS, ROUNDS = 1, 5, 100
MODELS = (("lambdarank", 0.03), ("rank_xendcg", 0.06))
"""Objective, and the weight of a story's query beside a judged one."""
SETTINGS = {
    "label_gain": [0, 1, 3, 7], "num_leaves": LEAVES, "learning_rate": 0.1, "min_data_in_leaf": 60,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
    "lambdarank_truncation_level": 20,
}  # fmt: skip
QUIET = {"verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
STORY_YEARS, STORY_QUERIES, QUERIES_OF_A_STORY, STORY_GRADE = (2011, 2015), 250, 3, 2
HARD, DRAWN = 40, 20
"""Ungraded candidates to learn from: the best by the first score (half as many by cosine), and some drawn at random."""
_DISCOUNTS = 1.0 / np.log2(np.arange(2, 12))


@dataclass(frozen=True)
class Pool:
    """One query's candidates."""

    group: str
    """Queries of one story, or with a document of the highest grade in common, which folds keep together."""
    matrix: NDArray[np.float64]
    grades: NDArray[np.int64]
    """-1 where nobody graded."""
    ideal: float
    """DCG of the best list."""


class Groups:
    """Slugs that belong together, merged pair by pair."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def find(self, slug: str) -> str:
        """The name of a slug's group."""
        while self._parents.setdefault(slug, slug) != slug:
            self._parents[slug] = self._parents[self._parents[slug]]
            slug = self._parents[slug]
        return slug

    def merge(self, qrels: Qrels, least: int) -> None:
        """Put every query together with its documents of at least a grade."""
        for query, documents in qrels.grades.items():
            for document in (one for one, grade in documents.items() if grade >= least):
                self._parents[self.find(document)] = self.find(query)


def story_queries(stories: Qrels, groups: Groups, left_out: set[str]) -> list[str]:
    """Queries of the years, few of a story, drawn by the seed; none of a story that goes on after these years."""
    last: dict[str, int] = {}
    for slug in itertools.chain(stories.grades, *(documents for documents in stories.grades.values())):
        last[groups.find(slug)] = max(last.get(groups.find(slug), 0), year(slug))
    first_year, last_year = STORY_YEARS
    free = [query for query in sorted(stories.grades) if year(query) >= first_year and query not in left_out]
    free = [query for query in free if last[groups.find(query)] <= last_year]
    chosen: list[str] = []
    taken: dict[str, int] = {}
    for place in np.random.default_rng(SEED).permutation(len(free)).tolist():
        story = groups.find(free[place])
        taken[story] = taken.get(story, 0) + 1
        if taken[story] <= QUERIES_OF_A_STORY and len(chosen) < STORY_QUERIES:
            chosen.append(free[place])
    return sorted(chosen)


def year(slug: str) -> int:
    """Of an event's day."""
    return int(slug.split("/")[1])


def pools(recommender: Recommender, qrels: Qrels, queries: Sequence[str], groups: Groups) -> list[Pool]:
    """The candidates of queries, as the profile sees them."""
    corpus = recommender.index.corpus
    asked = recommender.candidates([corpus.row(query) for query in queries], Parameters())
    found = []
    for query, (_, rows, matrix) in zip(tqdm(queries, desc=qrels.name), asked, strict=True):
        known = qrels.grades[query]
        grades = np.array([known.get(corpus.slug(int(row)), -1) for row in rows], np.int64)
        best = sorted(map(gain, known.values()), reverse=True)[:10]
        ideal = float(np.dot(best, _DISCOUNTS[: len(best)]))
        # Single precision is what LightGBM is given: a threshold between two values stays between them.
        found.append(Pool(groups.find(query), matrix.astype(np.float32).astype(np.float64), grades, ideal))
    return found


def rows_to_learn(pool: Pool, random: np.random.Generator, least: int) -> NDArray[np.int64]:
    """Graded candidates, and some of those that nobody graded."""
    keep = pool.grades >= least
    for name, count in (("first", HARD), ("cosine", HARD // 2)):
        keep[np.argsort(-pool.matrix[:, FEATURES.index(name)], kind="stable")[:count]] = True
    keep[random.choice(len(keep), min(DRAWN, len(keep)), replace=False)] = True
    return np.flatnonzero(keep)


def dataset(
    judged: Iterable[Pool], stories: Iterable[Pool], story_weight: float, seed: int, hidden: Iterable[str]
) -> lightgbm.Dataset:
    """What a model learns from, without the hidden features; queries without any relevant row are left out."""
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
    return lightgbm.Dataset(matrix, np.concatenate(labels), weight=np.concatenate(weights), group=np.array(sizes))


def fit(
    judged: Sequence[Pool], stories: Sequence[Pool], provenance: dict[str, Any], hidden: Iterable[str] = ()
) -> TreeRanker:
    """Train the models and put their trees into one ranker."""
    trees: list[dict[str, list[Any]]] = []
    boosters = []
    for number, (objective, weight) in enumerate(MODELS):
        data = dataset(judged, stories, weight, SEED + number, hidden)
        parameters = {**SETTINGS, **QUIET, "objective": objective, "seed": SEED + number}
        booster = lightgbm.train(parameters, data, ROUNDS)
        boosters.append((booster, float(np.std(np.concatenate([booster.predict(pool.matrix) for pool in judged])))))
    splits = sum(booster.feature_importance("split") for booster, _ in boosters)
    used = [name for name, count in zip(FEATURES, splits, strict=True) if count]
    for booster, spread in boosters:
        for info in booster.dump_model()["tree_info"]:
            tree: dict[str, list[Any]] = {key: [] for key in ("feature", "threshold", "left", "right", "value", "leaf")}
            flatten(info["tree_structure"], tree, used, UNIT / spread)
            if tree["feature"]:
                trees.append(tree)
    ranker = TreeRanker.of({"provenance": provenance, "features": used, "trees": trees})
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


def ndcg(pool: Pool, values: NDArray[Any]) -> float:
    """nDCG@10 with the gains 2^grade - 1; 0 without a relevant document."""
    best = pool.grades[np.argsort(-values, kind="stable")[:10]]
    dcg = float(np.dot([gain(max(int(grade), 0)) for grade in best], _DISCOUNTS[: len(best)]))
    return dcg / pool.ideal if pool.ideal else 0.0


def cross_validate(judged: Sequence[Pool], stories: Sequence[Pool], hidden: Iterable[str] = ()) -> NDArray[np.float64]:
    """(queries, 2) nDCG@10 of each query by trees that saw none of its group, and by the first score."""
    groups = sorted({pool.group for pool in judged})
    order = np.random.default_rng(SEED).permutation(len(groups)).tolist()
    fold = {groups[place]: number % FOLDS for number, place in enumerate(order)}
    values = np.zeros((len(judged), 2))
    for held in tqdm(range(FOLDS), desc="folds", leave=False):
        rest = [pool for pool in judged if fold[pool.group] != held]
        ranker = fit(rest, [pool for pool in stories if fold.get(pool.group) != held], {}, hidden)
        for place, pool in enumerate(judged):
            if fold[pool.group] == held:
                first = pool.matrix[:, FEATURES.index("first")]
                values[place] = ndcg(pool, scores(ranker, pool)), ndcg(pool, first)
    return values


def show(name: str, values: NDArray[np.float64]) -> None:
    """One line: the mean of queries and its interval."""
    found = mean_interval(values, seed=0)
    click.echo(f"{name:22} {found.estimate:+.4f} ({found.low:+.4f} to {found.high:+.4f})")


def ablation(judged: Sequence[Pool], stories: Sequence[Pool], whole: NDArray[np.float64]) -> None:
    """Print what is lost without each group of features."""
    for group, names in GROUPS.items():
        without = cross_validate(judged, stories, names)
        show(f"without {group}", without[:, 0] - whole[:, 0])


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
    judgements, filed = read_qrels(qrels), read_qrels(stories)
    left_out = {query for path in leave_out for query in read_qrels(path).grades}
    groups = Groups()
    groups.merge(filed, 1)
    chosen = story_queries(filed, groups, left_out)
    groups.merge(judgements, 3)
    judged = pools(recommender, judgements, [query for query in judgements.grades if query not in left_out], groups)
    told = pools(recommender, filed, chosen, groups)
    values = cross_validate(judged, told)
    show("trees", values[:, 0])
    show("first score alone", values[:, 1])
    show("difference", values[:, 0] - values[:, 1])
    if by_group:
        ablation(judged, told, values)
    first_year, last_year = STORY_YEARS
    provenance = {
        "encoder": recommender.index.manifest.encoder,
        "judged": f"{judgements.name}, {len(judged)} queries graded by readers",
        "stories": f"{filed.name}, {len(told)} queries of {first_year}-{last_year}, {QUERIES_OF_A_STORY} a story",
        "measure": f"nDCG@10, gains 0 1 3 7, {FOLDS} folds by story and shared document of grade 3",
        "value": round(float(values[:, 0].mean()), 4),
        "first_score_alone": round(float(values[:, 1].mean()), 4),
        "seed": SEED,
        "models": [f"{objective}, {ROUNDS} rounds, stories weigh {weight}" for objective, weight in MODELS],
        "settings": SETTINGS,
        "lightgbm": lightgbm.__version__,
        "left_out": [path.name for path in leave_out],
    }
    ranker = fit(judged, told, provenance)
    click.echo(f"{len(ranker.content['trees'])} trees over {len(ranker.features)} features")
    if output is not None:
        ranker.save(output)


if __name__ == "__main__":
    main()
