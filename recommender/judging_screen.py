"""What a reader sees of a session of grading: plain text, with which no page can drive a terminal."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from recommender.events import Event
from recommender.judging import GRADES, Pair, Session
from recommender.reasons import time_apart
from recommender.terminal import printable

KEYS: Mapping[str, str] = {"u": "undo", "s": "skip", "n": "next query", "q": "quit"}
"""What the keys beside the grades do, in the order in which they are shown."""

_MARGIN = " " * len("2013-02-07  ")
_RULE = "-" * 72
_QUESTION = "Does it deserve a place on the short list of the query?"


def screen(session: Session) -> str:
    """The pair that is asked, with the question; at the end, that there is no other."""
    pair = session.current
    if pair is None:
        return f"\n{_RULE}\nThat was the last candidate.\n\n{_choices('u', 'q')}"
    number, size = session.queries
    left = session.candidates_left
    lines = [
        "",
        _RULE,
        f"Query {number} of {size}, {left} candidate{'s' * (left != 1)} left",
        "",
        *_query(pair.query),
        "",
        "Candidate",
        "",
        *_candidate(pair),
        "",
        _QUESTION,
        *(f"  {grade}  {meaning}" for grade, meaning in GRADES.items()),
        _choices(*KEYS),
    ]
    return "\n".join(lines)


def summary(session: Session, output: Path) -> str:
    """How many were graded, by grade, where they are, and how many are left for another session."""
    counts = Counter(session.grades.values())
    graded = counts.total()
    left = len(session.pairs) - graded
    if not session.pairs:
        return f"nothing is left to grade, {output} has it all"
    if not graded:
        return f"nothing graded, {left:,} left"
    by_grade = ", ".join(f"{counts[grade]} with {grade}" for grade in GRADES)
    return f"{graded:,} graded ({by_grade}), saved in {output}; {left:,} left"


def _query(event: Event) -> list[str]:
    lines = [_headline(event)]
    lines += [f"{_MARGIN}topic: {printable(event.topic)}"] if event.topic else []
    return lines + ([f"{_MARGIN}{printable(event.description)}"] if event.description else [])


def _candidate(pair: Pair) -> list[str]:
    days = (pair.candidate.date - pair.query.date).days
    return [_headline(pair.candidate), f"{_MARGIN}{time_apart(days)}"]


def _headline(event: Event) -> str:
    return f"{event.date}  {printable(event.headline)}"


def _choices(*keys: str) -> str:
    return "  " + "   ".join(f"{key} {KEYS[key]}" for key in keys)
