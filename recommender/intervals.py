"""Intervals around means over queries, by the paired bootstrap.

Queries are drawn with replacement, as many as there are; the mean of each draw is one resample, and the percentiles
of the resamples bound the interval: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13, the
percentile interval. For two runs, the difference is taken query by query and then resampled, so that a query which
is hard for both moves neither bound: Sakai, "Evaluating evaluation metrics based on the bootstrap" (SIGIR 2006).

Every interval stands alone: with many comparisons, some intervals of 95 % miss the truth.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.errors import ParameterError

FloatArray = NDArray[np.float64]

LEVEL: Final = 0.95
RESAMPLES: Final = 10_000

# Cells (resamples x queries) drawn at a time: 8 MB an array, whatever the number of queries. Fixed, so that a seed
# always means the same draws.
_CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the bounds between which it would move with other queries of the same kind."""

    estimate: float
    """The mean over the queries themselves, not over the resamples."""
    low: float
    """The lower bound."""
    high: float
    """The upper bound."""

    @property
    def half_width(self) -> float:
        """Half the distance between the bounds (which need not lie evenly around the estimate)."""
        return (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside the bounds: for a difference, whether it is told apart from none."""
        return self.low > 0 or self.high < 0


def mean_interval(values: FloatArray, *, seed: int, level: float = LEVEL, resamples: int = RESAMPLES) -> Interval:
    """Gives the interval of a mean.

    Args:
        values: One value per query, shape (queries,).
        seed: The seed of the draws; the same seed and number of queries draw the same queries.
        level: The share of the resamples between the bounds.
        resamples: How often to draw.
    """
    return mean_intervals(values[:, np.newaxis], seed=seed, level=level, resamples=resamples)[0]


def difference_interval(
    values: FloatArray, baseline: FloatArray, *, seed: int, level: float = LEVEL, resamples: int = RESAMPLES
) -> Interval:
    """Gives the interval of the mean difference to a baseline, paired by query.

    Args:
        values: One value per query, shape (queries,).
        baseline: The baseline's values for the same queries in the same order.
        seed: As in `mean_interval`.
        level: As in `mean_interval`.
        resamples: As in `mean_interval`.
    """
    if values.shape != baseline.shape:
        raise ParameterError("baseline", baseline.shape, f"as many queries as the run has: the shape {values.shape}")
    return mean_interval(values - baseline, seed=seed, level=level, resamples=resamples)


def mean_intervals(
    columns: FloatArray, *, seed: int, level: float = LEVEL, resamples: int = RESAMPLES
) -> list[Interval]:
    """Gives the interval of the mean of each column, all from the same draws.

    Args:
        columns: One row per query and one column per mean, shape (queries, columns).
        seed: As in `mean_interval`.
        level: As in `mean_interval`.
        resamples: As in `mean_interval`.
    """
    if not 0 < level < 1:
        raise ParameterError("level", level, "a share between 0 and 1, such as 0.95")
    means = resampled_means(columns, seed=seed, resamples=resamples)
    tail = (1 - level) / 2
    # The inverted distribution, as in the book: a bound is one of the resampled means, not a point between two.
    low, high = np.quantile(means, [tail, 1 - tail], axis=0, method="inverted_cdf")
    estimates = columns.mean(axis=0)
    return [Interval(*map(float, bounds)) for bounds in zip(estimates, low, high, strict=True)]


def ratio_intervals(columns: FloatArray, *, seed: int, level: float = LEVEL) -> list[Interval | None]:
    """Gives the interval of each ratio of two sums over the queries, None where the lower sum is 0.

    Args:
        columns: One row per query; two columns per ratio, what it adds above and below, shape (queries, 2 × ratios).
        seed: As in `mean_interval`.
        level: As in `mean_interval`.
    """
    means = resampled_means(columns, seed=seed)
    tail = (1 - level) / 2
    intervals: list[Interval | None] = []
    for place in range(0, columns.shape[1], 2):
        above, below = columns[:, place : place + 2].sum(axis=0)
        drawn = means[:, place : place + 2]
        drawn = drawn[drawn[:, 1] > 0]  # a draw of queries that have nothing of the kind says nothing
        if not below or not len(drawn):
            intervals.append(None)
            continue
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [tail, 1 - tail], method="inverted_cdf")
        intervals.append(Interval(float(above / below), float(low), float(high)))
    return intervals


def resampled_means(columns: FloatArray, *, seed: int, resamples: int = RESAMPLES) -> FloatArray:
    """Gives the means of the columns in each resample, shape (resamples, columns).

    Args:
        columns: One row per query, shape (queries, columns), without NaN.
        seed: As in `mean_interval`.
        resamples: How often to draw, at least once.
    """
    if resamples < 1:
        raise ParameterError("resamples", resamples, "at least 1")
    if columns.ndim != 2 or not columns.shape[0] or not np.isfinite(columns).all():
        raise ParameterError("columns", columns.shape, "finite numbers in the shape (queries, columns), with a query")
    queries = columns.shape[0]
    random = np.random.default_rng(seed)
    means = np.empty((resamples, columns.shape[1]))
    step = max(1, _CELLS_AT_ONCE // queries)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = random.integers(queries, size=(size, queries))
        # How often each query was drawn in each resample: one matrix product then serves all columns.
        drawn += np.arange(size)[:, np.newaxis] * queries
        counts = np.bincount(drawn.ravel(), minlength=size * queries).reshape(size, queries)
        means[start : start + size] = counts.astype(np.float64) @ columns / queries
    return means
