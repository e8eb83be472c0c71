"""The values that a page becomes: events, links between them, and the items of day pages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the archive."""

    slug: str
    """Its name: the page's path in the archive, without `.md`."""
    date: date
    """The day that the path says."""
    text: str
    """The headline as printed, outer blanks included: lists of other pages print it the same way."""
    topic: str = ""
    """The line above the headline, `##### X`, or nothing."""
    description: str = ""
    """The paragraph below the headline, or nothing."""

    @property
    def headline(self) -> str:
        """The text without outer blanks: what is compared, encoded and shown."""
        return self.text.strip()


@dataclass(frozen=True, slots=True)
class RelatedLink:
    """One item of a Related list, as the page's Markdown has it."""

    text: str
    """Between the square brackets, Markdown source, not unescaped."""
    target: str
    """Between the parentheses, such as `/zh/news/2016/10/27/….md`."""
    context: str = ""
    """The shared labels as one string, `A, B`; labels may contain commas themselves."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one event page says."""

    event: Event
    related: tuple[RelatedLink, ...] = ()
    """The items of its Related list, in order."""
    listed: bool = False
    """Whether there is a Related heading at all."""
    aliases: tuple[str, ...] = ()
    """Older slugs of the same event, from its list of changes."""
    language: str | None = None
    """Key of the grammar's words that the page uses, None where it uses none."""
    locked: bool = False
    """An editor's word in the front matter: the Related list stays as it is."""
    pinned: tuple[str, ...] = ()
    """Slugs of events that an editor wants first on the list, from the front matter, as written."""
    excluded: tuple[str, ...] = ()
    """Slugs of events that an editor does not want on the list."""


@dataclass(frozen=True, slots=True)
class DayItem:
    """One event as its day page shows it."""

    target: str
    """Where its link leads."""
    context: str
    """All its labels as one string, or nothing where the day page prints a description or no line at all."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the source says of one event, kept beside its page."""

    slug: str
    text: str
    """The event in the source's words, as its slug was made of them."""
    entities: tuple[tuple[str, str], ...]
    """Titles of the articles that it links to, all of them, each with the words of the link."""
    later: bool
    """Whether an earlier event stands under the same story heading: the archive's rule lists the first only."""
    digest: str
    """Of everything that the source says of the event: whether it has been edited since."""
