"""Matching a day of the portal with the archive: the same event, edited, moved, known, gone or new."""

from datetime import date
from itertools import permutations

import pytest
from worlds import page

from recommender.events import Page, Record
from recommender.importing.matching import Match, digest_of, match_day, numbered
from recommender.portal.day import PortalEvent, read_day

DAY = "2010-05-06"
FOLDER = "news/2010/05/6/"
VOTE = "Voters in the [[United Kingdom]] elect a new [[House of Commons]]."
CRASH = "The [[Dow Jones]] index loses nine percent within minutes and regains most of it."
OIL = "A dome is lowered over the leaking well in the [[Gulf of Mexico]]."


def events_of(*texts: str) -> list[PortalEvent]:
    """Bullets of the day, as the portal has them."""
    return list(
        read_day(date.fromisoformat(DAY), "".join(f"*{text} [http://a.example (A)]\n" for text in texts)).events
    )


def slug(name: str) -> str:
    return FOLDER + name


class Past:
    """What earlier imports and people left of the day: pages and records by names of ours."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.records: list[Record] = []

    def imported(self, name: str, text: str, aliases: tuple[str, ...] = ()) -> "Past":
        (event,) = events_of(text)
        entities = tuple((link.target, link.text) for link in event.links)
        self.records.append(Record(slug(name), event.text, entities, event.later, digest_of(event, "bare")))
        return self.by_hand(name, event.text, aliases)

    def by_hand(self, name: str, text: str, aliases: tuple[str, ...] = ()) -> "Past":
        one = page(DAY, text.strip(), aliases=tuple(map(slug, aliases)))
        self.pages[slug(name)] = one
        return self

    def without_page(self, name: str) -> "Past":
        del self.pages[slug(name)]
        return self

    def matches(self, **events: str) -> dict[str, tuple[str, str, str]]:
        """State, slug and slug so far of each event, all by name; what is given is each event's text by its name."""
        return {name: (m.state, name_of(m.slug), name_of(m.before)) for name, m in self.matched(**events).items()}

    def matched(self, **events: str) -> dict[str, Match]:
        given = {}
        for name, text in events.items():
            (event,) = events_of(text)
            given[slug(name)] = (event, digest_of(event, "bare"))
        return dict(zip(events, match_day(given, self.pages, self.records), strict=True))


def name_of(a_slug: str) -> str:
    return a_slug.removeprefix(FOLDER)


class TestAnEvent:
    def test_that_nobody_has_is_new(self):
        assert Past().imported("vote", VOTE).matches(crash=CRASH) == {"crash": ("new", "crash", "")}

    def test_that_has_not_changed_is_the_same(self):
        assert Past().imported("vote", VOTE).matches(vote=VOTE) == {"vote": ("same", "vote", "vote")}

    def test_that_has_not_changed_is_the_same_whatever_slug_it_would_get_now(self):
        """The setting may have changed, or two alike bullets their places."""
        assert Past().imported("vote", VOTE).matches(elect=VOTE) == {"elect": ("same", "vote", "vote")}

    @pytest.mark.parametrize(
        "edited", [VOTE.replace("[[Uni", "the [[Uni"), VOTE.replace("[[House of Commons]]", "house")]
    )
    def test_that_has_other_words_or_links_and_the_same_slug_is_edited(self, edited):
        assert Past().imported("vote", VOTE).matches(vote=edited) == {"vote": ("edited", "vote", "vote")}

    def test_that_has_another_slug_and_is_alike_has_moved(self):
        edited = VOTE.replace("Voters", "The voters")
        assert Past().imported("vote", VOTE).matches(voters=edited) == {"voters": ("moved", "voters", "vote")}

    def test_that_has_the_same_links_has_moved_though_its_words_are_others(self):
        edited = "The [[House of Commons]] is elected, and for once nobody wins, in the [[United Kingdom]]."
        assert Past().imported("vote", VOTE).matches(nobody=edited) == {"nobody": ("moved", "nobody", "vote")}

    def test_that_was_added_to_has_moved(self):
        edited = f"{CRASH} {'Nobody knows why, and a commission is going to find out. ' * 4}"
        assert Past().imported("crash", CRASH).matches(dow=edited) == {"dow": ("moved", "dow", "crash")}

    def test_of_which_another_page_has_an_older_slug_keeps_that_page(self):
        past = Past().imported("voters", VOTE.replace("Voters", "The voters"), aliases=("vote",))
        assert past.matches(vote=VOTE) == {"vote": ("edited", "voters", "voters")}


