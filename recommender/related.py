"""Related events for a slug, with a reason on every row: the library's front door."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.trees import TreeRanker
from recommender import ranking
from recommender.candidates import WINDOWS, eligible, from_each_source
from recommender.entities import ALL_SOURCES, EntityIndex, Query, rarest_first
from recommender.events import Event, RelatedLink
from recommender.evidence import PRINTED
from recommender.heldout import query_without_list
from recommender.index import Index
from recommender.parameters import Parameters, Profile
from recommender.rough import Rough, Roughly
from recommender.rule import list_items
from recommender.texts import Near
from recommender.threads import mapped

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One row of a list."""

    rank: int
    """From 1."""
    event: Event
    score: float
    """Comparable within one list."""
    shared: tuple[str, ...]
    """Labels of the entities that both events have, rarest first."""
    days: int
    """Days after the query; negative is before."""
    contributions: dict[str, float]
    """What each kind of evidence adds to the score."""


@dataclass(frozen=True, slots=True)
class RelatedList:
    """The answer to one query."""

    query: Event
    entities: tuple[str, ...]
    """Labels of the query's entities, rarest first."""
    parameters: Parameters
    related: tuple[Recommendation, ...]


class Recommender:
    """Answers queries from one open index."""

    def __init__(self, index: Index, ranker: TreeRanker | None = None) -> None:
        self.index = index
        self.ranker = ranker or TreeRanker.bundled("extend")
        self._evidence = ranking.Evidence.of(index, self.ranker)

    def related(self, slug: str, parameters: Parameters | None = None) -> RelatedList:
        """The related events of a slug.

        Args:
            slug: Whole, or its last part where only one event has it.
            parameters: Defaults if None.

        Raises:
            SlugUnknownError: No event has this slug.
            SlugAmbiguousError: Several events end in it.
        """
        row = self.index.corpus.row(slug)
        return next(self.related_rows([row], parameters or Parameters()))

    def related_rows(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[RelatedList]:
        """The lists of many events, in the order of the rows; each is the same as asked alone.

        Args:
            rows: The events that ask.
            parameters: The same for all.
            without_own_list: Whether the existing list of each is hidden from what is known of entities.
        """
        for row, found in self.rankings(rows, parameters, without_own_list=without_own_list):
            yield self._list(row, found, parameters)

    def rankings(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, ranking.Ranking]]:
        """Rows and rankings without the events: for measuring and for regenerating."""
        yield from self._answers(ranking.rank, rows, parameters, without_own_list=without_own_list)

    def candidates(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Rows, their candidates and the candidates' evidence: for fitting.

        Yields:
            The row, its candidates ascending, and one row of features a candidate, columns as in `FEATURES`.
        """
        for row, found in self._answers(
            ranking.candidate_features, rows, parameters, without_own_list=without_own_list
        ):
            yield row, *found

    def links(self, row: int, others: Iterable[int], parameters: Parameters) -> list[RelatedLink]:
        """A ranking as the items of a Related list."""
        return list_items(self.index.corpus, *self._known(parameters.profile), row, others)

    def known(self, row: int, profile: Profile = "extend", *, without_own_list: bool = False) -> list[str]:
        """Labels of the entities by which an event asks, rarest first.

        Args:
            row: The event.
            profile: Whose knowledge it is.
            without_own_list: Whether its existing list is hidden from that.
        """
        entities, _ = self._known(profile)
        query = self._query(row, Parameters(profile=profile), without_own_list=without_own_list)
        return [entities.labels[entity] for entity in rarest_first(entities, query.entities)]

    def shared(self, row: int, other: int, profile: Profile = "extend") -> list[str]:
        """Labels of the entities that two events have in common as far as the profile knows, rarest first."""
        entities, sources = self._known(profile)
        return [entities.labels[entity] for entity in rarest_first(entities, entities.common(row, other, sources))]

    def _answers(
        self,
        answer: Callable[[ranking.Evidence, ranking.Request], Answer],
        rows: Sequence[int],
        parameters: Parameters,
        *,
        without_own_list: bool,
    ) -> Iterator[tuple[int, Answer]]:
        """What a function makes of each request, in the order of the rows; many on all processors."""
        parameters, limit = self._resolved(parameters)

        texts = self._evidence.texts
        roughly = Roughly.of(texts.vectors, texts.codes, len(rows))

        def answers(asked: Sequence[int]) -> Iterator[tuple[int, Answer]]:
            for row, rough in zip(asked, roughly.of_rows(asked), strict=True):
                query = self._query(row, parameters, without_own_list=without_own_list)
                near = self._near(row, rough, parameters)
                yield row, answer(self._evidence, ranking.Request(row, query, parameters, limit, *near))

        yield from mapped(answers, rows, roughly.size)

    def _resolved(self, parameters: Parameters) -> tuple[Parameters, int]:
        """The parameters with the archive's limit where they have none, and that limit."""
        if parameters.limit is not None:
            return parameters, parameters.limit
        limit = self.index.manifest.limit
        profile, as_of, candidates = parameters.profile, parameters.as_of, parameters.candidates
        return Parameters.checked(profile=profile, limit=limit, as_of=as_of, candidates=candidates), limit

    def _query(self, row: int, parameters: Parameters, *, without_own_list: bool) -> Query:
        entities, sources = self._known(parameters.profile)
        if without_own_list:
            return query_without_list(entities, row, sources)
        return entities.query(row, sources)

    def _near(self, row: int, rough: Rough, parameters: Parameters) -> Near:
        """The events with the nearest texts: of all, by `extend` of each window as well."""
        if parameters.profile == "reproduce":
            return Near(np.zeros(0, np.int64), np.zeros(0, np.float32))
        texts, days = self._evidence.texts, self.index.corpus.days
        allowed = eligible(days, row, parameters.last_day)
        if parameters.profile == "cosine":
            return texts.near(rough, texts.vectors[row], allowed, parameters.candidates)
        windows = (int(days[row]), WINDOWS)
        count = from_each_source(parameters.candidates)
        return texts.near(rough, texts.vectors[row], allowed, count, windows)

    def _list(self, row: int, found: ranking.Ranking, parameters: Parameters) -> RelatedList:
        corpus = self.index.corpus
        entities, sources = self._known(parameters.profile)
        # An event shares all its entities with itself.
        own, *shared = entities.common_with(row, np.append(row, found.rows), sources)
        related = [
            Recommendation(
                rank=place,
                event=corpus.event(int(other)),
                score=float(score),
                shared=tuple(entities.labels[entity] for entity in shared[place - 1].tolist()),
                days=int(corpus.days[other]) - int(corpus.days[row]),
                contributions=dict(zip(found.columns, map(float, contributions), strict=True)),
            )
            for place, (other, score, contributions) in enumerate(
                zip(found.rows, found.scores, found.contributions, strict=True), start=1
            )
        ]
        labels = tuple(entities.labels[entity] for entity in own.tolist())
        return RelatedList(corpus.event(row), labels, self._resolved(parameters)[0], tuple(related))

    def _known(self, profile: Profile) -> tuple[EntityIndex, int]:
        """The archive's rule knows what the archive says, title by title; everything else also what is inferred."""
        return (self.index.entities, PRINTED) if profile == "reproduce" else (self.index.articles, ALL_SOURCES)
