"""From what the archive says, and from what headlines say, to the entities of every event."""

import numpy as np
from worlds import day_item, link, page, record, slug_of, world

from recommender.events import Page, Record
from recommender.evidence import PRINTED, Source

OWN, NAMED, DAY, SPOTTED = Source.OWN_LIST, Source.NAMED, Source.DAY_PAGE, Source.SPOTTED
RECORD = Source.RECORD
ARIANE = ("2013-02-07", "An Ariane takes off")
VEGA = ("2012-02-13", "A Vega takes off")
SOYUZ = ("2011-10-21", "A Soyuz takes off")
GALILEO = ("2016-12-15", "Galileo is switched on")


class TestSources:
    def test_of_a_list_are_its_page_and_the_events_that_it_names(self):
        seen = world(
            page(*ARIANE, [link(*VEGA, "Arianespace, Kourou"), link(*SOYUZ, "Kourou")]), page(*VEGA), page(*SOYUZ)
        )
        assert seen.sources(ARIANE) == {"Arianespace": OWN, "Kourou": OWN}
        assert seen.sources(VEGA) == {"Arianespace": NAMED, "Kourou": NAMED}
        assert seen.sources(SOYUZ) == {"Kourou": NAMED}

    def test_of_a_day_page_are_the_events_that_it_shows(self):
        seen = world(page(*ARIANE), page(*VEGA), day_items=[day_item(*VEGA, "ESA, Kourou")])
        assert seen.sources(VEGA) == {"ESA": DAY, "Kourou": DAY}
        assert seen.sources(ARIANE) == {}

    def test_of_a_headline_are_the_names_in_it(self):
        seen = world(
            page("2013-02-07", "An Ariane leaves Kourou", [link(*VEGA, "Kourou")]),
            page(*VEGA),
            page("2014-02-07", "Rain falls on Kourou"),
            page("2015-02-07", "Rain falls on Cayenne"),
        )
        assert seen.sources(("2014-02-07", "Rain falls on Kourou")) == {"Kourou": SPOTTED}
        assert seen.sources(("2013-02-07", "An Ariane leaves Kourou")) == {"Kourou": OWN | SPOTTED}
        assert seen.sources(("2015-02-07", "Rain falls on Cayenne")) == {}

    def test_add_up(self):
        pages = (
            page(*ARIANE, [link(*VEGA, "Kourou")]),
            page(*VEGA, [link(*ARIANE, "Kourou")]),
        )
        assert world(*pages).sources(VEGA) == {"Kourou": OWN | NAMED}
        assert world(*pages, day_items=[day_item(*VEGA, "Kourou")]).sources(VEGA) == {"Kourou": OWN | NAMED | DAY}

    def test_a_day_page_is_complete_so_nothing_is_spotted_beside_it(self):
        trusted = [(f"2013-02-0{day}", f"Rocket {day} leaves Kourou") for day in (1, 2, 3)]
        complete, unknown = ("2014-02-07", "Rain falls on Kourou"), ("2015-02-07", "Mud covers Kourou")
        seen = world(
            *(page(*event) for event in (*trusted, complete, unknown)),
            day_items=[*(day_item(*event, "Kourou") for event in trusted), day_item(*complete, "Guiana")],
        )
        assert seen.sources(complete) == {"Guiana": DAY}
        assert seen.sources(unknown) == {"Kourou": SPOTTED}

    def test_are_asked_for_one_by_one(self):
        seen = world(
            page(*ARIANE, [link(*VEGA, "Arianespace")]),
            page(*VEGA, [link(*ARIANE, "Kourou")]),
            day_items=[day_item(*ARIANE, "Arianespace, ESA, Kourou")],
        )
        row = seen.row(ARIANE)
        assert seen.labels(seen.entities.entities(row, OWN)) == {"Arianespace"}
        assert seen.labels(seen.entities.entities(row, NAMED)) == {"Kourou"}
        assert seen.labels(seen.entities.entities(row, OWN | NAMED)) == {"Arianespace", "Kourou"}
        assert seen.labels(seen.entities.query(row, DAY).entities) == {"Arianespace", "ESA", "Kourou"}
        assert seen.entities.query(row).withheld == ()

    def test_of_an_older_slug_are_the_events_own(self):
        old = ("2013-02-07", "A rocket takes off")
        seen = world(page(*ARIANE, aliases=[slug_of(*old)]), page(*VEGA, [link(*old, "Kourou")]))
        assert seen.sources(ARIANE) == {"Kourou": NAMED}


