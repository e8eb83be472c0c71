"""`build`: what it makes, what it leaves alone, what it says, and what it refuses."""

from pathlib import Path

import pytest
from boat_race import FILES, PAGES, is_error
from worlds import page, write_archive

from recommender.building import build_index
from recommender.commands import shared
from recommender.index import Index


@pytest.fixture
def folder(tmp_path) -> Path:
    """A small archive."""
    return write_archive(tmp_path / "archive", *PAGES, files=FILES)


class TestBuild:
    def test_builds_and_tells_people_how_long_it_took(self, command, folder, tmp_path):
        code, out, err = command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        assert (code, out) == (0, "")
        assert "4 events, 2 entities, encoder lexical\n" in err
        assert "\r" not in err
        assert Index.open(tmp_path / "index", verify=True).manifest.events == 4

    def test_compiles_what_asks_an_index_on_the_disk(self, command, folder, tmp_path, monkeypatch):
        """Its arrays are read-only, for which code is compiled apart."""
        writable = []
        asked = shared.Recommender.related_rows

        def related_rows(recommender, *arguments):
            index = recommender.index
            writable.append((index.vectors.flags.writeable, index.articles.entity_events.flags.writeable))
            return asked(recommender, *arguments)

        monkeypatch.setattr(shared.Recommender, "related_rows", related_rows)
        command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        assert writable == [(False, False)]

    def test_does_nothing_where_nothing_has_changed(self, command, folder, tmp_path):
        options = [folder, "--index", tmp_path / "index", "--encoder", "lexical"]
        command("build", *options)
        stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*")}
        code, out, err = command("build", *options)
        assert (code, out) == (0, "")
        assert "nothing has changed" in err
        assert {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*")} == stamps

    def test_keeps_the_index_s_encoder_where_none_is_named(self, command, folder, tmp_path):
        command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        write_archive(folder, page("2014-01-01", "Nobody rows"))
        code, _, err = command("build", folder, "--index", tmp_path / "index")
        assert code == 0
        assert "5 events, 2 entities, encoder lexical\n" in err

    def test_says_that_another_encoder_encodes_every_text_anew(self, command, folder, tmp_path, monkeypatch):
        asked = []

        def with_another(archive, *, encoder, **options):
            asked.append(encoder)
            return build_index(archive, encoder="lexical", **options)

        command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        monkeypatch.setattr("recommender.commands.shared.build_index", with_another)
        code, _, err = command("build", folder, "--index", tmp_path / "index", "--encoder", "minilm")
        assert (code, asked) == (0, ["minilm"])
        assert "the index was built with lexical; every text is encoded anew with minilm\n" in err

    def test_builds_a_damaged_index_anew_and_says_so(self, command, folder, tmp_path):
        options = [folder, "--index", tmp_path / "index", "--encoder", "lexical"]
        command("build", *options)
        next((tmp_path / "index").glob("*/vectors.npy")).write_bytes(b"")
        code, _, err = command("build", *options)
        assert code == 0
        assert "vectors.npy has 0 bytes" in err
        assert "building it now" in err
        assert Index.open(tmp_path / "index", verify=True).manifest.events == 4

    def test_of_a_missing_archive_is_an_error(self, command, tmp_path):
        answer = command("build", tmp_path / "nowhere", "--index", tmp_path / "index", "--encoder", "lexical")
        is_error(answer, f"{tmp_path / 'nowhere'} is not a folder", "news/YYYY/MM/D/<slug>.md")
        assert not (tmp_path / "index").exists()

    def test_of_an_empty_folder_is_an_error(self, command, tmp_path):
        (tmp_path / "empty").mkdir()
        answer = command("build", tmp_path / "empty", "--index", tmp_path / "index", "--encoder", "lexical")
        is_error(answer, f"{tmp_path / 'empty'} has no event pages; expected files such as")

    def test_with_an_unknown_encoder_is_an_error(self, command, folder, tmp_path):
        code, out, err = command("build", folder, "--index", tmp_path / "index", "--encoder", "no/such")
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith("error: 'no/such' is neither an encoder")
        assert not (tmp_path / "index").exists()

    @pytest.mark.parametrize("name", ["photos", "file"])
    def test_where_something_else_lies_is_an_error_and_leaves_it(self, command, folder, tmp_path, name):
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "one.jpg").write_bytes(b"\xff\xd8")
        (tmp_path / "file").write_text("mine")
        code, out, err = command("build", folder, "--index", tmp_path / name, "--encoder", "lexical")
        assert (code, out) == (2, "")
        last = err.splitlines()[-1]
        assert last.startswith("error: ")
        assert str(tmp_path / name) in last
        assert [path.name for path in (tmp_path / "photos").iterdir()] == ["one.jpg"]
        assert (tmp_path / "file").read_text() == "mine"

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            ("limit = 500", "related-events.toml: limit is 500, expected a number from 1 to 50"),
            ("limit", "related-events.toml is not TOML ("),
        ],
    )
    def test_with_settings_that_are_wrong_is_an_error(self, command, folder, tmp_path, raw, reason):
        write_archive(folder, files={"related-events.toml": raw})
        options = ["--index", tmp_path / "index", "--encoder", "lexical"]
        is_error(command("build", folder, *options), reason)
        is_error(command("build", folder, *options, "--skip-bad-pages"), reason)
        assert not (tmp_path / "index").exists()

    def test_follows_the_archive_s_settings(self, command, folder, tmp_path):
        options = [folder, "--index", tmp_path / "index", "--encoder", "lexical"]
        command("build", *options)
        write_archive(folder, files={"related-events.toml": "limit = 5\n"})
        code, _, err = command("build", *options)
        assert code == 0
        assert "nothing has changed" not in err
        assert Index.open(tmp_path / "index").manifest.limit == 5

    bad_pages = pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"### Source:\n", "no headline, expected a line that begins with '# ' and has a text"),
            (b"# The \xff race\n", "not UTF-8 at byte 6; save the page as UTF-8"),
        ],
        ids=["no headline", "broken UTF-8"],
    )

    @bad_pages
    def test_of_a_bad_page_is_an_error_with_its_name_and_the_way_out(self, command, folder, tmp_path, raw, reason):
        (folder / "news/2013/02/7/bad.md").write_bytes(raw)
        code, out, err = command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        assert (code, out) == (2, "")
        assert err == (
            "error: 1 page cannot be read; mend them, or go on without them with --skip-bad-pages:\n"
            f"  news/2013/02/7/bad.md: {reason}\n"
        )
        assert not (tmp_path / "index").exists()

    @bad_pages
    def test_passes_over_bad_pages_on_request_and_tells_them(self, command, folder, tmp_path, raw, reason):
        (folder / "news/2013/02/7/bad.md").write_bytes(raw)
        options = ["--index", tmp_path / "index", "--encoder", "lexical", "--skip-bad-pages"]
        code, out, err = command("build", folder, *options)
        assert (code, out) == (0, "")
        assert f"passed over: news/2013/02/7/bad.md: {reason}\n" in err
        assert Index.open(tmp_path / "index").manifest.events == 4
        assert "nothing has changed" in command("build", folder, *options)[2]
