"""The index: saved and opened it is the same, built again it is the same bytes, and no text is encoded twice."""

import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import ToyEncoder
from worlds import archive_fingerprint, day_item, day_text, link, page, record, slug_of, write_archive

from recommender.archive import Archive, read_archive
from recommender.building import build_index, is_up_to_date
from recommender.earlier import open_earlier
from recommender.errors import EncoderError, IndexFolderError, IndexMissingError, IndexStaleError
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.slugs import path_of
from recommender.store import MANIFEST
from recommender.strings import StringTable

CHANG_E = ("2013-12-14", "Chang'e 3 lands on the Moon")
YUTU = ("2013-12-15", "The rover Yutu drives onto the Moon")
FLOOD = ("2014-01-05", " A flood closes roads in Cumbria ")
PAGES = (
    page(*CHANG_E, [link(*YUTU, "China, Moon")], topic="Moon race", description="The first since 1976."),
    page(*YUTU, [link(*CHANG_E, "China, Moon"), link("1999-01-01", "Nowhere", "China")], aliases=["news/2013/12/15/y"]),
    page(*FLOOD),
)
FILES = {"news/2013/12/14/index.md": day_text([day_item(*CHANG_E, "Chang'e 3, China, Moon")])}
RECORDS = (record(*YUTU, "China", "Moon", words={"Moon": "the Moon"}, later=True), record(*FLOOD, "Cumbria"))
SETTINGS = 'language = "zh"\nlimit = 1\nrule = "day-place"\nstory_bullets = "all"\nlabels = "anchor"\n'


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same(found: object, expected: object) -> None:
    """Every array to the bit, every string, every number, part by part."""
    assert type(found) is type(expected)
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(other, np.ndarray):
            np.testing.assert_array_equal(one, other, strict=True)
        elif isinstance(other, StringTable):
            assert list(one) == list(other), field.name
        elif hasattr(other, "__dataclass_fields__"):
            assert_same(one, other)
        else:
            assert one == other, field.name


def test_every_part_of_an_index_is_compared(index):
    """Were a part compared by identity, or not at all, the tests of the round trip would say nothing."""
    assert_same(index, index)
    vectors = index.vectors.copy()
    vectors[-1, -1] += 1e-7
    for other in (
        replace(index, vectors=vectors),
        replace(index, manifest=replace(index.manifest, content="other")),
        replace(index, corpus=replace(index.corpus, language="zh")),
        replace(index, terms=replace(index.terms, terms=StringTable.of(["a", *list(index.terms.terms)[1:]]))),
    ):
        with pytest.raises(AssertionError):
            assert_same(other, index)


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_archive(tmp_path / "archive", *PAGES, files=FILES)


@pytest.fixture
def encoders(monkeypatch) -> dict[str, ToyEncoder]:
    """Encoders by name in place of the real ones; each keeps the texts that it was asked for."""
    known = {
        "toy": ToyEncoder(),
        "other": ToyEncoder(name="other", revision="other 1", dimensions=32),
    }
    monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: known[name])
    monkeypatch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: known[name].revision)
    return known


