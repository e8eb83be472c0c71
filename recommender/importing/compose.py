"""Event pages of an import as text: a new event's page, and the lines that an edited event changes.

Nothing that a headline or a source's name holds becomes markup. What stands on a page already stays as it is, line
for line, but for what the source has changed.
"""

import re
from collections.abc import Sequence

from recommender.events import Event, RelatedLink
from recommender.importing.page_lines import blank_above, lines_of, with_lines
from recommender.items import render_item
from recommender.language import CHANGES_WORDS, HEADING, LANGUAGES, RELATED_WORDS, SOURCE_WORDS
from recommender.links import link_text
from recommender.page import replace_related
from recommender.portal.wikitext import Citation, without_quotes
from recommender.sections import Section, bare_lines, find_section, headline_place
from recommender.slugs import path_of, written_path

_BLANKS = re.compile(r"\s+")
_ACTIVE = re.compile(r"[<`\\]|\](?=[(\[:])")
_LEFT_BEHIND = re.compile(r"([.!?][\"'”’)]*)\s[\s.,;:]*$")
"""What stood between and after the sources at a text's end."""
_FIRST, _CURRENT = "_(First version)_", "_(Current version)_"
_NUMBERED = re.compile(r"(?P<number>\d{1,9})[.)] ")
_ENGLISH = LANGUAGES["en"]
"""The portal is English."""


def headline_of(text: str) -> str:
    """A source's text as a headline: one line without italics, with nothing that Markdown takes for HTML or a link.

    >>> headline_of(" The ''Kursk''  <sinks> ")
    'The Kursk &lt;sinks>'
    """
    line = _BLANKS.sub(" ", without_quotes(text)).strip()
    line = _LEFT_BEHIND.sub(r"\1", line)
    return _ACTIVE.sub(lambda match: "&lt;" if match[0] == "<" else f"&#{ord(match[0])};", line)


def event_page(event: Event, sources: Sequence[Citation], links: Sequence[RelatedLink], *, prefix: str = "/") -> str:
    """A new event's page.

    Args:
        event: Its text is a headline by `headline_of`.
        sources: In order.
        links: Its Related list.
        prefix: What the archive's links have before a slug.
    """
    folder = event.slug.rsplit("/", 1)[0]
    lines = [f"### [{event.date.year:04}-{event.date.month:02}-{event.date.day}]({prefix}{folder}/index.md)", ""]
    lines += [f"##### {event.topic}"] if event.topic else []
    lines += [f"# {event.text}", ""]
    if sources:
        lines += ["", *_source_section(sources), ""]
    return replace_related("\n".join([*lines, ""]), links, language="en")


def with_headline(text: str, headline: str) -> str:
    """The page with another headline."""
    lines = text.split("\n")
    place = headline_place(bare_lines(text))
    if place is None:
        return text
    mark, ending = lines[place].partition("#")[0], "\r" if lines[place].endswith("\r") else ""
    lines[place] = f"{mark}# {headline}{ending}"
    return "\n".join(lines)


def with_sources(text: str, sources: Sequence[Citation]) -> str:
    """The page with sources that it does not have yet; those that it has stay."""
    missing = [source for source in sources if f"({_url(source.url)})" not in text]
    if not missing:
        return text
    lines = lines_of(text)
    section = find_section(bare_lines("\n".join(lines)), SOURCE_WORDS)
    if section is None:
        place = _first_section(lines)
        return with_lines(lines, place, place, [*blank_above(lines, place), *_source_section(missing), ""])
    place = _end(lines, section)
    number = _last_number(lines[section.heading : place])
    items = [_source(number + i, source) for i, source in enumerate(missing, start=1)]
    return with_lines(lines, place, place, items)


def with_change(text: str, old: Event, new: Event, *, prefix: str = "/") -> str:
    """The page of an edited event with its older slug in the list of changes, where it is an alias."""
    lines = lines_of(text)
    bare = bare_lines("\n".join(lines))
    section = find_section(bare, CHANGES_WORDS)
    current = f"[{link_text(new.text)}]({prefix}{written_path(path_of(new.slug))}) {_CURRENT}"
    before = f"[{link_text(old.text)}]({prefix}{written_path(path_of(old.slug))})"
    if section is None:
        related = find_section(bare, RELATED_WORDS)
        place = len(lines) - 1 if related is None else related.heading
        added = [f"### {_ENGLISH.changes[0]}:", "", f"1. {before} {_FIRST}", f"2. {current}", ""]
        return with_lines(lines, place, place, [*blank_above(lines, place), *added])
    place = _end(lines, section)
    kept = [line.replace(f" {_CURRENT}", "") for line in lines[section.heading : place]]
    number = _last_number(kept)
    known = any(f"({prefix}{written_path(path_of(old.slug))})" in line for line in kept)
    added = [current] if known else [before, current]
    items = [f"{number + i}. {item}" for i, item in enumerate(added, start=1)]
    return with_lines(lines, section.heading, place, [*kept, *items])


def _source_section(sources: Sequence[Citation]) -> list[str]:
    heading = _ENGLISH.sources[0 if len(sources) == 1 else -1]
    return [f"### {heading}:", "", *(_source(i, source) for i, source in enumerate(sources, start=1))]


def _source(number: int, source: Citation) -> str:
    label = _BLANKS.sub(" ", source.label).strip() or "Source"
    return render_item(number, RelatedLink(link_text(label), _url(source.url)), "")


def _url(url: str) -> str:
    return written_path(url.replace("%", "\0")).replace("\0", "%")


def _end(lines: Sequence[str], section: Section) -> int:
    """Where a section's last line that is not blank ends."""
    end = section.end
    while end > section.heading + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _first_section(lines: Sequence[str]) -> int:
    """Where the first section below the headline begins, or the page ends."""
    headline = headline_place(bare_lines("\n".join(lines)))
    start = 0 if headline is None else headline + 1
    return next((i for i in range(start, len(lines)) if HEADING.match(lines[i])), len(lines) - 1)


def _last_number(lines: Sequence[str]) -> int:
    return max((int(match["number"]) for line in lines if (match := _NUMBERED.match(line))), default=0)
