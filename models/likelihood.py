"""How likely a candidate is the same story as the query: a logistic curve of score and days between.

    p = 1 / (1 + exp(-(intercept + score · s + days · ln(1 + d))))

It says nothing that the score does not say: it only tells what a score is worth, at which distance in time. It belongs
to the trees of `extend`: `benchmarks/fit_likelihood.py` fits it again when those have changed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    """The curve and where it comes from."""

    story: Curve
    """Of being graded 3 by a reader: the same story."""
    provenance: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> Self:
        """The curve that comes with the package."""
        content = json.loads((resources.files("models") / "weights" / "likelihood.json").read_text(encoding="utf-8"))
        return cls(Curve(**content["story"]), content["provenance"])

    def save(self, path: Path) -> None:
        """Write the file; the same curve gives the same bytes."""
        content = {"provenance": dict(self.provenance), "story": asdict(self.story)}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
