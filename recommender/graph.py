"""Who stands near whom: the nearest texts of every event, found once, when the index is built."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.neighbours import Mask, nearest_many

NEIGHBOURS = 20
"""Of every event so many are kept."""
_BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The nearest texts of every event, itself left out; the arrays may be memory-maps."""

    neighbours: NDArray[np.int32]
    """(n, at most `NEIGHBOURS`) rows, nearest first, equally near ones ascending."""
    cosines: NDArray[np.float32]
    """(n, as many) cosine of each."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32], progress: Callable[[int, int], None] | None = None) -> "Graph":
        """Find the neighbours of all rows, exactly.

        Args:
            vectors: (n, d) unit or zero rows.
            progress: Told what is done, and its size.
        """
        n = len(vectors)
        return cls(*nearest_others(vectors, np.arange(n), min(NEIGHBOURS, max(0, n - 1)), progress))

    def density(self, rows: NDArray[np.int64], visible: Mask | None = None) -> NDArray[np.float64]:
        """How crowded it is around events: the mean cosine of their neighbours, 0 where none is visible.

        Args:
            rows: The events.
            visible: (n,) which events may be looked at, None for all.
        """
        cosines = self.cosines[rows].astype(np.float64)
        seen = np.ones(cosines.shape, np.bool_) if visible is None else visible[self.neighbours[rows]]
        counts = seen.sum(axis=1)
        sums = np.where(seen, cosines, 0.0).sum(axis=1)
        means: NDArray[np.float64] = np.divide(sums, counts, out=np.zeros(len(rows)), where=counts > 0)
        return means

    def common(self, row: int, rows: NDArray[np.int64], visible: Mask | None = None) -> NDArray[np.float64]:
        """How many neighbours each of `rows` has in common with one event."""
        marked = np.zeros(len(self.neighbours), np.bool_)
        marked[self.neighbours[row]] = True
        if visible is not None:
            marked &= visible
        counts: NDArray[np.float64] = marked[self.neighbours[rows]].sum(axis=1).astype(np.float64)
        return counts

    def back_rank(self, row: int, rows: NDArray[np.int64], visible: Mask | None = None) -> NDArray[np.float64]:
        """Place, from 0, of one event among the neighbours of each of `rows`; `NEIGHBOURS` where it is none."""
        theirs = self.neighbours[rows]
        seen = np.ones(theirs.shape, np.bool_) if visible is None else visible[theirs]
        is_query = theirs == row
        places = (np.cumsum(seen, axis=1) - 1)[is_query]
        ranks = np.full(len(rows), float(NEIGHBOURS))
        ranks[is_query.any(axis=1)] = places
        return ranks

    def votes(self, voters: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """How many of the voters have each of `rows` (ascending) among their neighbours."""
        named = self.neighbours[voters].ravel()
        if not len(rows):
            return np.zeros(0)
        places = np.minimum(np.searchsorted(rows, named), len(rows) - 1)
        counts: NDArray[np.float64] = np.bincount(places[rows[places] == named], minlength=len(rows)).astype(np.float64)
        return counts


def nearest_others(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    width: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The nearest of all other rows for each of some rows, and their cosines.

    Args:
        vectors: (n, d) unit or zero rows.
        rows: Who asks.
        width: So many each, fewer than there are rows.
        progress: Told what is done, and its size.
    """
    neighbours, cosines = np.zeros((len(rows), width), np.int32), np.zeros((len(rows), width), np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        # A row finds itself too, though not always first, nor at all where as many others have its very text.
        for place, found in enumerate(nearest_many(vectors, block, width + 1), start=start):
            others = np.flatnonzero(found.rows != rows[place])[:width]
            neighbours[place], cosines[place] = found.rows[others], found.similarities[others]
        if progress:
            progress(start + len(block), len(rows))
    return neighbours, cosines
