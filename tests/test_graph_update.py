"""A graph brought up to date is the graph made anew, to the bit: many ties, many edits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.graph import Graph
from recommender.graph_update import Kept, update_graph


def vectors_of(number: int, dimensions: int, seed: int, *, whole: bool) -> np.ndarray:
    """Unit or zero rows; of small whole coordinates many are equal, and many cosines."""
    draw = np.random.default_rng(seed)
    shape = (number, dimensions)
    vectors = (draw.integers(-1, 2, shape) if whole else draw.standard_normal(shape)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def edited(before: np.ndarray, seed: int, edits: int, *, whole: bool) -> tuple[np.ndarray, Kept]:
    """Rows taken out, put in and replaced, at random places; and which are those of before."""
    draw = np.random.default_rng(seed)
    origin, rows = list(range(len(before))), list(before)
    for _ in range(edits):
        place, kind = int(draw.integers(0, len(rows) + 1)), draw.integers(0, 3)
        if kind != 0 and place < len(rows):
            del origin[place], rows[place]
        if kind != 1:
            origin.insert(place, -1)
            rows.insert(place, vectors_of(1, before.shape[1], int(draw.integers(2**32)), whole=whole)[0])
    kept = np.array(origin, np.int64)
    now = np.array(rows, np.float32).reshape(-1, before.shape[1])
    return now, Kept(kept[kept >= 0], np.flatnonzero(kept >= 0))


def assert_same(found: Graph, expected: Graph) -> None:
    np.testing.assert_array_equal(found.neighbours, expected.neighbours, strict=True)
    np.testing.assert_array_equal(found.cosines, expected.cosines, strict=True)


@settings(deadline=None, max_examples=150)
@given(
    number=st.integers(1, 120),
    dimensions=st.sampled_from([1, 2, 4, 16]),
    seed=st.integers(0, 2**32 - 1),
    edits=st.integers(0, 12),
    whole=st.booleans(),
)
def test_is_the_graph_made_anew(number, dimensions, seed, edits, whole):
    before = vectors_of(number, dimensions, seed, whole=whole)
    now, kept = edited(before, seed + 1, edits, whole=whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.graph_update.MAX_SHARE", 1.0)
        patch.setattr("recommender.graph_update._BLOCK", 17)
        found = update_graph(Graph.of(before), now, kept)
    if found is None:
        assert len(now) != len(before) or not len(kept.now)
    else:
        assert_same(found, Graph.of(now))


@pytest.fixture
def many() -> np.ndarray:
    return vectors_of(400, 8, 0, whole=False)


def test_asks_anew_only_whom_a_change_touches(many, monkeypatch):
    """Who lost a neighbour and who is new are asked of all; nobody else."""
    graph = Graph.of(many)
    asked = []
    real = update_graph.__globals__["nearest_others"]
    monkeypatch.setattr(
        "recommender.graph_update.nearest_others",
        lambda vectors, rows, width: asked.extend(rows.tolist()) or real(vectors, rows, width),
    )
    now = np.concatenate([np.delete(many, 7, axis=0), vectors_of(1, 8, 1, whole=False)])
    kept = Kept(np.delete(np.arange(400), 7), np.arange(399))
    assert_same(update_graph(graph, now, kept), Graph.of(now))
    lost = {row - (row > 7) for row in np.flatnonzero((graph.neighbours == 7).any(axis=1)).tolist()}
    assert set(asked) == {*lost, 399}


def test_gives_way_to_the_full_search_where_much_has_changed(many):
    now = np.concatenate([many[:300], vectors_of(100, 8, 1, whole=False)])
    assert update_graph(Graph.of(many), now, Kept(np.arange(300), np.arange(300))) is None


def test_gives_way_where_lists_have_another_length():
    before, now = vectors_of(5, 4, 0, whole=False), vectors_of(6, 4, 0, whole=False)
    assert update_graph(Graph.of(before), now, Kept(np.arange(5), np.arange(5))) is None
