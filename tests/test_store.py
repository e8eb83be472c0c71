"""An index folder: arrays come back as they were, damage is told in a sentence, and a failure leaves the old one."""

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from recommender.errors import IndexFolderError, IndexMissingError, IndexStaleError
from recommender.store import FORMAT, MANIFEST, read_arrays, read_manifest, write_index

OLD, NEW = "0123456789abcdef", "fedcba9876543210"
ARRAYS = {
    "days": np.array([3, 1, 2], np.int32),
    "listed": np.array([True, False, True]),
    "text.data": np.frombuffer("Ça va".encode(), np.uint8),
    "vectors": np.arange(12, dtype=np.float32).reshape(4, 3),
}
LEFTOVER = ".related-events-building-"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def array_file(folder: Path, name: str = "vectors") -> Path:
    return folder / OLD / f"{name}.npy"


def opened(folder: Path, *, verify: bool = False) -> dict[str, np.ndarray]:
    return read_arrays(folder, read_manifest(folder), verify=verify)


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def one_sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    sentence = str(error.value)
    assert sentence
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def folder(tmp_path) -> Path:
    """An index."""
    write_index(tmp_path / "index", ARRAYS, {"about": "the old one"}, OLD)
    return tmp_path / "index"


class TestRoundTrip:
    @pytest.mark.parametrize("verify", [False, True])
    def test_gives_back_every_array_and_what_the_manifest_says(self, folder, verify):
        assert_same(opened(folder, verify=verify), ARRAYS)
        manifest = read_manifest(folder)
        assert (manifest["about"], manifest["generation"], manifest["format"]) == ("the old one", OLD, FORMAT)

    dtypes = st.sampled_from([np.int32, np.int64, np.uint8, np.uint64, np.float32, np.float64, np.bool_])
    shapes = arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)

    @settings(max_examples=30, deadline=None)
    @given(st.dictionaries(st.sampled_from("abc"), dtypes.flatmap(lambda d: arrays_of.arrays(d, TestRoundTrip.shapes))))
    def test_gives_back_any_arrays(self, tmp_path_factory, arrays):
        folder = tmp_path_factory.mktemp("index")
        write_index(folder, arrays, {}, OLD)
        assert_same(opened(folder, verify=True), arrays)

    def test_takes_arrays_that_are_not_contiguous(self, tmp_path):
        every_other = np.arange(20).reshape(4, 5)[:, ::2]
        write_index(tmp_path, {"columns": every_other}, {}, OLD)
        assert_same(opened(tmp_path), {"columns": every_other})

    def test_arrays_cannot_be_written_by_accident(self, folder):
        with pytest.raises(ValueError, match="read-only"):
            opened(folder)["vectors"][0, 0] = 1.0

    def test_arrays_are_mapped_and_not_read(self, folder):
        array = opened(folder)["vectors"]
        assert isinstance(array.base, np.memmap)

    def test_pickles_are_not_written(self, tmp_path):
        with pytest.raises(ValueError, match="allow_pickle"):
            write_index(tmp_path / "index", {"objects": np.array([{}, []], object)}, {}, OLD)
        assert files(tmp_path) == {}

    def test_pickles_are_not_read(self, folder):
        with array_file(folder).open("wb") as file:
            np.save(file, np.array([{}], object), allow_pickle=True)
        manifest = read_manifest(folder)
        manifest["files"]["vectors"]["bytes"] = array_file(folder).stat().st_size
        with pytest.raises(IndexFolderError, match="damaged"):
            read_arrays(folder, manifest)

    def test_the_same_content_gives_the_same_bytes(self, folder, tmp_path):
        write_index(tmp_path / "again", dict(reversed(ARRAYS.items())), {"about": "the old one"}, OLD)
        assert files(tmp_path / "again") == files(folder)


class TestAnotherGeneration:
    def test_takes_over_and_the_old_one_goes(self, folder):
        write_index(folder, {"days": np.arange(2)}, {}, NEW)
        assert_same(opened(folder, verify=True), {"days": np.arange(2)})
        assert files(folder).keys() == {MANIFEST, f"{NEW}/days.npy"}

    def test_may_have_the_name_of_the_old_one(self, folder):
        """A damaged index is built again from the same archive."""
        array_file(folder).write_bytes(b"")
        write_index(folder, ARRAYS, {}, OLD)
        assert_same(opened(folder, verify=True), ARRAYS)

    @pytest.mark.parametrize("generation", [OLD, NEW])
    def test_whoever_opened_the_old_one_keeps_it(self, folder, generation):
        before = opened(folder)
        write_index(folder, {name: np.zeros_like(array) for name, array in ARRAYS.items()}, {}, generation)
        assert_same(before, ARRAYS)

    def test_leaves_what_is_no_generation(self, folder):
        (folder / "notes").mkdir()
        (folder / "notes" / "todo.txt").write_text("rename me")
        (folder / "README").write_text("an index")
        write_index(folder, ARRAYS, {}, NEW)
        assert {"notes/todo.txt", "README"} < files(folder).keys()

    def test_removes_what_a_killed_build_left(self, folder):
        half = folder / f"{LEFTOVER}4711"
        half.mkdir()
        (half / "days.npy").write_bytes(b"half an arr")
        (folder / f"{LEFTOVER}{MANIFEST}").write_text("{")
        write_index(folder, ARRAYS, {}, NEW)
        assert files(folder).keys() == {MANIFEST, *(f"{NEW}/{name}.npy" for name in ARRAYS)}
        assert not half.exists()

    def test_begins_where_the_first_build_was_killed(self, tmp_path):
        (tmp_path / f"{LEFTOVER}4711").mkdir()
        write_index(tmp_path, ARRAYS, {}, NEW)
        assert_same(opened(tmp_path), ARRAYS)


