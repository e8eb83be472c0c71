"""Who asks, with all that is computed before anything is scored: requests of events and of texts, one or many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.term_sums import TermSums
from models.terms import TermVector
from models.trees import TreeRanker
from recommender import candidates, features
from recommender.candidates import Sharing
from recommender.entities import ALL_SOURCES, EntityIndex, Query
from recommender.evidence import PRINTED
from recommender.filters import admitted, filtered
from recommender.heldout import query_without_list
from recommender.index import Index
from recommender.parameters import Parameters, Profile
from recommender.rough import Rough, Roughly
from recommender.text_queries import TextQuery
from recommender.texts import Near, Texts
from recommender.threads import mapped

Answer = TypeVar("Answer")
NOBODY = Near(np.zeros(0, np.int64), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One query and what has been computed for it already."""

    row: int
    query: Query
    parameters: Parameters
    limit: int
    """Items at most: the archive's where the parameters give none."""
    near: Near
    """The eligible events with the nearest texts; none where the profile does not ask for them."""
    vector: NDArray[np.float32]
    """(dimensions,) the query's embedding."""
    terms: TermVector
    """The query's terms."""
    admitted: NDArray[np.bool_] | None = None
    """(events,) whom the filters let through; None where none is set."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What ranking needs of an index again and again."""

    index: Index
    ranker: TreeRanker
    group_parts: NDArray[np.int64]
    """(leaves of all trees, groups) what each group of features contributes on the way to a leaf, in units."""
    texts: Texts
    words: TermSums
    sharing: Sharing
    tables: features.Tables

    @classmethod
    def of(cls, index: Index, ranker: TreeRanker) -> "Evidence":
        """Prepare an index for ranking."""
        groups = [np.isin(ranker.features, names) for names in features.GROUPS.values()]
        parts = np.stack([ranker.leaf_parts[:, group].sum(axis=1) for group in groups], axis=1)
        texts = Texts.of(index.vectors, index.codes, index.corpus.days)
        words = TermSums.of(index.postings, len(index.corpus))
        return cls(index, ranker, parts, texts, words, *_known(index))

    def with_text(self, index: Index) -> "Evidence":
        """The same of this index with a text as one event more, which is in none of its vectors."""
        sharing, tables = _known(index)
        return replace(self, index=index, sharing=sharing, tables=tables)


def _known(index: Index) -> tuple[Sharing, features.Tables]:
    sharing = Sharing.of(index.articles)
    return sharing, features.Tables.of(index.corpus.days, index.graph, index.stems, (index.articles, sharing.idf))


def answers(
    evidence: Evidence,
    answer: Callable[[Evidence, Request], Answer],
    rows: Sequence[int],
    parameters: Parameters,
    *,
    without_own_list: bool = False,
) -> Iterator[tuple[int, Answer]]:
    """What a function makes of each request, in the order of the rows; many on all processors.

    Args:
        evidence: Of the index.
        answer: Called with the evidence and a request.
        rows: The events that ask.
        parameters: The same for all.
        without_own_list: Whether the existing list of each is hidden from what is known of entities.

    Yields:
        The row and what was made of its request.
    """
    index, texts, days = evidence.index, evidence.texts, evidence.index.corpus.days
    parameters, limit = resolved(index, parameters)
    by_rule = parameters.profile == "reproduce"  # which looks at no text
    roughly = Roughly.of(texts.vectors, texts.codes, 0 if by_rule else len(rows))

    def made(asked: Sequence[int]) -> Iterator[tuple[int, Answer]]:
        for row, rough in zip(asked, repeat(None) if by_rule else roughly.of_rows(asked), strict=not by_rule):
            query = query_of(index, row, parameters.profile, without_own_list=without_own_list)
            vector, terms = texts.vectors[row], index.terms.row_vector(row)
            near = NOBODY if rough is None else _near(texts, row, days, (rough, vector), parameters)
            among = _admitted(days, row, parameters)
            request = Request(row, query, parameters, limit, near, vector, terms, among)
            yield row, answer(evidence, request)

    yield from mapped(made, rows, roughly.size)


def requests_of(evidence: Evidence, rows: Sequence[int], parameters: Parameters) -> list[Request]:
    """The requests themselves, in the order of the rows."""
    return [request for _, request in answers(evidence, lambda _, request: request, rows, parameters)]


def text_request(evidence: Evidence, text: TextQuery, parameters: Parameters) -> tuple[Evidence, Request]:
    """The request of a text, and the evidence of the index that has it as one event more."""
    own = evidence.index
    index = text.in_index(own)
    row, (parameters, limit) = len(own.corpus), resolved(own, parameters)
    rough = own.codes.rough(text.vector)
    near = _near(evidence.texts, row, index.corpus.days, (rough, text.vector), parameters)
    terms = index.terms.further_row(text.text)
    among = _admitted(index.corpus.days, row, parameters)
    request = Request(row, Query(text.entities), parameters, limit, near, text.vector, terms, among)
    return evidence.with_text(index), request


def resolved(index: Index, parameters: Parameters) -> tuple[Parameters, int]:
    """The parameters with the archive's limit where they have none, and that limit."""
    if parameters.limit is not None:
        return parameters, parameters.limit
    limit = index.manifest.limit
    return parameters.limited(limit), limit


def known_to(index: Index, profile: Profile) -> tuple[EntityIndex, int]:
    """Entities and sources that a profile knows.

    The archive's rule knows what the archive says, title by title; everything else also what is inferred.
    """
    return (index.entities, PRINTED) if profile == "reproduce" else (index.articles, ALL_SOURCES)


def query_of(index: Index, row: int, profile: Profile, *, without_own_list: bool = False) -> Query:
    """By which entities an event asks."""
    entities, sources = known_to(index, profile)
    if without_own_list:
        return query_without_list(entities, row, sources)
    return entities.query(row, sources)


def _admitted(days: NDArray[np.int32], row: int, parameters: Parameters) -> NDArray[np.bool_] | None:
    """Whom the filters let through for a query; None where none is set."""
    return admitted(days, int(days[row]), parameters) if filtered(parameters) else None


def _near(
    texts: Texts,
    row: int,
    days: NDArray[np.int32],
    text: tuple[Rough, NDArray[np.float32]],
    parameters: Parameters,
) -> Near:
    """The events with the texts nearest to one, rough and exact: of all, by `extend` of each window as well.

    With a filter these are the nearest of those that it lets through, and by `extend` those without it beside them.
    """
    among = _admitted(days, row, parameters)
    # A text has a day and no vector among the others.
    allowed = candidates.eligible(days, row, parameters.last_day)[: len(texts.vectors)]
    listable = allowed if among is None else allowed & among[: len(allowed)]
    if parameters.profile == "cosine":
        return texts.near(*text, listable, parameters.candidates)
    windows, count = (int(days[row]), candidates.WINDOWS), candidates.from_each_source(parameters.candidates)
    near = texts.near(*text, allowed, count, windows)
    return near if among is None else near.joined(texts.near(*text, listable, count, windows))
