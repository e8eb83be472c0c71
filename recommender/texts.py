"""Nearest texts, exactly and fast: rough similarities tell who may be among the first k, their cosines decide.

What they find is what `neighbours.nearest` finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.neighbours import Mask, Neighbours, cosines
from recommender.rough import Codes, Rough
from recommender.selection import mark_first, may_be_first, may_be_first_of


class Near(NamedTuple):
    """The nearest rows, and what became known on the way."""

    rows: NDArray[np.int64]
    """Ascending."""
    cosines: NDArray[np.float32]
    """(n,) of those that were computed, NaN of the others."""


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
        low = np.searchsorted(self.days, [day - width for width in widths], "left")
        high = np.searchsorted(self.days, [day + width for width in widths], "right")
        marks, known = np.zeros(len(self.vectors), np.bool_), np.full(len(self.vectors), np.nan, np.float32)
        rows = may_be_first(*rough, allowed, count)
        mark_first(self.cosines(query_vector, rows, known), rows, count, marks)
        for first, last in zip(low.tolist(), high.tolist(), strict=True):
            rows = may_be_first_of(*rough, allowed, count, self.by_day[first:last])
            mark_first(self.cosines(query_vector, rows, known), rows, count, marks)
        return Near(np.flatnonzero(marks), known)

    def cosines(
        self, query_vector: NDArray[np.float32], rows: NDArray[np.int64], known: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Cosine of a vector with each of some rows; those that are known are not computed again.

        Args:
            query_vector: (d,) of unit length, or zero.
            rows: The rows that are asked for.
            known: (n,) gets what is computed, NaN where nothing was.
        """
        found = known[rows]
        unknown = np.isnan(found)
        missing = rows[unknown]
        found[unknown] = known[missing] = cosines(self.vectors, query_vector, missing)
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
