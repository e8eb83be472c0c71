"""The nearest texts of every event: those of a plain sort, with what must not be looked at left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import neighbours
from recommender.graph import NEIGHBOURS, Graph, write_neighbours


def unit(rows: list[list[float]]) -> np.ndarray:
    vectors = np.array(rows, np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


LINE = unit([[1.0, 0.1 * place] for place in range(4)])
"""Four texts in a row: each nearest to those beside it."""


@given(st.integers(0, 60), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_is_a_plain_sort_without_the_event_itself(number, dimensions, seed):
    """Small whole coordinates: many are equal."""
    vectors = np.random.default_rng(seed).integers(-1, 2, (number, dimensions)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    graph = Graph.of(vectors)
    assert graph.neighbours.shape == graph.cosines.shape == (number, min(NEIGHBOURS, max(0, number - 1)))
    for row in range(number):
        cosines = neighbours.cosines(vectors, vectors[row], np.arange(number))
        others = sorted((other for other in range(number) if other != row), key=lambda one: (-cosines[one], one))
        assert graph.neighbours[row].tolist() == others[:NEIGHBOURS]
        np.testing.assert_array_equal(graph.cosines[row], cosines[others[:NEIGHBOURS]])


@given(st.integers(0, 60), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_of_one_row_more_is_that_of_all_rows(number, dimensions, seed):
    vectors = np.random.default_rng(seed).integers(-1, 2, (number + 1, dimensions)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    before = Graph.of(vectors[:-1])
    kept = before.neighbours.copy()
    more, expected = before.with_row(vectors[:-1], vectors[-1]), Graph.of(vectors)
    np.testing.assert_array_equal(more.neighbours, expected.neighbours)
    np.testing.assert_array_equal(more.cosines, expected.cosines)
    np.testing.assert_array_equal(before.neighbours, kept)
    assert more.neighbours.dtype == expected.neighbours.dtype


def test_does_not_depend_on_the_size_of_blocks(monkeypatch):
    vectors = np.random.default_rng(0).standard_normal((90, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = Graph.of(vectors)
    monkeypatch.setattr("recommender.graph._BLOCK", 7)
    blocks = Graph.of(vectors)
    np.testing.assert_array_equal(whole.neighbours, blocks.neighbours)
    np.testing.assert_array_equal(whole.cosines, blocks.cosines)


def test_tells_what_is_done():
    told = []
    Graph.of(LINE, lambda done, size: told.append((done, size)))
    assert told == [(4, 4)]


def test_by_matrix_products_is_the_same_as_one_by_one(monkeypatch):
    random = np.random.default_rng(0)
    vectors = random.standard_normal((300, 48))[random.integers(0, 300, 300)] + 1e-4 * random.standard_normal((300, 48))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    alone = Graph.of(vectors)
    monkeypatch.setattr("recommender.graph.MANY", 1)
    monkeypatch.setattr("recommender.rough._BLOCK", 70)
    together = Graph.of(vectors)
    np.testing.assert_array_equal(together.neighbours, alone.neighbours)
    np.testing.assert_array_equal(together.cosines, alone.cosines)


class TestWrite:
    graph = Graph(np.array([[1, 2], [0, 2], [1, 3], [2, 1]], np.int32), np.array([[0.9, 0.5]] * 4, np.float32))

    def column(self, name: str, row: int = 0, rows=range(4), voters=(), visible=None) -> list[float]:
        names = ("density", "common_neighbours", "back_rank", "votes", "query_density", "csls")
        matrix, rows = np.full((len(rows), len(names)), np.nan), np.array(rows, np.int64)
        mask = np.ones(4, np.bool_) if visible is None else np.array(visible)
        asked = np.array(voters, np.int64)
        cosine = np.full(len(rows), 0.6)
        known, places = self.graph.surroundings(), np.arange(len(names))
        write_neighbours(known, row, rows, asked, mask, visible is None, cosine, places, matrix)
        return matrix[:, names.index(name)].tolist()

    def test_density_is_the_mean_cosine_of_the_neighbours(self):
        assert self.column("density") == pytest.approx([0.7] * 4)
        assert self.column("query_density") == pytest.approx([0.7] * 4)
        assert self.column("csls") == pytest.approx([1.2 - 0.7 - 0.7] * 4)

    def test_density_is_of_visible_neighbours_and_nothing_where_none_is(self):
        hidden = [True, False, False, True]
        assert self.column("density", visible=hidden) == pytest.approx([0.0, 0.9, 0.5, 0.0])
        assert self.column("query_density", row=1, visible=hidden) == pytest.approx([0.9] * 4)

    def test_common_neighbours_are_counted(self):
        assert self.column("common_neighbours") == [2.0, 1.0, 1.0, 2.0]
        assert self.column("common_neighbours", visible=[True, True, False, True]) == [1.0, 0.0, 1.0, 1.0]

    def test_the_back_rank_is_a_place_among_the_candidate_s_neighbours(self):
        assert self.column("back_rank", row=1) == [0.0, 20.0, 0.0, 1.0]
        assert self.column("back_rank", row=1, visible=[True, True, False, True]) == [0.0, 20.0, 0.0, 0.0]

    def test_votes_are_of_the_voters_neighbours_among_the_candidates(self):
        assert self.column("votes", rows=(0, 2), voters=(0, 1)) == [1.0, 2.0]
        assert self.column("votes", rows=(), voters=(0,)) == []
