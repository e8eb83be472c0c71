"""The addresses of the API: each view reads the request, says what is asked, and answers JSON."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import PathConverter

from api.answers import event_answer, health_answer
from api.current import Asked, Served
from api.parameters import (
    ANYONE,
    BESIDE,
    no_parameters,
    question,
    related_parameters,
    timeline_parameters,
    why_parameters,
)
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.render import as_json
from recommender.render_timeline import timeline_json
from recommender.render_why import why_json
from recommender.seeds import Question
from recommender.slugs import split_target
from recommender.timeline import timeline as timeline_of

_RELATED, _WHY, _TIMELINE = "related", "why", "timeline"


class SlugConverter(PathConverter):
    """A slug in an address: any steps, also with the leading `/` that links of an archive have."""

    regex = ".+?"
    part_isolating = False


def views(current: Callable[[], Served]) -> Blueprint:
    """All addresses below `/v1`, each answered by what serves at the time."""
    v1 = Blueprint("v1", __name__, url_prefix="/v1")

    @v1.get(f"/events/<slug:slug>/{_RELATED}/", strict_slashes=False)
    def related(slug: str) -> Response:
        return current().respond(_read_related, slug)

    @v1.get(f"/{_RELATED}")
    def related_to_anyone() -> Response:
        return current().respond(_read_related_to_anyone)

    @v1.get(f"/events/<slug:slug>/{_WHY}/", strict_slashes=False)
    def why(slug: str) -> Response:
        return current().respond(_read_why, slug)

    @v1.get(f"/events/<slug:slug>/{_TIMELINE}/", strict_slashes=False)
    def timeline(slug: str) -> Response:
        return current().respond(_read_timeline, slug)

    @v1.get("/events/<slug:slug>")
    def event(slug: str) -> Response:
        return current().respond(_read_event, slug)

    @v1.get("/health")
    def health() -> Response:
        no_parameters(_query())
        return jsonify(health_answer(current().recommender.index))

    return v1


def _read_related(recommender: Recommender, slug: str) -> Asked:
    if _is_event(slug, _RELATED):
        return _read_event(recommender, f"{slug}/{_RELATED}")
    query = _query()
    parameters = related_parameters(query, BESIDE)
    whole = _full_slug(recommender, slug)
    return _list(recommender, question(MultiDict([("slug", whole), *query.items(multi=True)])), parameters)


def _read_related_to_anyone(recommender: Recommender, _: str) -> Asked:
    query = _query()
    parameters = related_parameters(query, ANYONE)
    return _list(recommender, question(query), parameters)


def _read_why(recommender: Recommender, slug: str) -> Asked:
    if _is_event(slug, _WHY):
        return _read_event(recommender, f"{slug}/{_WHY}")
    other, parameters = why_parameters(_query())
    whole, whole_other = _full_slug(recommender, slug), _full_slug(recommender, other)
    return Asked(
        repr((_WHY, whole, whole_other, parameters)),
        lambda: why_json(recommender.why(whole, whole_other, parameters), recommender.index),
    )


def _read_timeline(recommender: Recommender, slug: str) -> Asked:
    if _is_event(slug, _TIMELINE):
        return _read_event(recommender, f"{slug}/{_TIMELINE}")
    parameters = timeline_parameters(_query())
    whole = _full_slug(recommender, slug)
    return Asked(
        repr((_TIMELINE, whole, parameters)),
        lambda: timeline_json(timeline_of(recommender, whole, parameters), recommender.index),
    )


def _read_event(recommender: Recommender, slug: str) -> Asked:
    no_parameters(_query())
    row = recommender.index.corpus.row(slug)
    return Asked(repr(("event", row)), lambda: event_answer(recommender, row))


def _list(recommender: Recommender, asked: Question, parameters: Parameters) -> Asked:
    return Asked(
        repr((_RELATED, asked, parameters)),
        lambda: as_json(recommender.answer(asked, parameters), recommender.index),
    )


def _full_slug(recommender: Recommender, slug: str) -> str:
    """The slug of an event in full."""
    corpus = recommender.index.corpus
    return corpus.slug(corpus.row(slug))


def _is_event(slug: str, name: str) -> bool:
    """Whether the step before is a day, so that the name is itself that of an event of the day."""
    return split_target(f"{slug}/{name}") is not None


def _query() -> MultiDict[str, str]:
    """The parameters of the request; most have none, and need no parser."""
    return request.args if request.query_string else MultiDict()
