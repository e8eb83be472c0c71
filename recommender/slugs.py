"""Slugs: the names of events, read from paths, links and what a person types."""

import re
from datetime import date
from urllib.parse import quote, unquote

from recommender.errors import PageError, SlugUnknownError

EVENT_PATH = re.compile(r"(?:.*/)?(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{1,2})/(?P<name>[^/]+)\.md")
DAY_PAGE_NAMES = frozenset({"index.md", "README.md"})

_DATE_STEPS = re.compile(r"\d{4}/\d{2}/\d{1,2}")
_LONGEST = 2000
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters and lone surrogates
_UNSAFE = re.compile(r"[\s()<>\\%]")
_DAY_PAGES = frozenset(name.removesuffix(".md") for name in DAY_PAGE_NAMES)

TARGET = re.compile(r"[^\s()]*(?:\([^\s()]*\)[^\s()]*)*")
"""A link's target: no blanks, and parentheses only in pairs."""


def path_of(slug: str) -> str:
    """The path whose string order is the archive's order; the extension takes part in it."""
    return f"{slug}.md"


def event_date(path: str) -> date | None:
    """The day of an event page, None where the path is not that of an event page.

    Raises:
        PageError: The path looks like one, but there is no such day.
    """
    match = EVENT_PATH.fullmatch(path)
    if match is None or path.rsplit("/", 1)[-1] in DAY_PAGE_NAMES:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        day = f"{match['year']}/{match['month']}/{match['day']}"
        raise PageError(path, f"{day} is not a day of the calendar; move the page to its day's folder") from None


def split_target(target: str) -> tuple[str, str] | None:
    """A link's target as (prefix, slug), such as (`/zh/`, `news/2016/10/27/…`); None where it is no event's."""
    steps = target.rsplit("/", 5)
    name = steps[-1].removesuffix(".md")
    if len(steps) < 5 or not name or name in _DAY_PAGES or not _DATE_STEPS.fullmatch("/".join(steps[-4:-1])):
        return None
    prefix = steps[0] + "/" if len(steps) == 6 else ""
    return prefix, "/".join([*steps[-5:-1], name])


def is_day_folder(prefix: str) -> bool:
    """Whether a folder's path, with a `/` at its end, is that of a day: `news/2013/02/7/`."""
    return _DATE_STEPS.fullmatch("/".join(prefix.split("/")[-4:-1])) is not None


def day_folder(root: str, day: date) -> str:
    """The folder of a day, with a `/` at its end."""
    return f"{root}/{day.year:04}/{day.month:02}/{day.day}/"


def written_path(path: str) -> str:
    """The path as a link's target: what would end the target early is percent-encoded."""
    return _UNSAFE.sub(lambda match: quote(match[0]), path)


def as_typed(text: str) -> str:
    """A slug as a person gives it, brought to the form that slugs have here.

    Accepts a leading `/`, a trailing `.md`, and percent-encoding.

    Raises:
        SlugUnknownError: It cannot be a slug: empty, too long, a control character, or a step out of the archive.
    """
    slug = unquote(text).strip().strip("/").removesuffix(".md")
    steps = slug.split("/")
    if not slug or len(slug) > _LONGEST or ".." in steps or _UNFIT.search(slug):
        raise SlugUnknownError(text[:100])
    return slug
