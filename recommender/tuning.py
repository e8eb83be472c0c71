"""Fit the few numbers of a list to an archive's own truth: pool, weights of evidence, half-life, threshold.

One number after the other is changed for the better, and all of them again until none changes (coordinate ascent). A
change counts as better only where its gain, paired by query, is above twice its standard error: with few queries
nothing is, and the defaults stay.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.trees import UNIT, TreeRanker
from recommender.errors import QrelsError, SlugUnknownError
from recommender.evaluation import Truth
from recommender.features import GROUPS
from recommender.measures import default_relevant_from, score_run
from recommender.parameters import USUAL_LIMIT, Parameters
from recommender.qrels import Qrels
from recommender.related import Recommender
from recommender.scoring import faded_scores, weighed

POOLS = (200, 500, 1000)
FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
HALF_LIVES = (None, 7, 30, 90, 365, 1500)
THRESHOLDS = (None, *(round(step * 0.05, 2) for step in range(1, 20)))
ROUNDS = 4
FEWEST = 10
"""Queries on either side of the split, at least."""

_ERRORS = 2.0
"""Standard errors that a gain has to be above."""
_RANKING = ("candidates", *GROUPS, "half_life_days")
"""What changes the order, found before the threshold, which cuts it."""
STEPS = ROUNDS * len(_RANKING) + 1
"""At most so many numbers are tried."""

Values = NDArray[np.float64]
Measure = Callable[[Qrels, Mapping[str, Sequence[str]]], Values]


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One judged query and what the evidence says of its candidates."""

    query: str
    slugs: tuple[str, ...]
    """Of the candidates, in the archive's order."""
    parts: NDArray[np.int64]
    """(candidates, groups) contributions in units."""
    apart: NDArray[np.float64]
    """Days between each candidate and the query."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is tuned; the defaults are those of `Parameters`."""

    candidates: int = Parameters().candidates
    weights: tuple[tuple[str, float], ...] = ()
    half_life_days: int | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Queries to fit on, and later ones to report on."""

    fitted: tuple[str, ...]
    held_out: tuple[str, ...]
    left_out: tuple[str, ...]
    """Earlier queries that share a relevant event with a later one: on either side they would tell of the other."""


def split_by_time(qrels: Qrels, days: Mapping[str, int], share: float) -> Split:
    """Hold out the latest queries.

    Args:
        qrels: The judgements.
        days: Of each query that the archive has.
        share: Of the queries that are held out.

    Raises:
        QrelsError: Too few are left on one side.
    """
    ordered = sorted(days, key=lambda query: (days[query], query))
    first = len(ordered) - round(len(ordered) * share)
    held_out = ordered[first:]
    told = {one for query in held_out for one in (query, *_relevant(qrels, query))}
    fitted = [query for query in ordered[:first] if told.isdisjoint((query, *_relevant(qrels, query)))]
    if min(len(fitted), len(held_out)) < FEWEST:
        found = f"{len(fitted)} to fit on and {len(held_out)} later ones to report on"
        raise QrelsError(f"{qrels.name} gives {found}, expected at least {FEWEST} of each; grade more with `judge`")
    return Split(tuple(fitted), tuple(held_out), tuple(sorted({*ordered[:first]} - {*fitted})))


def query_days(recommender: Recommender, qrels: Qrels) -> dict[str, int]:
    """The day of each judged query that the archive has, as an ordinal."""
    corpus, days = recommender.index.corpus, {}
    for query in qrels.queries:
        try:
            days[query] = int(corpus.days[corpus.row(query)])
        except SlugUnknownError:
            continue
    return days


def observe(recommender: Recommender, truth: Truth, queries: Sequence[str], candidates: int) -> Iterator[Observation]:
    """What the evidence says for queries, with a pool of a size."""
    corpus = recommender.index.corpus
    rows = [corpus.row(query) for query in queries]
    parameters = Parameters.checked(candidates=candidates, limit=USUAL_LIMIT)
    found = recommender.contributions(rows, parameters, without_own_list=truth.hides_own_list)
    for query, (row, others, parts) in zip(queries, found, strict=True):
        apart = np.abs(corpus.days[others].astype(np.float64) - float(corpus.days[row]))
        yield Observation(query, tuple(corpus.slug(int(other)) for other in others), parts, apart)


def lists(ranker: TreeRanker, observations: Sequence[Observation], settings: Settings) -> dict[str, list[str]]:
    """The lists that settings give, the same as `Recommender.related` gives with them as parameters."""
    answers = {}
    for one in observations:
        scores = weighed(one.parts, dict(settings.weights)).sum(axis=1)
        faded = scores
        if settings.half_life_days is not None:
            faded = faded_scores(ranker, scores, one.apart, settings.half_life_days)
        order = np.argsort(-faded, kind="stable")
        if settings.threshold is not None:
            order = order[ranker.calibration.probability(scores[order] / UNIT) >= settings.threshold]
        answers[one.query] = [one.slugs[place] for place in order[:USUAL_LIMIT].tolist()]
    return answers


def ndcg(qrels: Qrels, answers: Mapping[str, Sequence[str]]) -> Values:
    """nDCG@10 of each query that was asked."""
    asked = qrels.restricted_to([*answers], name=qrels.name)
    return score_run("tuned", answers, asked).values["nDCG@10"]


def f1(qrels: Qrels, answers: Mapping[str, Sequence[str]]) -> Values:
    """F1 of each list: twice the hits by what is listed and what is relevant, at most as many as a list holds.

    An empty list is right, 1, where nothing is relevant. The harmonic mean of precision and recall, van Rijsbergen,
    "Information Retrieval" (1979).
    """
    values = []
    for query in sorted(answers):
        relevant, listed = _relevant(qrels, query), answers[query]
        sizes = min(len(relevant), USUAL_LIMIT) + len(listed)
        values.append(2.0 * sum(slug in relevant for slug in listed) / sizes if sizes else 1.0)
    return np.array(values)


def tune(
    ranker: TreeRanker,
    qrels: Qrels,
    observed: Callable[[int], Sequence[Observation]],
    *,
    progress: Callable[[], None] = lambda: None,
) -> Settings:
    """Find settings by the queries to fit on.

    Args:
        ranker: Whose contributions are weighed.
        qrels: The judgements.
        observed: From the size of a pool to what is observed with it.
        progress: Called before each of at most `STEPS` steps.
    """

    def better(settings: Settings, alternatives: Sequence[Settings], measure: Measure) -> Settings:
        """The alternative that gains most, where that is certain enough; else the settings."""
        values = [measure(qrels, lists(ranker, observed(one.candidates), one)) for one in (settings, *alternatives)]
        place = max(range(len(values)), key=lambda place: float(values[place].mean()))  # of equals the first
        return (settings, *alternatives)[place] if _is_better(values[place], values[0]) else settings

    settings = Settings()
    for _ in range(ROUNDS):
        before = settings
        for name in _RANKING:
            progress()
            settings = better(settings, [*_alternatives(settings, name)], ndcg)
        if settings == before:
            break
    progress()
    return better(settings, [*_alternatives(settings, "threshold")], f1)


def _alternatives(settings: Settings, name: str) -> Iterator[Settings]:
    """The settings with other values of one number."""
    if name in GROUPS:
        for factor in FACTORS:
            weights = {**dict(settings.weights), name: factor}
            yield replace(settings, weights=Parameters.checked(weights=weights).weights)
        return
    values: Mapping[str, Sequence[Any]] = {
        "candidates": POOLS,
        "half_life_days": HALF_LIVES,
        "threshold": THRESHOLDS,
    }
    for value in values[name]:
        yield replace(settings, **{name: value})


def _is_better(values: Values, baseline: Values) -> bool:
    gains = values - baseline
    return bool(gains.mean() > _ERRORS * gains.std(ddof=1) / np.sqrt(len(gains)))


def _relevant(qrels: Qrels, query: str) -> set[str]:
    """The relevant documents of a query."""
    least = default_relevant_from(qrels)
    return {document for document, grade in qrels.grades[query].items() if grade >= least}
