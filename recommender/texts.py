"""Nearest texts, exactly and fast: rough similarities tell who may be among the first k, their cosines decide.

What they find is what `neighbours.nearest` finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
from models.scratch import scratch
from recommender.neighbours import Mask, Neighbours, cosines, cosines_of
from recommender.rough import Codes, Rough
from recommender.selection import mark_first, may_be_first, may_be_first_of


class Near(NamedTuple):
    """The nearest rows and their cosines."""

    rows: NDArray[np.int64]
    """Ascending."""
    cosines: NDArray[np.float32]
    """Of each."""

    def joined(self, other: "Near") -> "Near":
        """Those of both, each once."""
        rows, first = np.unique(np.concatenate((self.rows, other.rows)), return_index=True)
        return Near(rows, np.concatenate((self.cosines, other.cosines))[first])


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The vectors of an archive in the forms that finding the nearest takes, and their days."""

    vectors: NDArray[np.float32]
    """(n, d) unit or zero rows."""
    codes: Codes
    by_day: NDArray[np.int32]
    """Rows by day, those of a day ascending."""
    days: NDArray[np.int32]
    """The days of `by_day`."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32], codes: Codes, days: NDArray[np.int32]) -> "Texts":
        """Sort the rows by day.

        Args:
            vectors: (n, d) unit or zero rows.
            codes: The same as bytes.
            days: Day of each; those of further events, which have no vector here, may follow.
        """
        known = np.asarray(days)[: len(vectors)]
        by_day = np.argsort(known, kind="stable").astype(np.int32)
        vectors, by_day = read_only(vectors, by_day)
        return cls(vectors, codes, by_day, known[by_day])

    def near(
        self,
        rough: Rough,
        query_vector: NDArray[np.float32],
        allowed: Mask,
        count: int,
        windows: tuple[int, Sequence[int]] = (0, ()),
    ) -> "Near":
        """The rows nearest to a vector among those allowed, and the nearest within each window.

        Args:
            rough: Similarities of the vector with all rows.
            query_vector: (d,) of unit length, or zero.
            allowed: (n,) which rows may be found.
            count: At most so many of all and of each window.
            windows: A day, and the days before and after it that each window has.
        """
        day, widths = windows
        edges = np.array(widths, self.days.dtype)  # of another kind, all days would be converted first
        low = np.searchsorted(self.days, day - edges, "left")
        high = np.searchsorted(self.days, day + edges, "right")
        known = scratch("cosines", len(self.vectors), np.float32)
        wide = query_vector.astype(np.float64)
        return Near(*_near(*rough, allowed, count, self.by_day, low, high, self.vectors, wide, known))


@compiled
def _near(
    rough: NDArray[np.float32],
    errors: NDArray[np.float32],
    own: float,
    relative: float,
    allowed: Mask,
    count: int,
    by_day: NDArray[np.int32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    vectors: NDArray[np.float32],
    query: NDArray[np.float64],
    known: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    marks = np.zeros(len(vectors), np.bool_)
    for window in range(-1, len(low)):
        if window < 0:
            rows = may_be_first(rough, errors, own, relative, allowed, count)
        else:
            of_window = by_day[low[window] : high[window]]
            rows = may_be_first_of(rough, errors, own, relative, allowed, count, of_window)
        found = cosines_of(vectors, query, rows)
        for place in range(len(rows)):
            known[rows[place]] = found[place]
        mark_first(found, rows, count, marks)
    rows = np.flatnonzero(marks)
    return rows, known[rows]


@compiled
def completed(
    vectors: NDArray[np.float32],
    query: NDArray[np.float64],
    rows: NDArray[np.int64],
    known_rows: NDArray[np.int64],
    known: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Cosine of a vector with each of some rows, of which some are known.

    Args:
        vectors: (n, d) unit or zero rows.
        query: (d,) of unit length, or zero.
        rows: Ascending.
        known_rows: Some of them.
        known: Their cosines.
    """
    found, unknown = np.empty(len(rows), np.float32), np.ones(len(rows), np.bool_)
    place = 0
    for i in range(len(known_rows)):
        while rows[place] < known_rows[i]:
            place += 1
        found[place], unknown[place] = known[i], False
    found[unknown] = cosines_of(vectors, query, rows[unknown])
    return found


def nearest_of(
    vectors: NDArray[np.float32], rough: Rough, query_vector: NDArray[np.float32], k: int, allowed: Mask
) -> Neighbours:
    """The k rows nearest to a vector: what `neighbours.nearest` finds.

    Args:
        vectors: (n, d) unit or zero rows.
        rough: Similarities of the vector with all rows.
        query_vector: (d,) of unit length, or zero.
        k: At most so many; fewer only where fewer are allowed.
        allowed: (n,) which rows may be found.
    """
    rows = np.sort(may_be_first(*rough, allowed, k))
    similarities = cosines(vectors, query_vector, rows)
    order = np.argsort(-similarities, kind="stable")[: max(k, 0)]
    return Neighbours(rows[order], similarities[order])
