"""Parameters: declared once, the same by every way in, and refused with a sentence that helps."""

import json
from datetime import date, datetime

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.commands.shared import parameter_options
from recommender.errors import ParameterError
from recommender.features import GROUPS
from recommender.parameters import PARAMETERS, Parameters

VALUES = {
    "profile": ("cosine", "cosine"),
    "limit": ("3", 3),
    "as_of": ("2013-02-07", date(2013, 2, 7)),
    "candidates": ("600", 600),
    "include_newer": ("false", False),
    "before": ("2014-01-01", date(2014, 1, 1)),
    "after": ("2012-12-31", date(2012, 12, 31)),
    "max_age_days": ("0", 0),
    "threshold": ("0.5", 0.5),
    "half_life_days": ("30", 30),
    "weights": ("time:0.5,first:1,text:2", (("text", 2.0), ("time", 0.5))),
    "duplicates": ("keep", "keep"),
    "diversity": ("0.25", 0.25),
    "fallback": ("recent", "recent"),
}
"""A text for every parameter, and the value that it stands for."""


@pytest.mark.parametrize("name", PARAMETERS)
def test_is_read_from_text_and_shown_as_json_that_reads_the_same(name):
    text, value = VALUES[name]
    read = PARAMETERS[name].read(text)
    assert read == value
    parameters = Parameters.checked(**{name: read})
    assert getattr(parameters, name) == value
    shown = PARAMETERS[name].to_json(parameters)
    assert json.loads(json.dumps(shown)) == shown
    assert shown == (value.isoformat() if isinstance(value, date) else dict(value) if name == "weights" else value)


@pytest.mark.parametrize("name", PARAMETERS)
def test_defaults_are_allowed(name):
    assert PARAMETERS[name].check(PARAMETERS[name].default) == PARAMETERS[name].default


@pytest.mark.parametrize("name", PARAMETERS)
def test_is_an_option_with_the_same_default(name):
    @click.command()
    @parameter_options
    def ask(parameters: Parameters) -> None:
        asked.append(parameters)

    asked: list[Parameters] = []
    option = f"--{name.replace('_', '-')}"
    text, value = VALUES[name]
    given_to = ["--no-include-newer"] if name == "include_newer" else [option, text]
    ask.main(given_to, standalone_mode=False)
    ask.main([], standalone_mode=False)
    assert asked == [Parameters.checked(**{name: value}), Parameters()]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"colour": "red"}, "colour is 'red', expected a known parameter: profile, limit, "),
        ({"limit": True}, "limit is True, expected a number from 1 to 50"),
        ({"limit": 2.0}, "limit is 2.0, expected a number from 1 to 50"),
        ({"as_of": datetime(2013, 2, 7)}, "expected a day of the calendar, YYYY-MM-DD"),
        ({"as_of": "2013-02-07"}, "expected a day of the calendar, YYYY-MM-DD"),
        ({"candidates": None}, "candidates is None, expected a number from 5 to 10000"),
        ({"include_newer": "no"}, "include_newer is 'no', expected true or false"),
        ({"max_age_days": -1}, "max_age_days is -1, expected a number from 0 to 100000"),
        ({"threshold": 1.01}, "threshold is 1.01, expected a number from 0 to 1"),
        ({"threshold": float("nan")}, "threshold is nan, expected a number from 0 to 1"),
        ({"half_life_days": 0}, "half_life_days is 0, expected a number from 1 to 100000"),
        ({"diversity": "much"}, "diversity is 'much', expected a number from 0 to 1"),
        ({"duplicates": "drop"}, "duplicates is 'drop', expected one of collapse, keep"),
        ({"fallback": "popular"}, "fallback is 'popular', expected one of none, recent"),
        ({"weights": {"colour": 1}}, "expected numbers from 0 to 10 for some of first, text, "),
        ({"weights": {"time": -1}}, "expected numbers from 0 to 10 for some of first, text, "),
        ({"weights": {"time": True}}, "expected numbers from 0 to 10 for some of first, text, "),
        ({"weights": 3}, "weights is 3, expected numbers from 0 to 10"),
        (
            {"before": date(2013, 2, 8), "after": date(2013, 2, 7)},
            "before is '2013-02-08', expected at least two days later than after, 2013-02-07",
        ),
        (
            {"profile": "reproduce", "threshold": 0.5},
            "threshold is 0.5, expected none with the profile reproduce, which counts shared entities",
        ),
        ({"profile": "reproduce", "half_life_days": 9}, "expected none with the profile reproduce, which has no score"),
        ({"profile": "reproduce", "diversity": 0.1}, "expected none with the profile reproduce, which has an order"),
        ({"profile": "cosine", "weights": {"time": 2}}, "weights is {'time': 2.0}, expected none with the profile cos"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(values, expected):
    with pytest.raises(ParameterError) as caught:
        Parameters.checked(**values)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            (name, text)
            for name in ("threshold", "diversity")
            for text in ("", "half", "nan", "inf", "1e-1", ".5", " 1")
        ),
        *(("include_newer", text) for text in ("", "yes", "True", "1")),
        *(
            ("weights", text)
            for text in ("", "time", "time:", "time:x", "time:1,", "time:1,time:2", "tide:1", "time:11")
        ),
        *((name, text) for name in ("before", "after") for text in ("", "today", "2013-02-30", "20130207")),
        *((name, text) for name in ("max_age_days", "half_life_days") for text in ("", "7d", "1.5", "٣")),
    ],
)
def test_a_text_that_is_none_is_refused_by_its_name(name, text):
    with pytest.raises(ParameterError, match=f"^{name} is ") as caught:
        PARAMETERS[name].read(text)
    assert caught.value.parameter == name


@given(st.dictionaries(st.sampled_from(list(GROUPS)), st.floats(0, 10)))
def test_weights_are_equal_where_they_weigh_the_same(weights):
    parameters = Parameters.checked(weights=weights)
    ones = dict.fromkeys(GROUPS, 1.0)
    assert parameters == Parameters.checked(weights=ones | weights)
    assert ones | dict(parameters.weights) == ones | weights


def test_a_limit_keeps_all_else_and_is_checked_against_the_pool():
    asked = Parameters.checked(threshold=0.5, weights={"time": 2}, candidates=100)
    assert asked.limited(7) == Parameters.checked(threshold=0.5, weights={"time": 2}, candidates=100, limit=7)
    with pytest.raises(ParameterError, match="candidates is 100"):
        asked.limited(21)
