"""Words cut to their stems, so that Egypt and Egyptian are one, and what kind of word each stem is.

A stem that is written large where no sentence begins is a name; a name that often follows `in` or `near` is a place.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.terms import RUNS, Terms, find

WORD, NAME, PLACE, NUMBER = range(4)
KINDS = 4

_ENDINGS = ("ians", "ian", "ans", "an", "ese", "ish", "ing", "ers", "er", "ed", "es", "ey", *"siaeoyn")
_SHORTEST = 4
"""Letters that a stem keeps."""
_SENTENCE_END = frozenset('.!?:;–—"“(')
_LARGE_SHARE = 0.5
_PLACE_SHARE = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class StemTable:
    """The different stems of every text, one after the other; the arrays may be memory-maps."""

    starts: NDArray[np.int64]
    """(n + 1,) the stems of text `i` lie in `starts[i]:starts[i + 1]` of `stems`."""
    stems: NDArray[np.int32]
    """Numbers of stems, ascending within a text, each once."""
    idf: NDArray[np.float64]
    """Rarity of each stem: ln((1 + n) / (1 + df)) + 1."""
    kinds: NDArray[np.uint8]
    """`WORD`, `NAME`, `PLACE` or `NUMBER` of each stem."""
    names: Terms
    """Each stem, ascending."""


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """Cut endings off a word in lower case, one after the other; crude, and the same for all."""
    while True:
        ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST), None)
        if ending is None:
            return word
        word = word[: -len(ending)]


_BEFORE_PLACES = frozenset(map(stem, ("in", "near", "at", "across", "outside", "throughout")))


def fit_stems(texts: Sequence[str]) -> StemTable:
    """Stems of all texts with their rarity and kind among these texts; runs of CJK count as bigrams, all of them words.

    Args:
        texts: One text per row, in the order of the rows.
    """
    rows = [_stems(text) for text in texts]
    seen, inner, large, placed = (Counter[str]() for _ in range(4))
    for row in rows:
        before = ""
        for item, is_inner, is_large in row:
            seen[item] += 1
            inner[item] += is_inner
            large[item] += is_inner and is_large
            placed[item] += before in _BEFORE_PLACES
            before = item
    frequency = Counter(item for row in rows for item in {item for item, _, _ in row})
    names = sorted(frequency)
    numbers = {item: number for number, item in enumerate(names)}
    kinds = [_kind(item, inner[item], large[item], placed[item] / seen[item]) for item in names]
    found = [sorted({numbers[item] for item, _, _ in row}) for row in rows]
    counts = np.array([frequency[item] for item in names], np.float64)
    return StemTable(
        starts=np.cumsum([0, *map(len, found)]).astype(np.int64),
        stems=np.array([number for row in found for number in row], np.int32),
        idf=np.log((1.0 + len(texts)) / (1.0 + counts)) + 1.0,
        kinds=np.array(kinds, np.uint8),
        names=tuple(names),
    )


def words_of_stems(table: StemTable, text: str) -> dict[int, str]:
    """The number of each stem of a text that the table has, with the first word of the text that has it.

    Args:
        table: Fitted on any texts.
        text: One of them, or another.
    """
    words: dict[int, str] = {}
    for item, word, _ in _words(unicodedata.normalize("NFKC", text)):
        if (number := find(table.names, item)) is not None:
            words.setdefault(number, word)
    return words


def with_text(table: StemTable, text: str) -> StemTable:
    """The table of one text more, the last; a stem that no other text has is of the kind that it is in this one.

    Args:
        table: The stems of the others, whose rarities, kinds and names stay as they are.
        text: Any text.
    """
    row = _stems(text)
    numbers = {item: find(table.names, item) for item, _, _ in row}
    fresh = sorted(item for item, number in numbers.items() if number is None)
    count, texts = len(table.idf), len(table.starts) - 1
    kinds = [_kind(item, *_cases(row, item), 0.0) for item in fresh]
    found = [count + fresh.index(item) if number is None else number for item, number in numbers.items()]
    return StemTable(
        starts=np.append(table.starts, table.starts[-1] + len(found)),
        stems=np.concatenate((table.stems, np.array(sorted(found), np.int32))),
        idf=np.concatenate((table.idf, np.full(len(fresh), np.log((2.0 + texts) / 2.0) + 1.0))),
        kinds=np.concatenate((table.kinds, np.array(kinds, np.uint8))),
        names=table.names,
    )


def _cases(row: list[tuple[str, bool, bool]], item: str) -> tuple[int, int]:
    """How often a stem stands inside a sentence, and written large there."""
    inner = [is_large for other, is_inner, is_large in row if other == item and is_inner]
    return len(inner), sum(inner)


def _stems(text: str) -> list[tuple[str, bool, bool]]:
    """Each stem of a text in its order, whether it stands inside a sentence, and whether it is written large."""
    found: list[tuple[str, bool, bool]] = []
    text = unicodedata.normalize("NFKC", text)
    for item, word, start in _words(text):
        if start is None:
            found.append((item, True, False))
            continue
        before = text[max(0, start - 8) : start].rstrip()[-1:]
        inner = bool(before) and before not in _SENTENCE_END
        found.append((item, inner, word[0].isupper()))
    return found


def _words(text: str) -> Iterator[tuple[str, str, int | None]]:
    """Each stem of a text in its order, the word that has it, and where the word stands, None for a bigram of CJK."""
    for run in RUNS.finditer(text):
        word = run[0]
        if run["cjk"]:
            for place in range(max(1, len(word) - 1)):
                yield word[place : place + 2], word[place : place + 2], None
        else:
            yield stem(word.lower()), word, run.start()


def _kind(item: str, inner: int, large: int, placed: float) -> int:
    if item[0].isdigit():
        return NUMBER
    if large <= _LARGE_SHARE * inner:
        return WORD
    return PLACE if placed > _PLACE_SHARE else NAME