DAMAGE = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size - 1),
    "cut to nothing": lambda path: os.truncate(path, 0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "not an array": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
}


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
    @pytest.mark.parametrize("name", ["days", "text.data"])
    def test_of_an_array_is_told_when_opening(self, folder, name, damage):
        damage(array_file(folder, name))
        with pytest.raises(IndexFolderError) as caught:
            opened(folder)
        sentence = one_sentence(caught)
        assert str(folder) in sentence
        assert "build it again with `related-events build`" in sentence

    def test_names_the_array_and_both_sizes(self, folder):
        size = array_file(folder).stat().st_size
        os.truncate(array_file(folder), size - 5)
        with pytest.raises(IndexFolderError, match=rf"vectors\.npy has {size - 5} bytes, expected {size}"):
            opened(folder)

    @pytest.mark.parametrize("name", ARRAYS)
    def test_of_any_byte_is_found_by_verifying(self, folder, name):
        whole = array_file(folder, name).read_bytes()
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1
            array_file(folder, name).write_bytes(changed)
            with pytest.raises(IndexFolderError, match=rf"{name}\.npy has changed"):
                opened(folder, verify=True)

    @pytest.mark.parametrize("other", [b"\0", b"{", b"'", b"("])
    def test_of_an_array_s_header_is_no_other_error(self, folder, other):
        whole = array_file(folder).read_bytes()
        refused = 0
        for place in range(128):
            array_file(folder).write_bytes(whole[:place] + other + whole[place + 1 :])
            try:
                opened(folder)
            except IndexFolderError:
                refused += 1
        assert refused > 40

    def test_of_a_whole_generation_is_told(self, folder):
        shutil.rmtree(folder / OLD)
        with pytest.raises(IndexFolderError, match="damaged"):
            opened(folder)


ENTRY = {"bytes": 140, "items": 3, "sha256": "0" * 64}
BROKEN_MANIFESTS = {
    "empty": b"",
    "half": b'{"format": 1, "gene',
    "not UTF-8": b'{"format": "\xff"}',
    "no generation": json.dumps({"format": FORMAT, "files": {"days": ENTRY}}).encode(),
    "no files": json.dumps({"format": FORMAT, "generation": OLD}).encode(),
    "files that are a list": json.dumps({"format": FORMAT, "generation": OLD, "files": ["days"]}).encode(),
    "a file without size": json.dumps({"format": FORMAT, "generation": OLD, "files": {"days": {"items": 3}}}).encode(),
    "a file that is a number": json.dumps({"format": FORMAT, "generation": OLD, "files": {"days": 3}}).encode(),
}
OTHER_FORMATS = {
    "the next": {"format": FORMAT + 1, "generation": OLD, "files": {}},
    "none": {"generation": OLD, "files": {}},
    "a word": {"format": "two"},
    "a list": [],
    "nothing": None,
}