class TestLabels:
    def test_of_one_name_are_one_entity_and_the_commonest_is_printed(self):
        seen = world(
            page(*ARIANE, [link(*VEGA, "al Qaeda"), link(*SOYUZ, "al-Qaeda")]),
            page(*VEGA, [link(*SOYUZ, "al-Qaeda")]),
            page(*SOYUZ),
        )
        assert list(seen.entities.labels) == ["al-Qaeda"]
        assert seen.entities.postings(0).tolist() == [0, 1, 2]

    def test_that_are_merged_are_one_entity(self):
        seen = world(page(*ARIANE, [link(*VEGA, "Americans")]), page(*VEGA, [link(*ARIANE, "United States")]))
        assert list(seen.entities.labels) == ["Americans"]
        assert seen.sources(ARIANE) == {"Americans": OWN | NAMED}

    def test_are_numbered_in_order_of_their_names(self):
        seen = world(page(*ARIANE, [link(*VEGA, "Guiana, Kourou, al-Qaeda")]), page(*VEGA))
        assert list(seen.entities.labels) == ["al-Qaeda", "Guiana", "Kourou"]

    def test_of_a_phrase_learned_as_a_name(self):
        us = (
            "United States sues BP",
            "Troops of the United States leave Iraq",
            "In Utah, United States, a mine floods",
        )
        days = ("2010-12-15", "2011-12-18", "2007-08-06")
        known = [day_item(day, text, "U.S.") for day, text in zip(days, us, strict=True)]
        votes = ("2012-11-06", "The United States votes")
        seen = world(*(page(day, text) for day, text in zip(days, us, strict=True)), page(*votes), day_items=known)
        assert seen.sources(votes) == {"U.S.": SPOTTED}


