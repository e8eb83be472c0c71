"""Timelines: following a story through small graphs in which anyone sees where it ends, and in the example archive."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import page, recommender_of, slug_of

from recommender.errors import ParameterError, SlugUnknownError
from recommender.parameters import Parameters
from recommender.render_timeline import timeline_json, timeline_markdown, timeline_table
from recommender.timeline import LEAST_TIE, Tie, follow, timeline

CHAIN = {0: [(1, 0.9), (4, 0.2)], 1: [(0, 0.9), (2, 0.8)], 2: [(1, 0.8), (3, 0.5)], 3: [(2, 0.5), (4, 0.9)]}


def links_of(graph):
    return lambda row: graph.get(row, [])


class TestFollow:
    def test_multiplies_what_is_likely_on_the_way(self):
        found = follow(0, links_of(CHAIN), 10)
        assert [(tie.row, tie.via) for tie in found] == [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)]
        assert [tie.tie for tie in found] == pytest.approx([1.0, 0.9, 0.72, 0.36, 0.324])

    def test_ends_where_the_tie_is_too_weak(self):
        assert [tie.row for tie in follow(0, links_of(CHAIN), 10, least=0.4)] == [0, 1, 2]

    def test_takes_the_strongest_of_several_ways(self):
        graph = {0: [(1, 0.4), (2, 0.9)], 2: [(1, 0.9)]}
        assert follow(0, links_of(graph), 10)[2] == Tie(1, 0.9 * 0.9, 2)

    def test_makes_no_more_lists_than_it_may_and_the_strongest_first(self):
        asked = []

        def links(row):
            asked.append(row)
            return CHAIN.get(row, [])

        follow(0, links, 10, steps=2)
        assert asked == [0, 1]

    def test_keeps_the_strongest_and_the_query_where_the_limit_is_small(self):
        assert [tie.row for tie in follow(0, links_of(CHAIN), 2)] == [0, 1, 2]

    def test_of_equals_the_first_in_the_archive_comes_first(self):
        assert [tie.row for tie in follow(5, links_of({5: [(9, 0.5), (2, 0.5), (7, 0.5)]}), 2)] == [5, 2, 7]

    @given(st.dictionaries(st.integers(0, 9), st.dictionaries(st.integers(0, 9), st.floats(0, 1), max_size=6)))
    def test_every_tie_is_that_of_its_way_and_none_is_too_weak_nor_twice(self, graph):
        lists = {row: list(links.items()) for row, links in graph.items()}
        found = follow(0, links_of(lists), 50)
        ties = {tie.row: tie for tie in found}
        assert len(ties) == len(found)
        assert found[0] == Tie(0, 1.0, 0)
        for tie in found[1:]:
            assert tie.tie >= LEAST_TIE
            assert tie.tie == ties[tie.via].tie * graph[tie.via][tie.row]
        assert [tie.tie for tie in found] == sorted((tie.tie for tie in found), reverse=True)


def mine(recommender) -> str:
    """The slug of the collapse at Copiapó, a story of many events."""
    corpus = recommender.index.corpus
    return next(corpus.slug(row) for row in range(len(corpus)) if corpus.topics[row] == "Copiapó mining accident")


class TestOfTheExample:
    def test_is_in_the_order_of_days_with_the_query_among_them(self, recommender):
        corpus = recommender.index.corpus
        for row in range(0, len(corpus), 40):
            told = timeline(recommender, corpus.slug(row))
            rows = [corpus.row(entry.event.slug) for entry in told.entries]
            assert sorted(rows, key=lambda one: (int(corpus.days[one]), one)) == rows
            assert row in rows
            assert len(set(rows)) == len(rows)
            assert {entry.via is None for entry in told.entries if entry.event == told.query} == {True}

    def test_every_other_event_came_through_one_that_is_there_too_unless_the_limit_cut_it(self, recommender):
        told = timeline(recommender, mine(recommender))
        there = {entry.event for entry in told.entries}
        for entry in told.entries:
            if entry.event != told.query:
                assert entry.via in there
                listed = recommender.related(entry.via.slug, Parameters(limit=50)).related
                assert entry.reason == next(one.reason for one in listed if one.event == entry.event)

    def test_has_no_more_than_the_limit_beside_the_query_and_is_a_part_of_the_longer_one(self, recommender):
        slug = mine(recommender)
        short = timeline(recommender, slug, Parameters(limit=3))
        whole = {entry.event.slug: entry for entry in timeline(recommender, slug).entries}
        assert len(short.entries) == 4
        assert all(whole[entry.event.slug] == entry for entry in short.entries)

    def test_as_of_a_day_ends_there(self, recommender):
        slug = mine(recommender)
        day = recommender.related(slug).query.date + timedelta(days=2)
        told = timeline(recommender, slug, Parameters.checked(as_of=day))
        assert len(told.entries) > 1
        assert all(entry.event.date <= day for entry in told.entries)

    def test_of_an_unknown_slug_is_refused(self, recommender):
        with pytest.raises(SlugUnknownError):
            timeline(recommender, "nothing")
        with pytest.raises(ParameterError):
            Parameters.checked(limit=51)


ODD = ("2001-01-01", "A headline with ](https://elsewhere.example) and `code`")
LABELS = {ODD: "x_y]", ("2001-01-02", "A headline with code and elsewhere"): "x_y]"}


class TestRendered:
    def test_json_has_its_keys_in_one_order(self, recommender):
        answer = timeline_json(timeline(recommender, mine(recommender)), recommender.index)
        assert list(answer) == ["query", "parameters", "index", "timeline"]
        assert answer["parameters"] == {"limit": 50, "as_of": None}
        for entry in answer["timeline"]:
            assert {"slug", "date", "text", "days", "likelihood", "via", "reason"} <= set(entry)

    def test_table_marks_the_query_and_has_every_slug_and_reason(self, recommender):
        told = timeline(recommender, mine(recommender))
        table = timeline_table(told)
        assert next(line for line in table.splitlines() if line.startswith("> ")).endswith(told.query.headline)
        assert all(entry.event.slug in table and (entry.reason or "") in table for entry in told.entries)

    def test_markdown_has_a_line_for_each_event_that_nothing_breaks_out_of(self):
        asked = recommender_of([page(*event) for event in LABELS], LABELS)
        told = timeline(asked, slug_of(*ODD))
        lines = timeline_markdown(told, asked.index.corpus).splitlines()
        assert len(lines) == len(told.entries)
        assert "\\](https" in lines[0]
