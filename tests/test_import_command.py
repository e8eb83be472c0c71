"""`import`: a golden tree, nothing on the second run, killed at every write, from a wiki, beside git, on bad input."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_kill import kill_at, run, tree
from wiki_server import running_wiki
from worlds import link, page, write_archive

from recommender.archive import read_archive
from recommender.atomic import TEMPORARY_PREFIX

GOLDEN = Path(__file__).parent / "golden" / "import"
PORTAL, EXPECTED = GOLDEN / "portal", GOLDEN / "archive"
_DIGEST = re.compile(rb'"digest": "[0-9a-f]{16}"')

BEGINS = "The volcano [[Eyjafjallajökull]] in [[Iceland]] begins to erupt. [http://volcano.example/begins (RÚV)]"
ASH = "Ash from [[Eyjafjallajökull]] closes the [[airspace]] of [[Europe]]. [http://ash.example (BBC News)]"
OPEN = "The [[airspace]] of [[Europe]] is open again. [http://open.example (Le Monde)]"
COMET = "A [[comet]] is seen above [[Lapland]]. [http://comet.example (Yle)]"
DAYS = {"2010-03-20": [BEGINS], "2010-04-15": [ASH, COMET]}
MORE = {
    "2010-03-20": [BEGINS.replace("begins", "starts")],
    "2010-04-15": [ASH.replace("[[Europe]].", "[[Europe]] for [[day]]s."), COMET.replace("A [[", "The [[")],
    "2010-04-21": [OPEN, "People go home. [http://home.example (A)]"],
}
"""The first event moves, the second only gets a link, the third moves, and there are two new ones."""
BEGUN = "news/2010/03/20/the-volcano-eyjafjallajapkull-in-iceland-begins-to-erupt"
CLOSED = "news/2010/04/15/ash-from-eyjafjallajapkull-closes-the-airspace-of-europe"
SEEN = "news/2010/04/15/a-comet-is-seen-above-lapland"
OPENED = "news/2010/04/21/the-airspace-of-europe-is-open-again"


def portal_of(folder: Path, days: dict[str, list[str]]) -> Path:
    """A folder with a file for each day; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for day, bullets in days.items():
        (folder / f"{day}.txt").write_text("".join(f"*{one}\n" for one in bullets), encoding="utf-8")
    return folder


@pytest.fixture
def portal(tmp_path) -> Path:
    return portal_of(tmp_path / "portal", DAYS)


@pytest.fixture
def imported(command, portal, tmp_path) -> Path:
    """An archive of two days."""
    assert command("import", portal, "--output", tmp_path / "archive")[0] == 0
    return tmp_path / "archive"


def told(err: str) -> dict[str, int]:
    """The counts that are said to people, by what they count."""
    found = re.finditer(r"^ +(?P<count>[\d,]+)  (?P<name>.+)$", err, re.MULTILINE)
    return {match["name"]: int(match["count"].replace(",", "")) for match in found}


def is_error(answer: tuple[int, str, str], *parts: str) -> None:
    """Exit code 2, nothing for programs, and last of all one sentence that holds the parts."""
    code, out, err = answer
    assert (code, out) == (2, "")
    last = err.strip().splitlines()[-1]
    assert last.lower().startswith("error: ")
    assert "Traceback" not in err
    for part in parts:
        assert part in last


