"""An answer as JSON values, as a table for people, and as the lines that the archive's pages carry."""

from typing import Any

from recommender.events import Event
from recommender.index import Index
from recommender.items import render_item
from recommender.language import LANGUAGES
from recommender.links import link_to
from recommender.parameters import PARAMETERS, Parameters
from recommender.related import Recommendation, Recommender, RelatedList


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


def as_table(answer: RelatedList) -> str:
    """The answer for people: a line of numbers and a line of headline for each event."""
    askers = [("", answer.query)]
    if answer.seeds:
        askers = [(f"[{number}] ", seed) for number, seed in enumerate(answer.seeds, start=1)]
    askers += [(f"{role}: ", event) for role in ("like", "unlike") for event in getattr(answer, role)]
    lines = [f"{event.date}  {name}{event.headline}" for name, event in askers]
    lines += [f"            {', '.join(answer.entities) or '—'}"]
    lines += [*(f"            the same: {slug}" for slug in answer.duplicates), ""]
    if not answer.related:
        lines.append(_why_nothing(answer.parameters))
    for recommendation in answer.related:
        lines += _rows(recommendation, {seed.slug: number for number, seed in enumerate(answer.seeds, start=1)})
    return "\n".join(lines)


def _rows(recommendation: Recommendation, numbers: dict[str, int]) -> list[str]:
    parts = " ".join(f"{name} {value:+.3f}" for name, value in recommendation.contributions.items())
    if recommendation.probability is not None:
        parts = f"probability {recommendation.probability:.2f}; {parts}"
    if recommendation.editor:
        parts = "an editor's choice"
    if recommendation.fallback:
        parts = "not known to be related, only recent"
    score = "     —" if recommendation.score is None else f"{recommendation.score:6.3f}"
    when, event = time_apart(recommendation.days), recommendation.event
    if recommendation.seed is not None:
        when += f" {'than' if recommendation.days else 'as'} [{numbers[recommendation.seed]}]"
        parts += "; " + " ".join(f"[{numbers[slug]}] {share:+.3f}" for slug, share in recommendation.shares.items())
    return [
        f"{recommendation.rank:>2}  {score}  {event.date}  {event.headline}",
        f"                        {when}; {', '.join(recommendation.shared) or 'no shared entity'}; {parts}",
        f"                        {event.slug}",
        *(f"                        the same: {slug}" for slug in recommendation.duplicates),
    ]


def _why_nothing(parameters: Parameters) -> str:
    """What a list is empty for, and what would fill it."""
    names = ("threshold", "as_of", "before", "after", "max_age_days")
    asked = {name: PARAMETERS[name].to_json(parameters) for name in names}
    told = [f"{name} {value}" for name, value in asked.items() if value is not None]
    told += [] if parameters.include_newer else ["include_newer false"]
    if not told:
        return "nothing is known to be related"
    return f"nothing is known to be related within what was asked: {', '.join(told)}"


def time_apart(days: int) -> str:
    """How far after or before the query an event was, in words."""
    if days == 0:
        return "same day"
    count = f"{abs(days)} day" + ("s" if abs(days) != 1 else "")
    return f"{count} {'later' if days > 0 else 'earlier'}"


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
        "contributions": dict(one.contributions),
        **{name: value for name, value in optional.items() if value},
    }
