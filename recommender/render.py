"""An answer as JSON values, as a table for people, and as the lines that the archive's pages carry."""

from typing import Any

from recommender.events import Event
from recommender.index import Index
from recommender.items import render_item
from recommender.language import LANGUAGES
from recommender.parameters import Parameters
from recommender.related import Recommendation, Recommender, RelatedList
from recommender.storylines import GROUPS
from recommender.terminal import printable


def as_json(answer: RelatedList, index: Index) -> dict[str, Any]:
    """The answer as JSON values, the same from the command and from HTTP."""
    return {
        "query": {**event_json(answer.query), "entities": list(answer.entities)},
        "profile": answer.parameters.profile,
        "parameters": parameters_json(answer.parameters),
        "index": index_json(index),
        "related": [_recommendation(recommendation) for recommendation in answer.related],
    }


def event_json(event: Event) -> dict[str, Any]:
    """An event's slug, date and headline; topic and description where it has them."""
    values = {"slug": event.slug, "date": event.date.isoformat(), "text": event.headline}
    optional = {"topic": event.topic, "description": event.description}
    return values | {name: value for name, value in optional.items() if value}


def index_json(index: Index) -> dict[str, Any]:
    """What an index was built from."""
    manifest = index.manifest
    return {"fingerprint": manifest.fingerprint, "encoder": manifest.encoder, "events": manifest.events}


def parameters_json(parameters: Parameters) -> dict[str, Any]:
    """The parameters of an answer, but for the profile."""
    return {
        "limit": parameters.limit,
        "as_of": parameters.as_of.isoformat() if parameters.as_of else None,
        "candidates": parameters.candidates,
    }


def as_markdown(answer: RelatedList, recommender: Recommender) -> str:
    """The items of the list as the archive's pages carry them, one a line."""
    corpus = recommender.index.corpus
    row = corpus.row(answer.query.slug)
    others = [corpus.row(recommendation.event.slug) for recommendation in answer.related]
    links = recommender.links(row, others, answer.parameters)
    word = LANGUAGES[corpus.language].context[0]
    return "\n".join(render_item(number, link, word) for number, link in enumerate(links, start=1))


def as_table(answer: RelatedList, *, grouped: bool = False) -> str:
    """The answer for people: for each event a line of numbers and headline, one with the reason, one with the slug.

    Args:
        answer: The list.
        grouped: Whether the rows stand below their groups, in the order of `storylines.GROUPS`; ranks stay as they are.
    """
    lines = [f"{answer.query.date}  {answer.query.headline}", f"            {', '.join(answer.entities) or '—'}", ""]
    if not answer.related:
        lines.append("nothing is known to be related")
    for group in GROUPS if grouped else (None,):
        rows = [one for one in answer.related if group is None or one.group == group]
        lines += [f"{group}:"] if group is not None and rows else []
        for recommendation in rows:
            lines += _rows(recommendation)
    return "\n".join(lines)


def _rows(recommendation: Recommendation) -> list[str]:
    event = recommendation.event
    return [
        f"{recommendation.rank:>2}  {recommendation.score:6.3f}  {event.date}  {printable(event.headline)}",
        f"                        {printable(recommendation.reason)}",
        f"                        {event.slug}",
    ]


def _recommendation(recommendation: Recommendation) -> dict[str, Any]:
    return {
        "rank": recommendation.rank,
        **event_json(recommendation.event),
        "score": recommendation.score,
        "shared": list(recommendation.shared),
        "days": recommendation.days,
        "group": recommendation.group,
        "reason": recommendation.reason,
        "contributions": dict(recommendation.contributions),
    }
