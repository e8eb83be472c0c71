"""Rankings: the right answer where anyone sees it, the archive's own rule to the letter, and the laws of every list."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from toy import ToyEncoder
from worlds import link, page, recommender_of, slug_of

from models.trees import TreeRanker
from recommender import candidates
from recommender.events import RelatedLink
from recommender.evidence import PRINTED
from recommender.features import FEATURES
from recommender.neighbours import cosines
from recommender.parameters import PROFILES, Parameters
from recommender.ranking import Ranking
from recommender.related import Recommender

Event = tuple[str, str]


def recommender_on(labels: Mapping[Event, str], ranker: TreeRanker | None = None) -> Recommender:
    """What answers from pages without any list; the day pages print all labels."""
    return recommender_of([page(*event) for event in labels], labels, ranker)


def listed(recommender: Recommender, query: Event, *, without_own_list: bool = False, **values: object) -> list[Event]:
    """The events that a query is answered with, best first."""
    corpus = recommender.index.corpus
    row = corpus.row(slug_of(*query))
    rankings = recommender.rankings([row], Parameters.checked(**values), without_own_list=without_own_list)
    ((asked, ranking),) = rankings
    assert asked == row
    events = [corpus.event(int(other)) for other in ranking.rows]
    return [(event.date.isoformat(), event.text) for event in events]


def scores(recommender: Recommender, query: Event, *, without_own_list: bool = False, **values: object) -> list[float]:
    row = recommender.index.corpus.row(slug_of(*query))
    rankings = recommender.rankings([row], Parameters.checked(**values), without_own_list=without_own_list)
    return next(rankings)[1].scores.tolist()


STUMP = {"feature": [0], "threshold": [0.5], "left": [~0], "right": [~1], "value": [0], "leaf": [-1, 1]}


def evidence(recommender: Recommender, query: Event, event: Event, **values: object) -> dict[str, float]:
    """The features of one candidate by name."""
    row, other = (recommender.index.corpus.row(slug_of(*one)) for one in (query, event))
    ((_, rows, matrix),) = recommender.candidates([row], Parameters.checked(**values))
    return dict(zip(FEATURES, matrix[rows.tolist().index(other)].tolist(), strict=True))


ERUPTION = ("2013-02-20", "Etna throws ash over Catania")
SAME_THREE = ("2013-01-30", "Etna rumbles above Catania")
DAY_FOUR = ("2013-02-04", "Snow on Etna")
DAY_FIFTEEN = ("2013-02-15", "Skiing on Etna")
LATER = ("2014-03-01", "A bridge to Sicily is planned")
ELECTION = ("2013-03-09", "Kenya votes")
NOTHING_KNOWN = ("2013-02-21", "Etna throws ash over Catania again")
SICILY = {
    ERUPTION: "Catania, Mount Etna, Sicily",
    SAME_THREE: "Catania, Mount Etna, Sicily",
    DAY_FOUR: "Mount Etna, Sicily",
    DAY_FIFTEEN: "Mount Etna, Sicily",
    LATER: "Sicily",
    ELECTION: "Kenya",
    NOTHING_KNOWN: "",
}


@pytest.fixture(scope="module")
def sicily() -> Recommender:
    return recommender_on(SICILY)


class TestReproduce:
    """DESIGN 2.6: by the number of shared entities, then by the path as a string, both descending."""

    def test_most_shared_entities_come_first_then_day_four_before_day_fifteen(self, sicily):
        assert listed(sicily, ERUPTION, profile="reproduce") == [SAME_THREE, DAY_FOUR, DAY_FIFTEEN, LATER]
        assert scores(sicily, ERUPTION, profile="reproduce") == [3.0, 2.0, 2.0, 1.0]

    def test_an_event_that_shares_nothing_is_no_candidate(self, sicily):
        assert listed(sicily, ELECTION, profile="reproduce") == []
        assert listed(sicily, NOTHING_KNOWN, profile="reproduce") == []

    def test_the_limit_cuts(self, sicily):
        assert listed(sicily, ERUPTION, profile="reproduce", limit=2) == [SAME_THREE, DAY_FOUR]

    def test_only_events_up_to_a_day_could_be_on_an_old_list(self, sicily):
        on_the_day = {"profile": "reproduce", "as_of": date(2013, 2, 15)}
        assert listed(sicily, ERUPTION, **on_the_day) == [SAME_THREE, DAY_FOUR, DAY_FIFTEEN]
        the_day_before = {"profile": "reproduce", "as_of": date(2013, 2, 14)}
        assert listed(sicily, ERUPTION, **the_day_before) == [SAME_THREE, DAY_FOUR]
        before_all = {"profile": "reproduce", "as_of": date(1999, 1, 1)}
        assert listed(sicily, ERUPTION, **before_all) == []

    def test_paths_of_one_day_are_compared_as_strings_with_their_extension(self):
        """`a.md` comes after `a-b.md`, although the slug `a` comes before `a-b`: `.` is above `-`."""
        short, long, query = ("2013-02-04", "a"), ("2013-02-04", "a b"), ("2013-02-05", "c")
        recommender = recommender_on({short: "Rome", long: "Rome", query: "Rome"})
        assert listed(recommender, query, profile="reproduce") == [short, long]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("al Qaeda", "al-Qaeda"), ("Côte d'Ivoire", "Cote d'Ivoire"), ("NASA", "Nasa"), ("C.I.A", "C-I-A")],
    )
    def test_entities_are_the_same_where_the_slugs_of_their_labels_are(self, one, other):
        query, found = ("2013-02-05", "Query"), ("2013-02-04", "Found")
        recommender = recommender_on({query: one, found: other, ("2013-02-03", "Lost"): f"{one} in Yemen"})
        assert listed(recommender, query, profile="reproduce") == [found]

    def test_a_name_in_the_headline_is_not_enough(self):
        """The archive's rule knows what is printed; `extend` knows names as well."""
        query, named = ("2013-02-20", "A lake freezes"), ("2013-02-21", "Ships leave Ladoga")
        pages = [page(*query), page(*named)]
        recommender = recommender_of(pages, {query: "Ladoga"})
        assert listed(recommender, query, profile="reproduce") == []
        assert listed(recommender, query, profile="extend") == [named]

    events = st.integers(0, 400).map(lambda days: (date(2012, 12, 1) + timedelta(days)).isoformat())
    labels = st.sets(st.sampled_from(["Amur", "Bonn", "Cork", "bonn", "CORK", "Do-Do", "Do Do"]), max_size=4)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(events, labels), min_size=2, max_size=14), st.sampled_from([3, 10]), st.none() | events)
    def test_is_what_the_rule_says_of_any_archive(self, drawn, limit, as_of):
        """The oracle is the rule itself, in strings."""
        labels = {(day, f"event {number}"): ", ".join(sorted(names)) for number, (day, names) in enumerate(drawn)}
        recommender = recommender_on(labels)
        names = {
            event: {re.sub(r"\W+", "-", label.lower()) for label in context.split(", ") if label}
            for event, context in labels.items()
        }
        parameters = {"profile": "reproduce", "limit": limit, "as_of": as_of and date.fromisoformat(as_of)}
        for query in labels:
            others = [
                other
                for other in labels
                if other != query and names[query] & names[other] and (as_of is None or other[0] <= as_of)
            ]
            others.sort(key=lambda other: (len(names[query] & names[other]), slug_of(*other) + ".md"), reverse=True)
            assert listed(recommender, query, **parameters) == others[:limit]


