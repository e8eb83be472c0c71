"""What the archive says of its events' entities: on lists, on day pages, in the records of imports."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag

from recommender.corpus import Corpus
from recommender.events import DayItem, Page, Record
from recommender.labels import LabelSplitter, name_of


class Source(IntFlag):
    """Where an event's entity is known from; a set of flags a pair of event and entity."""

    OWN_LIST = 1
    """An item of the event's own Related list shares it."""
    NAMED = 2
    """A list of another event names this event with it."""
    DAY_PAGE = 4
    """The day page prints it; complete where it prints any."""
    SPOTTED = 8
    """One of its names stands in the event's headline."""
    RECORD = 16
    """The source links to it, as an import wrote down beside the page; complete, and nothing else is asked then."""


PRINTED = Source.OWN_LIST | Source.NAMED | Source.DAY_PAGE | Source.RECORD
"""What the archive says itself; the rest is inferred."""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One item of an existing list: the event whose list it is, the event it names, the labels they share."""

    page: int
    item: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything printed, labels cut apart, in the archive's order."""

    items: tuple[ListedItem, ...]
    day_labels: dict[int, tuple[str, ...]]
    """Row → all labels of the event, where its day page prints them."""
    one_sided: tuple[tuple[int, str, Source], ...] = ()
    """Labels that a list tells of one of its two events, because the record of the other has no such entity."""
    recorded: dict[int, dict[str, str]] = field(default_factory=dict)
    """Row → all entities of the event by title, with the words of the link, where there is a record."""

    def complete(self) -> frozenset[int]:
        """Rows of which everything is known."""
        return frozenset(self.day_labels) | frozenset(self.recorded)

    def mentions(self) -> Iterator[tuple[int, str, Source]]:
        """Every printed label: the event that has it, the label, where it is printed."""
        for item in self.items:
            for label in item.labels:
                yield item.page, label, Source.OWN_LIST
                yield item.item, label, Source.NAMED
        yield from self.one_sided
        for row, labels in self.day_labels.items():
            for label in labels:
                yield row, label, Source.DAY_PAGE
        for row, titles in self.recorded.items():
            for title in titles:
                yield row, title, Source.RECORD

    def label_sets(self) -> Iterator[tuple[str, ...]]:
        """Every printed set of labels: no two labels of one set are the same entity."""
        for item in self.items:
            yield item.labels
        yield from ((label,) for _, label, _ in self.one_sided)
        yield from self.day_labels.values()
        yield from map(tuple, self.recorded.values())


def gather(
    corpus: Corpus, pages: Sequence[Page], day_items: Sequence[DayItem], records: Sequence[Record] = ()
) -> Evidence:
    """Collect the evidence.

    Args:
        corpus: The events.
        pages: Their pages, one an event, in the corpus's order.
        day_items: What the day pages print; where several print an event's labels, the first counts.
        records: What imports wrote down; what is printed of the same events elsewhere says nothing more.
    """
    recorded = {
        row: dict(record.entities) for record in records if (row := corpus.row_of_slug(record.slug)) is not None
    }
    contexts = Counter(link.context for page in pages for link in page.related if link.context)
    contexts.update(item.context for item in day_items if item.context)
    splitter = LabelSplitter.learn(contexts)
    labels = {context: tuple(dict.fromkeys(splitter.split(context))) for context in contexts}
    items = [
        ListedItem(row, int(item), labels[link.context])
        for row, page in enumerate(pages)
        for link, item in zip(page.related, corpus.existing(row), strict=True)
        if link.context and item >= 0 and item != row and not (row in recorded and int(item) in recorded)
    ]
    items, one_sided = _by_record(items, recorded)
    day_labels: dict[int, tuple[str, ...]] = {}
    for day_item in day_items:
        row_of = corpus.row_of_target(day_item.target) if day_item.context else None
        if row_of is not None and row_of not in recorded:
            day_labels.setdefault(row_of, labels[day_item.context])
    return Evidence(tuple(items), dict(sorted(day_labels.items())), tuple(one_sided), dict(sorted(recorded.items())))


def _by_record(
    items: Sequence[ListedItem], recorded: Mapping[int, Mapping[str, str]]
) -> tuple[list[ListedItem], list[tuple[int, str, Source]]]:
    """Lists that name an event with a record, or are its own: what both events share by the record, and the rest.

    A record prints titles and a list prints other labels perhaps: of the event without a record they are told still.
    """
    shared: list[ListedItem] = []
    one_sided: list[tuple[int, str, Source]] = []
    for item in items:
        if item.page not in recorded and item.item not in recorded:
            shared.append(item)
            continue
        row, source = (item.page, Source.OWN_LIST) if item.item in recorded else (item.item, Source.NAMED)
        known = set(map(name_of, recorded[item.item if item.item in recorded else item.page]))
        both = tuple(label for label in item.labels if name_of(label) in known)
        if both:
            shared.append(ListedItem(item.page, item.item, both))
        one_sided += [(row, label, source) for label in item.labels if label not in both]
    return shared, one_sided
