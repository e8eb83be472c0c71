"""Events about a landing on Mars for tests of what an import writes, and Markdown as readers see it."""

from datetime import date

from markdown_it import MarkdownIt
from markdown_it.token import Token

from recommender.events import Event
from recommender.slugs import path_of

LANDING = Event("news/2012/08/6/curiosity-lands-on-mars", date(2012, 8, 6), "Curiosity lands on Mars.", "Mars Science")
TWEETED = Event("news/2012/08/6/the-rover-sends-a-picture", date(2012, 8, 6), "The rover sends a picture.")
THIRD = Event("news/2012/08/6/a-third-thing", LANDING.date, "A third thing.")
PATH = path_of(LANDING.slug)
COMMONMARK = MarkdownIt("commonmark")


def tokens_of(text: str) -> list[Token]:
    """All tokens of a page, those within lines too."""
    return [inner for token in COMMONMARK.parse(text) for inner in (token, *(token.children or ()))]


def hrefs(text: str) -> list[str]:
    """Where the links of a page lead, in order."""
    return [token.attrs["href"] for token in tokens_of(text) if token.type == "link_open"]


def shown(text: str) -> str:
    """The text of a page as readers see it."""
    return "".join(token.content for token in tokens_of(text) if token.type == "text")


def has_no_html(text: str) -> bool:
    kinds = {token.type for token in tokens_of(text)}
    return not kinds & {"html_block", "html_inline", "code_inline", "image", "fence", "code_block"}


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")
