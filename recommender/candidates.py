"""Who may be listed: the pool of candidates of one query, from postings and from nearest neighbours."""

import numpy as np
from numpy.typing import NDArray

from recommender.entities import ALL_SOURCES, EntityIndex, Query


def eligible(days: NDArray[np.int32], row: int, as_of: int | None) -> NDArray[np.bool_]:
    """The hard filter: not the query itself, and nothing after `as_of` (a day's ordinal)."""
    allowed = np.ones(len(days), np.bool_) if as_of is None else days <= as_of
    allowed[row] = False
    return allowed


WINDOWS = (30, 90)
"""Days before and after a query among which the nearest texts are candidates as well."""


def from_each_source(candidates: int) -> int:
    """How many of a pool come from each of five: texts, texts within each window, entities, words."""
    return candidates * 2 // 5


def text_masks(days: NDArray[np.int32], row: int, as_of: int | None) -> list[NDArray[np.bool_]]:
    """Among which events the nearest texts are looked for: all that are eligible, and those of each window."""
    allowed = eligible(days, row, as_of)
    apart = np.abs(days - days[row])
    return [allowed, *(allowed & (apart <= window) for window in WINDOWS)]


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
    """The rows of the `count` largest positive scores among those allowed, ascending; of equals the first rows."""
    rows = np.flatnonzero(allowed & (scores > 0.0))
    if count >= len(rows):
        return rows
    positive = scores[rows]
    cut = np.partition(positive, len(rows) - count)[len(rows) - count]
    above, at_cut = rows[positive > cut], rows[positive == cut]
    chosen: NDArray[np.int64] = np.union1d(above, at_cut[: count - len(above)])
    return chosen


def entity_lengths(
    starts: NDArray[np.int64], entities: NDArray[np.int32], idf: NDArray[np.float32]
) -> NDArray[np.float64]:
    """For each event the length of its vector of rarities.

    Args:
        starts: Where each event's entities begin; one more than there are events.
        entities: The entities of all events, one event after the other.
        idf: Rarity by entity.
    """
    sums = np.concatenate(([0.0], np.cumsum(idf[entities].astype(np.float64) ** 2)))
    lengths: NDArray[np.float64] = np.sqrt(np.maximum(sums[starts[1:]] - sums[starts[:-1]], 0.0))
    return lengths


def entity_cosine(shared: NDArray[np.float64], lengths: NDArray[np.float64], own_length: float) -> NDArray[np.float64]:
    """Cosine of events as vectors of their entities' rarities.

    Args:
        shared: For each event the sum of squared rarities over the entities shared with the query.
        lengths: For each event the length of its vector.
        own_length: The length of the query's.
    """
    return np.divide(shared, lengths * own_length, out=np.zeros_like(shared), where=(lengths > 0) & (own_length > 0))
