"""Evidence from entities: rarity and time of those that query and candidate share, what must not be known left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.entities import EntityIndex, Query
from recommender.neighbours import Mask

MONTH = 30
FAR_STEPS = 12.0
"""`entity_steps` where no entity is shared: more than the logarithm of any archive."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One query as evidence sees it."""

    row: int
    query: Query
    idf: NDArray[np.float32]
    """Rarity of each entity."""
    visible: Mask | None = None
    """(n,) which events may be looked at, the query among them; None for all."""


def entity_columns(
    entities: EntityIndex,
    days: NDArray[np.int32],
    asked: Asked,
    rows: NDArray[np.int64],
    apart: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """Columns that the shared entities give, see `features.GROUPS`.

    Args:
        entities: Who has which.
        days: Of all events.
        asked: The query.
        rows: The candidates, ascending.
        apart: Days between each and the query.
    """
    n = len(rows)
    shared, month, rarity, steps = np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, FAR_STEPS)
    distances = np.abs(days - days[asked.row])
    near = distances <= MONTH
    window = int(np.count_nonzero(near if asked.visible is None else near & asked.visible))
    whole = 0.0
    for entity in asked.query.entities.tolist():
        idf = float(asked.idf[entity])
        whole += idf
        events = _visible_postings(entities, entity, asked)
        places = np.minimum(np.searchsorted(events, rows), max(0, len(events) - 1))
        has = events[places] == rows if len(events) else np.zeros(n, np.bool_)
        if not has.any():
            continue
        between = np.sort(distances[events])
        within = int(np.searchsorted(between, MONTH, "right"))
        shared[has] += idf
        month[has] += idf * within / len(events)
        rarity[has] = np.maximum(rarity[has], np.log1p(window / max(within, 1)))
        steps[has] = np.minimum(steps[has], np.log1p(np.searchsorted(between, apart[has], "left")))
    return {
        "entities_of_query": shared / whole if whole else shared,
        "entity_month": month / whole if whole else month,
        "local_rarity": rarity,
        "entity_steps": steps,
        "query_entities": np.full(n, float(len(asked.query.entities))),
    }


def _visible_postings(entities: EntityIndex, entity: int, asked: Asked) -> NDArray[np.int32]:
    """The events that have an entity as far as the query may know, ascending."""
    events = entities.postings(entity)
    hidden = [row for row, other in asked.query.withheld if other == entity]
    if hidden:
        events = np.setdiff1d(events, np.array(hidden, events.dtype))
    return events if asked.visible is None else events[asked.visible[events]]
