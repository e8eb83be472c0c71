"""How likely a candidate is the same story as the query, or related at all: logistic curves of score and days between.

    p = 1 / (1 + exp(-(intercept + score · s + days · ln(1 + d))))

They say nothing that the score does not say: they only tell what a score is worth, at which distance in time. They
belong to the trees of `extend`: `benchmarks/fit_likelihood.py` fits them again when those have changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Curve:
    """One logistic curve."""

    intercept: float
    score: float
    days: float

    def at(self, scores: NDArray[np.float64], days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities, one a candidate.

        Args:
            scores: Of the candidates, by the trees of `extend`.
            days: Between each and the query, 0 or more.
        """
        values = self.intercept + self.score * scores + self.days * np.log1p(days)
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-values))
        return probabilities


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Both curves and where they come from."""

    story: Curve
    """Of being graded 3 by a reader: the same story."""
    related: Curve
    """Of being graded 2 or 3: the same story or real background."""
    provenance: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> Self:
        """The curves that come with the package."""
        content = json.loads((resources.files("models") / "weights" / "likelihood.json").read_text(encoding="utf-8"))
        return cls(Curve(**content["story"]), Curve(**content["related"]), content["provenance"])

    def save(self, path: Path) -> None:
        """Write the file; the same curves give the same bytes."""
        curves = {
            name: {"intercept": curve.intercept, "score": curve.score, "days": curve.days}
            for name, curve in (("story", self.story), ("related", self.related))
        }
        text = json.dumps({"provenance": dict(self.provenance), **curves}, indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