FERRY = ("2015-06-10", "An overloaded ferry sinks on the Kasai River near Ilebo")
BODIES = ("2015-06-12", "Divers find bodies from the overloaded ferry on the Kasai River")
PORT = ("2015-06-11", "Mayor closes port after disaster")
PARLIAMENT = ("2015-06-10", "Parliament debates taxes")
CHESS = ("2015-06-10", "A chess champion retires")
LONG_AGO = ("2001-02-03", "Divers find bodies from the overloaded ferry on the Kasai River")
RIVER = {
    FERRY: "Congo, Ilebo, Kasai River",
    BODIES: "Congo, Kasai River",
    PORT: "Congo, Ilebo",
    PARLIAMENT: "Congo",
    CHESS: "Norway",
    LONG_AGO: "Congo, Kasai River",
    **{(f"2015-0{month}-01", f"Parliament meets, {month}"): "Congo" for month in range(1, 6)},
}


@pytest.fixture(scope="module")
def river() -> Recommender:
    return recommender_on(RIVER)


class TestExtend:
    def test_the_same_story_comes_first_then_the_rare_entity_of_these_days_then_the_same_words_of_long_ago(self, river):
        assert listed(river, FERRY, limit=3) == [BODIES, PORT, LONG_AGO]

    def test_whoever_asks_for_more_than_is_related_gets_the_rest_of_the_archive(self, river):
        assert set(listed(river, FERRY, limit=50)) == RIVER.keys() - {FERRY}

    def test_a_rare_entity_weighs_more_than_a_common_one(self, river):
        by_event = {event: evidence(river, FERRY, event)["entities"] for event in (BODIES, PORT, PARLIAMENT)}
        assert min(by_event[BODIES], by_event[PORT]) > by_event[PARLIAMENT] > 0.0

    def test_of_the_same_text_the_nearer_day_comes_first(self, river):
        found = listed(river, FERRY)
        assert found.index(BODIES) < found.index(LONG_AGO)
        assert BODIES in listed(river, LONG_AGO, limit=2)

    def test_works_for_an_event_without_any_entity(self):
        recommender = recommender_on({FERRY: "", BODIES: "", CHESS: "Norway", PARLIAMENT: "Congo"})
        assert listed(recommender, FERRY, limit=1) == [BODIES]

    def test_equals_come_in_the_archive_s_order(self):
        query = ("2013-02-10", "Rain")
        same = [("2013-02-11", f"Rain {word}") for word in ("Ba", "Aa", "Ca")]
        calibration = {"slope": 1.0, "intercept": 0.0}
        content = {"provenance": {}, "calibration": calibration, "features": ["entities"], "trees": [STUMP]}
        ranker = TreeRanker.of(content)
        recommender = recommender_on(dict.fromkeys((query, *same), "Rome"), ranker)
        assert listed(recommender, query) == sorted(same)

    def test_nothing_after_a_day_is_listed(self, river):
        found = listed(river, FERRY, as_of=date(2015, 6, 11), limit=50)
        assert BODIES not in found
        assert {PORT, LONG_AGO} < set(found)

    def test_a_pool_takes_the_best_of_texts_and_of_entities(self):
        """A candidate that only one of the two sources knows is found by that one."""
        noise = {("2013-01-01", f"Some other thing {number}"): "" for number in range(30)}
        query, text = ("2013-02-01", "Blue whales sing"), ("2012-02-01", "Blue whales sing loudly")
        entity = ("2011-02-01", "Nobody reads such words")
        recommender = recommender_on({**noise, query: "Whales", text: "", entity: "Whales"})
        assert listed(recommender, query, limit=1, candidates=10) == [text]
        assert entity in listed(recommender, query, limit=50, candidates=500)
        row = recommender.index.corpus.row(slug_of(*query))
        ((_, pool, _),) = recommender.candidates([row], Parameters(candidates=10, limit=1))
        assert recommender.index.corpus.row(slug_of(*entity)) in pool
        assert len(pool) <= 11


