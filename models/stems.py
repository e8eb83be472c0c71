"""Words cut to their stems, so that Egypt and Egyptian are one, and what kind of word each stem is.

A stem that is written large where no sentence begins is a name; a name that often follows `in` or `near` is a place.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.ascending import once
from models.terms import RUNS, find
from models.word_rows import WordRows, Words

WORD, NAME, PLACE, NUMBER = range(4)
KINDS = 4

_INNER, _LARGE = 1, 2
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
    names: Words
    """Each stem, ascending."""

    def of_text(self, row: int) -> NDArray[np.int32]:
        """The numbers of one text's stems, ascending."""
        return self.stems[int(self.starts[row]) : int(self.starts[row + 1])]


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """Cut endings off a word in lower case, one after the other; crude, and the same for all."""
    while True:
        ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST), None)
        if ending is None:
            return word
        word = word[: -len(ending)]


_BEFORE_PLACES = frozenset(map(stem, ("in", "near", "at", "across", "outside", "throughout")))


def weigh_stems(rows: WordRows) -> StemTable:
    """Rarity and kind of stems among all texts; runs of CJK count as bigrams, all of them words.

    Args:
        rows: The stems of each text, cut by `cut_stems`.
    """
    names = [rows.words[place] for place in range(len(rows.words))]
    count, number = len(names), len(rows.starts) - 1
    is_inner = (rows.flags & _INNER) != 0
    seen = np.bincount(rows.numbers, minlength=count)
    inner = np.bincount(rows.numbers[is_inner], minlength=count)
    large = np.bincount(rows.numbers[is_inner & ((rows.flags & _LARGE) != 0)], minlength=count)
    before_places = np.array([name in _BEFORE_PLACES for name in names], np.bool_)[rows.numbers]
    follows = np.ones(len(rows.numbers), np.bool_)
    follows[rows.starts[:-1][np.diff(rows.starts) > 0]] = False  # the first of a text has none before it
    placed = np.bincount(rows.numbers[1:][before_places[:-1] & follows[1:]], minlength=count)
    kinds = np.where(placed / np.maximum(seen, 1) > _PLACE_SHARE, PLACE, NAME)
    kinds[large <= _LARGE_SHARE * inner] = WORD
    kinds[np.array([name[0].isdigit() for name in names], np.bool_)] = NUMBER
    pairs = once(rows.owners() * max(1, count) + rows.numbers)
    owners, stems = np.divmod(pairs, max(1, count))
    frequency = np.bincount(stems, minlength=count).astype(np.float64)
    return StemTable(
        starts=np.searchsorted(owners, np.arange(number + 1)).astype(np.int64),
        stems=stems.astype(np.int32),
        idf=np.log((1.0 + number) / (1.0 + frequency)) + 1.0,
        kinds=kinds.astype(np.uint8),
        names=rows.words,
    )


def words_of_stems(text: str) -> dict[str, str]:
    """Each stem of a text with the first word that has it, as it is written there."""
    words: dict[str, str] = {}
    for item, word, _ in _words(unicodedata.normalize("NFKC", text)):
        words.setdefault(item, word)
    return words


def with_text(table: StemTable, text: str) -> StemTable:
    """The table of one text more, the last; a stem that no other text has is of the kind that it is in this one.

    Args:
        table: The stems of the others, whose rarities, kinds and names stay as they are.
        text: Any text.
    """
    row = cut_stems(text)
    numbers = {item: find(table.names, item) for item, _ in row}
    fresh = sorted(item for item, number in numbers.items() if number is None)
    count, texts = len(table.idf), len(table.starts) - 1
    kinds = [_kind(item, *_cases(row, item)) for item in fresh]
    found = [count + fresh.index(item) if number is None else number for item, number in numbers.items()]
    return StemTable(
        starts=np.append(table.starts, table.starts[-1] + len(found)),
        stems=np.concatenate((table.stems, np.array(sorted(found), np.int32))),
        idf=np.concatenate((table.idf, np.full(len(fresh), np.log((2.0 + texts) / 2.0) + 1.0))),
        kinds=np.concatenate((table.kinds, np.array(kinds, np.uint8))),
        names=table.names,
    )


def _cases(row: Sequence[tuple[str, int]], item: str) -> tuple[int, int]:
    """How often a stem stands inside a sentence, and written large there."""
    inner = [flags & _LARGE for other, flags in row if other == item and flags & _INNER]
    return len(inner), sum(map(bool, inner))


def _kind(item: str, inner: int, large: int) -> int:
    """The kind of a stem by how one text alone writes it, as `weigh_stems` would."""
    if item[0].isdigit():
        return NUMBER
    return WORD if large <= _LARGE_SHARE * inner else NAME


def cut_stems(text: str) -> list[tuple[str, int]]:
    """Each stem of a text in its order, flagged where it stands inside a sentence and where it is written large."""
    found: list[tuple[str, int]] = []
    text = unicodedata.normalize("NFKC", text)
    for item, word, start in _words(text):
        if start is None:
            found.append((item, _INNER))
            continue
        before = text[max(0, start - 8) : start].rstrip()[-1:]
        inner = _INNER if before and before not in _SENTENCE_END else 0
        found.append((item, inner | (_LARGE if word[0].isupper() else 0)))
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
