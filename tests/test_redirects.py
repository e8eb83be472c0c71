"""Redirects: titles of one article are found by how alike they are and by what the links prove."""

import random
from itertools import count, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.labels import name_of
from recommender.likeness import Title, likeness
from recommender.redirects import MAX_TOGETHER, merge_titles
from recommender.title_links import Link


class World:
    """Links of events, one event after the other, after thirty that are about something else."""

    def __init__(self):
        self._numbers = count()
        self.links = [Link(next(self._numbers), "Weather", "weather") for _ in range(30)]

    def event(self, *titles: str, times: int = 1) -> "World":
        """Add events that link these titles; `title|text` prints another text."""
        for _ in range(times):
            number = next(self._numbers)
            for title in titles:
                target, _, text = title.partition("|")
                self.links.append(Link(number, target, text or target))
        return self

    def merged(self, **options):
        return merge_titles(self.links, **options)


def are_one(world: World, one: str, other: str, **options) -> bool:
    merged = world.merged(**options)
    return merged.get(one, one) == merged.get(other, other)


def apart(one: str, other: str) -> World:
    """Both linked twice, in other events, beside nothing in common, printed as they are."""
    return World().event(one, times=2).event(other, times=2)


def in_company(one: str, other: str) -> World:
    """Both linked beside the same rare articles."""
    return World().event(one, "Rare thing", "Rare place").event(other, "Rare thing", "Rare place").event(other)


def named(one: str, other: str, times: int = 1) -> World:
    """Links to the other print the one."""
    return World().event(one).event(other, times=2).event(f"{other}|{one}", times=times)


def proven(one: str, other: str, times: int = 4) -> World:
    """Links to the other print the one, and both keep the same company."""
    both = ("Rare thing", "Rare place")
    return World().event(one, *both).event(other, *both).event(f"{other}|{one}", *both, times=times)


class TestOneName:
    def test_spellings_of_one_name_are_one(self):
        world = World().event("Al-Qaeda", times=3).event("Al Qaeda").event("al-Qaeda")
        assert world.merged() == {"Al Qaeda": "Al-Qaeda", "al-Qaeda": "Al-Qaeda"}

    def test_even_in_one_event(self):
        world = World().event("Côte d'Ivoire", "Cote d'Ivoire").event("Côte d'Ivoire")
        assert world.merged() == {"Cote d'Ivoire": "Côte d'Ivoire"}

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Kurdistan Workers Party", "Kurdistan Workers' Party"),
            ("People's Republic of China", "Peoples Republic of China"),
            ("US Senate", "U.S. Senate"),
            ("A.C. Milan", "AC Milan"),
            ("Cyberattack", "Cyber attack"),
        ],
    )
    def test_the_same_letters_are_one(self, one, other):
        assert are_one(apart(one, other), one, other)

    def test_the_same_letters_in_one_event_are_two(self):
        assert not are_one(apart("Resign", "Re-sign").event("Resign", "Re-sign"), "Resign", "Re-sign")

    def test_the_same_digits_are_two(self):
        assert not are_one(apart("9/11", "911"), "9/11", "911")

    def test_titles_without_a_letter_are_left_alone(self):
        assert apart("!!!", "???").merged() == {}


SURE = [
    ("United States presidential election, 2016", "2016 United States presidential election"),
    ("Republican Party (United States)", "United States Republican Party"),
    ("Egyptian Revolution of 2011", "2011 Egyptian revolution"),
    ("National Assembly (Hungary)", "National Assembly of Hungary"),
    ("Sinking of MV Sewol", "Sinking of the MV Sewol"),
    ("Minister for Finance (Sweden)", "Minister of Finance (Sweden)"),
]
HINTED = [
    ("The Pentagon", "Pentagon"),
    ("War in Iraq", "Iraq War"),
    ("Academy Awards", "Academy Award"),
    ("Supreme Court of California", "California Supreme Court"),
    ("Barack H. Obama", "Barack Obama"),
    ("Myanma general election, 2015", "Myanmar general election, 2015"),
    ("Mikheil Saakashvili", "Mikhail Saakashvili"),
    ("Baqouba", "Baquba"),
    ("MV Shen Neng 1", "Shen Neng 1"),
    ("Ayatollah Ali Khamenei", "Ali Khamenei"),
]
NAMED = [
    ("CIA", "Central Intelligence Agency"),
    ("Iranian President", "President of Iran"),
]
PROVEN = [
    ("San Francisco", "San Francisco, California"),
    ("Li Na", "Li Na (tennis)"),
    ("Manchester United", "Manchester United F.C."),
    ("Prince Charles", "Charles, Prince of Wales"),
]


