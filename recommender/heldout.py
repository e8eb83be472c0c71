"""What would be known of entities if an event's page had no Related list: so that a list does not grade itself."""

import numpy as np
from numpy.typing import NDArray

from recommender.entities import ALL_SOURCES, EntityIndex, Query
from recommender.evidence import Source


def query_without_list(index: EntityIndex, row: int, sources: int = ALL_SOURCES) -> Query:
    """An event asks by what would be known if its page had no Related list.

    Its own list tells entities of the event itself and of the events that it names, that a name is one at
    all, and that events mean the same by it: each is withheld unless something else tells it as well.
    """
    entities, flags = index.entities(row), index.sources_of(row)
    told = flags & np.uint8(sources & ~Source.OWN_LIST)
    withheld: set[tuple[int, int]] = set()
    unknown = []
    for entity in entities[(flags & Source.OWN_LIST) != 0].tolist():
        span = slice(int(index.link_starts[entity]), int(index.link_starts[entity + 1]))
        pages, items = index.link_pages[span], index.link_items[span]
        other = pages != row
        if not other.any() and not len(index.postings(entity, Source.DAY_PAGE | Source.RECORD)):
            unknown.append(entity)
            withheld.update((other_row, entity) for other_row in index.postings(entity, sources).tolist())
            continue
        only_here = np.setdiff1d(items[~other], items[other])
        withheld.update(
            (item, entity) for item in only_here.tolist() if not _told_without(index, item, entity, sources)
        )
        recorded = index.postings(entity, Source.RECORD)  # a title means the same in every record
        chain = np.repeat(recorded[:1], len(recorded))
        apart = _apart(row, np.concatenate((pages[other], chain)), np.concatenate((items[other], recorded)))
        withheld.update((item, entity) for item in apart if index.flags(item, entity) & sources)
    withheld.difference_update([pair for pair in withheld if pair[0] == row])
    # A day page tells the name; which entity the name means, the list may have told.
    asked = np.where(told == Source.DAY_PAGE, index.largest[entities], entities)[told != 0]
    return Query(np.setdiff1d(asked, unknown).astype(np.int32), tuple(sorted(withheld)))


def _told_without(index: EntityIndex, row: int, entity: int, sources: int) -> bool:
    """Whether anything but the lists that name the event tells the entity, or nothing that is asked for does."""
    flags = index.flags(row, entity) & sources
    day_page = bool(flags & Source.DAY_PAGE) and index.largest[entity] == entity
    return day_page or bool(flags & (Source.OWN_LIST | Source.SPOTTED | Source.RECORD)) or not flags


def _apart(row: int, pages: NDArray[np.int32], items: NDArray[np.int32]) -> list[int]:
    """Events of these links that no chain of them connects with an event, which is an event of them."""
    # Only evaluation hides lists; this would take a quarter of the time in which the service starts.
    from scipy.sparse import coo_matrix  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    rows, places = np.unique(np.concatenate((pages, items)), return_inverse=True)
    place = int(np.searchsorted(rows, row))
    if place == len(rows) or rows[place] != row:
        return []
    ends = places[: len(pages)], places[len(pages) :]
    graph = coo_matrix((np.ones(len(pages), np.int8), ends), shape=(len(rows), len(rows)))
    _, groups = connected_components(graph, directed=False)
    apart: list[int] = rows[groups != groups[place]].tolist()
    return apart
