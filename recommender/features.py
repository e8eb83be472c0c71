"""The evidence that an event is related, one named column each."""

import numpy as np
from numpy.typing import NDArray

FEATURES = ("cosine", "entities", "lexical", "days")
"""Columns of a feature matrix:

cosine    cosine of the text embeddings
entities  cosine of the entities weighted by rarity: Σ idf² over the shared, by both lengths
lexical   cosine of the TF-IDF vectors of the headlines
days      days between the two events, 0 or more
"""


def entity_cosine(shared: NDArray[np.float64], lengths: NDArray[np.float64], own_length: float) -> NDArray[np.float64]:
    """Cosine of events as vectors of their entities' rarities.

    Args:
        shared: For each event the sum of squared rarities over the entities shared with the query.
        lengths: For each event the length of its vector.
        own_length: The length of the query's.
    """
    return np.divide(shared, lengths * own_length, out=np.zeros_like(shared), where=(lengths > 0) & (own_length > 0))


def entity_lengths(
    starts: NDArray[np.int64], entities: NDArray[np.int32], idf: NDArray[np.float32]
) -> NDArray[np.float64]:
    """For each event the length of its vector of rarities.

    Args:
        starts: Where each event's entities begin; one more than there are events.
        entities: The entities of all events, one event after the other.
        idf: Rarity by entity.
    """
    sums = np.concatenate(([0.0], np.cumsum(idf[entities].astype(np.float64) ** 2)))
    lengths: NDArray[np.float64] = np.sqrt(np.maximum(sums[starts[1:]] - sums[starts[:-1]], 0.0))
    return lengths


def days_apart(days: NDArray[np.int32], row: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Days between one event and others, 0 or more."""
    apart: NDArray[np.float64] = np.abs(days[rows].astype(np.float64) - float(days[row]))
    return apart