class TestProof:
    @pytest.mark.parametrize(("one", "other"), SURE)
    def test_none_is_needed_where_the_words_are_the_same(self, one, other):
        assert are_one(apart(one, other), one, other)

    @pytest.mark.parametrize(("one", "other"), HINTED + NAMED + PROVEN)
    def test_likeness_alone_is_not_enough(self, one, other):
        assert not are_one(apart(one, other), one, other)

    @pytest.mark.parametrize(("one", "other"), HINTED)
    def test_much_company_is_enough_where_the_names_are_much_alike(self, one, other):
        assert are_one(in_company(one, other), one, other)

    @pytest.mark.parametrize(("one", "other"), NAMED)
    def test_an_acronym_and_an_adjective_must_be_printed(self, one, other):
        assert not are_one(in_company(one, other), one, other)
        assert are_one(named(one, other, times=2), one, other)

    @pytest.mark.parametrize(("one", "other"), PROVEN)
    def test_a_qualifier_and_another_name_need_both(self, one, other):
        assert not are_one(in_company(one, other), one, other)
        assert not are_one(named(one, other), one, other)
        assert are_one(proven(one, other), one, other)

    @pytest.mark.parametrize(("one", "other"), [*SURE, *HINTED, *NAMED, *PROVEN])
    def test_in_one_event_they_are_two(self, one, other):
        assert not are_one(proven(one, other).event(one, other), one, other)

    @pytest.mark.parametrize(("one", "other"), [*SURE, *HINTED, *NAMED, *PROVEN])
    def test_a_few_common_events_can_be_allowed(self, one, other):
        world = proven(one, other, times=40).event(one, times=30).event(one, other)
        assert not are_one(world, one, other, max_together=0.0)
        assert are_one(world, one, other, max_together=MAX_TOGETHER)

    def test_common_nouns_are_one_with_their_plural(self):
        world = World().event("Earthquakes|earthquakes").event("Earthquake|earthquake")
        assert are_one(world, "Earthquake", "Earthquakes")
        assert not are_one(apart("Yankee", "Yankees"), "Yankee", "Yankees")

    def test_a_text_that_is_printed_for_another_title_too_names_none(self):
        world = named("The Pentagon", "Pentagon").event("Pentagon (Washington)|The Pentagon", times=3)
        assert not are_one(world, "The Pentagon", "Pentagon")

    def test_an_acronym_within_a_title_is_written_out(self):
        world = named("EU", "European Union", times=3)
        world.event("EU member states (2004)").event("European Union member states (2004)")
        assert are_one(world, "EU member states (2004)", "European Union member states (2004)")

    def test_one_word_is_no_acronym_within_a_title(self):
        world = named("WHO", "World Health Organization", times=3).event("The Who", times=2)
        assert not are_one(world, "The Who", "World Health Organization")

    def test_one_shared_article_is_no_company(self):
        world = World().event("Bamako Bridge", "Nigeria").event("Bamaku Bridge", "Nigeria")
        assert not are_one(world, "Bamako Bridge", "Bamaku Bridge")


class TestTwoThings:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Austria", "Australia"),
            ("Iran", "Iraq"),
            ("Niger", "Nigeria"),
            ("Gambia", "Zambia"),
            ("Malaysia", "Malaysian"),
            ("North Korea", "South Korea"),
            ("Western Cape", "Eastern Cape"),
            ("Myanmar general election, 2010", "Myanmar general election, 2015"),
            ("2008 Summer Olympics", "2012 Summer Olympics"),
            ("Super Bowl XL", "Super Bowl XLI"),
            ("Georgia (country)", "Georgia (U.S. state)"),
            ("Conservative Party (Norway)", "Conservative Party (UK)"),
            ("President of Brazil", "Brazil"),
            ("Gliese 581", "Gliese 581 c"),
            ("Republic of Ireland", "Ireland"),
            ("Murder of April Jones", "April Jones"),
        ],
    )
    def test_are_not_one_for_all_their_company(self, one, other):
        assert not are_one(in_company(one, other), one, other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Herat", "Herat Province"),
            ("Mexico", "Mexico (state)"),
            ("Veracruz", "Veracruz, Veracruz"),
            ("The Last King of Scotland", "The Last King of Scotland (film)"),
            ("1967", "Six-Day War"),
            ("Boeing 747", "Boeing 767"),
        ],
    )
    def test_are_not_one_for_all_the_proof(self, one, other):
        assert not are_one(proven(one, other), one, other)

    def test_father_and_son_share_a_short_name(self):
        world = World()
        for name in ("George Bush", "George W. Bush", "George H. W. Bush"):
            world.event(name, "White House", "Texas")
        assert world.merged() == {}

    def test_a_page_of_several_meanings_is_none_of_them(self):
        world = World().event("Conservative Party", "Rare thing", "Rare place")
        for country in ("Norway", "Canada"):
            world.event(f"Conservative Party ({country})|Conservative Party", "Rare thing", "Rare place", times=3)
        assert world.merged() == {}

    def test_an_office_is_not_its_holder(self):
        world = World().event("Prime Minister of Japan", "Tokyo", "Diet", times=9)
        world.event("Shinzo Abe|Prime Minister of Japan", "Tokyo", "Diet", times=4)
        assert not are_one(world, "Prime Minister of Japan", "Shinzo Abe")

    def test_an_embassy_is_turned_round_by_another_order(self):
        one, other = "Embassy of Iraq in the United States", "Embassy of the United States in Iraq"
        assert not are_one(apart(one, other), one, other)


