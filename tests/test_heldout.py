"""The held-out view: what is known of entities without an event's own list, on both of its sides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import World, day_item, link, page, record, slug_of, world

from recommender.entities import ALL_SOURCES, Query
from recommender.events import Page
from recommender.evidence import Source

ARIANE = ("2013-02-07", "An Ariane takes off")
VEGA = ("2012-02-13", "A Vega takes off")
SOYUZ = ("2011-10-21", "A Soyuz takes off")
GALILEO = ("2016-12-15", "Galileo is switched on")


class TestWithoutTheList:
    """The list of Ariane is hidden; `Secret` is what it alone must not betray."""

    LISTED = page(*ARIANE, [link(*VEGA, "Kourou, Secret"), link(*SOYUZ, "Kourou")])

    def known(self, seen: World, *items: tuple[str, str], sources: int = ALL_SOURCES) -> list[set[str]]:
        """Labels by which Ariane asks, then those that each item keeps meanwhile."""
        query = seen.query_without_list(ARIANE, sources)
        kept = [
            {int(entity) for entity in seen.entities.entities(row, sources) if (row, int(entity)) not in query.withheld}
            for row in map(seen.row, items)
        ]
        return [seen.labels(query.entities), *map(seen.labels, kept)]

    def test_what_only_the_list_tells_is_hidden_on_both_sides(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ))
        assert self.known(seen, VEGA, SOYUZ) == [set(), set(), set()]

    def test_all_is_known_again_with_the_list(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ))
        query = seen.entities.query(seen.row(ARIANE))
        assert seen.labels(query.entities) == {"Kourou", "Secret"}
        assert query.withheld == ()

    def test_what_is_withheld_was_known(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ))
        withheld = seen.query_without_list(ARIANE).withheld
        assert len(set(withheld)) == len(withheld) == 3
        assert all(entity in seen.entities.entities(row) for row, entity in withheld)

    def test_an_item_keeps_what_another_list_tells_of_it(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), page(*GALILEO, [link(*VEGA, "Secret")]))
        assert self.known(seen, VEGA, SOYUZ) == [set(), {"Secret"}, set()]

    def test_an_item_keeps_what_another_list_tells_and_the_hidden_one_does_not(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), page(*GALILEO, [link(*SOYUZ, "Secret")]))
        assert self.known(seen, VEGA, SOYUZ) == [set(), set(), {"Secret"}]

    def test_an_item_keeps_what_its_own_list_tells(self):
        seen = world(self.LISTED, page(*VEGA, [link(*SOYUZ, "Secret")]), page(*SOYUZ))
        assert self.known(seen, VEGA, SOYUZ) == [set(), {"Secret"}, {"Secret"}]

    def test_an_item_keeps_what_its_day_page_tells(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), day_items=[day_item(*VEGA, "ESA, Kourou, Secret")])
        assert self.known(seen, VEGA, SOYUZ) == [set(), {"ESA", "Kourou", "Secret"}, set()]

    def test_the_event_keeps_what_another_list_tells_of_it(self):
        seen = world(self.LISTED, page(*VEGA, [link(*ARIANE, "Kourou, Secret")]), page(*SOYUZ))
        assert self.known(seen, VEGA, SOYUZ) == [{"Kourou", "Secret"}, {"Kourou", "Secret"}, set()]

    def test_the_event_keeps_what_its_day_page_tells(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), day_items=[day_item(*ARIANE, "ESA, Kourou, Secret")])
        assert self.known(seen)[0] == {"ESA", "Kourou", "Secret"}

    def test_an_item_keeps_what_its_headline_tells_with_the_same_meaning(self):
        vega, rain = ("2012-02-13", "A Vega leaves Kourou"), ("2014-02-07", "Rain falls on Kourou")
        seen = world(
            page(*ARIANE, [link(*vega, "Kourou, Secret")]),
            page(*vega),
            page(*rain, [link(*ARIANE, "Kourou")]),
            day_items=[day_item(*rain, "Kourou")],
        )
        assert self.known(seen, vega) == [{"Kourou"}, {"Kourou"}]

    @pytest.mark.parametrize("of_the_event", [True, False])
    def test_a_headline_keeps_what_others_call_so(self, of_the_event):
        """Kourou is a name elsewhere in the archive, so nobody needs the list to read it in a headline."""
        ariane = ("2013-02-07", "An Ariane leaves Kourou") if of_the_event else ARIANE
        vega = VEGA if of_the_event else ("2012-02-13", "A Vega leaves Kourou")
        rain = ("2014-02-07", "Rain falls on Kourou")
        seen = world(
            page(*ariane, [link(*vega, "Kourou, Secret")]),
            page(*vega),
            page(*rain, [link(*GALILEO, "Kourou"), link(*SOYUZ, "Kourou")]),
            page(*GALILEO),
            page(*SOYUZ),
            day_items=[day_item(*rain, "Kourou")],
        )
        query = seen.query_without_list(ariane)
        row = seen.row(vega)
        kept = [entity for entity in seen.entities.entities(row) if (row, int(entity)) not in query.withheld]
        assert seen.labels(query.entities) == ({"Kourou"} if of_the_event else set())
        assert seen.labels(kept) == (set() if of_the_event else {"Kourou"})

    def test_a_name_that_only_the_list_prints_is_not_spotted_either(self):
        """Without the list nobody would know that `Azerspace-1` is a name, in the event's headline or an item's."""
        launch, shown = ("2013-02-07", "The Azerspace-1 takes off"), ("2013-01-10", "Engineers show Azerspace-1")
        seen = world(page(*launch, [link(*shown, "Azerspace-1")]), page(*shown))
        query = seen.query_without_list(launch)
        assert seen.labels(query.entities) == set()
        assert (seen.row(shown), 0) in query.withheld

    def test_an_event_that_the_list_names_twice_is_told_by_one_list_all_the_same(self):
        """Once by its slug, once by an older one."""
        old = ("2012-02-13", "A small rocket takes off")
        listed = page(*ARIANE, [link(*VEGA, "Secret"), link(*old, "Secret")])
        assert self.known(world(listed, page(*VEGA, aliases=[slug_of(*old)])), VEGA) == [set(), set()]

    def test_two_groups_that_only_the_list_connects_are_not_known_to_be_one(self):
        """Galileo calls Ariane `President`, Soyuz calls Vega so; that it is one president, only the list says."""
        others = (
            page(*VEGA),
            page(*SOYUZ, [link(*VEGA, "President")]),
            page(*GALILEO, [link(*ARIANE, "President")]),
        )
        seen = world(page(*ARIANE, [link(*VEGA, "President")]), *others)
        without = world(page(*ARIANE), *others)
        query, alone = seen.query_without_list(ARIANE), without.entities.query(without.row(ARIANE))
        for event in (VEGA, SOYUZ, GALILEO):
            assert shared(seen, query, seen.row(event)) <= shared(without, alone, without.row(event))
        assert shared(seen, query, seen.row(SOYUZ)) == set()
        assert shared(seen, query, seen.row(GALILEO)) == {"President"}

    def test_an_event_without_a_list_hides_nothing(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ))
        query = seen.query_without_list(VEGA)
        assert seen.labels(query.entities) == {"Kourou", "Secret"}
        assert query.withheld == ()

    def test_only_the_sources_asked_for_count_as_elsewhere(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), day_items=[day_item(*VEGA, "ESA, Kourou, Secret")])
        assert self.known(seen, VEGA, SOYUZ, sources=Source.OWN_LIST | Source.NAMED) == [set(), set(), set()]

    def test_nothing_is_withheld_that_the_sources_do_not_tell_at_all(self):
        shuttle = ("2011-07-21", "A shuttle lands")
        elsewhere = page(*GALILEO, [link(*shuttle, "Kourou, Secret")])
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), elsewhere, page(*shuttle))
        assert seen.query_without_list(ARIANE, Source.DAY_PAGE | Source.SPOTTED).withheld == ()
        connected = page(*GALILEO, [link(*ARIANE, "Kourou, Secret")])
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), connected)
        assert seen.query_without_list(ARIANE, Source.DAY_PAGE | Source.SPOTTED).withheld == ()

    def test_an_event_with_a_record_asks_by_it_and_nothing_is_withheld(self):
        records = [record(*event, "Kourou", "Secret") for event in (ARIANE, VEGA, SOYUZ)]
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), records=records)
        assert self.known(seen, VEGA, SOYUZ) == [{"Kourou", "Secret"}] * 3
        assert seen.query_without_list(ARIANE).withheld == ()

    def test_an_event_with_a_record_asks_by_it_among_others_without(self):
        """What Vega and Soyuz have, only the list tells."""
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), records=[record(*ARIANE, "Kourou", "Secret")])
        assert self.known(seen, VEGA, SOYUZ) == [{"Kourou", "Secret"}, set(), set()]

    def test_an_item_keeps_what_its_record_tells(self):
        seen = world(self.LISTED, page(*VEGA), page(*SOYUZ), records=[record(*VEGA, "Kourou", "Secret")])
        assert self.known(seen, VEGA, SOYUZ) == [set(), {"Kourou", "Secret"}, set()]

    def test_records_connect_what_no_list_does(self):
        """Galileo calls Ariane `President`; that Galileo and Soyuz mean one president, their records say."""
        pages = (
            page(*ARIANE, [link(*VEGA, "President")]),
            page(*VEGA),
            page(*SOYUZ, [link(*VEGA, "President")]),
            page(*GALILEO, [link(*ARIANE, "President")]),
        )
        records = [record(*SOYUZ, "President"), record(*GALILEO, "President")]
        seen = world(*pages, records=records)
        query = seen.query_without_list(ARIANE)
        assert [shared(seen, query, seen.row(event)) for event in (VEGA, SOYUZ, GALILEO)] == [{"President"}] * 3

    sets = st.sets(st.sampled_from("ABC"))

    @settings(deadline=None, max_examples=300)
    @given(st.lists(sets, min_size=2, max_size=6), st.data())
    def test_the_same_where_some_events_have_records(self, entities, data):
        """The oracle as below; and between two events with records nothing is hidden."""
        events = [("2000-01-01", f"event number {i}") for i in range(len(entities))]
        recorded = data.draw(st.sets(st.integers(0, len(events) - 1)))
        records = [record(*events[i], *sorted(entities[i])) for i in sorted(recorded)]
        pages: list[Page] = []
        for i, event in enumerate(events):
            others = [j for j in range(len(events)) if j != i and entities[i] & entities[j]]
            listed = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
            related = [link(*events[j], ", ".join(sorted(entities[i] & entities[j]))) for j in listed]
            pages.append(page(*event, related, listed=True))
        whole = world(*pages, records=records)
        for i, event in enumerate(events):
            without = world(*pages[:i], page(*event, listed=True), *pages[i + 1 :], records=records)
            query = whole.query_without_list(event)
            alone = without.entities.query(without.row(event))
            assert whole.labels(query.entities) == without.labels(alone.entities)
            for j in range(len(events)):
                assert shared(whole, query, j) <= shared(without, alone, j)
            if i in recorded:
                assert whole.labels(query.entities) == entities[i]
                for j in recorded:
                    assert shared(whole, query, j) == entities[i] & entities[j]

    @settings(deadline=None, max_examples=500)
    @given(st.lists(sets, min_size=2, max_size=6), st.data())
    def test_shares_with_nobody_more_than_it_would_share_in_an_archive_without_the_list(self, entities, data):
        """The oracle: take the list off the page, and read the archive anew."""
        events = [("2000-01-01", f"event number {i}") for i in range(len(entities))]
        pages: list[Page] = []
        for i, event in enumerate(events):
            others = [j for j in range(len(events)) if j != i and entities[i] & entities[j]]
            listed = data.draw(st.lists(st.sampled_from(others), unique=True)) if others else []
            shared_labels = [", ".join(sorted(entities[i] & entities[j])) for j in listed]
            related = [link(*events[j], context) for j, context in zip(listed, shared_labels, strict=True)]
            pages.append(page(*event, related, listed=True))
        whole = world(*pages)
        for i, event in enumerate(events):
            without = world(*pages[:i], page(*event, listed=True), *pages[i + 1 :])
            query = whole.query_without_list(event)
            alone = without.entities.query(without.row(event))
            assert whole.labels(query.entities) == without.labels(alone.entities)
            for j in range(len(events)):
                assert shared(whole, query, j) <= shared(without, alone, j)


def shared(seen: World, query: Query, row: int) -> set[str]:
    """Labels of the entities that a query shares with an event, without what is withheld."""
    kept = {int(entity) for entity in seen.entities.entities(row) if (row, int(entity)) not in query.withheld}
    return seen.labels(kept.intersection(map(int, query.entities)))