class TestAPageThatNoImportMade:
    def test_is_known_by_its_slug(self):
        assert Past().by_hand("vote", "Britain votes").matches(vote=VOTE) == {"vote": ("known", "vote", "vote")}

    def test_is_known_by_an_older_slug(self):
        past = Past().by_hand("britain", "Britain votes", aliases=("vote",))
        assert past.matches(vote=VOTE) == {"vote": ("known", "britain", "britain")}

    @pytest.mark.parametrize(
        "text",
        [
            "Voters in the United Kingdom elect a new House of Commons",
            "Elections: Voters in the United Kingdom elect a new House of Commons.",
            "  Voters in the ''United Kingdom'' elect a new House of Commóns. ",
            "Voters in the United Kingdom elect a new House of Commons &amp; .",
        ],
    )
    def test_is_known_by_its_words_in_another_version(self, text):
        assert Past().by_hand("other", text).matches(vote=VOTE) == {"vote": ("known", "other", "other")}

    @pytest.mark.parametrize(
        "text",
        [
            "Voters in the United States elect a new House of Representatives.",
            "Voters in the United Kingdom elect a new House of Lords.",
            "Voters in the United Kingdom elect the House.",
            "The United Kingdom",
        ],
    )
    def test_is_not_taken_for_an_event_that_is_only_like_it(self, text):
        assert Past().by_hand("other", text).matches(vote=VOTE) == {"vote": ("new", "vote", "")}


class TestAPageThatWasRemoved:
    def test_stays_so(self):
        assert Past().imported("vote", VOTE).without_page("vote").matches(vote=VOTE) == {"vote": ("gone", "vote", "")}

    def test_stays_so_when_the_event_is_edited(self):
        past = Past().imported("vote", VOTE).without_page("vote")
        assert past.matches(vote=f"{VOTE} Nobody wins.") == {"vote": ("gone", "vote", "")}

    def test_stays_so_when_the_event_gets_another_slug(self):
        past = Past().imported("vote", VOTE).without_page("vote")
        assert past.matches(voters=VOTE.replace("Voters", "The voters")) == {"voters": ("gone", "vote", "")}

    def test_is_no_reason_not_to_make_others(self):
        past = Past().imported("vote", VOTE).without_page("vote")
        assert past.matches(vote=VOTE, crash=CRASH) == {"vote": ("gone", "vote", ""), "crash": ("new", "crash", "")}


class TestAnImportThatWasKilled:
    def test_while_it_moved_a_page_goes_on(self):
        past = Past().imported("vote", VOTE).by_hand("voters", "The voters", aliases=("vote",))
        assert past.matches(voters=VOTE.replace("Voters", "The voters")) == {"voters": ("moved", "voters", "vote")}

    def test_after_it_took_the_older_page_away_knows_the_new_one(self):
        past = Past().imported("vote", VOTE).by_hand("voters", "The voters", aliases=("vote",)).without_page("vote")
        assert past.matches(voters=VOTE.replace("Voters", "The voters")) == {"voters": ("known", "voters", "voters")}

    def test_before_it_wrote_the_records_knows_the_pages(self):
        past = Past().by_hand("vote", VOTE).by_hand("crash", CRASH)
        assert past.matches(vote=VOTE, crash=CRASH) == {
            "vote": ("known", "vote", "vote"),
            "crash": ("known", "crash", "crash"),
        }


