"""Several who ask for one list, and what is liked or not beside them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import page, recommender_of, slug_of

from models.trees import UNIT
from recommender.errors import ParameterError, SlugUnknownError
from recommender.fusion import WEIGHTS
from recommender.parameters import Parameters
from recommender.seeds import MAX_SEEDS, Question

COSINE = Parameters(profile="cosine")
ROWS = st.lists(st.integers(0, 278), min_size=1, max_size=3)


def units(values):
    return sum(round(value * UNIT) for value in values)


def test_one_event_given_twice_is_one_event(recommender):
    slug = recommender.index.corpus.slug(7)
    for profile in ("extend", "reproduce", "cosine"):
        parameters = Parameters(profile=profile)
        assert recommender.related([slug, slug], parameters) == recommender.related(slug, parameters)


@given(ROWS, ROWS, ROWS, st.sampled_from([Parameters(limit=7), COSINE]))
@settings(max_examples=15, deadline=None)
def test_laws(recommender, queries, like, unlike, parameters):
    """Whatever asks: nobody who asks is listed, scores fall, reasons add up, and twice the same is the same."""
    corpus = recommender.index.corpus
    unlike = [row for row in unlike if row not in queries + like]
    slugs, liked, unliked = ([corpus.slug(row) for row in rows] for rows in (queries, like, unlike))
    answer = recommender.related(slugs, parameters, like=liked, unlike=unliked)
    listed = [one.event.slug for one in answer.related]
    assert len(set(listed)) == len(listed) == answer.parameters.limit
    assert not set(listed) & {*slugs, *liked, *unliked}
    assert all(one.score >= other.score for one, other in pairwise(answer.related))
    several = len(set(queries)) > 1
    assert [seed.slug for seed in answer.seeds] == (list(dict.fromkeys(slugs)) if several else [])
    days = {corpus.slug(row): int(corpus.days[row]) for row in queries}
    for one in answer.related:
        assert units(one.contributions.values()) == units([one.score])
        assert ("like" in one.contributions, "unlike" in one.contributions) == (bool(liked), bool(unliked))
        apart = {slug: one.event.date.toordinal() - day for slug, day in days.items()}
        assert abs(one.days) == min(map(abs, apart.values()))
        if several:
            assert apart[one.seed] == one.days
            beside = [one.contributions.get(role, 0.0) for role in ("like", "unlike")]
            assert units([*one.shares.values(), *beside]) == units([one.score])
    assert recommender.related(slugs, parameters, like=liked, unlike=unliked) == answer


def test_the_order_of_those_who_ask_changes_no_list(recommender):
    slugs = [recommender.index.corpus.slug(row) for row in (3, 90, 201)]
    one, other = recommender.related(slugs), recommender.related(slugs[::-1])
    assert [(item.event.slug, item.score) for item in one.related] == [
        (item.event.slug, item.score) for item in other.related
    ]
    assert one.entities == other.entities


def test_a_score_is_the_mean_over_those_who_ask(recommender):
    corpus, vectors = recommender.index.corpus, recommender.index.vectors
    rows = [3, 90]
    answer = recommender.related([corpus.slug(row) for row in rows], COSINE)
    for one in answer.related:
        expected = vectors[rows] @ vectors[corpus.row(one.event.slug)]
        assert one.score == pytest.approx(expected.mean(), abs=1e-5)
        assert list(one.shares.values()) == pytest.approx(expected / 2, abs=1e-5)


def test_liked_and_unliked_ones_weigh_beside_the_query(recommender):
    corpus, vectors = recommender.index.corpus, recommender.index.vectors
    query, like, unlike = 3, 90, 201
    answer = recommender.related(corpus.slug(query), COSINE, like=[corpus.slug(like)], unlike=[corpus.slug(unlike)])
    weights = np.array([WEIGHTS[role] for role in ("query", "like", "unlike")])
    for one in answer.related:
        cosines = vectors[[query, like, unlike]] @ vectors[corpus.row(one.event.slug)]
        assert list(one.contributions.values()) == pytest.approx(cosines * weights / weights.sum(), abs=1e-5)
    assert [event.slug for event in (*answer.like, *answer.unlike)] == [corpus.slug(like), corpus.slug(unlike)]


def test_what_is_liked_comes_nearer_and_what_is_not_goes_away(recommender):
    """The events of the list that are most like a liked one gain on the others."""
    corpus = recommender.index.corpus
    slug = corpus.slug(40)
    plain = [one.event.slug for one in recommender.related(slug, Parameters(limit=50)).related]
    drawn, pushed = (
        [one.event.slug for one in recommender.related(slug, Parameters(limit=50), **{role: [plain[9]]}).related]
        for role in ("like", "unlike")
    )
    near = [one.event.slug for one in recommender.related(plain[9], Parameters(limit=5)).related]
    places = [np.mean([listed.index(one) if one in listed else 50 for one in near]) for listed in (drawn, pushed)]
    assert places[0] < places[1]


def test_entities_and_what_is_shared_are_of_all_who_ask(recommender):
    corpus = recommender.index.corpus
    slugs = [corpus.slug(row) for row in (3, 90)]
    answer = recommender.related(slugs)
    each = [set(recommender.known(corpus.row(slug))) for slug in slugs]
    assert set(answer.entities) == each[0] | each[1]
    for one in answer.related:
        row = corpus.row(one.event.slug)
        assert set(one.shared) == {label for slug in slugs for label in recommender.shared(corpus.row(slug), row)}


def test_unknown_slugs_are_named_wherever_they_stand(recommender):
    slug = recommender.index.corpus.slug(3)
    for arguments in (([slug, "nowhere"],), (slug, None)):
        with pytest.raises(SlugUnknownError, match="'nowhere'"):
            recommender.related(*arguments, **({} if len(arguments) == 1 else {"like": ["nowhere"]}))
    with pytest.raises(SlugUnknownError, match="'nowhere'"):
        recommender.related(slug, unlike=["nowhere"])


def test_too_many_are_refused(recommender):
    slugs = [recommender.index.corpus.slug(row) for row in range(MAX_SEEDS)]
    assert recommender.related(slugs, COSINE).related
    with pytest.raises(ParameterError, match="slug is 21, expected at most 20 slugs, those to like and unlike among"):
        recommender.related(slugs, like=["anything"])


def test_nobody_is_refused_and_so_is_what_contradicts_itself(recommender):
    one, other = recommender.index.corpus.slug(3), recommender.index.corpus.slug(4)
    with pytest.raises(ParameterError, match="slug is ''"):
        recommender.related([])
    for arguments in ({"unlike": [one]}, {"like": [other], "unlike": [other]}):
        with pytest.raises(ParameterError, match=r"unlike is '.*', expected an event that is neither liked nor asked"):
            recommender.related(one, **arguments)


def test_the_archives_rule_makes_no_list_of_several(recommender):
    one, other = recommender.index.corpus.slug(3), recommender.index.corpus.slug(4)
    for arguments in (([one, other], {}), (one, {"like": [other]})):
        with pytest.raises(ParameterError, match="profile is 'reproduce', expected extend or cosine"):
            recommender.related(arguments[0], Parameters(profile="reproduce"), **arguments[1])


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "slug"),
        ({"slugs": ["a"], "text": "b"}, "text"),
        ({"slugs": ["a"], "date": __import__("datetime").date.max}, "date"),
    ],
)
def test_a_question_is_asked_by_somebody_and_by_nobody_else(values, name):
    with pytest.raises(ParameterError) as caught:
        Question.checked(**values)
    assert caught.value.parameter == name


class TestParametersOfLists:
    """What holds for one query holds for several, for liked ones and for texts."""

    ROWS = (3, 90, 201)

    def ask(self, recommender, **values):
        slugs = [recommender.index.corpus.slug(row) for row in self.ROWS]
        return recommender.related(slugs[:2], Parameters.checked(**values), like=slugs[2:])

    def test_filters_let_through_what_any_query_would(self, recommender):
        days = recommender.index.corpus.days[list(self.ROWS[:2])].tolist()
        listed = self.ask(recommender, max_age_days=40, limit=50).related
        apart = [[abs(one.event.date.toordinal() - day) for day in days] for one in listed]
        assert all(min(each) <= 40 for each in apart)
        assert {each.index(min(each)) for each in apart} == {0, 1}

    def test_age_is_that_to_the_nearest_query(self, recommender):
        plain = {one.event.slug: one.score for one in self.ask(recommender, limit=50).related}
        for one in self.ask(recommender, half_life_days=30, limit=50).related:
            assert units(one.contributions.values()) == units([one.score])
            assert (one.contributions["fade"] == 0) == (one.days == 0)
            if one.event.slug in plain:
                assert one.score <= plain[one.event.slug]

    def test_a_list_that_is_not_long_enough_is_filled_with_nobody_who_asks(self, recommender):
        answer = self.ask(recommender, threshold=1.0, fallback="recent")
        assert [(one.fallback, one.score, one.shares) for one in answer.related] == [(True, None, {})] * 10
        newest = recommender.index.corpus.slug(len(recommender.index.corpus) - 1)
        filled = recommender.related([newest, answer.query.slug], Parameters(threshold=1.0, fallback="recent"))
        assert newest not in [one.event.slug for one in filled.related]

    def test_texts_take_them_too(self, recommender):
        event = recommender.index.corpus.event(90)
        parameters = Parameters.checked(include_newer=False, diversity=0.5, half_life_days=60)
        answer = recommender.related_text(event.text, parameters, date=event.date)
        assert answer.related
        assert all(one.days <= 0 for one in answer.related)
        assert answer.parameters.diversity == 0.5

    def test_a_near_duplicate_of_any_query_is_not_listed(self):
        """The same words a day later."""
        events = [("2013-02-07", "Rockets over Kourou"), ("2013-03-07", "Dockers in Marseille strike")]
        twins = [("2013-02-08", "Rockets over Kourou"), ("2013-03-08", "Dockers in Marseille strike")]
        world = recommender_of([page(*event) for event in (*events, *twins)])
        answer = world.related([slug_of(*event) for event in events])
        assert answer.related == ()
        assert set(answer.duplicates) == {slug_of(*twin) for twin in twins}
