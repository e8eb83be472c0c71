"""Rough similarities, each with a bound of its error: from bytes for one query, from a matrix product for many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, prefetch
from models.products import Products
from models.scratch import scratch
from recommender.threads import shared_out

_LARGEST_CODE = 127
_LARGEST_QUERY_CODE = 32_767
_BLOCK = 128
"""Queries whose similarities come out of one matrix product."""
_PIECE = 8
"""Queries that a thread answers at a time where each reads the bytes."""
_SHARED_OUT = 4_000_000
"""Bytes from which on it is faster to read them with all processors."""
_AHEAD, _LINE = 32, 64  # rows and bytes that are asked for in advance
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

    def rough(self, query_vector: NDArray[np.float32], *, alone: bool = True) -> Rough:
        """Similarities of a vector with all rows, from their bytes; until this thread asks again.

        Args:
            query_vector: (d,) of unit length, or zero.
            alone: Whether no other query is answered meanwhile, so that all processors can read for this one.
        """
        query = query_vector.astype(np.float64)
        # Sums of products must stay below 2³¹.
        largest = min(_LARGEST_QUERY_CODE, (2**31 - 1) // (_LARGEST_CODE * max(1, len(query))))
        scale = float(np.abs(query).max(initial=0.0)) / largest
        codes = np.rint(query / scale).astype(np.int16) if scale else np.zeros(len(query), np.int16)
        own = float(np.sqrt(((query - codes * scale) ** 2).sum()))
        similarities = scratch("scanned", len(self.numbers), np.float32)

        def scan(first: int, last: int) -> None:
            span = slice(first, last)
            _scan(self.numbers[span], self.scales[span], codes, np.float32(scale), similarities[span])

        if alone and self.numbers.size >= _SHARED_OUT:
            shared_out(scan, len(self.numbers))
        else:
            scan(0, len(self.numbers))
        return Rough(similarities, self.errors, own, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Roughly:
    """Rough similarities of rows with all rows, in the way that is faster for so many."""

    vectors: NDArray[np.float32]
    """(n, d) the rows."""
    way: Codes | Products
    alone: bool = False
    """Whether so few ask that one is answered after the other."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32], codes: Codes, queries: int) -> "Roughly":
        """Choose a way.

        Args:
            vectors: (n, d) the rows.
            codes: The same as bytes.
            queries: How many rows will ask.
        """
        return cls(vectors, Products.of(vectors) if queries >= MANY else codes, queries <= _PIECE)

    @property
    def size(self) -> int:
        """How many rows are best asked together."""
        return _BLOCK if isinstance(self.way, Products) else _PIECE

    def of_rows(self, rows: Sequence[int]) -> Iterator[Rough]:
        """Similarities of each of some rows, one after the other; each until the next."""
        if isinstance(self.way, Codes):
            yield from (self.way.rough(self.vectors[row], alone=self.alone) for row in rows)
            return
        products = self.way
        for row, similar in zip(rows, products.of_rows(rows), strict=True):
            yield Rough(products.widened(similar), products.errors, float(products.errors[row]), products.relative)


@compiled
def _scan(
    numbers: NDArray[np.int8],
    scales: NDArray[np.float32],
    codes: NDArray[np.int16],
    scale: np.float32,
    similarities: NDArray[np.float32],
) -> None:
    n, dimensions = numbers.shape
    flat = numbers.reshape(-1)
    for row in range(n):
        for line in range(0, dimensions, _LINE):  # a processor does not look ahead beyond a page of memory by itself
            prefetch(flat, min(row + _AHEAD, n - 1) * dimensions + line)
        total = np.int32(0)
        own = numbers[row]
        for place in range(dimensions):
            total += np.int32(own[place]) * np.int32(codes[place])
        similarities[row] = np.float32(np.int32(total)) * (scales[row] * scale)  # a narrow sum is a fast one