class TestRecords:
    """What an import wrote down of an event is all that it has, whatever is printed of it elsewhere."""

    def test_tell_all_entities_of_their_events(self):
        records = [record(*ARIANE, "Kourou", "Arianespace"), record(*VEGA, "Kourou"), record(*SOYUZ)]
        seen = world(page(*ARIANE), page(*VEGA), page(*SOYUZ), page(*GALILEO), records=records)
        assert seen.sources(ARIANE) == {"Arianespace": RECORD, "Kourou": RECORD}
        assert seen.sources(VEGA) == {"Kourou": RECORD}
        assert seen.sources(SOYUZ) == seen.sources(GALILEO) == {}
        assert seen.labels(seen.entities.entities(seen.row(VEGA), PRINTED)) == {"Kourou"}

    def test_are_more_than_a_list_of_their_own_a_list_that_names_them_or_a_day_page(self):
        pages = (page(*ARIANE, [link(*VEGA, "ESA")]), page(*VEGA, [link(*ARIANE, "Rockets")]))
        items = [day_item(*ARIANE, "Guiana")]
        both = [record(*ARIANE, "Kourou"), record(*VEGA, "Kourou")]
        seen = world(*pages, day_items=items, records=both)
        assert seen.sources(ARIANE) == seen.sources(VEGA) == {"Kourou": RECORD}
        assert list(seen.entities.labels) == ["Kourou"]
        alone = world(*pages, day_items=items, records=both[:1])
        assert alone.sources(ARIANE) == {"Kourou": RECORD}
        assert alone.sources(VEGA) == {"ESA": NAMED, "Rockets": OWN}

    def test_leave_to_other_events_what_lists_and_day_pages_tell_of_them(self):
        seen = world(
            page(*ARIANE, [link(*VEGA, "Guiana, Kourou"), link(*SOYUZ, "Kourou, Soyuz")]),
            page(*VEGA, [link(*ARIANE, "Kourou, Rockets")]),
            page(*SOYUZ, [link(*VEGA, "Galileo")]),
            day_items=[day_item(*SOYUZ, "Galileo, Kourou, Soyuz"), day_item(*ARIANE, "Guiana, Kourou")],
            records=[record(*ARIANE, "Kourou")],
        )
        assert seen.sources(ARIANE) == {"Kourou": OWN | NAMED | RECORD}
        assert seen.sources(VEGA) == {"Guiana": NAMED, "Galileo": NAMED, "Kourou": OWN | NAMED, "Rockets": OWN}
        assert seen.sources(SOYUZ) == {"Galileo": OWN | DAY, "Kourou": NAMED | DAY, "Soyuz": NAMED | DAY}

    def test_make_only_what_both_events_share_a_link_between_them(self):
        seen = world(page(*ARIANE, [link(*VEGA, "Guiana, Kourou")]), page(*VEGA), records=[record(*ARIANE, "Kourou")])
        links = dict(zip(seen.entities.labels, np.diff(seen.entities.link_starts).tolist(), strict=True))
        assert links == {"Guiana": 0, "Kourou": 1}

    def test_make_no_list_between_two_of_them_evidence(self):
        records = [record(*ARIANE, "Kourou"), record(*VEGA, "Kourou")]
        seen = world(page(*ARIANE, [link(*VEGA, "Kourou")]), page(*VEGA), records=records)
        assert seen.entities.link_pages.tolist() == []

    def test_know_an_entity_by_its_name_however_a_list_prints_it(self):
        seen = world(page(*ARIANE, [link(*VEGA, "al-Qaeda")]), page(*VEGA), records=[record(*VEGA, "Al Qaeda")])
        assert seen.sources(ARIANE) == {"Al Qaeda": OWN}
        assert seen.sources(VEGA) == {"Al Qaeda": NAMED | RECORD}

    def test_keep_names_in_headlines_out(self):
        """Kourou stands in both headlines; the source says nothing of it in one."""
        trusted = [(f"2013-02-0{day}", f"Rocket {day} leaves Kourou") for day in (1, 2, 3)]
        complete, unknown = ("2014-02-07", "Rain falls on Kourou"), ("2015-02-07", "Mud covers Kourou")
        for others in ((), ("Guiana",)):
            seen = world(
                *(page(*event) for event in (*trusted, complete, unknown)),
                records=[*(record(*event, "Kourou") for event in trusted), record(*complete, *others)],
            )
            assert seen.sources(complete) == dict.fromkeys(others, RECORD)
            assert seen.sources(unknown) == {"Kourou": SPOTTED}
            assert seen.sources(trusted[0]) == {"Kourou": RECORD}

    def test_say_beside_day_pages_whether_a_name_is_to_be_trusted(self):
        """On its day page the town burns; in three headlines with records the same word is none of the entities."""
        reading = [(f"2013-02-0{day}", f"Reading {day} books") for day in (1, 2, 3)]
        town, unknown = ("2012-01-01", "Reading burns"), ("2015-02-07", "Reading is fun")
        pages, items = [page(*event) for event in (*reading, town, unknown)], [day_item(*town, "Reading")]
        assert world(*pages, day_items=items).sources(unknown) == {"Reading": SPOTTED}
        records = [record(*event, "Books") for event in reading]
        assert world(*pages, day_items=items, records=records).sources(unknown) == {}

    def test_that_a_list_contradicts_make_it_say_nothing_of_who_is_missing(self):
        """Lima's list would tell its president from that of the others, were what it says of Bogotá still so."""
        quito, lima, bogota = ("2012-01-01", "Quito waits"), ("2014-01-01", "Lima waits"), ("2011-01-01", "Rain")
        first, second = ((f"2013-0{month}-01", f"Somebody speaks, {month}") for month in (1, 2))
        pages = (
            page(*bogota),
            page(*quito),
            page(*first),
            page(*second, [link(*first, "President"), link(*bogota, "President")]),
            page(*lima, [link(*quito, "President"), link(*bogota, "Flood")]),
        )
        assert list(world(*pages).entities.labels) == ["Flood", "President", "President"]
        told = world(*pages, records=[record(*bogota, "Colombia")])
        assert list(told.entities.labels) == ["Colombia", "Flood", "President"]

    def test_of_an_older_slug_are_the_events_own(self):
        old = ("2013-02-07", "A rocket takes off")
        seen = world(page(*ARIANE, aliases=[slug_of(*old)]), records=[record(*old, "Kourou")])
        assert seen.sources(ARIANE) == {"Kourou": RECORD}

    def test_of_a_page_that_is_gone_say_nothing(self):
        seen = world(page(*ARIANE), records=[record(*VEGA, "Kourou")])
        assert len(seen.entities) == 0

    def test_do_not_depend_on_their_order(self):
        records = [record(*ARIANE, "Kourou", "ESA"), record(*VEGA, "ESA", words={"ESA": "the agency"})]
        pages = (page(*ARIANE), page(*VEGA))
        for labels in ("title", "anchor"):
            one = world(*pages, records=records, labels=labels).entities
            other = world(*pages, records=records[::-1], labels=labels).entities
            assert list(one.labels) == list(other.labels)
            np.testing.assert_array_equal(one.event_entities, other.event_entities)

    def test_mean_the_same_by_a_title_wherever_it_stands(self):
        """Of a list that leaves somebody out another president might be meant; records say that it is one."""
        quito, lima = ("2012-01-01", "Quito waits"), ("2014-01-01", "Lima waits")
        first, second, third = ((f"2013-0{month}-01", f"Somebody speaks, {month}") for month in (1, 2, 3))
        pages = (
            page(*quito),
            page(*first),
            page(*second, [link(*first, "President")]),
            page(*third, [link(*second, "President"), link(*first, "President")]),
            page(*lima, [link(*quito, "President")]),
        )
        assert list(world(*pages).entities.labels) == ["President", "President"]
        assert list(world(*pages, records=[record(*quito, "President")]).entities.labels) == ["President", "President"]
        both = [record(*quito, "President"), record(*first, "President")]
        assert list(world(*pages, records=both).entities.labels) == ["President"]


