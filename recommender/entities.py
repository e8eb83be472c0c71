"""Context entities of all events: who has which, known from where, and how rare each is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.corpus import Corpus
from recommender.events import DayItem, Page
from recommender.evidence import PRINTED, Evidence, Source, gather
from recommender.labels import name_of
from recommender.merging import merge_names
from recommender.senses import Senses, split_senses
from recommender.spotting import spot_entities
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
    event_namings: NDArray[np.int32]
    """How many lists of other events tell it, aligned with `event_entities`."""
    entity_starts: NDArray[np.int64]
    """Where the events of each entity begin; one more than there are entities."""
    entity_events: NDArray[np.int32]
    """Ascending within an entity."""
    entity_sources: NDArray[np.uint8]
    """`Source` flags, aligned with `entity_events`."""

    @classmethod
    def build(cls, corpus: Corpus, pages: Sequence[Page], day_items: Sequence[DayItem]) -> Self:
        """Infer every event's entities.

        Args:
            corpus: The events.
            pages: Their pages, in the corpus's order.
            day_items: What the day pages print.
        """
        evidence = gather(corpus, pages, day_items)
        name_of_label = _names(evidence)
        senses = _senses(corpus, evidence, name_of_label)
        sources: defaultdict[tuple[int, int], int] = defaultdict(int)
        namings: Counter[tuple[int, int]] = Counter()
        printed: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for row, label, source in evidence.mentions():
            entity = senses.entities[row, name_of_label[label]]
            sources[row, entity] |= source
            namings[row, entity] += source == Source.NAMED
            printed[entity][label] += 1
        for row, entity in _spotted(corpus, evidence, printed, senses, sources):
            sources[row, entity] |= Source.SPOTTED
        labels = [_commonest(printed[entity]) for entity in range(len(senses.names))]
        pairs = sorted(sources)
        rows = np.array([row for row, _ in pairs], np.int32)
        entities = np.array([entity for _, entity in pairs], np.int32)
        flags = np.array([sources[pair] for pair in pairs], np.uint8)
        by_entity = np.lexsort((rows, entities))
        return cls(
            labels=StringTable.of(labels),
            largest=np.array(senses.largest, np.int32),
            event_starts=_starts(rows, len(corpus)),
            event_entities=entities,
            event_sources=flags,
            event_namings=np.array([namings[pair] for pair in pairs], np.int32),
            entity_starts=_starts(entities[by_entity], len(labels)),
            entity_events=rows[by_entity],
            entity_sources=flags[by_entity],
        )

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

    def query_without_list(self, corpus: Corpus, row: int, sources: int = ALL_SOURCES) -> Query:
        """An event asks by what would be known if its page had no Related list.

        Its own list tells entities of the event itself, and of the events that the list names: both are
        withheld unless something else tells them as well.
        """
        withheld = []
        for item in dict.fromkeys(int(item) for item in corpus.existing(row) if item >= 0 and item != row):
            for place in range(int(self.event_starts[item]), int(self.event_starts[item + 1])):
                entity, told = int(self.event_entities[place]), int(self.event_sources[place]) & sources
                elsewhere = told & (Source.OWN_LIST | Source.SPOTTED) or self.event_namings[place] > 1
                # A day page tells the name; which entity the name means, the query's list may have told.
                if not elsewhere and not (told & Source.DAY_PAGE and self.largest[entity] == entity):
                    withheld.append((item, entity))
        told_otherwise = self.sources_of(row) & np.uint8(sources & ~Source.OWN_LIST)
        entities = self.entities(row)
        own = np.where(told_otherwise == Source.DAY_PAGE, self.largest[entities], entities)[told_otherwise != 0]
        return Query(np.unique(own).astype(np.int32), tuple(withheld))


def _names(evidence: Evidence) -> dict[str, int]:
    """Every printed label → its name, as a number in the order of names; merged names are one."""
    labels = sorted({label for labels in evidence.label_sets() for label in labels})
    merged = merge_names(evidence)
    name_of_label = {label: merged.get(name_of(label), name_of(label)) for label in labels}
    places = {name: place for place, name in enumerate(sorted(set(name_of_label.values())))}
    return {label: places[name] for label, name in name_of_label.items()}


def _senses(corpus: Corpus, evidence: Evidence, name_of_label: Mapping[str, int]) -> Senses:
    mentions = sorted({(row, name_of_label[label]) for row, label, _ in evidence.mentions()})
    links = [(item.page, item.item, name_of_label[label]) for item in evidence.items for label in item.labels]
    return split_senses(mentions, links, corpus.listed)


def _commonest(labels: Counter[str]) -> str:
    return max(sorted(labels), key=lambda label: labels[label])


def _spotted(
    corpus: Corpus,
    evidence: Evidence,
    printed: Mapping[int, Counter[str]],
    senses: Senses,
    sources: Mapping[tuple[int, int], int],
) -> Iterable[tuple[int, int]]:
    """Entities named in the headlines of events whose day page does not print them all.

    A name in a text is taken to mean what most events mean by it.
    """
    known: defaultdict[int, set[int]] = defaultdict(set)
    for row, entity in sources:
        known[row].add(entity)
    complete = evidence.day_labels
    reference = {row: frozenset(known[row]) for row in sorted(complete or known)}
    labels = [(label, senses.largest[entity]) for entity in sorted(printed) for label in sorted(printed[entity])]
    for row, entities in enumerate(spot_entities(list(corpus.texts), labels, reference)):
        if row not in complete:
            yield from ((row, entity) for entity in entities)


def _starts(ascending: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    return np.searchsorted(ascending, np.arange(count + 1)).astype(np.int64)
