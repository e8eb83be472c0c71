"""The fastest encoder: a vector for each piece of a word, their mean for a text. Numpy and a tokenizer, nothing else.

The table was learned from the vectors of a transformer (Tulkens and van Dongen, "Model2Vec", 2024, and
`benchmarks/fit_static.py`); how much a piece weighs is the length of its vector.
"""

import io
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.shipped import TOKENIZER, as_text, load_tokenizer, read_weights, shipped_revision

NAME = "fast"
_WEIGHTS = "fast.npz"
_RECIPE = "static 1"  # raise the number when the same weights give other vectors
_CHUNK = 2048
_NEGLIGIBLE = 1e-6


class StaticEncoder:
    """A loaded table; the vector of a text does not depend on what is encoded with it."""

    def __init__(self) -> None:
        """Load the table.

        Raises:
            EncoderError: It is missing or not the one that was shipped.
        """
        self.name = NAME
        self.revision = static_revision()
        with np.load(io.BytesIO(read_weights(_WEIGHTS)), allow_pickle=False) as arrays:
            # Whole numbers of 8 bits and one factor a piece.
            self._table = arrays["pieces"].astype(np.float32) * arrays["factors"].astype(np.float32)[:, None]
        self._tokenizer = load_tokenizer()
        self.dimensions = self._table.shape[1]

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Return one unit row per text, in the given order; a blank text gets a zero row."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            places = range(start, min(start + _CHUNK, len(texts)))
            several = self._tokenizer.encode_batch_fast(
                [as_text(texts[place]) for place in places], add_special_tokens=False
            )
            for place, tokens in zip(places, several, strict=True):
                vectors[place] = self._table[tokens.ids].sum(axis=0)
            if progress:
                progress(len(places))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > _NEGLIGIBLE)
        return vectors


def static_revision() -> str:
    """Return the identity of the encoder's vectors, without loading it.

    Raises:
        EncoderError: The table is missing or not the one that was shipped.
    """
    return shipped_revision(_RECIPE, _WEIGHTS, TOKENIZER)
