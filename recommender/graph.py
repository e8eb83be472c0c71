"""Who stands near whom: the nearest texts of every event, found once, when the index is built."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
from models.products import Products
from recommender.neighbours import Mask, Neighbours, cosines, margin, nearest, nearest_many
from recommender.rough import MANY, Roughly
from recommender.texts import nearest_of
from recommender.threads import mapped

NEIGHBOURS = 20
"""Of every event so many are kept."""
_BLOCK = 512


class Surroundings(NamedTuple):
    """A graph, read in both directions."""

    neighbours: NDArray[np.int32]
    """As of `Graph`, like the next."""
    cosines: NDArray[np.float32]
    densities: NDArray[np.float64]
    """How crowded it is around each event: the mean cosine of its neighbours, 0 where it has none."""
    starts: NDArray[np.int64]
    """Where the events that have an event among their neighbours begin in `namers`; one more than there are events."""
    namers: NDArray[np.int32]
    """Ascending within an event."""


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

    def surroundings(self) -> Surroundings:
        """The same pairs by who is named, too."""
        n = len(self.neighbours)
        densities = _densities(self.neighbours, self.cosines, np.arange(n), np.ones(n, np.bool_))
        known = (self.neighbours, self.cosines, densities, *_reversed(self.neighbours))
        return Surroundings(*read_only(*known))


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
    found = _found(vectors, rows, width + 1)
    for place, (others, similarities) in enumerate(found):
        # A row finds itself too, though not always first, nor at all where as many others have its very text.
        kept = np.flatnonzero(others != rows[place])[:width]
        neighbours[place], cosines[place] = others[kept], similarities[kept]
        if progress and ((place + 1) % _BLOCK == 0 or place + 1 == len(rows)):
            progress(place + 1, len(rows))
    return neighbours, cosines


def _found(vectors: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> Iterator[Neighbours]:
    if len(rows) < MANY:
        for start in range(0, len(rows), _BLOCK):
            yield from nearest_many(vectors, rows[start : start + _BLOCK], k)
        return
    everyone, roughly = np.ones(len(vectors), np.bool_), Roughly(vectors, Products.of(vectors))

    def nearest(asked: Sequence[int]) -> Iterator[Neighbours]:
        for row, rough in zip(asked, roughly.of_rows(asked), strict=True):
            yield nearest_of(vectors, rough, vectors[row], k, everyone)

    yield from mapped(nearest, rows.tolist(), roughly.size)


@compiled
def _densities(
    neighbours: NDArray[np.int32], cosines: NDArray[np.float32], rows: NDArray[np.int64], visible: Mask
) -> NDArray[np.float64]:
    densities = np.zeros(len(rows), np.float64)
    for i in range(len(rows)):
        total, seen = 0.0, 0
        for place in range(neighbours.shape[1]):
            if visible[neighbours[rows[i], place]]:
                total += cosines[rows[i], place]
                seen += 1
        densities[i] = total / seen if seen else 0.0
    return densities


@compiled
def _reversed(neighbours: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    n, k = neighbours.shape
    starts, namers = np.zeros(n + 1, np.int64), np.empty(n * k, np.int32)
    for row in range(n):
        for place in range(k):
            starts[neighbours[row, place] + 1] += 1
    for row in range(n):
        starts[row + 1] += starts[row]
    ends = starts[:-1].copy()
    for row in range(n):
        for place in range(k):
            other = neighbours[row, place]
            namers[ends[other]] = row
            ends[other] += 1
    return starts, namers


@compiled
def write_neighbours(
    known: Surroundings,
    row: int,
    rows: NDArray[np.int64],
    voters: NDArray[np.int64],
    visible: Mask,
    everything: bool,
    cosine: NDArray[np.float64],
    places: NDArray[np.int64],
    matrix: NDArray[np.float64],
) -> None:
    """Write what neighbours tell of candidates.

    Args:
        known: Of all events.
        row: The query.
        rows: The candidates.
        voters: The query and events that are likely good.
        visible: (n,) which events may be looked at.
        everything: Whether all are visible.
        cosine: Of each candidate and the query.
        places: Where the columns are in the matrix: density, common_neighbours, back_rank, votes, query_density and
            csls of `features.GROUPS`.
        matrix: One row a candidate.
    """
    neighbours, cosines, densities, starts, namers = known
    if everything:
        around, own_density = densities[rows], densities[row]
    else:
        around = _densities(neighbours, cosines, rows, visible)
        own_density = _densities(neighbours, cosines, np.full(1, row), visible)[0]
    nowhere = float(NEIGHBOURS)
    votes, common = np.zeros(len(neighbours), np.uint8), np.zeros(len(neighbours), np.uint8)
    for voter in voters:
        for other in neighbours[voter]:
            votes[other] += 1
    for other in neighbours[row]:
        if visible[other]:
            for namer in namers[starts[other] : starts[other + 1]]:
                common[namer] += 1
    names_query = np.zeros(len(neighbours), np.bool_)
    for namer in namers[starts[row] : starts[row + 1]]:
        names_query[namer] = True
    for i in range(len(rows)):
        back = nowhere
        if names_query[rows[i]]:
            back = 0.0
            for other in neighbours[rows[i]]:
                if other == row:
                    break
                back += visible[other]
        matrix[i, places[0]] = around[i]
        matrix[i, places[1]] = common[rows[i]]
        matrix[i, places[2]] = back
        matrix[i, places[3]] = votes[rows[i]]
        matrix[i, places[4]] = own_density
        matrix[i, places[5]] = 2.0 * cosine[i] - around[i] - own_density
