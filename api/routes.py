"""The addresses of the API: each view reads the request, says what is asked, and answers JSON."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import PathConverter

from api.answers import event_answer, health_answer
from api.current import Served
from api.parameters import no_parameters, related_parameters
from recommender.render import as_json
from recommender.slugs import split_target

_RELATED = "related"


class SlugConverter(PathConverter):
    """A slug in an address: any steps, also with the leading `/` that links of an archive have."""

    regex = ".+?"
    part_isolating = False


def views(current: Callable[[], Served]) -> Blueprint:
    """All addresses below `/v1`, each answered by what serves at the time."""
    v1 = Blueprint("v1", __name__, url_prefix="/v1")

    @v1.get(f"/events/<slug:slug>/{_RELATED}/", strict_slashes=False)
    def related(slug: str) -> Response:
        if split_target(f"{slug}/{_RELATED}") is not None:
            # The step before is a day, so `related` is itself the name of an event of that day.
            return event(f"{slug}/{_RELATED}")
        parameters = related_parameters(_query())
        served = current()
        recommender, index = served.recommender, served.recommender.index
        whole = index.corpus.slug(served.row(slug))
        return served.answers.respond(
            (_RELATED, whole, parameters), lambda: as_json(recommender.related(whole, parameters), index)
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


def _query() -> MultiDict[str, str]:
    """The parameters of the request; most have none, and need no parser."""
    return request.args if request.query_string else MultiDict()
