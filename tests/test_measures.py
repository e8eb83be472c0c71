"""Measures: a list whose values anyone can work out, an outside oracle on random runs, and laws."""

import math
import random
import shutil

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, Judged, R, nDCG

from recommender.errors import ParameterError, QrelsError
from recommender.measures import MEASURES, default_relevant_from, gain, score_run
from recommender.qrels import Qrels

GAINS = {grade: 2**grade - 1 for grade in range(4)}


def values(answers: dict[str, list[str]], grades: dict[str, dict[str, int]], **options: int) -> dict[str, list[float]]:
    scores = score_run("extend", answers, Qrels("judged", grades), **options)
    return {measure: scores.values[measure].tolist() for measure in scores.values}


def random_world(seed: int) -> tuple[dict[str, list[str]], dict[str, dict[str, int]]]:
    """Forty queries with graded documents; lists with unjudged documents, some short, long or missing."""
    rng = random.Random(seed)
    pool = [f"d{number}" for number in range(60)]
    grades = {
        f"{number}": {document: rng.choice([0, 0, 0, 1, 1, 2, 3]) for document in rng.sample(pool, rng.randint(1, 30))}
        for number in range(1, 41)
    }
    answers = {query: rng.sample(pool, rng.randint(1, 25)) for query in grades if rng.random() < 0.9}
    return answers | {"99": ["d1"]}, grades


def oracle(
    measure: ir_measures.Measure, answers: dict[str, list[str]], grades: dict[str, dict[str, int]]
) -> list[float]:
    run = {q: {document: -float(rank) for rank, document in enumerate(answers[q])} for q in answers if q in grades}
    found = {metric.query_id: metric.value for metric in ir_measures.iter_calc([measure], grades, run)}
    return [found[query] for query in sorted(grades)]


class TestAListThatAnyoneCanWorkOut:
    """Three judged documents, a (3), b (1) and c (0); the list is an unjudged one, then c, b, a."""

    @pytest.fixture
    def worked(self) -> dict[str, float]:
        found = values({"q": ["unjudged", "c", "b", "a"]}, {"q": {"a": 3, "b": 1, "c": 0}})
        return {measure: column[0] for measure, column in found.items()}

    def test_ndcg_has_gains_of_powers_of_two(self, worked):
        ideal = 7 + 1 / math.log2(3)
        assert worked["nDCG@10"] == pytest.approx((1 / 2 + 7 / math.log2(5)) / ideal)

    def test_condensed_ndcg_moves_the_judged_ones_up(self, worked):
        ideal = 7 + 1 / math.log2(3)
        assert worked["nDCG@10 condensed"] == pytest.approx((1 / math.log2(3) + 7 / 2) / ideal)

    def test_binary_measures_count_from_grade_two_on(self, worked):
        assert (worked["R@10"], worked["RR"], worked["AP"]) == (1, 1 / 4, 1 / 4)

    def test_judged_is_a_share_of_what_was_listed(self, worked):
        assert worked["Judged@10"] == 3 / 4


class TestTheOutsideOracle:
    @pytest.mark.parametrize("relevant_from", [1, 2, 3])
    @pytest.mark.parametrize(
        ("name", "measure"),
        [
            ("nDCG@10", lambda _: nDCG(gains=GAINS) @ 10),
            ("R@10", lambda grade: R(rel=grade) @ 10),
            ("RR", lambda grade: RR(rel=grade)),
            ("AP", lambda grade: AP(rel=grade)),
            ("Judged@10", lambda _: Judged @ 10),
            ("nDCG@10 condensed", lambda _: nDCG(gains=GAINS, judged_only=True) @ 10),
        ],
    )
    def test_gives_the_same_value_for_every_query(self, name, measure, relevant_from):
        for seed in range(5):
            answers, grades = random_world(seed)
            ours = values(answers, grades, relevant_from=relevant_from)[name]
            assert ours == pytest.approx(oracle(measure(relevant_from), answers, grades), abs=1e-12)

    @pytest.mark.skipif(shutil.which("perl") is None, reason="ir-measures computes exp-log2 with gdeval.pl")
    def test_that_knows_exponential_gains_by_itself_agrees_to_its_five_digits(self):
        answers, grades = random_world(7)
        ours = values(answers, grades)["nDCG@10"]
        assert ours == pytest.approx(oracle(nDCG(dcg="exp-log2") @ 10, answers, grades), abs=1e-5)


