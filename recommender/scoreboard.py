"""The scoreboard: several runs on the same judgements, each mean with its interval and its distance to baselines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.errors import ParameterError
from recommender.intervals import LEVEL, RESAMPLES, Interval, mean_intervals
from recommender.measures import RunScores

# Digits in JSON: far finer than any interval, and coarse enough to hide in which order a machine adds floats.
_JSON_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ScoreboardRow:
    """One run of the scoreboard."""

    name: str
    """The name of the run."""
    means: Mapping[str, Interval]
    """Measure → mean over all judged queries."""
    differences: Mapping[str, Mapping[str, Interval]]
    """Baseline → measure → mean of (this run minus the baseline), paired by query; not to itself."""
    unanswered: int
    """Judged queries for which the run lists nothing."""
    not_judged: int
    """Queries of the run that nobody judged."""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Several runs on the same judgements."""

    qrels: str
    """The name of the judgements."""
    queries: int
    """The number of judged queries; every one counts in every mean."""
    pairs: int
    """The number of judged pairs."""
    irrelevant_pairs: int
    """How many of them have a grade below 1."""
    relevant_from: int
    """The lowest grade that the binary measures count as relevant."""
    without_relevant: int
    """Queries with no document of that grade."""
    measures: tuple[str, ...]
    baselines: tuple[str, ...]
    rows: tuple[ScoreboardRow, ...]
    """The runs, in the order in which they were given."""
    level: float
    """The share of the resamples between the bounds of an interval."""
    resamples: int
    seed: int

    def to_json(self) -> dict[str, object]:
        """Gives the scoreboard as dicts, lists, strings and numbers, rounded to six digits."""
        return {
            "qrels": self.qrels,
            "queries": self.queries,
            "pairs": self.pairs,
            "irrelevant_pairs": self.irrelevant_pairs,
            "relevant_from": self.relevant_from,
            "without_relevant": self.without_relevant,
            "interval": {"level": self.level, "resamples": self.resamples, "seed": self.seed},
            "measures": list(self.measures),
            "baselines": list(self.baselines),
            "runs": [
                {
                    "name": row.name,
                    "unanswered": row.unanswered,
                    "not_judged": row.not_judged,
                    "means": _json_intervals(row.means),
                    "differences": {baseline: _json_intervals(to) for baseline, to in row.differences.items()},
                }
                for row in self.rows
            ],
        }


