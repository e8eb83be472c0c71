"""Related events for a slug, with a reason on every row: the library's front door."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Likelihood
from models.trees import TreeRanker
from recommender import ranking
from recommender.candidates import eligible, from_each_source, text_masks
from recommender.entities import ALL_SOURCES, EntityIndex, Query, rarest_first
from recommender.events import Event, RelatedLink
from recommender.evidence import PRINTED
from recommender.heldout import query_without_list
from recommender.index import Index
from recommender.neighbours import nearest_among
from recommender.parameters import Parameters, Profile
from recommender.reasons import tell
from recommender.rule import list_items
from recommender.storylines import Group
from recommender.why import Why, explain

_BLOCK = 256
"""Queries that are answered together: their neighbours come out of one matrix product."""


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
    reason: str
    """Why it is there, in one plain sentence, see `recommender.reasons`; labels in it are plain text."""
    group: Group | None
    """Where it stands in the query's story; None by profiles that do not look at that."""


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
        self._evidence = ranking.Evidence.of(index, ranker or TreeRanker.bundled("extend"))
        self.likelihood = Likelihood.bundled()
        """What scores of `extend` are worth."""

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

    def why(self, slug: str, other: str, parameters: Parameters | None = None) -> Why:
        """Why an event is on the list of a slug, or what kept it off.

        Args:
            slug: Of the query, as for `related`.
            other: Of the event that is asked about.
            parameters: Of the list.

        Raises:
            SlugUnknownError: No event has one of them.
            SlugAmbiguousError: Several events end in one of them.
        """
        corpus, parameters = self.index.corpus, parameters or Parameters()
        row, asked = corpus.row(slug), corpus.row(other)
        request = next(self._requests([row], parameters, without_own_list=False))
        return explain(self._evidence, self.likelihood, request, asked, self._known(parameters.profile))

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
        for request in self._requests(rows, parameters, without_own_list=without_own_list):
            yield request.row, ranking.rank(self._evidence, request)

    def candidates(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Rows, their candidates and the candidates' evidence: for fitting.

        Yields:
            The row, its candidates ascending, and one row of features a candidate, columns as in `FEATURES`.
        """
        for request in self._requests(rows, parameters, without_own_list=without_own_list):
            yield request.row, *ranking.candidate_features(self._evidence, request)

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

    def _requests(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool
    ) -> Iterator[ranking.Request]:
        parameters, limit = self._resolved(parameters)
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            for row, near in zip(block, self._near(block, parameters), strict=True):
                query = self._query(row, parameters, without_own_list=without_own_list)
                yield ranking.Request(row, query, parameters, limit, near)

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

    def _near(self, rows: Sequence[int], parameters: Parameters) -> Iterator[NDArray[np.int64]]:
        """For each row the events with the nearest texts: of all, by `extend` of each window as well; ascending."""
        index, last_day, profile = self.index, parameters.last_day, parameters.profile
        days = index.corpus.days
        if profile == "reproduce":
            yield from [np.zeros(0, np.int64)] * len(rows)
            return
        alone = profile == "cosine"
        count = parameters.candidates if alone else from_each_source(parameters.candidates)

        def masks(row: int) -> list[NDArray[np.bool_]]:
            return [eligible(days, row, last_day)] if alone else text_masks(days, row, last_day)

        for several in nearest_among(index.vectors, rows, count, masks):
            yield np.unique(np.concatenate([found.rows for found in several]))

    def _list(self, row: int, found: ranking.Ranking, parameters: Parameters) -> RelatedList:
        corpus = self.index.corpus
        shared = [tuple(self.shared(row, int(other), parameters.profile)) for other in found.rows]
        related = [
            Recommendation(
                rank=place,
                event=corpus.event(int(other)),
                score=float(score),
                shared=labels,
                days=int(corpus.days[other]) - int(corpus.days[row]),
                contributions=dict(zip(found.columns, map(float, contributions), strict=True)),
                reason=reason,
                group=group,
            )
            for place, (other, score, contributions, labels, (reason, group)) in enumerate(
                zip(
                    found.rows,
                    found.scores,
                    found.contributions,
                    shared,
                    tell(self.index, self.likelihood, row, found, shared),
                    strict=True,
                ),
                start=1,
            )
        ]
        own = tuple(self.shared(row, row, parameters.profile))  # an event shares all its entities with itself
        return RelatedList(corpus.event(row), own, self._resolved(parameters)[0], tuple(related))

    def _known(self, profile: Profile) -> tuple[EntityIndex, int]:
        """The archive's rule knows what the archive says, title by title; everything else also what is inferred."""
        return (self.index.entities, PRINTED) if profile == "reproduce" else (self.index.articles, ALL_SOURCES)
