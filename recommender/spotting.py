"""Names of entities in running text: which ones are worth spotting, and where they stand.

A name is spotted as whole words, the longest first. Whether it means its entity there is decided by
the archive: of the events that print their entities and have the name in their headline, how many
have the entity? `Azerspace-1` always, `bus` hardly ever. Phrases that are no label at all are learned
the same way: where `United States` stands in headlines whose event has the entity `U.S.`, it is one
of its names.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs

from recommender.labels import fold

MIN_PRECISION = 0.6
"""Share of a name's occurrences that must be its entity; 0.5 and 0.7 give the same lists, by judged nDCG."""
PRIOR = 0.5
"""Added to the hits (and 1 to the occurrences): a name must have been met as its entity before it is trusted."""
MIN_PHRASE_HITS = 3
"""Events in which a phrase must have met an entity before it counts as one of its names."""
LONGEST_PHRASE = 4

# Han, Kana, Hangul, Thai: scripts without blanks between words, where each character stands for itself.
_SINGLE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_LINKING = frozenset({"of", "the", "and", "de", "la", "al"})


def tokens(text: str) -> list[str]:
    """The words of a text, without accents, case kept."""
    return _TOKEN.findall(fold(text))


def _form(words: Iterable[str]) -> str:
    """Words so that a match of one form in another is a match of whole words; blanks belong to one word only."""
    return "".join(f" {word} " for word in words).casefold()


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
                entities.setdefault(_form(words), entity)
        return cls(entities)

    def spot(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """For each text the names in it, each once, in order of place; the longest wins where they overlap."""
        forms = [_form(tokens(text)) for text in texts]
        found = self.spot_forms(forms)
        return [found[form] for form in forms]

    def entities_in(self, texts: Sequence[str]) -> list[frozenset[int]]:
        """For each text the entities that its names stand for."""
        return [frozenset(self.entities[form] for form in forms) - {NOBODY} for forms in self.spot(texts)]

    def spot_forms(self, forms: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The same for texts that are in the form already."""
        patterns, automaton = self._automaton
        if not patterns:
            return dict.fromkeys(forms, ())
        return {
            form: tuple(dict.fromkeys(patterns[found] for found, _, _ in automaton.find_matches_as_indexes(form)))
            for form in forms
        }

    @cached_property
    def _automaton(self) -> tuple[list[str], ahocorasick_rs.AhoCorasick]:
        patterns = sorted(self.entities)
        return patterns, ahocorasick_rs.AhoCorasick(patterns, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)


def spot_entities(
    texts: Sequence[str], labels: Iterable[tuple[str, int]], reference: Mapping[int, frozenset[int]]
) -> list[frozenset[int]]:
    """For each text the entities that its names stand for; arguments as of `learn_names`."""
    return learn_names(texts, labels, reference).entities_in(texts)


def learn_names(
    texts: Sequence[str], labels: Iterable[tuple[str, int]], reference: Mapping[int, frozenset[int]]
) -> Names:
    """Learn from an archive which names stand for which entity in a text.

    Args:
        texts: Headlines, in the corpus's order.
        labels: Every label with its entity; of several with one name the first has it.
        reference: Row → its entities, for rows where they are known without spotting.
    """
    names = Names.of(labels)
    found = names.spot(texts)
    trusted = _trusted(names, found, reference)
    phrases = _learned_phrases(texts, names, found, reference, trusted)
    known = {form: entity if form in trusted else NOBODY for form, entity in names.entities.items()}
    return Names({**known, **phrases})


def _trusted(names: Names, found: Sequence[tuple[str, ...]], reference: Mapping[int, frozenset[int]]) -> set[str]:
    """Names whose occurrences are their entity often enough."""
    occurrences: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for row, entities in reference.items():
        for form in found[row]:
            occurrences[form] += 1
            hits[form] += names.entities[form] in entities
    return {form for form in names.entities if (hits[form] + PRIOR) / (occurrences[form] + 1.0) >= MIN_PRECISION}


def _learned_phrases(
    texts: Sequence[str],
    names: Names,
    found: Sequence[tuple[str, ...]],
    reference: Mapping[int, frozenset[int]],
    trusted: set[str],
) -> dict[str, int]:
    """Phrases of capitalised words that stand for an entity whose own names are not in the text."""
    occurrences: Counter[str] = Counter()
    hits: Counter[tuple[str, int]] = Counter()
    for row, entities in reference.items():
        missing = entities.difference(names.entities[form] for form in found[row])
        phrases = _phrases(tokens(texts[row]))
        occurrences.update(phrases)
        hits.update((phrase, entity) for phrase in phrases for entity in missing)
    learned: dict[str, tuple[int, int]] = {}
    for (phrase, entity), count in hits.items():
        if count < MIN_PHRASE_HITS or count < MIN_PRECISION * occurrences[phrase] or phrase in trusted:
            continue
        best = learned.get(phrase)
        if best is None or (count, -entity) > best:
            learned[phrase] = (count, -entity)
    # A phrase around a trusted name would hide it: `United States Barack Obama`.
    inside = Names({form: names.entities[form] for form in trusted})
    hidden = inside.spot_forms(learned)
    return {phrase: -entity for phrase, (_, entity) in sorted(learned.items()) if not hidden[phrase]}


def _phrases(words: Sequence[str]) -> set[str]:
    """Forms of runs of up to four capitalised words; linking words may stand inside."""
    phrases = set()
    for start, first in enumerate(words):
        if not first[0].isupper():
            continue
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(words)) + 1):
            last = words[end - 1]
            if last[0].isupper() or last[0].isdigit():
                phrases.add(_form(words[start:end]))
            elif last not in _LINKING:
                break
    return phrases
