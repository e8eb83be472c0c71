"""What a report on an evaluation says, as values: facts, means, groups, spreads, and the best and worst queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import cast

from recommender import __version__
from recommender.evaluation import BASELINES, Evaluation
from recommender.measures import JUDGED
from recommender.parameters import Profile
from recommender.plots import Bar
from recommender.query_groups import MEASURE, Grouping, group_queries, spread
from recommender.related import Recommender
from recommender.scoreboard import Scoreboard, ScoreboardRow
from recommender.side_by_side import Extremes, best_and_worst

_SCORE_BINS, _DIFFERENCE_BINS = 10, 21
_DIFFERENCE_END = 1.05
"""So that the middle bin lies around 0, and its neighbours hold what is really better or worse."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number of each query is distributed."""

    name: str
    """The run, or the runs whose difference it is."""
    place: int
    """The run's place in the scoreboard."""
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The profile against a baseline, query by query."""

    baseline: str
    spread: Spread
    better: int
    """Queries for which the run has the higher nDCG@10."""
    equal: int
    worse: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page shows."""

    profile: Profile
    """The measured profile, whose lists are shown: the first that was asked for."""
    facts: tuple[tuple[str, str], ...]
    """What was measured: name and value."""
    imitates: bool
    """Whether the truth is the archive's own lists."""
    archive_events: int
    language: str
    """Of the archive's headlines, as a key of its grammar's words."""
    scoreboard: Scoreboard
    judged: float
    """Judged@10 of the profile."""
    groupings: tuple[Grouping, ...]
    spreads: tuple[Spread, ...]
    """Of nDCG@10, by run."""
    comparisons: tuple[Comparison, ...]
    """Of the profile to each baseline."""
    extremes: Extremes


def make_report(recommender: Recommender, evaluation: Evaluation) -> Report:
    """All that the page shows of an evaluation.

    Args:
        recommender: What was measured.
        evaluation: What came out.
    """
    board = evaluation.scoreboard
    profile = cast("Profile", board.rows[0].name)
    others = [baseline for baseline in BASELINES if baseline != profile]
    return Report(
        profile=profile,
        facts=_facts(recommender, evaluation),
        imitates=evaluation.truth.hides_own_list,
        archive_events=recommender.index.manifest.events,
        language=recommender.index.corpus.language,
        scoreboard=board,
        judged=board.rows[0].means[JUDGED].estimate,
        groupings=group_queries(recommender, evaluation, profile),
        spreads=tuple(_spread(evaluation, place, row) for place, row in enumerate(board.rows)),
        comparisons=tuple(_comparison(evaluation, profile, baseline) for baseline in others),
        extremes=best_and_worst(recommender, evaluation, profile, others[0]),
    )


def _facts(recommender: Recommender, evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    board, qrels, index = evaluation.scoreboard, evaluation.truth.qrels, recommender.index
    grades = Counter(grade for judged in qrels.grades.values() for grade in judged.values())
    oldest, newest = (date.fromordinal(int(day)) for day in (index.corpus.days.min(), index.corpus.days.max()))
    truth = (
        "the archive's existing lists, the list of each query hidden from what is known of its entities"
        if evaluation.truth.hides_own_list
        else f"the judgements {qrels.name}"
    )
    return (
        ("truth", truth),
        ("queries", f"{board.queries:,}"),
        ("judged pairs", f"{board.pairs:,}"),
        ("grades", ", ".join(f"{grade}: {grades[grade]:,}" for grade in sorted(grades))),
        ("profiles", ", ".join(row.name for row in board.rows)),
        ("baselines", ", ".join(board.baselines)),
        ("archive", f"{len(index.corpus):,} events, the oldest of {oldest}, the newest of {newest}"),
        ("encoder", index.manifest.encoder),
        ("index", index.manifest.fingerprint),
        ("version", f"related-events {__version__}"),
    )


def _spread(evaluation: Evaluation, place: int, row: ScoreboardRow) -> Spread:
    values = evaluation.scores[row.name].values[MEASURE]
    return Spread(row.name, place, tuple(Bar(*one) for one in spread(values, 0, 1, _SCORE_BINS)))


def _comparison(evaluation: Evaluation, profile: Profile, baseline: Profile) -> Comparison:
    difference = evaluation.scores[profile].values[MEASURE] - evaluation.scores[baseline].values[MEASURE]
    bars = tuple(Bar(*one) for one in spread(difference, -_DIFFERENCE_END, _DIFFERENCE_END, _DIFFERENCE_BINS))
    return Comparison(
        baseline,
        Spread(f"{profile} − {baseline}", 0, bars),
        better=int((difference > 0).sum()),
        equal=int((difference == 0).sum()),
        worse=int((difference < 0).sum()),
    )
