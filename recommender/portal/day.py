"""One day of the portal's wikitext → its events: text, linked articles, sources, and what was passed over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from recommender.portal.reader import read_lines
from recommender.portal.wikitext import Anchor, Citation, Line, Part, printed


@dataclass(frozen=True, slots=True)
class StoryHeading:
    """A bullet over other bullets."""

    text: str
    links: tuple[Anchor, ...]
    bare: bool
    """Whether it is links and nothing else, not even a colon."""


@dataclass(frozen=True, slots=True)
class PortalEvent:
    """One bullet of the portal."""

    date: date
    text: str
    """As the wikitext prints it, sources taken out; outer blanks and quotes of italics stay: a slug counts them."""
    links: tuple[Anchor, ...]
    """Links to articles in the text, in order."""
    headings: tuple[StoryHeading, ...]
    """The story headings above it, the nearest last."""
    later: bool
    """Whether an earlier bullet below the same bullet of the first level is an event."""
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something on a day's page that became no event, or no part of one."""

    date: date
    cause: str
    text: str
    """What it was, its beginning."""


@dataclass(frozen=True, slots=True)
class PortalDay:
    """What one day's page says."""

    date: date
    events: tuple[PortalEvent, ...]
    skipped: tuple[Skipped, ...]


_WORDS = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s*\Z")
_HEADING_WORDS = 12
"""A heading without a link, such as `Situation in Ireland`, has no more words than this."""
_TAIL = 20
"""How much of a text is looked at for its end: a page may have a megabyte on one line."""
_SHOWN = 80


def read_day(day: date, wikitext: str) -> PortalDay:
    """Read one day.

    A bullet is an event, unless it is a story heading: nothing but links, or a few words without a full stop and
    without a source, over deeper bullets. A heading that has no bullet below it is passed over. A bullet without a
    source below an event that has one goes on with that event; a line that is nothing but sources belongs to the
    event above it. A line without a bullet is an event where it cites a source.
    """
    reader = _DayReader(day)
    lines = read_lines(wikitext)
    depths = [*map(_depth, lines), 0]
    for line, depth, below in zip(lines, depths, depths[1:], strict=False):
        reader.read(line, over=below > depth)
    reader.close_headings(0)
    return PortalDay(day, tuple(reader.events), tuple(reader.skipped))


@dataclass(frozen=True, slots=True)
class _OpenHeading:
    """A story heading below which the next bullet may stand."""

    depth: int
    heading: StoryHeading
    line: Line
    events_before: int


@dataclass(slots=True)
class _DayReader:
    """The events so far, and the bullets under which the next one stands."""

    day: date
    events: list[PortalEvent] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _headings: list[_OpenHeading] = field(default_factory=list)
    _above: int = 0
    """Depth of the event that deeper bullets go on with; 0 where there is none."""
    _begun: bool = False
    """Whether the bullet of the first level has given an event already."""

    def read(self, line: Line, *, over: bool) -> None:
        self._skip(line, *line.left_out)
        depth = _depth(line)
        if _is_category(line):
            self.close_headings(0)
            self._above, self._begun = 0, False
        elif depth and line.parts:
            self._bullet(line, depth, over=over)
        elif line.parts and not self._adopt(line):
            if _citations(line):
                self._bullet(line, 1, over=False)
            else:
                self._skip(line, "line without a bullet")

    def close_headings(self, depth: int) -> None:
        """End the story headings of this depth and deeper."""
        while self._headings and self._headings[-1].depth >= depth:
            ended = self._headings.pop()
            if len(self.events) == ended.events_before:
                self._skip(ended.line, "story heading without events")

    def _bullet(self, line: Line, depth: int, *, over: bool) -> None:
        self.close_headings(depth)
        if depth == 1:
            self._begun = False
        if depth <= self._above:
            self._above = 0
        if _is_heading(line, over=over):
            self._above = 0
            self._headings.append(_OpenHeading(depth, _heading(line), line, len(self.events)))
        elif not _WORDS.search(_text(line.parts)):
            if not self._adopt(line):
                self._skip(line, "bullet without text")
        elif self._above and not _citations(line) and self.events[-1].sources:
            last = self.events[-1]
            text = f"{last.text.rstrip()} {_text(line.parts).strip()}"
            self.events[-1] = replace(last, text=text, links=last.links + _anchors(line))
        else:
            headings = tuple(heading.heading for heading in self._headings)
            event = PortalEvent(self.day, _text(line.parts), _anchors(line), headings, self._begun, _citations(line))
            self.events.append(event)
            self._above, self._begun = self._above or depth, True

    def _adopt(self, line: Line) -> bool:
        """Give a line that is nothing but citations to the event above it."""
        beside = [part for part in line.parts if not isinstance(part, Citation)]
        if not self.events or not _citations(line) or _WORDS.search(_text(beside)):
            return False
        last = self.events[-1]
        self.events[-1] = replace(last, sources=last.sources + _citations(line))
        return True

    def _skip(self, line: Line, *causes: str) -> None:
        if causes:
            text = line.marker + printed(line.parts)
            shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
            self.skipped.extend(Skipped(self.day, cause, shown) for cause in causes)


def _depth(line: Line) -> int:
    """How deep a bullet stands; 0 where the line is none."""
    return len(line.marker) if line.marker.strip(";=") else 0


def _is_category(line: Line) -> bool:
    """Whether the line is `;Category`, `'''Category'''` or a heading of the page."""
    if ";" in line.marker or "=" in line.marker:
        return True
    return not line.marker and line.bold and not _citations(line)


def _is_heading(line: Line, *, over: bool) -> bool:
    if _citations(line):
        return False
    if _anchors(line) and not _WORDS.search(_between(line)):
        return True
    text = _text(line.parts)
    return over and len(_WORDS.findall(text)) <= _HEADING_WORDS and not _ends(text)


def _heading(line: Line) -> StoryHeading:
    between = _between(line)
    bare = bool(_anchors(line)) and ":" not in between and not _WORDS.search(between)
    return StoryHeading(_text(line.parts).strip(" :."), _anchors(line), bare)


def _between(line: Line) -> str:
    """What stands on a line beside its links."""
    return "".join(part for part in line.parts if isinstance(part, str))


def _text(parts: Sequence[Part]) -> str:
    """The parts as printed: citations only where they are words of the sentence."""
    text = ""
    for part, goes_on in zip(parts, _going_on(parts), strict=True):
        if not isinstance(part, Citation) or (not part.aside and (goes_on or not _ends(text))):
            text += printed([part])
    return text


def _ends(text: str) -> bool:
    """Whether the text ends with a sentence."""
    return _SENTENCE_END.search(text[-_TAIL:].rstrip(" (),;")) is not None


def _going_on(parts: Sequence[Part]) -> list[bool]:
    """For each part whether the sentence goes on after it: a word follows before the next citation."""
    flags, word_follows = [], False
    for part in reversed(parts):
        flags.append(word_follows)
        word_follows = not isinstance(part, Citation) and (word_follows or bool(_WORDS.search(printed([part]))))
    return flags[::-1]


def _anchors(line: Line) -> tuple[Anchor, ...]:
    return tuple(part for part in line.parts if isinstance(part, Anchor))


def _citations(line: Line) -> tuple[Citation, ...]:
    return tuple(part for part in line.parts if isinstance(part, Citation))
