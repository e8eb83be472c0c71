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


def numbered(places: NDArray[np.integer], size: int) -> tuple[Ints, Ints]:
    """The different ones among places in a table, ascending, and for each place which of these it is.

    Args:
        places: Of any shape.
        size: Of the table.
    """
    counts = np.bincount(places.ravel(), minlength=size)
    renumbered: Ints = (np.cumsum(counts > 0) - 1)[places]
    return np.flatnonzero(counts), renumbered