class TestRoundTrip:
    @pytest.mark.parametrize("verify", [False, True])
    def test_of_the_example_keeps_every_array_and_string(self, index, tmp_path, verify):
        index.save(tmp_path / "index")
        assert_same(Index.open(tmp_path / "index", verify=verify), index)

    def test_of_a_world_with_all_kinds_of_pages(self, folder, encoders, tmp_path):
        built = build_index(read_archive(folder), encoder="toy")
        built.save(tmp_path / "index")
        opened = Index.open(tmp_path / "index")
        assert_same(opened, built)
        assert opened.corpus.event(opened.corpus.row(slug_of(*FLOOD))).text == FLOOD[1]
        assert opened.corpus.row("y") == opened.corpus.row(slug_of(*YUTU))
        assert opened.corpus.existing(opened.corpus.row(slug_of(*YUTU))).tolist() == [0, -1]

    def test_of_an_archive_with_records_and_settings_of_its_own(self, folder, encoders, tmp_path):
        write_archive(folder, files={"related-events.toml": SETTINGS}, records=RECORDS)
        built = build_index(read_archive(folder), encoder="toy")
        built.save(tmp_path / "index")
        opened = Index.open(tmp_path / "index", verify=True)
        assert_same(opened, built)
        manifest = opened.manifest
        assert (manifest.limit, manifest.rule, manifest.story_bullets) == (1, "day-place", "all")
        assert opened.corpus.language == "zh"
        assert opened.corpus.later.tolist() == [False, True, False]
        assert opened.corpus.day_places.tolist() == [0, 3, 3]
        assert set(opened.entities.labels) == {"Chang'e 3", "China", "Cumbria", "the Moon"}
        one, other = Recommender(opened), Recommender(built)
        for profile in ("extend", "reproduce", "cosine"):
            answer = one.related(slug_of(*CHANG_E), Parameters(profile=profile))
            assert len(answer.related) == 1
            assert answer == other.related(slug_of(*CHANG_E), Parameters(profile=profile))

    def test_answers_as_before(self, index, recommender, tmp_path):
        index.save(tmp_path / "index")
        opened = Recommender(Index.open(tmp_path / "index"))
        rows = range(0, len(index.corpus), 40)
        for profile in ("extend", "reproduce", "cosine"):
            parameters = Parameters(profile=profile)
            assert list(opened.related_rows(rows, parameters)) == list(recommender.related_rows(rows, parameters))

    def test_of_an_archive_without_any_entity_or_word(self, encoders, tmp_path):
        folder = write_archive(tmp_path / "archive", files={"news/2013/12/14/dots.md": "# …\n"})
        built = build_index(read_archive(folder), encoder="toy")
        built.save(tmp_path / "index")
        opened = Index.open(tmp_path / "index", verify=True)
        assert_same(opened, built)
        assert Recommender(opened).related("dots").related == ()

    def test_an_opened_index_can_be_saved_elsewhere(self, index, tmp_path):
        index.save(tmp_path / "one")
        Index.open(tmp_path / "one").save(tmp_path / "two")
        assert files(tmp_path / "two") == files(tmp_path / "one")


class TestStringTable:
    texts = st.text(st.characters(exclude_categories=["Cs"]))

    @given(st.lists(texts))
    def test_gives_back_strings_by_position_and_in_order(self, strings):
        table = StringTable.of(strings)
        assert (len(table), list(table)) == (len(strings), strings)
        assert [table[position] for position in range(len(table))] == strings

    @pytest.mark.parametrize("position", [-1, 2])
    def test_has_no_string_beyond_its_ends(self, position):
        with pytest.raises(IndexError):
            StringTable.of(["a", "b"])[position]

    @given(st.lists(texts, unique=True), texts)
    def test_finds_what_an_ascending_list_has(self, strings, other):
        ascending = sorted(strings)
        table = StringTable.of(ascending)
        assert [table.find(string) for string in ascending] == list(range(len(ascending)))
        if other not in strings:
            assert table.find(other) is None


BUILD = """
import sys
from pathlib import Path
from recommender.archive import read_archive
from recommender.building import build_index
build_index(read_archive(Path(sys.argv[1])), encoder="lexical").save(Path(sys.argv[2]))
"""


