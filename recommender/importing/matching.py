"""Which event of a day's source is which page of the archive: the same, edited since, or new."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Literal

from rapidfuzz import fuzz

from recommender.events import Page, Record
from recommender.portal.day import PortalEvent
from recommender.portal.wikitext import Anchor, without_quotes
from recommender.versions import SAME_EVENT, comparable, similarity

State = Literal["same", "gone", "known", "edited", "moved", "new"]
"""same: nothing has changed since the last import · gone: somebody has removed the page, and it stays so · known: the
archive has the page, but no import made it · edited: other words or links, the same slug · moved: other words and
another slug · new: the archive does not have it."""

_EDITED = 60.0
"""How alike an event's text is to what it was before it was edited; of 100."""
_EDITED_LITTLE = 35.0
"""The same, where it links to the same articles for the most part."""
_ADDED_TO = 90.0
"""How alike the shorter text is to a part of the longer one, where there is only more or less of it."""
_LONG = 40
"""Characters from which on a text that is part of another is no chance."""


@dataclass(frozen=True, slots=True)
class Match:
    """What becomes of one event of the source."""

    event: PortalEvent
    digest: str
    state: State
    slug: str
    """The slug that it has from now on."""
    before: str = ""
    """The slug of the page that it has so far; empty where there is none."""


def digest_of(event: PortalEvent, settings: str) -> str:
    """A digest of all that the source says of an event, and of the settings by which it is read.

    Field by field, so that another version of the program that knows more of an event does not take it for edited.
    """

    def pairs(links: Iterable[Anchor]) -> list[list[str]]:
        return [[link.target, link.text] for link in links]

    headings = [[heading.text, heading.bare, pairs(heading.links)] for heading in event.headings]
    sources = [[source.url, source.label] for source in event.sources]
    facts = [event.text, pairs(event.links), headings, event.later, sources, settings]
    return sha256(json.dumps(facts).encode()).hexdigest()[:16]


def numbered(slug: str, taken: Container[str]) -> str:
    """The slug, with the first number from 2 on that makes it one that is not taken."""
    return next(one for number in count(1) if (one := slug if number == 1 else f"{slug}-{number}") not in taken)


def match_day(
    events: Mapping[str, tuple[PortalEvent, str]], pages: Mapping[str, Page], records: Sequence[Record]
) -> list[Match]:
    """Match a day's events with the archive, the surest first; a page is at most one event.

    Args:
        events: The events of the source with their digests, in its order, by the slug that a new page would have.
        pages: The day's pages by slug.
        records: What earlier imports wrote down of the day.
    """
    free: dict[str, Page | None] = dict(pages)
    known = {record.slug: record for record in records}
    free.update((slug, None) for slug in known if slug not in pages)
    taken = set(free)
    found: dict[str, Match] = {}
    for state, slug, before, wanted in _sure(events, free, known):
        found[wanted] = Match(*events[wanted], state, slug, before)
        for one in (slug, before):
            free.pop(one, None)
            known.pop(one, None)
    rest = [slug for slug in events if slug not in found]
    alike = [
        (_likeness(events[slug][0], page, known.get(old)), slug, old) for slug in rest for old, page in free.items()
    ]
    for likeness, wanted, old in sorted(alike, key=lambda pair: -pair[0]):
        if not likeness or wanted in found or old not in free:
            continue
        if free.pop(old) is None:
            found[wanted] = Match(*events[wanted], "gone", old)
        elif old in known:
            slug = numbered(wanted, taken)
            found[wanted] = Match(*events[wanted], "moved", slug, old)
            taken.add(slug)
        else:
            found[wanted] = Match(*events[wanted], "known", old, old)
    for wanted in rest:
        if wanted not in found:
            slug = numbered(wanted, taken)
            found[wanted] = Match(*events[wanted], "new", slug)
            taken.add(slug)
    return [found[wanted] for wanted in events]


def _sure(
    events: Mapping[str, tuple[PortalEvent, str]], pages: Mapping[str, Page | None], records: Mapping[str, Record]
) -> Iterator[tuple[State, str, str, str]]:
    """State, slug, slug so far and wanted slug of each event that is certain; records and pages shrink meanwhile.

    A page that somebody has removed is None.
    """
    by_digest = {record.digest: record.slug for record in records.values()}
    later = []
    for wanted, (_, digest) in events.items():
        slug = by_digest.get(digest, "")
        if slug in records:
            yield ("gone", slug, "", wanted) if pages[slug] is None else ("same", slug, slug, wanted)
        else:
            later.append(wanted)
    for wanted in later:
        page = pages.get(wanted)
        older = [slug for slug, other in pages.items() if other is not None and wanted in other.aliases]
        if page is not None and wanted in records:
            yield "edited", wanted, wanted, wanted
        elif page is not None:
            # An import that was killed while it moved a page leaves the old one, and its record.
            unfinished = [alias for alias in page.aliases if alias in records and pages.get(alias)]
            yield ("moved", wanted, unfinished[0], wanted) if unfinished else ("known", wanted, wanted, wanted)
        elif older:
            yield "edited" if older[0] in records else "known", older[0], older[0], wanted
        elif wanted in records:
            yield "gone", wanted, "", wanted


def _likeness(event: PortalEvent, page: Page | None, record: Record | None) -> float:
    """How sure it is that an event is that of a page with another slug, of 100; 0 where it is not."""
    if record is None:
        alike = similarity(comparable(event.text), comparable(page.event.text)) if page is not None else 0.0
        return alike if alike >= SAME_EVENT else 0.0
    text, other = (without_quotes(one).strip() for one in (event.text, record.text))
    ratio = fuzz.ratio(text, other)
    part = fuzz.partial_ratio(text, other) if min(len(text), len(other)) >= _LONG else 0.0
    links, titles = {link.target for link in event.links}, {title for title, _ in record.entities}
    common = len(links & titles) / max(len(links | titles), 1)
    least = _EDITED_LITTLE if common > 0.5 else _EDITED
    return max(ratio, part if part >= _ADDED_TO else 0.0) if ratio >= least or part >= _ADDED_TO else 0.0
