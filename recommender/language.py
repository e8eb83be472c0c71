"""The words of the page grammar, one entry a language. A new language is a new entry, no code."""

import re
from dataclasses import dataclass

HEADING = re.compile(r"#{1,6}(?:\s|$)")
"""How a heading of any level begins: `#word` is none."""


@dataclass(frozen=True, slots=True)
class Language:
    """The words that pages of one language use for their sections."""

    related: tuple[str, ...]
    """Headings of the list of related events; the first is written on pages that have none yet."""
    sources: tuple[str, ...]
    changes: tuple[str, ...]
    context: tuple[str, ...]
    """The word before the shared labels; the first is written."""


LANGUAGES: dict[str, Language] = {
    "en": Language(
        related=("Related",),
        sources=("Source", "Sources"),
        changes=("Changes",),
        context=("Context",),
    ),
    "zh": Language(
        related=("有关", "有關"),
        sources=("信息来源", "信息來源"),
        changes=("更改", "更新"),
        context=("消息",),
    ),
}

DEFAULT_LANGUAGE = "en"


def _words(role: str) -> dict[str, str]:
    return {word: code for code, language in LANGUAGES.items() for word in getattr(language, role)}


RELATED_WORDS = _words("related")
"""Heading of a Related section → language."""
CHANGES_WORDS = _words("changes")
"""Heading of a list of changes → language."""
SOURCE_WORDS = _words("sources")
"""Heading of a list of sources → language."""
CONTEXT_WORDS = _words("context")
"""Word before shared labels → language."""
