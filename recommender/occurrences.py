"""Where sequences of words stand in texts: from left to right, the longest first, none across another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.word_rows import WordRows

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Sequences of words, in ascending order of their words."""

    numbers: dict[str, int]
    """Every word of a pattern → its number, in ascending order."""
    starts: Ints
    """Where the words of each pattern begin in `words`; one more than there are patterns."""
    words: Ints
    firsts: Ints
    """Where the patterns begin that begin with each word; one more than there are words."""

    @classmethod
    def of(cls, words: Sequence[str], lengths: Sequence[int]) -> "Patterns":
        """Patterns in ascending order, each once and of one word at least.

        Args:
            words: Of all of them, one after the other, in small letters.
            lengths: The number of words of each.
        """
        numbers = {word: number for number, word in enumerate(sorted(set(words)))}
        starts = np.cumsum([0, *lengths]).astype(np.int64)
        found = np.fromiter(map(numbers.__getitem__, words), np.int64, len(words))
        firsts = np.searchsorted(found[starts[:-1]], np.arange(len(numbers) + 1)).astype(np.int64)
        return cls(numbers, starts, found, firsts)

    def find(self, texts: WordRows) -> tuple[Ints, Ints]:
        """Every occurrence: text and pattern, in the order of the texts and of their words."""
        words = np.array([self.numbers.get(word.casefold(), -1) for word in texts.words], np.int64)
        return _find(np.asarray(texts.starts), words[texts.numbers], self.firsts, self.starts, self.words)


@compiled
def _find(text_starts: Ints, found: Ints, firsts: Ints, starts: Ints, words: Ints) -> tuple[Ints, Ints]:
    rows, patterns = np.empty(len(found), np.int64), np.empty(len(found), np.int64)
    count = 0
    for row in range(len(text_starts) - 1):
        place, end = text_starts[row], text_starts[row + 1]
        while place < end:
            longest = -1
            if found[place] >= 0:
                # Patterns that begin as the text does stand together; the shortest of them stands first.
                low, high, length = firsts[found[place]], firsts[found[place] + 1], 1
                while low < high:
                    if starts[low + 1] - starts[low] == length:
                        longest = low
                        low += 1
                    if place + length == end:
                        break
                    low = _bound(starts, words, (low, high), length, found[place + length])
                    high = _bound(starts, words, (low, high), length, found[place + length] + 1)
                    length += 1
            if longest < 0:
                place += 1
            else:
                rows[count], patterns[count] = row, longest
                count += 1
                place += starts[longest + 1] - starts[longest]
    return rows[:count].copy(), patterns[:count].copy()


@compiled
def _bound(starts: Ints, words: Ints, span: tuple[int, int], length: int, word: int) -> int:
    """The first of a span of patterns, all longer than `length`, whose next word is not below `word`."""
    low, high = span
    while low < high:
        middle = (low + high) // 2
        if words[starts[middle] + length] < word:
            low = middle + 1
        else:
            high = middle
    return low
