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


@dataclass(frozen=True, slots=True)
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


def list_by_rule(
    corpus: Corpus, entities: EntityIndex, row: int, query: Query, rule: ListRule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The list of an event that asks by these entities; only what the archive says of the others counts.

    Returns:
        Rows in the order of the list, and the number of entities that each shares, aligned.
    """
    counts = shared_counts(entities, query, PRINTED)
    allowed = eligible(corpus.days, row, rule.as_of) & (counts > 0)
    if rule.story_bullets == "first":
        allowed &= ~corpus.later
    rows = np.flatnonzero(allowed)
    if rule.order == "day-place":
        chosen = rows[np.lexsort((-rows, -counts[rows], corpus.day_places[rows]))[: rule.limit]]
        chosen = chosen[np.lexsort((-chosen, -corpus.days[chosen]))]
    else:
        chosen = rows[np.lexsort((-rows, -counts[rows]))[: rule.limit]]
    return chosen, counts[chosen]


def list_items(
    corpus: Corpus, entities: EntityIndex, sources: int, row: int, others: Iterable[int]
) -> list[RelatedLink]:
    """Rows as the items of an event's Related list, with the labels of what they share by these sources."""
    rows = np.fromiter(others, np.int64)
    items = []
    for other, common in zip(rows.tolist(), entities.common_with(row, rows, sources), strict=True):
        labels = [entities.labels[entity] for entity in sorted(common.tolist())]
        items.append(link_to(corpus.target(other), corpus.texts[other], labels))
    return items