class TestManifest:
    @pytest.mark.parametrize("raw", BROKEN_MANIFESTS.values(), ids=BROKEN_MANIFESTS.keys())
    def test_that_is_broken_is_told_in_a_sentence(self, folder, raw):
        (folder / MANIFEST).write_bytes(raw)
        with pytest.raises(IndexFolderError) as caught:
            opened(folder)
        assert "build it again with `related-events build`" in one_sentence(caught)

    @pytest.mark.parametrize("content", OTHER_FORMATS.values(), ids=OTHER_FORMATS.keys())
    def test_of_another_format_is_stale(self, folder, content):
        (folder / MANIFEST).write_text(json.dumps(content))
        with pytest.raises(IndexStaleError, match=f"expected {FORMAT}; build it again") as caught:
            read_manifest(folder)
        one_sentence(caught)

    def test_of_another_format_is_replaced_by_a_build(self, folder):
        (folder / MANIFEST).write_text(json.dumps({"format": FORMAT + 1, "generation": OLD, "files": {}}))
        write_index(folder, ARRAYS, {}, NEW)
        assert_same(opened(folder), ARRAYS)

    @pytest.mark.parametrize("raw", [b"", b'{"format": 1, "gene', b"\xff"])
    def test_that_is_broken_is_replaced_by_a_build(self, folder, raw):
        (folder / MANIFEST).write_bytes(raw)
        write_index(folder, ARRAYS, {}, NEW)
        assert_same(opened(folder), ARRAYS)

    @pytest.mark.parametrize("name", ["nowhere", "empty"])
    def test_that_is_missing_is_another_error_with_the_way_out(self, tmp_path, name):
        (tmp_path / "empty").mkdir()
        with pytest.raises(IndexMissingError, match=rf"make one with `related-events build ARCHIVE --index .*{name}`"):
            read_manifest(tmp_path / name)

    def test_below_a_file_is_an_error_of_the_folder(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(IndexFolderError):
            read_manifest(tmp_path / "file")


OTHER_FOLDERS = {
    "a file": {"photo.jpg": b"\xff\xd8"},
    "a hidden file": {".git": b"gitdir: elsewhere"},
    "a folder like a generation": {f"{OLD}/days.npy": b""},
    "the manifest of something else": {"manifest.json": b'{"name": "A web application"}\n', "icon.png": b"\x89PNG"},
}


class TestFoldersThatAreRefused:
    @pytest.mark.parametrize("content", OTHER_FOLDERS.values(), ids=OTHER_FOLDERS.keys())
    def test_one_that_holds_something_else_stays_untouched(self, tmp_path, content):
        for name, raw in content.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(raw)
        with pytest.raises(IndexFolderError, match="something else than an index; give a new or an empty folder"):
            write_index(tmp_path, ARRAYS, {}, NEW)
        assert files(tmp_path) == content

    @pytest.mark.parametrize("name", ["file", "file/index"])
    def test_a_file_where_a_folder_must_be(self, tmp_path, name):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(IndexFolderError) as caught:
            write_index(tmp_path / name, ARRAYS, {}, NEW)
        assert str(tmp_path / name) in one_sentence(caught)
        assert files(tmp_path) == {"file": b"mine"}

    def test_a_folder_is_made_where_it_is_missing(self, tmp_path):
        write_index(tmp_path / "a" / "b", ARRAYS, {}, NEW)
        assert_same(opened(tmp_path / "a" / "b"), ARRAYS)


class TestFailures:
    @pytest.mark.parametrize("nth", range(len(ARRAYS) + 1))
    def test_of_any_file_leave_the_old_index_and_nothing_else(self, folder, monkeypatch, nth):
        """The disk is full at the first array, the second, …, at last at the manifest."""
        calls = iter(range(100))

        def fsync(descriptor: int) -> None:
            if next(calls) == nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        before = files(folder)
        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(IndexFolderError, match="No space left on device") as caught:
            write_index(folder, {name: array[:1] for name, array in ARRAYS.items()}, {}, NEW)
        assert "as it was" in one_sentence(caught)
        assert {name: raw for name, raw in files(folder).items() if not name.startswith(NEW)} == before
        assert_same(opened(folder, verify=True), ARRAYS)

    @pytest.mark.parametrize("nth", range(len(ARRAYS) + 1))
    def test_are_made_good_by_the_next_build(self, folder, monkeypatch, nth):
        calls = iter(range(100))

        def fsync(descriptor: int) -> None:
            if next(calls) == nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(IndexFolderError):
            write_index(folder, ARRAYS, {}, NEW)
        write_index(folder, ARRAYS, {}, NEW)
        assert files(folder).keys() == {MANIFEST, *(f"{NEW}/{name}.npy" for name in ARRAYS)}

    @pytest.mark.parametrize("nth", range(len(ARRAYS) + 1))
    def test_of_a_first_build_are_made_good_too(self, tmp_path, monkeypatch, nth):
        calls = iter(range(100))

        def fsync(descriptor: int) -> None:
            if next(calls) == nth:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(IndexFolderError, match="No space left on device"):
            write_index(tmp_path, ARRAYS, {}, NEW)
        write_index(tmp_path, ARRAYS, {}, NEW)
        assert_same(opened(tmp_path, verify=True), ARRAYS)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte, and a way to mount it again with other options."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(options: str) -> None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")

    if shutil.which("mount") is None:
        pytest.skip("there is no `mount` here")
    mount("size=1m")
    yield disk, mount
    subprocess.run(["umount", disk], check=True, capture_output=True)


class TestDisks:
    def test_one_that_is_full_keeps_the_old_index(self, small_disk):
        disk, _ = small_disk
        write_index(disk / "index", ARRAYS, {}, OLD)
        before = files(disk)
        with pytest.raises(IndexFolderError, match=r"could not be written.*as it was") as caught:
            write_index(disk / "index", {"vectors": np.ones((1000, 1000), np.float32)}, {}, NEW)
        one_sentence(caught)
        assert files(disk) == before
        assert_same(opened(disk / "index", verify=True), ARRAYS)

    def test_one_that_is_read_only_can_be_read_and_says_so_when_written(self, small_disk):
        disk, mount = small_disk
        write_index(disk / "index", ARRAYS, {}, OLD)
        before = files(disk)
        mount("remount,ro,size=1m")
        with pytest.raises(IndexFolderError, match="Read-only file system") as caught:
            write_index(disk / "index", ARRAYS, {}, NEW)
        one_sentence(caught)
        with pytest.raises(IndexFolderError, match="Read-only file system"):
            write_index(disk / "new", ARRAYS, {}, NEW)
        assert files(disk) == before
        assert_same(opened(disk / "index", verify=True), ARRAYS)
