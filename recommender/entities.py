"""Context entities of all events: who has which, known from where, and how rare each is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from recommender.corpus import Corpus
from recommender.events import DayItem, Page
from recommender.evidence import PRINTED, Evidence, Source, gather
from recommender.labels import name_of
from recommender.merging import merge_names
from recommender.senses import Gaps, Senses, split_senses
from recommender.spotting import spot_entities
from recommender.strings import StringTable

ALL_SOURCES = PRINTED | Source.SPOTTED
LIMITS = frozenset({5, 10})
"""Lengths at which versions of the site cut their lists: such a list may have left somebody out."""


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
        printed: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for row, label, source in evidence.mentions():
            entity = senses.entities[row, name_of_label[label]]
            sources[row, entity] |= source
            printed[entity][label] += 1
        for row, entity in _spotted(corpus, evidence, printed, senses, sources):
            sources[row, entity] |= Source.SPOTTED
        labels = [_commonest(printed[entity]) for entity in range(len(senses.names))]
        pairs = sorted(sources)
        rows = np.array([row for row, _ in pairs], np.int32)
        entities = np.array([entity for _, entity in pairs], np.int32)
        flags = np.array([sources[pair] for pair in pairs], np.uint8)
        by_entity = np.lexsort((rows, entities))
        links = sorted(
            {
                (senses.entities[item.page, name_of_label[label]], item.page, item.item)
                for item in evidence.items
                for label in item.labels
            }
        )
        link_entities, link_pages, link_items = np.array(links, np.int32).reshape(-1, 3).T.copy()
        return cls(
            labels=StringTable.of(labels),
            largest=np.array(senses.largest, np.int32),
            event_starts=_starts(rows, len(corpus)),
            event_entities=entities,
            event_sources=flags,
            entity_starts=_starts(entities[by_entity], len(labels)),
            entity_events=rows[by_entity],
            entity_sources=flags[by_entity],
            link_starts=_starts(link_entities, len(labels)),
            link_pages=link_pages,
            link_items=link_items,
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

    def query_without_list(self, row: int, sources: int = ALL_SOURCES) -> Query:
        """An event asks by what would be known if its page had no Related list.

        Its own list tells entities of the event itself and of the events that it names, that a name is one at
        all, and that events mean the same by it: each is withheld unless something else tells it as well.
        """
        entities, flags = self.entities(row), self.sources_of(row)
        told = flags & np.uint8(sources & ~Source.OWN_LIST)
        withheld: set[tuple[int, int]] = set()
        unknown = []
        for entity in entities[(flags & Source.OWN_LIST) != 0].tolist():
            span = slice(int(self.link_starts[entity]), int(self.link_starts[entity + 1]))
            pages, items = self.link_pages[span], self.link_items[span]
            other = pages != row
            if not other.any() and not len(self.postings(entity, Source.DAY_PAGE)):
                unknown.append(entity)
                withheld.update((other_row, entity) for other_row in self.postings(entity, sources).tolist())
                continue
            only_here = np.setdiff1d(items[~other], items[other])
            withheld.update(
                (item, entity) for item in only_here.tolist() if not self._told_without(item, entity, sources)
            )
            if self.largest[entity] != entity:
                apart = _apart(row, pages[other], items[other])
                withheld.update((item, entity) for item in apart if self._flags(item, entity) & sources)
        withheld.difference_update([pair for pair in withheld if pair[0] == row])
        # A day page tells the name; which entity the name means, the list may have told.
        asked = np.where(told == Source.DAY_PAGE, self.largest[entities], entities)[told != 0]
        return Query(np.setdiff1d(asked, unknown).astype(np.int32), tuple(sorted(withheld)))

    def _told_without(self, row: int, entity: int, sources: int) -> bool:
        """Whether anything but the lists that name the event tells the entity, or nothing that is asked for does."""
        flags = self._flags(row, entity) & sources
        day_page = bool(flags & Source.DAY_PAGE) and self.largest[entity] == entity
        return day_page or bool(flags & (Source.OWN_LIST | Source.SPOTTED)) or not flags

    def _flags(self, row: int, entity: int) -> int:
        start, end = int(self.event_starts[row]), int(self.event_starts[row + 1])
        return int(self.event_sources[start + np.searchsorted(self.event_entities[start:end], entity)])


def _apart(row: int, pages: NDArray[np.int32], items: NDArray[np.int32]) -> list[int]:
    """Events of these links that no chain of them connects with an event, which is an event of them."""
    rows, places = np.unique(np.concatenate((pages, items)), return_inverse=True)
    place = int(np.searchsorted(rows, row))
    if place == len(rows) or rows[place] != row:
        return []
    ends = places[: len(pages)], places[len(pages) :]
    graph = coo_matrix((np.ones(len(pages), np.int8), ends), shape=(len(rows), len(rows)))
    _, groups = connected_components(graph, directed=False)
    apart: list[int] = rows[groups != groups[place]].tolist()
    return apart


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
    return split_senses(mentions, links, _gaps(corpus, evidence))


def _gaps(corpus: Corpus, evidence: Evidence) -> Gaps:
    """What each list of the archive's rule says of the events that are not on it; a list in another order says nothing.

    A list shorter than the archive's limit has room: whoever shares anything would stand on it. From a full one whoever
    ranks before its last item would not be missing. But nobody is missed who came after the list was made, and that
    was not before its newest event.
    """
    lengths = np.diff(corpus.list_starts)
    usual = int(np.bincount(lengths[lengths > 0]).argmax()) if lengths.any() else 0
    gaps = Gaps(*(np.full(len(corpus), -1, np.int64) for _ in range(3)))
    for row, group in groupby(evidence.items, key=lambda item: item.page):
        ranks = [(len(item.labels), item.item) for item in group]
        if len(ranks) != lengths[row] or any(one <= other for one, other in pairwise(ranks)):
            continue
        full = len(ranks) >= usual or len(ranks) in LIMITS
        gaps.least[row], gaps.floors[row] = ranks[-1] if full else (1, -1)
        gaps.ceilings[row] = max(row, *(item for _, item in ranks))
    return gaps


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
