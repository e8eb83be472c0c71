"""The graph of an index brought up to date: what a few new, changed and gone events change, and nothing else.

The neighbours of an event are the first of all others by cosine, then row. So only three things can change them: one
of them is gone (they are found anew), a new event is nearer than the last of them (it takes its place), and rows are
counted otherwise (they are renumbered; those that stay keep their order, so ties stay as they were).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.graph import NEIGHBOURS, Graph, nearest_others
from recommender.neighbours import cosines

MAX_SHARE = 0.2
"""Where more of the rows than this are asked anew, all are: the full search is the faster one then."""
_BLOCK = 8192


class Kept(NamedTuple):
    """Events that were there before, with the vector that they had."""

    before: NDArray[np.int64]
    """Their rows in the earlier index, ascending."""
    now: NDArray[np.int64]
    """Their rows now, ascending as well: the same events in the same order."""


def update_graph(graph: Graph, vectors: NDArray[np.float32], kept: Kept) -> Graph | None:
    """What `Graph.of(vectors)` is, to the bit; None where too much has changed for this to be the faster way.

    Args:
        graph: The earlier index's.
        vectors: (n, d) unit or zero rows, as they are now.
        kept: Which rows are those of before.
    """
    number, before = len(vectors), len(graph.neighbours)
    width = min(NEIGHBOURS, max(0, number - 1))
    if width != graph.neighbours.shape[1] or not len(kept.now):
        return None
    row_now = np.full(before, -1, np.int64)
    row_now[kept.before] = kept.now
    neighbours, similarities = np.zeros((number, width), np.int32), np.zeros((number, width), np.float32)
    neighbours[kept.now] = row_now[graph.neighbours[kept.before]]
    similarities[kept.now] = graph.cosines[kept.before]
    fresh = np.ones(number, np.bool_)
    fresh[kept.now] = False
    asked = fresh.copy()
    asked[kept.now] = (neighbours[kept.now] < 0).any(axis=1)  # of these a neighbour is gone
    if asked.sum() > MAX_SHARE * number:
        return None
    _merge(neighbours, similarities, vectors, np.flatnonzero(~asked), np.flatnonzero(fresh))
    rows = np.flatnonzero(asked)
    neighbours[rows], similarities[rows] = nearest_others(vectors, rows, width)
    return Graph(neighbours, similarities)


def _merge(
    neighbours: NDArray[np.int32],
    similarities: NDArray[np.float32],
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    fresh: NDArray[np.int64],
) -> None:
    """Let new events take the places that are theirs among the neighbours of others."""
    if not len(fresh) or not neighbours.shape[1]:
        return
    owners, others = _near_pairs(vectors, rows, fresh, similarities)
    exact = np.empty(len(owners), np.float32)
    order = np.argsort(others, kind="stable")
    for span in _runs(others[order]):
        places = order[span]
        exact[places] = cosines(vectors, np.asarray(vectors[others[places[0]]]), owners[places])
    order = np.argsort(owners, kind="stable")
    for span in _runs(owners[order]):
        places = order[span]
        row = owners[places[0]]
        candidates = np.concatenate((neighbours[row], others[places]))
        nearness = np.concatenate((similarities[row], exact[places]))
        first = np.lexsort((candidates, -nearness))[: neighbours.shape[1]]
        neighbours[row], similarities[row] = candidates[first], nearness[first]


def _near_pairs(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    fresh: NDArray[np.int64],
    similarities: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a row and a new event that may be nearer to it than its last neighbour; a rough product finds them."""
    queries = np.asarray(vectors[fresh]).T
    # Rough and exact differ by less than this: see `neighbours._margin`, where both sides are rough.
    margin = np.float32(4.0 * vectors.shape[1] * 2.0**-24)
    found = []
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        places, columns = np.nonzero(np.asarray(vectors[block]) @ queries >= similarities[block, -1:] - margin)
        found.append((block[places], fresh[columns]))
    if not found:
        return rows, rows
    return np.concatenate([owners for owners, _ in found]), np.concatenate([others for _, others in found])


def _runs(ascending: NDArray[np.int64]) -> Iterator[slice]:
    """Where equal values stand together."""
    ends = np.append(np.flatnonzero(np.diff(ascending)) + 1, len(ascending)).tolist()
    return (slice(start, end) for start, end in pairwise([0, *ends]) if end > start)
