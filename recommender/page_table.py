"""Event pages in columns: 66,000 pages as a few arrays, which an index keeps, so that no page is parsed twice.

A page that nobody asks for is never made; whoever asks for one, or for all, gets the same values as from the parser.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain, pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from models.ascending import numbered
from recommender.events import Event, Page, RelatedLink
from recommender.language import LANGUAGES
from recommender.slugs import path_of
from recommender.strings import StringTable, numbered_strings, taken_spans

Ints = NDArray[np.int64]
_FEW = 50
"""Of how many strings one may be new for it to be quicker to look for the place of each."""
_LANGUAGES = (None, *sorted(LANGUAGES))


@dataclass(frozen=True, slots=True, eq=False)
class PageDetails:
    """What pages say beyond their events, a row a page."""

    digests: NDArray[np.uint64]
    """(n, 2) digest of each file's bytes; zeros where the page does not come from one."""
    aliases: StringTable
    """Older slugs of all pages, one page after the other."""
    alias_starts: Ints
    """Where those of each page begin; one more than there are pages."""
    languages: NDArray[np.uint8]
    """Place of each page's language in the order of keys, from 1; 0 where it uses no word of any."""
    locked: NDArray[np.bool_]
    pinned: StringTable
    """Slugs that editors want first on lists, of all pages, one page after the other."""
    pinned_starts: Ints
    """Where those of each page begin; one more than there are pages."""
    excluded: StringTable
    """The same of slugs that they do not want on lists."""
    excluded_starts: Ints
    strings: StringTable
    """Every different text, target and context of a link, ascending."""
    link_starts: Ints
    """Where the links of each page begin; one more than there are pages."""
    links: NDArray[np.int32]
    """(m, 3) text, target and context of each link, as places in `strings`."""


