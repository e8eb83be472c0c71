"""What can keep an event off a list, gate by gate, each with the sentence that tells it."""

from collections.abc import Callable
from dataclasses import dataclass

from recommender.filters import asked_filters
from recommender.ranking import Ranking
from recommender.requests import Evidence, Request


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """Where the other event stands in one source of the pool."""

    source: str
    similarity: float
    place: int | None
    """From 1; None where the source does not have it at all."""
    cut: int
    """The first so many are candidates."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What keeps an event off the list."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A pair as gates see it."""

    evidence: Evidence
    request: Request
    other: int
    listed: Ranking
    """The list."""
    place: int | None = None
    """Among all candidates by score, from 1; None where it is none of them."""
    ranked: int = 0
    """The number of candidates."""
    probability: float | None = None
    """What `threshold` is compared with."""
    sources: tuple[SourcePlace, ...] = ()
    criterion: str | None = None

    @property
    def by_rule(self) -> bool:
        """Whether it is about the archive's own rule."""
        return self.request.parameters.profile == "reproduce"


def is_query(case: Case) -> str | None:
    """The query itself is never listed."""
    return "it is the query itself" if case.other == case.request.row else None


def is_after_as_of(case: Case) -> str | None:
    """Nothing later is looked at."""
    as_of, event = case.request.parameters.as_of, case.evidence.index.corpus.event(case.other)
    if as_of is None or event.date <= as_of:
        return None
    return f"it is of {event.date}, and nothing after {as_of} is looked at (as_of)"


def is_filtered(case: Case) -> str | None:
    """The filters of the parameters keep it out."""
    admitted, parameters = case.request.admitted, case.request.parameters
    if admitted is None or admitted[case.other]:
        return None
    told = [f"{name} {str(value).lower()}" for name, value in asked_filters(parameters).items()]
    return (
        f"it is of {case.evidence.index.corpus.event(case.other).date}, which the filters keep out: {', '.join(told)}"
    )


def _editor(case: Case) -> str | None:
    if case.other not in case.evidence.index.wishes.never(case.request.row):
        return None
    return "the front matter of the query's page keeps it out (related_exclude)"


def _story_bullet(case: Case) -> str | None:
    index = case.evidence.index
    if not case.by_rule or index.manifest.story_bullets == "all" or not index.corpus.later[case.other]:
        return None
    return "an earlier event stands under the same story heading, and the archive's rule lists that one only"


def _no_entity(case: Case) -> str | None:
    if not case.by_rule or case.place is not None:
        return None
    return "the archive tells of no entity that both have"


def _pool(case: Case) -> str | None:
    if case.place is not None:
        return None
    placed = [source for source in case.sources if source.place is not None]
    if not placed:
        return "no source of candidates has it: no shared entity, no shared word, no likeness of the texts"
    best = min(placed, key=lambda source: (source.place or 0) / source.cut)
    return (
        f"it is no candidate: its best place is {best.place} among {best.source}, and the first {best.cut} are taken"
        " (a larger value of `candidates` takes more)"
    )


def _threshold(case: Case) -> str | None:
    threshold, profile = case.request.parameters.threshold, case.request.parameters.profile
    if threshold is None or case.probability is None or case.probability >= threshold:
        return None
    told = "probability to be relevant" if profile == "extend" else "cosine"
    return f"its {told} is {case.probability:.4f}, below the threshold of {threshold:g}"


def _duplicate(case: Case) -> str | None:
    corpus = case.evidence.index.corpus
    for row, repeated in case.listed.repeated.items():
        if case.other in repeated:
            listed = "the query" if row == case.request.row else f"{corpus.slug(row)}, which is listed"
            return f"it says the same as {listed} (`duplicates` is collapse)"
    return None


def _diversity(case: Case) -> str | None:
    diversity = case.request.parameters.diversity
    return f"others say more that is new beside what is listed (diversity {diversity:g})" if diversity else None


def _limit(case: Case) -> str | None:
    told = f"; {case.criterion}" if case.criterion else ""
    return f"it is number {case.place} of {case.ranked} candidates, and the list ends at {case.request.limit}{told}"


GATES: tuple[tuple[str, Callable[[Case], str | None]], ...] = (
    ("query", is_query),
    ("as_of", is_after_as_of),
    ("filters", is_filtered),
    ("editor", _editor),
    ("story_bullet", _story_bullet),
    ("entities", _no_entity),
    ("pool", _pool),
    ("threshold", _threshold),
    ("duplicates", _duplicate),
    ("diversity", _diversity),
    ("limit", _limit),
)
"""What can keep an event off a list, in the order in which it is asked; each says so in a sentence, or nothing."""


def first_gate(case: Case) -> Gate | None:
    """The first gate that the event does not pass, None where it passes all."""
    for name, asked in GATES:
        sentence = asked(case)
        if sentence is not None:
            return Gate(name, sentence)
    return None
