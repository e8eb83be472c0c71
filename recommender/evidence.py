"""What the archive prints of its events' entities: on their own lists, in lists that name them, on day pages."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag

from recommender.corpus import Corpus
from recommender.events import DayItem, Page
from recommender.labels import LabelSplitter


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


PRINTED = Source.OWN_LIST | Source.NAMED | Source.DAY_PAGE
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

    def mentions(self) -> Iterator[tuple[int, str, Source]]:
        """Every printed label: the event that has it, the label, where it is printed."""
        for item in self.items:
            for label in item.labels:
                yield item.page, label, Source.OWN_LIST
                yield item.item, label, Source.NAMED
        for row, labels in self.day_labels.items():
            for label in labels:
                yield row, label, Source.DAY_PAGE

    def label_sets(self) -> Iterator[tuple[str, ...]]:
        """Every printed set of labels: no two labels of one set are the same entity."""
        for item in self.items:
            yield item.labels
        yield from self.day_labels.values()


def gather(corpus: Corpus, pages: Sequence[Page], day_items: Sequence[DayItem]) -> Evidence:
    """Collect the printed evidence.

    Args:
        corpus: The events.
        pages: Their pages, one an event, in the corpus's order.
        day_items: What the day pages print; where several print an event's labels, the first counts.
    """
    contexts = Counter(link.context for page in pages for link in page.related if link.context)
    contexts.update(item.context for item in day_items if item.context)
    splitter = LabelSplitter.learn(contexts)
    labels = {context: tuple(dict.fromkeys(splitter.split(context))) for context in contexts}
    items = [
        ListedItem(row, int(item), labels[link.context])
        for row, page in enumerate(pages)
        for link, item in zip(page.related, corpus.existing(row), strict=True)
        if link.context and item >= 0 and item != row
    ]
    day_labels: dict[int, tuple[str, ...]] = {}
    for day_item in day_items:
        row_of = corpus.row_of_target(day_item.target) if day_item.context else None
        if row_of is not None:
            day_labels.setdefault(row_of, labels[day_item.context])
    return Evidence(tuple(items), dict(sorted(day_labels.items())))
