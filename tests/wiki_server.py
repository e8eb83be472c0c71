"""A small wiki on a loopback port: the part of the MediaWiki API by which pages are read, and its bad days.

    with running_wiki({"Portal:Current events/2017 July 1": "…"}) as wiki:
        wiki.answers.append(busy(503, retry_after=3))
        ...  # ask at `wiki.api`
        assert wiki.asked[0].titles == ["Portal:Current events/2017 July 1"]

What is put into `answers` is given to the next requests; without that the wiki says what it holds.
"""

import gzip
import json
import socket
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TITLES = 50
"""Titles that one request can ask for, as on Wikipedia without an account."""


@dataclass(frozen=True)
class Answer:
    """What the wiki gives to one request instead of what it would say."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    """Hang up without a word, or in the middle of the body where there is one."""


def busy(status: int = 503, retry_after: object = None) -> Answer:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(status, b"<!DOCTYPE html><title>Wikimedia Error</title>", headers)


def error(code: str, info: str, **headers: str) -> Answer:
    body = {"error": {"code": code, "info": info, "docref": "See https://127.0.0.1/w/api.php for API usage."}}
    return Answer(body=json.dumps(body).encode(), headers={"MediaWiki-API-Error": code, **headers})


def lagged(retry_after: int = 5) -> Answer:
    """How a wiki says that its databases are behind: status 200, an error, and a header."""
    return error("maxlag", "Waiting for db1234: 7.5 seconds lagged.", **{"Retry-After": str(retry_after)})


def says(reply: object) -> Answer:
    return Answer(body=json.dumps(reply).encode())


DROPPED = Answer(dropped=True)
BROKEN_OFF = Answer(dropped=True, body=b'{"query": {"pages": [')


@dataclass(frozen=True)
class Asked:
    """One request."""

    parameters: dict[str, str]
    headers: Message

    @property
    def titles(self) -> list[str]:
        return self.parameters["titles"].split("|")

    @property
    def with_content(self) -> bool:
        return "content" in self.parameters["rvprop"].split("|")


@dataclass
class Wiki:
    """What the wiki holds, how it behaves, and what it was asked."""

    api: str = ""
    """Address of its `api.php`."""
    pages: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Number and wikitext of every revision of each title, oldest first."""
    redirects: dict[str, str] = field(default_factory=dict)
    namespace: str = "Portal"
    """Its own name of the namespace that every wiki also calls `Portal`."""
    pace: float = 0.0
    """Seconds that an answer takes."""
    room: int = 2**62
    """Bytes of wikitext that fit into one reply; a single page always does."""
    answers: deque[Answer] = field(default_factory=deque)
    """Given to the next requests, one each."""
    asked: list[Asked] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    """How often the wikitext of each title was given out."""
    most_at_once: int = 0
    """The most requests that were under way at one time."""
    _revision: int = 1000
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def edit(self, title: str, wikitext: str) -> int:
        """Save a page; the number of its new revision."""
        self._revision += 1
        self.pages.setdefault(title, []).append((self._revision, wikitext))
        return self._revision

    def answer(self, parameters: dict[str, str]) -> Answer:
        """What it says when it has a good day."""
        # Without one of these a wiki answers in another form.
        expected = {"action": "query", "format": "json", "formatversion": "2", "prop": "revisions"}
        assert expected.items() <= parameters.items(), parameters
        titles = parameters["titles"].split("|")
        if len(titles) > TITLES:
            return error("toomanyvalues", f'Too many values supplied for parameter "titles". The limit is {TITLES}.')
        query: dict[str, list] = {"normalized": [], "redirects": [], "pages": []}
        named = dict.fromkeys(self._resolved(title, "redirects" in parameters, query) for title in titles)
        query["pages"] = [self._page(title) for title in named]
        reply = {"batchcomplete": True, "query": {name: steps for name, steps in query.items() if steps}}
        if follow := self._add_revisions(query["pages"], parameters):
            del reply["batchcomplete"]
            reply["continue"] = {"rvcontinue": follow, "continue": "||"}
            reply["warnings"] = {"result": {"warnings": "This result was truncated because it would be too large."}}
        return says(reply)

    def _resolved(self, title: str, follow: bool, query: dict[str, list]) -> str:
        normal = title.replace("_", " ")
        if normal.startswith("Portal:"):
            normal = self.namespace + normal.removeprefix("Portal")
        if normal != title:
            query["normalized"].append({"fromencoded": False, "from": title, "to": normal})
        while follow and normal in self.redirects:
            step = {"from": normal, "to": self.redirects[normal]}
            if step not in query["redirects"]:
                query["redirects"].append(step)
            normal = step["to"]
        return normal

    def _page(self, title: str) -> dict[str, object]:
        if title not in self.pages:
            return {"ns": 100, "title": title, "missing": True}
        return {"pageid": 1 + list(self.pages).index(title), "ns": 100, "title": title}

    def _add_revisions(self, pages: list[dict], parameters: dict[str, str]) -> str | None:
        """Add revisions by number of page until there is no room; where to go on."""
        content = "content" in parameters["rvprop"].split("|")
        begin = int(parameters.get("rvcontinue", "0|0").split("|")[0])
        assert ("continue" in parameters) == ("rvcontinue" in parameters), "all of `continue` has to be sent back"
        room = self.room
        there = [page for page in pages if "pageid" in page and page["pageid"] >= begin]
        for page in sorted(there, key=lambda page: page["pageid"]):
            revision, wikitext = self.pages[page["title"]][-1]
            size = len(wikitext.encode()) if content else 0
            if size > room and room < self.room:
                return f"{page['pageid']}|{revision}"
            room -= size
            page["revisions"] = [{"revid": revision, "parentid": revision - 1}]
            if content:
                slot = {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": wikitext}
                page["revisions"][0]["slots"] = {"main": slot}
                self.served[page["title"]] += 1
        return None

    def take(self, asked: Asked) -> Answer:
        """Answer a request and remember it."""
        with self._lock:
            self.asked.append(asked)
            if self.answers:
                return self.answers.popleft()
            if not asked.headers.get("User-Agent", "").startswith("related-events/"):
                return Answer(403, b"Please set a user-agent and respect our robot policy https://w.wiki/4wJS")
            return self.answer(asked.parameters)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One more request under way."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        yield
        with self._lock:
            self._under_way -= 1


class _Handler(BaseHTTPRequestHandler):
    wiki: Wiki
    protocol_version = "HTTP/1.1"
    timeout = 10.0
    wbufsize = -1  # head and body leave together: apart, the second waits 40 ms for the first to be acknowledged

    def do_GET(self) -> None:
        with self.wiki.counted():
            parameters = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            answer = self.wiki.take(Asked(parameters, self.headers))
            time.sleep(self.wiki.pace)
            body, headers = answer.body, answer.headers
            if "gzip" in self.headers.get("Accept-Encoding", "") and not answer.dropped:
                body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
            if body or not answer.dropped:
                self.send_response(answer.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + answer.dropped))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
            if answer.dropped:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Requests are remembered, not printed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever has hung up is not worth a traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running_wiki(pages: dict[str, str] | None = None) -> Iterator[Wiki]:
    """A wiki that answers at `wiki.api` until the end of the block.

    Args:
        pages: Wikitexts by title, to begin with.
    """
    wiki = Wiki()
    for title, wikitext in (pages or {}).items():
        wiki.edit(title, wikitext)
    with _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"wiki": wiki})) as server:
        wiki.api = f"http://127.0.0.1:{server.server_port}/w/api.php"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002})
        thread.start()
        try:
            yield wiki
        finally:
            server.shutdown()
            thread.join()