class TestLabelsOfRecords:
    """How an entity of records is printed: by its title, or by the words of the newest event's link."""

    @staticmethod
    def labels(*records: Record, labels: str = "title", pages: tuple[Page, ...] = ()) -> list[str]:
        events = [(one.slug, one.text) for one in records]
        of_records = (
            page("-".join(slug.split("/")[1:3]) + f"-{int(slug.split('/')[3]):02}", text) for slug, text in events
        )
        return list(world(*of_records, *pages, records=records, labels=labels).entities.labels)

    def test_are_titles(self):
        assert self.labels(record(*ARIANE, "Kourou", words={"Kourou": "Kourou, French Guiana"})) == ["Kourou"]

    def test_of_a_section_name_it_in_parentheses(self):
        assert self.labels(record(*ARIANE, "Ariane#Flights")) == ["Ariane (Flights)"]

    def test_are_the_commonest_title_of_one_name(self):
        records = [record(*ARIANE, "al Qaeda"), record(*VEGA, "al-Qaeda"), record(*SOYUZ, "al-Qaeda")]
        assert self.labels(*records) == ["al-Qaeda"]
        assert self.labels(*records[:2]) == ["al Qaeda"]

    def test_are_titles_however_often_lists_print_something_else(self):
        others = (page(*VEGA, [link(*SOYUZ, "AL-QAEDA")]), page(*SOYUZ, [link(*VEGA, "AL-QAEDA")]))
        assert self.labels(record(*ARIANE, "al Qaeda"), pages=others) == ["al Qaeda"]

    def test_are_on_request_the_words_of_the_newest_link(self):
        """Soyuz is of 2011, Vega of 2012, Ariane of 2013."""
        records = [
            record(*SOYUZ, "Kourou", words={"Kourou": "the spaceport"}),
            record(*ARIANE, "Kourou", words={"Kourou": " the jungle "}),
            record(*VEGA, "Kourou", words={"Kourou": "the coast"}),
        ]
        assert self.labels(*records, labels="anchor") == ["the jungle"]
        assert self.labels(*records) == ["Kourou"]

    def test_go_by_days_and_not_by_paths(self):
        """The fourth comes after the fifteenth in the archive's order."""
        four, fifteen = ("2013-02-04", "On the fourth"), ("2013-02-15", "On the fifteenth")
        records = [
            record(*four, "Kourou", words={"Kourou": "older"}),
            record(*fifteen, "Kourou", words={"Kourou": "newer"}),
        ]
        assert self.labels(*records, labels="anchor") == ["newer"]

    def test_go_by_paths_on_one_day(self):
        records = [record("2013-02-04", name, "Kourou", words={"Kourou": name}) for name in ("b", "c", "a")]
        assert self.labels(*records, labels="anchor") == ["c"]

    def test_are_titles_where_a_link_has_no_words(self):
        assert self.labels(record(*ARIANE, "Ariane#Flights", words={"Ariane#Flights": " "}), labels="anchor") == [
            "Ariane (Flights)"
        ]

    def test_of_other_events_are_the_commonest_that_is_printed(self):
        others = (page(*VEGA, [link(*SOYUZ, "ESA")]), page(*SOYUZ))
        assert self.labels(record(*ARIANE, "Kourou"), labels="anchor", pages=others) == ["ESA", "Kourou"]


