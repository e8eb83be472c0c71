"""Day pages from a wiki: asked for politely, fetched once, asked for again on bad days, told about on worse ones."""

import errno
import os
import ssl
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import pytest
from wiki_server import BROKEN_OFF, DROPPED, TITLES, Answer, Wiki, busy, error, lagged, running_wiki, says

from recommender import __version__
from recommender.errors import ParameterError, PortalError, RelatedEventsError
from recommender.portal import mediawiki
from recommender.portal.days import DaySource
from recommender.portal.mediawiki import fetch_days

TITLE = "Portal:Current events/2017 July 1"
JULY_1 = date(2017, 7, 1)
MARCH = [date(2017, 3, day) for day in range(1, 32)]
LONG = (date(2017, 1, 1), date(2017, 4, 30))
"""120 days, which are three requests."""
TWO_BATCHES = (date(2017, 1, 1), date(2017, 3, 1))
BACKOFF = [1.0, 2.0, 4.0, 8.0]


def title(day: date) -> str:
    """Independent of the module, in the locale in which Python starts."""
    return f"Portal:Current events/{day.year} {day:%B} {day.day}"


def days_of(since: date, until: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((until - since).days + 1)]


def asked(properties: str, *titles: str) -> dict[str, str]:
    """A request, for a wiki's own answer to be put before others."""
    whole = {"action": "query", "format": "json", "formatversion": "2", "prop": "revisions"}
    return {**whole, "rvprop": properties, "titles": "|".join(titles)}


def wikitext(day: date) -> str:
    return f"{{{{Current events|year={day.year}}}}}\r\n*Ünrest in [[{day:%B}]]\n\n"


PAGES = {title(day): wikitext(day) for day in days_of(date(2017, 1, 1), date(2017, 12, 31))}
CERTIFICATES = ssl.create_default_context()


@pytest.fixture(autouse=True)
def _near(monkeypatch):
    """The wiki is on this machine: no proxy, and certificates, which nobody shows here, are loaded once."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: CERTIFICATES, raising=False)


@pytest.fixture
def wiki():
    """A wiki with a page for each day of 2017."""
    with running_wiki(PAGES) as wiki:
        yield wiki


class Sleeps(list):
    """What was slept, without sleeping."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def fetched(wiki: Wiki, since: date = JULY_1, until: date | None = None, **options) -> list[DaySource]:
    options = {"sleep": Sleeps(), **options}
    return list(fetch_days(since, until or since, api=wiki.api, **options))


def refused(wiki: Wiki, since: date = JULY_1, until: date | None = None, **options) -> str:
    """The one sentence of the error."""
    with pytest.raises(PortalError) as caught:
        fetched(wiki, since, until, **options)
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert ";" in sentence, "there is no way out in it"
    return sentence