@dataclass(frozen=True, eq=False)
class PageTable(Sequence[Page]):
    """Pages by row, in ascending order of paths."""

    paths: StringTable
    texts: StringTable
    topics: StringTable
    descriptions: StringTable
    days: NDArray[np.int32]
    """Proleptic ordinal of each date."""
    listed: NDArray[np.bool_]
    details: PageDetails

    @classmethod
    def of(cls, pages: Iterable[Page], digests: NDArray[np.uint64] | None = None) -> "PageTable":
        """Put pages, in any order, into the archive's order.

        Args:
            pages: The pages.
            digests: (n, 2) of their files, where the pages come from files and are in order already.
        """
        if isinstance(pages, PageTable):
            return pages
        ordered = sorted(pages, key=lambda page: path_of(page.event.slug))
        links = [part for page in ordered for link in page.related for part in (link.text, link.target, link.context)]
        strings, numbers = numbered_strings(links)
        return cls(
            paths=StringTable.of(path_of(page.event.slug) for page in ordered),
            texts=StringTable.of(page.event.text for page in ordered),
            topics=StringTable.of(page.event.topic for page in ordered),
            descriptions=StringTable.of(page.event.description for page in ordered),
            days=np.array([page.event.date.toordinal() for page in ordered], np.int32),
            listed=np.array([page.listed for page in ordered], np.bool_),
            details=PageDetails(
                digests=np.zeros((len(ordered), 2), np.uint64) if digests is None else digests,
                aliases=StringTable.of(alias for page in ordered for alias in page.aliases),
                alias_starts=_starts(len(page.aliases) for page in ordered),
                languages=np.array([_LANGUAGES.index(page.language) for page in ordered], np.uint8),
                locked=np.array([page.locked for page in ordered], np.bool_),
                pinned=StringTable.of(slug for page in ordered for slug in page.pinned),
                pinned_starts=_starts(len(page.pinned) for page in ordered),
                excluded=StringTable.of(slug for page in ordered for slug in page.excluded),
                excluded_starts=_starts(len(page.excluded) for page in ordered),
                strings=strings,
                link_starts=_starts(len(page.related) for page in ordered),
                links=numbers.reshape(-1, 3),
            ),
        )

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, place: int) -> Page: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Page]: ...

    def __getitem__(self, place: int | slice) -> Page | Sequence[Page]:
        return self._pages[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._pages == tuple(other)

    def __hash__(self) -> int:
        return hash(self._pages)

    @cached_property
    def _pages(self) -> tuple[Page, ...]:
        details, strings = self.details, list(self.details.strings)
        made: dict[tuple[int, int, int], RelatedLink] = {}
        links = []
        for text, target, context in zip(*details.links.T.tolist(), strict=True):
            link = made.get((text, target, context))
            if link is None:
                link = made[text, target, context] = RelatedLink(strings[text], strings[target], strings[context])
            links.append(link)
        aliases = _spans(details.aliases, details.alias_starts)
        pinned, excluded = (
            _spans(details.pinned, details.pinned_starts),
            _spans(details.excluded, details.excluded_starts),
        )
        events = map(
            Event,
            (path.removesuffix(".md") for path in self.paths),
            map(date.fromordinal, self.days.tolist()),
            self.texts,
            self.topics,
            self.descriptions,
        )
        pages = zip(
            events,
            (tuple(links[slice(*span)]) for span in pairwise(details.link_starts.tolist())),
            self.listed.tolist(),
            aliases,
            (_LANGUAGES[language] for language in details.languages.tolist()),
            details.locked.tolist(),
            pinned,
            excluded,
            strict=True,
        )
        return tuple(Page(*values) for values in pages)

    def content_digest(self) -> "hashlib._Hash":
        """Digest over what the pages say apart from their Related lists."""
        details, digest = self.details, hashlib.sha256()
        for table in (self.paths, self.texts, self.topics, self.descriptions, details.aliases):
            digest.update(np.ascontiguousarray(table.offsets, "<i8").tobytes() + table.data.tobytes())
        digest.update(np.ascontiguousarray(details.alias_starts, "<i8").tobytes())
        for table, starts in ((details.pinned, details.pinned_starts), (details.excluded, details.excluded_starts)):
            digest.update(np.ascontiguousarray(table.offsets, "<i8").tobytes() + table.data.tobytes())
            digest.update(np.ascontiguousarray(starts, "<i8").tobytes())
        return digest

    def with_wishes(self) -> "PageTable":
        """The pages on which an editor wants something of the list."""
        details = self.details
        wishes = np.diff(details.pinned_starts) + np.diff(details.excluded_starts)
        return self.taken(np.flatnonzero(wishes > 0))

    def languages(self) -> Counter[str]:
        """How many pages use the words of each language."""
        counts = np.bincount(self.details.languages, minlength=len(_LANGUAGES)).tolist()
        return Counter(
            {language: count for language, count in zip(_LANGUAGES, counts, strict=True) if language and count}
        )

    def taken(self, rows: Ints) -> "PageTable":
        """Some of the pages, in the given order; strings that no link of theirs has are left out."""
        details = self.details
        alias_starts, aliases = taken_spans(details.alias_starts, rows)
        pinned_starts, pinned = taken_spans(details.pinned_starts, rows)
        excluded_starts, excluded = taken_spans(details.excluded_starts, rows)
        link_starts, places = taken_spans(details.link_starts, rows)
        used, links = numbered(details.links[places], len(details.strings))
        return PageTable(
            paths=self.paths.taken(rows),
            texts=self.texts.taken(rows),
            topics=self.topics.taken(rows),
            descriptions=self.descriptions.taken(rows),
            days=self.days[rows],
            listed=self.listed[rows],
            details=PageDetails(
                digests=details.digests[rows],
                aliases=details.aliases.taken(aliases),
                alias_starts=alias_starts,
                languages=details.languages[rows],
                locked=details.locked[rows],
                pinned=details.pinned.taken(pinned),
                pinned_starts=pinned_starts,
                excluded=details.excluded.taken(excluded),
                excluded_starts=excluded_starts,
                strings=details.strings.taken(used),
                link_starts=link_starts,
                links=links.reshape(-1, 3).astype(np.int32),
            ),
        )


def joined(tables: Sequence[PageTable]) -> PageTable:
    """All pages of tables that have no path in common, in the archive's order."""
    details = [table.details for table in tables]
    strings, places = _joined_strings([one.strings for one in details])
    links = [place.astype(np.int32)[one.links] for place, one in zip(places, details, strict=True)]
    together = PageTable(
        paths=StringTable.joined([table.paths for table in tables]),
        texts=StringTable.joined([table.texts for table in tables]),
        topics=StringTable.joined([table.topics for table in tables]),
        descriptions=StringTable.joined([table.descriptions for table in tables]),
        days=np.concatenate([table.days for table in tables]),
        listed=np.concatenate([table.listed for table in tables]),
        details=PageDetails(
            digests=np.concatenate([one.digests for one in details]),
            aliases=StringTable.joined([one.aliases for one in details]),
            alias_starts=_joined_starts([one.alias_starts for one in details]),
            languages=np.concatenate([one.languages for one in details]),
            locked=np.concatenate([one.locked for one in details]),
            pinned=StringTable.joined([one.pinned for one in details]),
            pinned_starts=_joined_starts([one.pinned_starts for one in details]),
            excluded=StringTable.joined([one.excluded for one in details]),
            excluded_starts=_joined_starts([one.excluded_starts for one in details]),
            strings=strings,
            link_starts=_joined_starts([one.link_starts for one in details]),
            links=np.concatenate(links),
        ),
    )
    paths = list(together.paths)
    if all(one < other for one, other in pairwise(paths)):
        return together
    return together.taken(np.array(sorted(range(len(paths)), key=paths.__getitem__), np.int64))


def _joined_strings(tables: Sequence[StringTable]) -> tuple[StringTable, list[Ints]]:
    """Every string of tables that ascend, ascending, and where those of each have their places."""
    if len(tables) == 2 and len(tables[1]) * _FEW < len(tables[0]):
        together, *both = tables[0].with_strings(list(tables[1]))
        return together, both
    strings = list(map(list, tables))
    together, numbers = numbered_strings(list(chain.from_iterable(strings)))
    return together, np.split(numbers, np.cumsum(list(map(len, strings)))[:-1])


def _joined_starts(several: Sequence[Ints]) -> Ints:
    joined_starts = np.zeros(1 + sum(len(starts) - 1 for starts in several), np.int64)
    np.cumsum(np.concatenate([np.diff(starts) for starts in several]), out=joined_starts[1:])
    return joined_starts


def _spans(strings: StringTable, starts: Ints) -> list[tuple[str, ...]]:
    """The strings of each page."""
    found = list(strings)
    return [tuple(found[slice(*span)]) for span in pairwise(starts.tolist())]


def _starts(lengths: Iterable[int]) -> Ints:
    return np.cumsum([0, *lengths]).astype(np.int64)