class TestWhoIsCounted:
    def test_a_query_without_an_answer_has_zero_and_is_told(self):
        grades = {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1}}
        scores = score_run("extend", {"b": ["x"], "c": []}, Qrels("judged", grades))
        assert scores.queries == ("a", "b", "c")
        assert scores.unanswered == 2
        for measure in MEASURES:
            assert scores.values[measure].tolist() == [0, 1, 0]
            assert scores.mean(measure) == pytest.approx(1 / 3)

    def test_a_run_that_answers_nothing_has_zero_everywhere(self):
        scores = score_run("extend", {}, Qrels("judged", {"a": {"x": 1}}))
        assert scores.means == dict.fromkeys(MEASURES, 0.0)

    def test_an_empty_truth_is_zero_in_the_mean_and_told(self):
        scores = score_run("extend", {"a": ["x"], "b": ["x"]}, Qrels("judged", {"a": {"x": 0}, "b": {"x": 3}}))
        assert scores.without_relevant == 1
        assert [scores.mean(measure) for measure in ("nDCG@10", "R@10", "RR", "AP")] == [0.5] * 4
        assert scores.mean("Judged@10") == 1

    def test_low_grades_alone_are_no_relevant_document_but_gain_in_ndcg(self):
        scores = score_run("extend", {"a": ["x"], "b": ["x"]}, Qrels("judged", {"a": {"x": 1}, "b": {"x": 3}}))
        assert scores.without_relevant == 1
        assert scores.values["nDCG@10"].tolist() == [1, 1]
        assert scores.values["R@10"].tolist() == [0, 1]

    def test_queries_that_nobody_judged_count_nowhere_and_are_told(self):
        scores = score_run("extend", {"a": ["x"], "z": ["y"]}, Qrels("judged", {"a": {"x": 1}}))
        assert (scores.queries, scores.not_judged, scores.mean("RR")) == (("a",), 1, 1)

    def test_judged_pairs_are_counted_with_those_of_grade_zero(self):
        scores = score_run("extend", {}, Qrels("judged", {"a": {"x": 1, "y": 0, "z": -1}}))
        assert (scores.pairs, scores.irrelevant_pairs) == (3, 2)

    @pytest.mark.parametrize(("max_grade", "expected"), [(1, 1), (2, 1), (3, 2), (4, 2)])
    def test_relevant_starts_at_two_where_grades_reach_three(self, max_grade, expected):
        qrels = Qrels("judged", {"a": {"x": max_grade, "y": 0}})
        assert default_relevant_from(qrels) == expected
        assert score_run("extend", {}, qrels).relevant_from == expected


class TestTheOrder:
    def test_of_the_list_is_the_order_measured_whatever_the_names(self):
        """trec_eval puts equal scores in falling order of names; our scores have no equals."""
        for answer in (["a", "z"], ["z", "a"]):
            assert values({"q": answer}, {"q": {"z": 1}})["RR"] == [1 / (1 + answer.index("z"))]

    def test_holds_in_long_lists(self):
        answer = [f"d{number}" for number in range(5000)]
        assert values({"q": answer}, {"q": {"d4999": 1}})["RR"] == [pytest.approx(1 / 5000)]

    def test_a_document_listed_twice_is_refused(self):
        with pytest.raises(QrelsError, match="the run 'extend' lists a document twice for 'q'"):
            values({"q": ["x", "x"]}, {"q": {"x": 1}})


def test_a_negative_grade_gains_nothing_but_is_judged():
    found = values({"q": ["spam", "x"]}, {"q": {"spam": -2, "x": 1}})
    assert found["RR"] == [1 / 2]
    assert found["Judged@10"] == [1]
    assert [gain(grade) for grade in (-2, 0, 1, 2, 3)] == [0, 0, 1, 3, 7]


def test_scores_cannot_be_changed():
    scores = score_run("extend", {"q": ["x"]}, Qrels("judged", {"q": {"x": 1}}))
    with pytest.raises(ValueError, match="read-only"):
        scores.values["RR"][0] = 0


def test_a_measure_that_does_not_exist_is_an_error_that_lists_those_that_do():
    scores = score_run("extend", {"q": ["x"]}, Qrels("judged", {"q": {"x": 1}}))
    with pytest.raises(ParameterError, match=r"measure is 'MRR', expected one of nDCG@10, R@10, RR, AP"):
        scores.mean("MRR")


@pytest.mark.parametrize("relevant_from", [0, -1, 16])
def test_relevant_from_is_a_grade(relevant_from):
    with pytest.raises(ParameterError, match="relevant_from"):
        values({"q": ["x"]}, {"q": {"x": 1}}, relevant_from=relevant_from)


documents = st.sampled_from([f"d{number}" for number in range(30)])
judgements = st.dictionaries(
    st.sampled_from("abcde"), st.dictionaries(documents, st.integers(0, 3), min_size=1), min_size=1
)
answer_lists = st.dictionaries(st.sampled_from("abcdef"), st.lists(documents, unique=True))


@given(answers=answer_lists, grades=judgements)
def test_law_every_value_lies_between_zero_and_one(answers, grades):
    for column in values(answers, grades).values():
        assert np.isfinite(column).all()
        assert 0 <= min(column) <= max(column) <= 1 + 1e-12


@given(grades=judgements)
def test_law_the_ideal_order_has_ndcg_one_wherever_anything_gains(grades):
    ideal = {query: sorted(judged, key=lambda document: -judged[document]) for query, judged in grades.items()}
    expected = [float(any(grades[query].values())) for query in sorted(grades)]
    assert values(ideal, grades)["nDCG@10"] == pytest.approx(expected)


@given(answers=answer_lists, grades=judgements)
def test_law_condensing_is_removing_the_unjudged(answers, grades):
    condensed = {
        query: [document for document in answer if document in grades.get(query, {})]
        for query, answer in answers.items()
    }
    expected = values(condensed, grades)["nDCG@10"]
    assert values(answers, grades)["nDCG@10 condensed"] == pytest.approx(expected)


@given(answers=answer_lists, grades=judgements)
def test_law_unjudged_documents_at_the_end_change_no_value_but_judged(answers, grades):
    longer = {query: [*answer, "unjudged"] for query, answer in answers.items() if answer}
    before, after = values(answers, grades), values(longer, grades)
    for measure in set(MEASURES) - {"Judged@10"}:
        assert after[measure] == pytest.approx(before[measure])
