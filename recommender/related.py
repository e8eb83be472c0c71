"""Related events for a slug, several or a text, with a reason on every row: the library's front door."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Likelihood
from models.trees import TreeRanker
from recommender.events import RelatedLink
from recommender.fusion import Asker, Role, fuse
from recommender.index import Index
from recommender.listing import ListMaker, RelatedList, labels_of
from recommender.parameters import Parameters, Profile
from recommender.ranking import Ranking, rank
from recommender.requests import Evidence, answers, known_to, query_of, requests_of, text_request
from recommender.rule import list_items
from recommender.scoring import candidate_features, group_contributions
from recommender.seeds import Question, SeedRows, check_profile, seed_rows
from recommender.text_queries import TextQuery, TextReader
from recommender.why import Why, explain


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
        self._evidence = Evidence.of(index, self.ranker)
        self._reader = reader or TextReader(index)
        self.likelihood = Likelihood.bundled()
        """What scores of `extend` are worth."""
        self._lists = ListMaker(index, self.likelihood)

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
        (request,) = requests_of(self._evidence, [row], parameters)
        return explain(self._evidence, self.likelihood, request, asked, known_to(self.index, parameters.profile))

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
            yield self._lists.of_one(row, found, parameters)

    def rankings(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, Ranking]]:
        """Rows and rankings without the events: for measuring and for regenerating."""
        yield from answers(self._evidence, rank, rows, parameters, without_own_list=without_own_list)

    def candidates(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Rows, their candidates and the candidates' evidence: for fitting.

        Yields:
            The row, its candidates ascending, and one row of features a candidate, columns as in `FEATURES`.
        """
        make = candidate_features
        for row, found in answers(self._evidence, make, rows, parameters, without_own_list=without_own_list):
            yield row, *found

    def contributions(
        self, rows: Sequence[int], parameters: Parameters, *, without_own_list: bool = False
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Rows, their candidates and what `extend` says of these before any weight: for tuning.

        Yields:
            The row, its candidates ascending, and (candidates, groups) contributions in units, groups as in `GROUPS`.
        """
        make = group_contributions
        for row, found in answers(self._evidence, make, rows, parameters, without_own_list=without_own_list):
            yield row, *found

    def askers(self, group: SeedRows, parameters: Parameters) -> list[Asker]:
        """Events that ask together, and those that are liked or not, in the order of `SeedRows.rows`."""
        roles: list[Role] = [role for role, rows in group.by_role() for _ in rows]
        requests = requests_of(self._evidence, group.rows, parameters)
        return [Asker(role, self._evidence, one) for role, one in zip(roles, requests, strict=True)]

    def text_asker(self, text: TextQuery, parameters: Parameters) -> Asker:
        """A text that asks, in the index that has it as one event more."""
        return Asker("query", *text_request(self._evidence, text, parameters))

    def links(self, row: int, others: Iterable[int], parameters: Parameters) -> list[RelatedLink]:
        """A ranking as the items of a Related list."""
        return list_items(self.index.corpus, *known_to(self.index, parameters.profile), row, others)

    def known(self, row: int, profile: Profile = "extend", *, without_own_list: bool = False) -> list[str]:
        """Labels of the entities by which an event asks, rarest first.

        Args:
            row: The event.
            profile: Whose knowledge it is.
            without_own_list: Whether its existing list is hidden from that.
        """
        entities, _ = known_to(self.index, profile)
        query = query_of(self.index, row, profile, without_own_list=without_own_list)
        return labels_of(entities, query.entities)

    def shared(self, row: int, other: int, profile: Profile = "extend") -> list[str]:
        """Labels of the entities that two events have in common as far as the profile knows, rarest first."""
        entities, sources = known_to(self.index, profile)
        return labels_of(entities, entities.common(row, other, sources))

    def _together(self, group: SeedRows, parameters: Parameters, text: TextQuery | None = None) -> RelatedList:
        """The list of several who ask, a text among them or not."""
        check_profile(parameters.profile)
        askers = self.askers(group, parameters)
        if text is not None:
            askers.insert(0, self.text_asker(text, parameters))
        found = fuse(askers, group.rows)
        queries = [one for one in askers if one.role == "query"]
        return self._lists.of_several(queries, found, parameters, group, text)
