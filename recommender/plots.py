"""Plots as SVG: means with their intervals in rows, and counts as bars; plain elements, coloured by the page's style.

Each is one `<svg role="img">` with a sentence for those who do not see it. Series differ by shape as well as by
colour: their elements have the classes `series-0`, `series-1`, … Everything is placed to a tenth of a unit, so that
equal numbers give equal bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

WIDTH: Final = 420
SHAPES: Final = ("M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z", "M-3 -3H3V3H-3Z", "M0 -4.4L4.4 0L0 4.4L-4.4 0Z")
"""One path a series, around the point; a fourth series begins again with the first."""

_RIGHT, _TOP, _LINE, _CHARACTER = 14, 8, 11, 6.3
_LABELS = 132
_SHORTEST = 3
_BARS = 86


@dataclass(frozen=True, slots=True)
class Point:
    """A mean, and its bounds where it has any."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One label and a point for each series, None where a series has none."""

    label: str
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """How many lie between two numbers."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where a plot goes, and where that is labelled."""

    low: float
    high: float
    ticks: tuple[float, ...]


SCORES: Final = Scale(0, 1, (0, 0.25, 0.5, 0.75, 1))
DIFFERENCES: Final = Scale(-1, 1, (-1, -0.5, 0, 0.5, 1))


def interval_plot(about: str, series: Sequence[str], rows: Sequence[PlotRow], scale: Scale = SCORES) -> Markup:
    """Means as points and their intervals as lines, one below the other.

    Args:
        about: What it shows, for those who do not see it.
        series: Names, in the order of the points of each row; one that has no point is left out.
        rows: From top to bottom.
        scale: What lies outside is drawn at its end.
    """
    places = [place for place in range(len(series)) if any(row.points[place] is not None for row in rows)]
    legend = _legend_lines([series[place] for place in places])
    step = _LINE * max(len(places), 1) + 8
    top = _TOP + 15 * (max((line for line, _ in legend), default=-1) + 1)
    bottom = top + step * len(rows)
    svg = _svg(about, bottom + 18)
    span: tuple[float, float] = (_LABELS, WIDTH - _RIGHT)
    for place, (line, x) in zip(places, legend, strict=True):
        y = _TOP + 4.0 + 15 * line
        _marker(svg, place, x, y)
        _text(svg, x + 8, y + 4, series[place], "start")
    for tick in scale.ticks:
        x = _scaled(tick, scale, span)
        _line(svg, (x, top), (x, bottom), "zero" if tick == 0 else "grid")
        _text(svg, x, bottom + 13, f"{tick:g}", "middle")
    for number, row in enumerate(rows):
        middle = top + step * (number + 0.5)
        if number:
            _line(svg, (0, top + step * number), (WIDTH, top + step * number), "rule")
        _text(svg, _LABELS - 8, middle + 4, row.label, "end")
        for line, place in enumerate(places):
            point = row.points[place]
            if point is not None:
                y = middle + _LINE * (line - (len(places) - 1) / 2)
                if point.low is not None and point.high is not None:
                    left, right = (_scaled(bound, scale, span) for bound in (point.low, point.high))
                    _line(svg, (left, y), (max(right, left + _SHORTEST), y), f"interval series-{place}")
                _marker(svg, place, _scaled(point.estimate, scale, span), y)
    return _markup(svg)


def histogram(about: str, bars: Sequence[Bar], scale: Scale = SCORES, *, place: int = 0, highest: int = 0) -> Markup:
    """Counts as bars side by side, each with its number.

    Args:
        about: What it shows, for those who do not see it.
        bars: From left to right, all as wide; they may go further than the scale.
        scale: Where the bars are labelled.
        place: The series whose colour it has.
        highest: The count of a bar of full height, for several plots on one scale; that of the highest bar if lower.
    """
    top, floor = _TOP + 10, _TOP + 10 + _BARS
    svg = _svg(about, floor + 18)
    span: tuple[float, float] = (_RIGHT, WIDTH - _RIGHT)
    whole = Scale(min(bar.low for bar in bars), max(bar.high for bar in bars), scale.ticks)
    full = max(highest, *(bar.count for bar in bars), 1)
    for bar in bars:
        left, right = (_scaled(end, whole, span) for end in (bar.low, bar.high))
        height = (floor - top) * bar.count / full
        box = _child(svg, "rect", x=left + 1, y=floor - height, width=right - left - 2, height=height)
        box.set("class", f"series-{place}")
        if bar.count:
            _text(svg, (left + right) / 2, floor - height - 3, f"{bar.count:,}", "middle").set("class", "count")
    for tick in scale.ticks:
        x = _scaled(tick, whole, span)
        _line(svg, (x, floor), (x, floor + 3), "zero")
        _text(svg, x, floor + 14, f"{tick:g}", "middle")
    _line(svg, (span[0], floor), (span[1], floor), "zero")
    return _markup(svg)


def _svg(about: str, height: float) -> Element:
    svg = Element("svg", {"viewBox": f"0 0 {WIDTH} {_number(height)}", "role": "img", "aria-label": about})
    svg.set("class", "plot")
    return svg


def _marker(svg: Element, place: int, x: float, y: float) -> None:
    shape = {"d": SHAPES[place % len(SHAPES)], "transform": f"translate({_number(x)} {_number(y)})"}
    SubElement(svg, "path", {**shape, "class": f"series-{place}"})


def _legend_lines(series: Sequence[str]) -> list[tuple[int, float]]:
    """The line and the x of each name, broken where the next would not fit."""
    places, line, x = [], 0, 8.0
    for name in series:
        needed = 24 + _CHARACTER * len(name)
        if x > 8 and x + needed > WIDTH:
            line, x = line + 1, 8.0
        places.append((line, x))
        x += needed
    return places


def _scaled(value: float, scale: Scale, span: tuple[float, float]) -> float:
    share = (min(max(value, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
    return span[0] + share * (span[1] - span[0])


def _line(svg: Element, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
    _child(svg, "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1]).set("class", kind)


def _text(svg: Element, x: float, y: float, text: str, anchor: str) -> Element:
    element = _child(svg, "text", x=x, y=y)
    element.set("text-anchor", anchor)
    element.text = text
    return element


def _child(svg: Element, tag: str, **numbers: float) -> Element:
    return SubElement(svg, tag, {name: _number(value) for name, value in numbers.items()})


def _number(value: float) -> str:
    return f"{value:z.1f}".removesuffix(".0")


def _markup(svg: Element) -> Markup:
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704 - the serialiser has escaped every text
