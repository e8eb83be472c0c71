"""One label, several entities: `President` is another one in Egypt than in France, and pages do not say which.

The existing lists betray it. Where event q lists event c with a label, both mean the same entity by it; so for each
name the events that print it fall into groups that such lists connect.

Two groups are still one entity, unless a list of the archive's rule says no: an event of the largest group that would
stand on the list of an event of another group, if they meant the same, and does not. Then that group is an entity of
its own. A list in another order is not by that rule, and says nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """For each row, who would stand on its list, but does not.

    An event that is not on the list contradicts it, if it shares more than `least[row]` entities with the row, or just
    so many and comes after `floors[row]`; but only up to `ceilings[row]`. Where that is -1 the list says nothing.
    """

    least: Ints
    floors: Ints
    ceilings: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Senses:
    """Entities of pairs of event and name."""

    entities: dict[tuple[int, int], int]
    """(row, name) → entity; entities are numbered by name, and within a name from the largest group to the smallest."""
    names: list[int]
    """Entity → name."""
    largest: list[int]
    """Entity → the first entity of the same name: what most events mean by it."""


def split_senses(mentions: Sequence[tuple[int, int]], links: Sequence[tuple[int, int, int]], gaps: Gaps) -> Senses:
    """Tell apart what events mean by the same name.

    Args:
        mentions: Pairs of row and name, each once, ascending.
        links: Row, other row, name: two events that mean the same by a name; both are mentions.
        gaps: What the lists say of events that are not on them.
    """
    if not mentions:
        return Senses({}, [], [])
    places = {mention: place for place, mention in enumerate(mentions)}
    rows, names = np.array(mentions, np.int64).T
    first = _groups([(places[row, name], places[other, name]) for row, other, name in links], len(mentions))
    sizes = np.bincount(first, minlength=len(mentions))[first]
    # Groups of a name from the largest to the smallest, equals in the archive's order.
    order = np.lexsort((first, -sizes, names))
    leaders = _leaders(names, order, first)
    apart = np.zeros(len(mentions), np.bool_)
    np.logical_or.at(apart, first, _contradicts(rows, first, leaders, gaps))
    group = np.where(apart[first], first, leaders)
    entity_of_group: dict[int, int] = {}
    for place in order.tolist():
        entity_of_group.setdefault(int(group[place]), len(entity_of_group))
    entities = {mention: entity_of_group[int(group[place])] for mention, place in places.items()}
    name_of = {entity_of_group[int(group[place])]: int(names[place]) for place in order}
    largest = {entity_of_group[int(group[place])]: entity_of_group[int(leaders[place])] for place in order}
    count = range(len(entity_of_group))
    return Senses(entities, [name_of[entity] for entity in count], [largest[entity] for entity in count])


def _groups(links: Sequence[tuple[int, int]], count: int) -> Ints:
    """For each place the first place that links connect it with: a name for its group."""
    left, right = np.array(links, np.int64).reshape(-1, 2).T
    # Only a build needs it; it would take a quarter of the time in which the service starts.
    from scipy.sparse import coo_matrix  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, groups = connected_components(graph, directed=False)
    first = np.full(int(groups.max()) + 1, count, np.int64)
    np.minimum.at(first, groups, np.arange(count))
    members: Ints = first[groups]
    return members


def _leaders(names: Ints, order: Ints, first: Ints) -> Ints:
    """For each place the first member of the largest group of its name."""
    ordered = names[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    leaders = np.zeros_like(names)
    leaders[order] = np.repeat(first[order][starts], np.diff(np.append(starts, len(order))))
    return leaders


def _contradicts(rows: Ints, first: Ints, leaders: Ints, gaps: Gaps) -> NDArray[np.bool_]:
    """For each place outside its name's largest group whether a member of that group is missing on its row's list."""
    contradicted = np.zeros(len(rows), np.bool_)
    by_group = _Postings(first, rows)
    doubtful = np.flatnonzero((first != leaders) & (gaps.ceilings[rows] >= 0))
    starts = np.searchsorted(rows, np.arange(len(gaps.least) + 1))
    for row, doubtful_places in _by_row(doubtful, rows):
        groups = first[starts[row] : starts[row + 1]]
        shared = np.bincount(np.concatenate([by_group[group] for group in groups.tolist()]), minlength=len(gaps.least))
        for place in doubtful_places:
            members = by_group[int(leaders[place])]
            count = shared[members] + 1
            missing = (count > gaps.least[row]) | ((count == gaps.least[row]) & (members > gaps.floors[row]))
            contradicted[place] = bool((missing & (members <= gaps.ceilings[row])).any())
    return contradicted


class _Postings:
    """The rows of each group, ascending."""

    def __init__(self, groups: Ints, rows: Ints) -> None:
        order = np.lexsort((rows, groups))
        self._rows = rows[order]
        self._starts = np.searchsorted(groups[order], np.arange(len(groups) + 1))

    def __getitem__(self, group: int) -> Ints:
        rows: Ints = self._rows[self._starts[group] : self._starts[group + 1]]
        return rows


def _by_row(places: Ints, rows: Ints) -> Iterator[tuple[int, list[int]]]:
    """Places of one row together; places ascend with rows."""
    for row, group in groupby(places.tolist(), key=lambda place: int(rows[place])):
        yield row, list(group)
