"""A session of grading as values: which pair is asked, what was answered, how an answer is taken back."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from recommender.events import Event
from recommender.pooling import Pool

GRADES: Mapping[int, str] = MappingProxyType(
    {
        3: "the same story: the same event in another report, its cause, follow-up or consequence",
        2: "real background: the same actors about the same matter, an earlier or later chapter, a precedent",
        1: "loosely related: the same kind of event elsewhere, or the same main actor in another matter",
        0: "not related: shares only a country, a place, a date or a common word",
    }
)
"""What each grade means, highest first."""

PairSlugs = tuple[str, str]
"""Slugs of query and candidate."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is asked at once."""

    query: Event
    candidate: Event

    @property
    def slugs(self) -> PairSlugs:
        """How qrels name it."""
        return self.query.slug, self.candidate.slug


@dataclass(frozen=True, slots=True)
class Step:
    """One answer, enough to take it back."""

    place: int
    """Where in the queue it was given."""
    grade: int | None
    """None where the candidate, or all that was left of its query, was passed over."""


@dataclass(frozen=True, slots=True)
class Session:
    """A reader's way through what had no grade when the session began."""

    pairs: tuple[Pair, ...]
    """The queue: query by query, candidates in the order of the pools."""
    place: int = 0
    """Of the pair that is asked; behind the last one when all have been."""
    steps: tuple[Step, ...] = ()
    """The answers so far, none of them taken back."""

    @property
    def current(self) -> Pair | None:
        """The pair that is asked, None when there is no other."""
        return self.pairs[self.place] if self.place < len(self.pairs) else None

    @property
    def grades(self) -> dict[PairSlugs, int]:
        """What was graded in this session, in the order of the answers."""
        return {self.pairs[step.place].slugs: step.grade for step in self.steps if step.grade is not None}

    @property
    def candidates_left(self) -> int:
        """How many candidates of the query stand from here on, this one included."""
        return _end_of_query(self) - self.place

    @property
    def queries(self) -> tuple[int, int]:
        """Which query is asked, from 1, and how many there are in the queue."""
        slugs = list(dict.fromkeys(pair.query.slug for pair in self.pairs))
        return (slugs.index(self.current.query.slug) + 1 if self.current else len(slugs)), len(slugs)


def begin(pools: Iterable[Pool], graded: Container[PairSlugs]) -> Session:
    """A session of all that has no grade yet.

    Args:
        pools: Who is judged, each query once.
        graded: Pairs that have a grade already.
    """
    pairs = (Pair(pool.query, candidate) for pool in pools for candidate in pool.candidates)
    return Session(tuple(pair for pair in pairs if pair.slugs not in graded))


def give(session: Session, grade: int) -> Session:
    """Grade the pair that is asked."""
    assert grade in GRADES  # noqa: S101 - keys are checked where they are read
    return _answered(session, grade, session.place + 1)


def skip(session: Session) -> Session:
    """Leave the pair that is asked without a grade."""
    return _answered(session, None, session.place + 1)


def next_query(session: Session) -> Session:
    """Leave all that is left of the query without a grade."""
    return _answered(session, None, _end_of_query(session))


def undo(session: Session) -> Session:
    """Take the last answer back, a grade or a passing over, and ask again; the same session where there is none."""
    if not session.steps:
        return session
    return replace(session, place=session.steps[-1].place, steps=session.steps[:-1])


def _answered(session: Session, grade: int | None, place: int) -> Session:
    """The session after an answer; the same where no pair is asked."""
    if session.current is None:
        return session
    return replace(session, place=place, steps=(*session.steps, Step(session.place, grade)))


def _end_of_query(session: Session) -> int:
    end = session.place
    while end < len(session.pairs) and session.pairs[end].query.slug == session.pairs[session.place].query.slug:
        end += 1
    return end
