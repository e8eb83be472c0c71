"""The portal's day pages as the MediaWiki API of Wikipedia gives them, kept by revision (`cache.py`).

Days are asked for in batches, one request at a time. With a cache a batch takes two steps: which revision
each day has, then the wikitext of the days whose revision is not in the cache.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from recommender import __version__
from recommender.errors import ParameterError, PortalError
from recommender.portal.cache import keep_days, kept_days, prepared_folder
from recommender.portal.days import DaySource, page_title

if TYPE_CHECKING:
    import httpx2

WIKIPEDIA_API = "https://en.wikipedia.org/w/api.php"
BATCH = 50
"""Titles a request; more are for accounts with special rights."""
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before the second try and the following ones; a wiki can ask for longer ones, up to `LONGEST_PAUSE`."""
LONGEST_PAUSE = 60.0
MAX_LAG = 5
"""Seconds that the wiki's databases may be behind; beyond that its readers come first and we are told to wait."""
TIMEOUT = 60.0
"""Seconds of silence after which a try has failed."""

# No user, query or fragment: the place names a folder and stands in messages.
_ADDRESS = re.compile(r"(?ai)https?://(?P<place>[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*(:\d{1,5})?(/[\w.~%@:+-]*)+)")
_BUSY = frozenset({"maxlag", "ratelimited"})
_WAY_OUT = f"give the address of a wiki that anybody may read, such as {WIKIPEDIA_API}"


class _BusyError(Exception):
    """The wiki could not answer now, and asks for `wait` seconds."""

    def __init__(self, came: str, wait: float = 0.0) -> None:
        super().__init__(came)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Wiki:
    client: "httpx2.Client"
    api: str
    sleep: Callable[[float], None]


