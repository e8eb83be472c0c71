"""Each value once, ascending, by sorting: NumPy's own `unique` hashes first, and takes ten times as long."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def once(values: Ints) -> Ints:
    """Each of these values once, ascending."""
    ordered = np.sort(values)
    different = np.ones(len(ordered), np.bool_)
    different[1:] = ordered[1:] != ordered[:-1]
    return ordered[different]


def counted(values: Ints) -> tuple[Ints, Ints]:
    """Each of these values once, ascending, and how often it stands there."""
    ordered = np.sort(values)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)])
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def is_among(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Whether each of these values is one of others that ascend; NumPy's own `isin` sorts, or hashes, them first."""
    if not len(ascending):
        return np.zeros(values.shape, np.bool_)
    places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    among: NDArray[np.bool_] = ascending[places] == values
    return among


def numbered(places: NDArray[np.integer], size: int) -> tuple[Ints, Ints]:
    """The different ones among places in a table, ascending, and for each place which of these it is.

    Args:
        places: Of any shape.
        size: Of the table.
    """
    counts = np.bincount(places.ravel(), minlength=size)
    renumbered: Ints = (np.cumsum(counts > 0) - 1)[places]
    return np.flatnonzero(counts), renumbered
