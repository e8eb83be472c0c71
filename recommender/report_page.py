"""A report as one HTML page that needs nothing else: every text escaped by the template, every plot an SVG inside."""

from collections.abc import Sequence
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from recommender.intervals import Interval
from recommender.plots import DIFFERENCES, Bar, PlotRow, Point, histogram, interval_plot
from recommender.query_groups import FEWEST, Group, Grouping
from recommender.reasons import time_apart
from recommender.report import Comparison, Report, Spread
from recommender.scoreboard import Scoreboard, format_difference, format_mean, notes

_TEMPLATE: Final = "report.html"


def render_report(report: Report) -> str:
    """The page, the same bytes for the same report."""
    environment = Environment(
        loader=PackageLoader("recommender"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(mean=format_mean, difference=format_difference, time_apart=time_apart)
    page = environment.get_template(_TEMPLATE).render(
        report=report,
        board=report.scoreboard,
        notes=notes(report.scoreboard),
        fewest=FEWEST,
        means_plot=_means_plot(report.scoreboard),
        difference_plots={name: _difference_plot(report.scoreboard, name) for name in report.scoreboard.baselines},
        grouping_plots=[_grouping_plot(report.scoreboard, grouping) for grouping in report.groupings],
        spread_plots=_spread_plots(report.spreads),
        comparison_plots=[_comparison_plot(comparison) for comparison in report.comparisons],
        group_cells=group_cells,
    )
    # A name of a file can hold what is no text.
    return page.encode("utf-8", "backslashreplace").decode()


def group_cells(group: Group) -> list[str]:
    """The means of a group as the scoreboard prints means, without an interval where it has none."""
    if group.intervals:
        return [format_mean(interval) for interval in group.intervals]
    return [f"{mean:.3f}" for mean in group.means]


def _means_plot(board: Scoreboard) -> Markup:
    runs = [row.name for row in board.rows]
    rows = [PlotRow(name, tuple(_point(row.means[name]) for row in board.rows)) for name in board.measures]
    return interval_plot(f"Each measure of {_listing(runs)} with its interval; the table has the numbers.", runs, rows)


def _difference_plot(board: Scoreboard, baseline: str) -> Markup:
    rows = [
        PlotRow(
            name,
            tuple(
                _point(row.differences[baseline][name]) if baseline in row.differences else None for row in board.rows
            ),
        )
        for name in board.measures
    ]
    about = f"Difference to {baseline} in each measure, with its interval; the table has the numbers."
    return interval_plot(about, [row.name for row in board.rows], rows, DIFFERENCES)


def _grouping_plot(board: Scoreboard, grouping: Grouping) -> Markup:
    rows = [
        PlotRow(
            f"{group.name} ({group.queries:,})",
            tuple(map(_point, group.intervals)) if group.intervals else tuple(map(Point, group.means)),
        )
        for group in grouping.groups
    ]
    about = f"nDCG@10 {grouping.title}, with intervals; the table has the numbers."
    return interval_plot(about, [row.name for row in board.rows], rows)


def _spread_plots(spreads: Sequence[Spread]) -> list[Markup]:
    highest = max(bar.count for spread in spreads for bar in spread.bars)
    return [
        histogram(
            f"Queries by nDCG@10 of {spread.name}: {_counts(spread.bars)}.",
            spread.bars,
            place=spread.place,
            highest=highest,
        )
        for spread in spreads
    ]


def _comparison_plot(comparison: Comparison) -> Markup:
    spread = comparison.spread
    return histogram(
        f"Queries by difference in nDCG@10, {spread.name}: {_counts(spread.bars)}.",
        spread.bars,
        DIFFERENCES,
    )


def _counts(bars: Sequence[Bar]) -> str:
    """What a histogram shows, in words."""
    return ", ".join(f"{bar.low:.2f} to {bar.high:.2f} {bar.count:,}" for bar in bars if bar.count)


def _listing(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _point(interval: Interval) -> Point:
    return Point(interval.estimate, interval.low, interval.high)
