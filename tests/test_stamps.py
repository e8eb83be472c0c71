"""What need not be read again: files that nobody has touched, and none that anybody could have."""

import os
import shutil
from pathlib import Path

import pytest
from berlin import WALL_PATH, write_berlin

from recommender.archive import scan_archive
from recommender.files import read_bytes
from recommender.stamps import SeenFiles, take_stamps

ALL_OLD = -(10**18)
"""As if every file had been written long ago."""


@pytest.fixture
def archive(tmp_path) -> Path:
    """Three events, and a day page."""
    return write_berlin(tmp_path / "archive")


@pytest.fixture
def seen(archive, tmp_path) -> SeenFiles:
    """Beside an index."""
    return SeenFiles.beside(tmp_path / "index", archive)


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """Paths of files that are read from now on."""
    paths: list[str] = []
    monkeypatch.setattr(
        "recommender.archive.read_bytes", lambda folder, path: paths.append(path) or read_bytes(folder, path)
    )
    return paths


@pytest.fixture
def scanned(archive, seen, monkeypatch) -> Path:
    """An archive of old files that has been read."""
    monkeypatch.setattr("recommender.stamps.SETTLED_NS", ALL_OLD)
    scan_archive(archive, seen)
    return archive


def write(file: Path, text: str, *, later_ns: int = 10**9) -> None:
    """Write a file a second later than it was written before, or at the same time."""
    then = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(then, then + later_ns))


def test_untouched_files_are_not_read_again(scanned, seen, read):
    before = scan_archive(scanned)
    read.clear()
    assert scan_archive(scanned, seen) == before
    assert read == []


def test_lie_beside_the_index_not_in_it(scanned, seen, tmp_path):
    assert seen.file == tmp_path.resolve() / ".index.seen"
    assert seen.file.exists()
    assert not (tmp_path / "index").exists()


def test_files_that_were_just_written_are_read_again(archive, seen, read):
    """Within one tick of the disk's clock they may be written once more, and look the same."""
    scan_archive(archive, seen)
    read.clear()
    scan_archive(archive, seen)
    assert len(read) == 4


@pytest.mark.parametrize("text", ["# The wall opened\n", "# The wall opens\n\nWhat joy.\n"], ids=["short", "long"])
def test_a_file_of_another_size_or_time_is_read(scanned, seen, read, text):
    write(scanned / WALL_PATH, text)
    assert scan_archive(scanned, seen).digests == scan_archive(scanned).digests
    assert read[0] == WALL_PATH


def test_a_file_with_other_bytes_and_its_old_time_is_read_for_its_time_of_change(scanned, seen, read):
    file = scanned / WALL_PATH
    write(file, file.read_text().replace("wall", "gate"), later_ns=0)
    assert scan_archive(scanned, seen).digests == scan_archive(scanned).digests
    assert read[0] == WALL_PATH


def test_another_file_of_the_same_size_and_times_is_read(scanned, seen, read):
    file, other = scanned / WALL_PATH, scanned / "other"
    shutil.copy2(file, other)
    other.replace(file)
    scan_archive(scanned, seen)
    assert read == [WALL_PATH]


def test_what_leaves_no_stamp_is_not_seen_until_all_is_read_again(scanned, seen, monkeypatch):
    """A disk that keeps no time of change, and a clock that is turned back: the one thing that is believed wrongly."""
    stamps = take_stamps(scanned)
    seen.keep(stamps, scan_archive(scanned).digests)
    file = scanned / WALL_PATH
    file.write_text(file.read_text().replace("wall", "gate"))
    monkeypatch.setattr("recommender.archive.take_stamps", lambda _folder: stamps)
    assert scan_archive(scanned, seen) != scan_archive(scanned)
    seen.forget()
    assert scan_archive(scanned, seen) == scan_archive(scanned)


def test_a_link_is_always_read(scanned, seen, read):
    (scanned / WALL_PATH.replace("wall", "gate")).symlink_to(scanned / WALL_PATH)
    for _ in range(2):
        read.clear()
        scan_archive(scanned, seen)
    assert read == [WALL_PATH.replace("wall", "gate")]


def test_of_another_archive_are_not_believed(scanned, seen, read, tmp_path):
    other = shutil.copytree(scanned, tmp_path / "other")
    scan_archive(other, SeenFiles.beside(tmp_path / "index", other))
    assert len(read) == 4


@pytest.mark.parametrize(
    "kept", [0, 10, 400, -30, None], ids=["nothing", "a word", "a part", "nearly all", "other bytes"]
)
def test_damaged_are_not_believed(scanned, seen, read, kept):
    raw = seen.file.read_bytes()
    seen.file.write_bytes(raw[:kept] if kept is not None else raw[: len(raw) // 2] + b"\0" * 99 + raw[len(raw) // 2 :])
    assert scan_archive(scanned, seen) == scan_archive(scanned)
    assert len(read) == 8


def test_that_cannot_be_kept_are_none(archive, tmp_path):
    (tmp_path / "file").touch()
    seen = SeenFiles(tmp_path / "file" / "seen", archive)
    assert scan_archive(archive, seen) == scan_archive(archive)
