"""Diversification: the first of a ranking in an order that avoids to say the same again.

Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): next comes who has the largest
(1 - diversity) · relevance - diversity · likeness to the likest that stands already; likeness is the mean of the
cosines of texts and of entities weighted by rarity. Who comes next does not depend on how many are asked for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender.neighbours import cosines

if TYPE_CHECKING:
    from recommender.index import Index

DECIMALS = 6
"""Marginal relevance is rounded, so that ties are ties and the better of a ranking comes first."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How like some events are to one another."""

    index: "Index"
    rows: NDArray[np.int64]
    entities: NDArray[np.float64]
    """One unit row an event, or a zero row, over all entities that these events have."""

    @classmethod
    def of(cls, index: "Index", idf: NDArray[np.float32], rows: NDArray[np.int64]) -> "Likeness":
        """Of these rows of an index, with the rarity of its entities."""
        known = [index.articles.entities(int(row)) for row in rows]
        names = np.unique(np.concatenate([*known, np.zeros(0, np.int32)]))
        vectors = np.zeros((len(rows), len(names)))
        for place, own in enumerate(known):
            vectors[place, np.searchsorted(names, own)] = idf[own]
        lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
        return cls(index, rows, np.divide(vectors, lengths, out=vectors, where=lengths > 0))

    def to(self, place: int) -> NDArray[np.float64]:
        """Of each event to the one at a place."""
        vectors = self.index.vectors
        texts = cosines(vectors, vectors[self.rows[place]], self.rows).astype(np.float64)
        likeness: NDArray[np.float64] = (texts + (self.entities * self.entities[place]).sum(axis=1)) / 2.0
        return likeness


def diversified(likeness: Likeness, relevance: NDArray[np.float64], diversity: float, count: int) -> NDArray[np.int64]:
    """The first of a ranking in their new order.

    Args:
        likeness: Of the beginning of the ranking, best first, as long whatever is asked for.
        relevance: Of each, 0 to 1.
        diversity: 0 keeps the order, 1 looks at nothing but likeness after the first.
        count: So many are needed.

    Returns:
        Places in the ranking.
    """
    likest = np.zeros(len(relevance))
    left = np.ones(len(relevance), np.bool_)
    chosen: list[int] = []
    for _ in range(min(count, len(relevance))):
        marginal = ((1.0 - diversity) * relevance - diversity * likest).round(DECIMALS)
        marginal[~left] = -np.inf
        best = int(marginal.argmax())
        left[best] = False
        chosen.append(best)
        likest = np.maximum(likest, likeness.to(best))
    return np.array(chosen, np.int64)
