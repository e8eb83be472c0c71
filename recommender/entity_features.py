"""Evidence from entities: rarity and time of those that query and candidate share, what must not be known left out."""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, prefetch, read_only
from recommender.entities import EntityIndex

MONTH = 30
_AHEAD = 8
FAR_STEPS = 12.0
"""`entity_steps` where no entity is shared: more than the logarithm of any archive."""


ENTITY_COLUMNS = ("entities_of_query", "entity_month", "local_rarity", "entity_steps", "query_entities")
"""Columns that the shared entities give, see `features.GROUPS`."""


class Occurrences(NamedTuple):
    """Who has which entity, and the events of each entity by day."""

    event_starts: NDArray[np.int64]
    """As of `EntityIndex`, like the next two."""
    event_entities: NDArray[np.int32]
    entity_starts: NDArray[np.int64]
    by_day: NDArray[np.int32]
    """(postings,) the events of each entity by day; aligned with the postings as a whole."""
    days_of_entities: NDArray[np.int32]
    """Their days."""
    days: NDArray[np.int32]
    """Of all events."""
    ordered_days: NDArray[np.int32]
    """The days of all events, ascending."""
    logarithms: NDArray[np.float64]
    """ln(1 + i), as far as there are events."""
    idf: NDArray[np.float32]
    """Rarity of each entity."""

    @classmethod
    def of(cls, entities: EntityIndex, days: NDArray[np.int32], idf: NDArray[np.float32]) -> Self:
        """Sort the postings.

        Args:
            entities: Who has which.
            days: Of all events.
            idf: Rarity of each entity.
        """
        order = np.argsort(days, kind="stable").astype(np.int32)
        by_day = _by_day(entities.event_starts, entities.event_entities, entities.entity_starts, order)
        forward = (entities.event_starts, entities.event_entities, entities.entity_starts)
        days, logarithms = np.asarray(days), np.log1p(np.arange(len(days) + 1))
        known = (*forward, by_day, days[by_day], days, days[order], logarithms, idf)
        return cls(*read_only(*known))


@compiled
def _by_day(
    event_starts: NDArray[np.int64],
    event_entities: NDArray[np.int32],
    entity_starts: NDArray[np.int64],
    order: NDArray[np.int32],
) -> NDArray[np.int32]:
    ends = entity_starts[:-1].copy()
    by_day = np.empty(len(event_entities), np.int32)
    for row in order:
        for entity in event_entities[event_starts[row] : event_starts[row + 1]]:
            by_day[ends[entity]] = row
            ends[entity] += 1
    return by_day


@compiled
def _below(days: NDArray[np.int32], day: int) -> int:
    """How many of ascending days are before one."""
    first, last = 0, len(days)
    while first < last:
        middle = (first + last) >> 1
        if days[middle] < day:
            first = middle + 1
        else:
            last = middle
    return first


@compiled
def _is_withheld(withheld: NDArray[np.int64], row: int, entity: int) -> bool:
    for pair in range(len(withheld)):
        if withheld[pair, 0] == row and withheld[pair, 1] == entity:
            return True
    return False


@compiled
def write_entities(
    known: Occurrences,
    row: int,
    asked: NDArray[np.int32],
    withheld: NDArray[np.int64],
    visible: NDArray[np.bool_],
    everything: bool,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    matrix: NDArray[np.float64],
) -> None:
    """Write the columns of candidates.

    Args:
        known: Of all events.
        row: The query.
        asked: Its entities, ascending.
        withheld: (pairs, 2) rows and entities that must not be known of others.
        visible: (n,) which events may be looked at, the query among them.
        everything: Whether all are visible.
        rows: The candidates, ascending.
        places: Where the columns of `ENTITY_COLUMNS` are in the matrix.
        matrix: One row a candidate.
    """
    event_starts, event_entities, entity_starts, by_day, days_of_entities, days, ordered_days, logarithms, idf = known
    day = int(days[row])
    if everything:
        window = _below(ordered_days, day + MONTH + 1) - _below(ordered_days, day - MONTH)
    else:
        window = 0
        for other in range(len(days)):
            window += visible[other] and abs(int(days[other]) - day) <= MONTH
    number = len(asked)
    starts, ends = entity_starts[asked], entity_starts[asked + 1]
    seen = days_of_entities
    if not everything or len(withheld):
        seen = np.empty((ends - starts).sum(), np.int32)
        count = 0
        for place in range(number):
            begin = count
            for other in by_day[starts[place] : ends[place]]:
                if visible[other] and not _is_withheld(withheld, other, asked[place]):
                    seen[count] = days[other]
                    count += 1
            starts[place], ends[place] = begin, count
    month, rarity, whole = np.zeros(number), np.zeros(number), 0.0
    for place in range(number):
        own = seen[starts[place] : ends[place]]
        within = _below(own, day + MONTH + 1) - _below(own, day - MONTH)
        whole += np.float64(idf[asked[place]])
        month[place] = np.float64(idf[asked[place]]) * within / max(len(own), 1)
        rarity[place] = math.log1p(window / max(within, 1))
    for i in range(len(rows)):
        if i + 2 * _AHEAD < len(rows):  # rows lie far apart in memory
            prefetch(event_starts, rows[i + 2 * _AHEAD])
            prefetch(event_entities, event_starts[rows[i + _AHEAD]])
            prefetch(days, rows[i + 2 * _AHEAD])
        apart = abs(int(days[rows[i]]) - day)
        shared, of_month, rarest, steps = 0.0, 0.0, 0.0, FAR_STEPS
        place = 0
        for entity in event_entities[event_starts[rows[i]] : event_starts[rows[i] + 1]]:
            while place < number and asked[place] < entity:
                place += 1
            if place == number:
                break
            if asked[place] == entity and visible[rows[i]] and not _is_withheld(withheld, rows[i], entity):
                own = seen[starts[place] : ends[place]]
                shared += np.float64(idf[entity])
                of_month += month[place]
                rarest = max(rarest, rarity[place])
                nearer = _below(own, day + apart) - _below(own, day - apart + 1) if apart else 0
                steps = min(steps, logarithms[nearer])
        matrix[i, places[0]] = shared / whole if whole > 0.0 else shared
        matrix[i, places[1]] = of_month / whole if whole > 0.0 else of_month
        matrix[i, places[2]] = rarest
        matrix[i, places[3]] = steps
        matrix[i, places[4]] = number
