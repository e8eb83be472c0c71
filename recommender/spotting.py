"""Names of entities in running text: which ones are worth spotting, and where they stand.

A name is spotted as whole words, the longest first. Whether it means its entity there is decided by
the archive: of the events that print their entities and have the name in their headline, how many
have the entity? `Azerspace-1` always, `bus` hardly ever. Phrases that are no label at all are learned
the same way: where `United States` stands in headlines whose event has the entity `U.S.`, it is one
of its names.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from models.ascending import once
from recommender.labels import fold
from recommender.phrases import MIN_PRECISION, form, learn_phrases

Ints = NDArray[np.int64]

PRIOR = 0.5
"""Added to the hits (and 1 to the occurrences): a name must have been met as its entity before it is trusted."""
_BETWEEN = "\n"
"""Between two texts: no word has it."""

# Han, Kana, Hangul, Thai: scripts without blanks between words, where each character stands for itself.
_SINGLE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")


def tokens(text: str) -> list[str]:
    """The words of a text, without accents, case kept."""
    return _TOKEN.findall(fold(text))


NOBODY = -1
"""What a name stands for that is not trusted; it still hides the shorter names within it."""


@dataclass(frozen=True)
class Names:
    """Names and the entities that they stand for."""

    entities: Mapping[str, int]
    """Form of the name → entity, or `NOBODY`."""

    @classmethod
    def of(cls, labels: Iterable[tuple[str, int]]) -> "Names":
        """The names of labels; a name of a single character, or of two entities, is none (the first has it)."""
        entities: dict[str, int] = {}
        for label, entity in labels:
            words = tokens(label)
            if len("".join(words)) > 1:
                entities.setdefault(form(words), entity)
        return cls(entities)

    def find(self, forms: Sequence[str]) -> tuple[list[str], Ints, Ints]:
        """The names, and every occurrence of one in texts that are in their form: text and name as numbers.

        All texts are searched as one, which is faster than one by one; no name reaches across two of them.
        """
        patterns, automaton = self._automaton
        if not patterns or not forms:
            return patterns, np.zeros(0, np.int64), np.zeros(0, np.int64)
        matches = automaton.find_matches_as_indexes(_BETWEEN.join(forms))
        found, starts, _ = np.fromiter(chain.from_iterable(matches), np.int64, 3 * len(matches)).reshape(-1, 3).T
        ends = np.cumsum([len(form) + 1 for form in forms])
        return patterns, np.searchsorted(ends, starts, side="right"), found

    def entities_in(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        """The entities that names in texts stand for: pairs of text and entity, each once, ascending."""
        patterns, rows, found = self.find([form(tokens(text)) for text in texts])
        meant = np.array([self.entities[pattern] for pattern in patterns], np.int64)[found]
        return _unique_pairs(rows[meant != NOBODY], meant[meant != NOBODY])

    @cached_property
    def _automaton(self) -> tuple[list[str], ahocorasick_rs.AhoCorasick]:
        patterns = sorted(self.entities)
        return patterns, ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


def learn_names(
    texts: Sequence[str], labels: Iterable[tuple[str, int]], asked: Ints, known: tuple[Ints, Ints]
) -> Names:
    """Learn from an archive which names stand for which entity in a text.

    Args:
        texts: Headlines, in the corpus's order.
        labels: Every label with its entity; of several with one name the first has it.
        asked: Rows of which all entities are known without spotting, ascending: they tell which names to trust.
        known: Rows and entities of these, ascending.
    """
    names = Names.of(labels)
    words = [tokens(text) for text in texts]
    patterns, rows, found = names.find(list(map(form, words)))
    entity_of = np.array([names.entities[pattern] for pattern in patterns], np.int64)
    size = 1 + int(max(known[1].max(initial=0), entity_of.max(initial=0)))
    pairs = known[0] * size + known[1]
    hits = np.isin(rows, asked)
    rows, found = _unique_pairs(rows[hits], found[hits])
    met = rows * size + entity_of[found]
    trusted = _trusted(found, np.isin(met, pairs), len(patterns))
    missing = np.divmod(pairs[~np.isin(pairs, met)], size)
    phrases = learn_phrases(words, missing, asked)
    # A phrase around a trusted name would hide it: `United States Barack Obama`.
    sure = {patterns[place] for place in np.flatnonzero(trusted).tolist()}
    candidates = list(phrases)
    _, places, _ = Names(dict.fromkeys(sure, 0)).find(candidates)
    for place in set(places.tolist()):
        del phrases[candidates[place]]
    meant = {pattern: names.entities[pattern] if pattern in sure else NOBODY for pattern in patterns}
    return Names({**meant, **phrases})


def _trusted(found: Ints, right: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Names whose occurrences are their entity often enough."""
    occurrences, hits = np.bincount(found, minlength=count), np.bincount(found[right], minlength=count)
    trusted: NDArray[np.bool_] = (hits + PRIOR) / (occurrences + 1.0) >= MIN_PRECISION
    return trusted


def _unique_pairs(ones: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Each pair once, ascending."""
    size = 1 + int(others.max(initial=0))
    return np.divmod(once(ones * size + others), size)
