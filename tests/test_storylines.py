"""Groups of a list: what is the same event, earlier, later or background; and the curves that say how likely it is."""

import json

import numpy as np
import pytest

from models.likelihood import Curve, Likelihood
from recommender.features import FEATURES
from recommender.storylines import EVENT_STEMS, GROUPS, STORY_AT, standings

SURE, NEVER = (
    Likelihood(Curve(9.0, 0.0, 0.0), Curve(9.0, 0.0, 0.0), {}),
    Likelihood(Curve(-9.0, 0.0, 0.0), Curve(-9.0, 0.0, 0.0), {}),
)


def group(likelihood: Likelihood, days: float, stems: float) -> str:
    row = np.zeros((1, len(FEATURES)))
    row[0, FEATURES.index("signed_days")], row[0, FEATURES.index("stems")] = days, stems
    return standings(likelihood, np.zeros(1), row)[0].group


class TestGroups:
    @pytest.mark.parametrize(
        ("days", "stems", "expected"),
        [
            (0, EVENT_STEMS, "same event"),
            (1, EVENT_STEMS, "same event"),
            (-1, EVENT_STEMS, "same event"),
            (2, 1.0, "later"),
            (-2, 1.0, "earlier"),
            (0, 0.0, "later"),
            (-1, 0.0, "earlier"),
        ],
    )
    def test_of_a_story_go_by_day_and_words(self, days, stems, expected):
        assert group(SURE, days, stems) == expected
        assert expected in GROUPS

    def test_what_is_no_story_is_background_whatever_its_day_and_words(self):
        assert group(NEVER, 0, 1.0) == "background"

    def test_of_several_candidates_are_those_of_each_alone(self):
        matrix = np.zeros((3, len(FEATURES)))
        matrix[:, FEATURES.index("signed_days")] = (-3, 0, 400)
        scores = np.array([12.0, 4.0, -3.0])
        likelihood = Likelihood.bundled()
        together = standings(likelihood, scores, matrix)
        alone = [standings(likelihood, scores[i : i + 1], matrix[i : i + 1])[0] for i in range(3)]
        assert together == alone
        assert (together[0].group, together[2].group) == ("earlier", "background")


class TestLikelihood:
    def test_is_the_logistic_function_of_score_and_days(self):
        found = Curve(-1.0, 0.5, -0.25).at(np.array([2.0, 4.0]), np.array([0.0, np.e - 1.0]))
        assert found == pytest.approx([0.5, 1.0 / (1.0 + np.exp(-0.75))])

    def test_of_the_package_rises_with_the_score_and_falls_with_the_days(self):
        bundled = Likelihood.bundled()
        for curve in (bundled.story, bundled.related):
            assert curve.score > 0 > curve.days
        scores = np.linspace(-8, 14, 50)
        for days in (0.0, 30.0, 3000.0):
            story, related = (curve.at(scores, np.full(50, days)) for curve in (bundled.story, bundled.related))
            assert (story < related).all()
        assert bundled.story.at(np.array([20.0]), np.zeros(1))[0] > STORY_AT

    def test_is_saved_as_it_is_read(self, tmp_path):
        bundled = Likelihood.bundled()
        bundled.save(tmp_path / "curves.json")
        content = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))
        assert Curve(**content["story"]) == bundled.story
        assert content["provenance"] == bundled.provenance
