"""Related events for a slug, several or a text, with a reason on every row: the library's front door."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Likelihood
from models.trees import TreeRanker
from recommender import ranking
from recommender.candidates import WINDOWS, eligible, from_each_source
from recommender.entities import ALL_SOURCES, EntityIndex, Query, rarest_first
from recommender.events import Event, RelatedLink
from recommender.evidence import PRINTED
from recommender.filters import admitted, filtered
from recommender.fusion import Asker, Role, fuse
from recommender.heldout import query_without_list
from recommender.index import Index
from recommender.parameters import Parameters, Profile
from recommender.reasons import Pair, tell
from recommender.rough import Rough, Roughly
from recommender.rule import list_items
from recommender.seeds import Question, SeedRows, check_profile, seed_rows
from recommender.storylines import Group, Standing, standings
from recommender.text_queries import TextQuery, TextReader
from recommender.texts import Near
from recommender.threads import mapped
from recommender.why import Why, explain

Answer = TypeVar("Answer")


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
    text: str
    stems: NDArray[np.int32]
    entities: NDArray[np.int32]


class Recommender:
    """Answers queries from one open index."""

    def __init__(self, index: Index, ranker: TreeRanker | None = None, reader: TextReader | None = None) -> None:
        """Prepare an index.

        Args:
            index: Where answers come from.
            ranker: Of `extend`, the bundled one if None.
            reader: Of texts, one that loads the index's encoder on first use if None.
        """
        self.index = index
        self.ranker = ranker or TreeRanker.bundled("extend")
        """What weighs the evidence of `extend`."""
        self._evidence = ranking.Evidence.of(index, self.ranker)
        self._reader = reader or TextReader(index)
        self.likelihood = Likelihood.bundled()
        """What scores of `extend` are worth."""

    def answer(self, question: Question, parameters: Parameters | None = None) -> RelatedList:
        """The list of whoever asks; errors are those of `related` and `related_text`."""
        like, unlike = question.like, question.unlike
        if question.text is not None:
            return self.related_text(question.text, parameters, date=question.date, like=like, unlike=unlike)
        return self.related(question.slugs, parameters, like=like, unlike=unlike)

    def related(
        self,
        slug: str | Sequence[str],
        parameters: Parameters | None = None,
        *,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
    ) -> RelatedList:
        """The events that are related to an event, or to several.

        Args:
            slug: Whole, or its last part where only one event has it; several ask for one list together.
            parameters: Defaults if None.
            like: Slugs of events towards which the list is drawn.
            unlike: Slugs of events from which it is pushed away.

        Raises:
            SlugUnknownError: No event has one of the slugs.
            SlugAmbiguousError: Several events end in it.
            ParameterError: There are too many of them, one is liked and unliked, or the profile asks for one only.
        """
        parameters = parameters or Parameters()
        group = seed_rows(self.index.corpus, [slug] if isinstance(slug, str) else slug, like, unlike)
        if group.is_one:
            return next(self.related_rows(group.queries, parameters))
        return self._together(group, parameters)

    def related_text(
        self,
        text: str,
        parameters: Parameters | None = None,
        *,
        date: date | None = None,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
    ) -> RelatedList:
        """The related events of a text that is not in the archive; the first one of a recommender takes seconds.

        Args:
            text: One to three sentences, as the archive's headlines are.
            parameters: Defaults if None; `reproduce` makes no list of a text.
            date: The day of what it tells, None for after the archive's last event.
            like: As of `related`.
            unlike: As of `related`.

        Raises:
            ParameterError: The text is empty or too long, or as of `related`.
            EncoderError: The index's encoder is not there any more.
            SlugUnknownError: As of `related`, as is SlugAmbiguousError.
        """
        parameters = parameters or Parameters()
        group = seed_rows(self.index.corpus, None, like, unlike)
        check_profile(parameters.profile)
        return self._together(group, parameters, self._reader.read(text, date, parameters.as_of))

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
        (request,) = self._requests([row], parameters)
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
        yield from self._answers(ranking.rank, rows, parameters, without_own_list=without_own_list)

    def candidates(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Rows, their candidates and the candidates' evidence: for fitting.

        Yields:
            The row, its candidates ascending, and one row of features a candidate, columns as in `FEATURES`.
        """
        make = ranking.candidate_features
        for row, found in self._answers(make, rows, parameters, without_own_list=without_own_list):
            yield row, *found

    def contributions(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Rows, their candidates and what `extend` says of these before any weight: for tuning.

        Yields:
            The row, its candidates ascending, and (candidates, groups) contributions in units, groups as in `GROUPS`.
        """
        make = ranking.group_contributions
        for row, found in self._answers(make, rows, parameters, without_own_list=without_own_list):
            yield row, *found

    def askers(self, group: SeedRows, parameters: Parameters) -> list[Asker]:
        """Events that ask together, and those that are liked or not, in the order of `SeedRows.rows`."""
        roles: list[Role] = [role for role, rows in group.by_role() for _ in rows]
        requests = self._requests(group.rows, parameters)
        return [Asker(role, self._evidence, one) for role, one in zip(roles, requests, strict=True)]

    def text_asker(self, text: TextQuery, parameters: Parameters) -> Asker:
        """A text that asks, in the index that has it as one event more."""
        index = text.in_index(self.index)
        row, (parameters, limit) = len(self.index.corpus), self._resolved(parameters)
        rough = self.index.codes.rough(text.vector)
        near = self._near(row, index.corpus.days, text.vector, rough, parameters)
        terms = index.terms.further_row(text.text)
        among = self._admitted(index.corpus.days, row, parameters)
        request = ranking.Request(row, Query(text.entities), parameters, limit, near, text.vector, terms, among)
        return Asker("query", ranking.Evidence.of(index, self.ranker), request)

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

    def _requests(self, rows: Sequence[int], parameters: Parameters) -> list[ranking.Request]:
        answers = self._answers(lambda _, request: request, rows, parameters, without_own_list=False)
        return [request for _, request in answers]

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
        texts, days = self._evidence.texts, self.index.corpus.days
        roughly = Roughly.of(texts.vectors, texts.codes, len(rows))

        def answers(asked: Sequence[int]) -> Iterator[tuple[int, Answer]]:
            for row, rough in zip(asked, roughly.of_rows(asked), strict=True):
                query = self._query(row, parameters, without_own_list=without_own_list)
                vector, terms = texts.vectors[row], self.index.terms.row_vector(row)
                near = self._near(row, days, vector, rough, parameters)
                among = self._admitted(days, row, parameters)
                request = ranking.Request(row, query, parameters, limit, near, vector, terms, among)
                yield row, answer(self._evidence, request)

        yield from mapped(answers, rows, roughly.size)

    def _together(self, group: SeedRows, parameters: Parameters, text: TextQuery | None = None) -> RelatedList:
        """The list of several who ask, a text among them or not."""
        check_profile(parameters.profile)
        askers = self.askers(group, parameters)
        if text is not None:
            askers.insert(0, self.text_asker(text, parameters))
        found = fuse(askers, group.rows)
        corpus, (parameters, _) = self.index.corpus, self._resolved(parameters)
        queries = [self._asking(one, text) for one in askers if one.role == "query"]
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

    def _labels(self, asked: NDArray[np.int32], profile: Profile) -> tuple[str, ...]:
        entities, _ = self._known(profile)
        return tuple(entities.labels[entity] for entity in rarest_first(entities, np.unique(asked)))

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

    @staticmethod
    def _admitted(days: NDArray[np.int32], row: int, parameters: Parameters) -> NDArray[np.bool_] | None:
        """Whom the filters let through for a query; None where none is set."""
        return admitted(days, int(days[row]), parameters) if filtered(parameters) else None

    def _near(
        self,
        row: int,
        days: NDArray[np.int32],
        vector: NDArray[np.float32],
        rough: Rough,
        parameters: Parameters,
    ) -> Near:
        """The events with the nearest texts: of all, by `extend` of each window as well.

        With a filter these are the nearest of those that it lets through, and by `extend` those without it beside them.
        """
        nobody = Near(np.zeros(0, np.int64), np.zeros(0, np.float32))
        if parameters.profile == "reproduce":
            return nobody
        texts, admitted = self._evidence.texts, self._admitted(days, row, parameters)
        # A text has a day and no vector among the others.
        allowed = eligible(days, row, parameters.last_day)[: len(texts.vectors)]
        listable = allowed if admitted is None else allowed & admitted[: len(allowed)]
        if parameters.profile == "cosine":
            return texts.near(rough, vector, listable, parameters.candidates)
        windows, count = (int(days[row]), WINDOWS), from_each_source(parameters.candidates)
        near = texts.near(rough, vector, allowed, count, windows)
        return near if admitted is None else near.joined(texts.near(rough, vector, listable, count, windows))

    def _list(self, row: int, found: ranking.Ranking, parameters: Parameters) -> RelatedList:
        corpus = self.index.corpus
        known = self._known_of(row, parameters.profile)
        query = _Asking(row, int(corpus.days[row]), corpus.texts[row], self.index.stems.of_text(row), known)
        related = self._recommendations([query], found, parameters)
        resolved, _ = self._resolved(parameters)
        labels = self._labels(query.entities, parameters.profile)
        return RelatedList(corpus.event(row), labels, resolved, related, self._repeated(found, row))

    def _asking(self, asker: Asker, text: TextQuery | None) -> _Asking:
        index, row, entities = asker.evidence.index, asker.request.row, asker.request.query.entities
        is_text = text is not None and row == len(self.index.corpus)
        said = text.text if text is not None and is_text else index.corpus.texts[row]
        return _Asking(row, int(index.corpus.days[row]), said, index.stems.of_text(row), entities)

    def _known_of(self, row: int, profile: Profile) -> NDArray[np.int32]:
        entities, sources = self._known(profile)
        return entities.entities(row, sources)

    def _recommendations(
        self, queries: Sequence[_Asking], found: ranking.Ranking, parameters: Parameters
    ) -> tuple[Recommendation, ...]:
        standing, shared = standings(self.likelihood, found), self._shared(queries, found.rows, parameters.profile)
        return tuple(
            self._recommendation(queries, found, place, standing[place], shared[place])
            for place in range(len(found.rows))
        )

    def _shared(self, queries: Sequence[_Asking], rows: NDArray[np.int64], profile: Profile) -> list[tuple[str, ...]]:
        """Labels of what each row shares with any of those who ask, rarest first."""
        entities, sources = self._known(profile)
        (first, *others) = queries
        if not others and first.row < len(self.index.corpus):
            common = entities.common_with(first.row, rows, sources)
            return [tuple(entities.labels[entity] for entity in one.tolist()) for one in common]
        asked = np.concatenate([one.entities for one in queries])
        return [self._labels(np.intersect1d(asked, self._known_of(int(row), profile)), profile) for row in rows]

    def _recommendation(
        self,
        queries: Sequence[_Asking],
        found: ranking.Ranking,
        place: int,
        standing: Standing | None,
        shared: tuple[str, ...],
    ) -> Recommendation:
        corpus, other = self.index.corpus, int(found.rows[place])
        fallback, editor = place >= len(found.rows) - found.filled, place < found.chosen
        scored = not fallback and not editor
        contributions = zip(found.columns, map(float, found.contributions[place]), strict=True)
        nearest = min(queries, key=lambda one: abs(int(corpus.days[other]) - one.day))
        several = len(queries) > 1
        shares = zip(queries, map(float, found.shares[place]), strict=True) if several and not fallback else ()
        days = int(corpus.days[other]) - nearest.day
        pair = Pair(nearest.text, (nearest.stems, self.index.stems.of_text(other)), days, shared)
        return Recommendation(
            rank=place + 1,
            event=corpus.event(other),
            score=float(found.scores[place]) if scored else None,
            shared=shared,
            days=days,
            contributions=dict(contributions) if scored else {},
            reason=tell(self.index.stems, found, place, standing, pair),
            group=None if standing is None else standing.group,
            probability=float(found.probabilities[place]) if scored and found.probabilities is not None else None,
            duplicates=self._repeated(found, other),
            fallback=fallback,
            seed=corpus.slug(nearest.row) if several else None,
            shares={corpus.slug(one.row): share for one, share in shares},
            editor=editor,
        )

    def _repeated(self, found: ranking.Ranking, row: int) -> tuple[str, ...]:
        return tuple(self.index.corpus.slug(other) for other in found.repeated.get(row, ()))

    def _known(self, profile: Profile) -> tuple[EntityIndex, int]:
        """The archive's rule knows what the archive says, title by title; everything else also what is inferred."""
        return (self.index.entities, PRINTED) if profile == "reproduce" else (self.index.articles, ALL_SOURCES)
