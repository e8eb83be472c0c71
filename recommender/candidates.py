"""Who may be listed: the pool of candidates of one query, from postings and from nearest neighbours."""

import numpy as np
from numpy.typing import NDArray

from recommender.entities import ALL_SOURCES, EntityIndex, Query


def eligible(days: NDArray[np.int32], row: int, as_of: int | None) -> NDArray[np.bool_]:
    """The hard filter: not the query itself, and nothing after `as_of` (a day's ordinal)."""
    allowed = np.ones(len(days), np.bool_) if as_of is None else days <= as_of
    allowed[row] = False
    return allowed


def shared_counts(entities: EntityIndex, query: Query, sources: int) -> NDArray[np.int64]:
    """For every event the number of entities that it shares with the query."""
    rows = [entities.postings(int(entity), sources) for entity in query.entities]
    counts = np.bincount(np.concatenate(rows), minlength=entities.events) if rows else np.zeros(entities.events, int)
    for row, entity in query.withheld:
        if entity in query.entities:
            counts[row] -= 1
    return counts.astype(np.int64, copy=False)


def shared_rarity(entities: EntityIndex, query: Query, idf: NDArray[np.float32]) -> NDArray[np.float64]:
    """For every event the sum of squared rarities over the entities that it shares with the query."""
    sums = np.zeros(entities.events, np.float64)
    for entity in query.entities:
        sums[entities.postings(int(entity), ALL_SOURCES)] += float(idf[entity]) ** 2
    for row, entity in query.withheld:
        if entity in query.entities:
            sums[row] -= float(idf[entity]) ** 2
    return sums


def best(scores: NDArray[np.floating], allowed: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """The rows of the `count` largest positive scores among those allowed, ascending; ties at the cut all stay."""
    rows = np.flatnonzero(allowed & (scores > 0.0))
    if count >= len(rows):
        return rows
    positive = scores[rows]
    chosen: NDArray[np.int64] = rows[positive >= np.partition(positive, len(rows) - count)[len(rows) - count]]
    return chosen
