"""One label, several entities: `President` is another one in Egypt than in France, and pages do not say which.

The existing lists betray it. Where event q lists event c with a label, both mean the same entity by it; so for each
name the events that print it fall into groups that such lists connect, and each group is an entity of its own.

An event that is connected to none has a list that shows nobody with this name: by the archive's rule it means
something that nobody else has. Only where its page has no list yet can nothing be concluded: then it is taken to
mean what most events mean, the largest group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Senses:
    """Entities of pairs of event and name."""

    entities: dict[tuple[int, int], int]
    """(row, name) → entity; entities are numbered by name, and within a name from the largest group to the smallest."""
    names: list[int]
    """Entity → name."""
    largest: list[int]
    """Entity → the first entity of the same name: what most events mean by it."""


def split_senses(
    mentions: Sequence[tuple[int, int]],
    links: Sequence[tuple[int, int, int]],
    listed: NDArray[np.bool_],
) -> Senses:
    """Tell apart what events mean by the same name.

    Args:
        mentions: Pairs of row and name, each once, ascending.
        links: Row, other row, name: two events that mean the same by a name; both are mentions.
        listed: For each row whether its page has a list.
    """
    places = {mention: place for place, mention in enumerate(mentions)}
    rows = np.array([row for row, _ in mentions], np.int64)
    names = np.array([name for _, name in mentions], np.int64)
    left = np.array([places[row, name] for row, _, name in links], np.int64)
    right = np.array([places[other, name] for _, other, name in links], np.int64)
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(mentions), len(mentions)))
    _, groups = connected_components(graph, directed=False)
    sizes = np.bincount(groups, minlength=1)[groups] if len(groups) else groups
    first = _first_members(groups)
    # Groups of a name from the largest to the smallest, equals in the archive's order.
    order = np.lexsort((first, -sizes, names))
    leaders = _leaders(names, order, first)
    alone_and_unlisted = (sizes == 1) & ~listed[rows] if len(rows) else np.zeros(0, np.bool_)
    group = np.where(alone_and_unlisted, leaders, first)
    entity_of_group: dict[int, int] = {}
    for place in order:
        entity_of_group.setdefault(int(group[place]), len(entity_of_group))
    entities = {mention: entity_of_group[int(group[place])] for mention, place in places.items()}
    name_of = {entity_of_group[int(group[place])]: int(names[place]) for place in order}
    largest = {entity_of_group[int(group[place])]: entity_of_group[int(leaders[place])] for place in order}
    count = range(len(entity_of_group))
    return Senses(entities, [name_of[entity] for entity in count], [largest[entity] for entity in count])


def _first_members(groups: Ints) -> Ints:
    """For each place the first place of its group: a name for the group that does not depend on the algorithm."""
    first = np.full(int(groups.max()) + 1 if len(groups) else 0, len(groups), np.int64)
    np.minimum.at(first, groups, np.arange(len(groups)))
    members: Ints = first[groups]
    return members


def _leaders(names: Ints, order: Ints, first: Ints) -> Ints:
    """For each place the first member of the largest group of its name."""
    leaders = np.zeros_like(names)
    if len(order):
        sorted_names = names[order]
        starts = np.flatnonzero(np.concatenate(([True], sorted_names[1:] != sorted_names[:-1])))
        leaders[order] = np.repeat(first[order][starts], np.diff(np.append(starts, len(order))))
    return leaders
