"""Terms of headlines, and how similar headlines are by them."""

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    storm, coast = (matrix.idf[matrix.terms.index(term)] for term in ("storm", "coast"))
    weights = np.array([(1 + np.log(2)) * storm, coast])
    assert share[0] == pytest.approx(np.sqrt((weights**2).sum() / ((weights**2).sum() + zebra**2)))
    assert len(matrix.further_row("zebra").columns) == 0
    np.testing.assert_array_equal(matrix.further_row(texts[0]).weights, matrix.text_vector(texts[0]).weights)
