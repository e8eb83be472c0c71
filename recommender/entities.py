"""Context entities of all events: who has which, known from where, and how rare each is."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from recommender.evidence import PRINTED, Source
from recommender.strings import StringTable

ALL_SOURCES = PRINTED | Source.SPOTTED


@dataclass(frozen=True, slots=True)
class Query:
    """The entities by which an event asks, and what must not be known of others meanwhile."""

    entities: NDArray[np.int32]
    """Ascending, each once."""
    withheld: tuple[tuple[int, int], ...] = ()
    """Pairs of row and entity that only the asking event's own list tells."""


@dataclass(frozen=True, slots=True, eq=False)
class EntityIndex:
    """Postings in both directions; an entity is a number, in order of its name."""

    labels: StringTable
    """How each entity is printed: its commonest label. Several entities may have the same."""
    largest: NDArray[np.int32]
    """For each entity the one that most events mean by its name, often itself."""
    event_starts: NDArray[np.int64]
    """Where the entities of each event begin; one more than there are events."""
    event_entities: NDArray[np.int32]
    """Ascending within an event."""
    event_sources: NDArray[np.uint8]
    """`Source` flags, aligned with `event_entities`."""
    entity_starts: NDArray[np.int64]
    """Where the events of each entity begin; one more than there are entities."""
    entity_events: NDArray[np.int32]
    """Ascending within an entity."""
    entity_sources: NDArray[np.uint8]
    """`Source` flags, aligned with `entity_events`."""
    link_starts: NDArray[np.int64]
    """Where the links of each entity begin; one more than there are entities."""
    link_pages: NDArray[np.int32]
    """The event whose list tells the entity, ascending within an entity."""
    link_items: NDArray[np.int32]
    """The event that the list names with it, aligned with `link_pages`; each pair once."""
    name_forms: StringTable
    """Names that can be spotted in texts, as `spotting` writes them, ascending."""
    name_entities: NDArray[np.int32]
    """What each of them stands for, or `spotting.NOBODY`."""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def events(self) -> int:
        """The number of events."""
        return len(self.event_starts) - 1

    def idf(self) -> NDArray[np.float32]:
        """Rarity of each entity, ln(1 + events / events that have it); Spärck Jones 1972, smoothed."""
        frequency = np.diff(self.entity_starts).astype(np.float64)
        return np.log1p(self.events / np.maximum(frequency, 1.0)).astype(np.float32)

    def entities(self, row: int, sources: int = ALL_SOURCES) -> NDArray[np.int32]:
        """The entities of an event that one of the sources tells, ascending."""
        span = slice(int(self.event_starts[row]), int(self.event_starts[row + 1]))
        entities: NDArray[np.int32] = self.event_entities[span]
        told: NDArray[np.int32] = entities[(self.event_sources[span] & sources) != 0]
        return told

    def common(self, row: int, other: int, sources: int = ALL_SOURCES) -> NDArray[np.int32]:
        """The entities that two events have in common by one of the sources, ascending."""
        both: NDArray[np.int32] = np.intersect1d(self.entities(row, sources), self.entities(other, sources))
        return both

    def common_with(self, row: int, others: NDArray[np.integer], sources: int = ALL_SOURCES) -> list[list[int]]:
        """The entities that an event has in common with each of others, the rarest first, equally rare ones by name."""
        arrays = (self.event_starts, self.event_entities, self.event_sources, self.entity_starts)
        flat, ends = _common(*arrays, row, np.asarray(others, np.int64), sources)
        found: list[int] = flat.tolist()
        return [found[start:end] for start, end in pairwise([0, *ends.tolist()])]

    def sources_of(self, row: int) -> NDArray[np.uint8]:
        """Flags of all entities of an event, aligned with `entities(row)`."""
        return self.event_sources[int(self.event_starts[row]) : int(self.event_starts[row + 1])]

    def postings(self, entity: int, sources: int = ALL_SOURCES) -> NDArray[np.int32]:
        """The rows of the events that have an entity by one of the sources, ascending."""
        span = slice(int(self.entity_starts[entity]), int(self.entity_starts[entity + 1]))
        rows: NDArray[np.int32] = self.entity_events[span]
        if sources == ALL_SOURCES:
            return rows
        told: NDArray[np.int32] = rows[(self.entity_sources[span] & sources) != 0]
        return told

    def query(self, row: int, sources: int = ALL_SOURCES) -> Query:
        """An event asks by all that is known of it."""
        return Query(self.entities(row, sources))

    def with_event(self, entities: NDArray[np.int32], source: Source) -> "EntityIndex":
        """The same of one event more, the last, which has these entities (ascending), all told by one source."""
        flags = np.full(len(entities), source, np.uint8)
        ends = self.entity_starts[entities.astype(np.int64) + 1]
        more = np.zeros(len(self) + 1, np.int64)
        more[entities.astype(np.int64) + 1] = 1
        return replace(
            self,
            event_starts=np.append(self.event_starts, self.event_starts[-1] + len(entities)),
            event_entities=np.concatenate((self.event_entities, entities)),
            event_sources=np.concatenate((self.event_sources, flags)),
            entity_starts=self.entity_starts + np.cumsum(more),
            entity_events=np.insert(self.entity_events, ends, np.int32(self.events)),
            entity_sources=np.insert(self.entity_sources, ends, flags),
        )

    def flags(self, row: int, entity: int) -> int:
        """`Source` flags of a pair of event and entity, which must be one of the index."""
        start, end = int(self.event_starts[row]), int(self.event_starts[row + 1])
        return int(self.event_sources[start + np.searchsorted(self.event_entities[start:end], entity)])


def rarest_first(index: EntityIndex, entities: NDArray[np.int32]) -> list[int]:
    """Entities that the fewest events have first, then by name."""
    frequency = index.entity_starts[entities + 1] - index.entity_starts[entities]
    return [int(entity) for entity in entities[np.lexsort((entities, frequency))]]


@compiled
def _common(
    event_starts: NDArray[np.int64],
    event_entities: NDArray[np.int32],
    event_sources: NDArray[np.uint8],
    entity_starts: NDArray[np.int64],
    row: int,
    others: NDArray[np.int64],
    sources: int,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The entities one event after the other, and where those of each end."""
    first, last = event_starts[row], event_starts[row + 1]
    found, ends = np.empty(len(others) * (last - first), np.int32), np.empty(len(others), np.int64)
    count = 0
    for i in range(len(others)):
        begin, own = count, first
        for place in range(event_starts[others[i]], event_starts[others[i] + 1]):
            entity = event_entities[place]
            while own < last and event_entities[own] < entity:
                own += 1
            if own == last:
                break
            told = event_entities[own] == entity and event_sources[own] & sources and event_sources[place] & sources
            if not told:
                continue
            # Entities ascend, so an equally rare one that comes later stands behind.
            frequency, gap = entity_starts[entity + 1] - entity_starts[entity], count
            while gap > begin and entity_starts[found[gap - 1] + 1] - entity_starts[found[gap - 1]] > frequency:
                found[gap] = found[gap - 1]
                gap -= 1
            found[gap] = entity
            count += 1
        ends[i] = count
    return found[:count], ends