def entries(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


class TestPages:
    def test_come_as_they_are_with_day_and_revision(self, wiki):
        revision = wiki.edit(TITLE, "*Ünrest\r\n\t''x''\n\n")
        assert fetched(wiki) == [DaySource(JULY_1, "*Ünrest\r\n\t''x''\n\n", revision)]

    def test_that_are_blank_are_pages(self, wiki, tmp_path):
        revision = wiki.edit(TITLE, "")
        assert fetched(wiki) == [DaySource(JULY_1, "", revision)]
        assert fetched(wiki, cache=tmp_path) == fetched(wiki, cache=tmp_path) == [DaySource(JULY_1, "", revision)]
        assert wiki.served[TITLE] == 2

    def test_come_in_the_order_of_the_days(self, wiki):
        assert [source.date for source in fetched(wiki, *LONG)] == days_of(*LONG)
        assert [source.wikitext for source in fetched(wiki, *LONG)] == [wikitext(day) for day in days_of(*LONG)]

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (date(2017, 7, 1), "Portal:Current events/2017 July 1"),
            (date(2004, 2, 29), "Portal:Current events/2004 February 29"),
            (date(2022, 12, 31), "Portal:Current events/2022 December 31"),
        ],
    )
    def test_are_asked_for_by_year_english_month_and_day_without_zero(self, wiki, day, expected):
        fetched(wiki, day)
        assert wiki.asked[0].titles == [expected]

    def test_are_named_in_english_in_any_locale(self, monkeypatch):
        monkeypatch.setattr("calendar.month_name", ["", *["Monat"] * 12])
        assert [mediawiki.page_title(date(2017, month, 1)).split()[2] for month in range(1, 13)] == [
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ]

    def test_that_are_missing_are_left_out(self, wiki):
        del wiki.pages[title(MARCH[3])]
        assert [source.date for source in fetched(wiki, MARCH[0], MARCH[-1])] == MARCH[:3] + MARCH[4:]

    def test_of_the_future_are_missing(self, wiki):
        assert [source.date for source in fetched(wiki, date(2017, 12, 30), date(2018, 1, 5))] == [
            date(2017, 12, 30),
            date(2017, 12, 31),
        ]

    def test_are_found_where_a_wiki_calls_the_namespace_otherwise(self, wiki):
        wiki.namespace = "Portail"
        wiki.pages = {name.replace("Portal", "Portail"): pages for name, pages in wiki.pages.items()}
        assert [source.date for source in fetched(wiki, MARCH[0], MARCH[-1])] == MARCH

    def test_are_found_behind_redirects(self, wiki):
        """A redirect to a redirect, on a wiki that changes the title first."""
        wiki.namespace = "Portail"
        wiki.pages = {"Portail:Actualités/1er juillet 2017": [(7, "*Là")]}
        wiki.redirects = {
            "Portail:Current events/2017 July 1": "Portail:Actualités/1-7-2017",
            "Portail:Actualités/1-7-2017": "Portail:Actualités/1er juillet 2017",
        }
        assert fetched(wiki) == [DaySource(JULY_1, "*Là", 7)]

    def test_behind_a_redirect_to_nowhere_are_left_out(self, wiki):
        wiki.redirects = {TITLE: "Portal:Elsewhere"}
        assert fetched(wiki) == []

    def test_are_fetched_as_they_are_read(self, wiki):
        """Whoever reads a few days of many waits for a few only, and leaves no connection open."""
        days = fetch_days(*LONG, api=wiki.api)
        next(days)
        assert len(wiki.asked) == 1
        days.close()

    def test_that_nobody_reads_are_not_asked_for(self, wiki):
        fetch_days(*LONG, api=wiki.api)
        assert wiki.asked == []

    def test_are_counted_while_they_come_the_missing_ones_too(self, wiki):
        del wiki.pages[title(MARCH[3])]
        counted = []
        fetched(wiki, *LONG, progress=lambda *counts: counted.append(counts))
        assert counted == [(done, 120) for done in range(1, 121)]


