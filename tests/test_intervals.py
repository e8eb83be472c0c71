"""Intervals: determinism, the textbook's formula, pairing, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.errors import ParameterError
from recommender.intervals import Interval, difference_interval, mean_interval, mean_intervals, resampled_means

VALUES = np.random.default_rng(5).beta(2, 3, size=100)


def test_the_same_seed_gives_the_same_interval():
    assert mean_interval(VALUES, seed=3) == mean_interval(VALUES, seed=3)


def test_another_seed_gives_another_interval_close_by():
    first, second = mean_interval(VALUES, seed=3), mean_interval(VALUES, seed=4)
    assert first != second
    assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=0.005)


def test_the_estimate_is_the_mean_of_the_queries_themselves():
    assert mean_interval(VALUES, seed=0).estimate == pytest.approx(VALUES.mean())


def test_bounds_agree_with_the_normal_approximation_where_that_holds():
    interval = mean_interval(VALUES, seed=0)
    half = 1.96 * VALUES.std() / np.sqrt(VALUES.size)
    assert (interval.low, interval.high) == pytest.approx((VALUES.mean() - half, VALUES.mean() + half), abs=0.003)


def test_bounds_are_percentiles_of_plain_resampling():
    """The same bootstrap written as the book says it: draw, average, sort, take the 2.5 % and 97.5 % places."""
    rng = np.random.default_rng(11)
    means = np.sort([VALUES[rng.integers(VALUES.size, size=VALUES.size)].mean() for _ in range(10_000)])
    interval = mean_interval(VALUES, seed=0)
    assert (interval.low, interval.high) == pytest.approx((means[249], means[9749]), abs=0.003)


def test_resamples_are_means_of_draws_with_replacement():
    means = resampled_means(np.array([[0.0], [1.0]]), seed=0, resamples=4000)
    shares = [float((means == value).mean()) for value in (0, 0.5, 1)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_columns_share_their_draws():
    means = resampled_means(np.column_stack([VALUES, 1 - VALUES]), seed=0, resamples=500)
    assert means.sum(axis=1) == pytest.approx(np.ones(500))


def test_draws_that_do_not_fit_into_one_step_are_as_good(monkeypatch):
    whole = mean_interval(VALUES, seed=0)
    monkeypatch.setattr("recommender.intervals._CELLS_AT_ONCE", 7 * VALUES.size)
    assert mean_interval(VALUES, seed=0).low == pytest.approx(whole.low, abs=0.003)


def test_a_small_steady_gain_is_told_apart_by_pairing():
    """Each query gains 0.01: far less than queries differ among themselves, and yet no query says otherwise."""
    better = VALUES + 0.01
    paired = difference_interval(better, VALUES, seed=0)
    assert paired.excludes_zero
    assert (paired.low, paired.high) == pytest.approx((0.01, 0.01))
    assert mean_interval(VALUES, seed=0).high > better.mean()


def test_two_equal_runs_differ_by_exactly_nothing():
    interval = difference_interval(VALUES, VALUES, seed=0)
    assert interval == Interval(0.0, 0.0, 0.0)
    assert not interval.excludes_zero


def test_a_higher_level_is_a_wider_interval():
    assert mean_interval(VALUES, seed=0, level=0.99).half_width > mean_interval(VALUES, seed=0, level=0.8).half_width


@pytest.mark.parametrize("low", [-0.2, 0.0])
def test_an_interval_that_touches_zero_does_not_exclude_it(low):
    assert not Interval(0.1, low, 0.3).excludes_zero
    assert not Interval(-0.1, -0.3, -low).excludes_zero


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 95}, "level is 95, expected a share between 0 and 1"),
        ({"level": 1.0}, "level is 1.0"),
        ({"resamples": 0}, "resamples is 0, expected at least 1"),
    ],
)
def test_a_parameter_out_of_range_is_told(options, message):
    with pytest.raises(ParameterError, match=message):
        mean_interval(VALUES, seed=0, **options)


@pytest.mark.parametrize("values", [np.empty(0), np.array([0.5, np.nan])])
def test_values_without_a_mean_are_refused(values):
    with pytest.raises(ParameterError, match="finite numbers in the shape"):
        mean_interval(values, seed=0)


def test_runs_over_other_queries_are_not_compared():
    with pytest.raises(ParameterError, match=r"baseline is \(99,\), expected as many queries as the run has"):
        difference_interval(VALUES, VALUES[1:], seed=0)


unit_values = arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1))


@settings(deadline=None)
@given(values=unit_values, seed=st.integers(0, 2**32))
def test_law_bounds_are_in_order_and_within_the_values(values, seed):
    interval = mean_interval(values, seed=seed, resamples=200)
    assert values.min() - 1e-12 <= interval.low <= interval.high <= values.max() + 1e-12


@settings(deadline=None)
@given(values=unit_values, seed=st.integers(0, 2**32))
def test_law_a_difference_turned_round_is_the_interval_turned_round(values, seed):
    baseline = values[::-1].copy()
    there = difference_interval(values, baseline, seed=seed, resamples=199, level=0.9)
    back = difference_interval(baseline, values, seed=seed, resamples=199, level=0.9)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-12)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-12)


@settings(deadline=None)
@given(columns=arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.floats(0, 1)))
def test_law_columns_together_have_the_intervals_that_they_have_alone(columns):
    together = mean_intervals(columns, seed=1, resamples=100)
    for column, interval in zip(columns.T, together, strict=True):
        alone = mean_interval(column, seed=1, resamples=100)
        assert (interval.low, interval.high) == pytest.approx((alone.low, alone.high))
