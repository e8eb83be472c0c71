"""What editors want of lists: events that must stand first, and events that must not stand at all.

Both come from the front matter of the query's own page, `related` and `related_exclude`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.corpus import Corpus
from recommender.errors import SlugError
from recommender.events import Page
from recommender.slugs import path_of


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """Pairs of events, ascending by who asks, then in the order of the page; the arrays may be memory-maps."""

    pinned_by: NDArray[np.int32]
    """Rows of pages that name events which must stand first."""
    pinned: NDArray[np.int32]
    """These, aligned."""
    excluded_by: NDArray[np.int32]
    excluded: NDArray[np.int32]
    """The same for events that must not stand on the list."""

    @classmethod
    def of(cls, corpus: Corpus, pages: Iterable[Page]) -> Self:
        """Read the wishes of pages; what leads to no event is passed over, `unknown_wishes` tells it."""
        pairs: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        for page in pages:
            for found, slugs in zip(pairs, (page.pinned, page.excluded), strict=True):
                row = corpus.row(page.event.slug) if slugs else -1
                rows = dict.fromkeys(other for slug in slugs if not isinstance(other := _row(corpus, slug), str))
                found += [(row, other) for other in rows if other != row]
        columns = (np.array(sorted(found, key=lambda pair: pair[0]), np.int32).reshape(-1, 2) for found in pairs)
        (pinned_by, pinned), (excluded_by, excluded) = (np.ascontiguousarray(column.T) for column in columns)
        return cls(pinned_by, pinned, excluded_by, excluded)

    @classmethod
    def none(cls) -> Self:
        """Nobody wants anything."""
        return cls(*(np.zeros(0, np.int32) for _ in range(4)))

    def __bool__(self) -> bool:
        return bool(len(self.pinned_by) or len(self.excluded_by))

    def first(self, row: int) -> NDArray[np.int64]:
        """Who must stand first on the list of a row, in this order; who must not stand there does not."""
        found = _of(self.pinned_by, self.pinned, row)
        return found[~np.isin(found, self.never(row))] if len(found) else found

    def never(self, row: int) -> NDArray[np.int64]:
        """Who must not stand on the list of a row."""
        return _of(self.excluded_by, self.excluded, row)


def unknown_wishes(corpus: Corpus, pages: Iterable[Page]) -> Iterator[str]:
    """One sentence for each slug of a page's wishes that leads to no event, or to several."""
    for page in pages:
        for name, slugs in (("related", page.pinned), ("related_exclude", page.excluded)):
            for slug in slugs:
                if isinstance(found := _row(corpus, slug), str):
                    yield f"{path_of(page.event.slug)}: {name} in the front matter is passed over, {found}"


def _row(corpus: Corpus, slug: str) -> int | str:
    """The row of a slug, or why there is none."""
    try:
        return corpus.row(slug)
    except SlugError as error:
        return str(error)


_NOBODY = np.zeros(0, np.int64)


def _of(askers: NDArray[np.int32], others: NDArray[np.int32], row: int) -> NDArray[np.int64]:
    if not len(askers):  # in most archives nobody wants anything
        return _NOBODY
    start, end = np.searchsorted(askers, [row, row + 1])
    return others[start:end].astype(np.int64)
