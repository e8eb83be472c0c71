"""A timeline as JSON values, as a table for people, and as a Markdown list."""

from typing import Any

from recommender.corpus import Corpus
from recommender.index import Index
from recommender.links import context_label, link_to
from recommender.render import event_json, index_json
from recommender.terminal import printable
from recommender.timeline import Timeline

_DECIMALS = 6


def timeline_json(timeline: Timeline, index: Index) -> dict[str, Any]:
    """The timeline as JSON values, the same from the command and from HTTP."""
    as_of = timeline.parameters.as_of
    return {
        "query": event_json(timeline.query),
        "parameters": {"limit": timeline.parameters.limit, "as_of": as_of.isoformat() if as_of else None},
        "index": index_json(index),
        "timeline": [
            {
                **event_json(entry.event),
                "days": entry.days,
                "likelihood": round(entry.tie, _DECIMALS),
                "via": entry.via.slug if entry.via else None,
                "reason": entry.reason,
            }
            for entry in timeline.entries
        ],
    }


def timeline_table(timeline: Timeline) -> str:
    """The timeline for people: for each event date, likelihood and headline, reason, slug; `>` marks the query."""
    lines = []
    for entry in timeline.entries:
        mark, event = "> " if entry.via is None else "  ", entry.event
        lines.append(f"{mark}{event.date}  {entry.tie:4.2f}  {printable(event.headline)}")
        if entry.via is not None and entry.reason is not None:
            lines.append(f"                    {printable(entry.reason)}")
            if entry.via != timeline.query:
                lines.append(f"                    than {entry.via.date} {printable(entry.via.headline)}")
        lines.append(f"                    {event.slug}")
    return "\n".join(lines)


def timeline_markdown(timeline: Timeline, corpus: Corpus) -> str:
    """The timeline as a Markdown list, a line for each event: its day, its link as pages write it, its reason."""
    lines = []
    for entry in timeline.entries:
        row = corpus.row(entry.event.slug)
        link = link_to(corpus.target(row), corpus.texts[row], [])
        reason = f" _{context_label(printable(entry.reason))}_" if entry.reason else ""
        lines.append(f"- {entry.event.date} [{link.text}]({link.target}){reason}")
    return "\n".join(lines)
