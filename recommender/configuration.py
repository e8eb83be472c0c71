"""What an archive's own file `related-events.toml` says: language, limit, the rule of its lists, how it is imported."""

import tomllib
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from recommender.errors import ArchiveError
from recommender.language import LANGUAGES
from recommender.parameters import MAX_LIMIT, USUAL_LIMIT

FILE = "related-events.toml"
_LONGEST_SHOWN = 60

Rule = Literal["shared", "day-place"]
"""shared: most shared entities, then the greater path; day-place: last on its day page, then most shared entities."""
StoryBullets = Literal["first", "all"]
"""Which of the events below one story heading the rule puts on lists."""
Labels = Literal["title", "anchor"]
"""How entities are printed: by the article's title, or as the newest event that links to it does."""
Headings = Literal["bare", "all", "none"]
"""Which story headings' links are entities of the events below: those that are nothing but links, all, or none."""
Slugs = Literal["latin-1", "ascii", "unicode"]
"""How slugs are made of a text: by the site's rule, which takes each byte of UTF-8 for a character of Latin-1; by
the same from characters; or by the rule of its Chinese sister, which keeps letters of all scripts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """An archive's settings; the defaults are the rules of the site that the archive's format comes from."""

    language: str = ""
    """Whose words a page without any gets; what most pages use if empty."""
    limit: int = USUAL_LIMIT
    """Items of a list where nobody asks for another number."""
    rule: Rule = "shared"
    story_bullets: StoryBullets = "first"
    labels: Labels = "title"
    headings: Headings = "bare"
    slugs: Slugs = "latin-1"


_CHOICES: dict[str, tuple[str, ...]] = {
    "language": tuple(LANGUAGES),
    "rule": get_args(Rule),
    "story_bullets": get_args(StoryBullets),
    "labels": get_args(Labels),
    "headings": get_args(Headings),
    "slugs": get_args(Slugs),
}


def parse_configuration(text: str) -> Configuration:
    """Read the file.

    Raises:
        ArchiveError: It is not TOML, or a setting is unknown or has a value that it cannot have.
    """
    try:
        values: dict[str, Any] = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:  # numbers and brackets without end are no TOMLDecodeError
        raise ArchiveError(f"{FILE} is not TOML ({error}); mend it or remove it") from None
    known = [field.name for field in fields(Configuration)]
    for name, value in values.items():
        if name not in known:
            raise ArchiveError(f"{FILE} has the setting {name!r}; expected only {', '.join(known)}")
        if name == "limit":
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LIMIT:
                raise ArchiveError(f"{FILE}: limit is {_shown(value)}, expected a number from 1 to {MAX_LIMIT}")
        elif value not in _CHOICES[name]:
            raise ArchiveError(f"{FILE}: {name} is {_shown(value)}, expected one of {', '.join(_CHOICES[name])}")
    return Configuration(**values)


def _shown(value: object) -> str:
    """A value fit to stand in a sentence."""
    try:
        text = repr(value)
    except ValueError:  # a number of thousands of digits
        return "a very long number"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def render_configuration(configuration: Configuration) -> str:
    """The file that says just this; a setting that is empty is left out."""
    values = [(field.name, getattr(configuration, field.name)) for field in fields(Configuration)]
    return "".join(
        f'{name} = "{value}"\n' if isinstance(value, str) else f"{name} = {value}\n" for name, value in values if value
    )
