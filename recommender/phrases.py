"""Phrases of capitalised words that headlines use for an entity: learned, because no label says them.

All texts at once, as numbers of words: a phrase is the number of the phrase without its last word, and that word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.ascending import once

MIN_PRECISION = 0.6
"""Share of a name's occurrences that must be its entity; 0.5 and 0.7 give the same lists, by judged nDCG."""
MIN_PHRASE_HITS = 3
"""Events in which a phrase must have met an entity before it counts as one of its names."""
LONGEST_PHRASE = 4
_LINKING = frozenset({"of", "the", "and", "de", "la", "al"})

Ints = NDArray[np.int64]


def form(words: Sequence[str]) -> str:
    """Words so that a match of one form in another is a match of whole words; blanks belong to one word only."""
    return "".join([f" {word} " for word in words]).casefold()


def learn_phrases(words: Sequence[Sequence[str]], missing: tuple[Ints, Ints], asked: Ints) -> dict[str, int]:
    """Phrases that stand for an entity often enough: form → entity.

    Args:
        words: The words of each text.
        missing: Rows and entities: whom a text must be about, though none of its names is in it. Rows ascend.
        asked: The rows of which all entities are known, ascending.
    """
    found = _Phrases.of([words[row] for row in asked.tolist()])
    counts = np.bincount(found.phrases, minlength=len(found.examples))
    often = counts[found.phrases] >= MIN_PHRASE_HITS
    rows, phrases = asked[found.texts[often]], found.phrases[often]
    # Each occurrence of a phrase beside each entity that its text lacks.
    left, right = np.searchsorted(missing[0], rows), np.searchsorted(missing[0], rows, side="right")
    number = right - left
    places = np.arange(number.sum()) + np.repeat(left - (np.cumsum(number) - number), number)
    size = 1 + int(missing[1].max(initial=0))
    pairs, hits = np.unique(np.repeat(phrases, number) * size + missing[1][places], return_counts=True)
    phrases, entities = pairs // size, pairs % size
    enough = (hits >= MIN_PHRASE_HITS) & (hits >= MIN_PRECISION * counts[phrases])
    best: dict[int, tuple[int, int]] = {}
    for phrase, entity, count in zip(*(one[enough].tolist() for one in (phrases, entities, hits)), strict=True):
        best[phrase] = max(best.get(phrase, (0, 0)), (count, -entity))
    return dict(sorted((found.form(phrase), -entity) for phrase, (_, entity) in best.items()))


@dataclass(frozen=True, slots=True, eq=False)
class _Phrases:
    """Runs of up to four capitalised words; linking words may stand inside."""

    words: list[str]
    """Of all texts, one after the other."""
    texts: Ints
    """Of each occurrence, each phrase once a text."""
    phrases: Ints
    """Aligned with `texts`."""
    examples: Ints
    """(phrases, 2) where in `words` one occurrence of each stands: its beginning and its length."""

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> "_Phrases":
        words = list(chain.from_iterable(texts))
        text_of = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
        kinds = {word: kind for kind, word in enumerate(dict.fromkeys(words))}
        kind_of = np.fromiter(map(kinds.__getitem__, words), np.int64, len(words))
        folded = {word: number for number, word in enumerate(dict.fromkeys(word.casefold() for word in kinds))}
        number_of = np.array([folded[word.casefold()] for word in kinds], np.int64)[kind_of]
        is_upper = np.array([word[0].isupper() for word in kinds], np.bool_)[kind_of]
        may_end = is_upper | np.array([word[0].isdigit() for word in kinds], np.bool_)[kind_of]
        may_stand = may_end | np.array([word in _LINKING for word in kinds], np.bool_)[kind_of]
        starts = np.flatnonzero(is_upper)
        phrases = np.zeros(len(starts), np.int64)
        found, examples, total = [], [np.zeros((0, 2), np.int64)], 0
        for length in range(1, LONGEST_PHRASE + 1):
            ends = starts + length - 1
            goes_on = ends < len(words)
            goes_on[goes_on] = (text_of[ends[goes_on]] == text_of[starts[goes_on]]) & may_stand[ends[goes_on]]
            starts, phrases, ends = starts[goes_on], phrases[goes_on], ends[goes_on]
            _, first, phrases = np.unique(
                phrases * len(folded) + number_of[ends], return_index=True, return_inverse=True
            )
            found.append(np.stack((text_of[starts], total + phrases))[:, may_end[ends]])
            examples.append(np.stack((starts[first], np.full(len(first), length)), axis=1))
            total += len(first)
        occurrences, phrases = np.concatenate(found, axis=1)
        pairs = once(occurrences * max(1, total) + phrases)
        return cls(words, pairs // max(1, total), pairs % max(1, total), np.concatenate(examples))

    def form(self, phrase: int) -> str:
        """A phrase as it is compared."""
        start, length = self.examples[phrase].tolist()
        return form(self.words[start : start + length])
