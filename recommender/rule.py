"""The archive's own rule: who stands on a list of the site, and in which order."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.candidates import eligible, shared_counts
from recommender.configuration import Rule, StoryBullets
from recommender.corpus import Corpus
from recommender.entities import EntityIndex, Query
from recommender.events import RelatedLink
from recommender.evidence import PRINTED
from recommender.links import link_to


@dataclass(frozen=True, slots=True, eq=False)
class ListRule:
    """How the lists of an archive are made, and for which moment."""

    order: Rule
    """`shared`: most shared entities first, then the path, descending as a string. `day-place`: chosen are the events
    with the fewest others below them on their day page, then as by `shared`; they stand from the newest to the oldest.
    """
    story_bullets: StoryBullets
    """Whether only the first event below a story heading is listed, or all are."""
    limit: int
    """Items at most."""
    as_of: int | None = None
    """Only events up to this day, an ordinal."""
    admitted: NDArray[np.bool_] | None = None
    """(events,) which of these may be listed; None for all."""


def list_by_rule(
    corpus: Corpus, entities: EntityIndex, row: int, query: Query, rule: ListRule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The list of an event that asks by these entities; only what the archive says of the others counts.

    Returns:
        Rows in the order of the list, and the number of entities that each shares, aligned.
    """
    order, counts = order_by_rule(corpus, entities, row, query, rule)
    chosen = order[: rule.limit]
    if rule.order == "day-place":
        chosen = chosen[np.lexsort((-chosen, -corpus.days[chosen]))]
    return chosen, counts[chosen]


def order_by_rule(
    corpus: Corpus, entities: EntityIndex, row: int, query: Query, rule: ListRule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Who comes before whom when a list is filled, whatever its limit.

    Returns:
        Rows of all events that may be listed, in the order in which they are taken; the number of entities that each
        event of the archive shares.
    """
    counts = shared_counts(entities, query, PRINTED)
    allowed = eligible(corpus.days, row, rule.as_of) & (counts > 0)
    if rule.admitted is not None:
        allowed &= rule.admitted
    if rule.story_bullets == "first":
        allowed &= ~corpus.later
    rows = np.flatnonzero(allowed)
    values = [values for _, values in criteria(corpus, counts, rule.order)]
    return rows[np.lexsort([-value[rows] for value in reversed(values)])], counts


def criteria(corpus: Corpus, counts: NDArray[np.int64], order: Rule) -> list[tuple[str, NDArray[np.int64]]]:
    """What decides which of two events is taken first: each criterion by its name, for every event, larger first."""
    by_both = [("shared entities", counts), ("place of the path", np.arange(len(corpus)))]
    return (
        [("place on the day page", -corpus.day_places.astype(np.int64)), *by_both] if order == "day-place" else by_both
    )


def list_items(
    corpus: Corpus, entities: EntityIndex, sources: int, row: int, others: Iterable[int]
) -> list[RelatedLink]:
    """Rows as the items of an event's Related list, with the labels of what they share by these sources."""
    rows = np.fromiter(others, np.int64)
    items = []
    for other, common in zip(rows.tolist(), entities.common_with(row, rows, sources), strict=True):
        labels = [entities.labels[entity] for entity in sorted(common)]
        items.append(link_to(corpus.target(other), corpus.texts[other], labels))
    return items
