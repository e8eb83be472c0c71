"""An index brought up to date is the index built anew, file by file, to the bit, whatever was edited before."""

import os
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import ToyEncoder
from worlds import day_item, day_text, link, page, page_text, record, record_files, slug_of

from recommender.commands.shared import bring_up_to_date
from recommender.day_page import parse_day_page
from recommender.index import Index
from recommender.page_reader import parse_page
from recommender.records import parse_records
from recommender.slugs import path_of
from recommender.stamps import SeenFiles

DAYS = ("2013-02-07", "2013-02-15", "2014-11-03")
TEXTS = (
    "The Kasai River floods Kinshasa",
    "Kinshasa counts its boats",
    "A boat sinks on the Kasai River",
    "Lava of Mount Etna reaches Catania",
    "Mount Etna is quiet",
    "Catania, Sicily, elects a mayor",
)
LABELS = ("Catania", "Catania, Sicily", "Congo", "Kasai River", "Kinshasa", "Mount Etna", "Sicily")
EVENTS = tuple((day, text) for day in DAYS for text in TEXTS)

events = st.sampled_from(EVENTS)
contexts = st.lists(st.sampled_from(LABELS), max_size=3, unique=True).map(lambda labels: ", ".join(sorted(labels)))
items = st.lists(st.tuples(events, contexts), max_size=4)


@st.composite
def page_files(draw) -> dict[str, str]:
    """One event page."""
    day, text = draw(events)
    related = [link(*other, context) for other, context in draw(items)]
    aliases = [slug_of(*other) + "-old" for other in draw(st.lists(events, max_size=1))]
    headline = draw(st.sampled_from((text, f"{text} again", " ".join(reversed(text.split())))))
    written = page_text(page(day, text, related, aliases=tuple(aliases), locked=draw(st.booleans())))
    return {path_of(slug_of(day, text)): written.replace(f"# {text}\n", f"# {headline}\n")}


@st.composite
def other_files(draw) -> dict[str, str]:
    """A day page, the records of a day, or the archive's settings."""
    day, kind = draw(st.sampled_from(DAYS)), draw(st.integers(0, 5))
    folder = slug_of(day, "x").rsplit("/", 1)[0]
    shown = [(text, context) for (_, text), context in draw(items)]
    if kind == 0:
        labels = [(text, *filter(None, context.split(", "))) for text, context in shown]
        return record_files({one.slug: one for one in (record(day, *titles) for titles in labels)}.values())
    if kind == 1:
        return {"related-events.toml": f"limit = {draw(st.integers(1, 3))}\n"}
    return {f"{folder}/index.md": day_text([day_item(day, text, context) for text, context in shown])}


changes = st.lists(st.one_of(page_files(), page_files(), other_files(), events), min_size=1, max_size=5)
"""Files that are written, and events whose page goes."""


SEEN = st.sampled_from(("believed", "just written", "read again", "broken"))
"""What is to become of what an earlier build noted of files."""
clock = count(10**9)
"""Seconds at which files are written, a new one each time: long ago."""


def apply(archive: Path, edits: list[dict[str, str] | tuple[str, str]]) -> None:
    for edit in edits:
        if isinstance(edit, Mapping):
            for path, text in edit.items():
                (archive / path).parent.mkdir(parents=True, exist_ok=True)
                (archive / path).write_text(text)
                os.utime(archive / path, (now := next(clock), now))
        else:
            (archive / path_of(slug_of(*edit))).unlink(missing_ok=True)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def encoder(monkeypatch) -> ToyEncoder:
    toy = ToyEncoder(dimensions=8)
    monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: toy)
    monkeypatch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: toy.revision)
    monkeypatch.setattr("recommender.graph_update.MAX_SHARE", 1.0)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # a disk that loses its power is not what is tested
    return toy


def assert_up_to_date(archive: Path, index: Path, anew: Path, seen: str = "just written") -> None:
    noted = SeenFiles.beside(index, archive).file
    if seen == "broken" and noted.exists():
        noted.write_bytes(noted.read_bytes()[:-9])
    with pytest.MonkeyPatch.context() as patch:
        if seen == "believed":
            patch.setattr("recommender.stamps.SETTLED_NS", -(10**18))
        bring_up_to_date(archive, index, encoder="toy", reread=seen == "read again")
    bring_up_to_date(archive, anew, encoder="toy")
    found, expected = files(index), files(anew)
    assert found.keys() == expected.keys()
    for name, raw in expected.items():
        assert found[name] == raw, name


