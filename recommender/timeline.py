"""A story as a timeline: its events in the order of their days, found by following the same story from event to event.

Everything begins with the query, whose tie is 1. The event with the strongest tie hands it on to the events of its own
list, times their likelihood to be the same story as it; then the next strongest, a bounded number of times. So a cut on
ties grows with the distance: what is two steps away needs two likely steps. Of several ways the strongest counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from recommender.events import Event
from recommender.parameters import MAX_LIMIT, Parameters
from recommender.ranking import Ranking
from recommender.reasons import Pair, RareWords, tell
from recommender.related import Recommender
from recommender.storylines import standings

STEPS = 20
"""Lists that are made at most, the query's own among them."""
LEAST_TIE = 0.3
"""Weaker ties are none; chosen on the stories of 2016 with `benchmarks/timeline.py`."""
Links = Callable[[int], list[tuple[int, float]]]
"""From a row to the events of its list, each with its likelihood to be of the same story."""


@dataclass(frozen=True, slots=True)
class Tie:
    """How an event hangs on the query."""

    row: int
    tie: float
    """The product of the likelihoods on the way, 1 for the query."""
    via: int
    """The event from which it was reached; of the query itself."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a story."""

    event: Event
    days: int
    """Days after the query; negative is before."""
    tie: float
    """How likely it is of the query's story: the product of the likelihoods on the way."""
    via: Event | None
    """The event through which it belongs here, None for the query itself."""
    reason: str | None
    """Why it belongs with that event; None for the query itself."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A query's story."""

    query: Event
    parameters: Parameters
    """The limit counts events beside the query."""
    entries: tuple[TimelineEntry, ...]
    """By day, then in the archive's order; the query is one of them."""


def timeline(recommender: Recommender, slug: str, parameters: Parameters | None = None) -> Timeline:
    """The story of an event, by the lists and likelihoods of `extend`.

    Args:
        recommender: Of the archive's index.
        slug: Of the query, as for `Recommender.related`.
        parameters: Limit and as_of; as many as a list can have, and all days, if None.

    Raises:
        SlugUnknownError: No event has this slug.
        SlugAmbiguousError: Several events end in it.
    """
    corpus, parameters = recommender.index.corpus, parameters or Parameters(limit=MAX_LIMIT)
    limit = MAX_LIMIT if parameters.limit is None else parameters.limit
    longest = replace(parameters, limit=MAX_LIMIT)
    lists: dict[int, Ranking] = {}
    links = story_links(recommender, longest, lists)
    query = corpus.row(slug)
    ties = sorted(follow(query, links, limit), key=lambda tie: (int(corpus.days[tie.row]), tie.row))
    entries = tuple(
        TimelineEntry(
            event=corpus.event(tie.row),
            days=int(corpus.days[tie.row]) - int(corpus.days[query]),
            tie=tie.tie,
            via=None if tie.row == query else corpus.event(tie.via),
            reason=None if tie.row == query else _reason(recommender, tie, lists[tie.via]),
        )
        for tie in ties
    )
    return Timeline(corpus.event(query), replace(parameters, limit=limit), entries)


def story_links(recommender: Recommender, longest: Parameters, lists: dict[int, Ranking] | None = None) -> Links:
    """What gives the list of a row with likelihoods, made once for each row.

    Args:
        recommender: Of the archive's index.
        longest: The parameters of these lists.
        lists: Where the lists are kept, by row.
    """
    kept = {} if lists is None else lists

    def links(row: int) -> list[tuple[int, float]]:
        if row not in kept:
            ((_, kept[row]),) = recommender.rankings([row], longest)
        found = kept[row]
        likely = zip(found.rows.tolist(), standings(recommender.likelihood, found), strict=True)
        return [(other, one.story) for other, one in likely if one is not None]

    return links


def follow(start: int, links: Links, limit: int, *, least: float = LEAST_TIE, steps: int = STEPS) -> list[Tie]:
    """The events of a story, strongest tie first, of equals the first in the archive; the query comes first.

    Args:
        start: Row of the query.
        links: Gives the list of a row.
        limit: At most so many beside the query.
        least: The weakest tie that counts.
        steps: Lists at most.
    """
    found = {start: Tie(start, 1.0, start)}
    followed: set[int] = set()
    while len(followed) < steps:
        waiting = [tie for tie in found.values() if tie.row not in followed]
        if not waiting:
            break
        strongest = min(waiting, key=_order)
        followed.add(strongest.row)
        for row, likelihood in links(strongest.row):
            tie = strongest.tie * likelihood
            if tie >= least and (row not in found or tie > found[row].tie):
                found[row] = Tie(row, tie, strongest.row)
    return sorted(found.values(), key=_order)[: limit + 1]


def _order(tie: Tie) -> tuple[float, int]:
    return -tie.tie, tie.row


def _reason(recommender: Recommender, tie: Tie, found: Ranking) -> str:
    corpus, place = recommender.index.corpus, found.rows.tolist().index(tie.row)
    days = int(corpus.days[tie.row]) - int(corpus.days[tie.via])
    stems = recommender.index.stems
    words = RareWords(stems, stems.of_text(tie.via), corpus.texts[tie.via])
    pair = Pair(days, tuple(recommender.shared(tie.via, tie.row)), tie.row, words)
    return tell(found, place, standings(recommender.likelihood, found)[place], pair)
