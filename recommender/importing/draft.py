"""An archive as an import is going to leave it: pages, records, and which entities the source tells of an event."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from recommender.archive import Archive
from recommender.configuration import Configuration
from recommender.events import Event, Page, Record
from recommender.importing.compose import headline_of
from recommender.importing.matching import Match
from recommender.labels import name_of
from recommender.portal.day import PortalEvent
from recommender.portal.wikitext import without_quotes


@dataclass(slots=True)
class Draft:
    """The archive as it will be."""

    pages: dict[str, Page]
    records: dict[str, Record]
    matches: dict[str, Match] = field(default_factory=dict)
    """Events that change, by the slug that they have from now on."""
    kept_words: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, archive: Archive) -> "Draft":
        """The archive as it is."""
        return cls({page.event.slug: page for page in archive.pages}, {one.slug: one for one in archive.records})

    def take(self, match: Match, entities: Mapping[str, str]) -> None:
        """Take over one event."""
        old, record = self.pages.get(match.before), self.records.pop(match.before, None)
        event = match.event
        if old is None:
            topic = headline_of(event.headings[0].text) if event.headings else ""
            page = Page(Event(match.slug, event.date, headline_of(event.text), topic))
        elif match.state == "known" or record is None:
            page = old
            for alias in old.aliases:  # an import that was killed leaves the record of a page that it has moved
                if alias not in self.pages:
                    self.records.pop(alias, None)
        elif old.event.headline not in (headline_of(record.text), headline_of(event.text)):
            # Somebody has other words for it: these stay.
            self.kept_words.append(match.before)
            match = replace(match, state="edited", slug=match.before)
            page = old
        else:
            del self.pages[match.before]
            aliases = old.aliases if match.slug == match.before else (*old.aliases, match.before)
            changed = replace(old.event, slug=match.slug, text=headline_of(event.text))
            page = replace(old, event=changed, aliases=tuple(alias for alias in aliases if alias != match.slug))
        self.pages[match.slug] = page
        self.records[match.slug] = Record(match.slug, event.text, tuple(entities.items()), event.later, match.digest)
        self.matches[match.slug] = match

    def current(self, match: Match) -> Match:
        """The match as it was taken over."""
        return self.matches.get(match.slug) or self.matches.get(match.before) or match


def spellings(archive: Archive, changes: Sequence[Match]) -> dict[str, str]:
    """Name → the title that is written down for it: the archive's where it has one, otherwise the most used one.

    Titles are one entity where their names are. Redirects are another matter: the site's rule keeps them apart, so
    that is left to the index (`redirects.py`).
    """
    known = {name_of(title): title for one in reversed(archive.records) for title, _ in one.entities}
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for match in changes:
        for link in (*match.event.links, *(link for heading in match.event.headings for link in heading.links)):
            used[name_of(link.target)][link.target] += 1
    most = {name: max(sorted(titles), key=lambda title: titles[title]) for name, titles in used.items()}
    return {**most, **known}


def entities_of(event: PortalEvent, settings: Configuration, titles: Mapping[str, str]) -> dict[str, str]:
    """An event's entities by title, as `spellings` has it, with the words of the last link to each."""
    links = list(event.links)
    for heading in event.headings:
        if settings.headings == "all" or (settings.headings == "bare" and heading.bare):
            links += heading.links
    return {titles[name_of(link.target)]: without_quotes(link.text).strip() for link in links if name_of(link.target)}
