"""The words of texts as numbers, in their order: cut once, and kept for texts that have been seen before."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.ascending import numbered

Ints = NDArray[np.int64]
Cut = Callable[[str], Iterable[tuple[str, int]]]
"""Cuts a text into its words, each with flags that its place in the text gives it."""


class Words(Protocol):
    """Strings by position: a tuple, or a table that is read where it is asked."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int, /) -> str: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True, eq=False)
class WordRows:
    """The words of every text, one text after the other; the arrays may be memory-maps."""

    starts: Ints
    """(n + 1,) the words of text `i` lie in `starts[i]:starts[i + 1]` of the two arrays below."""
    numbers: NDArray[np.int32]
    """Places in `words`."""
    flags: NDArray[np.uint8]
    words: Words
    """Every different word, ascending."""

    @classmethod
    def of(cls, texts: Iterable[str], cut: Cut) -> "WordRows":
        """Cut texts into words."""
        rows = [list(cut(text)) for text in texts]
        found = [word for row in rows for word, _ in row]
        words = sorted(set(found))
        places = {word: place for place, word in enumerate(words)}
        return cls(
            starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
            numbers=np.fromiter(map(places.__getitem__, found), np.int32, len(found)),
            flags=np.fromiter((flag for row in rows for _, flag in row), np.uint8, len(found)),
            words=tuple(words),
        )

    def renewed(self, rows: Ints, fresh: "WordRows") -> "WordRows":
        """Rows of this and of another, without the words that none of them has.

        Args:
            rows: For each row wanted its place here, or -1: the next row of the other one.
            fresh: All its rows are wanted, in their order.
        """
        known, added = list(self.words), list(fresh.words)
        together = list(dict.fromkeys(sorted([*known, *added])))  # quicker than a set: nearly all is in order
        places = {word: place for place, word in enumerate(together)}
        numbers = np.concatenate(
            (
                np.array([places[word] for word in known], np.int32)[self.numbers],
                np.array([places[word] for word in added], np.int32)[fresh.numbers],
            )
        )
        starts = np.concatenate((self.starts[:-1], fresh.starts[:-1] + len(self.numbers)))
        lengths = np.concatenate((np.diff(self.starts), np.diff(fresh.starts)))
        chosen = rows.copy()
        chosen[rows < 0] = len(self.starts) - 1 + np.arange((rows < 0).sum())
        ends = np.cumsum(lengths[chosen])
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths[chosen], lengths[chosen])
        taken = np.repeat(starts[chosen], lengths[chosen]) + within
        used, renumbered = numbered(numbers[taken], len(together))
        return WordRows(
            starts=np.concatenate(([0], ends)).astype(np.int64),
            numbers=renumbered.astype(np.int32),
            flags=np.concatenate((self.flags, fresh.flags))[taken],
            words=tuple(together[place] for place in used.tolist()),
        )

    def owners(self) -> Ints:
        """The text of each word."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