class TestGroups:
    def test_are_joined_through_a_third_title(self):
        world = World().event("2011 Egyptian revolution", times=2).event("Egyptian revolution, 2011")
        world.event("Egyptian Revolution of 2011")
        assert set(world.merged().values()) == {"2011 Egyptian revolution"}

    def test_are_not_joined_where_any_two_stand_in_one_event(self):
        world = World().event("Egyptian revolution, 2011", times=2).event("2011 Egyptian revolution")
        world.event("Egyptian Revolution of 2011", "2011 Egyptian revolution")
        assert len(world.merged()) == 1

    def test_bear_the_most_used_title(self):
        world = apart("Sinking of MV Sewol", "Sinking of the MV Sewol").event("Sinking of MV Sewol")
        assert world.merged() == {"Sinking of the MV Sewol": "Sinking of MV Sewol"}

    def test_bear_the_later_of_two_titles_used_alike(self):
        assert apart("Al Qaeda", "Al-Qaeda").merged() == {"Al Qaeda": "Al-Qaeda"}
        assert apart("Al-Qaeda", "Al Qaeda").merged() == {"Al-Qaeda": "Al Qaeda"}

    def test_bear_the_first_in_order_of_two_that_end_in_one_event(self):
        assert World().event("Al-Qaeda", "Al Qaeda").merged() == {"Al-Qaeda": "Al Qaeda"}


WORDS = ("Iraq", "Iraqi", "War", "Wars", "the", "of", "2003", "Party", "Partty", "U.S.", "US", "(Iraq)", "H.")
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
LINKS = st.builds(
    Link, st.integers(0, 9), st.one_of(TITLES, TITLES.map(lambda title: f"{title}#History")), st.one_of(TITLES)
)


class TestLaws:
    @given(st.lists(LINKS, max_size=40), st.randoms())
    def test_the_order_of_links_plays_no_part(self, links, shuffler: random.Random):
        mixed = shuffler.sample(links, len(links))
        assert list(merge_titles(links).items()) == list(merge_titles(mixed).items())

    @given(st.lists(LINKS, max_size=40))
    def test_the_title_that_stands_for_a_group_is_one_of_it(self, links):
        titles = {link.title for link in links}
        merged = merge_titles(links)
        assert merged.keys() | set(merged.values()) <= titles
        assert not merged.keys() & set(merged.values())

    @given(st.lists(LINKS, max_size=40))
    def test_a_section_is_never_merged(self, links):
        merged = merge_titles(links)
        assert not any("#" in title for title in (*merged, *merged.values()))

    @given(st.lists(LINKS, max_size=40))
    def test_equal_names_are_one(self, links):
        merged = merge_titles(links)
        titles = [link.title for link in links if "#" not in link.title]
        for one, other in product(titles, titles):
            if name_of(one) == name_of(other):
                assert merged.get(one, one) == merged.get(other, other)

    @given(st.lists(LINKS, max_size=40))
    def test_what_one_event_links_stays_apart_unless_of_one_name(self, links):
        merged = merge_titles(links, max_together=0.0)
        for one, other in product(links, links):
            if one.event == other.event and name_of(one.title) != name_of(other.title):
                assert merged.get(one.title, one.title) != merged.get(other.title, other.title)

    @given(TITLES, TITLES)
    def test_likeness_is_mutual(self, one, other):
        first, second = Title.of(one, {}), Title.of(other, {})
        assert likeness(first, second) == likeness(second, first)

    def test_no_links_merge_nothing(self):
        assert merge_titles([]) == {}
