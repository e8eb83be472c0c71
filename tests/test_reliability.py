"""Reliability: bins of probability against the share that is relevant, counted by hand."""

import json

import numpy as np
import pytest

from recommender.parameters import Parameters
from recommender.qrels import Qrels
from recommender.related import Recommender
from recommender.reliability import format_reliability, measure_reliability, reliability_json


@pytest.fixture(scope="module")
def qrels(recommender: Recommender) -> Qrels:
    """Of three queries every other item of the longest list is graded, 2 where its row is even."""
    grades = {}
    for row, found in recommender.rankings([3, 50, 120], Parameters(limit=50)):
        slug = recommender.index.corpus.slug
        grades[slug(row)] = {slug(other): 2 if other % 2 == 0 else 0 for other in found.rows[::2].tolist()}
    return Qrels("drawn", grades | {"news/2001/01/1/not-in-the-archive": {"news/2001/01/1/neither": 3}})


def test_counts_the_graded_pairs_of_each_tenth(recommender, qrels):
    found = measure_reliability(recommender, qrels, seed=0)
    told, right, every = [], [], []
    for _, ranking in recommender.rankings([3, 50, 120], Parameters(limit=50)):
        told += ranking.probabilities[::2].tolist()
        right += [other % 2 == 0 for other in ranking.rows[::2].tolist()]
        every += ranking.probabilities.tolist()
    probabilities, relevant = np.array(told), np.array(right)
    assert (found.queries, found.relevant_from) == (3, 2)
    assert sum(one.pairs for one in found.bins) == len(told)
    assert found.brier == pytest.approx(((probabilities - relevant) ** 2).mean())
    for one in found.bins:
        inside = (probabilities >= one.low) & ((probabilities < one.high) | (one.high == 1.0))
        shown = sum(one.low <= value < one.high or value == one.high == 1.0 for value in every)
        assert one.pairs == inside.sum() > 0
        assert one.graded == pytest.approx(inside.sum() / shown)
        assert one.probability == pytest.approx(probabilities[inside].mean())
        assert one.relevant.estimate == pytest.approx(relevant[inside].mean())
        assert one.relevant.low <= one.relevant.estimate <= one.relevant.high
    expected = sum(one.pairs * abs(one.probability - one.relevant.estimate) for one in found.bins) / len(told)
    assert found.off == pytest.approx(expected)


def test_is_shown_as_a_table_and_as_json(recommender, qrels):
    found = measure_reliability(recommender, qrels, seed=0)
    lines = format_reliability(found).splitlines()
    assert lines[0].split() == ["probability", "graded", "pairs", "of", "all", "mean", "relevant"]
    assert lines[-2] == "drawn: the first 50 of 3 queries by extend; relevant from grade 2"
    assert len(lines) == len(found.bins) + 4
    shown = json.loads(json.dumps(reliability_json(found)))
    assert [one["pairs"] for one in shown["bins"]] == [one.pairs for one in found.bins]


def test_stands_below_what_evaluate_prints(command, recommender, qrels, tmp_path):
    recommender.index.save(tmp_path / "index")
    lines = [
        f"{query} 0 {document} {grade}\n" for query, known in qrels.grades.items() for document, grade in known.items()
    ]
    (tmp_path / "drawn.qrels").write_text("".join(lines))
    options = ["--index", tmp_path / "index", "--qrels", tmp_path / "drawn.qrels", "--reliability"]
    code, out, _ = command("evaluate", *options)
    assert code == 0
    assert out.endswith(f"\n\n{format_reliability(measure_reliability(recommender, qrels, seed=0))}\n")
    answer = json.loads(command("evaluate", *options, "--format", "json")[1])
    assert answer["reliability"] == reliability_json(measure_reliability(recommender, qrels, seed=0))


def test_needs_judgements(command):
    code, _, err = command("evaluate", "--reliability")
    assert code == 2
    assert "--reliability can only be given with --qrels FILE" in err
    code, _, err = command("evaluate", "--reliability", "--existing", "pages")
    assert code == 2
    assert "--reliability cannot be given with --existing" in err
