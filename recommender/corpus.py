"""All events in one order: slug ↔ row, aliases, existing lists. The only place that translates names to rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from models.ascending import numbered
from recommender.errors import SlugAmbiguousError, SlugUnknownError
from recommender.events import DayItem, Event, Page, Record
from recommender.language import DEFAULT_LANGUAGE
from recommender.page_table import PageDetails, PageTable
from recommender.slugs import as_typed, path_of, split_target, written_path
from recommender.strings import StringTable

_NEAREST = 3
_DEFAULT_PREFIX = "/"
_STEPS = 4
"""Slashes of a slug as links have it, `news/2013/02/7/…`."""


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
        table = PageTable.of(pages)
        details = table.details
        slugs = [path.removesuffix(".md") for path in table.paths]
        rows = {slug: row for row, slug in enumerate(slugs)}
        names: dict[str, list[int]] = {}
        for row, slug in enumerate(slugs):
            names.setdefault(slug.rsplit("/", 1)[-1], []).append(row)
        owners = np.repeat(np.arange(len(slugs)), np.diff(details.alias_starts)).tolist()
        for row, alias in zip(owners, details.aliases, strict=True):
            if alias not in rows:  # a page of its own is more than an older version's name
                names.setdefault(alias, []).append(row)
                names.setdefault(alias.rsplit("/", 1)[-1], []).append(row)
        names = {name: sorted(set(names[name])) for name in sorted(names)}
        name_starts, name_rows = _packed(list(names.values()))
        slugs_known = _Slugs(rows, names)
        list_rows, prefixes = _targets(details, slugs_known)
        return cls(
            paths=table.paths,
            texts=table.texts,
            topics=table.topics,
            descriptions=table.descriptions,
            days=table.days,
            names=StringTable.of(names),
            name_starts=name_starts,
            name_rows=name_rows,
            listed=table.listed,
            later=_later(records, slugs_known, len(slugs)),
            day_places=_day_places(day_items, slugs_known, len(slugs)),
            list_starts=details.link_starts,
            list_rows=list_rows,
            link_prefix=_commonest(prefixes, _DEFAULT_PREFIX),
            language=language or _commonest(table.languages(), DEFAULT_LANGUAGE),
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
        row = self.row_of_slug(parts[1])
        return row if row is not None else self.row_of_slug(unquote(parts[1]))

    def rows_of_targets(self, targets: Iterable[str]) -> list[int]:
        """For each target `row_of_target`, -1 for None; of many in a row it is faster."""
        rows = {path.removesuffix(".md"): row for row, path in enumerate(self.paths)}
        found = []
        for target in targets:
            row = _plain_row(target, rows)
            if row < 0 and (other := self.row_of_target(target)) is not None:
                row = other
            found.append(row)
        return found

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


class _Slugs(NamedTuple):
    """Rows by what links call their events."""

    rows: Mapping[str, int]
    """By slug."""
    names: Mapping[str, Sequence[int]]
    """By the last part of a slug, and by older slugs."""

    def of_slug(self, slug: str) -> int:
        """The row of a slug or of an older one; -1 where there is none."""
        return self.rows[slug] if slug in self.rows else self.names[slug][0] if slug in self.names else -1

    def of_target(self, target: str) -> tuple[str, int] | None:
        """What a link has before its slug, and the row that it leads to, or -1; None where it is no event's."""
        row = _plain_row(target, self.rows)
        if row >= 0:
            return _DEFAULT_PREFIX, row
        parts = split_target(target)
        if parts is None:
            return None
        row = self.of_slug(parts[1])
        return parts[0], row if row >= 0 else self.of_slug(unquote(parts[1]))


def _plain_row(target: str, rows: Mapping[str, int]) -> int:
    """The row of a link of the commonest form, `/news/2013/02/7/….md`, to an event of that slug; -1 of all others."""
    if not (target.startswith(_DEFAULT_PREFIX) and target.endswith(".md")):
        return -1
    slug = target[1:-3]
    return rows.get(slug, -1) if slug.count("/") == _STEPS and slug[0] != "/" else -1


def _targets(details: PageDetails, slugs: _Slugs) -> tuple[NDArray[np.int32], Counter[str]]:
    """The row that each link leads to, -1 for none, and how many links have what before their slug.

    A target that stands on many pages is looked up once.
    """
    used, places = numbered(details.links[:, 1], len(details.strings))
    counts = np.bincount(places, minlength=len(used))
    strings = list(details.strings)
    found = np.full(len(used), -1, np.int32)
    prefixes: Counter[str] = Counter()
    for place, (string, count) in enumerate(zip(used.tolist(), counts.tolist(), strict=True)):
        parts = slugs.of_target(strings[string])
        if parts is not None:
            prefixes[parts[0]] += count
            found[place] = parts[1]
    return found[places], prefixes


def _later(records: Sequence[Record], slugs: _Slugs, count: int) -> NDArray[np.bool_]:
    later = np.zeros(count, np.bool_)
    for record in records:
        row = slugs.of_slug(record.slug)
        if row >= 0:
            later[row] = record.later
    return later


def _day_places(day_items: Sequence[DayItem], slugs: _Slugs, count: int) -> NDArray[np.int32]:
    places = [count] * count
    below: Counter[str] = Counter()
    for item in reversed(day_items):
        _, row = slugs.of_target(item.target) or ("", -1)
        if row >= 0 and places[row] == count:  # index.md and README.md both show it
            day = item.target.rsplit("/", 1)[0]
            places[row] = below[day]
            below[day] += 1
    return np.array(places, np.int32)


def _packed(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    starts = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([len(one) for one in lists], out=starts[1:])
    return starts, np.array([value for one in lists for value in one], np.int32)


def _commonest(counts: Counter[str], default: str) -> str:
    return max(sorted(counts), key=lambda value: counts[value]) if counts else default
