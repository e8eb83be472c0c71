"""Merging: two printings of one fact betray that two labels are one entity."""

from worlds import day_item, link, page, slug_of

from recommender.corpus import Corpus
from recommender.events import DayItem, Page
from recommender.evidence import Evidence, gather
from recommender.merging import merge_names
from recommender.slugs import path_of

SPILL = ("2010-04-20", "The Deepwater Horizon explodes")
CAP = ("2010-07-15", "BP caps the well")
SUIT = ("2010-12-15", "The government sues BP")
FINE = ("2012-11-15", "BP agrees to a fine")


def evidence(*pages: Page, day_items: tuple[DayItem, ...] = ()) -> Evidence:
    ordered = sorted(pages, key=lambda one: path_of(one.event.slug))
    return gather(Corpus.of(ordered), ordered, day_items)


def listed(found: Evidence) -> list[tuple[int, int, tuple[str, ...]]]:
    """Items of lists: whose list, whom it names, by which labels."""
    rows = zip(found.pages.tolist(), found.items.tolist(), found.item_sets.tolist(), strict=True)
    return [(page, item, found.sets[place]) for page, item, place in rows]


def of_days(found: Evidence) -> dict[int, tuple[str, ...]]:
    """What day pages print of events."""
    return {row: found.sets[place] for row, place in zip(found.days.tolist(), found.day_sets.tolist(), strict=True)}


def reciprocal(one: str, other: str) -> tuple[Page, Page]:
    """Two events, each on the other's list, the first with one context and the second with the other."""
    return page(*SPILL, [link(*CAP, one)]), page(*CAP, [link(*SPILL, other)])


class TestReciprocalLists:
    def test_join_the_one_label_that_differs(self):
        found = merge_names(evidence(*reciprocal("Americans, BP", "BP, United States")))
        assert found == {"united-states": "americans"}

    def test_that_agree_join_nothing(self):
        assert merge_names(evidence(*reciprocal("Americans, BP", "Americans, BP"))) == {}

    def test_do_not_join_where_one_only_says_more(self):
        assert merge_names(evidence(*reciprocal("Americans, BP", "BP"))) == {}

    def test_need_more_than_one_case_where_two_labels_are_left_on_each_side(self):
        unsure = reciprocal("Americans, Brits", "United Kingdom, United States")
        assert merge_names(evidence(*unsure)) == {}
        settled = (
            page(*SUIT, [link(*FINE, "Americans")]),
            page(*FINE, [link(*SUIT, "United States")]),
        )
        assert merge_names(evidence(*unsure, *settled)) == {"united-states": "americans"}

    def test_join_labels_in_other_scripts(self):
        assert merge_names(evidence(*reciprocal("民主党", "民主黨"))) == {"民主黨": "民主党"}

    def test_labels_with_one_name_need_no_joining(self):
        assert merge_names(evidence(*reciprocal("al Qaeda", "al-Qaeda"))) == {}


class TestDayPages:
    def test_join_the_label_that_a_list_has_and_the_day_page_has_not(self):
        list_of_spill = page(*SPILL, [link(*CAP, "Americans")])
        found = merge_names(evidence(list_of_spill, page(*CAP), day_items=(day_item(*SPILL, "United States"),)))
        assert found == {"united-states": "americans"}

    def test_speak_for_the_event_that_a_list_names_too(self):
        list_of_spill = page(*SPILL, [link(*CAP, "Americans")])
        found = merge_names(evidence(list_of_spill, page(*CAP), day_items=(day_item(*CAP, "United States"),)))
        assert found == {"united-states": "americans"}

    def test_that_print_all_that_the_list_shares_join_nothing(self):
        list_of_spill = page(*SPILL, [link(*CAP, "BP")])
        items = (day_item(*SPILL, "Americans, BP, Gulf of Mexico"),)
        assert merge_names(evidence(list_of_spill, page(*CAP), day_items=items)) == {}


class TestPrintedTogether:
    def test_labels_are_never_joined(self):
        together = page(*SUIT, [link(*FINE, "Americans, United States")])
        assert merge_names(evidence(*reciprocal("Americans", "United States"), together, page(*FINE))) == {}

    def test_labels_of_a_day_page_are_never_joined(self):
        items = (day_item(*FINE, "Americans, United States"),)
        assert merge_names(evidence(*reciprocal("Americans", "United States"), page(*FINE), day_items=items)) == {}

    def test_labels_are_not_joined_through_a_third_one(self):
        """U.S. is Americans, U.S. is also United States; but those two stand side by side somewhere."""
        pages = (
            page(*SPILL, [link(*CAP, "Americans"), link(*SUIT, "U.S.")]),
            page(*CAP, [link(*SPILL, "U.S."), link(*FINE, "Americans, United States")]),
            page(*SUIT, [link(*SPILL, "United States")]),
            page(*FINE),
        )
        assert merge_names(evidence(*pages)) == {"u-s": "americans"}

    def test_apart_the_same_labels_would_be_one(self):
        pages = (
            page(*SPILL, [link(*CAP, "Americans"), link(*SUIT, "U.S.")]),
            page(*CAP, [link(*SPILL, "U.S.")]),
            page(*SUIT, [link(*SPILL, "United States")]),
        )
        assert merge_names(evidence(*pages)) == {"u-s": "americans", "united-states": "americans"}


class TestEvidence:
    def test_leaves_out_items_that_lead_nowhere_to_the_page_itself_or_share_nothing(self):
        nowhere = link("1990-01-01", "Never happened", "BP")
        pages = (page(*SPILL, [nowhere, link(*SPILL, "BP"), link(*CAP)]), page(*CAP, [link(*SPILL, "BP")]))
        assert listed(evidence(*pages)) == [(1, 0, ("BP",))]

    def test_takes_the_first_day_page_that_prints_an_events_labels(self):
        items = (day_item(*SPILL), day_item(*SPILL, "BP"), day_item(*SPILL, "Transocean"))
        assert of_days(evidence(page(*SPILL), day_items=items)) == {0: ("BP",)}

    def test_follows_an_older_slug(self):
        old = ("2010-04-20", "A rig explodes")
        pages = (page(*SPILL, aliases=[slug_of(*old)]), page(*CAP, [link(*old, "BP")]))
        found = evidence(*pages, day_items=(day_item(*old, "BP, Transocean"),))
        assert listed(found) == [(1, 0, ("BP",))]
        assert of_days(found) == {0: ("BP", "Transocean")}

    def test_counts_a_label_that_is_printed_twice_once(self):
        pages = (page(*SPILL, [link(*CAP, "BP, BP, Transocean")]), page(*CAP))
        assert listed(evidence(*pages)) == [(0, 1, ("BP", "Transocean"))]

    def test_cuts_labels_with_commas_by_the_whole_archive(self):
        pages = (
            page(*SPILL, [link(*CAP, "Venice, Louisiana"), link(*SUIT, "Louisiana, Transocean")]),
            page(*CAP, [link(*SPILL, "BP, Venice, Louisiana")]),
            page(*SUIT),
        )
        assert [labels for _, _, labels in listed(evidence(*pages))] == [
            ("Venice, Louisiana",),
            ("Louisiana", "Transocean"),
            ("BP", "Venice, Louisiana"),
        ]
