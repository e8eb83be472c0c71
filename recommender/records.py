"""What a day's `events.json` holds of its events that no page prints: the source's own words and linked articles.

    {"a-large-parade": {"text": "A large [[parade]] …", "entities": {"Parade": "parade"}, "digest": "…"}, …}

`import` writes it beside the pages of the day. It is what lets a later import tell an edited event from a new one,
and it is the one place where an event's entities are complete and not a label stands for them.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from recommender.errors import PageError
from recommender.events import Record

FILE = "events.json"


def parse_records(path: str, text: str) -> tuple[Record, ...]:
    """Read one day's file.

    Args:
        path: Where it lies in the archive, `news/YYYY/MM/D/events.json`.
        text: All of it.

    Raises:
        PageError: It is not such a file.
    """
    try:
        values = json.loads(text)
        json.dumps(values, ensure_ascii=False).encode()  # JSON can hold half of a surrogate pair, an index cannot
    except (ValueError, RecursionError) as error:
        raise PageError(path, f"not JSON ({error}); restore it, or remove it and import the day again") from None
    folder = path.removesuffix(FILE)
    if not isinstance(values, dict) or not all(map(_is_record, values.values())):
        reason = 'expected {"name of the page": {"text": "…", "entities": {"title": "words"}, "digest": "…"}}'
        raise PageError(path, f"{reason}; restore it, or remove it and import the day again")
    return tuple(
        Record(
            slug=folder + name,
            text=value["text"],
            entities=tuple(value["entities"].items()),
            later=value.get("later", False),
            digest=value["digest"],
        )
        for name, value in sorted(values.items())
    )


def render_records(records: Iterable[Record]) -> str:
    """One day's file, the same for the same records in any order."""
    values = {}
    for record in sorted(records, key=lambda record: record.slug):
        value: dict[str, Any] = {"text": record.text, "entities": dict(record.entities)}
        if record.later:
            value["later"] = True
        values[record.slug.rsplit("/", 1)[-1]] = {**value, "digest": record.digest}
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def _is_record(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    entities = value.get("entities")
    return (
        isinstance(value.get("text"), str)
        and isinstance(value.get("digest"), str)
        and isinstance(value.get("later", False), bool)
        and isinstance(entities, Mapping)
        and all(isinstance(title, str) and title and isinstance(words, str) for title, words in entities.items())
    )
