"""All events in one order: slug ↔ row, aliases, existing lists. The only place that translates names to rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recommender.errors import SlugAmbiguousError, SlugUnknownError
from recommender.events import DayItem, Event, Page, Record
from recommender.language import DEFAULT_LANGUAGE
from recommender.slugs import as_typed, path_of, split_target, written_path
from recommender.strings import StringTable

_NEAREST = 3
_DEFAULT_PREFIX = "/"


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The archive's events; a row is a place in its order, ascending path compared as strings."""

    paths: StringTable
    """One path an event, ascending: slug and extension."""
    texts: StringTable
    topics: StringTable
    descriptions: StringTable
    days: NDArray[np.int32]
    """Proleptic ordinal of each event's date, as `date.toordinal` counts."""
    names: StringTable
    """Every last part of a slug and every alias, ascending."""
    name_starts: NDArray[np.int64]
    """Where the rows of each name begin in `name_rows`; one more than there are names."""
    name_rows: NDArray[np.int32]
    listed: NDArray[np.bool_]
    """Whether the event's page has a Related list."""
    later: NDArray[np.bool_]
    """Whether an earlier event stands under the same story heading."""
    day_places: NDArray[np.int32]
    """How many events stand below each on its day page; as many as there are events where it is not shown there."""
    list_starts: NDArray[np.int64]
    """Where each event's existing list begins in `list_rows`; one more than there are events."""
    list_rows: NDArray[np.int32]
    """Rows of the existing lists' items in order; -1 where the link leads to no event."""
    link_prefix: str
    """What the archive's links have before a slug, `/` or such as `/zh/`."""
    language: str
    """Key of the grammar's words that most pages use."""

    @classmethod
    def of(
        cls,
        pages: Sequence[Page],
        day_items: Sequence[DayItem] = (),
        records: Sequence[Record] = (),
        *,
        language: str = "",
    ) -> Self:
        """Put pages, in any order, into the archive's order.

        Args:
            pages: Each event's.
            day_items: What the day pages show, in their order.
            records: What imports wrote down.
            language: Whose words a page without any gets; what most pages have if empty.
        """
        ordered = sorted(pages, key=lambda page: path_of(page.event.slug))
        events = [page.event for page in ordered]
        rows = {event.slug: row for row, event in enumerate(events)}
        names: dict[str, list[int]] = {}
        for row, page in enumerate(ordered):
            names.setdefault(page.event.slug.rsplit("/", 1)[-1], []).append(row)
            for alias in page.aliases:
                if alias not in rows:  # a page of its own is more than an older version's name
                    names.setdefault(alias, []).append(row)
                    names.setdefault(alias.rsplit("/", 1)[-1], []).append(row)
        order = sorted(names)
        members = [sorted(set(names[name])) for name in order]
        name_starts, name_rows = _packed(members)
        list_starts, list_rows = _packed(
            [[_target_row(link.target, rows, names) for link in page.related] for page in ordered]
        )
        return cls(
            paths=StringTable.of(path_of(event.slug) for event in events),
            texts=StringTable.of(event.text for event in events),
            topics=StringTable.of(event.topic for event in events),
            descriptions=StringTable.of(event.description for event in events),
            days=np.array([event.date.toordinal() for event in events], np.int32),
            names=StringTable.of(order),
            name_starts=name_starts,
            name_rows=name_rows,
            listed=np.array([page.listed for page in ordered], np.bool_),
            later=_later(records, rows, names, len(events)),
            day_places=_day_places(day_items, rows, names, len(events)),
            list_starts=list_starts,
            list_rows=list_rows,
            link_prefix=_commonest(
                (parts[0] for page in ordered for link in page.related if (parts := split_target(link.target))),
                _DEFAULT_PREFIX,
            ),
            language=language or _commonest((page.language for page in ordered if page.language), DEFAULT_LANGUAGE),
        )

    def __len__(self) -> int:
        return len(self.paths)

    def slug(self, row: int) -> str:
        """The slug of a row."""
        return self.paths[row].removesuffix(".md")

    def event(self, row: int) -> Event:
        """The event of a row."""
        return Event(
            self.slug(row),
            date.fromordinal(int(self.days[row])),
            self.texts[row],
            self.topics[row],
            self.descriptions[row],
        )

    def existing(self, row: int) -> NDArray[np.int32]:
        """Rows of the existing list of an event, in order; -1 for an item that leads to no event."""
        return self.list_rows[self.list_starts[row] : self.list_starts[row + 1]]

    def row(self, slug: str) -> int:
        """The row of a slug given whole, as its last part, or as an older slug of the same event.

        Raises:
            SlugUnknownError: No event has it; the error names the nearest.
            SlugAmbiguousError: It is the last part of several; the error names them.
        """
        wanted = as_typed(slug)
        for candidate in (wanted, split_slug(wanted)):
            row = self.paths.find(path_of(candidate))
            if row is not None:
                return row
            name = self.names.find(candidate)
            if name is not None:
                rows = self.name_rows[self.name_starts[name] : self.name_starts[name + 1]]
                if len(rows) > 1:
                    raise SlugAmbiguousError(slug, [self.slug(int(row)) for row in rows])
                return int(rows[0])
        raise SlugUnknownError(slug, self._nearest(wanted))

    def row_of_target(self, target: str) -> int | None:
        """The row that a link of a page leads to, None where it leads to no event."""
        parts = split_target(target)
        if parts is None:
            return None
        for slug in (parts[1], unquote(parts[1])):
            row = self.paths.find(path_of(slug))
            if row is not None:
                return row
            name = self.names.find(slug)
            if name is not None:
                return int(self.name_rows[self.name_starts[name]])
        return None

    def row_of_slug(self, slug: str) -> int | None:
        """The row of a whole slug, or of an older one of the same event; None where there is none."""
        row = self.paths.find(path_of(slug))
        if row is not None:
            return row
        name = self.names.find(slug)
        return int(self.name_rows[self.name_starts[name]]) if name is not None and "/" in slug else None

    def target(self, row: int) -> str:
        """The link to an event as the archive's pages write it."""
        return self.link_prefix + written_path(self.paths[row])

    def _nearest(self, slug: str) -> list[str]:
        choices = [path.removesuffix(".md") for path in self.paths]
        if "/" not in slug:
            parts = [choice.rsplit("/", 1)[-1] for choice in choices]
            found = process.extract(slug, parts, scorer=fuzz.ratio, limit=_NEAREST, score_cutoff=50)
            return [choices[position] for _, _, position in found]
        found = process.extract(slug, choices, scorer=fuzz.ratio, limit=_NEAREST, score_cutoff=50)
        return [choice for choice, _, _ in found]


