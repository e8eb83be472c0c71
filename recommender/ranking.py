"""Candidates → evidence → scores → one order → the first few.

Each profile is one function from a query to a ranking; the order is total: score, then row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.terms import TermVector
from models.trees import UNIT, TreeRanker
from recommender import candidates, features
from recommender.entities import Query
from recommender.entity_features import Asked
from recommender.neighbours import cosines
from recommender.parameters import Parameters, Profile
from recommender.rule import ListRule, list_by_rule

if TYPE_CHECKING:
    from recommender.index import Index

DECIMALS = 6
"""Scores are rounded, so that what is printed adds up, and ties are ties."""
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
    """The eligible events with the nearest texts, ascending; none where the profile does not ask for them."""
    vector: NDArray[np.float32]
    """(dimensions,) the query's embedding."""
    terms: TermVector
    """The query's terms."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What ranking needs of an index again and again."""

    index: "Index"
    ranker: TreeRanker
    idf: NDArray[np.float32]
    lengths: NDArray[np.float64]
    """Length of each event's vector of rarities."""

    @classmethod
    def of(cls, index: "Index", ranker: TreeRanker) -> "Evidence":
        """Prepare an index for ranking."""
        entities = index.articles
        idf = entities.idf()
        return cls(index, ranker, idf, candidates.entity_lengths(entities.event_starts, entities.event_entities, idf))


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
    index, row, last_day = evidence.index, request.row, request.parameters.last_day
    days = index.corpus.days
    count = candidates.from_each_source(request.parameters.candidates)
    allowed = candidates.eligible(days, row, last_day)
    entities = _entity_similarity(evidence, request)
    lexical = index.postings.similarities(request.terms, len(days))
    found = (request.near, candidates.best(entities, allowed, count), candidates.best(lexical, allowed, count))
    rows = np.unique(np.concatenate(found))
    similarity = {
        "cosine": cosines(index.vectors, request.vector, rows).astype(np.float64),
        "entities": entities[rows],
        "lexical": lexical[rows],
    }
    visible = None
    if last_day is not None:
        visible = allowed
        visible[row] = True
    asked = Asked(row, request.query, evidence.idf, visible)
    return rows, features.feature_matrix(index, asked, rows, similarity)


def _extend(evidence: Evidence, request: Request) -> Ranking:
    """Embeddings, entities, words, names and time, weighed by trees; contributions are those of groups of features."""
    ranker = evidence.ranker
    rows, matrix = candidate_features(evidence, request)
    leaves = ranker.leaves(matrix, features.FEATURES)
    scores = ranker.scores(leaves)
    first = np.argsort(-scores, kind="stable")[: request.limit]
    contributions = by_group(ranker, leaves[first])
    return Ranking(rows[first], scores[first] / UNIT, tuple(features.GROUPS), contributions / UNIT)


def by_group(ranker: TreeRanker, leaves: NDArray[np.int64]) -> NDArray[np.int64]:
    """(candidates, groups) what each group of features adds to the scores, in units, from where candidates end."""
    parts = ranker.contributions(leaves)
    contributions = np.zeros((len(leaves), len(features.GROUPS)), np.int64)
    for place, names in enumerate(features.GROUPS.values()):
        columns = [column for column, name in enumerate(ranker.features) if name in names]
        contributions[:, place] = parts[:, columns].sum(axis=1)
    return contributions


def _cosine(evidence: Evidence, request: Request) -> Ranking:
    """Embeddings alone."""
    rows = request.near
    cosine = cosines(evidence.index.vectors, request.vector, rows).astype(np.float64)
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
    return candidates.entity_cosine(shared, lengths, own_length)


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