ALIKE = [f"Results of the [[general election]] in the constituency of {name} are announced." for name in "ABC"]


class TestAlikeEvents:
    def test_each_keeps_its_own_page(self):
        past = Past().imported("a", ALIKE[0]).imported("b", ALIKE[1])
        edited = past.matches(a=ALIKE[0], b=f"{ALIKE[1]} At last.", c=ALIKE[2])
        assert edited == {"a": ("same", "a", "a"), "b": ("edited", "b", "b"), "c": ("new", "c", "")}

    def test_the_one_that_is_most_alike_has_moved_and_the_other_is_new(self):
        moved = VOTE.replace("Voters", "The voters")
        worse = VOTE.replace("Voters", "Nearly all voters").replace("a new", "another")
        for order in permutations({"best": moved, "worse": worse}.items()):
            found = Past().imported("vote", VOTE).matches(**dict(order))
            assert found == {"best": ("moved", "best", "vote"), "worse": ("new", "worse", "")}

    @pytest.mark.parametrize("events", list(permutations("abc")))
    def test_do_not_depend_on_their_order(self, events):
        past = Past().imported("a", ALIKE[0]).imported("b", ALIKE[1]).imported("c", ALIKE[2])
        texts = dict(zip("abc", ALIKE, strict=True))
        assert past.matches(**{name: texts[name] for name in events}) == {n: ("same", n, n) for n in events}

    def test_a_new_one_never_gets_the_slug_of_a_page(self):
        """Of three with one slug the first is removed, and another one is added: it would be the second."""
        past = Past().imported("x", CRASH).imported("x-2", VOTE)
        assert past.matches(x=VOTE, **{"x-2": OIL}) == {"x": ("same", "x-2", "x-2"), "x-2": ("new", "x-2-2", "")}

    def test_one_that_moves_never_gets_the_slug_of_a_page(self):
        past = Past().imported("x", CRASH).imported("x-2", VOTE)
        edited = CRASH.replace("within minutes", "in minutes")
        found = past.matches(x=VOTE, **{"x-2": edited})
        assert found == {"x": ("same", "x-2", "x-2"), "x-2": ("moved", "x-2-2", "x")}

    def test_a_new_one_never_gets_the_slug_of_a_page_that_was_removed(self):
        past = Past().imported("x", CRASH).without_page("x")
        assert past.matches(y=CRASH, x=OIL) == {"y": ("gone", "x", ""), "x": ("new", "x-2", "")}

    def test_a_page_is_one_event_at_most(self):
        found = Past().imported("vote", VOTE).matched(vote=VOTE, again=f"{VOTE} ", more=f"{VOTE} More.")
        assert len({one.slug for one in found.values()}) == 3
        assert [one.before for one in found.values() if one.before] == [slug("vote")]


class TestDigests:
    def test_are_equal_for_what_the_source_says_the_same_of(self):
        assert digest_of(*events_of(VOTE), "bare") == digest_of(*events_of(VOTE), "bare")

    @pytest.mark.parametrize(
        "text",
        [
            f"{VOTE} More.",
            VOTE.replace("[[House of Commons]]", "[[House of Commons|House]]"),
            f"{VOTE} [http://b.example (B)]",
        ],
    )
    def test_differ_for_other_words_links_and_sources(self, text):
        assert digest_of(*events_of(VOTE), "bare") != digest_of(*events_of(text), "bare")

    def test_differ_for_other_settings(self):
        assert digest_of(*events_of(VOTE), "bare") != digest_of(*events_of(VOTE), "all")


@pytest.mark.parametrize(
    ("taken", "expected"), [([], "x"), (["x"], "x-2"), (["x", "x-2", "x-3"], "x-4"), (["x-2"], "x")]
)
def test_a_number_is_the_first_that_is_free(taken, expected):
    assert numbered("x", taken) == expected
