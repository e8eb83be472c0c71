"""One day page's text → its events with the labels that it prints: complete where it prints them."""

import re

from recommender.events import DayItem
from recommender.items import parse_context
from recommender.language import HEADING
from recommender.slugs import TARGET, split_target

_ITEM = re.compile(rf"###[ \t]+\[.*\]\((?P<target>{TARGET.pattern})\)\s*")


def parse_day_page(text: str) -> list[DayItem]:
    """Read one day page, `index.md` or `README.md`.

    An item's labels are the line `_Context: A, B_` before the next heading. Headings that link to no
    event, descriptions and everything else are passed over: a day page has no fixed form.
    """
    items: list[DayItem] = []
    target = context = ""
    for line in text.removeprefix("\ufeff").split("\n"):
        if HEADING.match(line):
            if target:
                items.append(DayItem(target, context))
            match = _ITEM.fullmatch(line)
            target, context = (match["target"] if match and split_target(match["target"]) else ""), ""
        elif target and not context and (found := parse_context(line)) is not None:
            context = found[1]
    if target:
        items.append(DayItem(target, context))
    return items
