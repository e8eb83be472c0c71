"""What a running build has encoded so far, beside the index: a killed build encodes nothing twice.

    INDEX/.related-events-building-vectors/<encoder>-<checksum>.npy     keys and vectors of one portion of texts

Encoding takes minutes, everything else seconds. Each portion is written as soon as it is encoded, by renaming, under
a name made of the encoder's revision and of its own bytes: what is damaged, or of another encoder, is passed over.
All of it goes when the build counts.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender import store
from recommender.atomic import replace_file
from recommender.errors import IndexFolderError
from recommender.vectors import KnownVectors

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class VectorJournal:
    """The portions of one encoder beside one index."""

    folder: Path
    """The index, which need not be there yet."""
    revision: str
    """Identity of the encoder's vectors."""

    def read(self) -> KnownVectors | None:
        """What killed builds have left, None where that is nothing."""
        found = []
        for file in sorted(store.journal_folder(self.folder).glob(f"{self._prefix()}*.npy")):
            try:
                raw = file.read_bytes()
                if file.name == self._name(raw):
                    found.append(np.load(io.BytesIO(raw), allow_pickle=False))
            except (OSError, ValueError):
                continue
        if not found:
            return None
        portions = np.concatenate(found)
        return KnownVectors(portions["key"], portions["vector"])

    def keep(self, keys: NDArray[np.uint64], vectors: NDArray[np.float32]) -> None:
        """Write down a portion; when this returns, a build that is killed has it.

        Args:
            keys: (m, 2) digests of texts.
            vectors: (m, dimensions) the vector of each.

        Raises:
            IndexFolderError: It cannot be written, and so the index could not either.
        """
        layout = np.dtype([("key", "<u8", (2,)), ("vector", "<f4", (vectors.shape[1],))])
        portion = np.empty(len(keys), layout)
        portion["key"], portion["vector"] = keys, vectors
        raw = io.BytesIO()
        np.save(raw, portion, allow_pickle=False)
        folder = store.journal_folder(self.folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / self._name(raw.getvalue()), raw.getvalue())
        except OSError as error:
            raise IndexFolderError(
                f"the index {self.folder} could not be written ({error.strerror or error}); the old one, if any, is as "
                "it was"
            ) from None

    def _prefix(self) -> str:
        return hashlib.sha256(self.revision.encode()).hexdigest()[:_DIGITS] + "-"

    def _name(self, raw: bytes) -> str:
        return f"{self._prefix()}{hashlib.sha256(raw).hexdigest()[:_DIGITS]}.npy"
