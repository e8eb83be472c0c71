"""Who stands near whom: the nearest texts of every event, found once, when the index is built."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.neighbours import Mask, cosines, margin, nearest, nearest_many

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
        k = min(NEIGHBOURS, max(0, n - 1))
        neighbours, cosines = np.zeros((n, k), np.int32), np.zeros((n, k), np.float32)
        for start in range(0, n, _BLOCK):
            rows = range(start, min(start + _BLOCK, n))
            # A row finds itself too, though not always first, nor at all where k others have its very text.
            for row, found in zip(rows, nearest_many(vectors, rows, k + 1), strict=True):
                others = np.flatnonzero(found.rows != row)[:k]
                neighbours[row], cosines[row] = found.rows[others], found.similarities[others]
            if progress:
                progress(rows.stop, n)
        return cls(neighbours, cosines)

    def with_row(self, vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> "Graph":
        """The graph of one row more, the last: what `of` finds with it, to the last bit.

        Args:
            vectors: (n, d) those of which this is the graph.
            vector: (d,) the further one, of unit length or zero.
        """
        n, k = len(vectors), min(NEIGHBOURS, len(vectors))
        own = nearest(vectors, vector, k)
        # Where there are fewer than could be kept, everybody gets the new row as well.
        wider = ((0, 0), (0, k - self.neighbours.shape[1]))
        neighbours = np.concatenate((np.pad(self.neighbours, wider), own.rows[None].astype(np.int32)))
        similarities = np.concatenate((np.pad(self.cosines, wider, constant_values=-np.inf), own.similarities[None]))
        last = similarities[:n, -1] if k else np.zeros(n, np.float32)
        near = np.flatnonzero(vectors @ vector >= last - margin(len(vector)))
        exact = cosines(vectors, vector, near)
        near, exact = near[exact > last[near]], exact[exact > last[near]]  # the last row stands behind its equals
        places = (similarities[near] >= exact[:, None]).sum(axis=1)[:, None]
        columns = np.arange(k)[None]
        for table, new in ((neighbours, np.full(len(near), n, np.int32)), (similarities, exact)):
            old = table[near]
            moved = np.concatenate((old[:, :1], old[:, :-1]), axis=1)
            table[near] = np.where(columns < places, old, np.where(columns == places, new[:, None], moved))
        return Graph(neighbours, similarities)

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
