"""The application factory: one Flask app around one recommender, nothing kept at module level."""

import os
from pathlib import Path

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from api.errors import answer_errors_as_json
from api.routes import SlugConverter, views
from recommender.errors import IndexMissingError
from recommender.index import INDEX_VARIABLE, Index
from recommender.related import Recommender


def create_app(recommender: Recommender | None = None) -> Flask:
    """Build the app.

    Args:
        recommender: Whom to ask; None opens the index that `RELATED_EVENTS_INDEX` names.

    Raises:
        IndexMissingError: No recommender, and the variable is not set or names no index.
        IndexStaleError: The index has another format.
        IndexFolderError: The index is damaged.
    """
    app = Flask(__name__, static_folder=None)
    app.json = _ReadableJSON(app)
    app.url_map.converters["slug"] = SlugConverter
    # A slug may be given with its leading `/`: that is an answer, not a redirect to another address.
    app.url_map.merge_slashes = False
    app.register_blueprint(views(_configured() if recommender is None else recommender))
    answer_errors_as_json(app)
    return app


class _ReadableJSON(DefaultJSONProvider):
    """UTF-8 as it is, keys in the order in which we wrote them, no blanks."""

    ensure_ascii = False
    sort_keys = False
    compact = True


def _configured() -> Recommender:
    folder = os.environ.get(INDEX_VARIABLE)
    if not folder:
        raise IndexMissingError(
            f"{INDEX_VARIABLE} is not set; set it to the folder of an index, "
            "made with `related-events build ARCHIVE --index INDEX`"
        )
    return Recommender(Index.open(Path(folder)))
