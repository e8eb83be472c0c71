"""An encoder for tests: each word is a direction drawn from its digest; instant, and the same everywhere."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.terms import tokens


class ToyEncoder:
    """Texts with common words are similar; `encoded` keeps the texts that it was asked for."""

    def __init__(self, *, name: str = "toy", revision: str = "toy 1", dimensions: int = 64) -> None:
        self.name = name
        self.revision = revision
        self.dimensions = dimensions
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Return the scaled sum of the words' directions, a zero row for a text without words."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for place, text in enumerate(texts):
            self.encoded.append(text)
            # Words in one order, so that texts of the same words have the same bits.
            total = sum((self._direction(word) for word in sorted(tokens(text))), np.zeros(self.dimensions))
            length = np.linalg.norm(total)
            vectors[place] = total / length if length else total
            if progress:
                progress(1)
        return vectors

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(f"{self.revision} {word}".encode()).digest()[:8], "little")
        return np.random.default_rng(seed).standard_normal(self.dimensions)
