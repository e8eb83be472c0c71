"""Existing lists against ours: how many items and whole lists come out, and why not the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Literal

from recommender.errors import ArchiveError
from recommender.evaluation import Progress
from recommender.events import Page
from recommender.existing import ExistingItem, ExistingList, match_lists
from recommender.parameters import MAX_LIMIT, Parameters, Profile
from recommender.related import Recommender

AsOf = date | Literal["listed"] | None
"""As of which day lists are made: the same for all, each list's newest item's, or none."""

CAUSES: dict[str, str] = {
    "page not in the archive": "no event of ours is the one whose list it is",
    "newer than the archive": "the item is of a day after our last event",
    "event not in the archive": "no event of ours is the item's, or one that stands for another already",
    "after the day": "the item is of a day after --as-of",
    "no shared entity known": "we know of no entity that both page and item have",
    "fewer shared known": "we know of fewer entities that both share than the list prints",
    "more shared known": "of an item further down we know of more shared entities than the list prints",
    "extra event shares more": "an event that the list does not have shares more entities, as far as we know",
    "extra event shares as many": "an event that the list does not have shares as many and comes first",
    "order of equals": "an item further down shares as many entities and comes first",
    "ranked otherwise": "the profile, or the list, goes by something else than shared entities",
}
"""Why a list differs, with what it means: at its first place that differs, where items that we cannot list do not
count; they are the cause where all the rest comes out. Of an item that our list does not have, why."""


@dataclass(frozen=True, slots=True)
class ListComparison:
    """An existing list beside ours for the same event."""

    existing: ExistingList
    as_of: date | None
    ours: tuple[int, ...]
    """Rows of our list, at most as many as the existing list has items that we could list."""
    cause: str | None
    """Why it is not the same, one of `CAUSES`."""
    missing: tuple[str | None, ...]
    """For each item of the existing list why ours does not have it, one of `CAUSES`."""

    @property
    def common(self) -> tuple[int, ...]:
        """The places on our list, from 0, of the items that both have, in the order of the existing list."""
        places = {row: place for place, row in enumerate(self.ours)}
        return tuple(places[row] for row in self.existing.known if row in places)

    @property
    def exact(self) -> bool:
        """Whether the lists are the same."""
        return self.cause is None

    @property
    def exact_of_known(self) -> bool:
        """Whether there are items that we could list and these are our list, in the same order."""
        return bool(self.ours) and self.ours == tuple(self.existing.known)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lists by one profile, in the order of the pages."""

    profile: Profile
    lists: tuple[ListComparison, ...]


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The lists of a folder of pages beside ours."""

    pages: int
    without_list: int
    """Pages that list nothing; they are not compared."""
    as_of: AsOf
    comparisons: tuple[Comparison, ...]
    """One a profile, all of the same lists."""


def compare(
    recommender: Recommender,
    pages: Sequence[Page],
    profiles: Sequence[Profile],
    *,
    as_of: AsOf = "listed",
    progress: Progress | None = None,
) -> Reproduction:
    """Compare the Related lists of pages with ours for the same events.

    Args:
        recommender: What makes our lists.
        pages: With lists as a site once published them.
        profiles: How our lists are made; at least one.
        as_of: As of which day.
        progress: Told of each profile.

    Raises:
        ArchiveError: No page has a list.
    """
    lists = match_lists(recommender.index, pages)
    if not lists:
        number = "the page has" if len(pages) == 1 else f"none of the {len(pages):,} pages has"
        no = "no" if len(pages) == 1 else "an"
        raise ArchiveError(f"{number} {no} item below a Related heading; give a folder of pages with lists")
    days = [one.newest if as_of == "listed" else as_of for one in lists]
    comparisons = []
    for profile in dict.fromkeys(profiles):
        ours = _ours(recommender, lists, days, profile, progress)
        causes = _Causes(recommender, profile)
        compared = (causes.compared(*one) for one in zip(lists, days, ours, strict=True))
        comparisons.append(Comparison(profile, tuple(compared)))
    return Reproduction(len(pages), len(pages) - len(lists), as_of, tuple(comparisons))


def _ours(
    recommender: Recommender,
    lists: Sequence[ExistingList],
    days: Sequence[date | None],
    profile: Profile,
    progress: Progress | None,
) -> list[tuple[int, ...]]:
    """Our lists, each as of its day and as long as what we could list of the existing one."""
    asked: dict[tuple[date | None, int], list[tuple[int, int]]] = {}
    for place, (one, day) in enumerate(zip(lists, days, strict=True)):
        if one.found and one.known:
            asked.setdefault((day, min(len(one.known), MAX_LIMIT)), []).append((place, one.found.row))
    ours: list[tuple[int, ...]] = [()] * len(lists)
    done = 0
    for (day, limit), queries in asked.items():
        parameters = Parameters.checked(profile=profile, limit=limit, as_of=day)
        rankings = recommender.rankings([row for _, row in queries], parameters)
        for (place, _), (_, ranking) in zip(queries, rankings, strict=True):
            ours[place] = tuple(map(int, ranking.rows))
            done += 1
            if progress is not None:
                progress(profile, done, sum(map(len, asked.values())))
    return ours


class _Causes:
    """Says why lists of one profile differ from the existing ones."""

    def __init__(self, recommender: Recommender, profile: Profile) -> None:
        self._recommender = recommender
        self._profile = profile
        self._days = recommender.index.corpus.days
        self._last_day = int(self._days.max())

    def compared(self, existing: ExistingList, as_of: date | None, ours: tuple[int, ...]) -> ListComparison:
        """An existing list beside ours, with the causes."""
        extra = [row for row in ours if row not in existing.known]
        missing = tuple(
            None
            if item.found and item.found.row in ours
            else self._cause(existing, item, as_of, extra[-1] if extra else None)
            for item in existing.items
        )
        return ListComparison(existing, as_of, ours, self._first(existing, as_of, ours), missing)

    def _first(self, existing: ExistingList, as_of: date | None, ours: tuple[int, ...]) -> str | None:
        for (row, item), instead in zip_longest(existing.known.items(), ours):
            if row != instead:
                return self._cause(existing, item, as_of, instead)
        unknown = next((item for item in existing.items if not existing.found or not item.found), None)
        return None if unknown is None else self._cause(existing, unknown, as_of, None)

    def _cause(self, existing: ExistingList, item: ExistingItem, as_of: date | None, instead: int | None) -> str:
        """Why an item is not where our list has another event, or none, instead."""
        if existing.found is None:
            return "page not in the archive"
        if item.found is None:
            newer = item.day is not None and item.day.toordinal() > self._last_day
            return "newer than the archive" if newer else "event not in the archive"
        if as_of is not None and self._days[item.found.row] > as_of.toordinal():
            return "after the day"
        if self._profile != "reproduce" or self._recommender.index.manifest.rule != "shared":
            return "ranked otherwise"
        shared = self._shared(existing.found.row, item.found.row)
        if shared < max(1, len(item.printed)):
            return "fewer shared known" if shared else "no shared entity known"
        return self._preferred(existing, existing.found.row, shared, instead)

    def _preferred(self, existing: ExistingList, page: int, shared: int, instead: int | None) -> str:
        """Why an event comes before an item of which we know all shared entities."""
        others = 0 if instead is None else self._shared(page, instead)
        if instead is None or others < shared:
            return "ranked otherwise"
        if instead not in existing.known:
            return "extra event shares more" if others > shared else "extra event shares as many"
        if others > len(existing.known[instead].printed) > 0:
            return "more shared known"
        return "order of equals" if others == shared else "ranked otherwise"

    def _shared(self, row: int, other: int) -> int:
        return len(self._recommender.shared(row, other, self._profile))
