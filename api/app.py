"""The application factory: one Flask app around one recommender, nothing kept at module level."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from api.current import CurrentIndex, Served, serve_always
from api.errors import answer_errors_as_json
from api.kept import MEGABYTE
from api.routes import SlugConverter, views
from recommender.errors import IndexMissingError, ServerError
from recommender.index import INDEX_VARIABLE
from recommender.related import Recommender

CACHE_VARIABLE = "RELATED_EVENTS_CACHE_MB"
"""The environment variable that says how many megabytes of finished answers an app keeps."""
USUAL_CACHE_MB = 64

_MEGABYTES = re.compile(r"[0-9]{1,6}")


def create_app(recommender: Recommender | None = None) -> Flask:
    """Build the app; it keeps up to `RELATED_EVENTS_CACHE_MB` megabytes of finished answers, 64 if that is not set.

    Args:
        recommender: Whom to ask; None opens the index that `RELATED_EVENTS_INDEX` names, and again whenever it was
            built anew.

    Raises:
        IndexMissingError: No recommender, and the variable is not set or names no index.
        IndexStaleError: The index has another format.
        IndexFolderError: The index is damaged.
        ServerError: The number of megabytes is none.
    """
    room = _room()
    return app_of(_configured(room) if recommender is None else serve_always(recommender, room))


def app_of(current: Callable[[], Served]) -> Flask:
    """The app that answers by what serves at the time."""
    app = Flask(__name__, static_folder=None)
    app.json = _ReadableJSON(app)
    app.url_map.converters["slug"] = SlugConverter
    # A slug may be given with its leading `/`: that is an answer, not a redirect to another address.
    app.url_map.merge_slashes = False
    app.register_blueprint(views(current))
    answer_errors_as_json(app)
    return app


class _ReadableJSON(DefaultJSONProvider):
    """UTF-8 as it is, keys in the order in which we wrote them, no blanks."""

    ensure_ascii = False
    sort_keys = False
    compact = True


def _configured(room: int) -> CurrentIndex:
    folder = os.environ.get(INDEX_VARIABLE)
    if not folder:
        raise IndexMissingError(
            f"{INDEX_VARIABLE} is not set; set it to the folder of an index, "
            "made with `related-events build ARCHIVE --index INDEX`"
        )
    return CurrentIndex(Path(folder), room)


def _room() -> int:
    """Bytes of answers to keep."""
    given = os.environ.get(CACHE_VARIABLE) or str(USUAL_CACHE_MB)
    if not _MEGABYTES.fullmatch(given):
        raise ServerError(f"{CACHE_VARIABLE} is {given[:60]!r}, expected a whole number of megabytes, 0 for no cache")
    return int(given) * MEGABYTE
