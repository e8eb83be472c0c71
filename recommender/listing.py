"""A ranking → the list that people and programs see, with a reason on every row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Likelihood
from recommender.entities import EntityIndex, rarest_first
from recommender.events import Event
from recommender.fusion import Asker
from recommender.index import Index
from recommender.parameters import Parameters, Profile
from recommender.ranking import Ranking
from recommender.reasons import Pair, RareWords, tell
from recommender.requests import known_to, resolved
from recommender.seeds import SeedRows
from recommender.storylines import Group, Standing, standings
from recommender.text_queries import TextQuery


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One row of a list."""

    rank: int
    """From 1."""
    event: Event
    score: float | None
    """Comparable within one list; None where no score put the event here, but an editor, or that it is recent."""
    shared: tuple[str, ...]
    """Labels of the entities that both events have, rarest first."""
    days: int
    """Days after the query; negative is before."""
    contributions: dict[str, float]
    """What each kind of evidence adds to the score."""
    reason: str
    """Why it is there, in one plain sentence, see `recommender.reasons`; labels in it are plain text."""
    group: Group | None = None
    """Where it stands in the query's story; None by profiles that do not look at that."""
    probability: float | None = None
    """How probable it is that a reader would call it relevant, 0 to 1; None where the profile does not know."""
    duplicates: tuple[str, ...] = ()
    """Slugs of near-duplicates of it, which do not stand on the list themselves, best first."""
    fallback: bool = False
    """Whether it only fills the list: one of the most recent events, related or not."""
    seed: str | None = None
    """Of several events that ask the one to which `days` counts, the nearest in time."""
    shares: dict[str, float] = field(default_factory=dict)
    """Of several events that ask what each adds to the score; the other contributions come on top."""
    editor: bool = False
    """Whether an editor put it here, in the front matter of the query's page."""


