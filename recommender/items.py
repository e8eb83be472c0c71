"""One line of a Related list ↔ its parts.

By hand and from the ends inwards, not by one regular expression: a page may have a megabyte on one line, and a
headline may hold anything, so the last `](` and the last context word count, and every step is linear.
"""

import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from recommender.events import RelatedLink
from recommender.language import CONTEXT_WORDS
from recommender.slugs import TARGET, split_target

_MARKER = re.compile(r"[ \t]*(?P<number>\d{1,9})(?P<sign>[.)])[ \t]+\[")
_COLONS = (":", "：")
_EMPHASIS = "_"
_OPENINGS = tuple((f"_{word}{colon}", word) for word in CONTEXT_WORDS for colon in _COLONS)
"""How a context begins, with its word."""


@dataclass(frozen=True, slots=True)
class Item:
    """A parsed line."""

    number: int
    """As written: many pages number every item 1."""
    sign: str
    """What stands behind the number, `.` or `)`."""
    link: RelatedLink
    word: str
    """The word before the shared labels, empty where the line has none."""


def parse_item(line: str) -> Item | None:
    """The parts of a line `1. [headline](link) _Context: A, B_`, None where it is no such line or leads to no event."""
    marker = _MARKER.match(line)
    if marker is None:
        return None
    body = line.rstrip()
    head, word, context = _cut_context(body)
    if not head.endswith(")"):
        head, word, context = body, "", ""
    middle = head.rfind("](")
    target = head[middle + 2 : -1]
    if middle < marker.end() or not head.endswith(")") or not _leads_to_an_event(target):
        return None
    # The same headlines and targets stand on many pages: 66,000 pages take 1 GB less when each is kept once.
    link = RelatedLink(*map(sys.intern, (head[marker.end() : middle], target, context)))
    return Item(int(marker["number"]), marker["sign"], link, word)


@lru_cache(maxsize=1 << 17)
def _leads_to_an_event(target: str) -> bool:
    """Whether this may stand between parentheses, and is an event's; the same targets stand on many pages."""
    return TARGET.fullmatch(target) is not None and split_target(target) is not None


def render_item(number: int, link: RelatedLink, word: str, sign: str = ".") -> str:
    """The line of an item; without labels there is no context either."""
    context = f" _{word}: {link.context}_" if link.context else ""
    return f"{number}{sign} [{link.text}]({link.target}){context}"


def parse_context(line: str) -> tuple[str, str] | None:
    """Word and labels of a line that is nothing but `_Context: A, B_`, None where it is not."""
    head, word, context = _cut_context(line.strip())
    return (word, context) if word and not head and context else None


def _cut_context(body: str) -> tuple[str, str, str]:
    """What stands before the last context word, that word, and the labels after it; ("all", "", "") without one."""
    if body.endswith(_EMPHASIS):
        start, word = -1, ""
        for opening, its_word in _OPENINGS:
            if body.rfind(opening) > start:
                start, word = max((start, word), (_opening(body, opening), its_word))
        if start >= 0:
            return body[:start].rstrip(), word, body[start + len(word) + 2 : -1].strip()
    return body, "", ""


def _opening(body: str, opening: str) -> int:
    """Where the last opening of a context stands, at the beginning or after a blank; -1 without one."""
    start = body.rfind(opening)
    while start > 0 and not body[start - 1].isspace():
        start = body.rfind(opening, 0, start)
    return start
