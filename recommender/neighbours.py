"""Nearest texts: the exact top k by cosine over unit rows, ties by row, the same whether asked alone or together."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, prefetch

_BLOCK_BYTES = 64 * 2**20  # of similarities at a time: 253 queries to 66,000 rows
_RUN = 32

_AHEAD, _LINES, _LINE = 8, 4, 16  # rows, lines of the cache and numbers of a line that are asked for in advance

Mask = NDArray[np.bool_]


class Neighbours(NamedTuple):
    """Rows, nearest first; equally near ones ascend."""

    rows: NDArray[np.int64]
    """(at most k,) places in the corpus."""
    similarities: NDArray[np.float32]
    """(at most k,) cosine of each, falling."""


def nearest(
    vectors: NDArray[np.float32], query_vector: NDArray[np.float32], k: int, *, allowed: Mask | None = None
) -> Neighbours:
    """Find the k rows nearest to a vector.

    Args:
        vectors: (n, d) unit or zero rows; may be a read-only memory-map.
        query_vector: (d,) of unit length, or zero.
        k: At most so many; fewer only where fewer are allowed.
        allowed: (n,) which rows may be found, None for all.
    """
    return _select(vectors, query_vector, vectors @ query_vector, k, allowed)


def nearest_many(
    vectors: NDArray[np.float32],
    query_rows: Sequence[int] | NDArray[np.integer],
    k: int,
    *,
    allowed: Callable[[int], Mask | None] | None = None,
) -> list[Neighbours]:
    """Find the k rows nearest to each of many rows: what `nearest` finds for each, to the last bit, but faster.

    Args:
        vectors: (n, d) unit or zero rows; may be a read-only memory-map.
        query_rows: The rows that ask.
        k: At most so many each; a row finds itself too, unless `allowed` says no.
        allowed: Gives the mask of a query row, see `nearest`; None for all rows.
    """
    query_rows = np.asarray(query_rows, dtype=np.int64)
    size = max(1, _BLOCK_BYTES // (vectors.itemsize * max(1, len(vectors))))
    found = []
    for start in range(0, len(query_rows), size):
        rows = query_rows[start : start + size]
        queries = np.asarray(vectors[rows])
        for row, query_vector, rough in zip(rows.tolist(), queries, queries @ vectors.T, strict=True):
            found.append(_select(vectors, query_vector, rough, k, allowed(row) if allowed else None))
    return found


def _select(
    vectors: NDArray[np.float32],
    query_vector: NDArray[np.float32],
    rough: NDArray[np.float32],
    k: int,
    allowed: Mask | None,
) -> Neighbours:
    # A matrix product is fast, but its last bits change with the number of queries and of threads, and near ties
    # would change places with them. It only finds who can be among the first k; these are then computed anew.
    places = np.arange(len(rough)) if allowed is None else np.flatnonzero(allowed)
    if 0 < k < len(places):
        found = rough if len(places) == len(rough) else rough[places]
        few = np.flatnonzero(found >= _at_most_kth_largest(found, k) - margin(len(query_vector)))
        cut = np.partition(found[few], len(few) - k)[len(few) - k]
        places = places[few[found[few] >= cut - margin(len(query_vector))]]
    similarities = cosines(vectors, query_vector, places)
    order = np.lexsort((places, -similarities))[: max(k, 0)]
    return Neighbours(places[order].astype(np.int64), similarities[order])


def _at_most_kth_largest(values: NDArray[np.float32], k: int) -> np.float32:
    """Return a value that at least k of these reach: the k-th largest of the maxima of short runs, for speed."""
    runs = len(values) // _RUN
    if runs < 2 * k:
        return np.float32(-np.inf)
    maxima = values[: runs * _RUN].reshape(runs, _RUN).max(axis=1)
    reached: np.float32 = np.partition(maxima, runs - k)[runs - k]
    return reached


def margin(dimensions: int) -> float:
    """How far two similarities of unit rows can be out of order, if a matrix product made them.

    Each errs by at most d·u in single precision (u = 2⁻²⁴), whatever the order of summation: Higham 2002,
    "Accuracy and Stability of Numerical Algorithms", section 3.1. Twice for two of them, twice again to be safe.
    """
    return 4.0 * dimensions * 2.0**-24


def cosines(
    vectors: NDArray[np.float32], query_vector: NDArray[np.float32], rows: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Cosine of one unit vector with each of some rows; it depends on nothing but the two vectors.

    Summed in double precision in one order: the last bits of a matrix product change with the number of rows, and
    the order of near ties would change with them.

    Args:
        vectors: (n, d) unit or zero rows.
        query_vector: (d,) of unit length, or zero.
        rows: The rows that are asked for.
    """
    return cosines_of(vectors, query_vector.astype(np.float64), np.asarray(rows, np.int64))


@compiled
def cosines_of(
    vectors: NDArray[np.float32], query: NDArray[np.float64], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What `cosines` gives, for compiled callers.

    Products are exact in double precision; of their sum the second half is added to the first until one is left.
    """
    found = np.empty(len(rows), np.float32)
    products = np.zeros(max(1, len(query)), np.float64)
    flat, dimensions = vectors.reshape(-1), len(query)
    for place in range(len(rows)):
        if place + _AHEAD < len(rows) and dimensions >= _LINE * _LINES:  # rows lie far apart in memory
            for line in range(_LINES):
                prefetch(flat, rows[place + _AHEAD] * dimensions + line * _LINE)
        own = vectors[rows[place]]
        for i in range(len(query)):
            products[i] = own[i] * query[i]
        left = len(query)
        while left > 1:
            half = (left + 1) // 2
            for i in range(left - half):
                products[i] += products[half + i]
            left = half
        found[place] = np.float32(products[0])
    return found
