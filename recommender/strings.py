"""A table of strings in two arrays, so that an index opens without reading them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class StringTable:
    """Strings by position."""

    data: NDArray[np.uint8]
    """All strings, one after the other, UTF-8."""
    offsets: NDArray[np.int64]
    """Where each begins; one more than there are strings."""

    @classmethod
    def of(cls, strings: Iterable[str]) -> "StringTable":
        """Pack the strings, in their order."""
        encoded = [string.encode() for string in strings]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(string) for string in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def joined(cls, tables: Sequence["StringTable"]) -> "StringTable":
        """The strings of several tables, one table after the other."""
        offsets = np.zeros(1 + sum(map(len, tables)), np.int64)
        np.cumsum(np.concatenate([np.diff(table.offsets) for table in tables]), out=offsets[1:])
        return cls(np.concatenate([table.data for table in tables]), offsets)

    def taken(self, positions: NDArray[np.int64]) -> "StringTable":
        """Some of the strings, in the given order."""
        offsets, runs = _runs(self.offsets, positions)
        parts = [self.data[start:end] for start, end in runs]
        return StringTable(np.concatenate(parts) if parts else self.data[:0], offsets)

    def with_strings(self, ascending: Sequence[str]) -> tuple["StringTable", NDArray[np.int64], NDArray[np.int64]]:
        """A table that ascends, with a few strings more.

        Returns:
            It, and where in it the strings of this one, and the others, have their places.
        """
        places = np.array([self._bound(string.encode()) for string in ascending], np.int64)
        fresh = [i for i, place in enumerate(places.tolist()) if place == len(self) or self[place] != ascending[i]]
        ahead = places[fresh]
        added = StringTable.of(ascending[i] for i in fresh)
        shifted = np.arange(len(self)) + np.searchsorted(ahead, np.arange(len(self)), side="right")
        order = np.insert(np.arange(len(self)), ahead, len(self) + np.arange(len(fresh)))
        is_fresh = np.zeros(len(ascending), np.int64)
        is_fresh[fresh] = 1
        return StringTable.joined([self, added]).taken(order), shifted, places + np.cumsum(is_fresh) - is_fresh

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, position: int) -> str:
        if not 0 <= position < len(self):
            raise IndexError(position)
        return self.data[self.offsets[position] : self.offsets[position + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        data, offsets = self.data.tobytes(), self.offsets.tolist()
        return (data[start:end].decode() for start, end in pairwise(offsets))

    def find(self, string: str) -> int | None:
        """The position of a string in a table that ascends by UTF-8 bytes, None where it has none."""
        place = self._bound(string.encode())
        return place if place < len(self) and self[place] == string else None

    def _bound(self, wanted: bytes) -> int:
        """The first position of a table that ascends whose string is not below these bytes."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.data[self.offsets[middle] : self.offsets[middle + 1]].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        return low


def numbered_strings(strings: Sequence[str]) -> tuple[StringTable, NDArray[np.int32]]:
    """Every different one of some strings, ascending, and the place of each in that."""
    different = sorted(set(strings))
    places = {string: place for place, string in enumerate(different)}
    return StringTable.of(different), np.fromiter(map(places.__getitem__, strings), np.int32, len(strings))


def taken_spans(starts: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Some of the spans that lie one after the other in an array, in a given order.

    Args:
        starts: Where each begins; one more than there are spans.
        chosen: Which ones.

    Returns:
        Where each begins then, and what of the array to take for it.
    """
    offsets, runs = _runs(starts, chosen)
    places = [np.arange(start, end) for start, end in runs]
    return offsets, np.concatenate(places) if places else np.zeros(0, np.int64)


def _runs(starts: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Where each of these spans begins when they lie one after the other, and what to take for them.

    Neighbours are mostly taken together: so many runs, and not so many spans, are copied.
    """
    offsets = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(starts[chosen + 1] - starts[chosen], out=offsets[1:])
    breaks = np.flatnonzero(np.diff(chosen, prepend=-2) != 1)
    firsts, lasts = chosen[breaks], chosen[np.append(breaks[1:], len(chosen)) - 1] if len(chosen) else chosen
    return offsets, list(zip(starts[firsts].tolist(), starts[lasts + 1].tolist(), strict=True))


def word_set(text: str) -> frozenset[str]:
    """The words of a text: how constants that are sets of words are written down."""
    return frozenset(text.split())
