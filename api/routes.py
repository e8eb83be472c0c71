"""The addresses of the API: each view reads the request, asks the recommender once and answers JSON."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import PathConverter

from api.answers import event_answer, health_answer
from api.parameters import ANYONE, BESIDE, no_parameters, question, related_parameters
from recommender.related import Recommender
from recommender.render import as_json
from recommender.slugs import split_target

_MAX_AGE = 60
"""Seconds for which an answer may be kept; only a new index changes it."""
_RELATED = "related"


class SlugConverter(PathConverter):
    """A slug in an address: any steps, also with the leading `/` that links of an archive have."""

    regex = ".+?"
    part_isolating = False


def views(recommender: Recommender) -> Blueprint:
    """All addresses below `/v1`, answered by one recommender."""
    v1 = Blueprint("v1", __name__, url_prefix="/v1")

    @v1.get(f"/events/<slug:slug>/{_RELATED}/", strict_slashes=False)
    def related(slug: str) -> Response:
        if split_target(f"{slug}/{_RELATED}") is not None:
            # The step before is a day, so `related` is itself the name of an event of that day.
            return event(f"{slug}/{_RELATED}")
        parameters = related_parameters(request.args, BESIDE)
        asked = question(MultiDict([("slug", slug), *request.args.items(multi=True)]))
        return _kept(jsonify(as_json(recommender.answer(asked, parameters), recommender.index)))

    @v1.get(f"/{_RELATED}")
    def related_to_anyone() -> Response:
        parameters = related_parameters(request.args, ANYONE)
        answer = recommender.answer(question(request.args), parameters)
        return _kept(jsonify(as_json(answer, recommender.index)))

    @v1.get("/events/<slug:slug>")
    def event(slug: str) -> Response:
        no_parameters(request.args)
        return _kept(jsonify(event_answer(recommender, recommender.index.corpus.row(slug))))

    @v1.get("/health")
    def health() -> Response:
        no_parameters(request.args)
        return jsonify(health_answer(recommender.index))

    return v1


def _kept(response: Response) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = _MAX_AGE
    return response
