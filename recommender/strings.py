"""A table of strings in two arrays, so that an index opens without reading them."""

from collections.abc import Iterable, Iterator
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
        wanted = string.encode()
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.data[self.offsets[middle] : self.offsets[middle + 1]].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self[low] == string else None


def word_set(text: str) -> frozenset[str]:
    """The words of a text: how constants that are sets of words are written down."""
    return frozenset(text.split())
