"""A folder of day pages: found by the names of the files, read in the order of the days, decoded."""

from datetime import date
from pathlib import Path

import pytest

from recommender.errors import ParameterError, PortalError
from recommender.portal.days import DaySource, named_day, page_title
from recommender.portal.folder import PortalFolder

LANDING, FLYBY = date(2012, 8, 6), date(2013, 2, 15)


def folder_of(base: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return base


class TestNames:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("2013_February_7", date(2013, 2, 7)),
            ("2013 February 07", date(2013, 2, 7)),
            ("2013-February-7", date(2013, 2, 7)),
            ("2013-02-07", date(2013, 2, 7)),
            ("2013_2_7", date(2013, 2, 7)),
            ("2012_February_29", date(2012, 2, 29)),
        ],
    )
    def test_of_days_are_read(self, name, expected):
        assert named_day(name) == expected

    @pytest.mark.parametrize(
        "name",
        [
            *("2013_February_30", "2013_Februar_7", "2013_february_7", "2013-13-01", "2013-00-10", "2013-02-00"),
            *("13-02-07", "20130207", "2013_February", "x2013-02-07", "2013-02-07x", "", "٢٠١٣-٠٢-٠٧", "0000-01-01"),
        ],
    )
    def test_of_no_day_are_none(self, name):
        assert named_day(name) is None

    def test_of_pages_are_those_of_wikipedia(self):
        assert page_title(date(2013, 2, 7)) == "Portal:Current events/2013 February 7"


class TestFinding:
    def test_takes_every_file_that_is_named_by_a_day_in_the_order_of_the_days(self, tmp_path):
        names = ["2013_February_15.txt", "2012_August_6", "deep/er/2012-09-27.wiki", "deep/2012 June 6.WIKITEXT"]
        found = PortalFolder.find(folder_of(tmp_path, dict.fromkeys(names, "*A")))
        assert [day.isoformat() for day, _ in found.days] == ["2012-06-06", "2012-08-06", "2012-09-27", "2013-02-15"]
        assert [path.name for _, path in found.days][:2] == ["2012 June 6.WIKITEXT", "2012_August_6"]
        assert found.others == ()

    def test_tells_of_files_that_it_does_not_take(self, tmp_path):
        names = ["2012_August_6.txt", "README.md", "2012_August_7.jpg", "notes.txt", "2012_August_32.txt"]
        found = PortalFolder.find(folder_of(tmp_path, dict.fromkeys(names, "*A")))
        assert [path.name for path in found.others] == sorted(names[1:])

    def test_takes_the_first_of_two_files_of_a_day_and_tells_of_the_other(self, tmp_path):
        names = ["2012-08-06.txt", "2012_August_6.txt", "more/2012_August_06.wiki"]
        found = PortalFolder.find(folder_of(tmp_path, dict.fromkeys(names, "*A")))
        assert [path.name for _, path in found.days] == ["2012-08-06.txt"]
        assert [path.name for path in found.others] == ["2012_August_6.txt", "2012_August_06.wiki"]

    def test_does_not_look_at_what_is_hidden(self, tmp_path):
        names = ["2012_August_6.txt", ".2012_August_7.txt", ".git/2012_August_8.txt", "a/.b/2012_August_9.txt"]
        found = PortalFolder.find(folder_of(tmp_path, dict.fromkeys(names, "*A")))
        assert (len(found.days), found.others) == (1, ())

    def test_may_itself_lie_in_a_hidden_folder(self, tmp_path):
        assert len(PortalFolder.find(folder_of(tmp_path / ".cache", {"2012_August_6.txt": ""})).days) == 1

    def test_does_not_take_a_folder_for_a_file(self, tmp_path):
        folder_of(tmp_path, {"2012_August_6/2012_August_7.txt": ""})
        assert [day for day, _ in PortalFolder.find(tmp_path).days] == [date(2012, 8, 7)]

    @pytest.mark.parametrize("files", [{}, {"notes.txt": "*A"}])
    def test_of_a_folder_without_a_day_is_an_error(self, tmp_path, files):
        with pytest.raises(PortalError, match=r"has no day of the portal; expected files such as 2013_February_7\.txt"):
            PortalFolder.find(folder_of(tmp_path, files))

    @pytest.mark.parametrize("name", ["missing", "file.txt"])
    def test_of_what_is_no_folder_is_an_error(self, tmp_path, name):
        (tmp_path / "file.txt").write_text("*A")
        with pytest.raises(PortalError, match=rf"{name} is not a folder; give the folder"):
            PortalFolder.find(tmp_path / name)


class TestWithin:
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, [6, 7, 8]),
            (date(2012, 8, 7), None, [7, 8]),
            (None, date(2012, 8, 7), [6, 7]),
            (date(2012, 8, 7), date(2012, 8, 7), [7]),
            (date(2013, 1, 1), None, []),
        ],
    )
    def test_has_both_ends(self, tmp_path, since, until, expected):
        found = PortalFolder.find(folder_of(tmp_path, {f"2012_August_{day}.txt": "" for day in (6, 7, 8)}))
        assert [day.day for day, _ in found.within(since, until).days] == expected

    def test_has_its_first_day_before_its_last(self, tmp_path):
        found = PortalFolder.find(folder_of(tmp_path, {"2012_August_6.txt": ""}))
        with pytest.raises(ParameterError, match="since is '2013-02-15', expected a day that is not after 2012-08-06"):
            found.within(FLYBY, LANDING)


class TestReading:
    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ("*Curiosité", "*Curiosité"),
            ("\ufeff*Curiosité", "*Curiosité"),
            ("*Curiosité".encode("cp1252"), "*Curiosité"),
            (b"*\x93NASA\x94 \x81", "*“NASA” \ufffd"),
            ("*One\r\n*Two\r", "*One\r\n*Two\r"),
            ("", ""),
        ],
        ids=["UTF-8", "byte order mark", "Latin-1", "Windows", "line endings", "empty"],
    )
    def test_decodes(self, tmp_path, raw, expected):
        found = PortalFolder.find(folder_of(tmp_path, {"2012_August_6.txt": raw}))
        assert list(found.read()) == [DaySource(LANDING, expected)]

    def test_comes_in_the_order_of_the_days(self, tmp_path):
        files = {f"2012_August_{day}.txt": str(day) for day in (10, 9, 31, 1)}
        sources = PortalFolder.find(folder_of(tmp_path, files)).read()
        assert [source.wikitext for source in sources] == ["1", "9", "10", "31"]

    def test_of_a_file_that_has_gone_is_an_error_that_names_it(self, tmp_path):
        found = PortalFolder.find(folder_of(tmp_path, {"2012_August_6.txt": ""}))
        (tmp_path / "2012_August_6.txt").unlink()
        with pytest.raises(PortalError, match=r"2012_August_6\.txt cannot be read \(No such file or directory\); mend"):
            list(found.read())
