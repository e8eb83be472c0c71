"""A new index is answered from without a restart; a bad one is not."""

import logging
import shutil
import threading

import pytest
from tiny_archive import ERUPTION, write_tiny_archive

from api import create_app, current
from api.current import CurrentIndex
from recommender.archive import read_archive
from recommender.building import build_index
from recommender.errors import IndexMissingError
from recommender.index import INDEX_VARIABLE, Index
from recommender.related import Recommender
from recommender.store import MANIFEST

ROOM = 1_000_000


class World:
    """An archive, its index, and a clock that stands until it is moved."""

    def __init__(self, folder):
        self.archive = write_tiny_archive(folder / "archive")
        self.index = folder / "index"
        self.now = 1000.0
        self.build()

    def build(self):
        build_index(read_archive(self.archive), encoder="lexical").save(self.index)

    def add(self, name):
        (self.archive / f"news/2013/06/1/{name}.md").write_text(f"# {name}\n")
        self.build()


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    monkeypatch.setattr(current.time, "monotonic", lambda: made.now)
    monkeypatch.setenv(INDEX_VARIABLE, str(made.index))
    return made


def test_a_new_index_answers_within_a_second(world):
    client = create_app().test_client()
    before = client.get(f"/v1/events/{ERUPTION}/related")
    world.add("new")
    world.now += 0.9
    assert client.get("/v1/events/new").status_code == 404
    assert client.get(f"/v1/events/{ERUPTION}/related").headers["ETag"] == before.headers["ETag"]
    world.now += 0.2
    assert client.get("/v1/events/new").status_code == 200
    after = client.get(f"/v1/events/{ERUPTION}/related", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.get_json()["index"]["fingerprint"] != before.get_json()["index"]["fingerprint"]
    assert client.get("/v1/health").get_json()["index"]["events"] == 12


def test_who_answers_from_the_old_one_goes_on(world):
    current_index = CurrentIndex(world.index, ROOM)
    old = current_index()
    expected = [old.recommender.related(ERUPTION), old.recommender.index.vectors.sum()]
    world.add("new")
    world.now += 2
    new = current_index()
    assert new is not old
    assert len(new.recommender.index.corpus) == len(old.recommender.index.corpus) + 1
    assert [old.recommender.related(ERUPTION), old.recommender.index.vectors.sum()] == expected


def test_looks_at_once_where_it_is_told_to(world):
    current_index = CurrentIndex(world.index, ROOM)
    old = current_index()
    world.add("new")
    assert current_index() is old
    current_index.look()
    assert current_index().recommender.index.manifest.events == old.recommender.index.manifest.events + 1


def test_looks_once_a_second_at_most(world, monkeypatch):
    current_index, looks = CurrentIndex(world.index, ROOM), []
    monkeypatch.setattr(current_index, "_look", lambda: looks.append(world.now))
    for _ in range(50):
        world.now += 0.1
        current_index()
    assert 4 <= len(looks) <= 5


def test_opens_nothing_where_nothing_was_built(world, monkeypatch):
    current_index = CurrentIndex(world.index, ROOM)
    served = current_index()
    monkeypatch.setattr(Index, "open", lambda *_: pytest.fail("opened"))
    world.now += 5
    assert current_index() is served


def test_the_same_index_built_again_keeps_its_answers(world):
    current_index = CurrentIndex(world.index, ROOM)
    old = current_index()
    world.build()
    world.now += 2
    new = current_index()
    assert new.recommender is not old.recommender
    assert new.answers is old.answers


@pytest.mark.parametrize("damage", ["manifest", "gone", "array"])
def test_a_bad_index_is_told_once_and_the_old_one_answers(world, damage, caplog):
    client = create_app().test_client()
    if damage == "gone":
        shutil.rmtree(world.index)
    elif damage == "manifest":
        (world.index / MANIFEST).write_text("{}")
    else:
        manifest = (world.index / MANIFEST).read_text()
        next(world.index.glob("*/vectors.npy")).unlink()
        (world.index / MANIFEST).unlink()
        (world.index / MANIFEST).write_text(manifest + "\n")
    with caplog.at_level(logging.WARNING, logger="api"):
        for _ in range(3):
            world.now += 2
            assert client.get(f"/v1/events/{ERUPTION}/related").status_code == 200
    assert len(caplog.records) == 1
    assert caplog.text.strip().endswith("answers go on from the index that is open")
    shutil.rmtree(world.index, ignore_errors=True)
    world.add("mended")
    world.now += 2
    assert client.get("/v1/events/mended").status_code == 200


def test_others_are_answered_while_one_opens(world, monkeypatch):
    current_index = CurrentIndex(world.index, ROOM)
    old, opening, go_on, opened = current_index(), threading.Event(), threading.Event(), Index.open

    def slowly(folder):
        opening.set()
        assert go_on.wait(30)
        return opened(folder)

    monkeypatch.setattr(Index, "open", slowly)
    world.add("new")
    world.now += 2
    answers = []
    thread = threading.Thread(target=lambda: answers.append(current_index()))
    thread.start()
    assert opening.wait(30)
    assert current_index() is old
    go_on.set()
    thread.join(30)
    assert answers[0] is not old
    assert current_index() is answers[0]


def test_an_app_around_an_open_index_keeps_to_it(world):
    client = create_app(Recommender(Index.open(world.index))).test_client()
    world.add("new")
    world.now += 5
    assert client.get("/v1/events/new").status_code == 404


def test_no_index_is_told_at_once(tmp_path):
    with pytest.raises(IndexMissingError):
        CurrentIndex(tmp_path / "none", ROOM)
