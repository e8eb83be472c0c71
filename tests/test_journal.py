"""What is encoded is written down at once: no build encodes a text twice, killed or of another format."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy import ToyEncoder
from worlds import page, write_archive

from recommender import store
from recommender.archive import read_archive
from recommender.building import build_index
from recommender.earlier import CarriedVectors, open_earlier
from recommender.errors import IndexFolderError
from recommender.index import Index
from recommender.journal import VectorJournal
from recommender.vectors import KnownVectors, encode_corpus, text_key

TEXTS = ["A bridge opens", "A bridge over the Drina opens", "The bridge closes", "Nobody crosses"]
DAYS = ("2001-01-01", "2002-02-02", "2003-03-03", "2004-04-04")


class Killed(ToyEncoder):
    """Dies at the second portion."""

    def encode(self, texts, *, progress=None):
        if self.encoded:
            raise KeyboardInterrupt
        return super().encode(texts, progress=progress)


@pytest.fixture(autouse=True)
def encoders(monkeypatch) -> dict[str, ToyEncoder]:
    monkeypatch.setattr("recommender.vectors._PORTION", 2)
    known = {"toy": ToyEncoder(), "killed": Killed()}
    monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: known[name])
    monkeypatch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: known[name].revision)
    return known


@pytest.fixture
def archive(tmp_path) -> Path:
    return write_archive(tmp_path / "archive", *map(page, DAYS, TEXTS))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def killed(archive: Path, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        build_index(read_archive(archive), encoder="killed", folder=folder)


class TestJournal:
    def test_gives_back_what_was_kept(self, tmp_path):
        journal = VectorJournal(tmp_path / "index", "toy 1")
        assert journal.read() is None
        encoded = encode_corpus(ToyEncoder, TEXTS, known=None, keep=journal.keep)
        known = journal.read()
        places = {key.tobytes(): place for place, key in enumerate(known.keys)}
        assert len(places) == len(TEXTS)
        for text, vector in zip(TEXTS, encoded.vectors, strict=True):
            assert known.vectors[places[text_key(text)]].tobytes() == vector.tobytes()

    def test_of_another_encoder_says_nothing(self, tmp_path):
        encode_corpus(ToyEncoder, TEXTS, known=None, keep=VectorJournal(tmp_path, "toy 1").keep)
        assert VectorJournal(tmp_path, "toy 2").read() is None

    @pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: raw[:-1] + b"\x01", lambda raw: b""])
    def test_passes_over_what_is_damaged(self, tmp_path, damage):
        journal = VectorJournal(tmp_path, "toy 1")
        encode_corpus(ToyEncoder, TEXTS, known=None, keep=journal.keep)
        first, _ = sorted(store.journal_folder(tmp_path).glob("*.npy"))
        first.write_bytes(damage(first.read_bytes()))
        assert len(journal.read().keys) == 2

    def test_that_cannot_be_written_is_told_in_a_sentence(self, tmp_path):
        (tmp_path / "file").write_text("")
        keys, vectors = np.zeros((1, 2), np.uint64), np.zeros((1, 3), np.float32)
        with pytest.raises(IndexFolderError, match="could not be written"):
            VectorJournal(tmp_path / "file", "toy 1").keep(keys, vectors)


class TestKilledBuild:
    @pytest.mark.parametrize("there", [False, True], ids=["the first", "a later one"])
    def test_encodes_nothing_twice(self, archive, tmp_path, encoders, there):
        folder = tmp_path / "index"
        if there:
            build_index(read_archive(write_archive(tmp_path / "other", page(DAYS[0], "Rain"))), encoder="toy").save(
                folder
            )
            encoders["toy"].encoded.clear()
        killed(archive, folder)
        assert sorted(encoders["killed"].encoded) == sorted(TEXTS, key=len)[:2]
        earlier, _ = open_earlier(folder)
        assert (earlier is not None) == there
        built = build_index(read_archive(archive), encoder="toy", earlier=earlier, folder=folder)
        assert sorted(encoders["killed"].encoded + encoders["toy"].encoded) == sorted(TEXTS)
        built.save(folder)
        build_index(read_archive(archive), encoder="toy").save(tmp_path / "anew")
        assert files(folder) == files(tmp_path / "anew")

    def test_leaves_a_folder_in_which_an_index_may_lie(self, archive, tmp_path):
        killed(archive, tmp_path / "index")
        store.check_place(tmp_path / "index")

    def test_that_runs_again_on_an_index_up_to_date_leaves_nothing_behind(self, archive, tmp_path, command):
        command("build", archive, "--index", tmp_path / "index", "--encoder", "toy")
        before = files(tmp_path / "index")
        VectorJournal(tmp_path / "index", "toy 1").keep(np.zeros((1, 2), np.uint64), np.zeros((1, 64), np.float32))
        assert "nothing has changed" in command("build", archive, "--index", tmp_path / "index")[2]
        assert files(tmp_path / "index") == before


class TestCarriedVectors:
    @pytest.fixture
    def folder(self, archive, tmp_path, encoders) -> Path:
        build_index(read_archive(archive), encoder="toy").save(tmp_path / "index")
        encoders["toy"].encoded.clear()
        return tmp_path / "index"

    @staticmethod
    def damage(folder: Path, **values: object) -> None:
        manifest = json.loads((folder / store.MANIFEST).read_text())
        (folder / store.MANIFEST).write_text(json.dumps({**manifest, **values}))

    def test_of_another_format_are_kept(self, archive, folder, tmp_path, encoders, command):
        expected = files(folder)
        self.damage(folder, format=store.FORMAT - 1)
        code, _, err = command("build", archive, "--index", folder)
        assert code == 0
        assert "building it now, with its vectors" in err
        assert "encoder toy" in err
        assert encoders["toy"].encoded == []
        assert files(folder) == expected

    def test_of_an_index_damaged_elsewhere_are_kept(self, archive, folder, encoders):
        next(folder.glob("*/corpus.days.npy")).write_bytes(b"")
        earlier, problem = open_earlier(folder)
        assert isinstance(earlier, CarriedVectors)
        assert "corpus.days.npy has 0 bytes" in problem
        built = build_index(read_archive(archive), earlier=earlier)
        assert encoders["toy"].encoded == []
        assert built.manifest.encoder == "toy"

    def test_of_other_weights_are_not(self, archive, folder, encoders):
        earlier = CarriedVectors(
            "toy", "toy 0", KnownVectors(np.zeros((0, 2), np.uint64), np.zeros((0, 8), np.float32))
        )
        build_index(read_archive(archive), earlier=earlier)
        assert len(encoders["toy"].encoded) == len(TEXTS)

    @pytest.mark.parametrize("array", ["vectors", "text_keys"])
    def test_that_are_damaged_themselves_are_not(self, folder, array):
        file = next(folder.glob(f"*/{array}.npy"))
        raw = bytearray(file.read_bytes())
        raw[-1] ^= 1
        file.write_bytes(raw)
        self.damage(folder, format=store.FORMAT - 1)
        assert open_earlier(folder)[0] is None

    def test_need_a_manifest_that_says_whose_they_are(self, folder):
        self.damage(folder, format=store.FORMAT - 1, index={})
        assert open_earlier(folder)[0] is None
        self.damage(folder, format=store.FORMAT - 1, files={})
        assert open_earlier(folder)[0] is None


def test_an_index_brought_up_to_date_asks_the_graph_only_what_changed(archive, tmp_path, monkeypatch):
    first = build_index(read_archive(archive), encoder="toy")
    first.save(tmp_path / "index")
    monkeypatch.setattr("recommender.graph_update.MAX_SHARE", 1.0)
    monkeypatch.setattr("recommender.graph.Graph.of", None)
    (archive / "news/2004/04/4/nobody-crosses.md").write_text("# Everybody crosses\n")
    again = build_index(read_archive(archive), earlier=Index.open(tmp_path / "index"))
    monkeypatch.undo()
    monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: ToyEncoder())
    monkeypatch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: "toy 1")
    anew = build_index(read_archive(archive), encoder="toy")
    again.save(tmp_path / "again")
    anew.save(tmp_path / "anew")
    assert files(tmp_path / "again") == files(tmp_path / "anew")
