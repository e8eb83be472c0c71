"""The scoreboard: its numbers, its JSON, and the table that people read."""

import json

import pytest

from recommender.errors import ParameterError
from recommender.measures import MEASURES, RunScores, score_run
from recommender.qrels import Qrels
from recommender.scoreboard import Scoreboard, build_scoreboard, format_table

QUERIES = [f"q{number:02}" for number in range(30)]
QRELS = Qrels("judged", {query: {"best": 3, "good": 2, "fair": 1, "poor": 0} for query in QUERIES} | {"q99": {"x": 1}})


def answers(*documents: str, count: int = 30) -> dict[str, list[str]]:
    return {query: list(documents) for query in QUERIES[:count]}


def scored(name: str, given: dict[str, list[str]]) -> RunScores:
    return score_run(name, given, QRELS)


@pytest.fixture(scope="module")
def runs() -> list[RunScores]:
    return [
        scored("reproduce", answers("poor", "unread", "fair", count=20)),
        scored("cosine", answers("fair", "good", "poor") | {"stray": ["x"]}),
        scored("extend", answers("best", "good") | {query: ["poor"] for query in QUERIES[:5]}),
    ]


@pytest.fixture(scope="module")
def scoreboard(runs) -> Scoreboard:
    return build_scoreboard(runs, baselines=["reproduce", "cosine"])


def test_means_are_those_of_the_runs(scoreboard, runs):
    for row, run in zip(scoreboard.rows, runs, strict=True):
        assert row.name == run.name
        assert {measure: row.means[measure].estimate for measure in MEASURES} == pytest.approx(run.means)


def test_differences_are_those_of_the_means(scoreboard, runs):
    means = {run.name: run.means for run in runs}
    for row in scoreboard.rows:
        for baseline, differences in row.differences.items():
            for measure, difference in differences.items():
                assert difference.estimate == pytest.approx(means[row.name][measure] - means[baseline][measure])


def test_every_mean_and_difference_lies_in_its_interval(scoreboard):
    for row in scoreboard.rows:
        for intervals in (row.means, *row.differences.values()):
            for interval in intervals.values():
                assert interval.low - 1e-12 <= interval.estimate <= interval.high + 1e-12


def test_each_run_is_compared_with_every_baseline_but_itself(scoreboard):
    compared = {row.name: list(row.differences) for row in scoreboard.rows}
    assert compared == {"reproduce": ["cosine"], "cosine": ["reproduce"], "extend": ["reproduce", "cosine"]}


def test_counts_are_told(scoreboard):
    assert (scoreboard.queries, scoreboard.pairs, scoreboard.irrelevant_pairs) == (31, 121, 30)
    assert (scoreboard.relevant_from, scoreboard.without_relevant) == (2, 1)
    assert [(row.unanswered, row.not_judged) for row in scoreboard.rows] == [(11, 0), (1, 1), (1, 0)]


def test_a_seed_decides_every_number(scoreboard, runs):
    baselines = ["reproduce", "cosine"]
    assert build_scoreboard(runs, baselines=baselines) == scoreboard
    assert build_scoreboard(runs, baselines=baselines, seed=1) != scoreboard


def test_equal_runs_differ_by_exactly_nothing():
    same = answers("best", "fair")
    board = build_scoreboard([scored("a", same), scored("b", same), scored("c", {})], baselines=["a"])
    for difference in board.rows[1].differences["a"].values():
        assert (difference.low, difference.estimate, difference.high) == (0, 0, 0)


def test_json_holds_the_numbers_of_the_table(scoreboard):
    there_and_back = json.loads(json.dumps(scoreboard.to_json(), allow_nan=False))
    assert there_and_back == scoreboard.to_json()
    assert there_and_back["interval"] == {"level": 0.95, "resamples": 10_000, "seed": 0}
    extend = there_and_back["runs"][2]
    table = format_table(scoreboard)
    mean = extend["means"]["nDCG@10"]
    assert f"{mean['mean']:.3f} ±{(mean['high'] - mean['low']) / 2:.3f}" in table
    difference = extend["differences"]["cosine"]["AP"]
    assert f"{difference['mean']:+.3f} ±{(difference['high'] - difference['low']) / 2:.3f}" in table


def test_the_table_says_what_was_measured_on_what(scoreboard):
    table = format_table(scoreboard)
    assert "judged: 31 queries, 121 judged pairs, relevant from grade 2" in table
    assert "without a relevant document (counted as 0 in R@10, RR and AP): 1" in table
    assert "unanswered (counted as 0): reproduce 11, cosine 1, extend 1" in table
    assert "queries of the run that are not judged (not counted): reproduce 0, cosine 1, extend 0" in table
    assert "95% interval" in table
    assert "10,000 resamples of the queries, seed 0" in table


def test_the_table_has_a_block_of_differences_for_each_baseline(scoreboard):
    blocks = format_table(scoreboard).split("\n\n")
    assert [block.splitlines()[0] for block in blocks[1:3]] == [
        "difference to reproduce, paired by query",
        "difference to cosine, paired by query",
    ]
    assert [line.split()[0] for line in blocks[1].splitlines()[1:]] == ["cosine", "extend"]


def test_the_table_fits_its_width_and_its_columns_stand_in_line(scoreboard):
    lines = format_table(scoreboard).splitlines()
    assert max(map(len, lines)) <= 120
    assert all(line == line.rstrip() for line in lines)
    header, *rows = lines[1:5]
    places = [index for index, letter in enumerate(rows[0]) if letter == "±"]
    assert all([index for index, letter in enumerate(row) if letter == "±"] == places for row in rows)
    assert header.split() == ["run", "nDCG@10", "R@10", "RR", "AP", "Judged@10", "condensed"]
    assert [header.index(name) for name in ("nDCG@10", "R@10 ", "condensed")] == [
        place - len("0.000 ") for place in (places[0], places[1], places[5])
    ]


def test_a_difference_is_marked_where_its_interval_does_not_hold_zero():
    board = build_scoreboard(
        [scored("base", answers("fair")), scored("same", answers("fair")), scored("best", answers("best"))],
        baselines=["base"],
    )
    same, best = format_table(board).split("\n\n")[1].splitlines()[1:]
    assert "*" not in same
    estimate, half = best.split()[1:3]
    assert estimate == f"{board.rows[2].differences['base']['nDCG@10'].estimate:+.3f}"
    assert half.endswith("*")


def test_judgements_without_a_zero_grade_are_told_to_say_less():
    only_hits = Qrels("stories", {"a": {"x": 1}, "b": {"y": 1}})
    board = build_scoreboard([score_run("extend", {"a": ["x"]}, only_hits)])
    assert "no pair is judged irrelevant" in format_table(board)
    assert "difference" not in format_table(board)


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([score_run("other", {}, Qrels("stories", {"q00": {"best": 1}}))], "a run scored like first: on judged"),
        ([score_run("other", {}, QRELS, relevant_from=1)], "relevant from grade 2"),
        ([scored("first", {})], "runs with different names"),
    ],
    ids=["other judgements", "other grade", "same name"],
)
def test_runs_that_cannot_be_compared_are_refused(others, message):
    with pytest.raises(ParameterError, match=message):
        build_scoreboard([scored("first", answers("best")), *others])


def test_a_baseline_that_is_no_run_is_refused_with_those_that_are(runs):
    with pytest.raises(ParameterError, match=r"baselines is 'bm25', expected .*reproduce, cosine, extend"):
        build_scoreboard(runs, baselines=["bm25"])


def test_a_scoreboard_has_a_run():
    with pytest.raises(ParameterError, match="at least one run"):
        build_scoreboard([])
