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
from recommender.events import Event, Page
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
    list_starts: NDArray[np.int64]
    """Where each event's existing list begins in `list_rows`; one more than there are events."""
    list_rows: NDArray[np.int32]
    """Rows of the existing lists' items in order; -1 where the link leads to no event."""
    link_prefix: str
    """What the archive's links have before a slug, `/` or such as `/zh/`."""
    language: str
    """Key of the grammar's words that most pages use."""

    @classmethod
    def of(cls, pages: Sequence[Page]) -> Self:
        """Put pages, in any order, into the archive's order."""
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
            list_starts=list_starts,
            list_rows=list_rows,
            link_prefix=_commonest(
                (parts[0] for page in ordered for link in page.related if (parts := split_target(link.target))),
                _DEFAULT_PREFIX,
            ),
            language=_commonest((page.language for page in ordered if page.language), DEFAULT_LANGUAGE),
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
    for slug in (parts[1], unquote(parts[1])):
        if slug in rows:
            return rows[slug]
        if slug in names:
            return names[slug][0]
    return -1


def _packed(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    starts = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=starts[1:])
    return starts, np.array([value for one in lists for value in one], np.int32)


def _commonest(values: Iterable[str], default: str) -> str:
    counts = Counter(values)
    return max(sorted(counts), key=lambda value: counts[value]) if counts else default
