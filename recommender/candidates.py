"""Who may be listed: the pool of candidates of one query, from postings and from nearest neighbours."""

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.scratch import scratch
from recommender.entities import EntityIndex, Query
from recommender.selection import first_positive, mark_first


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


def shared_counts(entities: EntityIndex, query: Query, sources: int) -> NDArray[np.int64]:
    """For every event the number of entities that it shares with the query."""
    rows = [entities.postings(int(entity), sources) for entity in query.entities]
    counts = np.bincount(np.concatenate(rows), minlength=entities.events) if rows else np.zeros(entities.events, int)
    for row, entity in query.withheld:
        if entity in query.entities:
            counts[row] -= 1
    return counts.astype(np.int64, copy=False)


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


def entity_cosines(
    entities: EntityIndex, query: Query, idf: NDArray[np.float32], lengths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cosine of every event with the query, both as vectors of their entities' rarities.

    Args:
        entities: Who has which.
        query: By which entities is asked.
        idf: Rarity of each entity.
        lengths: Length of each event's vector.

    Returns:
        (events,) cosines, 0 where nothing is shared, until this thread asks again; and the events that share something.
    """
    own_length = float(np.sqrt((idf[query.entities].astype(np.float64) ** 2).sum()))
    withheld = np.array([pair for pair in query.withheld if pair[1] in query.entities], np.int64).reshape(-1, 2)
    if query.withheld:
        lengths = lengths.copy()
        for row, entity in query.withheld:
            lengths[row] = np.sqrt(max(lengths[row] ** 2 - float(idf[entity]) ** 2, 0.0))
    scores = scratch("entity cosines", len(lengths), np.float64)
    postings = (entities.entity_starts, entities.entity_events)
    return scores, _entity_cosines(*postings, query.entities, withheld, idf, lengths, own_length, scores)


def best(
    scores: NDArray[np.float64], allowed: NDArray[np.bool_], count: int, among: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """The rows of the `count` largest positive scores among those allowed, ascending; of equals the first rows.

    Args:
        scores: Of every row.
        allowed: Which rows count.
        count: At most so many.
        among: Rows, each once, outside which no score is positive; None if they are not known.
    """
    marks = np.zeros(len(scores), np.bool_)
    if among is None:
        rows, found = first_positive(scores, allowed, count)
    else:
        rows = among[allowed[among] & (scores[among] > 0.0)]
        found = scores[rows]
    mark_first(found, rows, count, marks)
    return np.flatnonzero(marks)


@compiled
def _entity_cosines(
    starts: NDArray[np.int64],
    events: NDArray[np.int32],
    asked: NDArray[np.int32],
    withheld: NDArray[np.int64],
    idf: NDArray[np.float32],
    lengths: NDArray[np.float64],
    own_length: float,
    scores: NDArray[np.float64],
) -> NDArray[np.int64]:
    scores[:] = 0.0
    most = 0
    for entity in asked:
        most += starts[entity + 1] - starts[entity]
    rows = np.empty(most, np.int64)
    count = 0
    for entity in asked:
        rarity = np.float64(idf[entity])
        for place in range(starts[entity], starts[entity + 1]):
            row = events[place]
            if scores[row] == 0.0:
                rows[count] = row
                count += 1
            scores[row] += rarity * rarity
    for pair in range(len(withheld)):
        rarity = np.float64(idf[withheld[pair, 1]])
        scores[withheld[pair, 0]] -= rarity * rarity
    for row in rows[:count]:
        length = lengths[row] * own_length
        scores[row] = scores[row] / length if length > 0.0 else 0.0
    return rows[:count]
