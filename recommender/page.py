"""One event page's text ↔ its values: `parse_page`, and `replace_related`, which touches nothing else.

A page is a list of lines. Every line has a role that depends on the section it stands in; the words
that open a section are data (`language.py`). Text only, no disk.
"""

import re
from collections.abc import Sequence

import yaml

from recommender.errors import PageError
from recommender.events import Event, Page, RelatedLink
from recommender.items import parse_item, render_item
from recommender.language import (
    CHANGES_WORDS,
    DEFAULT_LANGUAGE,
    LANGUAGES,
    RELATED_WORDS,
    SOURCE_WORDS,
)
from recommender.sections import (
    Section,
    bare_lines,
    find_section,
    front_matter_end,
    heading_word,
    headline_place,
    is_heading,
)
from recommender.slugs import TARGET, event_date, split_target

_CHANGE = re.compile(rf"\s*\d{{1,9}}[.)]\s+\[.*\]\((?P<target>{TARGET.pattern})\)(?:\s.*)?")


def parse_page(path: str, text: str) -> Page:
    """Read one event page.

    Args:
        path: Where it lies in the archive, `news/YYYY/MM/D/<slug>.md`.
        text: All of it, line endings as they are.

    Raises:
        PageError: The path is not an event's, there is no headline, or the front matter is not YAML.
    """
    day = event_date(path)
    if day is None:
        raise PageError(path, "not the path of an event page, expected news/YYYY/MM/D/<slug>.md")
    lines = bare_lines(text)
    front, headline = _front_matter(path, lines), headline_place(lines)
    if headline is None or not lines[headline][2:].strip():
        raise PageError(path, "no headline, expected a line that begins with '# ' and has a text")
    slug = path.removesuffix(".md")
    related, changes = find_section(lines, RELATED_WORDS), find_section(lines, CHANGES_WORDS)
    return Page(
        event=Event(slug, day, lines[headline][2:], _topic(lines, headline), _description(lines, headline)),
        related=tuple(item.link for line in _body(lines, related) if (item := parse_item(line)) is not None),
        listed=related is not None,
        aliases=_aliases(_body(lines, changes), slug),
        language=_language(lines),
        locked=front.get("related_lock") is True,
        pinned=_slugs(front.get("related")),
        excluded=_slugs(front.get("related_exclude")),
    )


def replace_related(text: str, links: Sequence[RelatedLink], *, language: str | None = None) -> str:
    """Give the page another Related list and keep every other byte.

    Items take the places of the old ones, so that whatever else stands in the section stays where it
    is; an item that is the same as before keeps its line as it was. No links and no section: the page
    as it is. No links: the heading goes with its items, unless something else stands below it.

    Args:
        text: The page.
        links: The new list, in order.
        language: Whose words to write on a page that has no heading to tell it by.
    """
    lines = text.split("\n")
    bare = bare_lines(text)
    section = find_section(bare, RELATED_WORDS)
    ending = "\r" if lines[0].endswith("\r") else ""
    if section is None:
        return _append_section(text, links, _language(bare) or language or DEFAULT_LANGUAGE, ending) if links else text
    if not text.endswith("\n"):
        return replace_related(text + ending + "\n", links, language=language).removesuffix("\n").removesuffix("\r")
    places = [i for i in range(section.heading + 1, section.end) if parse_item(bare[i]) is not None]
    if not links:
        if not places:
            return text
        return "\n".join(_without_items(lines, section, places))
    written = _written(links, [bare[i] for i in places], section.language)
    if not places:  # a heading with nothing below it
        head, rest = lines[: section.heading + 1], lines[section.heading + 1 :]
        head.append(rest.pop(0) if len(rest) > 1 and not rest[0].strip() else ending)
        blank = [ending] if rest[0].strip() else []
        return "\n".join([*head, *(line + ending for line in written), *blank, *rest])
    replaced = dict(zip(places, written, strict=False))
    out: list[str] = []
    for i, line in enumerate(lines):
        if i not in places:
            out.append(line)
        elif i in replaced:
            out.append(line if replaced[i] == bare[i] else replaced[i] + line[len(bare[i]) :])
        if i == places[-1]:
            out.extend(line + ending for line in written[len(places) :])
    return "\n".join(out)


