"""The encoder that needs no weights: TF-IDF and truncated SVD (latent semantic analysis), fitted on the archive.

Deerwester et al. 1990, "Indexing by latent semantic analysis". The fit does not depend on the order of
the texts nor on repeated ones, so the same archive gives the same vectors.
"""

import hashlib
from collections.abc import Callable, Sequence
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from models.terms import TermMatrix, fit_terms

DIMENSIONS = 256
"""At most: an archive with fewer texts or terms has fewer."""
_RECIPE = "lexical 1"  # raise the number when the vectors of the same archive change
_BLOCK = 4096
_NEGLIGIBLE = 1e-6  # relative to the largest singular value; and as the length of a projection


class LexicalEncoder:
    """Terms projected on the directions in which the texts of one archive differ most."""

    def __init__(self, revision: str, terms: TermMatrix, projection: NDArray[np.float32]) -> None:
        self.name = "lexical"
        self.revision = revision
        self.dimensions = projection.shape[1]
        self._terms = terms
        self._projection = projection

    @classmethod
    def fit(cls, corpus: Sequence[str]) -> "LexicalEncoder":
        """Fit terms and projection on the texts of an archive; any number of texts, empty ones too."""
        texts = _distinct(corpus)
        terms = fit_terms(texts)
        return cls(lexical_revision(texts), terms, _projection(terms))

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Return one unit row per text; a text without a term of the archive gets a zero row."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            vectors[start : start + len(block)] = self._encode_block(block)
            if progress:
                progress(len(block))
        return vectors

    def _encode_block(self, texts: Sequence[str]) -> NDArray[np.float32]:
        from scipy.sparse import csr_array  # noqa: PLC0415 - see _projection

        rows = [self._terms.text_vector(text) for text in texts]
        indptr = np.concatenate(([0], np.cumsum([len(row.columns) for row in rows])))
        sparse = csr_array(
            (np.concatenate([row.weights for row in rows]), np.concatenate([row.columns for row in rows]), indptr),
            shape=(len(rows), len(self._projection)),
        )
        # A sparse product adds up row by row: a text's vector does not depend on its neighbours.
        vectors = sparse @ self._projection
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        units: NDArray[np.float32] = np.zeros_like(vectors)
        np.divide(vectors, lengths, out=units, where=lengths > _NEGLIGIBLE)
        return units


def lexical_revision(corpus: Sequence[str]) -> str:
    """Return the identity of the vectors that an encoder fitted on these texts makes."""
    # Another release of these may turn the axes: rows of the two could not be compared.
    digest = hashlib.sha256(_RECIPE.encode())
    for package in ("numpy", "scikit-learn", "scipy"):
        digest.update(f" {package} {metadata.version(package)}".encode())
    for text in _distinct(corpus):
        digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def _distinct(corpus: Sequence[str]) -> list[str]:
    return sorted(set(corpus))


def _projection(terms: TermMatrix) -> NDArray[np.float32]:
    """Return the leading right singular vectors as columns: (terms, dimensions), at least one column."""
    size = min(DIMENSIONS, len(terms), len(terms.idf))
    if size == 0:
        return np.zeros((len(terms.idf), 1), dtype=np.float32)
    # Imported here because together they take a second, and most runs use another encoder.
    from scipy.sparse import csr_array  # noqa: PLC0415
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415

    # In single precision, close singular values would turn their vectors with the number of threads.
    matrix = csr_array((terms.data.astype(np.float64), terms.indices, terms.indptr), shape=(len(terms), len(terms.idf)))
    _, strengths, directions = randomized_svd(matrix, size, n_iter=4, random_state=0)
    # Directions beyond the rank of the matrix are arbitrary.
    kept = max(1, int((strengths > _NEGLIGIBLE * strengths[0]).sum()))
    return np.ascontiguousarray(directions[:kept].T, dtype=np.float32)
