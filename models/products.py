"""Similarities of many vectors with all at once: a matrix product of the numbers that are multiplied fastest here."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.scratch import scratch

_HALF = 2.0**-8
"""Rounding to half precision (bfloat16) changes a number by at most such a share of it."""
_TRIAL = 64


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Unit rows, ready for products with each other."""

    rows: Any
    """(n, d) tensor."""
    errors: NDArray[np.float32]
    """(n,) length of what each row lost when it was rounded."""
    relative: float
    """By what share of it a similarity may be rounded on top."""

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> "Products":
        """Prepare rows: in half precision where that is faster on this processor.

        Args:
            vectors: (n, d) unit or zero rows.
        """
        import torch  # noqa: PLC0415 - takes a second, and one query can do without it

        whole = torch.from_numpy(np.array(vectors))
        half = whole.to(torch.bfloat16)
        if _seconds(whole) < _seconds(half):
            return cls(whole, np.zeros(len(vectors), np.float32), 0.0)
        lost = (half.float() - whole).norm(dim=1).numpy()
        return cls(half, np.nextafter(lost, np.float32(np.inf)) * np.float32(1.0 + 1e-5), _HALF)

    def of_rows(self, rows: Sequence[int]) -> NDArray[np.float32] | NDArray[np.int16]:
        """(rows, n) similarities of some rows with all, by this thread alone; `widened` makes numbers of each."""
        import torch  # noqa: PLC0415

        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # of this thread: others are busy with rows of their own
        try:
            product = self.rows[list(rows)] @ self.rows.t()
        finally:
            torch.set_num_threads(threads)
        found: NDArray[np.float32] | NDArray[np.int16]
        found = (product if product.dtype is torch.float32 else product.view(torch.int16)).numpy()
        return found

    @staticmethod
    def widened(similarities: NDArray[np.float32] | NDArray[np.int16]) -> NDArray[np.float32]:
        """Similarities in single precision, until the next: those of half precision are given by their bits."""
        if similarities.dtype == np.float32:
            return similarities.astype(np.float32, copy=False)
        wide = scratch("widened", len(similarities), np.int32)
        _widen(similarities, wide)
        return wide.view(np.float32)


@compiled
def _widen(bits: NDArray[np.int16], wide: NDArray[np.int32]) -> None:
    for place in range(len(bits)):
        wide[place] = np.int32(bits[place]) << 16


def _seconds(rows: Any) -> float:  # noqa: ANN401 - a tensor
    """Time of a product of some rows with all."""
    best = np.inf
    for _ in range(2):
        started = perf_counter()
        rows[:_TRIAL] @ rows.t()
        best = min(best, perf_counter() - started)
    return float(best)
