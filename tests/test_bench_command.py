"""`bench` measures every stage, says with what, and writes nothing."""

import json

import pytest

from recommender.benchmark import Figure, as_table

SHORT = ("--queries", "5", "--runs", "2")
ASKING = {"index", "starting", "opening", "one query", "many queries", "encoding", "memory"}


@pytest.fixture(scope="module")
def saved(index, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "index"
    index.save(folder)
    return folder


def files(*folders):
    return {path: path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")}


def test_every_stage_of_archive_and_index_is_measured_and_nothing_is_written(command, archive_folder, saved):
    before = files(archive_folder, saved)
    code, out, _ = command("bench", archive_folder, "--index", saved, "--format", "json", *SHORT)
    assert code == 0
    assert files(archive_folder, saved) == before
    said = json.loads(out)
    figures = {(one["stage"], one["name"]): one for one in said["figures"]}
    assert {stage for stage, _ in figures} == ASKING | {"reading", "building", "regenerating"}
    assert all(0 < one["lowest"] <= one["median"] <= one["highest"] for one in said["figures"])
    for profile in ("extend", "reproduce", "cosine"):
        assert figures["one query", f"{profile}, p50"]["lowest"] <= figures["one query", f"{profile}, p99"]["highest"]
        assert figures["one query", f"{profile}, p99"]["runs"] == 2
    assert figures["reading", "share of that speed"]["unit"] == "%"
    size = sum(path.stat().st_size for path in saved.rglob("*") if path.is_file())
    assert figures["index", "size of an event"]["median"] == pytest.approx(size / said["index"]["events"])
    assert said["index"] == {"events": 279, "entities": said["index"]["entities"], "encoder": "lexical"}
    assert {"related-events", "python", "numpy", "numba"} <= said["versions"].keys()
    assert said["machine"]["processors"] >= 1


def test_without_an_archive_only_the_index_is_asked(command, saved):
    code, out, _ = command("bench", "--index", saved, *SHORT)
    assert code == 0
    assert "279 events" in out
    assert {line.split("  ")[0] for line in out.splitlines()[4:]} == ASKING | {"stage"}


def test_an_archive_without_its_index_is_refused(command, archive_folder):
    code, _, err = command("bench", archive_folder)
    assert code == 2
    assert "--index" in err


def test_an_index_of_another_archive_is_refused(command, saved, archive_folder, tmp_path):
    page = next(archive_folder.rglob("*/a-*.md"))
    other = tmp_path / page.relative_to(archive_folder)
    other.parent.mkdir(parents=True)
    other.write_bytes(page.read_bytes())
    code, _, err = command("bench", tmp_path, "--index", saved, *SHORT)
    assert code == 2
    assert "related-events build" in err


def test_a_table_has_the_median_of_the_runs_and_their_ends():
    lines = as_table(["heading"], [Figure("opening", "mapping it", "ms", (3.0, 1.0, 2000.0))]).splitlines()
    assert lines[0] == "heading"
    assert lines[-1].split() == ["opening", "mapping", "it", "3", "1", "2,000", "ms", "3"]
