"""What the archive says of its events' entities: on lists, on day pages, in the records of imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.ascending import numbered
from recommender.corpus import Corpus
from recommender.events import DayItem, Page, Record
from recommender.labels import LabelSplitter, name_of
from recommender.page_table import PageTable

Ints = NDArray[np.int64]


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


class PrintedLabels(NamedTuple):
    """Sets of labels as numbers."""

    labels: list[str]
    """Every label that is printed in a set, ascending."""
    starts: Ints
    """Where each set begins in `numbers`; one more than there are sets."""
    numbers: Ints
    """Places in `labels`, in the order in which a set has them."""


class Mentions(NamedTuple):
    """Rows, labels and sources, aligned."""

    rows: Ints
    labels: Ints
    sources: Ints


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything printed, labels cut apart, in the archive's order."""

    sets: tuple[tuple[str, ...], ...]
    """Every different set of labels that is printed of items and days."""
    pages: Ints
    """Of each item of an existing list, with labels, the event whose list it is; ascending."""
    items: Ints
    """The event that it names."""
    item_sets: Ints
    """The labels that both share, a place in `sets`."""
    days: Ints
    """Rows, ascending, whose day page prints labels."""
    day_sets: Ints
    """All labels of each of these, a place in `sets`."""
    one_sided: tuple[tuple[int, str, Source], ...] = ()
    """Labels that a list tells of one of its two events, because the record of the other has no such entity."""
    recorded: dict[int, dict[str, str]] = field(default_factory=dict)
    """Row → all entities of the event by title, with the words of the link, where there is a record."""

    def complete(self) -> frozenset[int]:
        """Rows of which everything is known."""
        return frozenset(self.days.tolist()) | frozenset(self.recorded)

    @cached_property
    def printed(self) -> PrintedLabels:
        """The sets as numbers."""
        labels = list(chain.from_iterable(self.sets))
        different = sorted(set(labels))
        places = {label: place for place, label in enumerate(different)}
        starts = np.cumsum([0, *map(len, self.sets)]).astype(np.int64)
        return PrintedLabels(different, starts, np.fromiter(map(places.__getitem__, labels), np.int64, len(labels)))

    def labels(self) -> list[str]:
        """Every label and title, ascending."""
        others = (label for _, label, _ in self.one_sided)
        return sorted({*self.printed.labels, *others, *chain.from_iterable(self.recorded.values())})

    def mentions(self, numbers: Mapping[str, int]) -> Mentions:
        """Every printed label: the event that has it, the label, where it is printed.

        Args:
            numbers: A number for every label.
        """
        starts, labels = self.numbered(numbers)
        items, item_labels = expanded(starts, labels, self.item_sets)
        days, day_labels = expanded(starts, labels, self.day_sets)
        others = [(row, numbers[label], source) for row, label, source in self.one_sided]
        others += [(row, numbers[title], Source.RECORD) for row, titles in self.recorded.items() for title in titles]
        rows, numbered, sources = np.array(others, np.int64).reshape(-1, 3).T
        own, named, day = (
            np.full(len(one), source, np.int64)
            for one, source in ((items, Source.OWN_LIST), (items, Source.NAMED), (days, Source.DAY_PAGE))
        )
        return Mentions(
            np.concatenate((self.pages[items], self.items[items], self.days[days], rows)),
            np.concatenate((item_labels, item_labels, day_labels, numbered)),
            np.concatenate((own, named, day, sources)),
        )

    def numbered(self, numbers: Mapping[str, int]) -> tuple[Ints, Ints]:
        """The sets in other numbers: where each begins, one more than there are sets, and the numbers themselves."""
        labels, starts, places = self.printed
        return starts, np.fromiter(map(numbers.__getitem__, labels), np.int64, len(labels))[places]


def expanded(starts: Ints, values: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """For each value of each chosen run the place of the choice, and the value."""
    lengths = starts[chosen + 1] - starts[chosen]
    places = np.repeat(np.arange(len(chosen)), lengths)
    within = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return places, values[starts[chosen][places] + within]


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
    details = PageTable.of(pages).details
    printed, of_link = numbered(details.links[:, 2], len(details.strings))
    strings = list(details.strings)
    of_links = [strings[string] for string in printed.tolist()]
    contexts = dict.fromkeys((*of_links, *(item.context for item in day_items)))
    contexts.pop("", None)
    splitter = LabelSplitter.learn(contexts)
    sets = _Sets()
    set_of = {context: sets.place(tuple(dict.fromkeys(splitter.split(context)))) for context in contexts} | {"": -1}
    listed = np.array([set_of[context] for context in of_links], np.int64)[of_link]
    owners = np.repeat(np.arange(len(corpus)), np.diff(corpus.list_starts))
    items = corpus.list_rows.astype(np.int64)
    has_record = np.zeros(len(corpus) + 1, np.bool_)  # the last is of an item that leads nowhere
    has_record[list(recorded)] = True
    counts = (listed >= 0) & (items >= 0) & (items != owners) & ~(has_record[owners] & has_record[items])
    owners, items, listed = owners[counts], items[counts], listed[counts]
    one_sided = []
    for place in np.flatnonzero(has_record[owners] | has_record[items]).tolist():
        page, item = int(owners[place]), int(items[place])
        both, rest = _by_record(page, item, sets.found[listed[place]], recorded)
        listed[place] = sets.place(both) if both else -1
        one_sided += rest
    told = listed >= 0
    day_sets: dict[int, int] = {}
    shown = [item for item in day_items if item.context]
    for day_item, row_of in zip(shown, corpus.rows_of_targets(item.target for item in shown), strict=True):
        if row_of >= 0 and row_of not in recorded:
            day_sets.setdefault(row_of, set_of[day_item.context])
    days = sorted(day_sets)
    chosen = np.concatenate((listed[told], np.array([day_sets[row] for row in days], np.int64)))
    used, places = _used(sets.found, chosen)
    return Evidence(
        sets=used,
        pages=owners[told],
        items=items[told],
        item_sets=places[: told.sum()],
        days=np.array(days, np.int64),
        day_sets=places[told.sum() :],
        one_sided=tuple(one_sided),
        recorded=dict(sorted(recorded.items())),
    )


class _Sets:
    """Different sets of labels, each with a place."""

    def __init__(self) -> None:
        self.found: list[tuple[str, ...]] = []
        self._places: dict[tuple[str, ...], int] = {}

    def place(self, labels: tuple[str, ...]) -> int:
        """The place of a set, a new one where it has none."""
        place = self._places.setdefault(labels, len(self.found))
        if place == len(self.found):
            self.found.append(labels)
        return place


def _used(sets: Sequence[tuple[str, ...]], places: Ints) -> tuple[tuple[tuple[str, ...], ...], Ints]:
    """The sets at these places without the rest, of which nothing is left, and the places in them."""
    used, now = numbered(places, len(sets))
    return tuple(sets[place] for place in used.tolist()), now


def _by_record(
    page: int, item: int, labels: tuple[str, ...], recorded: Mapping[int, Mapping[str, str]]
) -> tuple[tuple[str, ...], list[tuple[int, str, Source]]]:
    """An item of a list whose event, or whose page's event, has a record: what both share by it, and the rest.

    A record prints titles and a list prints other labels perhaps: of the event without a record they are told still.
    """
    row, source, known = (page, Source.OWN_LIST, item) if item in recorded else (item, Source.NAMED, page)
    names = set(map(name_of, recorded[known]))
    both = tuple(label for label in labels if name_of(label) in names)
    return both, [(row, label, source) for label in labels if label not in both]