def build_scoreboard(
    scores: Sequence[RunScores],
    *,
    baselines: Sequence[str] = (),
    seed: int = 0,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Scoreboard:
    """Compares runs that were scored on the same judgements.

    Args:
        scores: At least one run; names differ, judgements and `relevant_from` are the same.
        baselines: The names of the runs that every other run is compared with.
        seed: The seed of the bootstrap.
        level: The share of the resamples between the bounds of an interval.
        resamples: How often the bootstrap draws.
    """
    runs = _by_name(scores)
    for baseline in baselines:
        if baseline not in runs:
            raise ParameterError("baselines", baseline, f"the names of runs: {', '.join(runs)}")
    first = scores[0]
    measures = tuple(first.values)
    # One draw of queries serves every column. A difference is a column of its own rather than the difference of two
    # columns of means, so that two equal runs differ by exactly nothing.
    pairs = [(name, baseline) for name in runs for baseline in dict.fromkeys(baselines) if baseline != name]
    columns = [runs[name].values[measure] for name in runs for measure in measures]
    columns += [runs[a].values[measure] - runs[b].values[measure] for a, b in pairs for measure in measures]
    intervals = iter(mean_intervals(np.column_stack(columns), seed=seed, level=level, resamples=resamples))
    means = {name: _take(measures, intervals) for name in runs}
    differences = {pair: _take(measures, intervals) for pair in pairs}
    return Scoreboard(
        qrels=first.qrels,
        queries=len(first.queries),
        pairs=first.pairs,
        irrelevant_pairs=first.irrelevant_pairs,
        relevant_from=first.relevant_from,
        without_relevant=first.without_relevant,
        measures=measures,
        baselines=tuple(dict.fromkeys(baselines)),
        rows=tuple(
            ScoreboardRow(
                name=name,
                means=means[name],
                differences={b: differences[a, b] for a, b in pairs if a == name},
                unanswered=run.unanswered,
                not_judged=run.not_judged,
            )
            for name, run in runs.items()
        ),
        level=level,
        resamples=resamples,
        seed=seed,
    )


def format_table(scoreboard: Scoreboard) -> str:
    """Formats a scoreboard for people, as plain text that fits 120 columns while names of runs are short."""
    width = max(len("run"), *(len(row.name) for row in scoreboard.rows))
    parts = [
        [*_header(scoreboard.measures, width)]
        + [
            _line(row.name, width, [f" {format_mean(row.means[m])}" for m in scoreboard.measures])
            for row in scoreboard.rows
        ]
    ]
    for baseline in scoreboard.baselines:
        compared = [row for row in scoreboard.rows if baseline in row.differences]
        parts.append(
            [f"difference to {baseline}, paired by query"]
            + [
                _line(row.name, width, [format_difference(row.differences[baseline][m]) for m in scoreboard.measures])
                for row in compared
            ]
        )
    parts.append(notes(scoreboard))
    return "\n\n".join("\n".join(part) for part in parts if len(part) > 1) + "\n"


def format_mean(mean: Interval) -> str:
    """Formats a mean with half its interval: `0.698 ±0.044`."""
    return f"{mean.estimate:.3f} ±{mean.half_width:.3f}"


def format_difference(difference: Interval) -> str:
    """Formats a difference likewise, with its sign, and with a star where its interval does not hold 0."""
    return f"{difference.estimate:+z.3f} ±{difference.half_width:.3f}{'*' if difference.excludes_zero else ''}"


def notes(scoreboard: Scoreboard) -> list[str]:
    """Says what was counted, and how to read the intervals."""
    counted = f"{scoreboard.qrels}: {scoreboard.queries:,} queries, {scoreboard.pairs:,} judged pairs"
    bootstrap = f"{scoreboard.resamples:,} resamples of the queries, seed {scoreboard.seed}"
    lines = [
        f"±: half the {scoreboard.level:.0%} interval of the bootstrap, {bootstrap}; *: the interval does not hold 0",
        f"{counted}, relevant from grade {scoreboard.relevant_from}",
        f"without a relevant document (counted as 0 in R@10, RR and AP): {scoreboard.without_relevant:,} queries",
        "unanswered (counted as 0): " + ", ".join(f"{row.name} {row.unanswered:,}" for row in scoreboard.rows),
    ]
    if any(row.not_judged for row in scoreboard.rows):
        strangers = ", ".join(f"{row.name} {row.not_judged:,}" for row in scoreboard.rows)
        lines.append(f"queries of the run that are not judged (not counted): {strangers}")
    if not scoreboard.irrelevant_pairs:
        lines.append("no pair is judged irrelevant: Judged@10 is the precision, and the condensed list holds hits only")
    return lines


_CELL = len("+0.000 ±0.000*")


def _header(measures: Sequence[str], width: int) -> Iterator[str]:
    """Yields the two lines of names over the columns: a name with a blank is broken there."""
    split = [measure.split(" ", 1) for measure in measures]
    if any(len(words) > 1 for words in split):
        yield _line("", width, [f" {words[0]}" if len(words) > 1 else "" for words in split])
    yield _line("run", width, [f" {words[-1]}" for words in split])


def _line(name: str, width: int, cells: Sequence[str]) -> str:
    return "  ".join([f"{name:<{width}}", *(f"{cell:<{_CELL}}" for cell in cells)]).rstrip()


def _by_name(scores: Sequence[RunScores]) -> dict[str, RunScores]:
    """Gives the runs by name, after the checks that make them comparable."""
    if not scores:
        raise ParameterError("scores", [], "at least one run")
    runs = {run.name: run for run in scores}
    if len(runs) < len(scores):
        raise ParameterError("scores", [run.name for run in scores], "runs with different names")
    first = scores[0]
    for run in scores:
        if _truth(run) != _truth(first):
            expected = f"a run scored like {first.name}: on {first.qrels}, relevant from grade {first.relevant_from}"
            raise ParameterError("scores", run.name, expected)
    return runs


def _truth(run: RunScores) -> tuple[object, ...]:
    return run.qrels, run.queries, run.pairs, run.relevant_from, tuple(run.values)


def _take(measures: Sequence[str], intervals: Iterator[Interval]) -> dict[str, Interval]:
    return {measure: next(intervals) for measure in measures}


def _json_intervals(intervals: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {
        measure: {
            "mean": round(interval.estimate, _JSON_DIGITS),
            "low": round(interval.low, _JSON_DIGITS),
            "high": round(interval.high, _JSON_DIGITS),
        }
        for measure, interval in intervals.items()
    }
