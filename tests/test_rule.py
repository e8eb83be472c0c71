"""The archive's own rule: who stands on a list and in which order, in worlds where anyone sees it, and its laws."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from berlin import BERLIN, CHESS, FIFTEEN, MILLION, UNITY, WALL
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import World, day_item, link, page, record, slug_of, world

from recommender.entities import ALL_SOURCES
from recommender.evidence import PRINTED
from recommender.rule import ListRule, list_by_rule, list_items

Event = tuple[str, str]

SHARED = ListRule("shared", "first", 10)
DAY_PLACE = ListRule("day-place", "all", 10)


def listed(seen: World, query: Event, rule: ListRule) -> dict[Event, int]:
    """Who stands on an event's list, in its order, and how many entities each shares."""
    row = seen.row(query)
    rows, counts = list_by_rule(seen.corpus, seen.entities, row, seen.entities.query(row, PRINTED), rule)
    events = [seen.corpus.event(int(other)) for other in rows]
    return dict(zip([(event.date.isoformat(), event.text) for event in events], counts.tolist(), strict=True))


def told(titles: Mapping[Event, str], *, later: tuple[Event, ...] = ()) -> World:
    """Events with all their entities, `A, B`; nothing else is known of them."""
    records = [
        record(*event, *filter(None, names.split(", ")), later=event in later) for event, names in titles.items()
    ]
    return world(*(page(*event) for event in titles), records=records)


class TestShared:
    def test_lists_who_shares_most_then_day_four_before_day_fifteen(self):
        assert listed(told(BERLIN), WALL, SHARED) == {MILLION: 2, FIFTEEN: 2, UNITY: 1}
        assert list(listed(told(BERLIN), WALL, SHARED)) == [MILLION, FIFTEEN, UNITY]

    def test_lists_nobody_who_shares_nothing(self):
        assert listed(told(BERLIN), CHESS, SHARED) == {}

    def test_lists_the_last_path_first_where_as_many_are_shared(self):
        """`a.md` comes after `a-b.md`."""
        short, long = ("1990-10-03", "a"), ("1990-10-03", "a b")
        assert list(listed(told({WALL: "Berlin", short: "Berlin", long: "Berlin"}), WALL, SHARED)) == [short, long]

    def test_cuts_at_the_limit(self):
        assert list(listed(told(BERLIN), WALL, replace(SHARED, limit=2))) == [MILLION, FIFTEEN]

    @pytest.mark.parametrize(
        ("day", "found"),
        [
            (date(1989, 11, 15), [MILLION, FIFTEEN]),
            (date(1989, 11, 14), [MILLION]),
            (date(1989, 11, 3), []),
        ],
    )
    def test_lists_nobody_after_a_day(self, day, found):
        assert list(listed(told(BERLIN), WALL, replace(SHARED, as_of=day.toordinal()))) == found

    def test_does_not_ask_on_which_place_of_its_day_an_event_stands(self):
        items = [day_item(*FIFTEEN), day_item(*MILLION)]
        records = [record(*event, *names.split(", ")) for event, names in BERLIN.items()]
        seen = world(*(page(*event) for event in BERLIN), day_items=items, records=records)
        assert list(listed(seen, WALL, SHARED)) == [MILLION, FIFTEEN, UNITY]

    def test_does_not_count_a_name_that_is_only_spotted(self):
        named = ("2014-02-07", "Rain falls on Kourou")
        launches = [(f"2013-02-0{day}", f"Rocket {day} leaves Kourou") for day in (1, 2, 3)]
        records = [record(*event, "Kourou") for event in launches]
        seen = world(page(*named), *(page(*event) for event in launches), records=records)
        assert seen.labels(seen.entities.entities(seen.row(named))) == {"Kourou"}
        assert list(listed(seen, launches[0], SHARED)) == [launches[2], launches[1]]


class TestStoryBullets:
    """Below the heading `Fall of the wall` stand the million, as the first, and the fifteenth."""

    WORLD = staticmethod(lambda: told(BERLIN, later=(FIFTEEN,)))

    def test_only_the_first_event_of_a_story_is_listed(self):
        assert list(listed(self.WORLD(), WALL, SHARED)) == [MILLION, UNITY]

    def test_all_are_on_request(self):
        assert list(listed(self.WORLD(), WALL, replace(SHARED, story_bullets="all"))) == [MILLION, FIFTEEN, UNITY]

    def test_a_later_one_gives_its_place_to_the_next(self):
        assert list(listed(self.WORLD(), WALL, replace(SHARED, limit=2))) == [MILLION, UNITY]

    def test_a_later_one_has_a_list_of_its_own(self):
        assert list(listed(self.WORLD(), FIFTEEN, SHARED)) == [WALL, MILLION]

    def test_only_the_first_is_listed_by_the_place_on_the_day_as_well(self):
        assert list(listed(self.WORLD(), WALL, replace(DAY_PLACE, story_bullets="first"))) == [UNITY, MILLION]


