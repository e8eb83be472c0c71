"""Near-duplicates: one event that the archive has twice. By words alone, so the encoder has no say in it.

Two events are near-duplicates where they lie at most `DAYS` apart, have the same numbers (a toll that rises is news),
and share at least `OVERLAP` of the different stems of both. In the archive of 66,307 events these are 64 pairs; 61 of
them are one event when read, the others a plan or a beginning and what came of it (docs/evaluation.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.stems import NUMBER, StemTable

DAYS, OVERLAP = 3, 0.9


def collapse(
    stems: StemTable, days: NDArray[np.int32], asking: Sequence[int], rows: Sequence[int]
) -> tuple[list[int], dict[int, list[int]]]:
    """Put the near-duplicates of a ranking together; what repeats the query itself is put to the query.

    Args:
        stems: Of all events.
        days: Ordinal of each event's day.
        asking: The query, or several.
        rows: The ranking, best first.

    Returns:
        The rows that stay, in their order; and for the query and for each of these that has any, its near-duplicates.
    """
    sizes = np.diff(stems.starts)
    words: dict[int, frozenset[int]] = {}

    def stems_of(one: int) -> frozenset[int]:
        if one not in words:
            words[one] = frozenset(stems.stems[stems.starts[one] : stems.starts[one + 1]].tolist())
        return words[one]

    def same(one: int, other: int) -> bool:
        few, many = sorted((int(sizes[one]), int(sizes[other])))
        if few < OVERLAP * many or not few:  # most pairs, and nothing of them was looked at
            return False
        shared = len(stems_of(one) & stems_of(other))
        if shared < OVERLAP * (few + many - shared):
            return False
        return not any(stems.kinds[stem] == NUMBER for stem in stems_of(one) ^ stems_of(other))

    stays = list(asking)
    repeated: dict[int, list[int]] = {}
    by_day: dict[int, list[int]] = {}  # places among those that stay
    for place, row in enumerate(stays):
        by_day.setdefault(int(days[row]), []).append(place)
    for one in rows:
        day = int(days[one])
        near = sorted(place for apart in range(-DAYS, DAYS + 1) for place in by_day.get(day + apart, ()))
        found = next((stays[place] for place in near if same(one, stays[place])), None)
        if found is not None:
            repeated.setdefault(found, []).append(one)
            continue
        by_day.setdefault(day, []).append(len(stays))
        stays.append(one)
    return stays[len(asking) :], repeated
