r"""What each model and each source of candidates adds to `extend`, in the folds that fit_extend.py validates in.

    pip install -e '.[fit]'
    python benchmarks/ablations.py --index INDEX --qrels judged-train.qrels --stories stories-dev.qrels.gz \
        --leave-out judged-dev.qrels

What each group of features adds, `fit_extend.py --groups` prints.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from fit_extend import MODELS, Examples, examples, fit_trees
from numpy.typing import NDArray
from pools import SEED, WIDE, Material, Pool, Scorer, ndcgs, out_of_fold, pools, story_queries
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tables import aligned

from models.term_sums import TermSums
from models.tree_scores import LEAVES
from recommender import candidates
from recommender.features import FEATURES
from recommender.index import Index
from recommender.intervals import difference_interval, mean_interval
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.scoreboard import format_difference, format_mean
from recommender.texts import Texts

STORY_WEIGHT = MODELS[1][1]
TOLD_LATER = (2016, 2016)
"""Years of the stories on which models are compared; those that they learn from end before."""
SIZES = (50, 100, 200, 500)

Fit = Callable[[Sequence[Pool], Sequence[Pool]], Scorer]


def pointwise(estimator: Callable[[], Any], target: Callable[[Examples], NDArray[Any]]) -> Fit:
    """What fits a scikit-learn estimator to each candidate alone."""

    def fit(judged: Sequence[Pool], stories: Sequence[Pool]) -> Scorer:
        rows = examples(judged, stories, STORY_WEIGHT, SEED)
        fitted = estimator()
        name = f"{fitted.steps[-1][0]}__sample_weight" if isinstance(fitted, Pipeline) else "sample_weight"
        fitted.fit(rows.matrix, target(rows), **{name: rows.weights})
        score = fitted.decision_function if hasattr(fitted, "decision_function") else fitted.predict
        return lambda pool: np.asarray(score(pool.matrix))

    return fit


def gains(rows: Examples) -> NDArray[np.float64]:
    """0, 1, 3 and 7 for the grades 0 to 3."""
    return np.exp2(rows.labels) - 1.0


def boosting() -> HistGradientBoostingRegressor:
    """Gradient boosting of the size of what is shipped."""
    return HistGradientBoostingRegressor(
        max_iter=200, max_leaf_nodes=LEAVES, min_samples_leaf=60, l2_regularization=5.0, random_state=SEED
    )


COMPARED: dict[str, Fit] = {
    "as shipped: LambdaMART and XE-NDCG, 100 trees each": fit_trees(),
    "LambdaMART alone, 100 trees": fit_trees(models=MODELS[:1]),
    "LambdaMART alone, 200 trees": fit_trees(models=MODELS[:1], rounds=200),
    "XE-NDCG alone, 100 trees": fit_trees(models=MODELS[1:]),
    "XE-NDCG alone, 200 trees": fit_trees(models=MODELS[1:], rounds=200),
    "HistGradientBoosting on gains, 200 trees": pointwise(boosting, gains),
    "linear: ridge regression on gains": pointwise(lambda: make_pipeline(StandardScaler(), Ridge()), gains),
    "linear: logistic regression, grade 2 and above": pointwise(
        lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)), lambda rows: rows.labels >= 2
    ),
    "the first score alone": lambda _judged, _stories: lambda pool: pool.matrix[:, FEATURES.index("first")],
}


def found_by(pool: Pool, count: int) -> dict[str, NDArray[np.int64]]:
    """Which candidates each source has among its best: a pool holds these of every source, so its columns tell."""
    columns = {name: pool.matrix[:, FEATURES.index(name)] for name in ("cosine", "entities", "lexical", "days")}
    everyone = np.arange(len(pool.grades))
    near, far = (everyone[columns["days"] <= window] for window in candidates.WINDOWS)
    short, long = candidates.WINDOWS
    asked = {
        "texts": ("cosine", everyone),
        f"texts within {short} days": ("cosine", near),
        f"texts within {long} days": ("cosine", far),
        "entities": ("entities", everyone[columns["entities"] > 0.0]),
        "words": ("lexical", everyone[columns["lexical"] > 0.0]),
    }
    return {
        source: rows[np.argsort(-columns[name][rows], kind="stable")[:count]] for source, (name, rows) in asked.items()
    }


def without(pool: Pool, source: str, count: int) -> Pool:
    """The pool without what only one source has found; columns about the whole pool stay as they are."""
    kept = np.unique(np.concatenate([rows for name, rows in found_by(pool, count).items() if name != source]))
    return replace(pool, matrix=pool.matrix[kept], grades=pool.grades[kept])


def recalls(several: Sequence[Pool], count: int, least: int) -> dict[str, float]:
    """By source, and by all, the share of the events of at least a grade among its best, and how many all have."""
    shares: dict[str, list[float]] = {}
    for pool in several:
        if pool.relevant:
            by_source = found_by(pool, count)
            by_source["all five"] = np.unique(np.concatenate(list(by_source.values())))
            for name, rows in by_source.items():
                shares.setdefault(name, []).append(np.count_nonzero(pool.grades[rows] >= least) / pool.relevant)
            shares.setdefault("candidates of all five", []).append(len(by_source["all five"]))
    return {name: float(np.mean(values)) for name, values in shares.items()}


def costs(recommender: Recommender, rows: Sequence[int], count: int) -> dict[str, float]:
    """Milliseconds of one processor a query for each source, and for the whole list."""
    index = recommender.index
    days, articles = index.corpus.days, index.articles
    known_entities = candidates.Sharing.of(articles)

    everyone = Texts.of(index.vectors, index.codes, days)
    known_words = TermSums.of(index.postings, len(days))

    def texts(windows: Sequence[int]) -> Iterator[object]:
        for row in rows:
            vector, allowed = index.vectors[row], candidates.eligible(days, row, None)
            yield everyone.near(index.codes.rough(vector), vector, allowed, count, (int(days[row]), windows))

    def entities() -> Iterator[object]:
        for row in rows:
            likeness, sharing = known_entities.cosines(articles.query(row))
            yield candidates.best(likeness, candidates.eligible(days, row, None), count, sharing)

    def words() -> Iterator[object]:
        for row in rows:
            likeness = known_words.cosines(index.terms.row_vector(row), len(days))
            yield candidates.best(likeness, candidates.eligible(days, row, None), count)

    alone = _milliseconds(texts(()), len(rows))
    return {
        "texts": alone,
        "texts within both windows, beside these": _milliseconds(texts(candidates.WINDOWS), len(rows)) - alone,
        "entities": _milliseconds(entities(), len(rows)),
        "words": _milliseconds(words(), len(rows)),
        "the whole list: candidates, features, trees": _milliseconds(recommender.rankings(rows, WIDE), len(rows)),
    }


def _milliseconds(work: Iterable[object], queries: int) -> float:
    started = time.process_time()
    for _ in work:
        pass
    return 1000.0 * (time.process_time() - started) / queries


def minus(values: NDArray[np.float64], whole: NDArray[np.float64]) -> str:
    """The mean difference to another column, paired by query; nothing to itself."""
    return "" if values is whole else format_difference(difference_interval(values, whole, seed=0))


def mean(values: NDArray[np.float64]) -> str:
    """The mean of a column with its interval."""
    return format_mean(mean_interval(values, seed=0))


def compare_models(
    recommender: Recommender, material: Material, judged: list[Pool], told: list[Pool]
) -> Iterator[list[str]]:
    """nDCG@10 of each model: of judged queries out of fold, of later stories by what is fitted on everything."""
    later = story_queries(material.filed, material.groups, set(), TOLD_LATER)
    later_pools = pools(recommender, material.filed, later, material.groups)
    yield [
        "model",
        f"judged, {len(judged)} queries",
        "minus shipped",
        f"{len(later)} of stories, 2016",
        "minus shipped",
    ]
    whole: tuple[NDArray[np.float64], ...] = ()
    for name, fit in COMPARED.items():
        score = fit(judged, told)
        of_judged = ndcgs(judged, out_of_fold(judged, told, fit))
        of_later = ndcgs(later_pools, [score(pool) for pool in later_pools])
        whole = whole or (of_judged, of_later)
        yield [name, mean(of_judged), minus(of_judged, whole[0]), mean(of_later), minus(of_later, whole[1])]


def compare_sources(judged: list[Pool], told: list[Pool], count: int) -> Iterator[list[str]]:
    """nDCG@10 of judged queries where no source, and where one after the other, is left out of all pools."""
    yield ["source left out", f"judged, {len(judged)} queries", "minus all five", "candidates a query"]
    whole = np.zeros(0)
    for source in ("none", *found_by(judged[0], count)):
        less, less_told = ([without(pool, source, count) for pool in several] for several in (judged, told))
        values = ndcgs(less, out_of_fold(less, less_told, fit_trees()))
        whole = whole if len(whole) else values
        yield [source, mean(values), minus(values, whole), f"{np.mean([len(pool.grades) for pool in less]):.0f}"]


def compare_recall(title: str, several: list[Pool], least: int) -> Iterator[list[str]]:
    """How much of the relevant each source finds."""
    yield [f"recall of {title}", *(f"best {size}" for size in SIZES)]
    by_size = [recalls(several, size, least) for size in SIZES]
    for name in by_size[0]:
        yield [name, *(f"{found[name]:.3f}" if found[name] <= 1.0 else f"{found[name]:.0f}" for found in by_size)]


def compare_costs(recommender: Recommender, material: Material, count: int) -> Iterator[list[str]]:
    """How long each source takes."""
    yield [f"cost of {count} from each source", "ms of one processor"]
    rows = [recommender.index.corpus.row(query) for query in material.judged]
    for name, spent in costs(recommender, rows, count).items():
        yield [name, f"{spent:.1f}"]


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--qrels", type=PATH, required=True, help="Judgements that were fitted on.")
@click.option("--stories", type=PATH, required=True, help="Stories that were fitted on.")
@click.option("--leave-out", type=PATH, multiple=True, help="Judgements whose queries were not learned from.")
def main(folder: Path, qrels: Path, stories: Path, leave_out: tuple[Path, ...]) -> None:
    """Print the tables."""
    recommender = Recommender(Index.open(folder))
    material = Material.read(qrels, stories, leave_out)
    count = candidates.from_each_source(WIDE.candidates)
    judged, told = material.pools(recommender)
    # A pool is two fifths of `candidates` from each source, see candidates.from_each_source.
    deep_judged, deep_told = material.pools(recommender, Parameters.checked(candidates=SIZES[-1] * 5 // 2))
    tables = (
        compare_models(recommender, material, judged, told),
        compare_sources(judged, told, count),
        compare_recall("grades 2 and 3, judged", deep_judged, 2),
        compare_recall("the same story, stories of 2011 to 2015", deep_told, 1),
        compare_costs(recommender, material, count),
    )
    click.echo("\n\n".join(aligned(list(rows)) for rows in tables))


if __name__ == "__main__":
    main()
