"""Rough similarities, each with a bound of its error: from bytes for one query, from a matrix product for many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.products import Products

_LARGEST_CODE = 127
_LARGEST_QUERY_CODE = 32_767
_BLOCK = 256
"""Queries whose similarities come out of one matrix product."""
MANY = 2048
"""From so many queries on the vectors are made ready for matrix products."""


class Rough(NamedTuple):
    """Similarities of one query with all rows, each nearer to the cosine than its error."""

    similarities: NDArray[np.float32]
    errors: NDArray[np.float32]
    """(n,) length of what each row's rough form lacks."""
    own: float
    """The same of the query."""
    relative: float
    """Error of a similarity as a share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Vectors as bytes, a quarter of their size; the arrays may be memory-maps."""

    numbers: NDArray[np.int8]
    """(n, d) each row divided by its scale and rounded."""
    scales: NDArray[np.float32]
    """(n,) a 127th of the largest coordinate of each row."""
    errors: NDArray[np.float32]
    """(n,) length of the difference between a row and its code times the scale."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> "Codes":
        """Round vectors.

        Args:
            vectors: (n, d) unit or zero rows.
        """
        n, dimensions = vectors.shape
        numbers, scales, errors = np.zeros((n, dimensions), np.int8), np.zeros(n, np.float32), np.zeros(n, np.float32)
        for start in range(0, n, _BLOCK):
            block = np.asarray(vectors[start : start + _BLOCK], np.float64)
            span = slice(start, start + len(block))
            scales[span] = np.abs(block).max(axis=1, initial=0.0) / _LARGEST_CODE
            scale = scales[span, None].astype(np.float64)
            codes = np.rint(np.divide(block, scale, out=np.zeros_like(block), where=scale > 0))
            numbers[span] = np.clip(codes, -_LARGEST_CODE, _LARGEST_CODE)
            lost = np.sqrt(((block - numbers[span] * scale) ** 2).sum(axis=1))
            errors[span] = np.nextafter(lost.astype(np.float32), np.float32(np.inf))
        return cls(numbers, scales, errors)

    def rough(self, query_vector: NDArray[np.float32]) -> Rough:
        """Similarities of a vector with all rows, from their bytes.

        Args:
            query_vector: (d,) of unit length, or zero.
        """
        query = query_vector.astype(np.float64)
        # Sums of products must stay below 2³¹.
        largest = min(_LARGEST_QUERY_CODE, (2**31 - 1) // (_LARGEST_CODE * max(1, len(query))))
        scale = float(np.abs(query).max(initial=0.0)) / largest
        codes = np.rint(query / scale).astype(np.int16) if scale else np.zeros(len(query), np.int16)
        own = float(np.sqrt(((query - codes * scale) ** 2).sum()))
        return Rough(_scan(self.numbers, self.scales, codes, np.float32(scale)), self.errors, own, 0.0)


Blocks = Iterator[list[tuple[int, Callable[[], Rough]]]]
"""Rows, each with what computes its similarities or brings them into their form; as many as can be held at once."""


def rough_blocks(vectors: NDArray[np.float32], codes: Codes, rows: Sequence[int]) -> Blocks:
    """Rough similarities of some rows with all rows.

    Args:
        vectors: (n, d) the rows.
        codes: The rows as bytes.
        rows: The rows that ask.
    """
    if len(rows) >= MANY:
        yield from product_blocks(vectors, rows)
    else:
        for start in range(0, len(rows), _BLOCK):
            yield [(row, partial(codes.rough, vectors[row])) for row in rows[start : start + _BLOCK]]


def product_blocks(vectors: NDArray[np.float32], rows: Sequence[int]) -> Blocks:
    """The same by matrix products, for which the vectors are made ready first."""
    products = Products.of(vectors)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        similar = products.of_rows(block)
        yield [(row, partial(_of_product, products, row, one)) for row, one in zip(block, similar, strict=True)]


def _of_product(products: Products, row: int, similarities: NDArray[np.float32] | NDArray[np.int16]) -> Rough:
    return Rough(products.widened(similarities), products.errors, float(products.errors[row]), products.relative)


@compiled
def _scan(
    numbers: NDArray[np.int8], scales: NDArray[np.float32], codes: NDArray[np.int16], scale: np.float32
) -> NDArray[np.float32]:
    n, dimensions = numbers.shape
    similarities = np.empty(n, np.float32)
    for row in range(n):
        total = np.int32(0)
        own = numbers[row]
        for place in range(dimensions):
            total += np.int32(own[place]) * np.int32(codes[place])
        similarities[row] = np.float32(np.int32(total)) * (scales[row] * scale)  # a narrow sum is a fast one
    return similarities