class TestBuildingAgain:
    def test_in_the_same_process_gives_the_same_bytes(self, archive, encoders, tmp_path):
        for name in ("one", "two"):
            build_index(archive, encoder="toy").save(tmp_path / name)
        assert files(tmp_path / "two") == files(tmp_path / "one")

    def test_with_another_hash_seed_and_other_threads_gives_the_same_bytes(self, archive_folder, tmp_path):
        for year in ("2010", "2014"):
            shutil.copytree(archive_folder / "news" / year, tmp_path / "archive" / "news" / year)
        builds = []
        for seed, threads in (("1", "1"), ("2", "2")):
            environment = os.environ | {"PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads}
            command = [sys.executable, "-c", BUILD, tmp_path / "archive", tmp_path / seed]
            builds.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        for build in builds:
            _, complaints = build.communicate(timeout=120)
            assert (build.returncode, complaints) == (0, "")
        assert files(tmp_path / "1") == files(tmp_path / "2")
        assert len(files(tmp_path / "1")) > 20

    def test_from_another_folder_gives_the_same_bytes(self, folder, encoders, tmp_path):
        shutil.copytree(folder, tmp_path / "elsewhere")
        build_index(read_archive(folder), encoder="toy").save(tmp_path / "one")
        build_index(read_archive(tmp_path / "elsewhere"), encoder="toy").save(tmp_path / "two")
        assert files(tmp_path / "two") == files(tmp_path / "one")

    def test_with_vectors_of_before_gives_the_same_bytes(self, folder, encoders, tmp_path):
        archive = read_archive(folder)
        first = build_index(archive, encoder="toy")
        first.save(tmp_path / "one")
        build_index(archive, earlier=first).save(tmp_path / "two")
        assert files(tmp_path / "two") == files(tmp_path / "one")


def rebuilt(folder: Path, earlier: Index, encoders: dict[str, ToyEncoder], **options: str) -> tuple[Index, list[str]]:
    """An index built on an earlier one, and the texts that were encoded for it."""
    for encoder in encoders.values():
        encoder.encoded.clear()
    built = build_index(read_archive(folder), earlier=earlier, **options)
    return built, [text for encoder in encoders.values() for text in encoder.encoded]


class TestEncodingOnlyWhatIsNew:
    @pytest.fixture
    def earlier(self, folder, encoders, tmp_path) -> Index:
        """What lies on disk since the last build."""
        built = build_index(read_archive(folder), encoder="toy")
        assert encoders["toy"].encoded == [CHANG_E[1], YUTU[1], FLOOD[1].strip()]
        built.save(tmp_path / "index")
        return Index.open(tmp_path / "index")

    @staticmethod
    def edit(folder: Path, event: tuple[str, str], old: str, new: str) -> None:
        path = folder / path_of(slug_of(*event))
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def test_an_edited_headline_is_one_text(self, folder, earlier, encoders):
        self.edit(folder, FLOOD, "closes roads", "closes all roads")
        built, encoded = rebuilt(folder, earlier, encoders)
        assert encoded == ["A flood closes all roads in Cumbria"]
        np.testing.assert_array_equal(built.vectors, ToyEncoder().encode([text.strip() for text in built.corpus.texts]))

    def test_a_new_page_is_one_text_and_everyone_keeps_their_vector(self, folder, earlier, encoders):
        first = ("2001-01-01", "A page before all others")
        write_archive(folder, page(*first))
        built, encoded = rebuilt(folder, earlier, encoders)
        assert encoded == [first[1]]
        np.testing.assert_array_equal(built.vectors, ToyEncoder().encode([text.strip() for text in built.corpus.texts]))

    def test_a_page_that_is_gone_is_none(self, folder, earlier, encoders):
        (folder / path_of(slug_of(*CHANG_E))).unlink()
        built, encoded = rebuilt(folder, earlier, encoders)
        assert encoded == []
        np.testing.assert_array_equal(built.vectors, earlier.vectors[1:])

    @pytest.mark.parametrize(
        "edit",
        [(YUTU, "China, Moon_", "China_"), (CHANG_E, "The first since 1976.", "It is cold there.")],
        ids=["a list", "a description"],
    )
    def test_anything_else_is_none_and_nothing_is_asked_of_the_encoder(self, folder, earlier, encoders, edit):
        encoders["toy"].encode = None
        self.edit(folder, *edit)
        built, encoded = rebuilt(folder, earlier, encoders)
        assert encoded == []
        np.testing.assert_array_equal(built.vectors, earlier.vectors)
        assert built.manifest.fingerprint != earlier.manifest.fingerprint

    def test_another_encoder_encodes_all_anew(self, folder, earlier, encoders):
        built, encoded = rebuilt(folder, earlier, encoders, encoder="other")
        assert len(encoded) == len(PAGES)
        assert encoders["toy"].encoded == []
        assert (built.manifest.encoder, built.manifest.revision, built.manifest.dimensions) == ("other", "other 1", 32)

    def test_other_weights_of_the_same_name_encode_all_anew(self, folder, earlier, encoders):
        encoders["toy"] = ToyEncoder(revision="toy 2")
        built, encoded = rebuilt(folder, earlier, encoders)
        assert len(encoded) == len(PAGES)
        assert built.manifest.revision == "toy 2"

    def test_the_encoder_of_before_is_kept_where_none_is_asked_for(self, folder, encoders):
        first = build_index(read_archive(folder), encoder="other")
        assert build_index(read_archive(folder), earlier=first).manifest.encoder == "other"


class TestUpToDate:
    @pytest.fixture
    def built(self, folder, encoders) -> Index:
        return build_index(read_archive(folder), encoder="toy")

    @pytest.mark.parametrize("encoder", ["toy", None])
    def test_is_an_index_of_the_same_pages_and_encoder(self, folder, built, encoder):
        assert is_up_to_date(built, archive_fingerprint(folder), encoder)

    def test_is_none_for_another_encoder(self, folder, built):
        assert not is_up_to_date(built, archive_fingerprint(folder), "other")

    def test_is_none_after_other_weights(self, folder, built, encoders):
        encoders["toy"] = ToyEncoder(revision="toy 2")
        assert not is_up_to_date(built, archive_fingerprint(folder), "toy")

    @pytest.mark.parametrize(
        "path", [path_of(slug_of(*YUTU)), next(iter(FILES)), "related-events.toml", "news/2013/12/14/events.json"]
    )
    def test_is_none_after_any_edit(self, folder, built, path):
        with (folder / path).open("a") as file:
            file.write("\n")
        assert not is_up_to_date(built, archive_fingerprint(folder), None)

    def test_follows_the_texts_where_the_encoder_is_fitted_on_them(self, folder):
        built = build_index(read_archive(folder), encoder="lexical")
        assert is_up_to_date(built, archive_fingerprint(folder), None)
        write_archive(folder, page("2014-02-01", "The Moon again"))
        assert not is_up_to_date(built, archive_fingerprint(folder), None)


class TestStale:
    """The index is asked whether it still is one of the archive, Related lists apart."""

    @pytest.fixture
    def built(self, folder, encoders) -> Index:
        return build_index(read_archive(folder), encoder="toy")

    def test_is_not_an_index_of_the_same_archive(self, folder, built):
        built.require(read_archive(folder))

    def test_is_not_an_index_of_an_archive_with_other_lists(self, folder, built):
        write_archive(folder, page(*FLOOD, [link(*YUTU, "Moon")]), replace(PAGES[1], related=(), listed=False))
        archive = read_archive(folder)
        assert archive.fingerprint != built.manifest.archive
        built.require(archive)

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: (folder / path_of(slug_of(*FLOOD))).write_text("# Another headline\n"),
            lambda folder: (folder / path_of(slug_of(*FLOOD))).unlink(),
            lambda folder: write_archive(folder, page("2014-02-01", "The Moon again")),
            lambda folder: write_archive(folder, replace(PAGES[1], aliases=("news/2013/12/15/z",))),
            lambda folder: write_archive(folder, files={next(iter(FILES)): day_text([day_item(*CHANG_E, "Moon")])}),
            lambda folder: write_archive(folder, records=RECORDS),
            lambda folder: write_archive(folder, files={"related-events.toml": "limit = 5"}),
        ],
        ids=[
            "another headline",
            "a page less",
            "a page more",
            "another alias",
            "other labels of a day",
            "records",
            "settings",
        ],
    )
    def test_is_one_after_any_other_change(self, folder, built, change):
        change(folder)
        with pytest.raises(IndexStaleError, match="run `related-events build` first"):
            built.require(read_archive(folder))


