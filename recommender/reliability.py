"""Is a probability what it says: of the pairs shown with a probability near 0.7, are seven in ten relevant?"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from recommender.errors import SlugUnknownError
from recommender.intervals import Interval, ratio_intervals
from recommender.measures import default_relevant_from
from recommender.parameters import MAX_LIMIT, Parameters
from recommender.qrels import Qrels
from recommender.related import Recommender

BINS = 10
_UNGRADED = -1


@dataclass(frozen=True, slots=True)
class Bin:
    """The graded pairs whose probability lies in one tenth."""

    low: float
    high: float
    """Itself excluded, but in the last bin."""
    pairs: int
    graded: float
    """The share of all pairs in this tenth that these are."""
    probability: float
    """Their mean."""
    relevant: Interval
    """The share that is relevant."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """What `extend` says of the longest lists of the judged queries, beside what readers say."""

    name: str
    """The judgements."""
    queries: int
    relevant_from: int
    """The lowest grade that counts as relevant."""
    bins: tuple[Bin, ...]
    """Those that have a pair, ascending."""
    brier: float
    """The mean of (probability - 1 or 0)²: 0 is best (Brier, "Verification of forecasts", 1950)."""
    off: float
    """The mean distance of a bin's share from its probability, bins weighed by their pairs."""


def measure_reliability(
    recommender: Recommender, qrels: Qrels, *, seed: int, progress: Callable[[str, int, int], None] | None = None
) -> Reliability:
    """Compare probabilities with grades, over what is graded of the first 50 of every judged query.

    Args:
        recommender: What is measured.
        qrels: The judgements; a query that the archive does not have is left out.
        seed: Of the bootstrap over queries.
        progress: Told of the queries answered.
    """
    corpus, level = recommender.index.corpus, default_relevant_from(qrels)
    rows = {}
    for query in qrels.queries:
        try:
            rows[corpus.row(query)] = query
        except SlugUnknownError:
            continue
    edges = np.linspace(0.0, 1.0, BINS + 1)
    # By query and bin: relevant pairs, graded pairs, the sum of their probabilities, all pairs.
    sums = np.zeros((4, len(rows), BINS))
    brier = 0.0
    for number, (row, ranking) in enumerate(recommender.rankings([*rows], Parameters(limit=MAX_LIMIT))):
        told = np.zeros(0) if ranking.probabilities is None else ranking.probabilities  # extend has them
        known = qrels.grades[rows[row]]
        grades = np.array([known.get(corpus.slug(int(other)), _UNGRADED) for other in ranking.rows], np.int64)
        bins = np.clip(np.searchsorted(edges, told, "right") - 1, 0, BINS - 1)
        relevant, graded = grades >= level, grades != _UNGRADED
        for place, values in enumerate((relevant, graded, told * graded, np.ones(len(told)))):
            sums[place, number] = np.bincount(bins, values, BINS)
        brier += float(((told - relevant) ** 2)[graded].sum())
        if progress is not None:
            progress("reliability", number + 1, len(rows))
    shares = ratio_intervals(sums[:2].transpose(1, 2, 0).reshape(len(rows), 2 * BINS), seed=seed)
    _, pairs, said, every = sums.sum(axis=1)
    found = [
        Bin(low, high, int(pairs[place]), pairs[place] / every[place], said[place] / pairs[place], share)
        for place, ((low, high), share) in enumerate(zip(pairwise(edges.round(1).tolist()), shares, strict=True))
        if share is not None
    ]
    graded_pairs = max(1.0, float(pairs.sum()))
    off = sum(one.pairs * abs(one.probability - one.relevant.estimate) for one in found) / graded_pairs
    return Reliability(qrels.name, len(rows), level, tuple(found), brier / graded_pairs, off)


def reliability_json(reliability: Reliability) -> dict[str, Any]:
    """The same as JSON values."""
    bins = [
        {
            "from": one.low,
            "to": one.high,
            "pairs": one.pairs,
            "graded": one.graded,
            "probability": one.probability,
            "relevant": {"share": one.relevant.estimate, "low": one.relevant.low, "high": one.relevant.high},
        }
        for one in reliability.bins
    ]
    return {
        "judgements": reliability.name,
        "queries": reliability.queries,
        "relevant_from": reliability.relevant_from,
        "bins": bins,
        "brier": reliability.brier,
        "off": reliability.off,
    }


def format_reliability(reliability: Reliability) -> str:
    """The table for people, a line for each bin that has a pair."""
    lines = [f"{'probability':<12} {'graded pairs':>12}  {'of all':>6}  {'mean':>5}  relevant"]
    for one in reliability.bins:
        share = f"{one.relevant.estimate:.3f} ±{one.relevant.half_width:.3f}"
        numbers = f"{one.pairs:>12,}  {one.graded:>6.2f}  {one.probability:>5.3f}  {share}"
        lines.append(f"{one.low:.1f} to {one.high:.1f}   {numbers}")
    counted = f"relevant from grade {reliability.relevant_from}"
    off = f"a bin's share is off its probability by {reliability.off:.4f} on average"
    lines.append(f"\n{reliability.name}: the first {MAX_LIMIT} of {reliability.queries} queries by extend; {counted}")
    lines.append(f"Brier score {reliability.brier:.4f}; {off}")
    return "\n".join(lines)
