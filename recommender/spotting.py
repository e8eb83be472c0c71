"""Names of entities in running text: which ones are worth spotting, and where they stand.

A name is spotted as whole words, the longest first. Whether it means its entity there is decided by
the archive: of the events that print their entities and have the name in their headline, how many
have the entity? `Azerspace-1` always, `bus` hardly ever. Phrases that are no label at all are learned
the same way: where `United States` stands in headlines whose event has the entity `U.S.`, it is one
of its names.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.ascending import is_among, once
from models.word_rows import WordRows
from recommender.labels import fold
from recommender.occurrences import Patterns
from recommender.phrases import MIN_PRECISION, form, learn_phrases

Ints = NDArray[np.int64]

PRIOR = 0.5
"""Added to the hits (and 1 to the occurrences): a name must have been met as its entity before it is trusted."""

# Han, Kana, Hangul, Thai: scripts without blanks between words, where each character stands for itself.
_SINGLE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")


def tokens(text: str) -> list[str]:
    """The words of a text, without accents, case kept."""
    return _TOKEN.findall(fold(text))


def cut_names(text: str) -> list[tuple[str, int]]:
    """The words of a text for `WordRows`, without flags: what names are looked for in."""
    return [(word, 0) for word in tokens(text)]


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

    def find(self, texts: WordRows) -> tuple[Ints, Ints]:
        """Every occurrence of a name in texts that are cut by `cut_names`: text, and place of the name in `forms`."""
        return self._patterns.find(texts)

    def entities_in(self, texts: WordRows) -> tuple[Ints, Ints]:
        """The entities that names in texts stand for: pairs of text and entity, each once, ascending."""
        rows, found = self.find(texts)
        meant = np.fromiter(map(self.entities.__getitem__, self.forms), np.int64, len(self.forms))[found]
        return _unique_pairs(rows[meant != NOBODY], meant[meant != NOBODY])

    @cached_property
    def forms(self) -> list[str]:
        """The names, ascending: a blank comes before every letter, so they are in the order of their words, too."""
        return sorted(self.entities)

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns.of("".join(self.forms).split(), [len(form.split()) for form in self.forms])


def learn_names(texts: WordRows, labels: Iterable[tuple[str, int]], asked: Ints, known: tuple[Ints, Ints]) -> Names:
    """Learn from an archive which names stand for which entity in a text.

    Args:
        texts: Headlines, in the corpus's order, cut by `cut_names`.
        labels: Every label with its entity; of several with one name the first has it.
        asked: Rows of which all entities are known without spotting, ascending: they tell which names to trust.
        known: Rows and entities of these, ascending.
    """
    names = Names.of(labels)
    rows, found = names.find(texts)
    entity_of = np.fromiter(map(names.entities.__getitem__, names.forms), np.int64, len(names.forms))
    size = 1 + int(max(known[1].max(initial=0), entity_of.max(initial=0)))
    pairs = known[0] * size + known[1]
    hits = is_among(rows, asked)
    rows, found = _unique_pairs(rows[hits], found[hits])
    met = rows * size + entity_of[found]
    trusted = _trusted(found, is_among(met, pairs), len(names.forms))
    missing = np.divmod(pairs[~is_among(pairs, once(met))], size)
    phrases = learn_phrases(texts, missing, asked)
    # A phrase around a trusted name would hide it: `United States Barack Obama`.
    sure = {names.forms[place] for place in np.flatnonzero(trusted).tolist()}
    candidates = list(phrases)
    around, _ = Names(dict.fromkeys(sure, 0)).find(WordRows.of(candidates, _cut_form))
    for place in set(around.tolist()):
        del phrases[candidates[place]]
    meant = {one: names.entities[one] if one in sure else NOBODY for one in names.forms}
    return Names({**meant, **phrases})


def _cut_form(form: str) -> list[tuple[str, int]]:
    return [(word, 0) for word in form.split()]


def _trusted(found: Ints, right: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Names whose occurrences are their entity often enough."""
    occurrences, hits = np.bincount(found, minlength=count), np.bincount(found[right], minlength=count)
    trusted: NDArray[np.bool_] = (hits + PRIOR) / (occurrences + 1.0) >= MIN_PRECISION
    return trusted


def _unique_pairs(ones: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Each pair once, ascending."""
    size = 1 + int(others.max(initial=0))
    return np.divmod(once(ones * size + others), size)
