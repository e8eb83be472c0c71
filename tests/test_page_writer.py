"""Pages on the disk: that writing is all or nothing, and that nothing is left behind."""

import errno
import stat
from pathlib import Path

import pytest
from berlin import WALL_PATH, write_berlin
from worlds import (
    write_archive,
)

from recommender.atomic import TEMPORARY_PREFIX
from recommender.errors import ArchiveError
from recommender.page_writer import remove_leftovers, write_page


@pytest.fixture
def archive(tmp_path) -> Path:
    """Three events, and a day page."""
    return write_berlin(tmp_path / "archive")


class TestWriting:
    def test_puts_the_text_in_place_byte_for_byte(self, archive):
        text = "\ufeff# The wall opens\r\n\nÜber Nacht\n"
        write_page(archive, WALL_PATH, text)
        assert (archive / WALL_PATH).read_bytes() == text.encode()

    @pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
    def test_keeps_the_mode(self, archive, mode):
        (archive / WALL_PATH).chmod(mode)
        write_page(archive, WALL_PATH, "# New\n")
        assert stat.S_IMODE((archive / WALL_PATH).stat().st_mode) == mode

    def test_leaves_nothing_beside_the_page(self, archive):
        before = sorted(archive.rglob("*"))
        write_page(archive, WALL_PATH, "# New\n")
        assert sorted(archive.rglob("*")) == before

    def test_never_opens_the_page_itself(self, archive):
        """Who has the old page open reads it to its end: the new one is another file."""
        with (archive / WALL_PATH).open("rb") as reader:
            old = (archive / WALL_PATH).read_bytes()
            write_page(archive, WALL_PATH, "# New\n")
            assert reader.read() == old

    @pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
    def test_that_fails_leaves_the_old_page_and_nothing_else(self, archive, monkeypatch, step):
        before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}

        def fail(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(step, fail)
            with pytest.raises(
                ArchiveError, match=r"could not be written \(No space left on device\); it is as it was"
            ):
                write_page(archive, WALL_PATH, "# New\n")
        assert {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()} == before

    def test_that_is_killed_leaves_the_old_page(self, archive, monkeypatch):
        old = (archive / WALL_PATH).read_bytes()

        def kill(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", kill)
            with pytest.raises(KeyboardInterrupt):
                write_page(archive, WALL_PATH, "# New\n")
        assert (archive / WALL_PATH).read_bytes() == old
        remove_leftovers(archive)
        assert [path for path in archive.rglob(".*") if path.is_file()] == []

    @pytest.mark.parametrize("path", ["news/1989/11/9/new.md", "news/2222/02/2/new.md", "related-events.toml"])
    def test_makes_a_page_that_is_not_there_and_its_folders(self, archive, path):
        write_page(archive, path, "# New\n")
        assert (archive / path).read_text() == "# New\n"
        assert stat.S_IMODE((archive / path).stat().st_mode) == 0o644
        assert [name.name for name in (archive / path).parent.iterdir() if name.name.startswith(".")] == []

    @pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
    def test_of_a_new_page_that_fails_leaves_no_page(self, archive, monkeypatch, step):
        before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}

        def fail(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(step, fail)
            with pytest.raises(ArchiveError, match=r"could not be written \(No space left on device\)"):
                write_page(archive, "news/2222/02/2/new.md", "# New\n")
        assert {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()} == before

    def test_below_a_file_or_over_a_folder_is_an_error(self, archive):
        before = sorted(archive.rglob("*"))
        for path in (f"{WALL_PATH}/new.md", "news/1989/11/9"):
            with pytest.raises(ArchiveError, match=f"{path} could not be written"):
                write_page(archive, path, "# New\n")
        assert sorted(archive.rglob("*")) == before

    def test_waits_for_the_disk_unless_it_need_not(self, archive, monkeypatch):
        asked: list[int] = []
        monkeypatch.setattr("os.fsync", asked.append)
        write_page(archive, WALL_PATH, "# New\n", durable=False)
        assert asked == []
        write_page(archive, WALL_PATH, "# Newer\n")
        assert len(asked) == 1
        assert (archive / WALL_PATH).read_text() == "# Newer\n"


class TestLeftovers:
    def test_are_removed_at_any_depth_and_counted(self, archive):
        before = sorted(archive.rglob("*"))
        write_archive(
            archive, files={f"{TEMPORARY_PREFIX}a1": "", f"news/1989/11/9/{TEMPORARY_PREFIX}b2": "# Half a pa"}
        )
        assert remove_leftovers(archive) == 2
        assert sorted(archive.rglob("*")) == before

    def test_are_none_after_a_run_that_ended(self, archive):
        write_page(archive, WALL_PATH, "# New\n")
        assert remove_leftovers(archive) == 0
