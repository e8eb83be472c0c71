"""A ranker that anyone can check by hand: one weight per named feature, and one factor for time.

    relevance = Σ weight · feature
    score     = relevance · (1 − share · (1 − 2^(−days / half_life)))

The factor takes away at most `share` of the relevance, so an event years away can still be the best
one; what it takes away is a contribution of its own, `days`, and the contributions add up to the score.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

DAYS = "days"
DECIMALS = 6
"""Contributions are rounded before they are added, so that what is printed adds up, and ties are ties."""


@dataclass(frozen=True, slots=True)
class LinearRanker:
    """Weights by feature, and how time takes away."""

    weights: Mapping[str, float]
    """Feature → weight; features are similarities, bigger is nearer."""
    time_share: float
    """The most that time takes away of the relevance, 0 to 1."""
    half_life_days: float
    """After so many days half of it is taken away."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """How the numbers were found."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a weights file.

        Raises:
            ValueError: It is not a weights file; the message says what is wrong.
        """
        try:
            ranker = cls(**json.loads(path.read_text(encoding="utf-8")))
            numbers = (*ranker.weights.values(), ranker.time_share, ranker.half_life_days)
            usable = all(math.isfinite(number) for number in numbers) and ranker.half_life_days > 0
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is not a file of weights ({error})") from None
        if not usable:
            raise ValueError(f"{path} is not a file of weights ({numbers}, expected finite ones, a half-life above 0)")
        return ranker

    @classmethod
    def bundled(cls, name: str) -> Self:
        """The weights that come with the package."""
        with resources.as_file(resources.files("models") / "weights" / f"{name}.json") as path:
            return cls.load(path)

    def save(self, path: Path) -> None:
        """Write a weights file; the same ranker gives the same bytes."""
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @property
    def columns(self) -> tuple[str, ...]:
        """The features in the order of the columns of contributions; `days` is the last."""
        return (*self.weights, DAYS)

    def contributions(self, features: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
        """What each feature adds to each candidate's score.

        Args:
            features: One row a candidate, one column a name.
            names: The columns' names; every weighted feature and `days` (days apart, 0 or more) among them.

        Returns:
            One row a candidate, columns as in `columns`; the score is the sum of a row.
        """
        places = [names.index(name) for name in self.weights]
        parts = features[:, places] * np.fromiter(self.weights.values(), np.float64)
        faded = 1.0 - np.exp2(-features[:, names.index(DAYS)] / self.half_life_days)
        taken = -self.time_share * faded * parts.sum(axis=1)
        columns: NDArray[np.float64] = np.column_stack((parts, taken)).round(DECIMALS) + 0.0  # no -0.0
        return columns
