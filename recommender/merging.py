"""Which labels are one entity: `United States`, `Americans` and `U.S.`, by evidence in the archive.

Labels with one comparable name are one entity. Beyond that a page may print another label than an
older page did, and two printings of the same fact betray it:

- event q lists event c with the labels S, and c lists q with T: S and T are the same entities;
- event q lists c with S: each of S is among the labels that the day page prints for q, and for c.

A label on one side only stands for one on the other side only, surely where one is left on each.
Two labels that are printed in one set are never the same entity.

Records betray it too: the words of a link, and the title that it leads to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from models.ascending import is_among, once
from recommender.evidence import Evidence, expanded
from recommender.labels import name_of

MIN_VOTES = 1.0
"""What two names need together: one sure case, or several unsure ones."""
MIN_SHARE = 0.5
"""Share of a name's votes that its partner must have."""
TITLE_SHARE = 0.8
"""What it takes of the links that print the same words to lead to one title, for the words to be its label."""
TITLE_LINKS = 2
"""So many links at least, where it is one word: `President` is of many countries, `Supreme Leader` of one."""

Ints = NDArray[np.int64]
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


def titles_of_words(evidence: Evidence) -> dict[str, str]:
    """Name of words that links print → name of the title that they lead to, where that is nearly always the same.

    The site prints an entity by the words of the newest link, `Americans`, and a record by its title, `United States`.
    """
    leading: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for titles in evidence.recorded.values():
        for title, words in titles.items():
            leading[name_of(words)][name_of(title)] += 1
    of_title = {name for counts in leading.values() for name in counts}
    found = {}
    for words, counts in sorted(leading.items()):
        title, count = max(sorted(counts.items()), key=lambda one: one[1])
        enough = count >= TITLE_LINKS or "-" in words
        if words not in of_title and enough and count >= TITLE_SHARE * counts.total():
            found[words] = title
    return found


def _disagreements(evidence: Evidence) -> Iterator[tuple[_Names, _Names]]:
    """The names on one side only and on the other side only, wherever two printings of a fact differ."""
    names, starts, members = _names_of_sets(evidence)
    kinds: dict[bytes, int] = {}
    sets_of_names = [members[start:end].tobytes() for start, end in pairwise(starts.tolist())]
    kind_of = np.array([kinds.setdefault(one, len(kinds)) for one in sets_of_names], np.int64)
    size = 1 + int(max(evidence.pages.max(initial=0), evidence.items.max(initial=0)))
    # Where a list names an event twice, the last counts.
    keys, last = np.unique((evidence.pages * size + evidence.items)[::-1], return_index=True)
    last = len(evidence.pages) - 1 - last
    pages, items, sets = keys // size, keys % size, evidence.item_sets[last]
    back_keys = items * size + pages
    back = np.minimum(np.searchsorted(keys, back_keys), max(0, len(keys) - 1))
    differs = (keys[back] == back_keys) & (pages < items) & (kind_of[sets] != kind_of[sets[back]])
    told = [(place, 0, int(sets[back[place]])) for place in np.flatnonzero(differs).tolist()]
    printed = np.repeat(np.arange(len(starts) - 1), np.diff(starts)) * len(names) + members
    day_of = np.full(size, -1, np.int64)
    known = evidence.days < size
    day_of[evidence.days[known]] = evidence.day_sets[known]
    for side, rows in enumerate((pages, items), start=1):
        asked = np.flatnonzero(day_of[rows] >= 0)
        owners, of_item = expanded(starts, members, sets[asked])
        missing = ~is_among(day_of[rows[asked]][owners] * len(names) + of_item, printed)
        told += [(place, side, int(day_of[rows[place]])) for place in once(asked[owners[missing]]).tolist()]
    for place, _, other in sorted(told):
        shared, others = (
            frozenset(names[member] for member in members[starts[one] : starts[one + 1]].tolist())
            for one in (int(sets[place]), other)
        )
        yield from _both_sides(shared - others, others - shared)


def _names_of_sets(evidence: Evidence) -> tuple[list[str], Ints, Ints]:
    """Every name that is printed in a set, ascending; where the names of each set begin; their numbers, each once."""
    labels, starts, numbers = evidence.printed
    named = list(map(name_of, labels))
    names = sorted(set(named))
    places = {name: place for place, name in enumerate(names)}
    number_of = np.fromiter(map(places.__getitem__, named), np.int64, len(named))
    size = max(1, len(names))
    owners, members = np.divmod(
        once(np.repeat(np.arange(len(starts) - 1), np.diff(starts)) * size + number_of[numbers]), size
    )
    return names, np.searchsorted(owners, np.arange(len(starts))), members


def _both_sides(left: _Names, right: _Names) -> Iterable[tuple[_Names, _Names]]:
    return [(left, right)] if left and right else []


def _printed_together(evidence: Evidence, names: set[str]) -> set[tuple[str, str]]:
    """Pairs of these names that are printed in one set: no two labels of one set are the same entity."""
    labels, starts, numbers = evidence.printed
    wanted = np.array([name_of(label) in names for label in labels], np.bool_)
    found = np.concatenate(([0], np.cumsum(wanted[numbers])))
    several = np.flatnonzero(found[starts[1:]] - found[starts[:-1]] > 1)
    together: set[tuple[str, str]] = set()
    for one_set in chain((evidence.sets[place] for place in several.tolist()), evidence.recorded.values()):
        present = names.intersection(map(name_of, one_set))
        together.update((one, other) for one in present for other in present if one != other)
    return together
