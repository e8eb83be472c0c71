"""Cosines of term vectors row by row: the plain way, by which the postings are measured."""

import numpy as np
from numpy.typing import NDArray

from models.terms import TermMatrix, TermVector


def similarities(matrix: TermMatrix, query_row: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """The cosine of one row and each of `rows`: (len(rows),), 0 to 1."""
    return similarities_to(matrix, matrix.row_vector(query_row), rows)


def similarities_to(matrix: TermMatrix, vector: TermVector, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """The cosine of a vector and each of `rows`: (len(rows),), 0 to 1."""
    starts = matrix.indptr[rows]
    lengths = matrix.indptr[np.asarray(rows) + 1] - starts
    owners = np.repeat(np.arange(len(rows)), lengths)
    places = np.arange(len(owners)) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    query = np.zeros(len(matrix.idf), dtype=np.float64)
    query[vector.columns] = vector.weights
    products = matrix.data[places].astype(np.float64) * query[matrix.indices[places]]
    # The sums run over the terms of one row in their order, so a value does not depend on the other rows.
    cosines = np.minimum(np.bincount(owners, products, minlength=len(rows)), 1.0)
    return cosines.astype(np.float32)
