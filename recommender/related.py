"""Related events for a slug, with a reason on every row: the library's front door."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.trees import TreeRanker
from recommender import ranking
from recommender.candidates import eligible, from_each_source, text_masks
from recommender.entities import ALL_SOURCES, EntityIndex, Query, rarest_first
from recommender.events import Event, RelatedLink
from recommender.evidence import PRINTED
from recommender.filters import admitted, filtered
from recommender.heldout import query_without_list
from recommender.index import Index
from recommender.neighbours import nearest_among
from recommender.parameters import Parameters, Profile
from recommender.rule import list_items

_BLOCK = 256
"""Queries that are answered together: their neighbours come out of one matrix product."""


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
    probability: float | None = None
    """How probable it is that a reader would call it relevant, 0 to 1; None where the profile does not know."""
    duplicates: tuple[str, ...] = ()
    """Slugs of near-duplicates of it, which do not stand on the list themselves, best first."""
    fallback: bool = False
    """Whether it only fills the list: one of the most recent events, related or not."""
    editor: bool = False
    """Whether an editor put it here, in the front matter of the query's page."""


@dataclass(frozen=True, slots=True)
class RelatedList:
    """The answer to one query."""

    query: Event
    entities: tuple[str, ...]
    """Labels of the query's entities, rarest first."""
    parameters: Parameters
    related: tuple[Recommendation, ...]
    duplicates: tuple[str, ...] = ()
    """Slugs of near-duplicates of the query, which do not stand on the list, best first."""


class Recommender:
    """Answers queries from one open index."""

    def __init__(self, index: Index, ranker: TreeRanker | None = None) -> None:
        self.index = index
        self._evidence = ranking.Evidence.of(index, ranker or TreeRanker.bundled("extend"))

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
                yield ranking.Request(row, query, parameters, limit, near, self._admitted(row, parameters))

    def _resolved(self, parameters: Parameters) -> tuple[Parameters, int]:
        """The parameters with the archive's limit where they have none, and that limit."""
        if parameters.limit is not None:
            return parameters, parameters.limit
        limit = self.index.manifest.limit
        return parameters.limited(limit), limit

    def _query(self, row: int, parameters: Parameters, *, without_own_list: bool) -> Query:
        entities, sources = self._known(parameters.profile)
        if without_own_list:
            return query_without_list(entities, row, sources)
        return entities.query(row, sources)

    def _admitted(self, row: int, parameters: Parameters) -> NDArray[np.bool_] | None:
        """Whom the filters let through for a query; None where none is set."""
        days = self.index.corpus.days
        return admitted(days, int(days[row]), parameters) if filtered(parameters) else None

    def _near(self, rows: Sequence[int], parameters: Parameters) -> Iterator[NDArray[np.int64]]:
        """For each row the events with the nearest texts: of all, by `extend` of each window as well; ascending.

        With a filter these are the nearest of those that it lets through, and by `extend` those without it beside them.
        """
        index, last_day, profile = self.index, parameters.last_day, parameters.profile
        days = index.corpus.days
        if profile == "reproduce":
            yield from [np.zeros(0, np.int64)] * len(rows)
            return
        alone = profile == "cosine"
        count = parameters.candidates if alone else from_each_source(parameters.candidates)

        def masks(row: int) -> list[NDArray[np.bool_]]:
            walled = [eligible(days, row, last_day)] if alone else text_masks(days, row, last_day)
            among = self._admitted(row, parameters)
            if among is None:
                return walled
            listable = [mask & among for mask in walled]
            return listable if alone else walled + listable

        for several in nearest_among(index.vectors, rows, count, masks):
            yield np.unique(np.concatenate([found.rows for found in several]))

    def _list(self, row: int, found: ranking.Ranking, parameters: Parameters) -> RelatedList:
        own = tuple(self.shared(row, row, parameters.profile))  # an event shares all its entities with itself
        related = tuple(self._recommendation(row, found, place, parameters) for place in range(len(found.rows)))
        resolved, _ = self._resolved(parameters)
        return RelatedList(self.index.corpus.event(row), own, resolved, related, self._repeated(found, row))

    def _recommendation(self, row: int, found: ranking.Ranking, place: int, parameters: Parameters) -> Recommendation:
        corpus, other = self.index.corpus, int(found.rows[place])
        fallback, editor = place >= len(found.rows) - found.filled, place < found.chosen
        scored = not fallback and not editor
        contributions = zip(found.columns, map(float, found.contributions[place]), strict=True)
        return Recommendation(
            rank=place + 1,
            event=corpus.event(other),
            score=float(found.scores[place]) if scored else None,
            shared=tuple(self.shared(row, other, parameters.profile)),
            days=int(corpus.days[other]) - int(corpus.days[row]),
            contributions=dict(contributions) if scored else {},
            probability=float(found.probabilities[place]) if scored and found.probabilities is not None else None,
            duplicates=self._repeated(found, other),
            fallback=fallback,
            editor=editor,
        )

    def _repeated(self, found: ranking.Ranking, row: int) -> tuple[str, ...]:
        return tuple(self.index.corpus.slug(other) for other in found.repeated.get(row, ()))

    def _known(self, profile: Profile) -> tuple[EntityIndex, int]:
        """The archive's rule knows what the archive says, title by title; everything else also what is inferred."""
        return (self.index.entities, PRINTED) if profile == "reproduce" else (self.index.articles, ALL_SOURCES)
