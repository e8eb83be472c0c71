"""The evidence that an event is related, one named column each: a candidate's row of the feature matrix.

A column depends on query, candidate and index, some on the best of the pool too, none on how many are asked for. None
looks at an event that `Asked.visible` hides; rarities are those of the whole archive.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender.entity_features import Asked, entity_columns
from recommender.word_features import word_columns

if TYPE_CHECKING:
    from recommender.index import Index

GROUPS: dict[str, tuple[str, ...]] = {
    "first": ("first", "first_rank", "first_gap", "query_first"),
    "text": ("cosine", "cosine_gap", "csls", "density", "query_density"),
    "neighbours": ("common_neighbours", "back_rank", "votes"),
    "words": (
        "lexical", "stems", "stems_of_query", "stems_of_candidate", "three_rarest",
        "word_shared", "word_of_query", "word_of_candidate", "word_rarest",
    ),
    "names": (
        "names_count", "name_shared", "name_of_query", "name_of_candidate", "name_rarest",
        "place_shared", "place_of_query", "place_of_candidate", "place_rarest",
    ),
    "entities": ("entities", "entities_of_query", "query_entities", "local_rarity"),
    "time": ("days", "signed_days", "anniversary", "query_month", "entity_month", "entity_steps"),
}  # fmt: skip
"""Columns by what they are evidence of; what the ranker says for them is shown by group.

first: a first score, cosine + 0.2 entities + 0.5 lexical, of which time takes away up to 0.3 with a half-life of
    30 days; the rank by it (log), its lead over the tenth of the pool, the mean of the pool's first three.
text: the cosine of the embeddings and its lead over the tenth of the pool; density, the mean cosine of an event's
    nearest 20 texts, of candidate and query; csls, twice the cosine less both densities (Conneau et al. 2018).
neighbours: among the nearest 20 texts, how many query and candidate have in common, the query's place among the
    candidate's, and how many of the query and the pool's first ten have the candidate among theirs.
words, names: lexical, the cosine of the TF-IDF vectors; stems, the same of stems; rarity of the shared stems as a sum,
    as shares of the query's and the candidate's, of the rarest and of the rarest three; words, names, places apart.
entities: cosine weighted by rarity; share of the query's rarity that is shared; number of the query's entities; the
    largest rarity, within a month of the query, of a shared one.
time: days between, days after, days to an anniversary; the share of the pool's likest events within a month of the
    query (query_month); the share of the shared entities' events within it (entity_month); how many events of a
    shared entity are nearer to the query (entity_steps, log).
"""

FEATURES = tuple(name for names in GROUPS.values() for name in names)
"""Columns of a feature matrix, in order."""

FIRST_ENTITIES, FIRST_LEXICAL, TIME_SHARE, HALF_LIFE_DAYS = 0.2, 0.5, 0.3, 30.0
MONTH = 30
_TENTH = 10
_BEST = 30

Columns = dict[str, NDArray[np.float64]]


def feature_matrix(
    index: "Index", asked: Asked, rows: NDArray[np.int64], similarity: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The evidence for candidates.

    Args:
        index: What is known.
        asked: The query.
        rows: The candidates, ascending.
        similarity: `cosine`, `entities` and `lexical` of each.

    Returns:
        (candidates, features) in the order of `FEATURES`.
    """
    columns: Columns = dict(similarity)
    columns.update(time_columns(index.corpus.days, asked.row, rows))
    columns.update(word_columns(index.stems, asked.row, rows))
    columns.update(entity_columns(index.articles, index.corpus.days, asked, rows, columns["days"]))
    order = _first_columns(columns)
    _neighbour_columns(index, asked, rows, order, columns)
    matrix = np.empty((len(rows), len(FEATURES)), np.float64)
    for place, name in enumerate(FEATURES):
        matrix[:, place] = columns[name]
    return matrix


def time_columns(days: NDArray[np.int32], row: int, rows: NDArray[np.int64]) -> Columns:
    """Days between one event and others, with and without sign, and to the nearest anniversary of at least a year."""
    signed = days[rows].astype(np.float64) - float(days[row])
    apart = np.abs(signed)
    phase = np.mod(apart, 365.25)
    anniversary = np.where(apart > 200, np.minimum(phase, 365.25 - phase), -1.0)
    return {"days": apart, "signed_days": signed, "anniversary": anniversary}


def _first_columns(columns: Columns) -> NDArray[np.int64]:
    """Add a first score, which needs no trees, and what follows from its order; gives that order."""
    n = len(columns["days"])
    likeness = columns["cosine"] + FIRST_ENTITIES * columns["entities"] + FIRST_LEXICAL * columns["lexical"]
    first = likeness * (1.0 - TIME_SHARE * (1.0 - np.exp2(-columns["days"] / HALF_LIFE_DAYS)))
    order: NDArray[np.int64] = np.argsort(-first, kind="stable")
    ranks = np.empty(n, np.float64)
    ranks[order] = np.arange(n)
    best = np.argsort(-likeness, kind="stable")[:_BEST]
    columns["first"], columns["first_rank"] = first, np.log1p(ranks)
    columns["first_gap"] = first - _tenth(first)
    columns["cosine_gap"] = columns["cosine"] - _tenth(columns["cosine"])
    columns["query_first"] = np.full(n, _mean(first[order[:3]]))
    columns["query_month"] = np.full(n, _mean(columns["days"][best] <= MONTH))
    return order


def _neighbour_columns(
    index: "Index", asked: Asked, rows: NDArray[np.int64], order: NDArray[np.int64], columns: Columns
) -> None:
    graph, row, visible = index.graph, asked.row, asked.visible
    around = float(graph.density(np.array([row]), visible)[0])
    columns["density"] = graph.density(rows, visible)
    columns["query_density"] = np.full(len(rows), around)
    columns["csls"] = 2.0 * columns["cosine"] - columns["density"] - around
    columns["common_neighbours"] = graph.common(row, rows, visible)
    columns["back_rank"] = graph.back_rank(row, rows, visible)
    columns["votes"] = graph.votes(np.concatenate(([row], rows[order[:_TENTH]])), rows)


def _tenth(values: NDArray[np.float64]) -> float:
    """The tenth largest, the smallest of fewer, 0 of none."""
    return float(np.sort(values)[-min(_TENTH, len(values))]) if len(values) else 0.0


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0
