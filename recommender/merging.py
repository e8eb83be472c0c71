"""Which labels are one entity: `United States`, `Americans` and `U.S.`, by evidence in the archive.

Labels with one comparable name are one entity. Beyond that a page may print another label than an
older page did, and two printings of the same fact betray it:

- event q lists event c with the labels S, and c lists q with T: S and T are the same entities;
- event q lists c with S: each of S is among the labels that the day page prints for q, and for c.

A label on one side only stands for one on the other side only, surely where one is left on each.
Two labels that are printed in one set are never the same entity.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from recommender.evidence import Evidence
from recommender.labels import name_of

MIN_VOTES = 1.0
"""What two names need together: one sure case, or several unsure ones."""
MIN_SHARE = 0.5
"""Share of a name's votes that its partner must have."""

_Names = frozenset[str]


def merge_names(evidence: Evidence) -> dict[str, str]:
    """Every name that is not the first of its group → the first, in order of characters.

    Deterministic: pairs are joined from the most votes to the fewest, ties in order of names.
    """
    votes: dict[tuple[str, str], float] = defaultdict(float)
    for left, right in _disagreements(evidence):
        share = 1.0 / max(len(left), len(right))
        for one in left:
            for other in right:
                votes[min(one, other), max(one, other)] += share
    if not votes:
        return {}
    totals: dict[str, float] = defaultdict(float)
    for (one, other), count in votes.items():
        totals[one] += count
        totals[other] += count
    candidates = [
        (count, pair)
        for pair, count in votes.items()
        if count >= MIN_VOTES and count >= MIN_SHARE * max(totals[pair[0]], totals[pair[1]])
    ]
    together = _printed_together(evidence, {name for _, pair in candidates for name in pair})
    groups: dict[str, set[str]] = {}
    for _, (one, other) in sorted(candidates, key=lambda candidate: (-candidate[0], candidate[1])):
        left_group, right_group = groups.get(one, {one}), groups.get(other, {other})
        if left_group is right_group or any((a, b) in together for a in left_group for b in right_group):
            continue
        joined = left_group | right_group
        groups.update(dict.fromkeys(joined, joined))
    return {name: min(group) for name, group in sorted(groups.items()) if name != min(group)}


def _disagreements(evidence: Evidence) -> Iterator[tuple[_Names, _Names]]:
    """The names on one side only and on the other side only, wherever two printings of a fact differ."""
    names = {labels: frozenset(map(name_of, labels)) for labels in evidence.label_sets()}
    lists = {(item.page, item.item): names[item.labels] for item in evidence.items}
    for (page, item), shared in lists.items():
        back = lists.get((item, page))
        if back is not None and page < item and back != shared:
            yield from _both_sides(shared - back, back - shared)
        for row in (page, item):
            labels = evidence.day_labels.get(row)
            if labels is not None and not shared <= names[labels]:
                yield from _both_sides(shared - names[labels], names[labels] - shared)


def _both_sides(left: _Names, right: _Names) -> Iterable[tuple[_Names, _Names]]:
    return [(left, right)] if left and right else []


def _printed_together(evidence: Evidence, names: set[str]) -> set[tuple[str, str]]:
    together: set[tuple[str, str]] = set()
    for labels in set(evidence.label_sets()):
        present = names.intersection(map(name_of, labels)) if len(labels) > 1 else ()
        together.update((one, other) for one in present for other in present if one != other)
    return together
