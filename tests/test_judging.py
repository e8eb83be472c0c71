"""A session of grading, as values: what is asked, what is kept, and how every answer can be taken back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.events import Event
from recommender.judging import GRADES, Session, begin, give, next_query, skip, undo
from recommender.pooling import Pool


def event(name: str) -> Event:
    return Event(f"news/2013/02/7/{name}", date(2013, 2, 7), name)


def pool(query: str, *candidates: str) -> Pool:
    return Pool(event(query), tuple(map(event, candidates)))


def asked(session: Session) -> tuple[str, str] | None:
    """Names of the pair that is asked."""
    return session.current and (session.current.query.text, session.current.candidate.text)


def graded(session: Session) -> dict[tuple[str, str], int]:
    """The grades, by names."""
    return {tuple(slug.rsplit("/", 1)[-1] for slug in pair): grade for pair, grade in session.grades.items()}


POOLS = (pool("p", "a", "b", "c"), pool("q", "b", "d"), pool("r", "a"))
ALL = [("p", "a"), ("p", "b"), ("p", "c"), ("q", "b"), ("q", "d"), ("r", "a")]


@pytest.fixture
def session() -> Session:
    return begin(POOLS, ())


class TestBegin:
    def test_asks_for_every_pair_query_by_query(self, session):
        order = []
        while session.current:
            order.append(asked(session))
            session = give(session, 0)
        assert order == ALL

    def test_passes_over_what_has_a_grade(self):
        done = {(event(query).slug, event(candidate).slug) for query, candidate in [("p", "a"), ("q", "b"), ("q", "d")]}
        session = begin(POOLS, done)
        assert [(pair.query.text, pair.candidate.text) for pair in session.pairs] == [
            ("p", "b"),
            ("p", "c"),
            ("r", "a"),
        ]
        assert session.queries == (1, 2)

    @pytest.mark.parametrize("pools", [(), (pool("p"),)])
    def test_of_nothing_asks_nothing(self, pools):
        session = begin(pools, ())
        assert (session.current, session.grades, session.candidates_left, session.queries) == (None, {}, 0, (0, 0))
        assert give(session, 3) is skip(session) is next_query(session) is undo(session) is session


class TestAnswers:
    def test_grades_are_kept_in_the_order_of_the_answers(self, session):
        session = give(give(session, 3), 0)
        assert list(graded(session).items()) == [(("p", "a"), 3), (("p", "b"), 0)]
        assert asked(session) == ("p", "c")

    def test_what_is_skipped_has_no_grade(self, session):
        session = give(skip(session), 2)
        assert graded(session) == {("p", "b"): 2}

    def test_the_next_query_leaves_the_rest_of_this_one(self, session):
        session = next_query(give(session, 1))
        assert asked(session) == ("q", "b")
        session = next_query(next_query(session))
        assert asked(session) is None
        assert graded(session) == {("p", "a"): 1}

    def test_behind_the_last_pair_nothing_is_graded(self, session):
        session = next_query(next_query(next_query(session)))
        assert give(session, 3) is session
        assert skip(session) is session
        assert next_query(session) is session

    def test_says_what_is_left(self, session):
        seen = []
        for _ in ALL:
            seen.append((session.queries, session.candidates_left))
            session = skip(session)
        assert seen == [((1, 3), 3), ((1, 3), 2), ((1, 3), 1), ((2, 3), 2), ((2, 3), 1), ((3, 3), 1)]
        assert (session.queries, session.candidates_left) == ((3, 3), 0)

    def test_grades_have_meanings_highest_first(self):
        assert list(GRADES) == [3, 2, 1, 0]
        assert all("\n" not in meaning for meaning in GRADES.values())


class TestUndo:
    def test_asks_again_and_forgets_the_grade(self, session):
        session = undo(give(give(session, 3), 2))
        assert asked(session) == ("p", "b")
        assert graded(session) == {("p", "a"): 3}
        assert graded(give(session, 0)) == {("p", "a"): 3, ("p", "b"): 0}

    def test_takes_back_what_was_passed_over(self, session):
        for over in (skip, next_query):
            assert undo(over(give(session, 3))) == give(session, 3)

    def test_reaches_back_over_queries_and_from_the_end(self, session):
        for _ in ALL:
            session = give(session, 1)
        for pair in reversed(ALL):
            session = undo(session)
            assert asked(session) == pair
        assert session == begin(POOLS, ())

    def test_of_nothing_changes_nothing(self, session):
        assert undo(session) is session


ANSWERS = {
    **{str(grade): lambda session, grade=grade: give(session, grade) for grade in GRADES},
    "s": skip,
    "n": next_query,
    "u": undo,
}


@given(keys=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=30))
def test_law_a_session_is_its_answers_that_were_not_taken_back(keys):
    session, kept = begin(POOLS, ()), []
    for key in keys:
        before, session = session, ANSWERS[key](session)
        if key == "u":
            del kept[-1:]
        elif session is not before:
            kept.append(key)
    straight = begin(POOLS, ())
    for key in kept:
        straight = ANSWERS[key](straight)
    assert session == straight
    assert len(session.grades) == sum(key.isdigit() for key in kept)


@given(keys=st.lists(st.sampled_from("0123sn"), max_size=10))
def test_law_another_session_asks_for_what_has_no_grade(keys):
    session = begin(POOLS, ())
    for key in keys:
        session = ANSWERS[key](session)
    again = begin(POOLS, session.grades)
    assert [pair for pair in session.pairs if pair.slugs not in session.grades] == list(again.pairs)