class TestRequests:
    def test_say_who_asks_and_give_way_to_readers(self, wiki):
        fetched(wiki, contact="https://example.org/about; me@example.org")
        agent = wiki.asked[0].headers["User-Agent"]
        assert agent.startswith(f"related-events/{__version__} (https://example.org/about; me@example.org) httpx2/")
        assert wiki.asked[0].headers["Accept-Encoding"].startswith("gzip")
        assert wiki.asked[0].parameters["maxlag"] == "5"

    def test_say_who_asks_without_a_contact_too(self, wiki):
        fetched(wiki)
        assert wiki.asked[0].headers["User-Agent"].startswith(f"related-events/{__version__} (")

    @pytest.mark.parametrize("contact", ["me@example.org\r\nX-Evil: 1", "Žofie", "a\tb"])
    def test_are_not_made_with_a_contact_that_no_header_can_hold(self, wiki, contact):
        with pytest.raises(ParameterError, match=r"contact is .*, expected an e-mail address or a web page"):
            fetched(wiki, contact=contact)
        assert wiki.asked == []

    def test_are_made_one_after_another_of_fifty_titles(self, wiki):
        wiki.pace = 0.01
        fetched(wiki, *LONG)
        assert wiki.most_at_once == 1
        assert [len(request.titles) for request in wiki.asked] == [50, 50, 20]
        assert [name for request in wiki.asked for name in request.titles] == [title(day) for day in days_of(*LONG)]

    def test_are_not_as_large_as_a_wiki_would_refuse(self, wiki, monkeypatch):
        monkeypatch.setattr(mediawiki, "BATCH", TITLES + 1)
        assert "toomanyvalues" in refused(wiki, *LONG)

    def test_are_of_one_step_without_a_cache(self, wiki):
        fetched(wiki)
        assert [request.with_content for request in wiki.asked] == [True]

    def test_need_the_days_in_order(self, wiki):
        with pytest.raises(ParameterError, match="since is '2017-07-02', expected a day that is not after 2017-07-01"):
            fetched(wiki, date(2017, 7, 2), JULY_1)

    @pytest.mark.parametrize(
        "api",
        [
            *("", "en.wikipedia.org", "https://en.wikipedia.org", "ftp://127.0.0.1/w/api.php", "file:///etc/passwd"),
            *("http://me:secret@127.0.0.1/w", "http://../w/api.php", "http://127.0.0.1/w?x=1", "http:///w", "//a/w"),
            *("http://127.0.0.1/w\n/api.php", "http://127.0.0.1:port/w", "http://127.0.0.1/\ud800", "http://a b/w"),
            *("http\u017f://127.0.0.1/w", "http://127.0.0.1:\u0661/w", "http://127.0.0.1/w\u00f6"),  # ſ, ١, ö
        ],
    )
    def test_go_to_addresses_of_the_web_only(self, api, tmp_path):
        with pytest.raises(PortalError, match="is not the address of an API, expected one such as https:") as caught:
            fetch_days(JULY_1, JULY_1, api=api, cache=tmp_path)
        assert str(caught.value).isprintable()
        assert list(tmp_path.iterdir()) == []

    def test_follow_no_redirect(self, wiki):
        with running_wiki({TITLE: "of somebody else"}) as other:
            wiki.answers.append(Answer(301, headers={"Location": other.api}))
            sentence = refused(wiki)
            assert other.asked == []
        assert f"answered with status 301 ('{other.api}')" in sentence


