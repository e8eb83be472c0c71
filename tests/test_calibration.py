"""The logistic curve: from scores to probabilities, and probabilities that fade."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import Calibration
from models.trees import TreeRanker

CURVE = Calibration(0.5, -2.0)
scores = st.floats(-30, 30).map(lambda value: round(value, 6))


def fade(score: float, days: float, half_life: float) -> float:
    return float(CURVE.faded(np.array([score]), np.array([days]), half_life)[0])


def chance(score: float) -> float:
    """The definition, in plain arithmetic."""
    return 1 / (1 + np.exp(-(0.5 * score - 2.0)))


class TestProbability:
    def test_is_a_half_where_the_line_is_zero(self):
        assert CURVE.probability(np.array([4.0])).tolist() == [0.5]

    def test_has_four_decimals_and_never_overflows(self):
        assert CURVE.probability(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.1192, 1.0]

    @given(st.lists(scores, min_size=2, max_size=20))
    def test_rises_with_the_score(self, drawn):
        found = CURVE.probability(np.array(sorted(drawn)))
        assert (np.diff(found) >= 0).all()

    @pytest.mark.parametrize(
        "content",
        [
            {},
            {"slope": 1.0},
            {"slope": 0.0, "intercept": 1.0},
            {"slope": -1, "intercept": 0},
            {"slope": "x", "intercept": 0},
            {"slope": float("nan"), "intercept": 0.0},
            {"slope": 1.0, "intercept": float("inf")},
            [],
        ],
    )
    def test_of_what_is_no_rising_line_is_an_error(self, content):
        with pytest.raises(ValueError, match="calibration"):
            Calibration.of(content)


class TestFaded:
    @pytest.mark.parametrize("score", [-5.0, 0.0, 4.0, 11.0])
    def test_halves_the_probability_once_a_half_life(self, score):
        assert chance(fade(score, 30, 30)) == pytest.approx(chance(score) / 2, rel=1e-9)
        assert chance(fade(score, 60, 30)) == pytest.approx(chance(score) / 4, rel=1e-9)

    def test_takes_away_from_a_score_below_zero_too(self):
        assert fade(-5.0, 10, 30) < -5.0

    @given(scores, st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 100_000))
    def test_never_lifts_and_takes_more_the_older(self, score, one, other, half_life):
        young, old = sorted((one, other))
        assert fade(score, 0, half_life) == score
        assert np.isfinite(fade(score, old, half_life))
        assert fade(score, old, half_life) <= fade(score, young, half_life) <= score


def test_a_file_of_trees_without_a_calibration_is_refused(tmp_path):
    content = json.loads(json.dumps(dict(TreeRanker.bundled("extend").content)))
    del content["calibration"]
    (tmp_path / "trees.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"trees\.json is not a file of trees .*calibration"):
        TreeRanker.load(tmp_path / "trees.json")
