"""Tables of strings: taken, joined, and with a few strings more, as lists of strings would be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.strings import StringTable, numbered_strings

strings = st.lists(st.text("ab é北", max_size=3), max_size=8)


@given(strings, st.data())
def test_taken_are_those_at_the_positions(some, data):
    positions = data.draw(st.lists(st.integers(0, len(some) - 1), max_size=8)) if some else []
    taken = StringTable.of(some).taken(np.array(positions, np.int64))
    assert list(taken) == [some[position] for position in positions]


@given(strings, strings)
def test_with_a_few_more_is_the_table_of_all(some, more):
    table, added = StringTable.of(sorted(set(some))), sorted(set(more))
    together, places, others = table.with_strings(added)
    assert list(together) == sorted({*some, *more})
    assert [together[place] for place in places.tolist()] == list(table)
    assert [together[place] for place in others.tolist()] == added


@given(strings)
def test_numbered_are_each_once(some):
    table, numbers = numbered_strings(some)
    assert list(table) == sorted(set(some))
    assert [table[number] for number in numbers.tolist()] == some
