"""Groups of a list: what is the same event, earlier, later or background; and the curves that say how likely it is."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.likelihood import Curve, Likelihood
from recommender.features import FEATURES
from recommender.ranking import FADE, Ranking
from recommender.storylines import EVENT_STEMS, GROUPS, STORY_AT, standings

SURE, NEVER = Likelihood(Curve(9.0, 0.0, 0.0), {}), Likelihood(Curve(-9.0, 0.0, 0.0), {})


def ranking(scores, days, stems, probabilities) -> Ranking:
    count = len(scores)
    matrix = np.zeros((count, len(FEATURES)))
    matrix[:, FEATURES.index("signed_days")], matrix[:, FEATURES.index("stems")] = days, stems
    contributions = np.array(scores)[:, None]
    return Ranking(np.arange(count), np.array(scores), ("text",), contributions, matrix, np.array(probabilities))


def group(likelihood: Likelihood, days: float, stems: float) -> str:
    return standings(likelihood, ranking([0.0], [days], [stems], [0.5]))[0].group


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

    def test_of_several_rows_are_those_of_each_alone(self):
        likelihood = Likelihood.bundled()
        rows = [(12.0, -3.0, 0.9), (4.0, 0.0, 0.4), (-3.0, 400.0, 0.1)]
        together = standings(likelihood, ranking(*zip(*((s, d, 0.0, p) for s, d, p in rows), strict=True)))
        alone = [standings(likelihood, ranking([s], [d], [0.0], [p]))[0] for s, d, p in rows]
        assert together == alone
        assert (together[0].group, together[2].group) == ("earlier", "background")
        assert [one.related for one in together] == [0.9, 0.4, 0.1]

    def test_what_no_score_put_on_a_list_has_none(self):
        found = ranking([np.nan, 9.0], [0.0, 0.0], [0.0, 0.0], [np.nan, 0.9])
        assert [one is None for one in standings(SURE, found)] == [True, False]

    def test_fading_takes_nothing_from_a_story(self):
        found = ranking([9.0], [-30.0], [0.0], [0.9])
        faded = replace(found, columns=("text", FADE), scores=np.array([2.0]), contributions=np.array([[9.0, -7.0]]))
        assert standings(Likelihood.bundled(), faded) == standings(Likelihood.bundled(), found)


class TestLikelihood:
    def test_is_the_logistic_function_of_score_and_days(self):
        found = Curve(-1.0, 0.5, -0.25).at(np.array([2.0, 4.0]), np.array([0.0, np.e - 1.0]))
        assert found == pytest.approx([0.5, 1.0 / (1.0 + np.exp(-0.75))])

    def test_of_the_package_rises_with_the_score_and_falls_with_the_days(self):
        story = Likelihood.bundled().story
        assert story.score > 0 > story.days
        assert story.at(np.array([20.0]), np.zeros(1))[0] > STORY_AT > story.at(np.array([-8.0]), np.zeros(1))[0]

    def test_is_saved_as_it_is_read(self, tmp_path):
        bundled = Likelihood.bundled()
        bundled.save(tmp_path / "curves.json")
        content = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))
        assert Curve(**content["story"]) == bundled.story
        assert content["provenance"] == bundled.provenance
