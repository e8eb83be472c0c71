"""Archives on disk: what is read, in which order, what is refused and how, and what tells that nothing changed."""

import os
from pathlib import Path

import pytest
from berlin import RISING, UNITY, WALL, WALL_PATH, write_berlin
from worlds import (
    archive_fingerprint,
    day_item,
    day_text,
    link,
    page,
    page_text,
    record,
    record_files,
    write_archive,
)

from recommender.archive import read_archive, read_text
from recommender.atomic import TEMPORARY_PREFIX
from recommender.configuration import Configuration
from recommender.errors import ArchiveError, PageError
from recommender.files import page_paths

BAD_PAGES = {
    "no headline": ("news/1989/11/9/bad.md", b"### Source:\n", "no headline"),
    "broken UTF-8": ("news/1989/11/9/bad.md", b"# The \xff wall\n", "not UTF-8 at byte 6; save the page as UTF-8"),
    "no such day": ("news/1989/11/31/bad.md", b"# The wall\n", "1989/11/31 is not a day of the calendar"),
    "front matter": ("news/1989/11/9/bad.md", b"---\na: [\n---\n# The wall\n", "the front matter is not YAML"),
}
every_bad_page = pytest.mark.parametrize(("path", "raw", "reason"), BAD_PAGES.values(), ids=BAD_PAGES.keys())


@pytest.fixture
def archive(tmp_path) -> Path:
    """Three events, and a day page."""
    return write_berlin(tmp_path / "archive")


