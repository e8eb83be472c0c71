"""Cosines of one text's terms with every row: terms that many rows have as columns, the others by their postings.

Of `the` and `of` half of all rows have a weight. To add these to their rows one by one takes most of the time of a
query; to add a whole column, zeros and all, takes a fifth of that.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
from models.scratch import scratch
from models.terms import TermPostings, TermVector

COMMON_SHARE = 1 / 4
"""A term that such a share of the rows has is common."""
_BLOCK = 2048
"""Rows whose sums stay near the processor while columns are added."""


class TermSums(NamedTuple):
    """Postings, and the columns of common terms."""

    starts: NDArray[np.int64]
    """As of `TermPostings`, like the next two."""
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    places: NDArray[np.int32]
    """(terms,) which of the columns is that of a term, -1 where it has none."""
    columns: NDArray[np.float32]
    """(common terms, rows) their weights, 0 where a row does not have one."""

    @classmethod
    def of(cls, postings: TermPostings, rows: int) -> Self:
        """Spread the common terms out.

        Args:
            postings: Of all terms.
            rows: How many there are.
        """
        common = np.flatnonzero(np.diff(postings.starts) >= max(1.0, COMMON_SHARE * rows))
        places = np.full(len(postings.starts) - 1, -1, np.int32)
        places[common] = np.arange(len(common))
        columns = np.zeros((len(common), rows), np.float32)
        for place, term in enumerate(common.tolist()):
            span = slice(int(postings.starts[term]), int(postings.starts[term + 1]))
            columns[place, postings.rows[span]] = postings.weights[span]
        return cls(*read_only(postings.starts, postings.rows, postings.weights, places, columns))

    def cosines(self, vector: TermVector, rows: int) -> NDArray[np.float64]:
        """The cosine of a vector and every row, until this thread asks again: (rows,), 0 or more.

        Args:
            vector: Of a text.
            rows: At least as many as there are; further ones have no terms.
        """
        sums = scratch("term sums", rows, np.float64)
        add_terms(self, *read_only(vector.columns, vector.weights), sums)
        return sums


@compiled
def add_terms(known: TermSums, terms: NDArray[np.int32], asked: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
    """Write the sums of all rows: what common terms add first, otherwise terms in their order.

    Args:
        known: Of all rows.
        terms: The columns of a vector, ascending.
        asked: Its weights.
        sums: One a row.
    """
    starts, rows, weights, places, columns = known
    sums[:] = 0.0
    for first in range(0, columns.shape[1], _BLOCK):
        last = min(first + _BLOCK, columns.shape[1])
        of_block = sums[first:last]
        for term in range(len(terms)):
            if places[terms[term]] >= 0:
                column, weight = columns[places[terms[term]], first:last], asked[term]
                for row in range(len(of_block)):
                    of_block[row] += column[row] * weight
    for term in range(len(terms)):
        if places[terms[term]] < 0:
            for place in range(starts[terms[term]], starts[terms[term] + 1]):
                sums[rows[place]] += weights[place] * asked[term]
