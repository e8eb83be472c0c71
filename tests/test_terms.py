"""Terms of headlines, and how similar headlines are by them."""

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_terms import similarities as cosines
from reference_terms import similarities_to as cosines_to

from models.term_sums import TermSums
from models.terms import TermMatrix, TermPostings, fit_terms, tokens

TEXTS = [
    "Storm hits the coast",
    "The storm hits the coast of Chile",
    "Parliament votes",
    "",
    "Storm hits the coast",
    "storm storm storm",
    "2013年 7月、東京で地震",
]


@pytest.fixture(scope="module")
def matrix() -> TermMatrix:
    return fit_terms(TEXTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("... — !", []),
        ("Iran's Supreme Leader", ["iran", "s", "supreme", "leader"]),
        ("snake_case, COVID-19; 6.1", ["snake", "case", "covid", "19", "6", "1"]),
        ("Erdoğan ERDOĞAN Москва", ["erdoğan", "erdoğan", "москва"]),
        ("e\u0301lan \uff21\uff22\uff23\uff11", ["élan", "abc1"]),
        ("智利地震", ["智利", "利地", "地震"]),
        ("火", ["火"]),
        ("iPhone手機", ["iphone", "手機"]),
        ("東京タワー、大阪", ["東京", "京タ", "タワ", "ワー", "大阪"]),
        ("서울에서 회담", ["서울", "울에", "에서", "회담"]),
        ("𠮷野家", ["𠮷野", "野家"]),
        ("佐々木・健", ["佐々", "々木", "健"]),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


@given(st.text())
def test_tokens_are_words_in_the_end(text):
    for token in tokens(text):
        assert token
        assert tokens(token) == [token] or len(token) > 1


def test_a_row_a_text_of_unit_length(matrix):
    assert len(matrix) == len(TEXTS)
    assert (matrix.indptr.dtype, matrix.indices.dtype, matrix.data.dtype) == (np.int64, np.int32, np.float32)
    assert matrix.idf.dtype == np.float32
    lengths = [np.linalg.norm(matrix.row_vector(row).weights) for row in range(len(matrix))]
    np.testing.assert_allclose(lengths, [1.0 if text else 0.0 for text in TEXTS], atol=1e-6)


def test_terms_ascend_and_so_do_the_columns_of_a_row(matrix):
    assert list(matrix.terms) == sorted(set(matrix.terms))
    for row in range(len(matrix)):
        columns = matrix.row_vector(row).columns
        assert columns.tolist() == sorted(set(columns.tolist()))


def test_the_weight_is_the_formula():
    matrix = fit_terms(["a a b", "b", "c"])
    idf = [math.log((1 + 3) / (1 + df)) + 1 for df in (1, 2, 1)]
    np.testing.assert_allclose(matrix.idf, idf, rtol=1e-6)
    weights = np.array([(1 + math.log(2)) * idf[0], idf[1]])
    np.testing.assert_allclose(matrix.row_vector(0).weights, weights / np.linalg.norm(weights), rtol=1e-6)


def test_similarities_are_cosines_of_dense_rows(matrix):
    rows = np.array([6, 0, 3, 1, 1, 4])
    dense = _dense(matrix)
    for query_row in range(len(TEXTS)):
        similarities = cosines(matrix, query_row, rows)
        assert similarities.dtype == np.float32
        np.testing.assert_allclose(similarities, dense[rows] @ dense[query_row], atol=1e-6)


def test_the_same_text_has_similarity_one_and_an_empty_one_none(matrix):
    np.testing.assert_allclose(cosines(matrix, 0, np.array([0, 4])), 1.0, atol=1e-6)
    assert not cosines(matrix, 3, np.arange(len(TEXTS))).any()
    assert cosines(matrix, 0, np.array([], dtype=np.int64)).shape == (0,)


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=6).map(" ".join), min_size=1, max_size=12), st.data())
def test_many_at_once_are_the_same_as_one_by_one(texts, data):
    matrix = fit_terms(texts)
    row = st.integers(0, len(texts) - 1)
    queries = np.array(data.draw(st.lists(row)), dtype=np.int64)
    rows = np.array(data.draw(st.lists(row)), dtype=np.int64)
    for query in queries.tolist():
        similarities = cosines(matrix, query, rows)
        assert similarities.shape == (len(rows),)
        assert ((similarities >= 0) & (similarities <= 1)).all()
        for other, similarity in zip(rows.tolist(), similarities.tolist(), strict=True):
            assert cosines(matrix, query, np.array([other]))[0] == similarity


