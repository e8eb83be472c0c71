"""Pooling: everything that any profile lists, in an order from which nobody can tell who found what, and where."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import link, page, recommender_of, slug_of

from recommender.corpus import Corpus
from recommender.errors import QrelsError, SlugAmbiguousError, SlugUnknownError
from recommender.events import Page
from recommender.parameters import PROFILES, Parameters
from recommender.pooling import find_candidates, named_queries, pools, sampled_queries
from recommender.related import Recommender

STORM = ("2013-10-28", "A storm reaches Denmark")
POWER = ("2013-10-29", "Homes in Denmark are without power after the storm")
FERRIES = ("2013-10-30", "Ferries sail again")
FLOODS = (("2013-04-02", "Floods"), ("2013-05-07", "Floods"))
OTHERS = [(f"2014-01-{day:02}", f"Denmark wins match {day}") for day in range(1, 13)]
PAGES = (
    page(*STORM, [link(*POWER, "Denmark, Storm"), link(*FERRIES, "Storm")]),
    *(page(*event) for event in (POWER, FERRIES, *FLOODS, *OTHERS)),
)


def with_blank(one: Page) -> Page:
    """The page as if its file had a blank in its name."""
    return replace(one, event=replace(one.event, slug=one.event.slug.replace("-", " ")))


@pytest.fixture(scope="module")
def denmark() -> Recommender:
    return recommender_of(PAGES, {STORM: "Denmark, Storm", POWER: "Denmark, Storm", FERRIES: "Storm"})


@pytest.fixture(scope="module")
def corpus(denmark) -> Corpus:
    return denmark.index.corpus


class TestFindCandidates:
    @pytest.mark.parametrize("depth", [1, 3, 10])
    def test_is_what_any_profile_lists(self, denmark, corpus, depth):
        rows = [corpus.row(slug_of(*event)) for event in (FERRIES, STORM)]
        found = find_candidates(denmark, rows, PROFILES, depth=depth)
        assert list(found) == rows
        for row in rows:
            listed = [
                denmark.related(corpus.slug(row), Parameters(profile=profile, limit=depth)).related
                for profile in PROFILES
            ]
            assert found[row] == {corpus.row(one.event.slug) for answer in listed for one in answer}
            assert row not in found[row]

    def test_needs_only_the_profiles_that_are_named(self, denmark, corpus):
        row = corpus.row(slug_of(*STORM))
        found = find_candidates(denmark, [row], ["reproduce"], depth=10)
        assert found == {row: {corpus.row(slug_of(*event)) for event in (POWER, FERRIES)}}

    def test_tells_how_far_it_is(self, denmark):
        told = []
        find_candidates(denmark, [0, 1], ["cosine"], depth=1, progress=lambda *facts: told.append(facts))
        assert told == [("cosine", 1, 2), ("cosine", 2, 2)]


class TestOrder:
    @given(data=st.data())
    def test_law_of_two_candidates_depends_on_them_alone(self, corpus, data):
        """Whoever found them, at whatever rank, and whatever else was found."""
        everyone = list(range(1, len(corpus)))
        some = data.draw(st.lists(st.sampled_from(everyone), unique=True))
        seed = data.draw(st.integers(-5, 5))
        (whole,) = pools(corpus, {0: everyone}, seed=seed)
        (part,) = pools(corpus, {0: some}, seed=seed)
        chosen = {corpus.slug(row) for row in some}
        assert list(part.candidates) == [event for event in whole.candidates if event.slug in chosen]

    def test_is_the_same_whichever_profile_found_whom(self, denmark, corpus):
        row = corpus.row(slug_of(*STORM))

        def shown(*profiles):
            (pool,) = pools(corpus, find_candidates(denmark, [row], profiles, depth=4), seed=0)
            return [event.slug for event in pool.candidates]

        everyone = shown(*PROFILES)
        assert shown(*reversed(PROFILES)) == everyone
        for size in (1, 2):
            for profiles in combinations(PROFILES, size):
                part = shown(*profiles)
                assert part == [slug for slug in everyone if slug in part]

    def test_says_nothing_of_rank(self, recommender):
        """Over all queries of the example archive the place on the screen and the rank have nothing in common."""
        corpus, rows = recommender.index.corpus, range(len(recommender.index.corpus))
        ranked = dict(recommender.rankings(rows, Parameters(profile="extend", limit=10)))
        places, ranks = [], []
        for pool, row in zip(pools(corpus, {row: ranked[row].rows for row in rows}, seed=0), rows, strict=True):
            position = {event.slug: place for place, event in enumerate(pool.candidates)}
            places += [position[corpus.slug(int(other))] for other in ranked[row].rows]
            ranks += range(len(ranked[row].rows))
        assert len(places) > 2500
        assert abs(np.corrcoef(places, ranks)[0, 1]) < 0.05

    def test_is_another_for_another_query_and_another_seed(self, corpus):
        both = pools(corpus, {0: range(2, 15), 1: range(2, 15)}, seed=0)
        (other,) = pools(corpus, {0: range(2, 15)}, seed=1)
        orders = {pool.candidates for pool in (*both, other)}
        assert len(orders) == 3
        assert len({frozenset(order) for order in orders}) == 1

    def test_of_queries_is_as_given(self, corpus):
        assert [pool.query for pool in pools(corpus, {3: [1], 0: [1]}, seed=0)] == [corpus.event(3), corpus.event(0)]

    def test_leaves_out_what_qrels_cannot_hold(self):
        blank = with_blank(page(*POWER))
        corpus = Corpus.of([page(*STORM), page(*FERRIES), blank])
        row, others = corpus.row(slug_of(*STORM)), set(range(3))
        (pool,) = pools(corpus, {row: others - {row}}, seed=0)
        assert [event.slug for event in pool.candidates] == [slug_of(*FERRIES)]


class TestSampledQueries:
    def test_are_drawn_by_the_seed(self, corpus):
        assert sampled_queries(corpus, 5, seed=0) == sampled_queries(corpus, 5, seed=0)
        assert set(sampled_queries(corpus, 5, seed=0)) != set(sampled_queries(corpus, 5, seed=1))

    def test_are_all_where_there_are_no_more(self, corpus):
        drawn = sampled_queries(corpus, 1000, seed=0)
        assert sorted(drawn) == list(range(len(corpus)))
        assert drawn != sorted(drawn)

    def test_of_a_larger_sample_begin_with_the_smaller_one(self, corpus):
        assert sampled_queries(corpus, 9, seed=3)[:5] == sampled_queries(corpus, 5, seed=3)

    def test_stay_when_pages_join_the_archive(self, corpus):
        grown = Corpus.of([*PAGES, page("2012-01-01", "A page of its own"), page("2015-01-01", "And another")])
        before = [corpus.slug(row) for row in sampled_queries(corpus, len(corpus), seed=0)]
        after = [grown.slug(row) for row in sampled_queries(grown, len(grown), seed=0)]
        assert [slug for slug in after if slug in before] == before

    def test_pass_over_what_qrels_cannot_hold(self):
        corpus = Corpus.of([page(*STORM), with_blank(page(*POWER))])
        assert [corpus.slug(row) for row in sampled_queries(corpus, 2, seed=0)] == [slug_of(*STORM)]


class TestNamedQueries:
    def test_are_those_that_were_named_in_their_order_and_once(self, corpus):
        named = [f"/{slug_of(*STORM)}.md", "ferries-sail-again", slug_of(*STORM)]
        assert [corpus.slug(row) for row in named_queries(corpus, named)] == [slug_of(*STORM), slug_of(*FERRIES)]

    def test_that_nobody_has_or_several_have_are_errors(self, corpus):
        with pytest.raises(SlugUnknownError, match="no event has the slug 'nothing'"):
            named_queries(corpus, [slug_of(*STORM), "nothing"])
        with pytest.raises(SlugAmbiguousError, match="2 events end in 'floods'"):
            named_queries(corpus, ["floods"])

    def test_that_are_none_are_an_error(self, corpus):
        with pytest.raises(QrelsError, match="there is no query to judge; give a slug a line"):
            named_queries(corpus, [])

    def test_that_qrels_cannot_hold_are_an_error_with_the_way_out(self):
        blank = with_blank(page(*POWER))
        with pytest.raises(QrelsError, match="has a blank, which qrels cannot hold; rename the page or leave it out"):
            named_queries(Corpus.of([page(*STORM), blank]), [blank.event.slug])
