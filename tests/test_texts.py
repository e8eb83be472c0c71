"""What rough similarities find is what a plain sort of the cosines finds."""

import numpy as np
import pytest
import reference_ranking
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from models.products import Products
from recommender.rough import Codes, Roughly
from recommender.selection import kth_largest, mark_first
from recommender.texts import Texts, nearest_of


def units(seed: int, rows: int, dimensions: int, *, crowded: bool) -> np.ndarray:
    """Rows of unit length, some of them zero, some equal, and by choice many almost equal."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((rows, dimensions))
    if crowded:
        vectors = vectors[random.integers(0, max(1, rows // 8), rows)] + 1e-3 * random.standard_normal(vectors.shape)
    vectors[random.random(rows) < 0.1] = 0.0
    vectors[random.random(rows) < 0.1] = vectors[0]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0).astype(np.float32)


worlds = st.builds(units, st.integers(0, 2**32 - 1), st.integers(1, 160), st.integers(1, 40), crowded=st.booleans())


@given(worlds)
def test_a_rough_similarity_is_no_further_from_the_cosine_than_its_error(vectors):
    codes = Codes.of(vectors)
    for query in vectors[:5]:
        found = codes.rough(query)
        bound = found.errors + found.own * (1.0 + found.errors) + 1e-5
        exact = reference_ranking.cosines(vectors, query, np.arange(len(vectors)))
        assert (np.abs(found.similarities - exact) <= bound).all()


@pytest.mark.parametrize("half", [True, False])
@settings(max_examples=30)
@given(vectors=worlds)
def test_a_product_is_no_further_from_the_cosine_than_its_error(half, vectors):
    with pytest.MonkeyPatch.context() as patch:
        times = iter([1.0, 0.0] if half else [0.0, 1.0])
        patch.setattr("models.products._seconds", lambda rows: next(times))
        products = Products.of(vectors)
    assert (products.relative > 0.0) == half
    for row, bits in enumerate(products.of_rows(range(min(5, len(vectors))))):
        found = products.widened(bits)
        own = products.errors[row]
        bound = products.errors + own * (1.0 + products.errors) + products.relative * np.abs(found) + 1e-5
        exact = reference_ranking.cosines(vectors, vectors[row], np.arange(len(vectors)))
        assert (np.abs(found - exact) <= bound).all()


@pytest.mark.parametrize("many", [1, 10_000])
@settings(max_examples=60)
@given(vectors=worlds, k=st.integers(0, 30), data=st.data())
def test_the_nearest_are_those_of_a_plain_sort(many, vectors, k, data):
    n = len(vectors)
    allowed = data.draw(nps.arrays(np.bool_, n))
    days = data.draw(nps.arrays(np.int32, n, elements=st.integers(0, 400)))
    texts = Texts.of(vectors, Codes.of(vectors), days)
    rows = list(range(min(n, 4)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.rough.MANY", many)
        roughly = Roughly.of(vectors, texts.codes, len(rows))
    for row, rough in zip(rows, roughly.of_rows(rows), strict=True):
        found = nearest_of(vectors, rough, vectors[row], k, allowed)
        expected_rows, expected = reference_ranking.nearest(vectors, vectors[row], k, allowed)
        assert found.rows.tolist() == expected_rows.tolist()
        np.testing.assert_array_equal(found.similarities, expected)
        near = texts.near(rough, vectors[row], allowed, k, (int(days[row]), (30, 90)))
        apart = np.abs(days - days[row])
        masks = [allowed, allowed & (apart <= 30), allowed & (apart <= 90)]
        several = [reference_ranking.nearest(vectors, vectors[row], k, mask)[0] for mask in masks]
        assert near.rows.tolist() == np.unique(np.concatenate(several)).tolist()
        exact = reference_ranking.cosines(vectors, vectors[row], near.rows)
        np.testing.assert_array_equal(near.cosines, exact)


@given(nps.arrays(np.float64, st.integers(0, 60), elements=st.integers(-3, 3).map(float)), st.integers(0, 70))
def test_the_kth_largest_is_that_of_a_sort(values, k):
    expected = [np.inf, *np.sort(values)[::-1]][k] if k <= len(values) else -np.inf
    assert kth_largest(values, k) == expected


@given(nps.arrays(np.float64, st.integers(0, 60), elements=st.integers(-3, 3).map(float)), st.integers(0, 70))
def test_of_equals_the_first_rows_are_marked_in_whatever_order_they_come(values, k):
    rows = np.random.default_rng(len(values)).permutation(len(values))
    marks = np.zeros(len(values), np.bool_)
    mark_first(values[rows], rows, k, marks)
    expected = np.lexsort((np.arange(len(values)), -values))[:k]
    assert np.flatnonzero(marks).tolist() == sorted(expected.tolist())
