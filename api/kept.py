"""Answers that stay the same until the index changes: entity tags, compression, and the last of them kept in memory.

Who has understood a request says what is asked, and how the answer is made if it has to be:

    return answers.respond(repr(("related", slug, parameters)), lambda: as_json(…))

The entity tag (RFC 9110, section 8.8.3) is a digest over index, program, what is asked and coding: it is known before
any work is done, so a client that has the answer already gets a 304 that costs no ranking. It is strong, and each
coding has its own, because compressed bytes are other bytes. By their tags the bytes of answers are kept.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache
from flask import Response, jsonify, request
from werkzeug.datastructures import Accept, Headers
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MEGABYTE = 1_000_000

_MAX_AGE = 60
"""Seconds for which an answer may be used without asking: a list may lack the newest events for a minute."""
_STALE = 600
"""Seconds for which it may still be shown while the new one is fetched: nobody waits for a revalidation."""
_CACHE_CONTROL = f"public, max-age={_MAX_AGE}, stale-while-revalidate={_STALE}"

_LEAST_COMPRESSED = 1000
"""Bytes: what is smaller travels in one packet anyway."""
_LEVEL = 6
_LONGEST_HEADER = 200
"""Clients send a few different ones, which are remembered; what somebody makes up at length is not."""
_TAG_LENGTH = 32
_ENTRY_BYTES = 600
"""Of memory for an entry besides its body: tag, tuple and the places in the cache's three tables."""


class _Body(NamedTuple):
    """The bytes of an answer."""

    content: bytes
    compressed: bool


class _Whole(Response):
    """A response whose bytes are all there and whose head is complete: sent as it is."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - werkzeug's signature
        """The head; werkzeug would look in it for what might have to be completed."""
        return self.headers

    def get_app_iter(self, environ: "WSGIEnvironment") -> Iterable[bytes]:
        """The body as a list, which Granian sends in one piece; there is nothing to be closed after it."""
        return [] if environ["REQUEST_METHOD"] == "HEAD" else list(self.iter_encoded())


class KeptAnswers:
    """The answers of one index, the least recently used given up where there is no more room."""

    def __init__(self, revision: str, room: int) -> None:
        """Keep answers in memory.

        Args:
            revision: All that they depend on besides what is asked.
            room: Bytes at most; 0 keeps none.
        """
        self.revision = revision
        self._bodies: LRUCache[str, _Body] = LRUCache(room, getsizeof=_size)
        self._lock = Lock()

    def respond(self, asked: str, make: Callable[[], object]) -> Response:
        """Answer the request that is being handled, from memory where possible.

        Args:
            asked: The address and all that its answer depends on, said completely and always in the same way.
            make: The answer as JSON values; called only if it is needed.
        """
        environ = request.environ
        header = environ.get("HTTP_ACCEPT_ENCODING", "")
        compress = _wants_gzip(header) if len(header) <= _LONGEST_HEADER else wants_gzip(header)
        tag = self._tag(asked, compress=compress)
        head = [("ETag", f'"{tag}"'), ("Cache-Control", _CACHE_CONTROL), ("Vary", "Accept-Encoding")]
        if environ.get("HTTP_IF_NONE_MATCH") == head[0][1]:  # what nearly all send who have it
            return _sent(304, [], head)
        known = request.if_none_match if "HTTP_IF_NONE_MATCH" in environ else None
        if known is not None and not known.star_tag and known.contains_weak(tag):
            return _sent(304, [], head)
        with self._lock:
            body = self._bodies.get(tag)
        if body is None:
            body = _body(make(), compress=compress)
            if _size(body) <= self._bodies.maxsize:
                with self._lock:
                    self._bodies[tag] = body
        if known is not None and known.star_tag:  # any answer will do, if there is one: making it may end in an error
            return _sent(304, [], head)
        head += [("Content-Type", "application/json"), ("Content-Length", str(len(body.content)))]
        if body.compressed:
            head.append(("Content-Encoding", "gzip"))
        return _sent(200, [body.content], head)

    def _tag(self, asked: str, *, compress: bool) -> str:
        facts = f"{self.revision} {'gzip' if compress else 'identity'} {asked}"
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:_TAG_LENGTH]


def _sent(status: int, body: list[bytes], head: list[tuple[str, str]]) -> Response:
    headers = Headers()
    headers[:] = head
    return _Whole(body, status, headers)


def wants_gzip(header: str) -> bool:
    """Whether an `Accept-Encoding` takes gzip and would not rather have the answer as it is.

    RFC 9110, section 12.5.3. No other coding is offered: at this size zstd and brotli save little beyond it, and every
    client knows it.
    """
    accepted = parse_accept_header(header, Accept)
    quality = accepted.quality("gzip")
    return quality > 0 and quality >= accepted.quality("identity")


_wants_gzip = lru_cache(64)(wants_gzip)


def _body(values: object, *, compress: bool) -> _Body:
    content = jsonify(values).get_data()
    if not compress or len(content) < _LEAST_COMPRESSED:
        return _Body(content, compressed=False)
    # Without the time of day in its head, the same answer is the same bytes.
    return _Body(gzip.compress(content, _LEVEL, mtime=0), compressed=True)


def _size(body: _Body) -> int:
    return len(body.content) + _ENTRY_BYTES