class TestOpening:
    def test_an_earlier_index_is_opened_whole(self, index, tmp_path):
        index.save(tmp_path / "index")
        earlier, problem = open_earlier(tmp_path / "index")
        assert_same(earlier, index)
        assert problem == ""

    def test_none_is_no_problem(self, tmp_path):
        assert open_earlier(tmp_path / "index") == (None, "")

    def test_a_changed_byte_of_an_earlier_one_is(self, index, tmp_path):
        """Its vectors would be taken over into the next index."""
        index.save(tmp_path / "index")
        vectors = next((tmp_path / "index").glob("*/vectors.npy"))
        raw = bytearray(vectors.read_bytes())
        raw[-1] ^= 1
        vectors.write_bytes(raw)
        earlier, problem = open_earlier(tmp_path / "index")
        assert earlier is None
        assert "vectors.npy has changed" in problem

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"events"', '"incidents"'),
            ('"strings"', '"threads"'),
            ('"corpus.days"', '"corpus.nights"'),
            ('"index"', '"register"'),
        ],
    )
    def test_a_manifest_that_does_not_fit_is_told_in_a_sentence(self, index, tmp_path, old, new):
        index.save(tmp_path)
        manifest = tmp_path / MANIFEST
        text = manifest.read_text()
        assert old in text
        manifest.write_text(text.replace(old, new))
        with pytest.raises(IndexFolderError, match="damaged") as caught:
            Index.open(tmp_path)
        assert "\n" not in str(caught.value)

    def test_a_missing_one_is_told(self, tmp_path):
        with pytest.raises(IndexMissingError, match="is not an index; make one with `related-events build"):
            Index.open(tmp_path / "index")

    def test_one_opened_before_a_rebuild_answers_as_before(self, folder, encoders, tmp_path):
        build_index(read_archive(folder), encoder="toy").save(tmp_path / "index")
        opened = Index.open(tmp_path / "index")
        write_archive(folder, page("2000-01-01", "China shoots at the Moon"), page(*FLOOD, [link(*YUTU, "Moon")]))
        changed = build_index(read_archive(folder), earlier=opened)
        changed.save(tmp_path / "index")
        # Nothing of the old index has been read yet.
        before = Recommender(opened).related(slug_of(*YUTU), Parameters(profile="reproduce"))
        assert [one.event.text for one in before.related] == [CHANG_E[1]]
        assert len(opened.corpus) == len(PAGES)
        assert len(Index.open(tmp_path / "index").corpus) == len(PAGES) + 1

    def test_and_asking_load_nothing_heavy(self, index, tmp_path):
        """A command answers at once: what takes seconds to import is left to those who encode."""
        index.save(tmp_path)
        ask = """
import sys
from pathlib import Path
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender
recommender = Recommender(Index.open(Path(sys.argv[1])))
slug = recommender.index.corpus.slug(100)
found = [recommender.related(slug, Parameters(profile=profile)) for profile in ("extend", "reproduce", "cosine")]
assert all(answer.related for answer in found)
print(*sorted({"torch", "sklearn", "sentence_transformers", "transformers", "flask"} & sys.modules.keys()))
"""
        command = [sys.executable, "-c", ask, tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_an_encoder_that_is_none_is_told_as_an_error_of_ours(folder):
    with pytest.raises(EncoderError):
        build_index(read_archive(folder), encoder="no/such-model")


def test_progress_tells_the_stages_in_order(folder, encoders):
    told = []
    build_index(read_archive(folder), encoder="toy", progress=lambda *stage: told.append(stage))
    stages = [stage for stage, _, _ in told]
    assert stages == ["order", "terms", *["encoding"] * (len(told) - 5), "entities", "neighbours", "neighbours"]
    assert told[-4] == ("encoding", len(PAGES), len(PAGES))
    assert told[-1] == ("neighbours", len(PAGES), len(PAGES))


def test_the_manifest_says_what_was_built(folder, encoders):
    archive: Archive = read_archive(folder)
    manifest = build_index(archive, encoder="toy").manifest
    assert (manifest.archive, manifest.content) == (archive.fingerprint, archive.content_fingerprint)
    assert (manifest.encoder, manifest.revision, manifest.dimensions) == ("toy", "toy 1", 64)
    assert (manifest.events, manifest.entities) == (3, 3)
    assert (manifest.limit, manifest.rule, manifest.story_bullets) == (10, "shared", "first")
    others = (replace(manifest, archive="x"), replace(manifest, encoder="x"), replace(manifest, revision="x"))
    assert len({one.fingerprint for one in (manifest, *others)}) == 4
