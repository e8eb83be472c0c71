"""Related events over HTTP: the application factory; `api.serving` runs it."""

from api.app import create_app

__all__ = ["create_app"]
