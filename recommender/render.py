"""An answer as JSON values, as a table for people, and as the lines that the archive's pages carry."""

from collections.abc import Sequence
from typing import Any

from recommender.events import Event
from recommender.filters import asked_filters
from recommender.index import Index
from recommender.items import render_item
from recommender.language import LANGUAGES
from recommender.links import link_to
from recommender.listing import Recommendation, RelatedList
from recommender.parameters import PARAMETERS, Parameters
from recommender.related import Recommender
from recommender.storylines import GROUPS
from recommender.terminal import printable


def as_json(answer: RelatedList, index: Index) -> dict[str, Any]:
    """The answer as JSON values, the same from the command and from HTTP."""
    return {
        "query": query_json(answer),
        "profile": answer.parameters.profile,
        "parameters": parameters_json(answer.parameters),
        "index": index_json(index),
        "related": [_recommendation(recommendation) for recommendation in answer.related],
    }


def query_json(answer: RelatedList) -> dict[str, Any]:
    """Who asks: a text has no slug, several events have neither slug nor date nor text of their own."""
    values = {**event_json(answer.query), "slug": answer.query.slug or None}
    if answer.seeds:
        values = {"slug": None, "date": None, "text": None, "seeds": list(map(event_json, answer.seeds))}
    values["entities"] = list(answer.entities)
    if answer.duplicates:
        values["duplicates"] = list(answer.duplicates)
    roles = {"like": answer.like, "unlike": answer.unlike}
    return values | {role: list(map(event_json, events)) for role, events in roles.items() if events}


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
    return {name: one.to_json(parameters) for name, one in PARAMETERS.items() if name != "profile"}


def as_markdown(answer: RelatedList, recommender: Recommender) -> str:
    """The items of the list as the archive's pages carry them, one a line."""
    corpus = recommender.index.corpus
    others = [corpus.row(recommendation.event.slug) for recommendation in answer.related]
    if answer.query.slug and not answer.seeds:
        links = recommender.links(corpus.row(answer.query.slug), others, answer.parameters)
    else:
        links = [
            link_to(corpus.target(other), recommendation.event.text, recommendation.shared)
            for other, recommendation in zip(others, answer.related, strict=True)
        ]
    word = LANGUAGES[corpus.language].context[0]
    return "\n".join(render_item(number, link, word) for number, link in enumerate(links, start=1))


def as_table(answer: RelatedList, *, grouped: bool = False) -> str:
    """The answer for people: for each event a line of numbers and headline, one with the reason, one with the slug.

    Args:
        answer: The list.
        grouped: Whether the rows stand below their groups, in the order of `storylines.GROUPS`; ranks stay as they are.
    """
    askers = [("", answer.query)]
    if answer.seeds:
        askers = [(f"[{number}] ", seed) for number, seed in enumerate(answer.seeds, start=1)]
    askers += [(f"{role}: ", event) for role in ("like", "unlike") for event in getattr(answer, role)]
    lines = [f"{event.date}  {name}{printable(event.headline)}" for name, event in askers]
    lines += [f"            {printable(', '.join(answer.entities)) or '—'}"]
    lines += [*(f"            the same: {slug}" for slug in answer.duplicates), ""]
    if not answer.related:
        lines.append(_why_nothing(answer.parameters))
    numbers = {seed.slug: number for number, seed in enumerate(answer.seeds, start=1)}
    for name, rows in _groups(answer.related) if grouped else [("", answer.related)]:
        lines += [f"{name}:"] if name else []
        for recommendation in rows:
            lines += _rows(recommendation, numbers)
    return "\n".join(lines)


def _groups(related: Sequence[Recommendation]) -> list[tuple[str, list[Recommendation]]]:
    """The groups that have rows, and their rows; last those that no score put there."""
    found = [(str(group or "besides"), [one for one in related if one.group == group]) for group in (*GROUPS, None)]
    return [(name, rows) for name, rows in found if rows]


def _rows(recommendation: Recommendation, numbers: dict[str, int]) -> list[str]:
    score = "     —" if recommendation.score is None else f"{recommendation.score:6.3f}"
    event, reason = recommendation.event, printable(recommendation.reason)
    if recommendation.probability is not None:
        reason += f" ({recommendation.probability:.2f})"
    if recommendation.seed is not None:
        shares = " ".join(f"[{numbers[slug]}] {share:+.3f}" for slug, share in recommendation.shares.items())
        reason += f"; nearest in time to [{numbers[recommendation.seed]}]; {shares}"
    return [
        f"{recommendation.rank:>2}  {score}  {event.date}  {printable(event.headline)}",
        f"                        {reason}",
        f"                        {event.slug}",
        *(f"                        the same: {slug}" for slug in recommendation.duplicates),
    ]


def _why_nothing(parameters: Parameters) -> str:
    """What a list is empty for, and what would fill it."""
    walls = {name: PARAMETERS[name].to_json(parameters) for name in ("threshold", "as_of")}
    asked = {name: value for name, value in walls.items() if value is not None} | asked_filters(parameters)
    if not asked:
        return "nothing is known to be related"
    told = ", ".join(f"{name} {str(value).lower()}" for name, value in asked.items())
    return f"nothing is known to be related within what was asked: {told}"


def _recommendation(one: Recommendation) -> dict[str, Any]:
    """One item; what only some items have stands only there."""
    probability = {} if one.probability is None else {"probability": one.probability}
    optional = {"duplicates": list(one.duplicates), "fallback": one.fallback, "editor": one.editor}
    optional |= {"seed": one.seed, "shares": dict(one.shares)}
    return {
        "rank": one.rank,
        **event_json(one.event),
        "score": one.score,
        **probability,
        "shared": list(one.shared),
        "days": one.days,
        "group": one.group,
        "reason": one.reason,
        "contributions": dict(one.contributions),
        **{name: value for name, value in optional.items() if value},
    }
