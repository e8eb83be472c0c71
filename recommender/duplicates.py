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
    stems: StemTable, days: NDArray[np.int32], row: int, rows: Sequence[int]
) -> tuple[list[int], dict[int, list[int]]]:
    """Put the near-duplicates of a ranking together; what repeats the query itself is put to the query.

    Args:
        stems: Of all events.
        days: Ordinal of each event's day.
        row: The query.
        rows: The ranking, best first.

    Returns:
        The rows that stay, in their order; and for the query and for each of these that has any, its near-duplicates.
    """
    kept: list[int] = []
    repeated: dict[int, list[int]] = {}
    words = {one: _stems(stems, one) for one in (row, *rows)}
    near: dict[int, list[int]] = {}  # day → those that stay
    for one in (row, *rows):
        day = int(days[one])
        others = (other for apart in range(-DAYS, DAYS + 1) for other in near.get(day + apart, ()))
        same = sorted((other for other in others if _same(stems, words[one], words[other])), key=[row, *kept].index)
        if same:
            repeated.setdefault(same[0], []).append(one)
            continue
        near.setdefault(day, []).append(one)
        if one != row:
            kept.append(one)
    return kept, repeated


def _stems(stems: StemTable, row: int) -> frozenset[int]:
    return frozenset(stems.stems[stems.starts[row] : stems.starts[row + 1]].tolist())


def _same(stems: StemTable, one: frozenset[int], other: frozenset[int]) -> bool:
    if min(len(one), len(other)) < OVERLAP * max(len(one), len(other)) or not one:
        return False
    shared = len(one & other)
    if shared < OVERLAP * (len(one) + len(other) - shared):
        return False
    return not any(stems.kinds[stem] == NUMBER for stem in one ^ other)
