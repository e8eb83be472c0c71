"""Where new events matter: by the archive's rule exactly, by scores as far as their rankings go."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import link, page, recommender_of

from recommender import around
from recommender.around import rows_around
from recommender.parameters import Parameters, Profile

DAYS = tuple(f"2013-02-{day:02}" for day in range(1, 13))
EVENTS = tuple((day, f"Event {number} of the Kasai River") for number, day in enumerate(DAYS))
LABELS = ("Congo", "Kasai River", "Kinshasa", "Lake Kivu", "Matadi")


@st.composite
def labels(draw) -> dict[tuple[str, str], str]:
    """Labels that day pages print of each event."""
    drawn = {event: draw(st.lists(st.sampled_from(LABELS), max_size=2, unique=True)) for event in EVENTS}
    return {event: ", ".join(sorted(found)) for event, found in drawn.items()}


@settings(max_examples=20, deadline=None)
@given(labels(), st.sets(st.integers(0, len(EVENTS) - 1), min_size=1, max_size=3))
def test_by_the_rule_of_the_archive_nobody_else_lists_one(shown, rows):
    recommender = recommender_of([page(*event) for event in EVENTS], shown)
    parameters = Parameters(profile="reproduce", limit=50)
    found = rows_around(recommender, sorted(rows), parameters).tolist()
    asked = recommender.rankings(range(len(EVENTS)), parameters)
    listing = {row for row, ranking in asked if rows.intersection(ranking.rows.tolist())}
    assert set(found) == listing - rows


@pytest.mark.parametrize("profile", ["extend", "cosine"])
def test_by_scores_are_those_of_its_ranking_and_those_that_have_it_among_their_nearest(profile: Profile, monkeypatch):
    monkeypatch.setattr(around, "DEPTH", 2)
    recommender = recommender_of([page(*event) for event in EVENTS])
    ((_, ranking),) = recommender.rankings([5], Parameters(profile=profile, limit=2))
    nearest = {row for row, others in enumerate(recommender.index.graph.neighbours.tolist()) if 5 in others}
    assert set(rows_around(recommender, [5], Parameters(profile=profile)).tolist()) == {
        *ranking.rows.tolist(),
        *nearest,
    }


@pytest.mark.parametrize("limits", [{"limit": 1}, {"include_newer": False}, {"max_age_days": 0}, {"threshold": 1.0}])
def test_whom_its_own_list_may_not_name_can_name_it(limits):
    recommender = recommender_of([page(*event) for event in EVENTS])
    assert rows_around(recommender, [0], Parameters(**limits)).tolist() == list(range(1, len(EVENTS)))


@pytest.mark.parametrize("profile", ["extend", "reproduce"])
def test_around_nobody_is_nobody(profile: Profile):
    recommender = recommender_of([page(*EVENTS[0], [link(*EVENTS[1], "Congo")]), page(*EVENTS[1])])
    assert rows_around(recommender, [], Parameters(profile=profile)).tolist() == []