class TestCosine:
    def test_the_nearest_text_comes_first_whatever_its_entities_and_day(self):
        recommender = recommender_on(RIVER)
        assert set(listed(recommender, FERRY, profile="cosine", limit=2)) == {BODIES, LONG_AGO}
        expected = ToyEncoder().encode([FERRY[1], BODIES[1]])
        assert scores(recommender, FERRY, profile="cosine", limit=1) == [
            pytest.approx(expected[0] @ expected[1], abs=1e-6)
        ]


QUERY = ("2013-02-20", "A query")
ITEM = ("2013-02-19", "An item of its list")
FAIR = ("2013-02-18", "Another event")


@pytest.fixture(scope="module")
def leaky() -> Recommender:
    """The query's list tells `Secret`, which nothing else does; another list tells that the query has `Rome`."""
    return recommender_of([page(*QUERY, [link(*ITEM, "Secret")]), page(*ITEM), page(*FAIR, [link(*QUERY, "Rome")])])


class TestWithoutOwnList:
    """What only the query's own list tells must not help to find the list again."""

    def test_the_list_is_found_again_when_it_may_tell(self, leaky):
        assert listed(leaky, QUERY, profile="reproduce") == [ITEM, FAIR]

    def test_and_is_not_when_it_is_hidden(self, leaky):
        assert listed(leaky, QUERY, profile="reproduce", without_own_list=True) == [FAIR]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_the_answer_is_that_of_an_archive_without_the_list(self, leaky, profile):
        """Same scores too: nothing of the planted entity is left in the item's length."""
        clean = recommender_of([page(*QUERY), page(*ITEM), page(*FAIR, [link(*QUERY, "Rome")])])
        expected = listed(clean, QUERY, profile=profile)
        assert listed(leaky, QUERY, profile=profile, without_own_list=True) == expected
        assert scores(leaky, QUERY, profile=profile, without_own_list=True) == pytest.approx(
            scores(clean, QUERY, profile=profile), abs=1e-6
        )

    def test_an_item_keeps_the_length_that_others_tell(self):
        """What another list tells makes the item's vector longer, and only the hidden part must go."""

        def world(*own: RelatedLink) -> Recommender:
            fair = page(*FAIR, [link(*ITEM, "Paris, Rome"), link(*QUERY, "Rome")])
            return recommender_of([page(*QUERY, own), page(*ITEM), fair])

        def shared_rarity(recommender: Recommender, *, hidden: bool) -> float:
            query, item = (recommender.index.corpus.row(slug_of(*event)) for event in (QUERY, ITEM))
            _, rows, matrix = next(recommender.candidates([query], Parameters(), without_own_list=hidden))
            return float(matrix[rows.tolist().index(item), FEATURES.index("entities")])

        with_list, without = world(link(*ITEM, "Rome, Secret")), world()
        assert shared_rarity(with_list, hidden=True) == pytest.approx(shared_rarity(without, hidden=False), abs=1e-6)
        assert shared_rarity(with_list, hidden=False) > shared_rarity(without, hidden=False) + 0.01

    def test_an_item_does_not_share_what_only_the_list_says_that_it_has(self):
        """That the query has Rome, another list tells too; that the item has it, only the query's own."""
        fair = page(*FAIR, [link(*QUERY, "Rome"), link(*ITEM, "Paris")])
        recommender = recommender_of([page(*QUERY, [link(*ITEM, "Rome")]), page(*ITEM), fair])
        assert listed(recommender, QUERY, profile="reproduce") == [ITEM, FAIR]
        assert listed(recommender, QUERY, profile="reproduce", without_own_list=True) == [FAIR]
        row, item = (recommender.index.corpus.row(slug_of(*event)) for event in (QUERY, ITEM))
        for hidden in (False, True):
            _, rows, matrix = next(recommender.candidates([row], Parameters(), without_own_list=hidden))
            found = dict(zip(FEATURES, matrix[rows.tolist().index(item)].tolist(), strict=True))
            assert (found["entities"] == 0.0) == (found["entities_of_query"] == 0.0) == hidden
            assert (found["local_rarity"] == 0.0) == (found["entity_month"] == 0.0) == hidden

    def test_another_query_still_sees_what_the_list_tells(self, leaky):
        assert listed(leaky, ITEM, profile="reproduce", without_own_list=True) == [QUERY]


