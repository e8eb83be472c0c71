"""Candidates → evidence → scores: each profile that has scores is one function from a request to these.

Scores are whole millionths.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
from models.scratch import scratch
from models.term_sums import TermSums, add_terms
from models.tree_scores import added
from models.trees import UNIT, TreeRanker
from recommender import candidates, features
from recommender.candidates import Sharing, SharingQuery, pool, share
from recommender.features import feature_matrix
from recommender.requests import Evidence, Request
from recommender.texts import completed


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The candidates of a query that may be listed, rows ascending, and their scores."""

    rows: NDArray[np.int64]
    scores: NDArray[np.int64]
    """In units."""
    sureness: NDArray[np.float64]
    """What `threshold` is compared with: the probability to be relevant by `extend`, the cosine by `cosine`."""
    columns: tuple[str, ...]
    parts: Callable[[NDArray[np.int64]], NDArray[np.int64]]
    """From places among the rows to what each column contributes to their scores, in units."""
    days: NDArray[np.int64]
    """Days between each and the query, the nearest one of several."""
    features: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    """From places among the rows to their evidence, columns as in `FEATURES`; of several queries of the nearest one."""
    shares: Callable[[NDArray[np.int64]], NDArray[np.int64]] | None = None
    """From places among the rows to what each of several queries adds to their scores, in units."""


def score(evidence: Evidence, request: Request) -> Scored:
    """The candidates of a query and their scores, by a profile that has scores."""
    return (_extend if request.parameters.profile == "extend" else _cosine)(evidence, request)


def group_contributions(evidence: Evidence, request: Request) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The candidates of a query, ascending rows, and (candidates, groups) what each group of features says, in units.

    By `extend`, without the request's own weights, fading or threshold.
    """
    rows, matrix = candidate_features(evidence, request)
    return rows, added(evidence.ranker.leaves(matrix, features.FEATURES), evidence.group_parts)


def candidate_features(evidence: Evidence, request: Request) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The candidates of a query, ascending rows, and their evidence, columns as in `FEATURES`.

    Whom a filter keeps out is no candidate, but where it would be one without the filter, the others are compared with
    it all the same: what is said of a candidate by its place in the pool does not change with the filter.
    """
    index, row, last_day = evidence.index, request.row, request.parameters.last_day
    days = index.corpus.days
    allowed = candidates.eligible(days, row, last_day)
    events, everything, filtered = len(days), last_day is None, request.admitted is not None
    asked = evidence.sharing.asked(request.query)
    rows, matrix = _candidate_features(
        (evidence.sharing, evidence.words, evidence.tables, evidence.texts.vectors),
        (row, asked, *read_only(request.terms.columns, request.terms.weights)),
        (request.vector.astype(np.float64), *request.near),
        (allowed, allowed if request.admitted is None else request.admitted, filtered, everything),
        candidates.from_each_source(request.parameters.candidates),
        (scratch("entity cosines", events, np.float64), scratch("term sums", events, np.float64)),
    )
    if request.admitted is None:
        return rows, matrix
    kept = request.admitted[rows]
    return rows[kept], matrix[kept]


@compiled
def _candidate_features(
    known: tuple[Sharing, TermSums, features.Tables, NDArray[np.float32]],
    query: tuple[int, SharingQuery, NDArray[np.int32], NDArray[np.float32]],
    text: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float32]],
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_], bool, bool],
    count: int,
    sums: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same in one call, so that other threads run meanwhile.

    Args:
        known: Of all events; vectors last.
        query: Row, entities, and terms with their weights.
        text: Its vector, and the nearest rows with their cosines.
        masks: Who may be listed; whom filters let through; whether there are any; whether all may be looked at.
        count: Candidates of each source.
        sums: Arrays for the cosines of all events by entities and by terms.
    """
    sharing, words, tables, vectors = known
    row, asked, terms, weights = query
    vector, near, near_cosines = text
    allowed, admitted, filtered, everything = masks
    entities, lexical = sums
    sharers = share(sharing, asked, entities)
    add_terms(words, terms, weights, lexical)
    rows = pool(near, entities, sharers, lexical, allowed, admitted, filtered, count)
    cosine = completed(vectors, vector, rows, near, near_cosines).astype(np.float64)
    visible = allowed.copy()
    visible[row] = True
    of_query = (asked.entities, asked.withheld)
    matrix = feature_matrix(tables, row, of_query, visible, everything, rows, cosine, entities[rows], lexical[rows])
    return rows, matrix


def _extend(evidence: Evidence, request: Request) -> Scored:
    """Embeddings, entities, words, names and time, weighed by trees; contributions are those of groups of features."""
    ranker = evidence.ranker
    rows, matrix = candidate_features(evidence, request)
    weights = dict(request.parameters.weights)

    def parts(places: NDArray[np.int64]) -> NDArray[np.int64]:
        found = added(ranker.leaves(matrix[places], features.FEATURES), evidence.group_parts)
        return weighed(found, weights) if weights else found

    # Weighed parts of the whole pool are needed only where there are weights: the trees' sums are faster.
    scores = parts(np.arange(len(rows))).sum(axis=1) if weights else ranker.scores_of(matrix, features.FEATURES)
    sureness = ranker.calibration.probability(scores / UNIT)
    apart = _apart(evidence, request, rows)
    return Scored(rows, scores, sureness, tuple(features.GROUPS), parts, apart, lambda places: matrix[places])


def weighed(parts: NDArray[np.int64], weights: Mapping[str, float]) -> NDArray[np.int64]:
    """(candidates, groups) contributions in units, each group's times its weight, 1 where it has none."""
    factors = np.array([weights.get(group, 1.0) for group in features.GROUPS])
    found: NDArray[np.int64] = np.rint(parts * factors).astype(np.int64)
    return found


def _cosine(evidence: Evidence, request: Request) -> Scored:
    """Embeddings alone."""
    kept = slice(None) if request.admitted is None else request.admitted[request.near.rows]
    rows = request.near.rows[kept]
    scores = np.rint(request.near.cosines[kept].astype(np.float64) * UNIT).astype(np.int64)
    apart = _apart(evidence, request, rows)
    return Scored(rows, scores, scores / UNIT, ("cosine",), lambda places: scores[places, None], apart, no_features)


def no_features(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is known of rows by a profile that looks at no features."""
    return np.zeros((len(rows), 0))


def _apart(evidence: Evidence, request: Request, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    days = evidence.index.corpus.days
    apart: NDArray[np.int64] = np.abs(days[rows].astype(np.int64) - int(days[request.row]))
    return apart


def faded_scores(
    ranker: TreeRanker, scores: NDArray[np.int64], apart: NDArray[np.float64], half_life_days: float
) -> NDArray[np.int64]:
    """Scores of `extend` in units after `half_life_days`, for candidates so many days apart from the query."""
    faded: NDArray[np.float64] = ranker.calibration.faded(scores / UNIT, apart, half_life_days)
    return np.rint(faded * UNIT).astype(np.int64)
