"""Candidates → evidence → scores → one order → the first few.

Each profile is one function from a query to a ranking; the order is total: score, then row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.ranker import DECIMALS, LinearRanker
from recommender import candidates, features
from recommender.entities import Query
from recommender.neighbours import cosines
from recommender.parameters import Parameters, Profile
from recommender.rule import ListRule, list_by_rule

if TYPE_CHECKING:
    from recommender.index import Index

SHARED = "shared"
"""The one contribution of the archive's own rule: the number of shared entities."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Rows with their scores, best first, and what each column contributed."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    columns: tuple[str, ...]
    contributions: NDArray[np.float64]
    """One row a ranked row, one column a name; a row adds up to its score."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One query and what has been computed for it already."""

    row: int
    query: Query
    parameters: Parameters
    limit: int
    """Items at most: the archive's where the parameters give none."""
    near: NDArray[np.int64]
    """The eligible events with the nearest texts; empty where the profile does not ask for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What ranking needs of an index again and again."""

    index: "Index"
    ranker: LinearRanker
    idf: NDArray[np.float32]
    lengths: NDArray[np.float64]
    """Length of each event's vector of rarities."""

    @classmethod
    def of(cls, index: "Index", ranker: LinearRanker) -> "Evidence":
        """Prepare an index for ranking."""
        entities = index.articles
        idf = entities.idf()
        return cls(index, ranker, idf, features.entity_lengths(entities.event_starts, entities.event_entities, idf))


def rank(evidence: Evidence, request: Request) -> Ranking:
    """The best events for a query by its profile."""
    return _BY_PROFILE[request.parameters.profile](evidence, request)


def _reproduce(evidence: Evidence, request: Request) -> Ranking:
    """The archive's own rule."""
    index = evidence.index
    manifest, last_day = index.manifest, request.parameters.last_day
    rule = ListRule(manifest.rule, manifest.story_bullets, request.limit, last_day)
    rows, counts = list_by_rule(index.corpus, index.entities, request.row, request.query, rule)
    return _ranking(rows, counts[:, None].astype(np.float64), (SHARED,), np.arange(len(rows)), request.limit)


def candidate_features(evidence: Evidence, request: Request) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The candidates of a query, ascending rows, and their evidence, columns as in `FEATURES`."""
    index = evidence.index
    similarity = _entity_similarity(evidence, request)
    rows = _pool(evidence, request, similarity)
    columns = (
        cosines(index.vectors, index.vectors[request.row], rows),
        similarity[rows],
        index.terms.similarities(request.row, rows),
        features.days_apart(index.corpus.days, request.row, rows),
    )
    return rows, np.column_stack(columns)


def _extend(evidence: Evidence, request: Request) -> Ranking:
    """Embeddings, rare shared entities, words and time, by the weights of the ranker."""
    rows, matrix = candidate_features(evidence, request)
    contributions = evidence.ranker.contributions(matrix, features.FEATURES)
    order = _order(contributions)
    return _ranking(rows, contributions, evidence.ranker.columns, order, request.limit)


def _cosine(evidence: Evidence, request: Request) -> Ranking:
    """Embeddings alone."""
    rows = np.sort(request.near)
    vectors = evidence.index.vectors
    cosine = cosines(vectors, vectors[request.row], rows).astype(np.float64)
    contributions = cosine.round(DECIMALS)[:, None]
    return _ranking(rows, contributions, ("cosine",), _order(contributions), request.limit)


def _entity_similarity(evidence: Evidence, request: Request) -> NDArray[np.float64]:
    shared = candidates.shared_rarity(evidence.index.articles, request.query, evidence.idf)
    own_length = float(np.sqrt((evidence.idf[request.query.entities].astype(np.float64) ** 2).sum()))
    lengths = evidence.lengths
    if request.query.withheld:
        lengths = lengths.copy()
        for row, entity in request.query.withheld:
            lengths[row] = np.sqrt(max(lengths[row] ** 2 - float(evidence.idf[entity]) ** 2, 0.0))
    return features.entity_cosine(shared, lengths, own_length)


def _pool(evidence: Evidence, request: Request, similarity: NDArray[np.float64]) -> NDArray[np.int64]:
    """Candidates from the embeddings and from the postings, ascending."""
    parameters = request.parameters
    allowed = candidates.eligible(evidence.index.corpus.days, request.row, parameters.last_day)
    return np.union1d(request.near, candidates.best(similarity, allowed, parameters.candidates))


def _order(contributions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Highest score first; equals in the archive's order, in which candidates come."""
    return np.argsort(-contributions.sum(axis=1).round(DECIMALS), kind="stable")


def _ranking(
    rows: NDArray[np.int64],
    contributions: NDArray[np.float64],
    columns: tuple[str, ...],
    order: NDArray[np.int64],
    limit: int,
) -> Ranking:
    first = order[:limit]
    scores = contributions[first].sum(axis=1).round(DECIMALS)
    return Ranking(rows[first], scores, columns, contributions[first])


_BY_PROFILE: dict[Profile, Callable[[Evidence, Request], Ranking]] = {
    "extend": _extend,
    "reproduce": _reproduce,
    "cosine": _cosine,
}
