"""Links of our own making: a headline becomes link text that no headline can break out of."""

import re
from collections.abc import Iterable

from recommender.events import RelatedLink
from recommender.labels import SEPARATOR

# In CommonMark a link's text may hold balanced brackets. What ends it early or makes something else of it: an
# unbalanced bracket, a link or an image inside (`](`, `][`), code and HTML, which bind tighter, and a backslash.
# Emphasis and `&ndash;` end nothing: they stay as the event's own page has them.
_ACTIVE = re.compile(r"[\\\[\]`<>]")
_IN_CONTEXT = re.compile(r"[\\\[\]`<>_*]")


def link_to(target: str, text: str, labels: Iterable[str]) -> RelatedLink:
    """An item of a list for an event, in Markdown source.

    Args:
        target: Where it leads.
        text: The event's headline as its own page prints it.
        labels: The shared labels.
    """
    return RelatedLink(link_text(text), target, SEPARATOR.join(map(context_label, sorted(labels))))


def link_text(text: str) -> str:
    """The headline as link text: as it is where that is safe, escaped where it is not."""
    return text if _is_safe(text) else _ACTIVE.sub(r"\\\g<0>", text)


def context_label(label: str) -> str:
    """The label as emphasised text: as it is unless it has a character that could end the emphasis."""
    return _IN_CONTEXT.sub(r"\\\g<0>", label) if _IN_CONTEXT.search(label) else label


def _is_safe(text: str) -> bool:
    if any(character in text for character in "\\`<>"):
        return False
    depth = 0
    for position, character in enumerate(text):
        if character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth < 0 or text[position + 1 : position + 2] in ("(", "[", ":"):
                return False
    return depth == 0
