"""The addresses of the API: each view reads the request, says what is asked, and answers JSON."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import PathConverter

from api.answers import event_answer, health_answer
from api.current import Served
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
        if _is_event(slug, _RELATED):
            return event(f"{slug}/{_RELATED}")
        parameters = related_parameters(_query(), BESIDE)
        served = current()
        whole = served.recommender.index.corpus.slug(served.row(slug))
        return _answered(served, question(MultiDict([("slug", whole), *_query().items(multi=True)])), parameters)

    @v1.get(f"/{_RELATED}")
    def related_to_anyone() -> Response:
        parameters = related_parameters(_query(), ANYONE)
        return _answered(current(), question(_query()), parameters)

    @v1.get(f"/events/<slug:slug>/{_WHY}/", strict_slashes=False)
    def why(slug: str) -> Response:
        if _is_event(slug, _WHY):
            return event(f"{slug}/{_WHY}")
        other, parameters = why_parameters(_query())
        served = current()
        recommender, index = served.recommender, served.recommender.index
        whole, whole_other = (index.corpus.slug(served.row(one)) for one in (slug, other))
        return served.answers.respond(
            (_WHY, whole, whole_other, parameters),
            lambda: why_json(recommender.why(whole, whole_other, parameters), index),
        )

    @v1.get(f"/events/<slug:slug>/{_TIMELINE}/", strict_slashes=False)
    def timeline(slug: str) -> Response:
        if _is_event(slug, _TIMELINE):
            return event(f"{slug}/{_TIMELINE}")
        parameters = timeline_parameters(_query())
        served = current()
        recommender, index = served.recommender, served.recommender.index
        whole = index.corpus.slug(served.row(slug))
        return served.answers.respond(
            (_TIMELINE, whole, parameters), lambda: timeline_json(timeline_of(recommender, whole, parameters), index)
        )

    @v1.get("/events/<slug:slug>")
    def event(slug: str) -> Response:
        no_parameters(_query())
        served = current()
        row = served.row(slug)
        return served.answers.respond(("event", row), lambda: event_answer(served.recommender, row))

    @v1.get("/health")
    def health() -> Response:
        no_parameters(_query())
        return jsonify(health_answer(current().recommender.index))

    return v1


def _answered(served: Served, asked: Question, parameters: Parameters) -> Response:
    recommender = served.recommender
    return served.answers.respond(
        (_RELATED, asked, parameters), lambda: as_json(recommender.answer(asked, parameters), recommender.index)
    )


def _is_event(slug: str, name: str) -> bool:
    """Whether the step before is a day, so that the name is itself that of an event of the day."""
    return split_target(f"{slug}/{name}") is not None


def _query() -> MultiDict[str, str]:
    """The parameters of the request; most have none, and need no parser."""
    return request.args if request.query_string else MultiDict()
