"""Phrases of capitalised words that headlines use for an entity: learned, because no label says them.

All texts at once, as numbers of words: a phrase is the number of the phrase without its last word, and that word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.ascending import once
from models.word_rows import WordRows

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


def learn_phrases(texts: WordRows, missing: tuple[Ints, Ints], asked: Ints) -> dict[str, int]:
    """Phrases that stand for an entity often enough: form → entity.

    Args:
        texts: The words of each text, case kept.
        missing: Rows and entities: whom a text must be about, though none of its names is in it. Rows ascend.
        asked: The rows of which all entities are known, ascending.
    """
    found = _Phrases.of(texts, asked)
    counts = np.bincount(found.phrases, minlength=len(found.examples))
    often = counts[found.phrases] >= MIN_PHRASE_HITS
    rows, phrases = found.texts[often], found.phrases[often]
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

    texts: Ints
    """Of each occurrence, each phrase once a text; ascending."""
    phrases: Ints
    """Aligned with `texts`."""
    examples: Ints
    """(phrases, 2) where one occurrence of each stands among the words of all texts: its beginning and its length."""
    read: WordRows
    """The texts."""

    @classmethod
    def of(cls, texts: WordRows, asked: Ints) -> "_Phrases":
        """The phrases of these texts."""
        words = [texts.words[place] for place in range(len(texts.words))]
        folded = {word: number for number, word in enumerate(dict.fromkeys(map(str.casefold, words)))}
        number_of = np.array([folded[word.casefold()] for word in words], np.int64)[texts.numbers]
        upper = np.array([word[0].isupper() for word in words], np.bool_)
        may_end = upper | np.array([word[0].isdigit() for word in words], np.bool_)
        may_stand = (may_end | np.array([word in _LINKING for word in words], np.bool_))[texts.numbers]
        may_end = may_end[texts.numbers]
        text_of = texts.owners()
        wanted = np.zeros(len(texts.starts) - 1, np.bool_)
        wanted[asked] = True
        starts = np.flatnonzero(upper[texts.numbers] & wanted[text_of])
        phrases = np.zeros(len(starts), np.int64)
        found, examples, total = [], [np.zeros((0, 2), np.int64)], 0
        for length in range(1, LONGEST_PHRASE + 1):
            ends = starts + length - 1
            goes_on = ends < len(text_of)
            goes_on[goes_on] = (text_of[ends[goes_on]] == text_of[starts[goes_on]]) & may_stand[ends[goes_on]]
            starts, phrases, ends = starts[goes_on], phrases[goes_on], ends[goes_on]
            _, first, phrases = np.unique(
                phrases * len(folded) + number_of[ends], return_index=True, return_inverse=True
            )
            first = starts[first]
            # What goes on from a phrase that is met too rarely is met too rarely, too.
            often = np.bincount(phrases, minlength=len(first))[phrases] >= MIN_PHRASE_HITS
            starts, phrases, ends = starts[often], phrases[often], ends[often]
            found.append(np.stack((text_of[starts], total + phrases))[:, may_end[ends]])
            examples.append(np.stack((first, np.full(len(first), length)), axis=1))
            total += len(first)
        occurrences, phrases = np.concatenate(found, axis=1)
        pairs = once(occurrences * max(1, total) + phrases)
        return cls(pairs // max(1, total), pairs % max(1, total), np.concatenate(examples), texts)

    def form(self, phrase: int) -> str:
        """A phrase as it is compared."""
        start, length = self.examples[phrase].tolist()
        return form([self.read.words[number] for number in self.read.numbers[start : start + length].tolist()])
