"""Existing lists with their events found in our archive: by slug, by older slug, or by day and text.

Versions of the site made other slugs and printed other texts of the same events: with the story's heading in front
(`Heading: Text`, `Heading. Text`), without accents or without the letters that bear them, slightly reworded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np

from recommender.corpus import Corpus
from recommender.errors import PageError
from recommender.events import Page
from recommender.index import Index
from recommender.labels import SEPARATOR, LabelSplitter
from recommender.slugs import event_date, path_of, split_target
from recommender.versions import SAME_EVENT, comparable, similarity

# What comes this near to the best makes it a guess.
_MARGIN = 1.0

How = Literal["slug", "alias", "text"]
"""By what an event was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """The event of the archive that something stands for."""

    row: int
    how: How


class EventMatcher:
    """Finds events of an archive."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._by_day = np.argsort(corpus.days, kind="stable")
        self._days = corpus.days[self._by_day]
        self._texts: dict[date, list[tuple[int, str]]] = {}

    def by_name(self, slugs: Iterable[str]) -> Found | None:
        """The event that has the first of these slugs that any event has, as its own or as an older one."""
        for slug in slugs:
            row = self._corpus.row_of_target(path_of(slug))
            if row is not None:
                own = split_target(self._corpus.slug(row)) == split_target(slug)
                return Found(row, "slug" if own else "alias")
        return None

    def by_text(self, day: date, text: str) -> Found | None:
        """The one event of the day whose text is the same but for its version; None where two are as near."""
        wanted = comparable(text)
        scores = sorted(((similarity(known, wanted), row) for row, known in self._texts_of(day)), reverse=True)
        if not scores or scores[0][0] < SAME_EVENT or (len(scores) > 1 and scores[0][0] - scores[1][0] < _MARGIN):
            return None
        return Found(scores[0][1], "text")

    def _texts_of(self, day: date) -> list[tuple[int, str]]:
        if day not in self._texts:
            start, end = np.searchsorted(self._days, [day.toordinal(), day.toordinal() + 1])
            rows = map(int, self._by_day[start:end])
            self._texts[day] = [(row, comparable(self._corpus.texts[row])) for row in rows]
        return self._texts[day]


@dataclass(frozen=True, slots=True)
class ExistingItem:
    """One item of an existing list."""

    slug: str
    """As its link has it."""
    day: date | None
    """None where the link has a day that is not in the calendar."""
    printed: tuple[str, ...]
    """The shared labels that the list prints."""
    found: Found | None
    """The event of our archive; None also where another item stands for it already, or the page itself does."""


@dataclass(frozen=True, slots=True)
class ExistingList:
    """The list of one page."""

    slug: str
    """The page's, as it lies in its folder."""
    found: Found | None
    """The event of our archive."""
    items: tuple[ExistingItem, ...]

    @property
    def known(self) -> dict[int, ExistingItem]:
        """The items that we could list by their rows, in order; none where we do not have the page."""
        return {item.found.row: item for item in self.items if item.found} if self.found else {}

    @property
    def newest(self) -> date | None:
        """The day of the newest item, whether we have it or not."""
        return max((item.day for item in self.items if item.day), default=None)


def match_lists(index: Index, pages: Sequence[Page]) -> list[ExistingList]:
    """The lists of pages with their events found in an index; pages that list nothing are left out."""
    matcher = EventMatcher(index.corpus)
    # Labels of ours that hold a comma tell where a printed one is not two.
    labels = (label.split(SEPARATOR) for label in index.entities.labels)
    splitter = LabelSplitter(frozenset(pair for parts in labels for pair in pairwise(parts)))
    return [_matched(page, matcher, splitter) for page in pages if page.related]


def _matched(page: Page, matcher: EventMatcher, splitter: LabelSplitter) -> ExistingList:
    event = page.event
    own = matcher.by_name([event.slug, *page.aliases]) or matcher.by_text(event.date, event.text)
    slugs = [parts[1] if (parts := split_target(link.target)) else link.target for link in page.related]
    # Items that are named go before those that only read like an event: an event stands for one item.
    found = {place: named for place, slug in enumerate(slugs) if (named := matcher.by_name([slug]))}
    for place, (slug, link) in enumerate(zip(slugs, page.related, strict=True)):
        day = _day(slug)
        if place not in found and day is not None and (similar := matcher.by_text(day, link.text)):
            found[place] = similar
    first = {one.row: place for place, one in reversed(found.items())}
    listable = {place: found[place] for row, place in first.items() if own is None or row != own.row}
    items = tuple(
        ExistingItem(slug, _day(slug), tuple(splitter.split(link.context)), listable.get(place))
        for place, (slug, link) in enumerate(zip(slugs, page.related, strict=True))
    )
    return ExistingList(event.slug, own, items)


def _day(slug: str) -> date | None:
    try:
        return event_date(path_of(slug))
    except PageError:
        return None