class TestGoldenTree:
    def test_comes_out_as_it_is_stored(self, command, tmp_path):
        """But for the digests of what the source says: these are nobody's to read."""
        code, out, _ = command("import", PORTAL, "--output", tmp_path / "archive")
        assert (code, out) == (0, "")
        found, expected = tree(tmp_path / "archive"), tree(EXPECTED)
        assert found.keys() == expected.keys()
        for path, raw in expected.items():
            assert _DIGEST.sub(b"", found[path]) == _DIGEST.sub(b"", raw), path

    def test_does_not_change_when_it_is_imported_again(self, command, tmp_path):
        command("import", PORTAL, "--output", tmp_path / "archive")
        before = {path: path.stat() for path in (tmp_path / "archive").rglob("*")}
        code, out, err = command("import", PORTAL, "--output", tmp_path / "archive")
        assert (code, out) == (0, "")
        assert told(err)["same"] == len(read_archive(EXPECTED).pages)
        after = {path: path.stat() for path in (tmp_path / "archive").rglob("*")}
        assert {p: (s.st_mtime_ns, s.st_ino) for p, s in after.items()} == {
            p: (s.st_mtime_ns, s.st_ino) for p, s in before.items()
        }

    def test_is_byte_equal_wherever_it_is_made_and_however_its_files_are_named(self, command, tmp_path):
        other = tmp_path / "portal"
        for number, (name, day) in enumerate(
            {
                "2012_August_6.txt": "2012-08-06.wikitext",
                "more/2010-05-06.wiki": "2010_May_6",
                "2010_March_20.txt": "z/2010 March 20.txt",
                "2010_April_15.txt": "a/2010-4-15.mediawiki",
            }.items()
        ):
            (other / day).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PORTAL / name, other / day)
            os.utime(other / day, (number, number))
        for source, name in ((PORTAL, "one"), (other, "other")):
            command("import", source, "--output", tmp_path / name)
        assert tree(tmp_path / "one") == tree(tmp_path / "other")

    def test_comes_out_day_by_day_as_at_once(self, command, tmp_path):
        command("import", PORTAL, "--output", tmp_path / "whole")
        for day in ("2010-03-20", "2010-04-15", "2010-05-06", "2012-08-06"):
            code, _, _ = command("import", PORTAL, "--output", tmp_path / "parts", "--since", day, "--until", day)
            assert code == 0
        assert tree(tmp_path / "parts") == tree(tmp_path / "whole")

    def test_has_every_kind_of_day(self):
        """Were one missing, the comparison would say less than it seems to."""
        days = {path.name: path.read_bytes() for path in PORTAL.rglob("*.*")}
        assert any(b"\r\n" in text for text in days.values())
        assert any(b"<ref>" in text for text in days.values())
        assert any(b"\n**" in text and b"\n***" in text for text in days.values())
        with pytest.raises(UnicodeDecodeError):
            b"".join(days.values()).decode()


class TestReport:
    def test_counts_what_was_passed_over_and_why(self, command, tmp_path):
        code, out, err = command(
            "import", PORTAL, "--output", tmp_path / "archive", "--skipped", tmp_path / "skipped.tsv"
        )
        assert (code, out) == (0, "")
        assert told(err) == {
            "new": 8,
            "line without a bullet": 1,
            "link file": 1,
            "story heading without events": 1,
            "tag script": 1,
            "template fact": 1,
            "the same bullet twice": 1,
        }
        assert f"passed over: {PORTAL / 'notes.md'} is not named by a day" in err

    def test_can_be_had_line_by_line(self, command, tmp_path):
        command("import", PORTAL, "--output", tmp_path / "archive", "--skipped", tmp_path / "new" / "skipped.tsv")
        lines = (tmp_path / "new" / "skipped.tsv").read_text("utf-8").splitlines()
        assert [line.split("\t")[:2] for line in lines] == [
            ["2010-04-15", "template fact"],
            ["2010-05-06", "story heading without events"],
            ["2010-05-06", "line without a bullet"],
            ["2010-05-06", "link file"],
            ["2010-05-06", "the same bullet twice"],
            ["2012-08-06", "tag script"],
        ]

    def test_says_what_became_of_every_event(self, command, portal, imported):
        (imported / f"{SEEN}.md").unlink()
        portal_of(portal, {"2010-03-20": [], "2010-04-15": [ASH.replace("[[Europe]]", "Europe"), COMET, OPEN]})
        _, _, err = command("import", portal, "--output", imported)
        assert told(err) == {"left": 1, "edited": 1, "gone": 1, "new": 1, "rewritten": 1}

    def test_names_events_that_keep_the_words_of_a_person(self, command, portal, imported):
        path = imported / f"{SEEN}.md"
        path.write_text(path.read_text("utf-8").replace("# A comet is", "# One comet is"), "utf-8")
        portal_of(portal, MORE)
        _, _, err = command("import", portal, "--output", imported)
        assert f"edited by hand, keeps its words: {SEEN}\n" in err


