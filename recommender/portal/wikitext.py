"""What a page of wikitext is read as: lines, and on each the words, the links and the sources."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link to an article: `[[target|text]]`."""

    target: str
    """The article's title as MediaWiki normalises it, and `#section` where the link leads into the article."""
    text: str
    """What is printed."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A link out of the wiki: `[url (label)]`, a bare url, or a reference."""

    url: str
    """`http://` or `https://`, without a blank in it."""
    label: str
    """As printed, without parentheses around it; the url's host where there is none."""
    aside: bool = True
    """Whether it stands beside the sentence, in parentheses or without a label, and not in it."""


Part = str | Anchor | Citation


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page."""

    marker: str
    """What makes it a list item, such as `**` or `;`; `=` for a heading, empty for a line of text."""
    parts: tuple[Part, ...]
    """What stands on it, in order."""
    left_out: tuple[str, ...] = ()
    """The kinds of markup on it that left nothing, such as `template fact`."""

    @property
    def bold(self) -> bool:
        """Whether all of its text is bold: how a category looks where it is not a heading."""
        text = printed(self.parts).strip()
        words = text.strip("'")
        return bool(words) and "'''" not in words and text.startswith("'''") and text.endswith("'''")


_QUOTES = re.compile(r"'{2,}")


def printed(parts: Iterable[Part]) -> str:
    """What the parts of a line show."""
    return "".join(
        part if isinstance(part, str) else part.text if isinstance(part, Anchor) else part.label for part in parts
    )


def without_quotes(text: str) -> str:
    """The text without the quotes that make italics and bold."""
    return _QUOTES.sub("", text)
