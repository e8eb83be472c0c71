"""One label, several entities: `President` is another one in Egypt than in France, and pages do not say which.

The existing lists betray it. Where event q lists event c with a label, both mean the same entity by it; so for each
name the events that print it fall into groups that such lists connect.

Two groups are still one entity, unless a list of the archive's rule says no: an event of the largest group that would
stand on the list of an event of another group, if they meant the same, and does not. Then that group is an entity of
its own. A list in another order is not by that rule, and says nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from recommender.gaps import Gaps

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Senses:
    """Entities of pairs of event and name."""

    mentions: Ints
    """Each pair as one number, `row * size + name`, ascending."""
    size: int
    """Names there are, 1 at least."""
    entities: Ints
    """Of each mention; entities are numbered by name, and within a name from the largest group to the smallest."""
    largest: Ints
    """Entity → the first entity of the same name: what most events mean by it."""

    def of(self, rows: Ints, names: Ints) -> Ints:
        """The entities of pairs of row and name, which must be mentions."""
        entities: Ints = self.entities[np.searchsorted(self.mentions, rows * self.size + names)]
        return entities


def split_senses(mentions: Ints, size: int, links: tuple[Ints, Ints, Ints], gaps: Gaps) -> Senses:
    """Tell apart what events mean by the same name.

    Args:
        mentions: Pairs of row and name as one number, `row * size + name`, each once, ascending.
        size: Names there are, 1 at least.
        links: Row, other row, name: two events that mean the same by a name; both are mentions.
        gaps: What the lists say of events that are not on them.
    """
    if not len(mentions):
        return Senses(mentions, size, mentions, mentions)
    rows, names = np.divmod(mentions, size)
    one, other = (np.searchsorted(mentions, side * size + links[2]) for side in links[:2])
    first = _groups(one, other, len(mentions))
    sizes = np.bincount(first, minlength=len(mentions))[first]
    # Groups of a name from the largest to the smallest, equals in the archive's order.
    order = np.lexsort((first, -sizes, names))
    leaders = _leaders(names, order, first)
    apart = np.zeros(len(mentions), np.bool_)
    np.logical_or.at(apart, first, _contradicts(rows, first, leaders, gaps))
    group = np.where(apart[first], first, leaders)
    # A group is numbered where its first member stands in that order.
    members = group[order]
    place = np.empty(len(mentions), np.int64)
    place[members[::-1]] = np.arange(len(members))[::-1]  # of a group's places the one that is written last: its first
    begins = np.zeros(len(mentions), np.bool_)
    begins[place[members]] = True
    entities = np.empty(len(mentions), np.int64)
    entities[order] = (np.cumsum(begins) - 1)[place[members]]
    largest = np.empty(begins.sum(), np.int64)
    largest[entities] = entities[leaders]
    return Senses(mentions, size, entities, largest)


def _groups(left: Ints, right: Ints, count: int) -> Ints:
    """For each place the first place that links connect it with: a name for its group."""
    first = np.arange(count)
    _connect(left, right, first)
    return first


@compiled
def _connect(left: Ints, right: Ints, first: Ints) -> None:
    """Disjoint sets by union and halved paths; the root of each is its first place."""
    for link in range(len(left)):
        one, other = left[link], right[link]
        while first[one] != one:
            first[one] = first[first[one]]
            one = first[one]
        while first[other] != other:
            first[other] = first[first[other]]
            other = first[other]
        first[max(one, other)] = min(one, other)
    for place in range(len(first)):
        first[place] = first[first[place]]  # what stands ahead of it knows its root already


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
    doubtful = np.flatnonzero((first != leaders) & (gaps.ceilings[rows] >= 0))
    by_group = np.argsort(first, kind="stable")  # rows ascend, and so do those of a group
    group_starts = np.searchsorted(first[by_group], np.arange(len(first) + 1))
    starts = np.searchsorted(rows, np.arange(len(gaps.least) + 1))
    groups = (first, group_starts, rows[by_group])
    _contradict(doubtful, rows, starts, groups, leaders, (gaps.least, gaps.floors, gaps.ceilings), contradicted)
    return contradicted


@compiled
def _contradict(
    doubtful: Ints,
    rows: Ints,
    starts: Ints,
    groups: tuple[Ints, Ints, Ints],
    leaders: Ints,
    gaps: tuple[Ints, Ints, Ints],
    contradicted: NDArray[np.bool_],
) -> None:
    group_of, group_starts, members = groups
    least, floors, ceilings = gaps
    shared = np.zeros(len(least), np.int64)
    for i in range(len(doubtful)):
        row, place = rows[doubtful[i]], doubtful[i]
        if i == 0 or rows[doubtful[i - 1]] != row:
            shared[:] = 0
            for own in range(starts[row], starts[row + 1]):
                for member in range(group_starts[group_of[own]], group_starts[group_of[own] + 1]):
                    shared[members[member]] += 1
        for member in range(group_starts[leaders[place]], group_starts[leaders[place] + 1]):
            other = members[member]
            if other > ceilings[row]:
                break
            count = shared[other] + 1
            if count > least[row] or (count == least[row] and other > floors[row]):
                contradicted[place] = True
                break