class TestCheck:
    def test_of_a_new_archive_writes_nothing(self, command, portal, tmp_path):
        code, out, err = command("import", portal, "--output", tmp_path / "archive", "--check")
        assert (code, out) == (1, "")
        assert told(err)["new"] == 3
        assert not (tmp_path / "archive").exists()

    def test_of_an_archive_that_would_change_writes_nothing(self, command, portal, imported):
        (imported / "news" / f"{TEMPORARY_PREFIX}x").write_text("left behind")
        before = tree(imported)
        assert command("import", portal_of(portal, MORE), "--output", imported, "--check")[0] == 1
        assert tree(imported) == before

    def test_of_an_archive_that_would_not_is_0(self, command, portal, imported):
        assert command("import", portal, "--output", imported, "--check")[0] == 0


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--since", "2010-04-01"], {CLOSED, SEEN}),
            (["--until", "2010-04-14"], {BEGUN}),
            (["--since", "2010-03-20", "--until", "2010-03-20"], {BEGUN}),
            (["--since", "2011-01-01"], set()),
        ],
    )
    def test_choose_days(self, command, portal, tmp_path, options, expected):
        archive = tmp_path / "archive"
        assert command("import", portal, "--output", archive, *options)[0] == 0
        found = {one.event.slug for one in read_archive(archive).pages} if archive.exists() else set()
        assert found == expected

    def test_leave_lists_to_regenerate(self, command, portal, tmp_path):
        """Which makes the same ones."""
        for name, options in (("with", []), ("without", ["--no-lists"])):
            assert command("import", portal, "--output", tmp_path / name, *options)[0] == 0
        assert not any(one.listed for one in read_archive(tmp_path / "without").pages)
        command("build", tmp_path / "without", "--index", tmp_path / "index", "--encoder", "lexical")
        options = ["--index", tmp_path / "index", "--profile", "reproduce", "--write"]
        assert command("regenerate", tmp_path / "without", *options)[0] == 0
        assert tree(tmp_path / "without") == tree(tmp_path / "with")

    def test_limit_the_lists_of_a_new_archive_which_remembers_it(self, command, tmp_path):
        archive = tmp_path / "archive"
        assert command("import", PORTAL, "--output", archive, "--limit", "1")[0] == 0
        assert {len(one.related) for one in read_archive(archive).pages} == {0, 1}
        assert "limit = 1\n" in (archive / "related-events.toml").read_text()
        before = tree(archive)
        for options in ([], ["--limit", "1"]):
            assert command("import", PORTAL, "--output", archive, *options)[0] == 0
        assert tree(archive) == before


