"""Trees: what a plain walk says, contributions that add up to the last digit, files that come back as they were."""

import importlib
import json
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tree_scores import LEAVES
from models.trees import UNIT, TreeRanker
from recommender.features import FEATURES, GROUPS

STUMP = {"feature": [1], "threshold": [0.5], "left": [~0], "right": [~1], "value": [10], "leaf": [4, 30]}
DEEP = {
    "feature": [0, 1],
    "threshold": [2.0, 0.25],
    "left": [1, ~2],
    "right": [~0, ~1],
    "value": [0, -5],
    "leaf": [7, -9, 3],
}
"""days ≤ 2: (cosine ≤ 0.25: 3, else -9), else 7"""
NAMES = ("days", "cosine")


def content(*trees: dict, features: tuple[str, ...] = NAMES) -> dict:
    calibration = {"slope": 0.5, "intercept": -2.0}
    return {"provenance": {"seed": 1}, "calibration": calibration, "features": list(features), "trees": list(trees)}


def scores(ranker: TreeRanker, matrix: list[list[float]]) -> list[int]:
    return ranker.scores(ranker.leaves(np.array(matrix), NAMES)).tolist()


def contributions(ranker: TreeRanker, matrix: list[list[float]]) -> list[list[int]]:
    return ranker.contributions(ranker.leaves(np.array(matrix), NAMES)).tolist()


class TestByHand:
    def test_a_score_is_what_the_path_adds_to_the_root(self):
        assert scores(TreeRanker.of(content(STUMP)), [[0.0, 0.5], [0.0, 0.51]]) == [-6, 20]

    def test_a_value_equal_to_the_threshold_goes_left(self):
        assert scores(TreeRanker.of(content(DEEP)), [[2.0, 0.25], [2.0, 0.26], [2.1, 0.0]]) == [3, -9, 7]

    def test_each_step_is_credited_to_the_feature_that_was_asked(self):
        ranker = TreeRanker.of(content(DEEP))
        assert contributions(ranker, [[1.0, 0.0], [1.0, 0.9], [9.0, 0.0]]) == [[-5, 8], [-5, -4], [7, 0]]

    def test_trees_add_up(self):
        both = TreeRanker.of(content(STUMP, DEEP))
        assert scores(both, [[1.0, 0.6]]) == [20 - 9]
        assert contributions(both, [[1.0, 0.6]]) == [[-5, 20 - 4]]

    def test_columns_are_found_by_name_and_others_passed_over(self):
        ranker = TreeRanker.of(content(DEEP))
        turned = ranker.leaves(np.array([[0.9, 5.0, 1.0]]), ("cosine", "unused", "days"))
        assert ranker.scores(turned).tolist() == [-9]
        with pytest.raises(ValueError, match="not in"):
            ranker.leaves(np.array([[0.9]]), ("cosine",))

    def test_no_candidate_has_no_score(self):
        ranker = TreeRanker.of(content(STUMP))
        leaves = ranker.leaves(np.zeros((0, 2)), NAMES)
        assert ranker.scores(leaves).tolist() == []
        assert ranker.contributions(leaves).shape == (0, 2)


def drawn_tree(random: np.random.Generator, features: int) -> dict:
    """Any tree of at most eight leaves, its leaves numbered in any order."""
    tree: dict = {name: [] for name in ("feature", "threshold", "left", "right", "value", "leaf")}
    count = int(random.integers(2, LEAVES + 1))
    numbers = random.permutation(count).tolist()
    tree["leaf"] = random.integers(-UNIT, UNIT, count).tolist()

    def grow(leaves: int) -> int:
        if leaves == 1:
            return ~numbers.pop()
        place = len(tree["feature"])
        tree["feature"].append(int(random.integers(features)))
        tree["threshold"].append(float(random.integers(-3, 4)))
        tree["value"].append(int(random.integers(-UNIT, UNIT)))
        tree["left"].append(0)
        tree["right"].append(0)
        left = int(random.integers(1, leaves))
        tree["left"][place] = grow(left)
        tree["right"][place] = grow(leaves - left)
        return place

    grow(count)
    return tree


def walk(tree: dict, row: list[float]) -> tuple[int, dict[int, int]]:
    """The change of the value from the root to the leaf, and by feature: the plain way."""
    node, parts = 0, {}
    while node >= 0:
        feature, value = tree["feature"][node], tree["value"][node]
        child = tree["left" if row[feature] <= tree["threshold"][node] else "right"][node]
        after = tree["value"][child] if child >= 0 else tree["leaf"][~child]
        parts[feature] = parts.get(feature, 0) + after - value
        node = child
    return tree["leaf"][~node] - tree["value"][0], parts