QUERY = ("2008-08-08", "奥运会开幕")
FIRST, MIDDLE, LAST = (("2008-05-12", text) for text in ("四川发生地震", "军队前往四川", "总理前往四川"))
ALONE = ("2003-10-15", "杨利伟进入太空")
UNSHOWN = ("2009-01-01", "新年")
CHINA = {
    QUERY: "中国, 北京, 奥运会",
    FIRST: "中国, 四川, 地震",
    MIDDLE: "中国, 北京, 四川",
    LAST: "中国, 四川",
    ALONE: "中国",
    UNSHOWN: "中国, 北京, 奥运会",
}


class TestDayPlace:
    """The Chinese sister: from each day page the last event first; what stands nowhere comes after all."""

    @pytest.fixture
    def china(self) -> World:
        items = [day_item(*event) for event in (ALONE, FIRST, MIDDLE, LAST, QUERY)]
        records = [record(*event, *names.split(", ")) for event, names in CHINA.items()]
        return world(*(page(*event, language="zh") for event in CHINA), day_items=items, records=records)

    def test_lists_from_the_newest_to_the_oldest_and_on_one_day_from_the_greatest_path_to_the_least(self, china):
        of_the_day = sorted([FIRST, MIDDLE, LAST], key=slug_of_event, reverse=True)
        assert list(listed(china, QUERY, DAY_PLACE)) == [UNSHOWN, *of_the_day, ALONE]

    def test_chooses_the_last_of_each_day_first(self, china):
        """Two are the last of their days; then who has one below, two, and who is shown nowhere."""
        chosen = {limit: set(listed(china, QUERY, replace(DAY_PLACE, limit=limit))) for limit in range(2, 6)}
        assert chosen == {
            2: {LAST, ALONE},
            3: {LAST, ALONE, MIDDLE},
            4: {LAST, ALONE, MIDDLE, FIRST},
            5: {LAST, ALONE, MIDDLE, FIRST, UNSHOWN},
        }

    def test_of_equal_places_chooses_who_shares_most(self):
        one, two, query = ("2001-01-02", "One"), ("2001-01-01", "Two"), ("2001-01-03", "Query")
        records = [record(*one, "A"), record(*two, "A", "B"), record(*query, "A", "B")]
        items = [day_item(*one), day_item(*two)]
        seen = world(page(*one), page(*two), page(*query), day_items=items, records=records)
        assert listed(seen, query, replace(DAY_PLACE, limit=1)) == {two: 2}
        assert listed(seen, query, DAY_PLACE) == {one: 1, two: 2}
        assert list(listed(seen, query, DAY_PLACE)) == [one, two]

    def test_of_equals_in_that_too_chooses_the_greater_path(self):
        four, fifteen, query = ("2001-01-04", "Four"), ("2001-01-15", "Fifteen"), ("2001-01-20", "Query")
        records = [record(*event, "A") for event in (four, fifteen, query)]
        seen = world(
            *(page(*event) for event in (four, fifteen, query)),
            day_items=[day_item(*four), day_item(*fifteen)],
            records=records,
        )
        assert list(listed(seen, query, replace(DAY_PLACE, limit=1))) == [four]
        assert list(listed(seen, query, DAY_PLACE)) == [fifteen, four]

    def test_lists_nobody_after_a_day(self, china):
        rule = replace(DAY_PLACE, as_of=date(2008, 5, 11).toordinal())
        assert list(listed(china, QUERY, rule)) == [ALONE]


def slug_of_event(event: Event) -> str:
    return slug_of(*event) + ".md"


@st.composite
def archives(draw) -> tuple[dict[Event, frozenset[str]], list[Event], set[Event]]:
    """Events with their entities; those that day pages show, in order; those that are not the first of their story."""
    days = st.integers(0, 25).map(lambda days: (date(2012, 12, 25) + timedelta(days)).isoformat())
    drawn = draw(st.lists(st.tuples(days, st.frozensets(st.sampled_from("ABCD"), max_size=3)), min_size=1, max_size=12))
    events = {(day, f"event {number}"): titles for number, (day, titles) in enumerate(drawn)}
    shown = draw(st.permutations(sorted(events)))[: draw(st.integers(0, len(events)))]
    return events, list(shown), draw(st.sets(st.sampled_from(sorted(events))))