class TestEndToEnd:
    @pytest.mark.parametrize("limit", [10, 1])
    def test_regenerating_what_was_imported_changes_nothing(self, command, tmp_path, limit):
        archive, index = tmp_path / "archive", tmp_path / "index"
        command("import", PORTAL, "--output", archive, "--limit", limit)
        assert command("build", archive, "--index", index, "--encoder", "lexical")[0] == 0
        code, out, err = command("regenerate", archive, "--index", index, "--profile", "reproduce", "--check")
        assert (code, out) == (0, "")
        assert "8 pages: 8 as they are, 0 would change\n" in err

    @pytest.mark.parametrize(
        "settings",
        [
            'rule = "day-place"\nlimit = 2\n',
            'rule = "day-place"\nstory_bullets = "all"\nlimit = 1\n',
            'labels = "anchor"\nheadings = "all"\n',
            'slugs = "unicode"\nheadings = "none"\n',
        ],
    )
    def test_nor_does_it_by_any_other_rule_however_the_days_came(self, command, tmp_path, settings):
        archive, index = tmp_path / "archive", tmp_path / "index"
        write_archive(archive, files={"related-events.toml": settings})
        for day in ("2012-08-06", "2010-04-15", "2010-03-20", "2010-05-06"):
            assert command("import", PORTAL, "--output", archive, "--since", day, "--until", day)[0] == 0
        command("build", archive, "--index", index, "--encoder", "lexical")
        assert command("regenerate", archive, "--index", index, "--profile", "reproduce", "--check")[0] == 0

    def test_nor_does_it_after_the_archive_has_grown(self, command, portal, imported, tmp_path):
        """By events that are added; the list of a page that shows one that has moved still shows its older words."""
        grown = {**DAYS, "2010-04-21": MORE["2010-04-21"]}
        command("import", portal_of(portal, grown), "--output", imported)
        command("build", imported, "--index", tmp_path / "index", "--encoder", "lexical")
        options = ["--index", tmp_path / "index", "--profile", "reproduce", "--check"]
        assert command("regenerate", imported, *options)[0] == 0

    def test_the_lists_of_the_archive_come_out_of_its_own_index(self, command, tmp_path):
        archive, index = tmp_path / "archive", tmp_path / "index"
        command("import", PORTAL, "--output", archive)
        command("build", archive, "--index", index, "--encoder", "lexical")
        for day in ("listed", "none"):
            options = ["--index", index, "--existing", archive, "--as-of", day, "--format", "json"]
            code, out, _ = command("evaluate", *options)
            (profile,) = json.loads(out)["profiles"]
            assert code == 0
            assert {name: (one["mean"], one["of"]) for name, one in profile["measures"].items() if name != "tau"} == {
                "items": (1.0, 11),
                "known items": (1.0, 11),
                "lists": (1.0, 6),
                "known lists": (1.0, 6),
            }
            assert profile["differing"] == []