class TestReading:
    def test_gives_pages_by_path_compared_as_strings(self, tmp_path):
        days = ("2013-04-15", "2013-04-04", "2013-04-30", "2013-12-01", "2012-12-31")
        folder = write_archive(tmp_path, *(page(day, "It rains") for day in days))
        assert [one.event.slug.removesuffix("/it-rains") for one in read_archive(folder).pages] == [
            "news/2012/12/31",
            "news/2013/04/15",
            "news/2013/04/30",
            "news/2013/04/4",
            "news/2013/12/1",
        ]

    def test_gives_what_the_pages_say(self, archive):
        rising, wall, _ = read_archive(archive).pages
        assert (rising.event.text, rising.related) == (RISING[1], (link(*WALL, "Berlin"),))
        assert wall.aliases == ("news/1989/11/9/a-wall-opens",)

    def test_takes_index_and_readme_for_day_pages_at_any_depth(self, tmp_path):
        files = {
            "README.md": day_text([day_item(*UNITY, "Germany")]),
            "news/1989/11/4/README.md": day_text([day_item(*RISING, "Berlin")]),
            "news/1989/11/9/index.md": day_text([day_item(*WALL, "Berlin, Berlin Wall")]),
        }
        read = read_archive(write_archive(tmp_path, page(*WALL), files=files))
        assert len(read.pages) == 1
        assert read.day_items == (
            day_item(*UNITY, "Germany"),
            day_item(*RISING, "Berlin"),
            day_item(*WALL, "Berlin, Berlin Wall"),
        )

    def test_passes_over_files_that_are_no_pages(self, archive):
        before = read_archive(archive)
        others = {
            "about.md": "# About us\n",
            "news/1989/11/9/wall.html": "<h1>The wall</h1>\n",
            "news/1989/11/9/.hidden.md": "# Hidden\n",
            f"news/1989/11/9/{TEMPORARY_PREFIX}x7": "# Half a pa",
            f"news/1989/11/9/{TEMPORARY_PREFIX}x7.md": "# Half a pa",
            ".git/1989/11/9/wall.md": "# Git's own\n",
        }
        assert read_archive(write_archive(archive, files=others)) == before

    def test_follows_a_link_that_stays_inside(self, archive):
        (archive / "news/1989/11/9/another-name.md").symlink_to(archive / WALL_PATH)
        assert "news/1989/11/9/another-name" in [one.event.slug for one in read_archive(archive).pages]

    def test_does_not_follow_a_link_that_leads_out(self, archive, tmp_path):
        secret = tmp_path / "secret.md"
        secret.write_text("# A secret\n")
        (archive / "news/1989/11/9/secret.md").symlink_to(secret)
        with pytest.raises(ArchiveError, match="a symbolic link that leads out of the archive"):
            read_archive(archive)
        with pytest.raises(PageError, match="leads out"):
            read_text(archive, "news/1989/11/9/secret.md")
        assert [one.event.text for one in read_archive(archive, skip_bad=True).pages] == [
            RISING[1],
            WALL[1],
            UNITY[1],
        ]

    @pytest.mark.parametrize("destination", ["loop.md", "nowhere.md"])
    def test_tells_a_link_that_leads_nowhere(self, archive, destination):
        (archive / "news/1989/11/9/loop.md").symlink_to(archive / "news/1989/11/9" / destination)
        with pytest.raises(ArchiveError, match=r"news/1989/11/9/loop\.md: cannot be read"):
            read_archive(archive)

    def test_does_not_enter_linked_folders(self, archive, tmp_path):
        write_archive(tmp_path / "elsewhere", page("2001-01-01", "Elsewhere"))
        (archive / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        (archive / "linked.md").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        assert not any("linked" in path for path in page_paths(archive))

    def test_may_start_from_a_link_to_the_archive(self, archive, tmp_path):
        (tmp_path / "link").symlink_to(archive, target_is_directory=True)
        assert read_archive(tmp_path / "link") == read_archive(archive)

    def test_reads_a_line_of_a_megabyte(self, tmp_path):
        text = "The wall opens. " * 65_536
        raw = f"# {text}\n\n### Related:\n\n1. [{text}](/{WALL_PATH}) _Context: {text}_\n"
        (one,) = read_archive(write_archive(tmp_path, files={WALL_PATH: raw})).pages
        assert (one.event.text, one.related[0].text) == (text, text)

    def test_keeps_line_endings(self, tmp_path):
        raw = page_text(page(*WALL)).replace("\n", "\r\n")
        assert read_text(write_archive(tmp_path, files={WALL_PATH: raw}), WALL_PATH) == raw

    def test_tells_its_progress_to_the_end(self, archive):
        (archive / "zz.md").write_text("# Not an event\n")
        write_archive(archive, files={"related-events.toml": ""}, records=[record(*WALL)])
        steps: list[tuple[int, int]] = []
        read_archive(archive, progress=lambda done, total: steps.append((done, total)))
        assert steps == sorted(set(steps))
        assert steps[-1] == (7, 7)

    @pytest.mark.parametrize("inside", [{}, {"about.md": "# About\n"}, {"news/1989/11/9/index.md": "# The day\n"}])
    def test_of_a_folder_without_events_says_what_was_expected(self, tmp_path, inside):
        with pytest.raises(
            ArchiveError, match=r"has no event pages; expected files such as .*/news/2013/02/7/<slug>\.md"
        ):
            read_archive(write_archive(tmp_path, files=inside))

    @pytest.mark.parametrize("read", [read_archive, page_paths, archive_fingerprint])
    def test_of_no_folder_says_so(self, tmp_path, read):
        (tmp_path / "file").write_text("")
        for nothing in (tmp_path / "nothing", tmp_path / "file"):
            with pytest.raises(ArchiveError, match="is not a folder; give the folder that holds"):
                read(nothing)


class TestRecords:
    RECORDS = (record(*RISING, "Berlin"), record(*WALL, "Berlin", "Berlin Wall"), record(*UNITY, later=True))

    def test_are_read_from_the_folders_of_days(self, archive):
        assert read_archive(write_archive(archive, records=self.RECORDS)).records == self.RECORDS

    def test_are_none_where_nobody_imported(self, archive):
        assert read_archive(archive).records == ()

    def test_come_in_the_order_of_pages(self, tmp_path):
        events = [
            (day, text) for day in ("2013-04-15", "2013-04-04", "2013-12-01") for text in ("It rains", "It snows")
        ]
        records = [record(*event) for event in events]
        read = read_archive(write_archive(tmp_path, *(page(*event) for event in events), records=records))
        assert [one.slug for one in read.records] == [one.event.slug for one in read.pages]

    @pytest.mark.parametrize(
        "path", ["events.json", "news/events.json", "news/1989/11/events.json", "news/1989/11/9/x/events.json"]
    )
    def test_are_not_looked_for_elsewhere(self, archive, path):
        before = read_archive(archive)
        assert read_archive(write_archive(archive, files={path: "{"})) == before

    @pytest.mark.parametrize("name", ["Events.json", "events.json.bak", ".events.json", "my-events.json"])
    def test_have_one_name(self, archive, name):
        before = read_archive(archive)
        assert read_archive(write_archive(archive, files={f"news/1989/11/9/{name}": "{"})) == before

    @pytest.mark.parametrize(("raw", "reason"), [(b"{", "not JSON"), (b"\xff", "not UTF-8"), (b"[]", "expected {")])
    def test_that_are_broken_are_told_as_a_page_is(self, archive, raw, reason):
        path = "news/1989/11/9/events.json"
        write_archive(archive, files={path: raw})
        with pytest.raises(ArchiveError, match=rf"^1 page cannot be read; .*\n  {path}: {reason}"):
            read_archive(archive)
        read = read_archive(archive, skip_bad=True)
        assert (len(read.pages), read.records, [one.path for one in read.skipped]) == (3, (), [path])
        assert archive_fingerprint(archive) == read.fingerprint

    def test_do_not_lie_outside(self, archive, tmp_path):
        (secret := tmp_path / "secret.json").write_text("{}")
        (archive / "news/1989/11/9/events.json").symlink_to(secret)
        with pytest.raises(ArchiveError, match="a symbolic link that leads out of the archive"):
            read_archive(archive)

    def test_alone_make_no_archive(self, tmp_path):
        with pytest.raises(ArchiveError, match="has no event pages"):
            read_archive(write_archive(tmp_path, records=self.RECORDS))


class TestConfiguration:
    def test_is_that_of_the_site_where_there_is_none(self, archive):
        assert read_archive(archive).configuration == Configuration()

    def test_is_read_from_the_archive_s_root(self, archive):
        write_archive(archive, files={"related-events.toml": 'limit = 5\nlabels = "anchor"\n'})
        assert read_archive(archive).configuration == Configuration(limit=5, labels="anchor")

    @pytest.mark.parametrize("path", ["news/related-events.toml", "news/1989/11/9/related-events.toml", "config.toml"])
    def test_is_not_looked_for_elsewhere(self, archive, path):
        before = read_archive(archive)
        assert read_archive(write_archive(archive, files={path: "limit = 5"})) == before

    def test_that_is_wrong_is_told_even_where_bad_pages_are_passed_over(self, archive):
        write_archive(archive, files={"related-events.toml": "limit = 500"})
        for skip_bad in (False, True):
            with pytest.raises(ArchiveError, match="limit is 500, expected a number from 1 to 50"):
                read_archive(archive, skip_bad=skip_bad)


class TestEmptyFolders:
    def test_will_do_on_request(self, tmp_path):
        read = read_archive(tmp_path, may_be_empty=True)
        assert (read.pages, read.day_items, read.records, read.configuration) == ((), (), (), Configuration())
        assert read.fingerprint == archive_fingerprint(tmp_path)

    def test_may_have_settings(self, tmp_path):
        write_archive(tmp_path, files={"related-events.toml": "limit = 5"})
        assert read_archive(tmp_path, may_be_empty=True).configuration.limit == 5

    def test_that_are_none_will_not(self, tmp_path):
        with pytest.raises(ArchiveError, match="is not a folder"):
            read_archive(tmp_path / "nowhere", may_be_empty=True)


class TestDays:
    EVENTS = tuple(
        (day, text)
        for day in ("2013-04-01", "2013-04-10", "2013-04-11", "2013-04-02", "2013-05-01")
        for text in ("a", "a b", "z")
    )

    @pytest.mark.parametrize("day", [1, 10, 11, 2])
    def test_have_their_pages_and_records_in_order(self, tmp_path, day):
        """The folder `1` is not the beginning of `10`; `a-b.md` comes before `a.md`."""
        records = [record(*event) for event in self.EVENTS]
        archive = read_archive(write_archive(tmp_path, *(page(*event) for event in self.EVENTS), records=records))
        folder = f"news/2013/04/{day}/"
        assert [one.event.slug for one in archive.pages_of(folder)] == [folder + name for name in ("a-b", "a", "z")]
        assert [one.slug for one in archive.records_of(folder)] == [folder + name for name in ("a", "a-b", "z")]

    @pytest.mark.parametrize("folder", ["news/2013/04/3/", "news/1999/01/1/", "news/2014/01/1/", "other/2013/04/1/"])
    def test_that_the_archive_has_not_have_none(self, tmp_path, folder):
        records = [record(*event) for event in self.EVENTS]
        archive = read_archive(write_archive(tmp_path, *(page(*event) for event in self.EVENTS), records=records))
        assert (archive.pages_of(folder), archive.records_of(folder)) == ((), ())


class TestBadPages:
    @every_bad_page
    def test_are_told_with_path_reason_and_way_out(self, archive, path, raw, reason):
        write_archive(archive, files={path: raw})
        with pytest.raises(ArchiveError) as caught:
            read_archive(archive)
        assert f"{path}: {reason}" in str(caught.value)
        assert str(caught.value).startswith("1 page cannot be read; ")
        assert "--skip-bad-pages" in str(caught.value)

    @every_bad_page
    def test_are_passed_over_and_reported_on_request(self, archive, path, raw, reason):
        before = read_archive(archive).pages
        read = read_archive(write_archive(archive, files={path: raw}), skip_bad=True)
        assert read.pages == before
        assert [(error.path, reason in error.reason) for error in read.skipped] == [(path, True)]

    def test_are_all_told_at_once_up_to_ten(self, archive):
        write_archive(archive, files={f"news/1989/11/10/bad-{n:02}.md": "" for n in range(12)})
        with pytest.raises(ArchiveError) as caught:
            read_archive(archive)
        message = str(caught.value)
        assert message.startswith("12 pages cannot be read")
        assert message.count("/bad-") == 10
        assert message.endswith("and 2 more")

    def test_may_be_day_pages(self, archive):
        write_archive(archive, files={"news/1989/11/4/index.md": b"\xff"})
        with pytest.raises(ArchiveError, match=r"news/1989/11/4/index\.md: not UTF-8 at byte 0"):
            read_archive(archive)

    def test_include_pages_whose_name_is_not_utf_8(self, archive):
        """A disk's names are bytes; a slug is text."""
        before = read_archive(archive).pages
        file = os.path.join(os.fsencode(archive), b"news/1989/11/9/caf\xe9.md")  # noqa: PTH118 - bytes have no Path
        try:
            Path(os.fsdecode(file)).write_text("# A café\n")
        except OSError:
            pytest.skip("this disk takes no such name")
        read = read_archive(archive, skip_bad=True)
        assert read.pages == before
        assert len(read.skipped) == 1
        assert str(read.skipped[0]).encode()
        assert archive_fingerprint(archive) == read.fingerprint

    def test_alone_make_no_archive(self, tmp_path):
        with pytest.raises(ArchiveError, match="has no event pages"):
            read_archive(write_archive(tmp_path, files={WALL_PATH: "no headline"}), skip_bad=True)


class TestFingerprint:
    def test_is_told_without_parsing(self, archive):
        assert archive_fingerprint(archive) == read_archive(archive).fingerprint

    @every_bad_page
    def test_is_told_without_parsing_where_pages_are_passed_over(self, archive, path, raw, reason):
        write_archive(archive, files={path: raw})
        assert archive_fingerprint(archive) == read_archive(archive, skip_bad=True).fingerprint

    def test_does_not_depend_on_where_the_archive_lies(self, archive, tmp_path):
        before = archive_fingerprint(archive)
        archive.rename(tmp_path / "moved")
        assert archive_fingerprint(tmp_path / "moved") == before

    @pytest.mark.parametrize(
        "path", [WALL_PATH, "news/1989/11/9/index.md", "news/1989/11/9/events.json", "related-events.toml"]
    )
    def test_changes_with_a_byte_of_a_page(self, archive, path):
        write_archive(archive, files={"related-events.toml": "limit = 5"}, records=[record(*WALL)])
        before = archive_fingerprint(archive)
        assert before == read_archive(archive).fingerprint
        with (archive / path).open("ab") as file:
            file.write(b"\n")
        assert archive_fingerprint(archive) != before

    def test_changes_with_a_name(self, archive):
        before = archive_fingerprint(archive)
        (archive / WALL_PATH).rename(archive / "news/1989/11/9/the-wall-falls.md")
        assert archive_fingerprint(archive) != before

    def test_does_not_change_with_a_file_that_is_no_page(self, archive):
        before = archive_fingerprint(archive)
        write_archive(archive, files={"about.md": "# About\n", "news/1989/11/9/wall.jpg": b"\xff\xd8"})
        assert archive_fingerprint(archive) == before

    def test_of_the_content_does_not_change_with_related_lists(self, archive):
        before = read_archive(archive)
        longer = page(
            *WALL, [link(*UNITY, "Germany"), link(*RISING, "Berlin")], aliases=["news/1989/11/9/a-wall-opens"]
        )
        after = read_archive(write_archive(archive, longer, page(*RISING)))
        assert after.fingerprint != before.fingerprint
        assert after.content_fingerprint == before.content_fingerprint

    def test_of_the_content_changes_with_everything_else(self, archive):
        changes: list[dict[str, str | bytes]] = [
            {},
            {WALL_PATH: "# The wall is open\n"},
            {WALL_PATH: "# The wall is open\n\nIt is late.\n"},
            {WALL_PATH: "##### 1989\n# The wall is open\n\nIt is late.\n"},
            {"news/1989/11/9/index.md": day_text([day_item(*WALL, "Berlin")])},
            {"news/1989/11/10/people-cross.md": "# People cross\n"},
            {"related-events.toml": "limit = 5"},
            {"related-events.toml": 'labels = "anchor"'},
            {**record_files([record(*WALL, "Berlin")])},
            {**record_files([record(*WALL, "Berlin", words={"Berlin": "the city"})])},
            {**record_files([record(*WALL, "Berlin", later=True)])},
        ]
        seen = {read_archive(write_archive(archive, files=change)).content_fingerprint for change in changes}
        assert len(seen) == len(changes)


class TestTwoProcessors:
    """Many pages are parsed by a second process too."""

    @pytest.fixture
    def both(self, archive, monkeypatch) -> Path:
        monkeypatch.setattr("recommender.page_reader.FEW", 0)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
        return archive

    def test_read_the_same(self, both, monkeypatch):
        found = read_archive(both)
        monkeypatch.setattr("recommender.page_reader.FEW", 4000)
        assert found == read_archive(both)

    def test_tell_the_same_of_bad_pages(self, both, monkeypatch):
        write_archive(
            both, files={f"news/1989/11/10/bad-{n}.md": b"\xff" if n % 2 else "no headline" for n in range(6)}
        )
        found = read_archive(both, skip_bad=True)
        monkeypatch.setattr("recommender.page_reader.FEW", 4000)
        alone = read_archive(both, skip_bad=True)
        assert [str(error) for error in found.skipped] == [str(error) for error in alone.skipped]
        assert len(found.skipped) == 6
        assert (found.pages, found.fingerprint) == (alone.pages, alone.fingerprint)

    def test_are_not_needed(self, both, monkeypatch):
        """Where no second process can be had, the first does it all."""
        before = read_archive(both)
        for broken in ("/nowhere/python", "/bin/false"):
            monkeypatch.setattr("sys.executable", broken)
            assert read_archive(both) == before