@pytest.fixture(scope="module")
def everyone(recommender) -> dict[str, list[tuple[int, Ranking]]]:
    """By profile the rankings of all events of the example, asked together: more than one block of queries."""
    rows = range(len(recommender.index.corpus))
    assert len(rows) > 256
    return {profile: list(recommender.rankings(rows, Parameters(profile=profile))) for profile in PROFILES}


every_profile = pytest.mark.parametrize("profile", PROFILES)
rows = st.integers(0, 278)
days = st.none() | st.dates(date(2009, 1, 1), date(2026, 1, 1))


class TestLaws:
    """Of every list, shown on the example archive."""

    @every_profile
    @settings(max_examples=60, deadline=None)
    @given(row=rows, limit=st.integers(1, 50), as_of=days)
    def test_no_repeats_not_the_query_and_falling_scores(self, recommender, profile, row, limit, as_of):
        ((asked, found),) = recommender.rankings([row], Parameters.checked(profile=profile, limit=limit, as_of=as_of))
        assert asked == row
        assert len(found.rows) <= limit
        assert len(set(found.rows.tolist())) == len(found.rows)
        assert row not in found.rows
        assert (np.diff(found.scores) <= 0).all()
        assert as_of is None or (recommender.index.corpus.days[found.rows] <= as_of.toordinal()).all()
        ties = np.flatnonzero(np.diff(found.scores) == 0)
        steps = found.rows[ties + 1] - found.rows[ties]
        assert (steps < 0).all() if profile == "reproduce" else (steps > 0).all()

    @every_profile
    @settings(max_examples=60, deadline=None)
    @given(row=rows, as_of=days)
    def test_contributions_add_up_to_the_score_as_printed(self, recommender, profile, row, as_of):
        ((_, found),) = recommender.rankings([row], Parameters.checked(profile=profile, limit=50, as_of=as_of))
        assert found.contributions.shape == (len(found.rows), len(found.columns))
        for score, contributions in zip(found.scores.tolist(), found.contributions.tolist(), strict=True):
            assert sum(Decimal(repr(value)) for value in contributions) == Decimal(repr(score))

    @every_profile
    @settings(max_examples=40, deadline=None)
    @given(row=rows, limits=st.lists(st.integers(1, 50), min_size=2, max_size=2).map(sorted), as_of=days)
    def test_a_shorter_list_is_the_beginning_of_a_longer_one(self, recommender, profile, row, limits, as_of):
        short, long = (
            next(recommender.rankings([row], Parameters.checked(profile=profile, limit=limit, as_of=as_of)))[1]
            for limit in limits
        )
        assert len(short.rows) == min(limits[0], len(long.rows))
        np.testing.assert_array_equal(short.rows, long.rows[: limits[0]])
        np.testing.assert_array_equal(short.scores, long.scores[: limits[0]])

    @every_profile
    def test_a_list_asked_alone_is_the_list_asked_with_others(self, recommender, everyone, profile):
        assert [row for row, _ in everyone[profile]] == list(range(len(recommender.index.corpus)))
        for row, together in everyone[profile][::7]:
            ((_, alone),) = recommender.rankings([row], Parameters(profile=profile))
            np.testing.assert_array_equal(alone.rows, together.rows)
            np.testing.assert_array_equal(alone.scores, together.scores)
            np.testing.assert_array_equal(alone.contributions, together.contributions)

    def test_extend_and_cosine_always_fill_the_list_and_reproduce_knows_why_not(self, recommender, everyone):
        assert all(len(found.rows) == 10 for profile in ("extend", "cosine") for _, found in everyone[profile])
        for row, found in everyone["reproduce"]:
            entities = recommender.index.entities
            counts = candidates.shared_counts(entities, entities.query(row, PRINTED), PRINTED)
            counts[row] = 0
            assert len(found.rows) == min(10, int((counts > 0).sum()))

    @settings(max_examples=30, deadline=None)
    @given(row=rows, sizes=st.lists(st.integers(100, 400), min_size=2, max_size=2).map(sorted))
    def test_a_larger_pool_holds_the_smaller(self, recommender, row, sizes):
        small, large = (
            set(next(recommender.candidates([row], Parameters.checked(candidates=size)))[1].tolist()) for size in sizes
        )
        assert small <= large
        assert row not in large