def fetch_days(  # noqa: PLR0913 - what, where from, and how
    since: date,
    until: date,
    *,
    api: str = WIKIPEDIA_API,
    cache: Path | None = None,
    contact: str = "",
    progress: Callable[[int, int], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[DaySource]:
    """The day pages from one day to another, both included, ascending; days without a page are left out.

    Args:
        since: The first day.
        until: The last day; it may lie in the future.
        api: Address of the wiki's `api.php`.
        cache: Folder that keeps the pages, so that only those that were edited are fetched again.
        contact: Who asks, for the wiki's operators: an e-mail address or a web page.
        progress: Called with days done and days in all.
        sleep: Called with the seconds to wait before another try.

    Raises:
        ParameterError: `since` is after `until`, or `contact` cannot be sent.
        PortalError: There is no API at the address, it refuses or stays busy, or the cache cannot be used.
            Most of that shows while iterating.
    """
    # Takes a tenth of a second, for which no other command has to wait.
    import httpx2  # noqa: PLC0415

    if since > until:
        raise ParameterError("since", since.isoformat(), f"a day that is not after {until}")
    if not (contact.isascii() and contact.isprintable()):
        raise ParameterError("contact", contact, "an e-mail address or a web page, in printable ASCII")
    address = _ADDRESS.fullmatch(api)
    if address is None:
        raise PortalError(f"{api!r} is not the address of an API, expected one such as {WIKIPEDIA_API}")
    folder = None if cache is None else prepared_folder(cache / quote(address["place"], safe=""))
    agent = f"related-events/{__version__} ({contact or 'no contact given'}) httpx2/{httpx2.__version__}"
    # Nobody is asked but who was named, hence no redirects. The client asks for gzip of itself.
    timeout = httpx2.Timeout(TIMEOUT, connect=min(TIMEOUT, 10.0))
    client = httpx2.Client(headers={"User-Agent": agent}, timeout=timeout, follow_redirects=False)
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    return _days(_Wiki(client, api, sleep), days, folder, progress)


def _days(
    wiki: _Wiki, days: list[date], cache: Path | None, progress: Callable[[int, int], None] | None
) -> Iterator[DaySource]:
    with wiki.client:
        for start in range(0, len(days), BATCH):
            batch = days[start : start + BATCH]
            sources = _fetched(wiki, batch) if cache is None else _current(wiki, batch, cache)
            for done, day in enumerate(batch, start=start + 1):
                if progress is not None:
                    progress(done, len(days))
                if day in sources:
                    yield sources[day]


def _current(wiki: _Wiki, days: list[date], cache: Path) -> dict[date, DaySource]:
    """The days' pages, from the cache where it has the revision that counts."""
    revisions = {day: number for day, (number, _) in _revisions(wiki, days, "ids").items()}
    sources = kept_days(cache, revisions)
    if changed := [day for day in revisions if day not in sources]:
        fresh = _fetched(wiki, changed)
        keep_days(cache, fresh.values())
        sources |= fresh
    return sources


def _fetched(wiki: _Wiki, days: list[date]) -> dict[date, DaySource]:
    sources = {}
    for day, (number, wikitext) in _revisions(wiki, days, "ids|content").items():
        if wikitext is None:
            raise PortalError(f"{wiki.api} keeps the wikitext of {page_title(day)!r} to itself; leave that day out")
        sources[day] = DaySource(day, wikitext, number)
    return sources


def _revisions(wiki: _Wiki, days: list[date], properties: str) -> dict[date, tuple[int, str | None]]:
    """The current revision of each day that has a page: number, and wikitext where `properties` ask for it."""
    titles = {page_title(day): day for day in days}
    replies = list(_replies(wiki, list(titles), properties))
    renamed: dict[str, str] = {}
    pages: dict[str, dict[str, Any]] = {}
    try:
        for reply in replies:
            query = reply["query"]
            for step in (*query.get("normalized", ()), *query.get("redirects", ())):
                renamed[step["from"]] = step["to"]
            # Each reply names every page; a revision that did not fit into one comes with a later one.
            for page in query["pages"]:
                pages[page["title"]] = pages.get(page["title"], {}) | page
        found = {day: pages[_final(title, renamed)] for title, day in titles.items()}
        if invalid := [page["title"] for page in found.values() if page.get("invalid")]:
            raise PortalError(f"{wiki.api} does not take {invalid[0]!r} for a title; {_WAY_OUT}")
        return {day: _revision(page["revisions"][0]) for day, page in found.items() if not page.get("missing")}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        message = f"{wiki.api} does not answer as a MediaWiki from 1.32 on does ({_shown(repr(error))})"
        raise PortalError(f"{message}; {_WAY_OUT}") from None


def _final(title: str, renamed: dict[str, str]) -> str:
    steps = dict(renamed)
    while title in steps:
        title = steps.pop(title)  # no step twice: redirects can go in a circle
    return title


def _revision(revision: dict[str, Any]) -> tuple[int, str | None]:
    wikitext = revision.get("slots", {}).get("main", {}).get("content")
    if wikitext is not None:
        wikitext.encode()  # JSON can hold half of a surrogate pair, a file cannot
    return index(revision["revid"]), wikitext


def _replies(wiki: _Wiki, titles: list[str], properties: str) -> Iterator[dict[str, Any]]:
    """What the wiki says about pages, in as many replies as it takes."""
    asked = {"action": "query", "format": "json", "formatversion": "2", "maxlag": str(MAX_LAG), "redirects": "1"}
    asked |= {"prop": "revisions", "rvprop": properties, "rvslots": "main", "titles": "|".join(titles)}
    following: dict[str, str] = {}
    # A reply holds one page at least; a wiki that goes on after as many as there are goes on for ever.
    for _ in range(len(titles) + 1):
        reply = _ask(wiki, asked | following)
        yield reply
        continuation = reply.get("continue")
        if not isinstance(continuation, dict):
            return
        following = {name: str(value) for name, value in continuation.items()}
    raise _refusal(wiki, asked, "with a continuation that does not end")


def _ask(wiki: _Wiki, asked: dict[str, str]) -> dict[str, Any]:
    """One answer, after as many tries as it takes, up to a limit."""
    for pause in PAUSES:
        try:
            return _try(wiki, asked)
        except _BusyError as busy:
            wiki.sleep(max(pause, busy.wait))
    try:
        return _try(wiki, asked)
    except _BusyError as busy:
        message = f"{wiki.api} was asked {len(PAUSES) + 1} times for {_pages(asked)} and did not answer ({busy})"
        raise PortalError(f"{message}; check the address and the connection, or try again later") from None


def _try(wiki: _Wiki, asked: dict[str, str]) -> dict[str, Any]:
    import httpx2  # noqa: PLC0415 - see fetch_days

    try:
        response = wiki.client.get(wiki.api, params=asked)
    except httpx2.HTTPError as lost:
        raise _BusyError(_shown(str(lost) or type(lost).__name__)) from None
    status, wait = response.status_code, _seconds(response.headers.get("Retry-After", ""))
    if status == 429 or status >= 500:
        raise _BusyError(f"status {status}", wait)
    if status != 200:
        shown = _shown(response.headers.get("Location") or response.text)
        way_out = "check the address, and give a contact if you gave none"
        raise _refusal(wiki, asked, f"with status {status} ({shown})", way_out)
    try:
        reply = response.json()
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise _refusal(wiki, asked, f"with something else than a JSON object ({_shown(response.text)})")
    error = reply.get("error")
    if error is None:
        return reply
    code, info = (error.get("code"), error.get("info")) if isinstance(error, dict) else (error, None)
    if str(code) in _BUSY:
        raise _BusyError(_shown(f"{code}: {info}"), wait)
    raise _refusal(wiki, asked, f"with an error ({_shown(f'{code}: {info}')})")


def _seconds(retry_after: str) -> float:
    """What a `Retry-After` header asks for, seconds or a moment; 0 where that makes no sense."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), LONGEST_PAUSE)
    with suppress(ValueError, TypeError, OverflowError):
        return min((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds(), LONGEST_PAUSE)
    return 0.0


def _refusal(wiki: _Wiki, asked: dict[str, str], answered: str, way_out: str = _WAY_OUT) -> PortalError:
    return PortalError(f"{wiki.api} was asked for {_pages(asked)} and answered {answered}; {way_out}")


def _pages(asked: dict[str, str]) -> str:
    first, *others = asked["titles"].split("|")
    return f"{first!r} and {len(others)} more pages" if others else repr(first)


def _shown(text: str) -> str:
    """What somebody else has written, fit to stand in a sentence on a terminal."""
    words = " ".join(text[:1000].split())
    return repr(words if len(words) <= 200 else f"{words[:200]}…")
