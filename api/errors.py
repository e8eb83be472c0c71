"""Errors as JSON answers: the one place where the error tree becomes HTTP.

    {"error": {"code": "slug_unknown", "message": "no event has …", "slug": …, "nearest": […]}}

A fact of the error is a key of its own, so that nobody has to read the message to act on it. Errors
that no caller can do anything about are an answer without particulars; those go to the log.
"""

from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from recommender.errors import EncoderError, ParameterError, RelatedEventsError, SlugAmbiguousError, SlugUnknownError

_LONGEST_FACT = 200
_LONGEST_MESSAGE = 1000


class _Answer(NamedTuple):
    """How a class of errors is told."""

    status: HTTPStatus
    facts: tuple[str, ...]
    """Attributes of the error that become keys."""


_ANSWERS: dict[type[RelatedEventsError], _Answer] = {
    ParameterError: _Answer(HTTPStatus.BAD_REQUEST, ("parameter", "value", "expected")),
    SlugUnknownError: _Answer(HTTPStatus.NOT_FOUND, ("slug", "nearest")),
    SlugAmbiguousError: _Answer(HTTPStatus.CONFLICT, ("slug", "choices")),
    EncoderError: _Answer(HTTPStatus.SERVICE_UNAVAILABLE, ()),
}
"""What a request can be wrong about, and texts where the encoder is gone; every other error is ours."""

_MESSAGES = {
    HTTPStatus.NOT_FOUND: (
        "nothing has this address; there are /v1/events/SLUG, /v1/events/SLUG/related, /v1/events/SLUG/why?other=SLUG,"
        " /v1/events/SLUG/timeline, /v1/related and /v1/health"
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take this method",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the service made a mistake; its log says which",
}


def answer_errors_as_json(app: Flask) -> None:
    """Have every error of an app answered as JSON, Flask's own too."""
    for kind in (*_ANSWERS, HTTPException):
        app.register_error_handler(kind, _respond)


def translate(error: Exception) -> tuple[HTTPStatus, dict[str, Any]]:
    """The status of an error and what its answer says: code, message, facts.

    Args:
        error: Of the error tree, or one of Werkzeug's; anything else is an internal error.
    """
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            facts = {name: _bounded(getattr(error, name)) for name in answer.facts}
            return answer.status, {"code": kind.code, "message": _cut(str(error), _LONGEST_MESSAGE), **facts}
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, HTTPException) and error.code is not None:
        status = HTTPStatus(error.code)
    code = "internal" if status is HTTPStatus.INTERNAL_SERVER_ERROR else status.name.lower()
    allowed = {"allowed": sorted(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    return status, {"code": code, "message": _MESSAGES.get(status, status.phrase.lower()), **allowed}


def _respond(error: Exception) -> Response:
    status, answer = translate(error)
    response = jsonify({"error": answer})
    response.status_code = status
    if isinstance(error, HTTPException):  # such as Allow
        response.headers.update([header for header in error.get_headers() if header[0] != "Content-Type"])
    response.cache_control.no_store = True
    return response


def _bounded(fact: object) -> object:
    """A fact that came with the request is told back, but not at any length."""
    return _cut(fact, _LONGEST_FACT) if isinstance(fact, str) else fact


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
