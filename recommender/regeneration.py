"""New Related sections for a whole archive: yields each page that changes with its new text; the caller writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recommender.archive import Archive, read_text
from recommender.corpus import Corpus
from recommender.events import Page, RelatedLink
from recommender.page import replace_related
from recommender.page_table import PageTable
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.slugs import path_of


@dataclass(frozen=True, slots=True)
class PageChange:
    """One page that would come out different."""

    path: str
    old: str
    new: str
    cause: str
    """Why: the first of `CAUSES` that holds."""
    added: int
    """Events that the new list has and the old one does not."""
    removed: int
    """Events that the old list has and the new one does not."""


CAUSES: dict[str, str] = {
    "no list before": "the page had no list",
    "no list now": "nothing is known to be related by this profile",
    "other events": "the lists differ in their events",
    "other order": "the same events in another order",
    "other labels": "the same events in the same order, other context labels",
    "other text": "the same events and labels, other link text or target",
}
"""What may differ, from the most to the least, with what it means."""


@dataclass(slots=True)
class Summary:
    """How many lists changed, and by how much."""

    pages: int = 0
    """Pages that were looked at."""
    passed_over: int = 0
    """Pages that were not, on request."""
    unchanged: int = 0
    locked: int = 0
    items: int = 0
    """Items of the old lists of pages that were compared."""
    kept: int = 0
    """Of these, items whose event the new list has too."""
    causes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CAUSES, 0))

    @property
    def changed(self) -> int:
        """Pages that come out different."""
        return sum(self.causes.values())


def regenerate(  # noqa: PLR0913 - what there is, what is wanted, and what comes of it
    folder: Path,
    archive: Archive,
    recommender: Recommender,
    parameters: Parameters,
    summary: Summary,
    *,
    only: Sequence[int] | None = None,
) -> Iterator[PageChange | None]:
    """Compare every page with its new list, in the archive's order.

    Args:
        folder: The archive on disk; each page is read again just before it is compared.
        archive: The same, as read.
        recommender: From an index of this archive.
        parameters: Profile and limit.
        summary: Counts as the pages pass; complete when the iterator is.
        only: Rows of the events that are to be looked at, in this order; all if None.

    Yields:
        The change for each page that changes, None for each that stays.

    Raises:
        IndexStaleError: The index is not of this archive.
    """
    index = recommender.index
    index.require(archive)
    table = PageTable.of(archive.pages)  # row by row that of the index
    rows = np.arange(len(table)) if only is None else np.array(only, np.int64)
    is_locked = table.details.locked[rows]
    locked, free = int(is_locked.sum()), rows[~is_locked]
    summary.passed_over = len(table) - len(rows)
    summary.pages += locked
    summary.locked += locked
    yield from [None] * locked
    pages = table.taken(free)
    for page, (row, ranking) in zip(pages, recommender.rankings(free.tolist(), parameters), strict=True):
        links = recommender.links(row, ranking.rows, parameters)
        yield _compare(folder, page, links, index.corpus, summary)


def _compare(
    folder: Path, page: Page, links: Sequence[RelatedLink], corpus: Corpus, summary: Summary
) -> PageChange | None:
    path = path_of(page.event.slug)
    old = read_text(folder, path)
    new = replace_related(old, links, language=corpus.language)
    before, after = _events(corpus, page.related), _events(corpus, links)
    summary.pages += 1
    summary.items += len(before)
    summary.kept += len(set(before) & set(after))
    if new == old:
        summary.unchanged += 1
        return None
    cause = _cause(before, after, [link.context for link in page.related] == [link.context for link in links])
    summary.causes[cause] += 1
    return PageChange(path, old, new, cause, len(set(after) - set(before)), len(set(before) - set(after)))


def _events(corpus: Corpus, links: Sequence[RelatedLink]) -> list[int | str]:
    """Rows of the events that links lead to, by an older slug too; a link that leads to none stands for itself."""
    rows = ((corpus.row_of_target(link.target), link.target) for link in links)
    return [target if row is None else row for row, target in rows]


def _cause(old: Sequence[int | str], new: Sequence[int | str], same_labels: bool) -> str:
    if not old:
        return "no list before"
    if not new:
        return "no list now"
    if set(old) != set(new):
        return "other events"
    if old != new:
        return "other order"
    if not same_labels:
        return "other labels"
    return "other text"
