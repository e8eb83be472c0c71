"""The nearest rows are those of a plain sort, ties and all."""

import numpy as np
import pytest
import reference_ranking
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from recommender import neighbours
from recommender.neighbours import nearest, nearest_many


@st.composite
def unit_rows(draw) -> np.ndarray:
    """Rows with small whole coordinates: many are equal, or equally near to a third."""
    shape = draw(nps.array_shapes(min_dims=2, max_dims=2, max_side=12))
    rows = draw(nps.arrays(np.float32, shape, elements=st.integers(-1, 1).map(float)))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0).astype(np.float32)


def naive(vectors, query_vector, k, allowed=None):
    rows, similarities = reference_ranking.nearest(
        vectors, query_vector, k, np.ones(len(vectors), np.bool_) if allowed is None else allowed
    )
    return rows.tolist(), similarities


@given(unit_rows(), st.integers(0, 15), st.data())
def test_nearest_is_a_plain_sort(vectors, k, data):
    allowed = data.draw(st.none() | nps.arrays(np.bool_, len(vectors)))
    query = vectors[data.draw(st.integers(0, len(vectors) - 1))]
    rows, similarities = nearest(vectors, query, k, allowed=allowed)
    expected_rows, expected_similarities = naive(vectors, query, k, allowed)
    assert rows.tolist() == expected_rows
    np.testing.assert_array_equal(similarities, expected_similarities)
    assert (rows.dtype, similarities.dtype) == (np.int64, np.float32)


@given(unit_rows(), st.integers(0, 15), st.data())
def test_many_at_once_are_the_same_as_one_by_one(vectors, k, data):
    queries = data.draw(st.lists(st.integers(0, len(vectors) - 1)))
    masks = data.draw(nps.arrays(np.bool_, (len(vectors), len(vectors))))
    many = nearest_many(vectors, queries, k, allowed=lambda row: masks[row])
    assert len(many) == len(queries)
    for query, found in zip(queries, many, strict=True):
        alone = nearest(vectors, vectors[query], k, allowed=masks[query])
        assert found.rows.tolist() == alone.rows.tolist()
        np.testing.assert_array_equal(found.similarities, alone.similarities)


@given(unit_rows(), st.integers(0, 15), st.data())
def test_among_several_kinds_of_rows_are_the_same_as_one_after_the_other(vectors, k, data):
    masks = [None, *data.draw(nps.arrays(np.bool_, (2, len(vectors))))]
    queries = data.draw(st.lists(st.integers(0, len(vectors) - 1)))
    for mask in masks:
        for query, found in zip(queries, nearest_many(vectors, queries, k, allowed=lambda _: mask), strict=True):  # noqa: B023
            alone = nearest(vectors, vectors[query], k, allowed=mask)
            assert found.rows.tolist() == alone.rows.tolist()
            np.testing.assert_array_equal(found.similarities, alone.similarities)


@given(nps.arrays(np.float32, st.integers(1, 400), elements=st.integers(-3, 3).map(float)), st.integers(1, 6))
def test_the_bound_is_reached_by_enough(values, k):
    assert (values >= neighbours._at_most_kth_largest(values, k)).sum() >= min(k, len(values))


@pytest.fixture(scope="module")
def crowded() -> np.ndarray:
    """Real-sized rows among which many differ by less than the noise of a matrix product."""
    rng = np.random.default_rng(7)
    centres = rng.standard_normal((20, 384))
    rows = centres[rng.integers(0, 20, 3000)] + 1e-7 * rng.standard_normal((3000, 384))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_near_ties_do_not_depend_on_the_block(crowded, monkeypatch):
    queries = list(range(0, 300, 3))
    whole = nearest_many(crowded, queries, 25)
    monkeypatch.setattr(neighbours, "_BLOCK_BYTES", 7 * crowded.itemsize * len(crowded))
    blocks = nearest_many(crowded, queries, 25)
    for query, one, other in zip(queries, whole, blocks, strict=True):
        expected, _ = naive(crowded, crowded[query], 25)
        assert one.rows.tolist() == other.rows.tolist() == expected
        assert one.rows.tolist() == nearest(crowded, crowded[query], 25).rows.tolist()


@settings(max_examples=20)
@given(st.integers(1, 40))
def test_ties_at_the_cut_go_to_the_first_rows(k):
    vectors = np.zeros((50, 3), np.float32)
    vectors[:, 1] = 1.0
    vectors[30] = [1.0, 0.0, 0.0]
    expected = [row for row in range(50) if row != 30][:k]
    assert nearest(vectors, vectors[0], k).rows.tolist() == expected


def test_a_read_only_memory_map_will_do(crowded, tmp_path):
    np.save(tmp_path / "vectors.npy", crowded)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    found, expected = nearest_many(mapped, [5, 6], 10), nearest_many(crowded, [5, 6], 10)
    assert [one.rows.tolist() for one in found] == [one.rows.tolist() for one in expected]
    assert type(nearest(mapped, mapped[5], 10).similarities) is np.ndarray


def test_nobody_allowed_and_nobody_there(crowded):
    assert len(nearest(crowded, crowded[0], 10, allowed=np.zeros(len(crowded), np.bool_)).rows) == 0
    empty = np.zeros((0, 384), np.float32)
    assert len(nearest(empty, crowded[0], 10).rows) == 0
    assert nearest_many(empty, [], 10) == []