counts = st.integers(1, 6)
small = st.floats(0, 5, allow_subnormal=False)


class TestFeatures:
    @given(st.data(), st.integers(2, 40), st.sampled_from([1, 3, 64, 384]), st.integers(0, 2**32 - 1))
    def test_the_cosine_of_a_pair_does_not_depend_on_other_pairs(self, data, number, dimensions, seed):
        vectors = np.random.default_rng(seed).standard_normal((number, dimensions)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = np.array(data.draw(st.lists(st.integers(0, number - 1), min_size=1, unique=True)))
        together = cosines(vectors, vectors[0], rows)
        alone = [cosines(vectors, vectors[0], rows[place : place + 1])[0] for place in range(len(rows))]
        assert together.tolist() == alone
        np.testing.assert_allclose(together, vectors[rows].astype(np.float64) @ vectors[0], atol=1e-5)

    @given(st.lists(st.lists(st.integers(0, 4), unique=True), max_size=6))
    def test_lengths_are_those_of_vectors_of_rarity(self, entities):
        idf = np.array([0.5, 1.0, 2.0, 3.0, 0.1], np.float32)
        starts = np.cumsum([0, *map(len, entities)])
        flat = np.array([entity for one in entities for entity in one], np.int32)
        expected = [np.linalg.norm(idf[one].astype(np.float64)) for one in entities]
        np.testing.assert_allclose(candidates.entity_lengths(starts, flat, idf), expected, atol=1e-9)


class TestCandidates:
    def test_the_hard_filter_is_the_query_and_the_day(self):
        days = np.array([5, 6, 7, 6], np.int32)
        assert candidates.eligible(days, 1, None).tolist() == [True, False, True, True]
        assert candidates.eligible(days, 1, 6).tolist() == [True, False, False, True]
        assert candidates.eligible(days, 1, 4).tolist() == [False] * 4

    @given(arrays_of.arrays(np.float64, st.integers(1, 30), elements=st.integers(-2, 5)), st.data())
    def test_the_best_are_the_first_of_a_plain_sort(self, values, data):
        allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
        count = data.draw(st.integers(1, 31))
        positive = [row for row in range(len(values)) if allowed[row] and values[row] > 0]
        expected = sorted(positive, key=lambda row: (-values[row], row))[:count]
        assert candidates.best(values, allowed, count).tolist() == sorted(expected)

    def test_a_query_without_entities_shares_nothing(self, sicily):
        index = sicily.index
        query = index.entities.query(index.corpus.row(slug_of(*NOTHING_KNOWN)), PRINTED)
        assert not candidates.shared_counts(index.entities, query, PRINTED).any()
        cosine, sharing = candidates.Sharing.of(index.entities).cosines(query)
        assert not cosine.any()
        assert len(sharing) == 0