rules = st.builds(
    ListRule,
    order=st.sampled_from(["shared", "day-place"]),
    story_bullets=st.sampled_from(["first", "all"]),
    limit=st.integers(1, 13),
    as_of=st.none() | st.integers(0, 30).map(lambda days: date(2012, 12, 24).toordinal() + days),
)


def by_the_rule(
    query: Event, events: Mapping[Event, frozenset[str]], shown: list[Event], later: set[Event], rule: ListRule
) -> list[Event]:
    """The rule itself, in strings and sorts, one key after the other."""

    def below(event: Event) -> int:
        of_day = [other for other in shown if other[0] == event[0]]
        return len(of_day) - 1 - of_day.index(event) if event in of_day else len(events)

    others = [
        other
        for other, titles in events.items()
        if other != query
        and titles & events[query]
        and (rule.story_bullets == "all" or other not in later)
        and (rule.as_of is None or date.fromisoformat(other[0]).toordinal() <= rule.as_of)
    ]
    others.sort(key=slug_of_event, reverse=True)
    others.sort(key=lambda other: -len(events[other] & events[query]))
    if rule.order == "day-place":
        others.sort(key=below)
    others = others[: rule.limit]
    if rule.order == "day-place":
        others.sort(key=slug_of_event, reverse=True)
        others.sort(key=lambda other: other[0], reverse=True)
    return others


class TestLaws:
    @settings(max_examples=200, deadline=None)
    @given(archives(), rules)
    def test_a_list_is_what_the_rule_says_of_any_archive(self, archive, rule):
        events, shown, later = archive
        seen = world(
            *(page(*event) for event in events),
            day_items=[day_item(*event) for event in shown],
            records=[record(*event, *sorted(titles), later=event in later) for event, titles in events.items()],
        )
        for query in events:
            found = listed(seen, query, rule)
            assert list(found) == by_the_rule(query, events, shown, later, rule)
            assert found == {other: len(events[other] & events[query]) for other in found}

    @settings(max_examples=100, deadline=None)
    @given(archives(), rules)
    def test_a_list_has_nobody_twice_no_stranger_and_no_more_than_asked_for(self, archive, rule):
        events, shown, later = archive
        seen = world(
            *(page(*event) for event in events),
            day_items=[day_item(*event, ", ".join(sorted(events[event]))) for event in shown],
            records=[record(*event, later=True) for event in later - set(shown)],
        )
        for row in range(len(seen.corpus)):
            query = seen.entities.query(row, PRINTED)
            rows, counts = list_by_rule(seen.corpus, seen.entities, row, query, rule)
            assert len(set(rows.tolist())) == len(rows) == len(counts) <= rule.limit
            assert row not in rows
            assert counts.tolist() == [len(seen.entities.common(row, int(other), PRINTED)) for other in rows]
            assert (counts > 0).all()
            if rule.story_bullets == "first":
                assert not seen.corpus.later[rows].any()
            if rule.order == "shared":
                assert sorted(counts, reverse=True) == counts.tolist()
            else:
                days = seen.corpus.days[rows].tolist()
                assert sorted(days, reverse=True) == days


class TestItems:
    def test_are_links_in_the_order_of_the_rows_with_what_is_shared(self):
        seen = told(BERLIN)
        row, others = seen.row(WALL), [seen.row(UNITY), seen.row(MILLION)]
        assert list_items(seen.corpus, seen.entities, PRINTED, row, others) == [
            link(*UNITY, "Germany"),
            link(*MILLION, "Berlin, Germany"),
        ]

    def test_have_only_labels_of_the_sources_that_are_asked_for(self):
        vega = ("2012-02-13", "Vega leaves Kourou")
        launches = [(f"2013-02-0{day}", f"Rocket {day} leaves Kourou") for day in (1, 2, 3)]
        records = [record(*event, "Kourou") for event in launches]
        seen = world(page(*vega), *(page(*event) for event in launches), records=records)
        row, other = seen.row(launches[0]), [seen.row(vega)]
        assert list_items(seen.corpus, seen.entities, PRINTED, row, other) == [link(*vega)]
        assert list_items(seen.corpus, seen.entities, ALL_SOURCES, row, other) == [link(*vega, "Kourou")]

    def test_have_the_archive_s_prefix_and_no_markup_of_a_title(self):
        one, other = ("2016-10-27", "一"), ("2016-10-28", "二")
        old = page("2016-10-29", "三", [link(*one, "x", prefix="/zh/")])
        records = [record(*one, "b_c", "A"), record(*other, "A", "b_c")]
        seen = world(page(*one), page(*other), old, records=records)
        assert list_items(seen.corpus, seen.entities, PRINTED, seen.row(one), [seen.row(other)]) == [
            link(*other, r"A, b\_c", prefix="/zh/")
        ]
