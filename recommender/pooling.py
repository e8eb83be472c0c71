"""Who is judged: queries and their pools, in an order that says neither who found a candidate nor at which rank."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recommender.corpus import Corpus
from recommender.errors import QrelsError
from recommender.events import Event
from recommender.parameters import Parameters, Profile
from recommender.qrels import is_word
from recommender.related import Recommender


@dataclass(frozen=True, slots=True)
class Pool:
    """A query and what several profiles found for it."""

    query: Event
    candidates: tuple[Event, ...]
    """The union of what they found, shuffled by a digest of query and candidate."""


def named_queries(corpus: Corpus, slugs: Iterable[str]) -> list[int]:
    """Rows of the queries that somebody chose, in their order, each once.

    Args:
        corpus: The events.
        slugs: Whole, or last parts.

    Raises:
        SlugUnknownError: No event has one of them.
        SlugAmbiguousError: Several events end in one of them.
        QrelsError: There are none, or qrels cannot hold one.
    """
    rows = list(dict.fromkeys(corpus.row(slug) for slug in slugs))
    if not rows:
        raise QrelsError("there is no query to judge; give a slug a line")
    for slug in map(corpus.slug, rows):
        if not is_word(slug):
            raise QrelsError(f"the slug {slug!r} has a blank, which qrels cannot hold; rename the page or leave it out")
    return rows


def sampled_queries(corpus: Corpus, size: int, *, seed: int) -> list[int]:
    """Rows of queries drawn at random, all of them where there are no more.

    A larger sample begins with the smaller one, and pages that join the archive leave most of it as it is: the order
    is by a digest of seed and slug.
    """
    slugs = ((corpus.slug(row), row) for row in range(len(corpus)))
    drawn = sorted((_digest(seed, slug), row) for slug, row in slugs if is_word(slug))
    return [row for _, row in drawn[:size]]


def find_candidates(
    recommender: Recommender,
    rows: Sequence[int],
    profiles: Iterable[Profile],
    *,
    depth: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[int, set[int]]:
    """For each query the rows that any of the profiles lists, queries in their order.

    Args:
        recommender: What finds them.
        rows: The queries.
        profiles: Whose lists count.
        depth: So many of each list, from the top.
        progress: Told of the profile, the queries answered and all queries.
    """
    found: dict[int, set[int]] = {row: set() for row in rows}
    for profile in dict.fromkeys(profiles):
        rankings = recommender.rankings(rows, Parameters.checked(profile=profile, limit=depth))
        for done, (row, ranking) in enumerate(rankings, start=1):
            found[row].update(map(int, ranking.rows))
            if progress is not None:
                progress(profile, done, len(rows))
    return found


def pools(corpus: Corpus, found: Mapping[int, Iterable[int]], *, seed: int) -> tuple[Pool, ...]:
    """What is judged, in the order of the queries; candidates that qrels cannot hold are left out.

    Which of two candidates comes first depends on their slugs, the query's and the seed alone.
    """
    return tuple(Pool(corpus.event(row), _shuffled(corpus, row, others, seed)) for row, others in found.items())


def _shuffled(corpus: Corpus, row: int, others: Iterable[int], seed: int) -> tuple[Event, ...]:
    query = corpus.slug(row)
    events = [corpus.event(other) for other in others if is_word(corpus.slug(other))]
    return tuple(sorted(events, key=lambda event: _digest(seed, query, event.slug)))


def _digest(seed: int, *slugs: str) -> bytes:
    """The same everywhere and on each run; no slug that can be judged has a blank."""
    return hashlib.sha256(" ".join((str(seed), *slugs)).encode()).digest()
