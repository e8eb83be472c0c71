"""Near-duplicates: one event that the archive has twice. By words alone, so the encoder has no say in it.

Two events are near-duplicates where they lie at most `DAYS` apart, have the same numbers (a toll that rises is news),
and share at least `OVERLAP` of the different stems of both. In the archive of 66,307 events these are 64 pairs; 61 of
them are one event when read, the others a plan or a beginning and what came of it (docs/evaluation.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
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
    everyone = np.array([*asking, *rows], np.int64)
    repeats = _repeats(stems.starts, stems.stems, stems.kinds, days, everyone, len(asking))
    repeated: dict[int, list[int]] = {}
    for place in np.flatnonzero(repeats >= 0).tolist():
        repeated.setdefault(int(everyone[repeats[place]]), []).append(int(everyone[place]))
    return everyone[len(asking) :][repeats[len(asking) :] < 0].tolist(), repeated


@compiled
def _repeats(
    starts: NDArray[np.int64],
    stems: NDArray[np.int32],
    kinds: NDArray[np.uint8],
    days: NDArray[np.int32],
    rows: NDArray[np.int64],
    asking: int,
) -> NDArray[np.int64]:
    """For each row the place of the first one before it that it repeats and that stays itself, -1 for who stays."""
    repeats = np.full(len(rows), -1, np.int64)
    when, sizes = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        when[place], sizes[place] = days[rows[place]], starts[rows[place] + 1] - starts[rows[place]]
    for later in range(asking, len(rows)):
        for earlier in range(later):
            # Most pairs lie too far apart or differ too much in length, and nothing of them is looked at.
            if abs(when[later] - when[earlier]) > DAYS:
                continue
            few, many = min(sizes[later], sizes[earlier]), max(sizes[later], sizes[earlier])
            if repeats[earlier] >= 0 or few == 0 or few < OVERLAP * many:
                continue
            if _same(starts, stems, kinds, rows[later], rows[earlier]):
                repeats[later] = earlier
                break
    return repeats


@compiled
def _same(starts: NDArray[np.int64], stems: NDArray[np.int32], kinds: NDArray[np.uint8], one: int, other: int) -> bool:
    """Whether two events share enough stems, and all numbers; stems ascend within an event."""
    a, last_a, b, last_b = starts[one], starts[one + 1], starts[other], starts[other + 1]
    sizes, shared, numbers = last_a - a + last_b - b, 0, 0
    while a < last_a or b < last_b:
        if b == last_b or (a < last_a and stems[a] < stems[b]):
            numbers += kinds[stems[a]] == NUMBER
            a += 1
        elif a == last_a or stems[b] < stems[a]:
            numbers += kinds[stems[b]] == NUMBER
            b += 1
        else:
            shared += 1
            a += 1
            b += 1
    return shared >= OVERLAP * (sizes - shared) and numbers == 0