ALWAYS = {path_of(slug_of("1999-01-01", "Always there")): "# Always there\n"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(changes, SEEN), min_size=2, max_size=4))
def test_equals_one_built_anew(steps):
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        apply(base / "archive", [ALWAYS])
        for number, (edits, seen) in enumerate(steps):
            apply(base / "archive", edits)
            assert_up_to_date(base / "archive", base / "index", base / str(number), seen)


@pytest.fixture
def archive(tmp_path) -> Path:
    """An archive of all events, with an index beside it."""
    for number, event in enumerate(EVENTS):
        related = [link(*EVENTS[number - 1], LABELS[number % 7])]
        apply(tmp_path / "archive", [{path_of(slug_of(*event)): page_text(page(*event, related))}])
    bring_up_to_date(tmp_path / "archive", tmp_path / "index", encoder="toy")
    return tmp_path / "archive"


class TestTouchesOnlyWhatChanged:
    @pytest.fixture
    def parsed(self, archive, encoder, monkeypatch) -> list[str]:
        """Paths of the pages that are parsed from now on."""
        seen: list[str] = []
        monkeypatch.setattr(
            "recommender.page_reader.parse_page", lambda path, text: seen.append(path) or parse_page(path, text)
        )
        encoder.encoded.clear()
        return seen

    def test_a_new_page_is_the_only_one_parsed_and_encoded(self, archive, tmp_path, parsed, encoder):
        path = path_of(slug_of("2015-01-01", "Kinshasa is dry"))
        apply(archive, [{path: "# Kinshasa is dry\n"}])
        bring_up_to_date(archive, tmp_path / "index")
        assert (parsed, encoder.encoded) == ([path], ["Kinshasa is dry"])

    def test_a_page_that_is_moved_is_parsed_and_not_encoded(self, archive, tmp_path, parsed, encoder):
        old = archive / path_of(slug_of(*EVENTS[0]))
        old.rename(old.with_name("moved.md"))
        bring_up_to_date(archive, tmp_path / "index")
        assert (parsed, encoder.encoded) == ([path_of(slug_of(*EVENTS[0]).rsplit("/", 1)[0] + "/moved")], [])
        assert_up_to_date(archive, tmp_path / "index", tmp_path / "anew")

    def test_a_page_with_other_bytes_and_an_old_time_is_parsed(self, archive, tmp_path, parsed):
        file = archive / path_of(slug_of(*EVENTS[0]))
        stamp = file.stat()
        text = file.read_text()
        file.write_text(text.replace("Kasai", "Kwilu"))
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        bring_up_to_date(archive, tmp_path / "index")
        assert len(parsed) == 1

    def test_of_day_pages_and_records_only_those_that_changed_are_parsed(self, archive, tmp_path, monkeypatch):
        shown = {
            f"news/{day}/index.md": day_text([day_item(*EVENTS[number], "Congo")])
            for number, day in enumerate(("2013/02/7", "2013/02/15", "2014/11/3"))
        }
        known = record_files([record(*EVENTS[6], "Congo")])
        apply(archive, [shown, known])
        bring_up_to_date(archive, tmp_path / "index")
        seen: list[str] = []
        for name, real in (("parse_day_page", parse_day_page), ("parse_records", parse_records)):
            monkeypatch.setattr(
                f"recommender.archive.{name}", lambda *told, real=real: seen.append(told[-1]) or real(*told)
            )
        path, *_ = shown
        apply(archive, [{path: shown[path].replace("Congo", "Kinshasa")}])
        bring_up_to_date(archive, tmp_path / "index")
        assert seen == [shown[path].replace("Congo", "Kinshasa")]
        assert_up_to_date(archive, tmp_path / "index", tmp_path / "anew")

    def test_nothing_is_parsed_where_nothing_has_changed(self, archive, tmp_path, parsed):
        before = files(tmp_path / "index")
        bring_up_to_date(archive, tmp_path / "index")
        assert parsed == []
        assert files(tmp_path / "index") == before

    def test_the_pages_of_an_index_are_those_of_the_archive(self, archive, tmp_path):
        index = Index.open(tmp_path / "index")
        texts = [path.read_text() for path in sorted(archive.rglob("*.md"), key=lambda file: file.as_posix())]
        paths = sorted(path.relative_to(archive).as_posix() for path in archive.rglob("*.md"))
        assert index.pages() == [parse_page(path, text) for path, text in zip(paths, texts, strict=True)]
