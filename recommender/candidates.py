"""Who may be listed: the pool of candidates of one query, from postings and from nearest neighbours."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
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


class Sharing(NamedTuple):
    """Who shares which entities, and how much that says."""

    starts: NDArray[np.int64]
    """Where the events of each entity begin; one more than there are entities."""
    events: NDArray[np.int32]
    """Ascending within an entity."""
    idf: NDArray[np.float32]
    """Rarity of each entity."""
    lengths: NDArray[np.float64]
    """Length of each event's vector of rarities."""

    @classmethod
    def of(cls, entities: EntityIndex) -> Self:
        """Of an index's entities."""
        idf = entities.idf()
        lengths = entity_lengths(entities.event_starts, entities.event_entities, idf)
        return cls(*read_only(entities.entity_starts, entities.entity_events, idf, lengths))

    def asked(self, query: Query) -> "SharingQuery":
        """A query as `share` takes it."""
        own_length = float(np.sqrt((self.idf[query.entities].astype(np.float64) ** 2).sum()))
        lengths, withheld = self.lengths, np.array(query.withheld, np.int64).reshape(-1, 2)
        if query.withheld:
            lengths = lengths.copy()
        for row, entity in query.withheld:
            lengths[row] = np.sqrt(max(lengths[row] ** 2 - float(self.idf[entity]) ** 2, 0.0))
        entities, withheld, lengths = read_only(query.entities, withheld, lengths)
        return SharingQuery(entities, own_length, withheld, lengths)

    def cosines(self, query: Query) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Cosine of every event with a query, both as vectors of their entities' rarities.

        Returns:
            (events,) cosines, 0 where nothing is shared, until this thread asks again; and the events that share
            something.
        """
        scores = scratch("entity cosines", len(self.lengths), np.float64)
        return scores, share(self, self.asked(query), scores)


class SharingQuery(NamedTuple):
    """By which entities is asked, and what must not be known of others meanwhile."""

    entities: NDArray[np.int32]
    """Ascending."""
    length: float
    """Of their vector of rarities."""
    withheld: NDArray[np.int64]
    """(pairs, 2) rows and entities."""
    lengths: NDArray[np.float64]
    """Of each event's vector without what is withheld."""


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
        _mark_best(scores, allowed, count, marks)
    else:
        _mark_best_among(scores, allowed, count, among, marks)
    return np.flatnonzero(marks)


@compiled
def _mark_best(scores: NDArray[np.float64], allowed: NDArray[np.bool_], count: int, marks: NDArray[np.bool_]) -> None:
    rows, found = first_positive(scores, allowed, count)
    mark_first(found, rows, count, marks)


@compiled
def _mark_best_among(
    scores: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    count: int,
    among: NDArray[np.int64],
    marks: NDArray[np.bool_],
) -> None:
    rows = np.empty(len(among), np.int64)
    kept = 0
    for row in among:
        if allowed[row] and scores[row] > 0.0:
            rows[kept] = row
            kept += 1
    mark_first(scores[rows[:kept]], rows[:kept], count, marks)


@compiled
def share(known: Sharing, query: SharingQuery, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Write the cosines of all events, see `Sharing.cosines`; the events that share something."""
    starts, events, idf, _ = known
    scores[:] = 0.0
    most = 0
    for entity in query.entities:
        most += starts[entity + 1] - starts[entity]
    rows = np.empty(most, np.int64)
    count = 0
    for entity in query.entities:
        rarity = np.float64(idf[entity])
        for place in range(starts[entity], starts[entity + 1]):
            row = events[place]
            if scores[row] == 0.0:
                rows[count] = row
                count += 1
            scores[row] += rarity * rarity
    for pair in range(len(query.withheld)):
        for entity in query.entities:
            if entity == query.withheld[pair, 1]:
                rarity = np.float64(idf[entity])
                scores[query.withheld[pair, 0]] -= rarity * rarity
    for row in rows[:count]:
        length = query.lengths[row] * query.length
        scores[row] = scores[row] / length if length > 0.0 else 0.0
    return rows[:count]


@compiled
def pool(
    near: NDArray[np.int64],
    entities: NDArray[np.float64],
    sharing: NDArray[np.int64],
    lexical: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    admitted: NDArray[np.bool_],
    filtered: bool,
    count: int,
) -> NDArray[np.int64]:
    """The rows of all candidates, ascending.

    Args:
        near: Those with the nearest texts.
        entities: Cosine of every event by its entities.
        sharing: The events, each once, outside which none of these is positive.
        lexical: The same by its terms.
        allowed: Who may be listed but for the filters.
        admitted: Whom these let through.
        filtered: Whether there are any: the best of those whom they let through are candidates as well.
        count: So many of each kind.
    """
    marks = np.zeros(len(allowed), np.bool_)
    for row in near:
        marks[row] = True
    among = allowed
    for further in range(2 if filtered else 1):
        if further:
            among = allowed & admitted
        _mark_best_among(entities, among, count, sharing, marks)
        _mark_best(lexical, among, count, marks)
    return np.flatnonzero(marks)