class TestCache:
    def test_keeps_a_file_a_page_as_it_was_served(self, wiki, tmp_path):
        revision = wiki.edit(TITLE, "*Ünrest\r\n\n")
        fetched(wiki, cache=tmp_path / "new" / "cache")
        (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
        assert entry.name.startswith(f"2017-07-01.{revision}.")
        assert entry.name.endswith(".txt")
        assert entry.read_bytes() == "*Ünrest\r\n\n".encode()
        assert entry.parent.parent == tmp_path / "new" / "cache"
        assert entry.parent.name.startswith("127.0.0.1")

    def test_gives_the_same_as_the_wiki(self, wiki, tmp_path):
        without = fetched(wiki, *LONG)
        assert fetched(wiki, *LONG, cache=tmp_path) == without
        assert fetched(wiki, *LONG, cache=tmp_path) == without

    def test_lets_only_what_was_edited_be_fetched_again(self, wiki, tmp_path):
        fetched(wiki, *LONG, cache=tmp_path)
        assert wiki.served.total() == 120
        wiki.served.clear()
        wiki.asked.clear()
        edited = [title(MARCH[0]), title(MARCH[8])]
        for name in edited:
            wiki.edit(name, "*Edited")
        found = fetched(wiki, *LONG, cache=tmp_path)
        assert sorted(wiki.served) == sorted(edited)
        assert wiki.served.total() == 2
        assert [source.date for source in found if source.wikitext == "*Edited"] == [MARCH[0], MARCH[8]]
        assert [(request.with_content, len(request.titles)) for request in wiki.asked] == [
            *[(False, 50), (False, 50)],
            *[(True, 2), (False, 20)],
        ]

    def test_lets_nothing_be_fetched_where_nothing_was_edited(self, wiki, tmp_path):
        fetched(wiki, *LONG, cache=tmp_path)
        wiki.served.clear()
        fetched(wiki, *LONG, cache=tmp_path)
        assert wiki.served.total() == 0

    def test_holds_the_newest_revision_only(self, wiki, tmp_path):
        fetched(wiki, MARCH[0], MARCH[-1], cache=tmp_path)
        revision = wiki.edit(title(MARCH[0]), "*Edited")
        fetched(wiki, MARCH[0], MARCH[-1], cache=tmp_path)
        assert len(entries(tmp_path)) == 31
        assert entries(tmp_path)[0].startswith(f"2017-03-01.{revision}.")

    def test_leaves_files_that_are_not_its_own(self, wiki, tmp_path):
        fetched(wiki, cache=tmp_path)
        (folder,) = tmp_path.iterdir()
        for name in ("2017-07-01.notes.txt", "README", "2017-07-01.txt"):
            (folder / name).write_text("mine")
        (folder / "2017-07-01.5.0123456789abcdef.txt").mkdir()
        wiki.edit(TITLE, "*Edited")
        assert fetched(wiki, cache=tmp_path)[0].wikitext == "*Edited"
        assert {"2017-07-01.notes.txt", "README", "2017-07-01.txt"} < set(entries(tmp_path))

    def test_gives_an_earlier_revision_that_counts_again(self, wiki, tmp_path):
        """A restored state of the wiki has smaller numbers."""
        before = fetched(wiki, cache=tmp_path)
        wiki.edit(TITLE, "*Edited")
        fetched(wiki, cache=tmp_path)
        wiki.pages[TITLE].pop()
        assert fetched(wiki, cache=tmp_path) == before
        assert len(entries(tmp_path)) == 1

    def test_keeps_wikis_apart(self, wiki, tmp_path):
        with running_wiki({TITLE: "*Of the other wiki"}) as other:
            other.pages[TITLE] = [(wiki.pages[TITLE][-1][0], "*Of the other wiki")]
            assert fetched(wiki, cache=tmp_path)[0].wikitext == wikitext(JULY_1)
            assert fetched(other, cache=tmp_path)[0].wikitext == "*Of the other wiki"
            other.api = other.api.replace("/w/", "/other/")
            fetched(other, cache=tmp_path)
            assert len(list(tmp_path.iterdir())) == 3

    @pytest.mark.parametrize("between", ["edited", "deleted"])
    def test_takes_what_the_second_step_says(self, wiki, tmp_path, between):
        """Between the two requests somebody else has been quicker."""
        wiki.answers.append(wiki.answer(asked("ids", TITLE)))
        if between == "edited":
            revision = wiki.edit(TITLE, "*Edited")
            assert fetched(wiki, cache=tmp_path) == [DaySource(JULY_1, "*Edited", revision)]
            assert entries(tmp_path)[0].startswith(f"2017-07-01.{revision}.")
        else:
            del wiki.pages[TITLE]
            assert fetched(wiki, cache=tmp_path) == []

    @pytest.mark.parametrize("raw", [b"", b"*Unr", b"*\xff\xfe", b"*Other words of the same kind"])
    def test_is_not_believed_where_an_entry_is_not_what_was_written(self, wiki, tmp_path, raw):
        before = fetched(wiki, cache=tmp_path)
        (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
        entry.write_bytes(raw)
        assert fetched(wiki, cache=tmp_path) == before
        assert wiki.served[TITLE] == 2
        assert entry.read_bytes() == wikitext(JULY_1).encode()

    def test_is_not_believed_where_an_entry_has_another_s_name(self, wiki, tmp_path):
        fetched(wiki, MARCH[0], MARCH[1], cache=tmp_path)
        first, second = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        first.write_bytes(second.read_bytes())
        assert fetched(wiki, MARCH[0])[0].wikitext == wikitext(MARCH[0])

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_does_not_wait_for_an_entry_that_is_a_pipe(self, wiki, tmp_path):
        before = fetched(wiki, cache=tmp_path)
        (entry,) = (path for path in tmp_path.rglob("*") if path.is_file())
        entry.unlink()
        os.mkfifo(entry)
        assert fetched(wiki, cache=tmp_path) == before

    @pytest.mark.parametrize("name", ["cache", "cache/deeper"])
    def test_that_is_a_file_is_told_before_anything_is_asked(self, wiki, tmp_path, name):
        (tmp_path / "cache").write_text("mine")
        sentence = refused(wiki, cache=tmp_path / name)
        assert str(tmp_path / name) in sentence
        assert "cannot be used" in sentence
        assert wiki.asked == []

    def test_that_is_full_is_told_and_keeps_what_it_has(self, wiki, tmp_path, monkeypatch):
        before = fetched(wiki, cache=tmp_path)
        kept = entries(tmp_path)
        wiki.edit(TITLE, "*Edited")

        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        assert "could not be written (No space left on device); it is as it was); give another folder" in refused(
            wiki, cache=tmp_path
        )
        assert entries(tmp_path) == kept
        wiki.pages[TITLE].pop()
        wiki.served.clear()
        assert fetched(wiki, cache=tmp_path) == before
        assert wiki.served.total() == 0

    def test_that_is_read_only_is_enough_where_nothing_was_edited(self, wiki, tmp_path, monkeypatch):
        before = fetched(wiki, cache=tmp_path)
        (folder,) = tmp_path.iterdir()
        (folder / ".related-events-left").write_text("by a killed run")

        def read_only(*_: object, **__: object) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        for name in ("unlink", "replace", "write_bytes"):
            monkeypatch.setattr(Path, name, read_only)
        monkeypatch.setattr("tempfile.mkstemp", read_only)
        assert fetched(wiki, cache=tmp_path) == before
        wiki.edit(TITLE, "*Edited")
        assert "could not be written (Read-only file system)" in refused(wiki, cache=tmp_path)

    def test_that_goes_away_is_told(self, wiki, tmp_path):
        def stolen(done: int, of: int) -> None:
            for path in tmp_path.iterdir():
                path.rename(tmp_path.parent / "stolen")

        assert "cannot be used (No such file or directory)" in refused(wiki, *LONG, cache=tmp_path, progress=stolen)

    def test_never_reads_what_a_killed_run_was_writing(self, wiki, tmp_path):
        """The process ends at the moment at which the page is on the disk and has not got its name."""
        code = (
            "import os, sys; from datetime import date; from pathlib import Path\n"
            "from recommender.portal.mediawiki import fetch_days\n"
            "Path.replace = lambda *_: os._exit(9)\n"
            "list(fetch_days(date(2017, 7, 1), date(2017, 7, 1), api=sys.argv[1], cache=Path(sys.argv[2])))"
        )
        killed = subprocess.run([sys.executable, "-c", code, wiki.api, tmp_path], check=False, timeout=60)
        assert killed.returncode == 9
        (left,) = entries(tmp_path)
        assert left.startswith(".related-events-")
        assert fetched(wiki, cache=tmp_path)[0].wikitext == wikitext(JULY_1)
        assert wiki.served[TITLE] == 2
        (entry,) = entries(tmp_path)
        assert entry.startswith("2017-07-01.")


TROUBLES = {
    "status 500": busy(500),
    "status 502": busy(502),
    "status 503": busy(503),
    "status 429": busy(429),
    "Waiting for db1234: 7.5 seconds lagged": lagged(0),
    "ratelimited": error("ratelimited", "You've exceeded your rate limit."),
    "disconnected": DROPPED,
    "closed connection": BROKEN_OFF,
}


class TestTries:
    @pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
    @pytest.mark.parametrize("times", [1, 4])
    def test_are_made_again_with_doubled_pauses(self, wiki, trouble, times):
        wiki.answers.extend([trouble] * times)
        sleeps = Sleeps()
        assert fetched(wiki, sleep=sleeps)[0].wikitext == wikitext(JULY_1)
        assert sleeps == BACKOFF[:times]
        assert len(wiki.asked) == times + 1

    @pytest.mark.parametrize(("came", "trouble"), TROUBLES.items(), ids=TROUBLES.keys())
    def test_are_given_up_after_the_fifth_in_one_sentence(self, wiki, came, trouble):
        wiki.answers.extend([trouble] * 9)
        sleeps = Sleeps()
        sentence = refused(wiki, JULY_1, date(2017, 7, 20), sleep=sleeps)
        assert sentence.startswith(f"{wiki.api} was asked 5 times for '{TITLE}' and 19 more pages and did not answer (")
        assert came in sentence
        assert sentence.endswith("; check the address and the connection, or try again later")
        assert sleeps == BACKOFF
        assert len(wiki.asked) == 5

    def test_are_counted_anew_for_each_request(self, wiki):
        sleeps = Sleeps()

        def bad_day(done: int, of: int) -> None:
            if done in {50, 100}:
                wiki.answers.extend([busy()] * 4)

        assert len(fetched(wiki, *LONG, sleep=sleeps, progress=bad_day)) == 120
        assert sleeps == BACKOFF * 2

    @pytest.mark.parametrize("trouble", [partial(busy, 503), partial(busy, 429), lagged])
    @pytest.mark.parametrize(("asked_for", "slept"), [(7, 7.0), (60, 60.0), (3600, 60.0), (0, 1.0)])
    def test_wait_as_long_as_the_wiki_asks_for_up_to_a_minute(self, wiki, trouble, asked_for, slept):
        wiki.answers.append(trouble(asked_for))
        sleeps = Sleeps()
        fetched(wiki, sleep=sleeps)
        assert sleeps == [slept]

    def test_do_not_wait_less_than_without_being_asked(self, wiki):
        wiki.answers.extend([lagged(5)] * 4)
        sleeps = Sleeps()
        fetched(wiki, sleep=sleeps)
        assert sleeps == [5.0, 5.0, 5.0, 8.0]

    @pytest.mark.parametrize(("ahead", "slept"), [(30, 30.0), (7200, 60.0), (-3600, 1.0)])
    def test_wait_until_a_moment_that_the_wiki_names(self, wiki, ahead, slept):
        moment = datetime.now(UTC) + timedelta(seconds=ahead)
        wiki.answers.append(busy(503, format_datetime(moment, usegmt=True)))
        sleeps = Sleeps()
        fetched(wiki, sleep=sleeps)
        assert sleeps == [pytest.approx(slept, abs=3)]

    @pytest.mark.parametrize(
        "retry_after",
        [
            *("", "soon", "-5", "1e400", "NaN", "\xb2", "9" * 5000, "Wed, 99 Foo 2017"),
            *("Wed, 21 Oct 2099 07:28:00 -0000", f"Wed, 21 Oct {'9' * 30} 07:28:00 GMT"),
        ],
    )
    def test_wait_a_sensible_time_whatever_the_wiki_asks_for(self, wiki, retry_after):
        wiki.answers.append(busy(503, retry_after))
        sleeps = Sleeps()
        fetched(wiki, sleep=sleeps)
        assert 1 <= sleeps[0] <= 60

    def test_end_after_a_time_without_a_word(self, wiki, monkeypatch):
        monkeypatch.setattr(mediawiki, "TIMEOUT", 0.05)
        wiki.pace = 0.3

        def sleep(seconds: float) -> None:
            wiki.pace = 0.0

        assert fetched(wiki, sleep=sleep)[0].wikitext == wikitext(JULY_1)
        assert len(wiki.asked) == 2

    def test_are_told_where_nobody_is_at_the_address(self, wiki):
        with running_wiki() as gone:
            pass
        sleeps = Sleeps()
        assert f"{gone.api} was asked 5 times" in refused(gone, sleep=sleeps)
        assert sleeps == BACKOFF

    def test_of_the_content_are_made_again_without_the_ids(self, wiki, tmp_path):
        wiki.answers.extend([wiki.answer(asked("ids", TITLE)), busy(), busy()])
        fetched(wiki, cache=tmp_path)
        assert [request.with_content for request in wiki.asked] == [False, True, True, True]


class TestContinuation:
    @pytest.mark.parametrize("room", [1, 100, 1000])
    def test_brings_what_did_not_fit(self, wiki, room):
        """Each reply names all pages and brings the text of a few."""
        whole = fetched(wiki, *TWO_BATCHES)
        wiki.asked.clear()
        wiki.room = room
        assert fetched(wiki, *TWO_BATCHES) == whole
        assert len(wiki.asked) > 2
        assert wiki.most_at_once == 1
        assert {"rvcontinue", "continue"} < wiki.asked[1].parameters.keys()
        assert wiki.asked[1].titles == wiki.asked[0].titles

    def test_fills_the_cache_too(self, wiki, tmp_path):
        wiki.room = 100
        whole = fetched(wiki, *TWO_BATCHES, cache=tmp_path)
        assert [source.date for source in whole] == days_of(*TWO_BATCHES)
        wiki.served.clear()
        assert fetched(wiki, *TWO_BATCHES, cache=tmp_path) == whole
        assert wiki.served.total() == 0

    def test_follows_the_order_of_the_wiki(self, wiki):
        """Its pages are numbered as they were written, not as the days are."""
        wiki.pages = dict(reversed(wiki.pages.items()))
        wiki.room = 100
        assert [source.date for source in fetched(wiki, *TWO_BATCHES)] == days_of(*TWO_BATCHES)

    def test_is_tried_again_where_it_was(self, wiki):
        wiki.room = 1
        sleeps = Sleeps()
        days = fetch_days(JULY_1, date(2017, 7, 2), api=wiki.api, sleep=sleeps)
        wiki.answers.append(wiki.answer(asked("ids|content", TITLE, title(date(2017, 7, 2)))))
        wiki.answers.append(busy())
        assert len(list(days)) == 2
        assert sleeps == [1.0]
        assert wiki.asked[1].parameters == wiki.asked[2].parameters
        assert "rvcontinue" in wiki.asked[2].parameters

    def test_without_end_is_an_error(self, wiki):
        reply = {"continue": {"rvcontinue": "1|1", "continue": "||"}, "query": {"pages": []}}
        wiki.answers.extend([says(reply)] * 100)
        assert "with a continuation that does not end" in refused(wiki, JULY_1, date(2017, 7, 3))
        assert len(wiki.asked) == 4

    @pytest.mark.parametrize("continuation", ["on", [], None, 0])
    def test_of_another_shape_is_none(self, wiki, continuation):
        wiki.answers.append(says({**with_revision(), "continue": continuation}))
        assert fetched(wiki) == [DaySource(JULY_1, "*", 7)]
        assert len(wiki.asked) == 1

    def test_that_is_missing_is_an_error(self, wiki):
        """A batch that was cut short and does not say so."""
        pages = [{"title": TITLE, "pageid": 1, "ns": 100}]
        wiki.answers.append(says({"query": {"pages": pages}}))
        assert "does not answer as a MediaWiki from 1.32 on does" in refused(wiki)


def page(**others: object) -> dict:
    return {"query": {"pages": [{"pageid": 1, "ns": 100, "title": TITLE, **others}]}}


def with_revision(**others: object) -> dict:
    return page(revisions=[{"revid": 7, "slots": {"main": {"content": "*"}}, **others}])


REFUSALS = {
    "with an error ('badvalue: Unrecognized value": error("badvalue", 'Unrecognized value for parameter "prop": x.'),
    "with an error ('readapidenied": error("readapidenied", "You need read permission to use this module."),
    "with an error ('oops: None')": says({"error": "oops"}),
    "with an error (": says({"error": [["x"]]}),
    "with an error ('[1]: None')": says({"error": {"code": [1]}}),
    "with something else than a JSON object ('<!DOCTYPE html>": Answer(body=b"<!DOCTYPE html>\n<title>A wiki</title>"),
    "with something else than a JSON object ('')": Answer(),
    "with something else than a JSON object ('{\"query\": {')": Answer(body=b'{"query": {'),
    "with something else than a JSON object ('[]')": says([]),
    "with something else than a JSON object ('null')": says(None),
    "with something else than a JSON object ('[[[": Answer(body=b"[" * 100_000),
    "with something else than a JSON object ('\\x1b[31m": Answer(body=b"\x1b[31m\xff\xfe{"),
    "with status 403 ('Please set a user-agent": Answer(403, b"Please set a user-agent and respect our robot policy"),
    "with status 404": Answer(404, b"<html>\n<body>"),
    "with status 301 ('https://example.org/')": Answer(301, headers={"Location": "https://example.org/"}),
    "with status 204": Answer(204),
}
OTHER_SHAPES = {
    "empty": {},
    "only a note": {"batchcomplete": True},
    "a list of queries": {"query": []},
    "no pages": {"query": {}},
    "formatversion 1": {"query": {"pages": {"1": {"title": TITLE, "revisions": [{"revid": 7, "*": "text"}]}}}},
    "pages of text": {"query": {"pages": [TITLE]}},
    "pages that are none": {"query": {"pages": None}},
    "a page without title": {"query": {"pages": [{"pageid": 1}]}},
    "a title that is a list": {"query": {"pages": [{"title": []}]}},
    "another page": {"query": {"pages": [{"title": "Main Page", "missing": True}]}},
    "no revisions": page(revisions=[]),
    "revisions of text": page(revisions="7"),
    "a revision without number": page(revisions=[{"slots": {"main": {"content": "*"}}}]),
    "a number that is text": with_revision(revid="7/../../x"),
    "a number that is infinite": with_revision(revid=float("inf")),
    "a text that is a number": with_revision(slots={"main": {"content": 7}}),
    "half of a surrogate pair": with_revision(slots={"main": {"content": "*\ud83d"}}),
    "slots of text": with_revision(slots="main"),
    "names of text": {"query": {"normalized": [TITLE], "pages": []}},
    "names without an end": {"query": {"redirects": [{"from": TITLE}], "pages": []}},
    "a circle": {"query": {"redirects": [{"from": TITLE, "to": "A"}, {"from": "A", "to": TITLE}], "pages": []}},
    "a name that is a list": {"query": {"redirects": [{"from": TITLE, "to": []}], "pages": []}},
}


class TestRefusals:
    @pytest.mark.parametrize(("came", "answer"), REFUSALS.items(), ids=range(len(REFUSALS)))
    @pytest.mark.parametrize("cached", [False, True])
    def test_are_told_at_once_in_one_sentence(self, wiki, tmp_path, came, answer, cached):
        wiki.answers.append(answer)
        sleeps = Sleeps()
        sentence = refused(wiki, sleep=sleeps, cache=tmp_path if cached else None)
        assert sentence.startswith(f"{wiki.api} was asked for '{TITLE}' and answered {came}")
        way_out = "check the address, and give a contact" if "status" in came else "give the address of a wiki that"
        assert f"; {way_out}" in sentence
        assert len(sentence) < 600
        assert (sleeps, len(wiki.asked)) == ([], 1)

    @pytest.mark.parametrize("reply", OTHER_SHAPES.values(), ids=OTHER_SHAPES.keys())
    def test_of_replies_of_another_shape_are_told_at_once(self, wiki, reply):
        wiki.answers.append(says(reply))
        sentence = refused(wiki)
        assert f"{wiki.api} does not answer as a MediaWiki from 1.32 on does (" in sentence
        assert len(wiki.asked) == 1

    def test_of_a_title_are_told(self, wiki):
        reply = {"query": {"pages": [{"title": TITLE, "invalid": True, "invalidreason": "The title is not valid."}]}}
        wiki.answers.append(says(reply))
        assert f"does not take '{TITLE}' for a title" in refused(wiki)

    def test_of_a_text_are_told_with_the_day(self, wiki):
        """Its last revision is hidden from the public."""
        wiki.answers.append(says(with_revision(slots={"main": {"texthidden": True}})))
        assert f"keeps the wikitext of '{TITLE}' to itself; leave that day out" in refused(wiki)

    def test_are_errors_of_this_project(self):
        assert issubclass(PortalError, RelatedEventsError)
        assert PortalError.code == "portal"

    def test_leave_what_came_before(self, wiki, tmp_path):
        """The next run goes on where this one ended."""

        def refuse(done: int, of: int) -> None:
            if done == 100:
                wiki.answers.append(busy(404))

        refused(wiki, *LONG, cache=tmp_path, progress=refuse)
        wiki.served.clear()
        fetched(wiki, *LONG, cache=tmp_path)
        assert wiki.served.total() == 20


def test_importing_the_module_does_not_import_the_client():
    """It takes a tenth of a second, for which no other command has to wait."""
    code = "import sys, recommender.portal.mediawiki; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