class TestLaws:
    @given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 4), st.integers(0, 9))
    def test_scores_and_contributions_are_those_of_a_plain_walk(self, seed, trees, features, candidates):
        random = np.random.default_rng(seed)
        drawn = [drawn_tree(random, features) for _ in range(trees)]
        names = tuple(f"feature {number}" for number in range(features))
        matrix = random.integers(-4, 5, (candidates, features)) + random.choice([0.0, 0.5], (candidates, features))
        ranker = TreeRanker.of(content(*drawn, features=names))
        leaves = ranker.leaves(matrix, names)
        expected = [[walk(tree, row) for tree in drawn] for row in matrix.tolist()]
        assert ranker.scores(leaves).tolist() == [sum(score for score, _ in walks) for walks in expected]
        assert ranker.scores_of(matrix, names).tolist() == ranker.scores(leaves).tolist()
        by_feature = [
            [sum(parts.get(feature, 0) for _, parts in walks) for feature in range(features)] for walks in expected
        ]
        assert ranker.contributions(leaves).tolist() == by_feature
        assert (ranker.contributions(leaves).sum(axis=1) == ranker.scores(leaves)).all()


class TestFiles:
    def test_come_back_as_they_were(self, tmp_path):
        ranker = TreeRanker.of(content(STUMP, DEEP))
        ranker.save(tmp_path / "one.json")
        loaded = TreeRanker.load(tmp_path / "one.json")
        assert loaded.content == ranker.content == content(STUMP, DEEP)
        assert loaded.provenance == {"seed": 1}
        loaded.save(tmp_path / "two.json")
        assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()

    nine: ClassVar[dict] = {
        "feature": [0] * 8,
        "threshold": list(range(8)),
        "left": [~number for number in range(8)],
        "right": [*range(1, 8), ~8],
        "value": [0] * 8,
        "leaf": [0] * 9,
    }

    @pytest.mark.parametrize(
        "bad",
        [
            b"",
            b"{",
            b"\xff",
            b"[]",
            b"3",
            b"{}",
            b'{"weights": {"cosine": 1.0}, "time_share": 0.1, "half_life_days": 9}',
            content(),
            content(STUMP, features=()),
            content(STUMP, features=("one", "one")),
            {**content(STUMP), "provenance": 3},
            {**content(STUMP), "trees": 3},
            {"features": ["a", "b"], "trees": [STUMP]},
            content({**STUMP, "feature": [2]}),
            content({**STUMP, "feature": [-1]}),
            content({**STUMP, "threshold": ["much"]}),
            content({**STUMP, "threshold": [float("nan")]}),
            content({**STUMP, "leaf": [1, 2.5]}),
            content({**STUMP, "leaf": [1]}),
            content({**STUMP, "leaf": [1, 2, 3]}),
            content({**STUMP, "left": [0]}),
            content({**STUMP, "right": [1]}),
            content({**STUMP, "left": []}),
            content(nine),
            content({name: [] for name in STUMP}),
        ],
    )
    def test_that_hold_no_trees_are_refused_with_their_name(self, tmp_path, bad):
        path = tmp_path / "weights.json"
        path.write_bytes(bad if isinstance(bad, bytes) else json.dumps(bad).encode())
        with pytest.raises(ValueError, match=r"weights\.json is not a file of trees"):
            TreeRanker.load(path)

    def test_that_are_missing_are_refused_with_their_name(self, tmp_path):
        with pytest.raises(ValueError, match=r"weights\.json is not a file of trees .*No such file"):
            TreeRanker.load(tmp_path / "weights.json")


class TestBundled:
    ranker = TreeRanker.bundled("extend")

    def test_asks_features_that_there_are(self):
        assert set(self.ranker.features) <= set(FEATURES)
        assert len(FEATURES) == len(set(FEATURES)) == sum(map(len, GROUPS.values()))

    def test_says_how_it_was_found(self):
        provenance = self.ranker.provenance
        assert {"encoder", "judged", "stories", "measure", "value", "seed", "models", "settings"} <= provenance.keys()
        assert "judged-dev" not in json.dumps([provenance["judged"], provenance["stories"]])
        assert provenance["left_out"] == ["judged-dev.qrels"]

    def test_another_name_is_an_error(self):
        with pytest.raises(ValueError, match="is not a file of trees"):
            TreeRanker.bundled("nothing")


def test_trees_of_lightgbm_give_its_scores():
    lightgbm = pytest.importorskip("lightgbm", reason="lightgbm is needed for fitting only")
    fitting = importlib.import_module("fit_extend")
    random = np.random.default_rng(0)
    matrix = random.random((400, len(FEATURES)))
    labels = (matrix[:, 0] * matrix[:, 1] > 0.3) + 0.2 * random.random(400)
    settings = {"num_leaves": LEAVES, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    booster = lightgbm.train(settings, lightgbm.Dataset(matrix, labels), 20)
    trees = []
    for info in booster.dump_model()["tree_info"]:
        trees.append({name: [] for name in STUMP})
        fitting.flatten(info["tree_structure"], trees[-1], list(FEATURES), UNIT)
    ranker = TreeRanker.of(content(*trees, features=FEATURES))
    ours = ranker.scores(ranker.leaves(matrix, FEATURES)) / UNIT
    assert np.ptp(ours - booster.predict(matrix)) < 1e-4
