"""Who stands near whom: the nearest texts of every event, found once, when the index is built."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from recommender.neighbours import Mask, Neighbours, nearest_many
from recommender.rough import MANY, Rough, product_blocks
from recommender.texts import nearest_of
from recommender.threads import mapped

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

    def write(
        self,
        row: int,
        rows: NDArray[np.int64],
        voters: NDArray[np.int64],
        visible: Mask | None,
        cosine: NDArray[np.float64],
        places: NDArray[np.int64],
        matrix: NDArray[np.float64],
    ) -> None:
        """Write what neighbours tell of candidates.

        Args:
            row: The query.
            rows: The candidates.
            voters: The query and events that are likely good.
            visible: (n,) which events may be looked at, None for all.
            cosine: Of each candidate and the query.
            places: Where the columns are in the matrix: density, common_neighbours, back_rank, votes, query_density and
                csls of `features.GROUPS`.
            matrix: One row a candidate.
        """
        known = (self.neighbours, self.cosines, float(NEIGHBOURS))
        seen = np.ones(len(self.neighbours), np.bool_) if visible is None else visible
        _write(*known, row, rows, voters, seen, cosine, places, matrix)


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
    done = 0
    for block in _found(vectors, rows, width + 1):
        # A row finds itself too, though not always first, nor at all where as many others have its very text.
        for found in block:
            others = np.flatnonzero(found.rows != rows[done])[:width]
            neighbours[done], cosines[done] = found.rows[others], found.similarities[others]
            done += 1
        if progress:
            progress(done, len(rows))
    return neighbours, cosines


def _found(vectors: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> Iterator[list[Neighbours]]:
    if len(rows) < MANY:
        for start in range(0, len(rows), _BLOCK):
            yield nearest_many(vectors, rows[start : start + _BLOCK], k)
        return
    everyone = np.ones(len(vectors), np.bool_)

    def nearest(asked: tuple[int, Callable[[], Rough]]) -> Neighbours:
        row, rough = asked
        return nearest_of(vectors, rough(), vectors[row], k, everyone)

    yield from mapped(nearest, product_blocks(vectors, rows.tolist()))


@compiled
def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0


@compiled
def _write(
    neighbours: NDArray[np.int32],
    cosines: NDArray[np.float32],
    nowhere: float,
    row: int,
    rows: NDArray[np.int64],
    voters: NDArray[np.int64],
    visible: Mask,
    cosine: NDArray[np.float64],
    places: NDArray[np.int64],
    matrix: NDArray[np.float64],
) -> None:
    count = neighbours.shape[1]
    kinds = visible.astype(np.uint8)  # 0 not to be looked at, 1 to be looked at, 3 a neighbour of the query too
    around, seen = 0.0, 0
    for place in range(count):
        other = neighbours[row, place]
        if kinds[other]:
            kinds[other] = 3
            around += cosines[row, place]
            seen += 1
    around = _mean(around, seen)
    votes = np.zeros(len(neighbours), np.uint8)
    for voter in voters:
        for place in range(count):
            votes[neighbours[voter, place]] += 1
    for i in range(len(rows)):
        own, theirs = neighbours[rows[i]], cosines[rows[i]]
        total, common, seen, back = 0.0, 0, 0, nowhere
        for place in range(count):
            kind = kinds[own[place]]
            if own[place] == row:
                back = float(seen)
            if kind:
                total += theirs[place]
                seen += 1
                common += kind >> 1
        density = _mean(total, seen)
        matrix[i, places[0]] = density
        matrix[i, places[1]] = common
        matrix[i, places[2]] = back
        matrix[i, places[3]] = votes[rows[i]]
        matrix[i, places[4]] = around
        matrix[i, places[5]] = 2.0 * cosine[i] - density - around
