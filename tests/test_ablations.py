"""What rankers are compared on: pools, folds, and what each source of candidates has found."""

import importlib

import numpy as np
import pytest

pytest.importorskip("lightgbm", reason="lightgbm is needed for fitting only")
ablations = pytest.importorskip("ablations", reason="benchmarks/ is not beside the tests")
pools = importlib.import_module("pools")
features = importlib.import_module("recommender.features")


def pool(group="story", grades=(-1, -1, -1, -1), relevant=0, **columns):
    matrix = np.zeros((len(grades), len(features.FEATURES)))
    for name, values in columns.items():
        matrix[:, features.FEATURES.index(name)] = values
    return pools.Pool(group, matrix, np.array(grades), 7.0, relevant)


FOUR = pool(
    cosine=[0.9, 0.2, 0.5, 0.4],
    days=[400, 1, 80, 29],
    entities=[0.0, 0.7, 0.0, 0.0],
    lexical=[0.1, 0.0, 0.3, 0.3],
    grades=[3, -1, 2, 1],
    relevant=3,
)


def test_each_source_takes_its_own_best_of_equals_the_first():
    found = {source: rows.tolist() for source, rows in ablations.found_by(FOUR, 1).items()}
    assert found == {
        "texts": [0],
        "texts within 30 days": [3],
        "texts within 90 days": [2],
        "entities": [1],
        "words": [2],
    }
    assert ablations.found_by(FOUR, 2)["texts within 30 days"].tolist() == [3, 1]


def test_a_pool_loses_what_only_the_source_has_found():
    assert ablations.without(FOUR, "entities", 1).grades.tolist() == [3, 2, 1]
    assert ablations.without(FOUR, "words", 1).grades.tolist() == [3, -1, 2, 1]  # another source has it as well


def test_recall_is_of_all_relevant_events_in_the_pool_or_not():
    found = ablations.recalls([FOUR, pool()], 1, 2)  # the second pool has nothing to find
    assert found["texts"] == found["words"] == pytest.approx(1 / 3)
    assert found["entities"] == 0.0
    assert found["all five"] == pytest.approx(2 / 3)
    assert found["candidates of all five"] == 4


def test_no_ranker_is_asked_about_a_group_that_it_saw():
    judged = [pool(group=f"story {number % 7}", grades=[3]) for number in range(20)]
    stories = [pool(group="story 3", grades=[2]), pool(group="another", grades=[2])]
    asked = []

    def fit(rest, told):
        seen = {one.group for one in rest} | {one.group for one in told}
        assert "another" in seen

        def score(one):
            assert one.group not in seen
            asked.append(one)
            return np.array([float(len(rest))])

        return score

    scores = pools.out_of_fold(judged, stories, fit)
    assert len(scores) == len(asked) == 20
    assert pools.ndcgs(judged, scores).tolist() == [1.0] * 20


@pytest.mark.parametrize("name", [name for name in ablations.COMPARED if name.startswith(("linear", "Hist"))])
def test_an_estimator_learns_what_tells_grades_apart(name):
    random = np.random.default_rng(0)
    several = []
    for number in range(30):
        cosine = random.random(40)
        several.append(pool(f"story {number}", (cosine * 3.99).astype(int), cosine=cosine))
    score = ablations.COMPARED[name](several, [])
    best = np.argsort(-score(several[0]), kind="stable")[:5]
    assert several[0].grades[best].min() == 3
