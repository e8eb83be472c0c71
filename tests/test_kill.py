"""Killed in the middle, by SIGKILL: the old index opens, each page is the old or the new one, and the next run ends it.

The program runs in a process of its own and is stopped at a chosen system call, says so, and is killed there: no
timing decides whether the kill strikes in the middle.
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from toy import ToyEncoder
from worlds import archive_fingerprint, day_item, day_text, link, page, slug_of, write_archive

from recommender.archive import read_archive
from recommender.atomic import TEMPORARY_PREFIX
from recommender.building import build_index
from recommender.cli import cli
from recommender.errors import IndexMissingError
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender

GOLDEN = Path(__file__).parent / "golden" / "reproduce"
HELD = """
import os, sys
name, nth = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
real, calls = getattr(os, name), 0

def held(*arguments, **options):
    global calls
    calls += 1
    if calls == nth:
        os.write(1, b"here")
        os.read(0, 1)
    return real(*arguments, **options)

setattr(os, name, held)
from recommender.cli import main
main()
"""


def kill_at(call: str, nth: int, *arguments: object) -> None:
    """Run `related-events` until just before the nth call of a function of `os`, and kill it there."""
    command = [sys.executable, "-c", HELD, call, str(nth), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.read(4) == b"here", process.stderr.read().decode()
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL


def run(*arguments: object) -> str:
    """Run `related-events` to its end, in this process; what it says to people."""
    done = CliRunner().invoke(cli, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False)
    return done.stderr


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def save_index(archive: Path, folder: Path) -> None:
    """Index an archive as it is; the toy encoder encodes its texts."""
    toy = ToyEncoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: toy)
        patch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: toy.revision)
        build_index(read_archive(archive), encoder="toy").save(folder)


FIRST = ("2013-02-07", "A lock on the Cam is repaired")
SECOND = ("2013-03-31", "Boats pass the lock on the Cam")
ADDED = ("2013-04-01", "The lock on the Cam leaks again")
FILES = {"news/2013/02/7/index.md": day_text([day_item(*FIRST, "Locks, River Cam")])}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory) -> Path:
    """A folder with an archive and its index, then one page more in the archive; and the index of that, to compare."""
    base = tmp_path_factory.mktemp("indexed")
    write_archive(base / "archive", page(*FIRST), page(*SECOND, [link(*FIRST, "River Cam")]), files=FILES)
    run("build", base / "archive", "--index", base / "index", "--encoder", "lexical")
    write_archive(base / "archive", page(*ADDED))
    run("build", base / "archive", "--index", base / "expected", "--encoder", "lexical")
    return base


class TestBuild:
    MOMENTS = (("replace", 2), ("fsync", 7), ("rename", 1), ("replace", 3))
    """After writing down what has been read: writing down what has been encoded, writing an array, before the arrays
    get their place, and before the new manifest takes over."""

    @pytest.mark.parametrize(("call", "nth"), MOMENTS)
    def test_killed_leaves_the_old_index_and_the_next_one_ends_it(self, indexed, tmp_path, call, nth):
        folder = shutil.copytree(indexed / "index", tmp_path / "index")
        before = tree(folder)
        kill_at(call, nth, "build", indexed / "archive", "--index", folder)
        after = tree(folder)
        assert {name: after[name] for name in before} == before
        assert after.keys() > before.keys(), "the kill did not strike in the middle"
        old = Index.open(folder, verify=True)
        assert old.manifest.events == 2
        answer = Recommender(old).related(slug_of(*FIRST), Parameters(profile="reproduce"))
        assert [one.event.text for one in answer.related] == [SECOND[1]]
        run("build", indexed / "archive", "--index", folder)
        assert tree(folder) == tree(indexed / "expected")
        assert sum(path.is_dir() for path in folder.iterdir()) == 1

    @pytest.mark.parametrize(("call", "nth"), MOMENTS)
    def test_killed_the_first_time_leaves_no_index_and_the_next_one_makes_it(self, indexed, tmp_path, call, nth):
        folder = tmp_path / "index"
        options = ["build", indexed / "archive", "--index", folder, "--encoder", "lexical"]
        kill_at(call, nth, *options)
        assert tree(folder)
        with pytest.raises(IndexMissingError):
            Index.open(folder)
        run(*options)
        assert tree(folder) == tree(indexed / "expected")
        assert sum(path.is_dir() for path in folder.iterdir()) == 1


class TestRegenerate:
    MOMENTS = (("fsync", 1), ("fsync", 4), ("replace", 4), ("replace", 7))
    """Writing the first page, writing the fourth, before it replaces the old one, and before the last does."""

    @staticmethod
    def killed(base: Path, call: str, nth: int) -> tuple[Path, list[object]]:
        """The golden archive after a killed run, and the run."""
        archive = shutil.copytree(GOLDEN / "before", base / "archive")
        save_index(archive, base / "index")
        options = ["regenerate", archive, "--index", base / "index", "--profile", "reproduce", "--write"]
        seen = int(call == "replace")  # the first file that is replaced is that of what has been read
        kill_at(call, nth + seen, *options)
        return archive, options

    @pytest.mark.parametrize(("call", "nth"), MOMENTS)
    def test_killed_leaves_old_and_new_pages_and_the_next_run_ends_it(self, tmp_path, call, nth):
        archive, options = self.killed(tmp_path, call, nth)
        old, new, found = tree(GOLDEN / "before"), tree(GOLDEN / "after"), tree(archive)
        leftovers = {path for path in found if path.rsplit("/", 1)[-1].startswith(TEMPORARY_PREFIX)}
        assert len(leftovers) == 1
        assert found.keys() - leftovers == old.keys()
        assert all(found[path] in (old[path], new[path]) for path in old)
        assert sum(found[path] == new[path] != old[path] for path in old) == nth - 1
        Index.open(tmp_path / "index", verify=True).require(read_archive(archive))
        assert "removed 1 file" in run(*options)
        assert tree(archive) == new

    def test_killed_ends_as_well_after_another_build(self, tmp_path):
        """The pages that are new already tell the next build nothing else than the old ones did."""
        archive, options = self.killed(tmp_path, "fsync", 4)
        save_index(archive, tmp_path / "index")
        run(*options)
        assert tree(archive) == tree(GOLDEN / "after")

    def test_what_is_left_is_no_page(self, tmp_path):
        """Neither the next build nor the fingerprint sees it."""
        archive, _ = self.killed(tmp_path, "replace", 1)
        assert len(tree(archive)) == len(tree(GOLDEN / "before")) + 1
        assert archive_fingerprint(archive) == archive_fingerprint(GOLDEN / "before")