@dataclass(frozen=True, slots=True)
class RelatedList:
    """The answer to one query."""

    query: Event
    """Who asks; without a slug if it is a text, the first if there are several."""
    entities: tuple[str, ...]
    """Labels of the query's entities, rarest first."""
    parameters: Parameters
    related: tuple[Recommendation, ...]
    duplicates: tuple[str, ...] = ()
    """Slugs of near-duplicates of the query, or of several, which do not stand on the list, best first."""
    seeds: tuple[Event, ...] = ()
    """The events that ask together, where there are several."""
    like: tuple[Event, ...] = ()
    unlike: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """What a list says of each that asks."""

    row: int
    day: int
    words: RareWords
    """Of its headline."""
    entities: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class ListMaker:
    """Makes the lists of one index."""

    index: Index
    likelihood: Likelihood
    """What scores of `extend` are worth."""

    def of_one(self, row: int, found: Ranking, parameters: Parameters) -> RelatedList:
        """The list of an event that asks alone."""
        corpus = self.index.corpus
        known = self._known_of(row, parameters.profile)
        event, stems = corpus.event(row), self.index.stems
        query = _Asking(row, int(corpus.days[row]), RareWords(stems, stems.of_text(row), event.text), known)
        related = self._recommendations([query], found, parameters)
        limited, _ = resolved(self.index, parameters)
        labels = tuple(labels_of(known_to(self.index, parameters.profile)[0], known))
        return RelatedList(event, labels, limited, related, self._repeated(found, row))

    def of_several(
        self,
        askers: Sequence[Asker],
        found: Ranking,
        parameters: Parameters,
        group: SeedRows,
        text: TextQuery | None = None,
    ) -> RelatedList:
        """The list of several who ask together.

        Args:
            askers: The queries, in the order of the shares of the ranking.
            found: The ranking.
            parameters: What was asked for.
            group: Which events these are, and which are liked or not.
            text: The first query, where it is a text.
        """
        corpus, (parameters, _) = self.index.corpus, resolved(self.index, parameters)
        queries = [self._asking(one, text) for one in askers]
        related = self._recommendations(queries, found, parameters)
        seeds = tuple(map(corpus.event, group.queries))
        return RelatedList(
            query=seeds[0] if text is None else Event("", text.date, text.text),
            entities=self._labels(np.concatenate([one.entities for one in queries]), parameters.profile),
            parameters=parameters,
            related=related,
            duplicates=tuple(slug for one in queries for slug in self._repeated(found, one.row)),
            seeds=seeds if len(queries) > 1 else (),
            like=tuple(map(corpus.event, group.like)),
            unlike=tuple(map(corpus.event, group.unlike)),
        )

    def _asking(self, asker: Asker, text: TextQuery | None) -> _Asking:
        index, row, entities = asker.evidence.index, asker.request.row, asker.request.query.entities
        said = text.text if text is not None and row == len(self.index.corpus) else index.corpus.texts[row]
        words = RareWords(self.index.stems, index.stems.of_text(row), said)
        return _Asking(row, int(index.corpus.days[row]), words, entities)

    def _recommendations(
        self, queries: Sequence[_Asking], found: Ranking, parameters: Parameters
    ) -> tuple[Recommendation, ...]:
        rows, days = found.rows.tolist(), self.index.corpus.days[found.rows].tolist()
        standing, shared = standings(self.likelihood, found), self._shared(queries, found.rows, parameters.profile)
        seeds = [self.index.corpus.slug(one.row) for one in queries] if len(queries) > 1 else []
        related = []
        for place, (row, day) in enumerate(zip(rows, days, strict=True)):
            nearest = min(range(len(queries)), key=[abs(day - one.day) for one in queries].__getitem__)
            pair = Pair(day - queries[nearest].day, shared[place], row, queries[nearest].words)
            one = self._recommendation(found, place, standing[place], pair)
            if seeds:
                shares = {} if one.fallback else dict(zip(seeds, found.shares[place].tolist(), strict=True))
                one = replace(one, seed=seeds[nearest], shares=shares)
            related.append(one)
        return tuple(related)

    def _recommendation(self, found: Ranking, place: int, standing: Standing | None, pair: Pair) -> Recommendation:
        fallback, editor = found.is_filled(place), found.is_chosen(place)
        scored = not fallback and not editor
        contributions = found.contributions[place].tolist() if scored else ()
        return Recommendation(
            rank=place + 1,
            event=self.index.corpus.event(pair.row),
            score=float(found.scores[place]) if scored else None,
            shared=pair.shared,
            days=pair.days,
            contributions=dict(zip(found.columns, contributions, strict=True)) if scored else {},
            reason=tell(found, place, standing, pair),
            group=None if standing is None else standing.group,
            probability=float(found.probabilities[place]) if scored and found.probabilities is not None else None,
            duplicates=self._repeated(found, pair.row),
            fallback=fallback,
            editor=editor,
        )

    def _shared(self, queries: Sequence[_Asking], rows: NDArray[np.int64], profile: Profile) -> list[tuple[str, ...]]:
        """Labels of what each row shares with any of those who ask, rarest first."""
        entities, sources = known_to(self.index, profile)
        (first, *others) = queries
        if not others and first.row < len(self.index.corpus):
            common = entities.common_with(first.row, rows, sources)
            return [tuple(entities.labels[entity] for entity in one) for one in common]
        asked = np.concatenate([one.entities for one in queries])
        return [self._labels(np.intersect1d(asked, self._known_of(int(row), profile)), profile) for row in rows]

    def _labels(self, asked: NDArray[np.int32], profile: Profile) -> tuple[str, ...]:
        return tuple(labels_of(known_to(self.index, profile)[0], np.unique(asked)))

    def _known_of(self, row: int, profile: Profile) -> NDArray[np.int32]:
        entities, sources = known_to(self.index, profile)
        return entities.entities(row, sources)

    def _repeated(self, found: Ranking, row: int) -> tuple[str, ...]:
        return tuple(self.index.corpus.slug(other) for other in found.repeated.get(row, ()))


def labels_of(entities: EntityIndex, asked: NDArray[np.int32]) -> list[str]:
    """Labels of some entities, rarest first."""
    return [entities.labels[entity] for entity in rarest_first(entities, asked)]