def test_a_new_text_is_weighed_as_a_row_is(matrix):
    for row, text in enumerate(TEXTS):
        vector = matrix.text_vector(text)
        np.testing.assert_array_equal(vector.columns, matrix.row_vector(row).columns)
        np.testing.assert_allclose(vector.weights, matrix.row_vector(row).weights, rtol=1e-5)
    assert len(matrix.text_vector("zebra aardvark").columns) == 0
    similarities = cosines_to(matrix, matrix.text_vector("a storm at the coast"), np.array([0, 2]))
    assert similarities[0] > similarities[1] == 0.0


@pytest.mark.parametrize("texts", [[], [""], ["...", "!"]])
def test_texts_without_terms_make_empty_rows(texts):
    matrix = fit_terms(texts)
    assert len(matrix) == len(texts)
    assert len(matrix.terms) == 0
    assert not any(cosines(matrix, row, np.arange(len(texts))).any() for row in range(len(texts)))
    assert len(matrix.text_vector("storm").columns) == 0


def test_arrays_may_be_memory_maps(matrix, tmp_path):
    mapped = {}
    for name in ("indptr", "indices", "data", "idf"):
        np.save(tmp_path / f"{name}.npy", getattr(matrix, name))
        mapped[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    reopened = TermMatrix(**mapped, terms=matrix.terms)
    rows = np.arange(len(TEXTS))
    np.testing.assert_array_equal(cosines(reopened, 1, rows), cosines(matrix, 1, rows))


@pytest.mark.parametrize("changed", [{"terms": ("one",)}, {"data": np.zeros(1, np.float32)}])
def test_parts_that_do_not_fit_are_refused(matrix, changed):
    parts = {name: getattr(matrix, name) for name in ("indptr", "indices", "data", "terms", "idf")}
    with pytest.raises(ValueError, match=r"expected .*equal numbers; build the term vectors again"):
        TermMatrix(**parts | changed)


def test_a_build_does_not_depend_on_the_hash_seed():
    script = f"from models.terms import fit_terms; print(fit_terms({TEXTS!r}).terms)"
    seeds = ({"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)} for seed in "12")
    first, second = (
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=seed).stdout
        for seed in seeds
    )
    assert first == second != b""


def _dense(matrix: TermMatrix) -> np.ndarray:
    dense = np.zeros((len(matrix), len(matrix.terms)))
    for row in range(len(matrix)):
        vector = matrix.row_vector(row)
        dense[row, vector.columns] = vector.weights
    return dense


WORDS = ("rain", "rain", "rain", "snow", "Bonn", "法院", "flood", "vote")  # some are common, some are not


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), max_size=12))
def test_sums_over_columns_and_postings_are_the_similarities_of_the_rows(texts):
    matrix = fit_terms(texts)
    postings = TermPostings.of(matrix)
    sums = TermSums.of(postings, len(texts))
    assert len(postings.starts) == len(matrix.idf) + 1
    rows = np.arange(len(texts))
    for row in rows:
        found = sums.cosines(matrix.row_vector(row), len(texts))
        np.testing.assert_allclose(found, cosines(matrix, row, rows), atol=1e-6)
    for start, end in pairwise(postings.starts.tolist()):
        assert (np.diff(postings.rows[start:end]) > 0).all()


def test_a_further_row_counts_the_terms_that_no_row_has():
    texts = ["a storm at the coast", "a storm at sea", "calm at the coast"]
    matrix, text = fit_terms(texts), "storm storm zebra coast"
    row, known = matrix.further_row(text), matrix.text_vector(text)
    assert row.columns.tolist() == known.columns.tolist()
    share = row.weights / known.weights
    np.testing.assert_allclose(share, share[0])
    storm, coast = (matrix.idf[matrix.terms.index(term)] for term in ("storm", "coast"))
    squares = ((1 + np.log(2)) * storm) ** 2 + coast**2
    zebra = np.log(5 / 2) + 1
    assert share[0] == pytest.approx(np.sqrt(squares / (squares + zebra**2)))
    assert len(matrix.further_row("zebra").columns) == 0
    np.testing.assert_array_equal(matrix.further_row(texts[0]).weights, matrix.text_vector(texts[0]).weights)