class TestKilled:
    """At every write, by an exception that nothing catches, and, in a process of its own, by SIGKILL."""

    class Killed(BaseException):
        pass

    @pytest.fixture
    def site(self, command, portal, tmp_path) -> Path:
        """An archive of two days in which a page is that of an older site and another one is locked."""
        old = page("2010-04-20", "Europe waits for its airspace to open", [link("2010-04-10", "Gone", "Europe")])
        archive = write_archive(tmp_path / "archive", old)
        command("import", portal, "--output", archive)
        path = archive / f"{CLOSED}.md"
        path.write_text("---\nrelated_lock: true\n---\n" + path.read_text("utf-8"), "utf-8")
        return archive

    def moments(self, monkeypatch, archive: Path, portal: Path) -> list[tuple[str, int]]:
        """Every call that writes, of an import that is not killed: the function and its number."""
        calls: list[tuple[str, int]] = []
        with monkeypatch.context() as patch:
            for name in ("fsync", "sync", "replace", "unlink"):
                real = getattr(os, name)

                def counted(*arguments, name=name, real=real, **options):
                    calls.append((name, 1 + sum(one == name for one, _ in calls)))
                    return real(*arguments, **options)

                patch.setattr(os, name, counted)
            run("import", portal, "--output", archive)
        return calls

    def kill(self, monkeypatch, moment: tuple[str, int], archive: Path, portal: Path) -> None:
        name, nth = moment
        real, calls = getattr(os, name), 0

        def killing(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls == nth:
                raise self.Killed
            return real(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, name, killing)
            with pytest.raises(self.Killed):
                run("import", portal, "--output", archive)

    def test_ends_with_the_next_run_as_if_nothing_had_been(self, monkeypatch, site, portal, tmp_path):
        portal_of(portal, MORE)
        before, expected = tree(site), shutil.copytree(site, tmp_path / "expected")
        moments = self.moments(monkeypatch, expected, portal)
        whole = tree(expected)
        assert {name for name, _ in moments} == {"fsync", "sync", "replace", "unlink"}
        assert whole.keys() - before.keys()
        assert before.keys() - whole.keys()
        for moment in moments:
            archive = shutil.copytree(site, tmp_path / "killed")
            self.kill(monkeypatch, moment, archive, portal)
            for path, raw in tree(archive).items():
                assert TEMPORARY_PREFIX in path or raw in (before.get(path), whole.get(path)), (moment, path)
            read_archive(archive)
            run("import", portal, "--output", archive)
            assert tree(archive) == whole, moment
            assert "same" in run("import", portal, "--output", archive)
            assert tree(archive) == whole, moment
            shutil.rmtree(archive)

    def test_in_a_new_archive_too(self, monkeypatch, portal, tmp_path):
        expected = tmp_path / "expected"
        for moment in self.moments(monkeypatch, expected, portal):
            archive = tmp_path / "killed"
            self.kill(monkeypatch, moment, archive, portal)
            run("import", portal, "--output", archive)
            assert tree(archive) == tree(expected), moment
            shutil.rmtree(archive)

    @pytest.mark.parametrize(("call", "nth"), [("fsync", 2), ("replace", 4), ("sync", 1), ("unlink", 2)])
    def test_by_the_system_too(self, site, portal, tmp_path, call, nth):
        portal_of(portal, MORE)
        expected = shutil.copytree(site, tmp_path / "expected")
        run("import", portal, "--output", expected)
        kill_at(call, nth, "import", portal, "--output", site)
        assert tree(site) != tree(expected)
        run("import", portal, "--output", site)
        assert tree(site) == tree(expected)

    def test_says_nothing_of_hands_that_were_not_there(self, monkeypatch, portal, imported):
        """A page that has the new words already was not edited by a person."""
        portal_of(portal, {**DAYS, "2010-04-15": [ASH, COMET.replace("[[comet]]", "comet (a [[comet]])")]})
        self.kill(monkeypatch, ("sync", 1), imported, portal)
        assert "edited by hand" not in run("import", portal, "--output", imported)


class TestFromWikipedia:
    @pytest.fixture
    def wiki(self, monkeypatch):
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with running_wiki() as wiki:
            for title, bullets in (("2010 March 20", [BEGINS]), ("2010 April 15", [ASH, COMET])):
                wiki.edit(f"Portal:Current events/{title}", "".join(f"*{one}\n" for one in bullets))
            yield wiki

    def test_is_the_same_as_from_a_folder(self, command, wiki, imported, tmp_path):
        options = ["--from-wikipedia", "--since", "2010-03-20", "--until", "2010-04-15", "--api", wiki.api]
        code, out, err = command("import", "--output", tmp_path / "fetched", *options, "--cache", tmp_path / "cache")
        assert (code, out) == (0, "")
        assert "2 days, 3 events" in err
        assert tree(tmp_path / "fetched") == tree(imported)

    def test_asks_for_no_page_twice_and_takes_over_what_was_edited_in_between(self, command, wiki, imported, tmp_path):
        options = ["--from-wikipedia", "--since", "2010-03-20", "--until", "2010-04-15", "--api", wiki.api]
        options += ["--cache", tmp_path / "cache", "--contact", "editor@newspaper.example"]
        command("import", "--output", imported, *options)
        wiki.edit("Portal:Current events/2010 April 15", f"*{ASH}\n*{COMET}\n*{OPEN}\n")
        _, _, err = command("import", "--output", imported, *options)
        assert told(err) == {"same": 3, "new": 1, "rewritten": 1}
        assert wiki.served == {"Portal:Current events/2010 March 20": 1, "Portal:Current events/2010 April 15": 2}
        assert "editor@newspaper.example" in wiki.asked[0].headers["User-Agent"]

    def test_goes_up_to_today(self, command, wiki, tmp_path):
        today = datetime.now(UTC).date()
        title = f"Portal:Current events/{today.year} {today:%B} {today.day}"
        wiki.edit(title, f"*{OPEN}\n")
        options = ["--from-wikipedia", "--since", today, "--api", wiki.api, "--cache", tmp_path / "cache"]
        code, _, err = command("import", "--output", tmp_path / "archive", *options)
        assert code == 0
        assert told(err) == {"new": 1}

    def test_says_when_nobody_answers_and_writes_nothing(self, command, monkeypatch, tmp_path):
        monkeypatch.setattr("recommender.portal.mediawiki.PAUSES", ())
        options = ["--from-wikipedia", "--since", "2010-03-20", "--until", "2010-03-21", "--cache", tmp_path / "cache"]
        answer = command("import", "--output", tmp_path / "archive", *options, "--api", "http://127.0.0.1:9/w/api.php")
        is_error(answer, "127.0.0.1:9")
        assert not (tmp_path / "archive").exists()


class TestBesideGit:
    @staticmethod
    def git(folder: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=A", "-c", "user.email=a@newspaper.example", "-c", "core.autocrlf=false"]
        command = ["git", "-C", str(folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def changed(self, folder: Path) -> list[str]:
        self.git(folder, "add", "--all")
        lines = self.git(folder, "diff", "--cached", "--stat=500", "--no-renames").splitlines()
        return sorted(line.split("|")[0].strip() for line in lines[:-1])

    @pytest.fixture
    def kept(self, imported) -> Path:
        """The archive, committed."""
        self.git(imported, "init", "--quiet")
        self.git(imported, "add", "--all")
        self.git(imported, "commit", "--quiet", "--message", "Import")
        return imported

    def test_a_day_imported_twice_changes_nothing(self, command, portal, kept):
        command("import", portal, "--output", kept)
        assert self.changed(kept) == []
        assert self.git(kept, "status", "--porcelain") == ""

    def test_a_day_edited_in_between_changes_only_what_it_must(self, command, portal, kept):
        portal_of(portal, {"2010-04-15": [ASH, COMET.replace("A [[", "The [[")]})
        command("import", portal, "--output", kept)
        moved = SEEN.replace("/a-comet", "/the-comet")
        day = ["news/2010/04/15/events.json", "news/2010/04/15/index.md"]
        assert self.changed(kept) == sorted([f"{SEEN}.md", f"{moved}.md", *day])

    def test_a_day_that_is_added_changes_the_lists_that_gain_its_events(self, command, portal, kept):
        portal_of(portal, {"2010-04-21": [OPEN]})
        command("import", portal, "--output", kept)
        day = ["news/2010/04/21/events.json", "news/2010/04/21/index.md"]
        assert self.changed(kept) == sorted([f"{OPENED}.md", f"{CLOSED}.md", *day])


class TestBadInput:
    def test_neither_folder_nor_wikipedia(self, command, tmp_path):
        is_error(command("import", "--output", tmp_path / "archive"), "PORTAL", "--from-wikipedia")

    def test_both(self, command, portal, tmp_path):
        answer = command("import", portal, "--output", tmp_path, "--from-wikipedia", "--since", "2010-03-20")
        is_error(answer, "either PORTAL", "or --from-wikipedia")

    def test_wikipedia_since_nobody_knows_when(self, command, tmp_path):
        is_error(command("import", "--output", tmp_path, "--from-wikipedia"), "--from-wikipedia needs --since")

    @pytest.mark.parametrize("source", [["PORTAL"], ["--from-wikipedia"]])
    def test_a_last_day_before_the_first(self, command, portal, tmp_path, source):
        options = [portal if one == "PORTAL" else one for one in source]
        answer = command("import", *options, "--output", tmp_path, "--since", "2010-04-15", "--until", "2010-03-20")
        is_error(answer, "since is '2010-04-15', expected a day that is not after 2010-03-20")

    def test_no_output(self, command, portal):
        is_error(command("import", portal), "--output")

    def test_a_day_that_is_none(self, command, portal, tmp_path):
        is_error(command("import", portal, "--output", tmp_path, "--until", "2010-02-30"), "is not a day")

    def test_a_folder_without_day_files(self, command, tmp_path):
        (tmp_path / "portal").mkdir()
        is_error(command("import", tmp_path / "portal", "--output", tmp_path / "a"), "portal has no day of the portal")

    def test_a_folder_that_is_not_there(self, command, tmp_path):
        is_error(command("import", tmp_path / "portal", "--output", tmp_path / "a"), "portal is not a folder")

    def test_an_output_that_is_a_file(self, command, portal, tmp_path):
        (tmp_path / "file").write_text("mine")
        is_error(command("import", portal, "--output", tmp_path / "file"), "file is a file; give the folder")
        assert (tmp_path / "file").read_text() == "mine"

    def test_an_output_below_a_file(self, command, portal, tmp_path):
        (tmp_path / "file").write_text("mine")
        is_error(command("import", portal, "--output", tmp_path / "file" / "archive"), "could not be written")

    def test_an_output_that_cannot_be_written(self, command, portal, tmp_path):
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "news").write_text("mine")
        is_error(command("import", portal, "--output", tmp_path / "archive"), "could not be written")
        assert (tmp_path / "archive" / "news").read_text() == "mine"

    @pytest.mark.parametrize(
        ("path", "raw", "reason"),
        [
            (f"{CLOSED}.md", b"# Ash \xff\n", "not UTF-8 at byte 6"),
            (f"{CLOSED}.md", b"No headline\n", "no headline"),
            ("news/2010/04/15/index.md", b"\xff", "not UTF-8"),
            ("news/2010/04/15/events.json", b"{", "not JSON"),
            ("news/2010/04/15/events.json", b'{"a": 1}', "expected {"),
            ("news/2010/02/30/x.md", b"# X\n", "2010/02/30 is not a day"),
            ("related-events.toml", b"\xff", "not UTF-8"),
            ("related-events.toml", b"limit = ", "related-events.toml is not TOML"),
            ("related-events.toml", b"limit = 0", "limit is 0, expected a number from 1 to 50"),
            ("related-events.toml", b"colour = 1", "has the setting 'colour'"),
            ("related-events.toml", b'slugs = "long"', "slugs is 'long', expected one of latin-1, ascii, unicode"),
        ],
    )
    def test_an_archive_with_a_file_that_cannot_be_read_stays_as_it_is(self, command, imported, path, raw, reason):
        """It is not passed over: the import would not know its event, and would write over it."""
        write_archive(imported, files={path: raw})
        before = tree(imported)
        answer = command("import", portal_of(imported.parent / "portal", MORE), "--output", imported)
        is_error(answer, path, reason)
        assert "--skip-bad-pages" not in answer[2]
        assert tree(imported) == before

    def test_another_limit_than_that_of_the_archive(self, command, portal, imported):
        before = tree(imported)
        is_error(
            command("import", portal_of(portal, MORE), "--output", imported, "--limit", "5"),
            "limit is 5, expected 10, as ",
            "related-events.toml says; change it there",
        )
        assert tree(imported) == before

    @pytest.mark.parametrize("limit", ["0", "51", "ten"])
    def test_a_limit_that_no_list_can_have(self, command, portal, tmp_path, limit):
        is_error(command("import", portal, "--output", tmp_path, "--limit", limit), "--limit")

    def test_of_a_day_file_is_no_error(self, command, tmp_path):
        """Whatever stands in it."""
        (tmp_path / "portal").mkdir()
        for day, raw in enumerate((b"", b"\x00\xff\xfe", b"*" * 3000, b"[[" * 500, b"{{" * 500, b"*[http://"), start=1):
            (tmp_path / "portal" / f"2010-03-{day:02}.txt").write_bytes(raw)
        assert command("import", tmp_path / "portal", "--output", tmp_path / "archive")[0] == 0


def test_nothing_outside_of_the_archive_is_written(command, tmp_path):
    bullets = [
        f"{text} [http://a.example (A)]" for text in ("../../../../etc/passwd", "/elsewhere/x", "..", "....//x", "~")
    ]
    portal = portal_of(tmp_path / "portal", {"2010-03-20": bullets})
    before = tree(tmp_path)
    assert command("import", portal, "--output", tmp_path / "a" / "b" / "archive")[0] == 0
    new = tree(tmp_path).keys() - before.keys()
    assert {path.rsplit("/", 1)[0] for path in new} == {"a/b/archive", "a/b/archive/news/2010/03/20"}


def test_records_are_what_other_programs_can_read(imported):
    (one,) = json.loads((imported / "news/2010/03/20/events.json").read_text("utf-8")).items()
    name, value = one
    assert name == BEGUN.rsplit("/", 1)[-1]
    assert value.keys() == {"text", "entities", "digest"}
