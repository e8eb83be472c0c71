"""From the score of a ranker to a probability, and back: a logistic curve (Platt, "Probabilistic outputs", 1999).

Each candidate's value depends on nothing but its own score.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4
"""Of a probability: more would say more than was measured."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """p = 1 / (1 + exp(-(slope · score + intercept)))."""

    slope: float
    """Above 0: a larger score is never less probable."""
    intercept: float

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read {"slope": number, "intercept": number}.

        Raises:
            ValueError: It is not that.
        """
        try:
            found = cls(float(content["slope"]), float(content["intercept"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no calibration: {error!r}") from None
        if not (math.isfinite(found.slope) and math.isfinite(found.intercept) and found.slope > 0.0):
            raise ValueError(
                f"calibration has slope {found.slope} and intercept {found.intercept}, expected a rising line"
            )
        return found

    def probability(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """How probable it is that a candidate of such a score is relevant, rounded to `DECIMALS`."""
        odds = self.slope * scores + self.intercept
        found: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -odds)).round(DECIMALS)
        return found

    def faded(
        self, scores: NDArray[np.float64], days: NDArray[np.float64], half_life_days: float
    ) -> NDArray[np.float64]:
        """The scores whose probabilities are those of `scores`, halved every so many days.

        A factor on the score itself would lift those below 0; in the probability it always takes away.

        Args:
            scores: One a candidate.
            days: Of each, from 0.
            half_life_days: Above 0.
        """
        odds = self.slope * scores + self.intercept
        log_probability = -np.logaddexp(0.0, -odds) - (days / half_life_days) * math.log(2.0)
        old = days > 0
        # ln(p / (1 - p)); 1 - p by expm1, which is exact near 1 too
        odds[old] = log_probability[old] - np.log(-np.expm1(log_probability[old]))
        found: NDArray[np.float64] = np.where(old, np.minimum((odds - self.intercept) / self.slope, scores), scores)
        return found
