"""What an encoder is, and how to get one by its name."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models import quantised, static
from models.lexical import LexicalEncoder, lexical_revision
from models.quantised import QuantisedEncoder, quantised_revision
from models.semantic import SemanticEncoder, model_revision
from models.static import StaticEncoder, static_revision

DEFAULT_ENCODER = quantised.NAME
LEXICAL_ENCODER = "lexical"


class Encoder(Protocol):
    """Texts in, unit rows out."""

    @property
    def name(self) -> str:
        """The name as the user chose it."""

    @property
    def revision(self) -> str:
        """Identity of the vectors, a digest of what makes them: rows of two revisions cannot be compared."""

    @property
    def dimensions(self) -> int:
        """Columns of a vector, 1 or more."""

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Turn texts into vectors that do not depend on what else is encoded.

        Args:
            texts: Any number of texts.
            progress: Called with the number of texts just done.

        Returns:
            One row per text in the given order, (len(texts), dimensions): of unit length, or zero for a text in
            which there is nothing to encode.
        """


def load_encoder(name: str, *, corpus: Sequence[str]) -> Encoder:
    """Load an encoder.

    Args:
        name: "accurate" or "fast" (weights of this package), "minilm" (all-MiniLM-L6-v2 as published), "lexical"
            (fitted on `corpus`), or a sentence-transformers model: its folder, or its name where it is on this machine
            already. Nothing is downloaded.
        corpus: The texts of the archive.

    Raises:
        EncoderError: There is no such encoder, or it cannot be loaded.
    """
    if name == quantised.NAME:
        return QuantisedEncoder()
    if name == static.NAME:
        return StaticEncoder()
    if name == LEXICAL_ENCODER:
        return LexicalEncoder.fit(corpus)
    return SemanticEncoder.open(name)


def encoder_revision(name: str, *, corpus: Sequence[str]) -> str:
    """Return the `revision` that the encoder of this name and corpus has, without loading it.

    Args:
        name: As `load_encoder` takes it.
        corpus: The texts of the archive.

    Raises:
        EncoderError: There is no such encoder.
    """
    if name == quantised.NAME:
        return quantised_revision()
    if name == static.NAME:
        return static_revision()
    return lexical_revision(corpus) if name == LEXICAL_ENCODER else model_revision(name)
