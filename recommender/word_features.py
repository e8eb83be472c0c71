"""Evidence from words: the stems that a candidate's headline shares with the query's, by their kind."""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, prefetch, read_only
from models.stems import KINDS, NAME, PLACE, WORD, StemTable

WORD_COLUMNS = (
    "stems", "stems_of_query", "stems_of_candidate", "three_rarest", "names_count",
    "word_shared", "word_of_query", "word_of_candidate", "word_rarest",
    "name_shared", "name_of_query", "name_of_candidate", "name_rarest",
    "place_shared", "place_of_query", "place_of_candidate", "place_rarest",
)  # fmt: skip
"""Columns of `words` and `names` in `features.GROUPS`, without `lexical`."""

_AHEAD, _LINE = 8, 16
_KINDS_OF_COLUMNS = np.array([WORD, NAME, PLACE])


class Stems(NamedTuple):
    """The stems of all events, with the sums that every query asks for."""

    starts: NDArray[np.int64]
    """As of `StemTable`, like the next three."""
    stems: NDArray[np.int32]
    idf: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    by_kind: NDArray[np.float64]
    """(n, KINDS) summed rarity of each event's stems."""
    squares: NDArray[np.float64]
    """(n,) sum of the squares of their rarities."""

    @classmethod
    def of(cls, table: StemTable) -> Self:
        """Add up what each event has."""
        known = read_only(table.starts, table.stems, table.idf, table.kinds)
        return cls(*known, *read_only(*_totals(*known)))


@compiled
def _totals(
    starts: NDArray[np.int64], stems: NDArray[np.int32], idf: NDArray[np.float64], kinds: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = len(starts) - 1
    by_kind, squares = np.zeros((n, KINDS), np.float64), np.zeros(n, np.float64)
    for row in range(n):
        for stem in stems[starts[row] : starts[row + 1]]:
            by_kind[row, kinds[stem]] += idf[stem]
            squares[row] += idf[stem] * idf[stem]
    return by_kind, squares


@compiled
def _sum(values: NDArray[np.float64]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total


@compiled
def _share(part: float, whole: float, otherwise: float) -> float:
    return part / whole if whole > 0.0 else otherwise


@compiled
def write_words(
    known: Stems, row: int, rows: NDArray[np.int64], places: NDArray[np.int64], matrix: NDArray[np.float64]
) -> None:
    """Write the columns of candidates; -1 where a share is of nothing.

    Args:
        known: Of all events.
        row: The query.
        rows: The candidates.
        places: Where the columns of `WORD_COLUMNS` are in the matrix.
        matrix: One row a candidate.
    """
    starts, stems, idf, kinds, by_kind, squares = known
    shown = _KINDS_OF_COLUMNS
    asked = np.zeros(len(idf), np.bool_)
    for stem in stems[starts[row] : starts[row + 1]]:
        asked[stem] = True
    whole = _sum(by_kind[row])
    shared, rarest = np.zeros(KINDS), np.zeros(KINDS)
    for i in range(len(rows)):
        if i + 2 * _AHEAD < len(rows):  # rows lie far apart in memory
            prefetch(starts, rows[i + 2 * _AHEAD])
            prefetch(stems, starts[rows[i + _AHEAD]])
            prefetch(stems, starts[rows[i + _AHEAD]] + _LINE)
            prefetch(by_kind.reshape(-1), rows[i + _AHEAD] * KINDS)
            prefetch(squares, rows[i + _AHEAD])
        own = rows[i]
        for kind in range(KINDS):
            shared[kind], rarest[kind] = 0.0, 0.0
        first, second, third, square, named = 0.0, 0.0, 0.0, 0.0, 0
        for stem in stems[starts[own] : starts[own + 1]]:
            if asked[stem]:
                rarity, kind = idf[stem], kinds[stem]
                square += rarity * rarity
                shared[kind] += rarity
                rarest[kind] = max(rarest[kind], rarity)
                named += kind in (NAME, PLACE)
                if rarity > first:
                    first, second, third = rarity, first, second
                elif rarity > second:
                    second, third = rarity, second
                elif rarity > third:
                    third = rarity
        total = _sum(shared)
        matrix[i, places[0]] = _share(square, math.sqrt(squares[own] * squares[row]), 0.0)
        matrix[i, places[1]] = _share(total, whole, 0.0)
        matrix[i, places[2]] = _share(total, _sum(by_kind[own]), 0.0)
        matrix[i, places[3]] = first + second + third
        matrix[i, places[4]] = named
        for place in range(len(shown)):
            kind = shown[place]
            matrix[i, places[5 + 4 * place]] = shared[kind]
            matrix[i, places[6 + 4 * place]] = _share(shared[kind], by_kind[row, kind], -1.0)
            matrix[i, places[7 + 4 * place]] = _share(shared[kind], by_kind[own, kind], -1.0)
            matrix[i, places[8 + 4 * place]] = rarest[kind]
