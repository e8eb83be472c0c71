"""The queries of an evaluation apart: by year, by what is known of them, by how much was judged; and their spread."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.errors import SlugUnknownError
from recommender.evaluation import Evaluation
from recommender.intervals import Interval, mean_intervals
from recommender.measures import MEASURES
from recommender.parameters import Profile
from recommender.related import Recommender

MEASURE: Final = MEASURES[0]
"""The measure by which queries are told apart, nDCG@10."""
FEWEST: Final = 5
"""With fewer queries a group has a mean and no interval."""

_ENTITIES = (0, 1, 2, 3, 4, 6, 10)
_JUDGED = (1, 3, 6, 11, 21, 51, 101)
_RELEVANT = (0, 1, 3, 6, 11, 21, 51)
_STRANGERS = "not in the archive"


@dataclass(frozen=True, slots=True)
class Group:
    """Queries that have something in common."""

    name: str
    queries: int
    means: tuple[float, ...]
    """The mean of each run, in the order of the scoreboard."""
    intervals: tuple[Interval, ...]
    """The interval of each, or none at all where the queries are too few."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """All queries, each in one group."""

    title: str
    groups: tuple[Group, ...]


def group_queries(recommender: Recommender, evaluation: Evaluation, profile: Profile) -> tuple[Grouping, ...]:
    """The queries by year, by number of entities, by number of judged and of relevant events.

    Args:
        recommender: What was measured.
        evaluation: What came out.
        profile: By whose knowledge entities are counted.
    """
    board, truth = evaluation.scoreboard, evaluation.truth
    rows = rows_of(recommender, truth.qrels.queries)
    corpus, grades = recommender.index.corpus, truth.qrels.grades

    def year(query: str) -> int | None:
        return corpus.event(rows[query]).date.year if query in rows else None

    def entities(query: str) -> int | None:
        if query not in rows:
            return None
        return len(recommender.known(rows[query], profile, without_own_list=truth.hides_own_list))

    def relevant(query: str) -> int:
        return sum(grade >= board.relevant_from for grade in grades[query].values())

    groupings = [
        ("by year of the query", year, ()),
        ("by number of entities of the query", entities, _ENTITIES),
        ("by number of judged events of the query", lambda query: len(grades[query]), _JUDGED),
    ]
    if any(relevant(query) != len(grades[query]) for query in grades):
        groupings.append(("by number of relevant events of the query", relevant, _RELEVANT))
    return tuple(_grouping(evaluation, title, key, starts) for title, key, starts in groupings)


def rows_of(recommender: Recommender, queries: Sequence[str]) -> dict[str, int]:
    """The rows of the queries that the archive has."""
    rows = {}
    for query in queries:
        try:
            rows[query] = recommender.index.corpus.row(query)
        except SlugUnknownError:
            continue
    return rows


def spread(values: NDArray[np.float64], low: float, high: float, bins: int) -> list[tuple[float, float, int]]:
    """How many values lie in each of some equal parts of a range, ends included: lower end, upper end, count."""
    # Rounded, so that a value such as 0.3 does not fall below its own bin.
    edges = np.round(np.linspace(low, high, bins + 1), 9)
    counts, _ = np.histogram(np.round(values, 9), bins=edges)
    return [(float(edges[place]), float(edges[place + 1]), int(count)) for place, count in enumerate(counts)]


def _grouping(evaluation: Evaluation, title: str, key: Callable[[str], int | None], starts: Sequence[int]) -> Grouping:
    scores = evaluation.scores
    columns = np.column_stack([run.values[MEASURE] for run in scores.values()])
    places: dict[int | None, list[int]] = defaultdict(list)
    for place, query in enumerate(evaluation.truth.qrels.queries):
        number = key(query)
        places[number if number is None else _start(number, starts)].append(place)
    names = _names(starts)
    ordered = sorted(places, key=lambda number: (number is None, number))
    return Grouping(
        title,
        tuple(
            _group(
                _STRANGERS if number is None else names.get(number, str(number)),
                columns[places[number]],
                evaluation.scoreboard.seed,
            )
            for number in ordered
        ),
    )


def _group(name: str, columns: NDArray[np.float64], seed: int) -> Group:
    intervals = tuple(mean_intervals(columns, seed=seed)) if len(columns) >= FEWEST else ()
    return Group(name, len(columns), tuple(map(float, columns.mean(axis=0))), intervals)


def _start(number: int, starts: Sequence[int]) -> int:
    """The lowest number of the group of a number; the number itself where every number is a group."""
    return max((start for start in starts if start <= number), default=number)


def _names(starts: Sequence[int]) -> Mapping[int, str]:
    """Lowest number of a group → `4 to 5`, `3`, `10 and more`."""
    ends = [start - 1 for start in starts[1:]]
    names = {
        start: str(start) if start == end else f"{start} to {end}" for start, end in zip(starts, ends, strict=False)
    }
    return names | ({starts[-1]: f"{starts[-1]} and more"} if starts else {})
