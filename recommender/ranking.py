"""Candidates → evidence → scores → one order → the first few.

Each profile is one function from a query to a ranking; the order is total: score, then row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.trees import UNIT, TreeRanker, added
from recommender import candidates, features
from recommender.entities import Query
from recommender.entity_features import Asked, Occurrences
from recommender.parameters import Parameters, Profile
from recommender.rule import ListRule, list_by_rule
from recommender.selection import kth_largest
from recommender.texts import Near, Texts, completed
from recommender.word_features import Stems

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
    cosines: NDArray[np.float32]
    """Of each of these."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What ranking needs of an index again and again."""

    index: "Index"
    ranker: TreeRanker
    idf: NDArray[np.float32]
    lengths: NDArray[np.float64]
    """Length of each event's vector of rarities."""
    group_parts: NDArray[np.int64]
    """(leaves of all trees, groups) what each group of features contributes on the way to a leaf, in units."""
    texts: Texts
    tables: features.Tables

    @classmethod
    def of(cls, index: "Index", ranker: TreeRanker) -> "Evidence":
        """Prepare an index for ranking."""
        entities, days = index.articles, index.corpus.days
        idf = entities.idf()
        lengths = candidates.entity_lengths(entities.event_starts, entities.event_entities, idf)
        texts = Texts.of(index.vectors, index.codes, days)
        occurrences = Occurrences.of(entities, days)
        graph, stems = index.graph, Stems.of(index.stems)
        tables = features.Tables(days, graph, graph.densities(), graph.reversed(), stems, occurrences)
        groups = [np.isin(ranker.features, names) for names in features.GROUPS.values()]
        parts = np.stack([ranker.leaf_parts[:, group].sum(axis=1) for group in groups], axis=1)
        return cls(index, ranker, idf, lengths, parts, texts, tables)


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
    entities, sharing = candidates.entity_cosines(index.articles, request.query, evidence.idf, evidence.lengths)
    lexical = index.postings.similarities(index.terms.row_vector(row), len(days))
    pool = np.zeros(len(days), np.bool_)
    pool[request.near] = True
    pool[candidates.best(entities, allowed, count, sharing)] = True
    pool[candidates.best(lexical, allowed, count)] = True
    rows = np.flatnonzero(pool)
    known = Near(request.near, request.cosines)
    cosine = completed(index.vectors, index.vectors[row], rows, known).astype(np.float64)
    similarity = features.Similarity(cosine, entities[rows], lexical[rows])
    visible = None
    if last_day is not None:
        visible = allowed
        visible[row] = True
    asked = Asked(row, request.query, evidence.idf, visible)
    return rows, features.feature_matrix(evidence.tables, asked, rows, similarity)


def _extend(evidence: Evidence, request: Request) -> Ranking:
    """Embeddings, entities, words, names and time, weighed by trees; contributions are those of groups of features."""
    ranker = evidence.ranker
    rows, matrix = candidate_features(evidence, request)
    scores = ranker.scores_of(matrix, features.FEATURES)
    among = np.flatnonzero(scores >= kth_largest(scores, request.limit))
    first = among[np.argsort(-scores[among], kind="stable")][: request.limit]
    contributions = added(ranker.leaves(matrix[first], features.FEATURES), evidence.group_parts)
    return Ranking(rows[first], scores[first] / UNIT, tuple(features.GROUPS), contributions / UNIT)


def _cosine(_: Evidence, request: Request) -> Ranking:
    """Embeddings alone."""
    rows = request.near
    cosine = request.cosines.astype(np.float64)
    contributions = cosine.round(DECIMALS)[:, None]
    return _ranking(rows, contributions, ("cosine",), _order(contributions), request.limit)


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