class TestWordsOfLinks:
    """Where only some events have records: the others' labels are words that links print."""

    def shared(self, label: str, *recorded: Record) -> set[str]:
        """What Ariane, of which a list prints this label, shares with Galileo, of which there is a record."""
        pages = (page(*ARIANE, [link(*VEGA, label)]), page(*VEGA, [link(*ARIANE, label)]), page(*GALILEO), page(*SOYUZ))
        seen = world(*pages, records=recorded)
        return seen.labels(seen.entities.common(seen.row(ARIANE), seen.row(GALILEO)))

    def test_are_labels_of_the_title_that_they_lead_to(self):
        told = record(*GALILEO, "Guiana Space Centre", words={"Guiana Space Centre": "the spaceport"})
        assert self.shared("the spaceport", told) == {"Guiana Space Centre"}

    def test_of_one_word_need_a_second_link(self):
        words = {"President of France": "President"}
        told = record(*GALILEO, "President of France", words=words)
        assert self.shared("President", told) == set()
        assert self.shared("President", told, record(*SOYUZ, "President of France", words=words)) == {
            "President of France"
        }

    def test_that_lead_to_several_titles_are_no_label(self):
        told = record(*GALILEO, "Guiana Space Centre", words={"Guiana Space Centre": "the spaceport"})
        other = record(*SOYUZ, "Baikonur Cosmodrome", words={"Baikonur Cosmodrome": "the spaceport"})
        assert self.shared("the spaceport", told, other) == set()

    def test_that_are_a_title_stay_it(self):
        told = record(*GALILEO, "Guiana Space Centre", words={"Guiana Space Centre": "French Guiana"})
        assert self.shared("French Guiana", told, record(*SOYUZ, "French Guiana")) == set()


def test_a_name_printed_in_a_meaning_of_its_own_is_not_spotted_in_the_common_one():
    """Three presidents of 2013 are one; the one that Lima means in 2014 has only Quito's list in common with 2012."""
    quito, lima = ("2012-01-01", "Quito waits"), ("2014-01-01", "The President visits Lima")
    first, second, third = ((f"2013-0{month}-01", f"The President speaks, {month}") for month in (1, 2, 3))
    seen = world(
        page(*quito),
        page(*first),
        page(*second, [link(*first, "President")]),
        page(*third, [link(*second, "President"), link(*first, "President")]),
        page(*lima, [link(*quito, "President")]),
    )
    of_lima = seen.entities.entities(seen.row(lima)).tolist()
    assert len(of_lima) == 1
    assert of_lima != seen.entities.entities(seen.row(third)).tolist()
    assert of_lima == seen.entities.entities(seen.row(quito)).tolist()
