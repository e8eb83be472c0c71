"""The ranker: what anyone can check by hand, and weights that come back from disk as they were."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranker import DECIMALS, LinearRanker
from recommender.features import FEATURES

NAMES = ("cosine", "entities", "days")
RANKER = LinearRanker({"cosine": 1.0, "entities": 0.5}, time_share=0.2, half_life_days=100.0)


def score(ranker: LinearRanker, *features: float) -> float:
    return float(ranker.contributions(np.array([features]), NAMES).sum())


class TestByHand:
    def test_a_contribution_is_weight_times_feature(self):
        contributions = RANKER.contributions(np.array([[0.6, 0.4, 0.0], [0.1, 1.0, 0.0]]), NAMES)
        np.testing.assert_allclose(contributions, [[0.6, 0.2, 0.0], [0.1, 0.5, 0.0]])

    def test_time_takes_half_of_its_share_after_the_half_life(self):
        contributions = RANKER.contributions(np.array([[0.6, 0.4, 100.0], [0.6, 0.4, 200.0]]), NAMES)
        np.testing.assert_allclose(contributions[:, 2], [-0.8 * 0.2 * 0.5, -0.8 * 0.2 * 0.75])

    def test_time_never_takes_more_than_its_share(self):
        assert score(RANKER, 0.6, 0.4, 1e6) == pytest.approx(0.8 * 0.8)

    def test_time_takes_nothing_on_the_same_day_and_is_not_printed_as_minus_nothing(self):
        contributions = RANKER.contributions(np.array([[0.6, 0.4, 0.0]]), NAMES)
        assert f"{contributions[0, 2]:+.3f}" == "+0.000"

    def test_columns_are_the_weights_in_their_order_and_the_days_last(self):
        assert RANKER.columns == ("cosine", "entities", "days")
        turned = LinearRanker({"entities": 0.5, "cosine": 1.0}, 0.2, 100.0)
        assert turned.columns == ("entities", "cosine", "days")
        np.testing.assert_allclose(turned.contributions(np.array([[0.6, 0.4, 0.0]]), NAMES), [[0.2, 0.6, 0.0]])

    def test_features_are_found_by_name_and_others_passed_over(self):
        features = np.array([[50.0, 7.0, 0.4, 0.6]])
        contributions = RANKER.contributions(features, ("days", "unused", "entities", "cosine"))
        np.testing.assert_array_equal(contributions, RANKER.contributions(np.array([[0.6, 0.4, 50.0]]), NAMES))

    @pytest.mark.parametrize("names", [("cosine", "days"), ("cosine", "entities")])
    def test_a_feature_that_is_missing_is_an_error(self, names):
        with pytest.raises(ValueError, match="not in"):
            RANKER.contributions(np.array([[0.5, 0.5]]), names)

    def test_no_candidate_has_no_contribution(self):
        assert RANKER.contributions(np.zeros((0, 3)), NAMES).shape == (0, 3)


similarities = st.floats(0.0, 1.0)
days = st.floats(0.0, 20_000.0)
rankers = st.builds(
    LinearRanker,
    st.fixed_dictionaries({"cosine": st.floats(0.0, 5.0), "entities": st.floats(0.0, 5.0)}),
    st.floats(0.0, 1.0),
    st.floats(0.5, 5_000.0),
)
ROUNDING = 3 * 10.0**-DECIMALS


class TestLaws:
    @given(rankers, similarities, similarities, similarities, days)
    def test_more_similar_is_never_worse(self, ranker, low, high, other, apart):
        low, high = sorted((low, high))
        assert score(ranker, low, other, apart) <= score(ranker, high, other, apart) + ROUNDING
        assert score(ranker, other, low, apart) <= score(ranker, other, high, apart) + ROUNDING

    @given(rankers, similarities, similarities, days, days)
    def test_further_away_is_never_better(self, ranker, one, other, near, far):
        near, far = sorted((near, far))
        assert score(ranker, one, other, far) <= score(ranker, one, other, near) + ROUNDING

    @given(rankers, similarities, similarities, days)
    def test_what_is_left_is_at_least_what_time_cannot_take(self, ranker, one, other, apart):
        relevance = score(ranker, one, other, 0.0)
        assert (
            (1 - ranker.time_share) * relevance - ROUNDING <= score(ranker, one, other, apart) <= relevance + ROUNDING
        )

    @given(rankers, st.lists(st.tuples(similarities, similarities, days), min_size=1, max_size=20))
    def test_contributions_are_rounded_and_do_not_depend_on_other_candidates(self, ranker, rows):
        together = ranker.contributions(np.array(rows), NAMES)
        np.testing.assert_array_equal(together, together.round(DECIMALS))
        for place, row in enumerate(rows):
            np.testing.assert_array_equal(ranker.contributions(np.array([row]), NAMES)[0], together[place])


class TestFiles:
    ranker = LinearRanker({"cosine": 1.0, "entities": 0.1}, 0.3, 30.5, {"fitted_on": "Übung", "value": 0.7})

    def test_come_back_as_they_were(self, tmp_path):
        self.ranker.save(tmp_path / "weights.json")
        loaded = LinearRanker.load(tmp_path / "weights.json")
        assert loaded == self.ranker
        assert loaded.columns == self.ranker.columns

    def test_the_same_ranker_gives_the_same_bytes(self, tmp_path):
        self.ranker.save(tmp_path / "one.json")
        LinearRanker.load(tmp_path / "one.json").save(tmp_path / "two.json")
        assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()
        assert "Übung" in (tmp_path / "one.json").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\xff",
            b"[]",
            b"3",
            b"{}",
            b'{"weights": {"cosine": 1.0}}',
            b'{"weights": {}, "time_share": 0.1, "half_life_days": 9, "bias": 1}',
            b'{"weights": 3, "time_share": 0.1, "half_life_days": 9}',
            b'{"weights": ["cosine"], "time_share": 0.1, "half_life_days": 9}',
            b'{"weights": {"cosine": "much"}, "time_share": 0.1, "half_life_days": 9}',
            b'{"weights": {"cosine": 1.0}, "time_share": "0.1", "half_life_days": 9}',
            b'{"weights": {"cosine": 1.0}, "time_share": 0.1, "half_life_days": 0}',
            b'{"weights": {"cosine": NaN}, "time_share": 0.1, "half_life_days": 9}',
        ],
    )
    def test_that_hold_no_weights_are_refused_with_their_name(self, tmp_path, content):
        path = tmp_path / "weights.json"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"weights\.json is not a file of weights"):
            LinearRanker.load(path)

    def test_that_are_missing_are_refused_with_their_name(self, tmp_path):
        with pytest.raises(ValueError, match=r"weights\.json is not a file of weights .*No such file"):
            LinearRanker.load(tmp_path / "weights.json")


class TestBundled:
    ranker = LinearRanker.bundled("extend")

    def test_weighs_features_that_there_are(self):
        assert {*self.ranker.weights, "days"} == set(FEATURES)
        assert all(weight > 0.0 for weight in self.ranker.weights.values())

    def test_says_how_it_was_found(self):
        assert {"fitted_on", "measure", "value", "command"} <= self.ranker.provenance.keys()
        assert "judged-dev" not in json.dumps(dict(self.ranker.provenance))

    def test_lets_time_take_some_but_not_all(self):
        assert 0.0 < self.ranker.time_share < 1.0
        assert self.ranker.half_life_days > 0.0

    def test_another_name_is_an_error(self):
        with pytest.raises(ValueError, match="is not a file of weights"):
            LinearRanker.bundled("nothing")


def test_a_ranker_does_not_change():
    with pytest.raises(FrozenInstanceError):
        RANKER.time_share = 0.5
