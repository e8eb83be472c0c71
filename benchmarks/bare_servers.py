"""What our service is compared with: the same server, the same bytes, and nothing between the two.

    python benchmarks/bare_servers.py wsgi|flask PORT ANSWERS

ANSWERS is a JSON file of headers and of texts by path, in Latin-1; a path that is not among them gets the text of
another one, always the same, so that sizes are distributed alike.
"""

import json
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from api.serving import granian, run


def wsgi(headers: dict[str, str], bodies: dict[str, bytes]) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """Nothing but a function."""
    (body,) = list(bodies.values())[:1]
    sent = [*headers.items(), ("Content-Length", str(len(body)))]

    def application(_: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
        start_response("200 OK", sent)
        return [body]

    return application


def flask(headers: dict[str, str], bodies: dict[str, bytes]) -> Flask:
    """One view at our address."""
    app = Flask("bare", static_folder=None)
    several = list(bodies.values())

    @app.get("/v1/events/<path:slug>/related")
    def related(slug: str) -> Response:  # noqa: ARG001 - it is in the path
        path = request.path
        body = bodies.get(path) or several[zlib.crc32(path.encode()) % len(several)]
        return Response(body, headers=headers)

    return app


def main(kind: str, port: int, file: Path) -> None:
    """Serve until SIGTERM, with one worker."""
    content = json.loads(file.read_text())
    bodies = {path: text.encode("latin-1") for path, text in content["bodies"].items()}
    make: Callable[..., Any] = {"wsgi": wsgi, "flask": flask}[kind]
    run(granian("127.0.0.1", port, 1), lambda: make(content["headers"], bodies))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
