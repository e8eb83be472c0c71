"""The best few of many values: who may be among them where values are rough, and exactly who where they are not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

_RUN = 32
ROUNDING = 1e-5
"""More than single precision loses on the way to a rough similarity."""


@compiled
def kth_largest(values: NDArray[np.float64], k: int) -> Any:  # noqa: ANN401 - a number like the values
    """The k-th largest value, from 1; what everybody reaches where there are fewer, what nobody reaches for none.

    Hoare's selection ("Algorithm 65: Find", 1961).
    """
    place = len(values) - k
    if place < 0 or k < 1:
        return -np.inf if place < 0 else np.inf
    found = values.copy()
    first, last = 0, len(found) - 1
    while first < last:
        pivot = found[(first + last) >> 1]
        i, j = first, last
        while i <= j:
            while found[i] < pivot:
                i += 1
            while found[j] > pivot:
                j -= 1
            if i <= j:
                found[i], found[j] = found[j], found[i]
                i += 1
                j -= 1
        if place <= j:
            last = j
        elif place >= i:
            first = i
        else:
            break
    return found[place]


@compiled
def _doubt(value: np.float32, lost: np.float32, factor: np.float32, share: np.float32, once: np.float32) -> Any:  # noqa: ANN401 - a number like the values
    """How far a rough value may be from the true one: what its row lost, a share of itself, and what the query lost."""
    return factor * lost + share * abs(value) + once


@compiled
def may_be_first(
    rough: NDArray[np.float32],
    errors: NDArray[np.float32],
    own: float,
    relative: float,
    allowed: NDArray[np.bool_],
    k: int,
) -> NDArray[np.int64]:
    """Rows whose true value may be among the k largest of those allowed, in any order.

    With x = x' + e and y = y' + f, xy - x'y' = ey + x'f: at most |e| + (1 + |e|)|f| for rows of unit length.

    Args:
        rough: Value of each row.
        errors: |e| of each row.
        own: |f| of the query.
        relative: Share of it that a value may be wrong by on top.
        allowed: Which rows count.
        k: How many are wanted.
    """
    n = len(rough)
    runs = max(1, n // _RUN)
    nothing, once, share = np.float32(-np.inf), np.float32(own + ROUNDING), np.float32(relative)
    factor = np.float32(1.0 + own)
    least, most = np.full(runs, nothing, np.float32), np.full(runs, nothing, np.float32)
    for start in range(0, n, runs):  # run j is rows j, j + runs, j + 2 runs, …: many maxima at once
        values, lost, counts = rough[start : start + runs], errors[start : start + runs], allowed[start : start + runs]
        for j in range(len(values)):
            value = values[j] if counts[j] else nothing
            doubt = _doubt(values[j], lost[j], factor, share, once)
            low, high = value - doubt, value + doubt
            least[j] = max(least[j], low)
            most[j] = max(most[j], high)
    cut = np.float32(kth_largest(least, k))  # k rows at least have as much
    most_rows = 0
    for j in range(runs):
        if most[j] >= cut:
            most_rows += (n - 1 - j) // runs + 1
    found, low_ends = np.empty(most_rows, np.int64), np.empty(most_rows, np.float32)
    count = 0
    for j in range(runs):
        if most[j] >= cut:
            for row in range(j, n, runs):
                doubt = _doubt(rough[row], errors[row], factor, share, once)
                if allowed[row] and rough[row] + doubt >= cut:
                    found[count], low_ends[count] = row, rough[row] - doubt
                    count += 1
    cut = np.float32(kth_largest(low_ends[:count], k))
    kept = 0
    for place in range(count):
        row = found[place]
        if rough[row] + _doubt(rough[row], errors[row], factor, share, once) >= cut:
            found[kept] = row
            kept += 1
    return found[:kept]


@compiled
def may_be_first_of(
    rough: NDArray[np.float32],
    errors: NDArray[np.float32],
    own: float,
    relative: float,
    allowed: NDArray[np.bool_],
    k: int,
    rows: NDArray[np.int32],
) -> NDArray[np.int64]:
    """The same of some rows only."""
    once, share, factor = np.float32(own + ROUNDING), np.float32(relative), np.float32(1.0 + own)
    low_ends = np.empty(len(rows), np.float32)
    count = 0
    for row in rows:
        if allowed[row]:
            low_ends[count] = rough[row] - _doubt(rough[row], errors[row], factor, share, once)
            count += 1
    cut = np.float32(kth_largest(low_ends[:count], k))
    found = np.empty(count, np.int64)
    kept = 0
    for row in rows:
        if allowed[row] and rough[row] + _doubt(rough[row], errors[row], factor, share, once) >= cut:
            found[kept] = row
            kept += 1
    return found[:kept]


@compiled
def mark_first(values: NDArray[np.float32], rows: NDArray[np.int64], k: int, marks: NDArray[np.bool_]) -> None:
    """Mark the k of some rows that have the largest values; of equals the first rows.

    Args:
        values: Of each of `rows`.
        rows: Places in `marks`, each once, in any order.
        k: At most so many.
        marks: Of all rows.
    """
    cut = kth_largest(values, k)
    left, equal = k, 0
    for place in range(len(rows)):
        if values[place] > cut:
            marks[rows[place]] = True
            left -= 1
        equal += values[place] == cut
    last = np.int64(len(marks))
    if left < equal:  # the row of the last of the equals that belongs
        own = np.empty(equal, np.float64)
        equal = 0
        for place in range(len(rows)):
            if values[place] == cut:
                own[equal] = -rows[place]
                equal += 1
        last = np.int64(-kth_largest(own, left)) if left > 0 else np.int64(-1)
    for place in range(len(rows)):
        if values[place] == cut and rows[place] <= last:
            marks[rows[place]] = True


@compiled
def first_positive(
    values: NDArray[np.float64], allowed: NDArray[np.bool_], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows that hold the k largest positive values of those allowed, all that equal the last of them, few others.

    Returns:
        Rows in any order, and their values.
    """
    n = len(values)
    runs = max(1, n // _RUN)
    most = np.zeros(runs, np.float64)
    for start in range(0, n, runs):
        some, counts = values[start : start + runs], allowed[start : start + runs]
        for j in range(len(some)):
            value = some[j] if counts[j] else 0.0
            most[j] = max(most[j], value)
    cut = kth_largest(most, k)
    most_rows = 0
    for j in range(runs):
        if most[j] >= cut and most[j] > 0.0:
            most_rows += (n - 1 - j) // runs + 1
    rows, found = np.empty(most_rows, np.int64), np.empty(most_rows, np.float64)
    count = 0
    for j in range(runs):
        if most[j] >= cut and most[j] > 0.0:
            for row in range(j, n, runs):
                if allowed[row] and values[row] >= cut and values[row] > 0.0:
                    rows[count], found[count] = row, values[row]
                    count += 1
    return rows[:count], found[:count]
