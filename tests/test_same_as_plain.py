"""The compiled ranking gives what the plain one of `reference_ranking` gives, to the last bit."""

from datetime import date, timedelta

import numpy as np
import pytest
import reference_ranking
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import link, page, recommender_of

from models.trees import UNIT
from recommender.features import FEATURES, GROUPS
from recommender.heldout import query_without_list
from recommender.parameters import Parameters
from recommender.related import Recommender

WORDS = ("ferry", "sinks", "near", "Ilebo", "Obama", "speaks", "in", "Kinshasa", "42", "votes", "the", "rain")
LABELS = ("", "Ilebo", "Kasai", "Obama", "Ilebo, Kasai", "Kasai, Obama", "Ilebo, Kasai, Obama")

events = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
        st.sampled_from(LABELS),
        st.lists(st.tuples(st.integers(0, 40), st.sampled_from(LABELS[1:])), max_size=3),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda one: (one[0], one[1]),
)


def assert_same(recommender: Recommender, row: int, parameters: Parameters, *, without_own_list: bool = False) -> None:
    """Rows, every feature, scores and contributions of one list."""
    index, last_day = recommender.index, parameters.last_day
    query = query_without_list(index.articles, row) if without_own_list else index.articles.query(row)
    ((_, rows, matrix),) = recommender.candidates([row], parameters, without_own_list=without_own_list)
    expected_rows, expected = reference_ranking.candidates(index, row, query, last_day, parameters.candidates)
    np.testing.assert_array_equal(rows, expected_rows)
    for place, name in enumerate(FEATURES):
        np.testing.assert_array_equal(matrix[:, place], expected[:, place], err_msg=name)
    ((_, found),) = recommender.rankings([row], parameters, without_own_list=without_own_list)
    ranker = recommender.ranker
    plain = reference_ranking.ranking(
        index, ranker, row, query, last_day, parameters.limit or 10, parameters.candidates
    )
    np.testing.assert_array_equal(found.rows, plain[0])
    np.testing.assert_array_equal(np.rint(found.scores * UNIT).astype(int), plain[1])
    parts = np.rint(found.contributions * UNIT).astype(int)
    for place, names in enumerate(GROUPS.values()):
        columns = [column for column, name in enumerate(ranker.features) if name in names]
        np.testing.assert_array_equal(parts[:, place], plain[2][:, columns].sum(axis=1))


@settings(max_examples=40, deadline=None)
@given(events, st.none() | st.dates(date(2011, 1, 1), date(2013, 6, 1)), st.booleans(), st.data())
def test_of_small_archives(drawn, as_of, without_own_list, data):
    names = [(str(date(2011, 1, 1) + timedelta(day)), text) for day, text, _, _ in drawn]
    pages = [
        page(*name, related=[link(*names[other % len(names)], context) for other, context in related])
        for name, (_, _, _, related) in zip(names, drawn, strict=True)
    ]
    labels = {name: context for name, (_, _, context, _) in zip(names, drawn, strict=True) if context}
    recommender = recommender_of(pages, labels)
    row = data.draw(st.integers(0, len(pages) - 1))
    candidates = data.draw(st.sampled_from([100, 250]))
    parameters = Parameters(as_of=as_of, limit=10, candidates=candidates)
    assert_same(recommender, row, parameters, without_own_list=without_own_list)


@pytest.mark.parametrize("as_of", [None, date(2014, 1, 1)])
@pytest.mark.parametrize("without_own_list", [False, True])
def test_of_the_example_archive(recommender, as_of, without_own_list):
    for row in range(0, len(recommender.index.corpus), 23):
        assert_same(
            recommender, row, Parameters(as_of=as_of, limit=20, candidates=200), without_own_list=without_own_list
        )


def test_of_many_at_once_by_matrix_products(recommender, monkeypatch):
    rows = range(len(recommender.index.corpus))
    alone = [found for row in rows for _, found in recommender.rankings([row], Parameters())]
    monkeypatch.setattr("recommender.rough.MANY", 1)
    monkeypatch.setattr("recommender.rough._BLOCK", 37)
    for (row, one), expected in zip(recommender.rankings(rows, Parameters()), alone, strict=True):
        assert one.rows.tolist() == expected.rows.tolist(), row
        np.testing.assert_array_equal(one.contributions, expected.contributions)


def test_withheld_entities_are_seen_by_neither(recommender):
    """The example archive's lists tell enough that something is withheld at all."""
    articles = recommender.index.articles
    rows = [row for row in range(articles.events) if query_without_list(articles, row).withheld]
    assert rows
    for row in rows[:5]:
        assert_same(recommender, row, Parameters(), without_own_list=True)
