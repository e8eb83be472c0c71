"""Ascending numbers: the same as Python's own sets and counters."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.ascending import counted, is_among, once

values = st.lists(st.integers(-5, 5), max_size=9).map(lambda some: np.array(some, np.int64))


@given(values)
def test_each_once_and_how_often(some):
    different, counts = counted(some)
    assert different.tolist() == once(some).tolist() == sorted(set(some.tolist()))
    assert dict(zip(different.tolist(), counts.tolist(), strict=True)) == Counter(some.tolist())


@given(values, values)
def test_is_among_others_that_ascend(some, others):
    assert is_among(some, np.sort(others)).tolist() == [one in set(others.tolist()) for one in some.tolist()]
