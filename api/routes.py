"""The addresses of the API: each view reads the request, asks the recommender once and answers JSON."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.routing import PathConverter

from api.answers import event_answer, health_answer
from api.parameters import no_parameters, related_parameters, timeline_parameters, why_parameters
from recommender.related import Recommender
from recommender.render import as_json
from recommender.render_timeline import timeline_json
from recommender.render_why import why_json
from recommender.slugs import split_target
from recommender.timeline import timeline as timeline_of

_MAX_AGE = 60
"""Seconds for which an answer may be kept; only a new index changes it."""
_RELATED, _WHY, _TIMELINE = "related", "why", "timeline"


class SlugConverter(PathConverter):
    """A slug in an address: any steps, also with the leading `/` that links of an archive have."""

    regex = ".+?"
    part_isolating = False


def views(recommender: Recommender) -> Blueprint:
    """All addresses below `/v1`, answered by one recommender."""
    v1 = Blueprint("v1", __name__, url_prefix="/v1")

    @v1.get(f"/events/<slug:slug>/{_RELATED}/", strict_slashes=False)
    def related(slug: str) -> Response:
        if _is_event(slug, _RELATED):
            return event(f"{slug}/{_RELATED}")
        parameters = related_parameters(request.args)
        return _kept(jsonify(as_json(recommender.related(slug, parameters), recommender.index)))

    @v1.get(f"/events/<slug:slug>/{_WHY}/", strict_slashes=False)
    def why(slug: str) -> Response:
        if _is_event(slug, _WHY):
            return event(f"{slug}/{_WHY}")
        other, parameters = why_parameters(request.args)
        return _kept(jsonify(why_json(recommender.why(slug, other, parameters), recommender.index)))

    @v1.get(f"/events/<slug:slug>/{_TIMELINE}/", strict_slashes=False)
    def timeline(slug: str) -> Response:
        if _is_event(slug, _TIMELINE):
            return event(f"{slug}/{_TIMELINE}")
        parameters = timeline_parameters(request.args)
        return _kept(jsonify(timeline_json(timeline_of(recommender, slug, parameters), recommender.index)))

    @v1.get("/events/<slug:slug>")
    def event(slug: str) -> Response:
        no_parameters(request.args)
        return _kept(jsonify(event_answer(recommender, recommender.index.corpus.row(slug))))

    @v1.get("/health")
    def health() -> Response:
        no_parameters(request.args)
        return jsonify(health_answer(recommender.index))

    return v1


def _is_event(slug: str, name: str) -> bool:
    """Whether the step before is a day, so that the name is itself that of an event of the day."""
    return split_target(f"{slug}/{name}") is not None


def _kept(response: Response) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = _MAX_AGE
    return response