def _written(links: Sequence[RelatedLink], old: Sequence[str], language: str) -> list[str]:
    """The new items' lines: numbered as the old ones were, an unchanged item to the letter."""
    items = [item for line in old if (item := parse_item(line)) is not None]
    numbers = [item.number for item in items]
    step = 0 if len(numbers) > 1 and len(set(numbers)) == 1 else 1
    word = next((item.word for item in items if item.word), LANGUAGES[language].context[0])
    written = []
    for i, link in enumerate(links):
        if i < len(items) and items[i].link == link:
            written.append(old[i])
            continue
        number = numbers[i] if i < len(numbers) else numbers[-1] + step * (i - len(numbers) + 1) if numbers else i + 1
        sign = items[min(i, len(items) - 1)].sign if items else "."
        written.append(render_item(number, link, word, sign))
    return written


def _append_section(text: str, links: Sequence[RelatedLink], language: str, ending: str) -> str:
    newline = ending + "\n"
    body = text if text.endswith("\n") or not text else text + newline
    blank = "" if body.replace("\r", "").endswith("\n\n") else newline
    word = LANGUAGES[language].context[0]
    items = [render_item(i, link, word) for i, link in enumerate(links, start=1)]
    heading = f"### {LANGUAGES[language].related[0]}:"
    return body + blank + newline.join([heading, "", *items, ""])


def _without_items(lines: list[str], section: Section, places: list[int]) -> list[str]:
    rest = [lines[i] for i in range(section.heading + 1, section.end) if i not in places]
    if any(line.strip() for line in rest):
        return [*lines[: section.heading + 1], *rest, *lines[section.end :]]
    kept = lines[: section.heading] + lines[section.end :]
    return kept if section.end < len(lines) else [*kept, ""]


def _front_matter(path: str, lines: Sequence[str]) -> dict[str, object]:
    """What the front matter says; nothing where there is none."""
    end = front_matter_end(lines)
    if not end:
        return {}
    try:
        front = yaml.safe_load("\n".join(lines[1 : end - 1]))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # 2013-02-30 is a ValueError
        reason = " ".join(str(error).split())
        raise PageError(path, f"the front matter is not YAML ({reason}); mend it or remove the '---' lines") from None
    return front if isinstance(front, dict) else {}


def _slugs(value: object) -> tuple[str, ...]:
    """One slug or a list of them; whatever else stands there is taken for slugs that no event has."""
    return () if value is None else tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _body(lines: Sequence[str], section: Section | None) -> Sequence[str]:
    return lines[section.heading + 1 : section.end] if section else ()


def _topic(lines: Sequence[str], headline: int) -> str:
    return next((line[6:].strip() for line in lines[:headline] if line.startswith("##### ")), "")


def _description(lines: Sequence[str], headline: int) -> str:
    end = next((i for i in range(headline + 1, len(lines)) if is_heading(lines[i])), len(lines))
    return "\n".join(line.strip() for line in lines[headline + 1 : end] if line.strip())


def _aliases(body: Sequence[str], slug: str) -> tuple[str, ...]:
    targets = (split_target(match["target"]) for line in body if (match := _CHANGE.fullmatch(line)))
    return tuple(dict.fromkeys(parts[1] for parts in targets if parts is not None and parts[1] != slug))


def _language(lines: Sequence[str]) -> str | None:
    """The language of the first heading with a word of the grammar."""
    for word in map(heading_word, lines[front_matter_end(lines) :]):
        for words in (RELATED_WORDS, SOURCE_WORDS, CHANGES_WORDS):
            if word in words:
                return words[word]
    return None
