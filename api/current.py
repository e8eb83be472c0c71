"""Which index answers now: the one that lies in the folder, opened again when a build has replaced it.

A build replaces the manifest in one step, so a look at the manifest's place in the file system tells a new index.
Whoever answers from the old one goes on: its files are mapped, and stay until nobody uses them.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Self

from flask import Response, request

from api.kept import KeptAnswers
from api.revision import program_revision
from recommender.errors import RelatedEventsError
from recommender.index import Index
from recommender.related import Recommender
from recommender.store import MANIFEST

_SECONDS_BETWEEN_LOOKS = 1.0
_REMEMBERED = 2048
"""Requests that were understood; one takes 2 kB."""
_LONGEST_SLUG = 400
_LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a request asks, once it is understood."""

    said: str
    """The address and all that its answer depends on besides the index, in one form only."""
    make: Callable[[], object]
    """The answer as JSON values."""


Reading = Callable[[Recommender, str], Asked]
"""How an address understands a request, from the slug in it and the query string; errors are told to who asks."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """A recommender and the answers that it gave."""

    recommender: Recommender
    answers: KeptAnswers
    _understood: Callable[[Reading, str, bytes], Asked]
    """Readings, remembered for those requests that come again and again."""

    @classmethod
    def of(cls, recommender: Recommender, answers: KeptAnswers) -> Self:
        """A recommender with the answers that are known to be its."""
        return cls(recommender, answers, lru_cache(_REMEMBERED)(lambda read, slug, _: read(recommender, slug)))

    def respond(self, read: Reading, slug: str = "") -> Response:
        """Answer the request that is being handled."""
        query = request.query_string
        # What a client may write at any length is not remembered at any length.
        short = len(slug) <= _LONGEST_SLUG and len(query) <= _LONGEST_QUERY
        asked = self._understood(read, slug, query) if short else read(self.recommender, slug)
        return self.answers.respond(asked.said, asked.make)


def serve_always(recommender: Recommender, room: int) -> Callable[[], Served]:
    """Answers from one index that is open already, and keeps so many bytes of them."""
    served = Served.of(recommender, KeptAnswers(_revision(recommender), room))
    return lambda: served


class CurrentIndex:
    """What answers, from an index folder that may be built anew at any time."""

    def __init__(self, folder: Path, room: int) -> None:
        """Open the index.

        Args:
            folder: Where it lies.
            room: Bytes of answers that are kept.

        Raises:
            IndexMissingError: There is none.
            IndexStaleError: It has another format.
            IndexFolderError: It is damaged.
        """
        self._folder = folder
        self._room = room
        self._opening = Lock()
        self._seen = self._place()
        self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS
        recommender = Recommender(Index.open(folder))
        self._served = Served.of(recommender, KeptAnswers(_revision(recommender), room))

    def __call__(self) -> Served:
        """The index as it is now, or was a second ago; while one request opens a new one, others use the old."""
        if time.monotonic() >= self._next_look and self._opening.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS
                self._opening.release()
        return self._served

    def look(self) -> None:
        """Open the index anew if it was built anew, however short ago anybody looked."""
        with self._opening:
            self._look()

    def _look(self) -> None:
        place = self._place()
        if place == self._seen:
            return
        self._seen = place
        try:
            recommender = Recommender(Index.open(self._folder))
        except RelatedEventsError as error:
            # The next build is another manifest, and looked at again.
            logging.getLogger(__name__).warning("%s; answers go on from the index that is open", error)
            return
        answers = self._served.answers
        if answers.revision != _revision(recommender):
            answers = KeptAnswers(_revision(recommender), self._room)
        self._served = Served.of(recommender, answers)
        logging.getLogger(__name__).info("opened the index anew, %d events", recommender.index.manifest.events)

    def _place(self) -> tuple[int, int, int] | None:
        """What differs between two manifests that were put in one place; None where there is none."""
        try:
            status = (self._folder / MANIFEST).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def _revision(recommender: Recommender) -> str:
    return f"{recommender.index.manifest.fingerprint} {program_revision()}"
