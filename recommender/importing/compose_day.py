"""Day pages of an import as text: a new one, and one with an event more or with other words for one.

What else stands on a day's page stays as it is, line for line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from recommender.events import Event
from recommender.importing.page_lines import blank_above, lines_of, with_lines
from recommender.labels import SEPARATOR
from recommender.language import HEADING, LANGUAGES
from recommender.links import context_label, link_text
from recommender.slugs import day_folder, path_of, written_path

_TITLE = "## ["
"""How the first line of a day's page begins, and the last one, which leads to the day before."""
_TOP = ("### [", "##### ")
"""How the first line of an event begins."""
_CONTEXT = LANGUAGES["en"].context[0]
"""The portal is English."""


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One event on its day's page."""

    event: Event
    labels: tuple[str, ...]
    """All its entities as printed."""


def day_page(day: date, root: str, *, prefix: str = "/") -> str:
    """A day's page without an event."""
    before = date.fromordinal(max(day.toordinal() - 1, 1))
    return (
        f"## [{day.year:04}-{day.month:02}-{day.day}]({prefix}{day_folder(root, day)}index.md)\n\n"
        f"{_TITLE}Previous Day...]({prefix}{day_folder(root, before)}index.md)\n"
    )


def with_entry(text: str, entry: DayEntry, *, after: str = "", older: Sequence[str] = (), prefix: str = "/") -> str:
    """A day's page with an event on it.

    Args:
        text: The page.
        entry: The event; where the page has it, its lines are made anew.
        after: Slug of the event below which a new one is to stand, at the page's end if it has none such; above all
            others if this is empty.
        older: Other slugs under which the page may have it so far.
        prefix: What the archive's links have before a slug.
    """
    lines = lines_of(text)
    wanted = [f"### [{link_text(entry.event.text)}]({prefix}{written_path(path_of(entry.event.slug))})"]
    if entry.labels:
        labels = SEPARATOR.join(map(context_label, sorted(entry.labels)))
        wanted.append(f"_{_CONTEXT}: {labels}_")
    for slug in (entry.event.slug, *older):
        start, end = _item(lines, slug)
        if start < end:
            rest = [line for line in lines[start + 1 : end] if not line.startswith(f"_{_CONTEXT}: ")]
            return with_lines(lines, start, end, [*wanted, *rest])
    place = _item(lines, after)[1] if after else next((i for i, line in enumerate(lines) if line.startswith(_TOP)), 0)
    if not place:
        titles = [i for i, line in enumerate(lines) if line.startswith(_TITLE)]
        place = titles[-1] if len(titles) > 1 else len(lines) - 1
    topic = [f"##### {entry.event.topic}"] if entry.event.topic else []
    return with_lines(lines, place, place, [*blank_above(lines, place), *topic, *wanted, ""])


def shows(text: str, slugs: Sequence[str]) -> bool:
    """Whether a day's page has an event under one of these slugs."""
    lines = text.split("\n")
    return any(_item(lines, slug) != (0, 0) for slug in slugs)


def _item(lines: Sequence[str], slug: str) -> tuple[int, int]:
    """Where an event's lines stand on a day's page, (0, 0) where it has none; the blank line below belongs to them."""
    ending = f"{written_path(path_of(slug))})"
    for start, line in enumerate(lines):
        if line.startswith("### [") and line.rstrip().endswith(ending):
            end = next((i for i in range(start + 1, len(lines)) if HEADING.match(lines[i])), len(lines))
            return start, end
    return 0, 0
