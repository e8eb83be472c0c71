"""Each feature on a world in which anyone sees what it must be."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import page, recommender_of, slug_of

from recommender.features import FEATURES, GROUPS
from recommender.graph import Graph
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.rough import Codes

QUERY = ("2015-06-10", "Today a ferry sinks near Ilebo, says Obama")
SAME_DAY = ("2015-06-10", "Ferries sink in Ilebo; they sink")
WEEK_LATER = ("2015-06-17", "Today Obama travels")
YEAR_LATER = ("2016-06-10", "Rain in Ilebo")
UNRELATED = ("2001-01-01", "Chess")
LABELS = {
    QUERY: "Ilebo, Kasai",
    SAME_DAY: "Ilebo, Kasai",
    WEEK_LATER: "Kasai",
    YEAR_LATER: "Ilebo, Rain",
    UNRELATED: "",
}


@pytest.fixture(scope="module")
def river() -> Recommender:
    return recommender_of([page(*event) for event in LABELS], LABELS)


@pytest.fixture(scope="module")
def evidence(river) -> dict[tuple[str, str], dict[str, float]]:
    """Event → feature → value, for the query."""
    corpus = river.index.corpus
    row = corpus.row(slug_of(*QUERY))
    ((_, rows, matrix),) = river.candidates([row], Parameters())
    by_row = dict(zip(rows.tolist(), matrix.tolist(), strict=True))
    assert row not in by_row
    return {
        event: dict(zip(FEATURES, by_row[corpus.row(slug_of(*event))], strict=True))
        for event in LABELS
        if event != QUERY
    }


def test_every_feature_is_in_one_group():
    assert len(set(FEATURES)) == len(FEATURES) == sum(map(len, GROUPS.values()))


class TestTime:
    @pytest.mark.parametrize(
        ("event", "apart", "anniversary"),
        [(SAME_DAY, 0.0, -1.0), (WEEK_LATER, 7.0, -1.0), (YEAR_LATER, 366.0, 0.75), (UNRELATED, -5273.0, 159.5)],
    )
    def test_days_count_both_ways_and_with_their_sign_and_an_anniversary_is_near_whole_years_apart(
        self, evidence, event, apart, anniversary
    ):
        assert evidence[event]["signed_days"] == apart
        assert evidence[event]["days"] == abs(apart)
        assert evidence[event]["anniversary"] == pytest.approx(anniversary)

    def test_the_month_of_the_query_is_seen(self, evidence):
        assert {one["query_month"] for one in evidence.values()} == {0.5}


class TestWords:
    def test_of_the_same_word_in_other_forms(self, evidence):
        assert evidence[SAME_DAY]["stems_of_query"] > evidence[YEAR_LATER]["stems_of_query"] > 0.0
        assert evidence[SAME_DAY]["stems"] > evidence[SAME_DAY]["lexical"] > 0.0
        assert evidence[SAME_DAY]["word_shared"] > evidence[YEAR_LATER]["word_shared"]

    def test_names_and_places_are_kept_apart(self, evidence):
        assert evidence[WEEK_LATER]["name_shared"] > evidence[WEEK_LATER]["place_shared"] == 0.0
        assert evidence[YEAR_LATER]["place_shared"] > evidence[YEAR_LATER]["name_shared"] == 0.0
        assert evidence[YEAR_LATER]["place_of_query"] == evidence[YEAR_LATER]["place_of_candidate"] == 1.0
        assert evidence[WEEK_LATER]["name_of_query"] == 1.0
        assert evidence[WEEK_LATER]["place_of_candidate"] == -1.0
        assert [evidence[event]["names_count"] for event in LABELS if event != QUERY] == [1.0, 1.0, 1.0, 0.0]

    def test_the_rarest_are_at_most_the_sum(self, evidence):
        for one in evidence.values():
            total = one["word_shared"] + one["name_shared"] + one["place_shared"]
            rarest = max(one["word_rarest"], one["name_rarest"], one["place_rarest"])
            assert rarest <= one["three_rarest"] <= total + 1e-9

    def test_who_shares_no_word_has_nothing(self, evidence):
        names = {*GROUPS["words"], *GROUPS["names"]}
        values = {name: value for name, value in evidence[UNRELATED].items() if name in names}
        assert {value for name, value in values.items() if not name.endswith(("_query", "_candidate"))} == {0.0}


class TestEntities:
    def test_the_share_of_the_query_s_entities(self, evidence):
        assert evidence[SAME_DAY]["entities_of_query"] == pytest.approx(1.0)
        assert 0.0 < evidence[WEEK_LATER]["entities_of_query"] < 1.0
        assert evidence[UNRELATED]["entities_of_query"] == 0.0
        assert {one["query_entities"] for one in evidence.values()} == {float(len({"Ilebo", "Kasai"}))}

    def test_steps_are_the_entity_s_events_that_are_nearer(self, evidence):
        assert evidence[SAME_DAY]["entity_steps"] == 0.0
        assert evidence[WEEK_LATER]["entity_steps"] == pytest.approx(np.log1p(2))
        assert evidence[UNRELATED]["entity_steps"] == 12.0

    def test_an_entity_of_this_month_is_all_of_its_events(self, evidence):
        """Kasai: three of three within the month; Ilebo: two of three."""
        assert evidence[SAME_DAY]["entity_month"] > evidence[WEEK_LATER]["entity_month"] > 0.0
        assert evidence[WEEK_LATER]["local_rarity"] == pytest.approx(np.log1p(3 / 3))
        assert evidence[YEAR_LATER]["local_rarity"] == pytest.approx(np.log1p(3 / 2))


class TestFirst:
    def test_is_likeness_that_time_takes_from(self, evidence):
        for one in evidence.values():
            likeness = one["cosine"] + 0.2 * one["entities"] + 0.5 * one["lexical"]
            assert one["first"] == pytest.approx(likeness * (0.7 + 0.3 * 2 ** (-one["days"] / 30)))

    def test_ranks_and_leads_follow_its_order(self, evidence):
        ordered = sorted(evidence.values(), key=lambda one: -one["first"])
        assert [one["first_rank"] for one in ordered] == pytest.approx(np.log1p(np.arange(4)))
        assert [one["first_gap"] for one in ordered] == pytest.approx(
            [one["first"] - ordered[-1]["first"] for one in ordered]
        )
        assert ordered[0]["query_first"] == pytest.approx(np.mean([one["first"] for one in ordered[:3]]))
        assert min(one["cosine_gap"] for one in ordered) == 0.0

    def test_crowded_texts_are_less_near(self, evidence):
        for one in evidence.values():
            assert one["csls"] == pytest.approx(2 * one["cosine"] - one["density"] - one["query_density"])


class TestAsOf:
    """No later event is read: neither its text, nor its words, nor its entities."""

    WORDS = ("ferry sinks", "rain in Ilebo", "Obama speaks", "a vote in Congo")
    events = st.lists(
        st.tuples(st.integers(0, 700), st.sampled_from(WORDS), st.sampled_from(["", "Ilebo", "Kasai", "Ilebo, Kasai"])),
        min_size=3,
        max_size=9,
    )

    @settings(max_examples=25, deadline=None)
    @given(early=events, later=events, data=st.data())
    def test_on_which_days_later_events_are_does_not_matter(self, early, later, data):
        """Both archives hold the same texts and entities, so that their rarities are the same."""
        limit = date(2012, 12, 31)
        first, last = date(2011, 1, 1), date(2013, 1, 1)
        old = {
            (str(first + timedelta(day)), f"{text} {place}"): label for place, (day, text, label) in enumerate(early)
        }
        offsets = data.draw(st.permutations([day for day, _, _ in later]))

        def ranking(days: list[int]) -> tuple[list[str], list[float]]:
            new = {
                (str(last + timedelta(day)), f"{text} {place} later"): label
                for place, (day, (_, text, label)) in enumerate(zip(days, later, strict=True))
            }
            recommender = recommender_of([page(*event) for event in (old | new)], old | new)
            rows = [recommender.index.corpus.row(slug_of(*event)) for event in old]
            found = [one for _, one in recommender.rankings(rows, Parameters(as_of=limit, limit=50))]
            slugs = [recommender.index.corpus.slug(int(row)) for one in found for row in one.rows]
            return slugs, [value for one in found for value in one.contributions.ravel().tolist()]

        assert ranking([day for day, _, _ in later]) == ranking(offsets)

    @settings(max_examples=25, deadline=None)
    @given(row=st.integers(0, 278), day=st.dates(date(2010, 1, 1), date(2017, 1, 1)), seed=st.integers(0, 2**32 - 1))
    def test_what_later_events_say_and_whose_neighbours_they_are_does_not_matter(self, recommender, row, day, seed):
        index = recommender.index
        hidden = np.asarray(index.corpus.days) > day.toordinal()
        hidden[row] = False
        random = np.random.default_rng(seed)
        vectors = np.array(index.vectors)
        vectors[hidden] = random.permutation(vectors[hidden])
        theirs = np.array(index.graph.cosines)
        theirs[hidden[index.graph.neighbours]] = 9.0
        theirs[hidden] = 9.0
        neighbours = np.array(index.graph.neighbours)
        neighbours[hidden] = 0
        codes = Codes.of(vectors)
        changed = Recommender(replace(index, vectors=vectors, codes=codes, graph=Graph(neighbours, theirs)))
        parameters = Parameters(as_of=day, limit=50)
        ((_, expected),), ((_, found),) = (one.rankings([row], parameters) for one in (recommender, changed))
        np.testing.assert_array_equal(found.rows, expected.rows)
        np.testing.assert_array_equal(found.contributions, expected.contributions)


class TestSmallArchives:
    @pytest.mark.parametrize("number", [1, 2, 12])
    @pytest.mark.parametrize("as_of", [None, date(2015, 1, 2), date(1999, 1, 1)])
    def test_every_feature_is_finite(self, number, as_of):
        events = {(f"2015-01-{day + 1:02}", "" if day == 2 else f"Rain {day} in Bonn"): "Bonn" for day in range(number)}
        events = {(day, text or "—"): label for (day, text), label in events.items()}
        recommender = recommender_of([page(*event) for event in events], events)
        for _, rows, matrix in recommender.candidates(range(number), Parameters(as_of=as_of)):
            assert matrix.shape == (len(rows), len(FEATURES))
            assert np.isfinite(matrix).all()
        for _, found in recommender.rankings(range(number), Parameters(as_of=as_of)):
            assert len(found.rows) <= number - 1
            assert as_of is not None or len(found.rows) == min(10, number - 1)