def split_slug(slug: str) -> str:
    """The slug without what links of the archive have before it (`zh/news/…` → `news/…`)."""
    parts = split_target(slug)
    return parts[1] if parts is not None else slug


def _target_row(target: str, rows: Mapping[str, int], names: Mapping[str, Sequence[int]]) -> int:
    parts = split_target(target)
    if parts is None:
        return -1
    row = _slug_row(parts[1], rows, names)
    return row if row >= 0 else _slug_row(unquote(parts[1]), rows, names)


def _slug_row(slug: str, rows: Mapping[str, int], names: Mapping[str, Sequence[int]]) -> int:
    """The row of a slug or of an older one; -1 where there is none."""
    return rows[slug] if slug in rows else names[slug][0] if slug in names else -1


def _later(
    records: Sequence[Record], rows: Mapping[str, int], names: Mapping[str, Sequence[int]], count: int
) -> NDArray[np.bool_]:
    later = np.zeros(count, np.bool_)
    for record in records:
        row = _slug_row(record.slug, rows, names)
        if row >= 0:
            later[row] = record.later
    return later


def _day_places(
    day_items: Sequence[DayItem], rows: Mapping[str, int], names: Mapping[str, Sequence[int]], count: int
) -> NDArray[np.int32]:
    places = np.full(count, count, np.int32)
    below: Counter[str] = Counter()
    for item in reversed(day_items):
        row = _target_row(item.target, rows, names)
        if row >= 0 and places[row] == count:  # index.md and README.md both show it
            day = item.target.rsplit("/", 1)[0]
            places[row] = below[day]
            below[day] += 1
    return places


def _packed(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    starts = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=starts[1:])
    return starts, np.array([value for one in lists for value in one], np.int32)


def _commonest(values: Iterable[str], default: str) -> str:
    counts = Counter(values)
    return max(sorted(counts), key=lambda value: counts[value]) if counts else default
