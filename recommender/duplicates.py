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
    starts, when = np.asarray(stems.starts), days[everyone].astype(np.int64)
    sizes = starts[everyone + 1] - starts[everyone]
    few, many = np.minimum(sizes[:, None], sizes), np.maximum(sizes[:, None], sizes)
    # Most pairs lie too far apart or differ too much in length, and nothing of them is looked at.
    likely = (np.abs(when[:, None] - when) <= DAYS) & (few >= OVERLAP * many) & (few > 0)
    before: dict[int, list[int]] = {}
    for later, earlier in np.argwhere(np.tril(likely, -1)).tolist():
        before.setdefault(later, []).append(earlier)
    table = (stems.starts, stems.stems, stems.kinds)
    repeated: dict[int, list[int]] = {}
    gone: set[int] = set()
    for place in range(len(asking), len(everyone)):
        for other in before.get(place, ()):
            if other not in gone and _same(*table, everyone[place], everyone[other]):
                repeated.setdefault(int(everyone[other]), []).append(int(everyone[place]))
                gone.add(place)
                break
    return [int(everyone[place]) for place in range(len(asking), len(everyone)) if place not in gone], repeated


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
