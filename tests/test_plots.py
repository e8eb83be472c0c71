"""Plots: every number has its place, no label can break out, equal numbers give equal bytes."""

import re
from xml.etree import ElementTree

import pytest

from recommender.plots import DIFFERENCES, SHAPES, WIDTH, Bar, PlotRow, Point, histogram, interval_plot

HOSTILE = "<script>alert('x')</script> \" & ]]> </svg>"


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def texts(svg: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in svg.iter("text")]


def markers(svg: ElementTree.Element, series: int) -> list[tuple[float, float]]:
    """Where the points of a series are, its place in the legend first."""
    found = [path.get("transform") for path in svg.iter("path") if path.get("class") == f"series-{series}"]
    return [tuple(map(float, re.findall(r"-?[\d.]+", transform))) for transform in found]


def intervals(svg: ElementTree.Element, series: int) -> list[tuple[float, float]]:
    lines = [line for line in svg.iter("line") if line.get("class") == f"interval series-{series}"]
    return [(float(line.get("x1")), float(line.get("x2"))) for line in lines]


class TestIntervals:
    ROWS = (
        PlotRow("nDCG@10", (Point(0.5, 0.25, 0.75), Point(0.0, 0.0, 0.0))),
        PlotRow("RR", (Point(1.0, 0.5, 1.0), Point(0.25))),
    )

    def test_have_their_numbers_as_places(self):
        svg = parsed(interval_plot("About", ["one", "two"], self.ROWS))
        (left, _), (_, right) = intervals(svg, 0)[0], intervals(svg, 0)[1]
        ticks = {text.text: float(text.get("x")) for text in svg.iter("text") if text.get("text-anchor") == "middle"}
        assert (left, right) == (ticks["0.25"], ticks["1"])
        _, first, second = markers(svg, 0)
        assert (first[0], second[0]) == (ticks["0.5"], ticks["1"])
        assert first[1] < second[1]

    def test_name_rows_and_series(self):
        svg = parsed(interval_plot("About", ["one", "two"], self.ROWS))
        assert {"one", "two", "nDCG@10", "RR"} <= set(texts(svg))

    def test_that_are_none_are_points_alone(self):
        svg = parsed(interval_plot("About", ["one", "two"], self.ROWS))
        assert len(markers(svg, 1)) == 1 + 2
        assert len(intervals(svg, 1)) == 1

    def test_that_are_nothing_wide_are_seen(self):
        ((low, high),) = intervals(parsed(interval_plot("About", ["one", "two"], self.ROWS)), 1)
        assert high - low == 3

    def test_leave_out_a_series_without_a_point_and_keep_the_colours_of_the_others(self):
        svg = parsed(
            interval_plot("About", ["base", "other"], [PlotRow("RR", (None, Point(-0.5, -1, 0)))], DIFFERENCES)
        )
        assert "base" not in texts(svg)
        assert (markers(svg, 0), len(markers(svg, 1))) == ([], 2)

    def test_outside_the_scale_are_drawn_at_its_end(self):
        svg = parsed(interval_plot("About", ["one"], [PlotRow("RR", (Point(3.0, -2.0, 5.0),))]))
        ((low, high),) = intervals(svg, 0)
        assert 0 < low < high < WIDTH

    def test_of_no_rows_are_an_empty_scale(self):
        svg = parsed(interval_plot("About", ["one"], []))
        assert texts(svg) == ["0", "0.25", "0.5", "0.75", "1"]

    def test_of_many_series_repeat_shapes_and_break_the_legend(self):
        names = [f"a profile with a long name {number}" for number in range(len(SHAPES) + 1)]
        svg = parsed(interval_plot("About", names, [PlotRow("RR", tuple(Point(0.5) for _ in names))]))
        legend = [markers(svg, place)[0] for place in range(len(names))]
        assert len({y for _, y in legend}) > 1
        assert all(0 < x < WIDTH for x, _ in legend)


class TestHistograms:
    BARS = (Bar(0, 0.5, 30), Bar(0.5, 1, 60))

    def heights(self, svg: ElementTree.Element) -> list[float]:
        return [float(box.get("height")) for box in svg.iter("rect")]

    def test_have_counts_as_heights_and_as_numbers(self):
        svg = parsed(histogram("About", self.BARS))
        low, high = self.heights(svg)
        assert high == pytest.approx(2 * low, abs=0.11)
        assert {"30", "60"} <= set(texts(svg))

    def test_can_share_a_scale(self):
        alone, shared = (self.heights(parsed(histogram("About", self.BARS, highest=one))) for one in (0, 120))
        assert shared[1] == pytest.approx(alone[1] / 2, abs=0.11)

    def test_show_no_number_for_none(self):
        svg = parsed(histogram("About", [Bar(0, 0.5, 0), Bar(0.5, 1, 0)]))
        assert self.heights(svg) == [0, 0]
        assert [text for text in texts(svg) if text == "0"] == ["0"]  # that of the scale

    def test_label_their_scale_where_bars_go_further(self):
        svg = parsed(histogram("About", [Bar(-1.05, 0, 1), Bar(0, 1.05, 2)], DIFFERENCES, place=2))
        places = {text.text: float(text.get("x")) for text in svg.iter("text") if text.get("class") is None}
        assert list(places) == ["-1", "-0.5", "0", "0.5", "1"]
        assert places["0"] == WIDTH / 2
        assert {box.get("class") for box in svg.iter("rect")} == {"series-2"}


@pytest.mark.parametrize(
    "plot",
    [
        lambda: interval_plot(HOSTILE, [HOSTILE], [PlotRow(HOSTILE, (Point(0.5, 0.4, 0.6),))]),
        lambda: histogram(HOSTILE, [Bar(0, 1, 3)]),
    ],
    ids=["intervals", "histogram"],
)
class TestEvery:
    def test_says_what_it_shows_to_those_who_do_not_see_it(self, plot):
        svg = parsed(plot())
        assert (svg.tag, svg.get("role"), svg.get("aria-label")) == ("svg", "img", HOSTILE)

    def test_has_labels_that_cannot_break_out(self, plot):
        svg = parsed(plot())
        assert {element.tag for element in svg.iter()} <= {"svg", "text", "line", "path", "rect"}
        assert "<script" not in plot()

    def test_is_the_same_again(self, plot):
        assert plot() == plot()
