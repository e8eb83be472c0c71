"""The best and the worst queries of an evaluation: the archive's list beside ours, with grades."""

from collections.abc import Iterable
from dataclasses import dataclass

from recommender.evaluation import Evaluation
from recommender.measures import CUTOFF, score_run
from recommender.parameters import Profile
from recommender.query_groups import MEASURE, rows_of
from recommender.related import Recommender

SHOWN = 10
"""Queries of each kind at most, and so many rows of each list."""
_MISSED = 5


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """One row of a list."""

    slug: str
    date: str
    """Nothing where the archive does not have the event."""
    headline: str
    grade: int | None
    """None where nobody judged it."""
    shared: tuple[str, ...] = ()
    """Labels of the entities that it shares with the query as far as the index knows them, rarest first."""
    days: int = 0
    """Days after the query; negative is before."""


@dataclass(frozen=True, slots=True)
class QuerySheet:
    """One query with its lists."""

    slug: str
    date: str
    headline: str
    entities: tuple[str, ...]
    scores: tuple[tuple[str, float], ...]
    """Run → nDCG@10, in the order of the scoreboard."""
    existing_score: float
    """nDCG@10 of the archive's list."""
    has_list: bool
    """Whether the query's page has a list."""
    existing: tuple[ListedEvent, ...]
    """The archive's list, at most its first ten events."""
    lost: int
    """Items of the archive's list that lead to no event, or to the query itself."""
    ours: tuple[ListedEvent, ...]
    """The measured list, at most its first ten events."""
    missed: tuple[ListedEvent, ...]
    """Events with the highest grades that are not among them."""


@dataclass(frozen=True, slots=True)
class Extremes:
    """The queries at both ends."""

    best: tuple[QuerySheet, ...]
    """Best first."""
    worst: tuple[QuerySheet, ...]
    """Worst first; none of the best."""
    strangers: tuple[str, ...]
    """Judged queries that the archive does not have: not shown."""
    without_gain: int
    """Queries of the archive for which no judged event has a grade above 0, so that every list has 0: not shown."""


def best_and_worst(recommender: Recommender, evaluation: Evaluation, profile: Profile, baseline: Profile) -> Extremes:
    """The queries for which a profile does best and worst.

    Args:
        recommender: What was measured.
        evaluation: What came out.
        profile: Whose lists are shown.
        baseline: Among equals the distance to it decides, then the slug.
    """
    qrels = evaluation.truth.qrels
    rows = rows_of(recommender, qrels.queries)
    fruitful = [query for query in qrels.queries if query in rows and max(qrels.grades[query].values()) > 0]
    ours, base = (_by_query(evaluation, name) for name in (profile, baseline))
    ordered = sorted(fruitful, key=lambda query: (-ours[query], base[query] - ours[query], query))
    best = ordered[: min(SHOWN, (len(ordered) + 1) // 2)]
    worst = ordered[::-1][: min(SHOWN, len(ordered) // 2)]
    return Extremes(
        best=tuple(_sheet(recommender, evaluation, profile, query) for query in best),
        worst=tuple(_sheet(recommender, evaluation, profile, query) for query in worst),
        strangers=tuple(query for query in qrels.queries if query not in rows),
        without_gain=len(rows) - len(fruitful),
    )


def _by_query(evaluation: Evaluation, name: str) -> dict[str, float]:
    run = evaluation.scores[name]
    return dict(zip(run.queries, map(float, run.values[MEASURE]), strict=True))


def _sheet(recommender: Recommender, evaluation: Evaluation, profile: Profile, query: str) -> QuerySheet:
    corpus, qrels = recommender.index.corpus, evaluation.truth.qrels
    row, grades = corpus.row(query), qrels.grades[query]
    items = [int(item) for item in corpus.existing(row)]
    existing = [corpus.slug(item) for item in dict.fromkeys(items) if item not in (-1, row)]
    ours = evaluation.answers[profile].get(query, ())[:CUTOFF]
    missed = sorted((-grade, slug) for slug, grade in grades.items() if grade > 0 and slug not in ours)
    alone = qrels.restricted_to([query], name=qrels.name)
    existing_score = score_run("existing", {query: existing}, alone, relevant_from=evaluation.scoreboard.relevant_from)

    def listed(slugs: Iterable[str]) -> tuple[ListedEvent, ...]:
        return tuple(_listed(recommender, row, slug, grades.get(slug), profile) for slug in slugs)

    event = corpus.event(row)
    return QuerySheet(
        slug=event.slug,
        date=event.date.isoformat(),
        headline=event.headline,
        entities=tuple(recommender.known(row, profile, without_own_list=evaluation.truth.hides_own_list)),
        scores=tuple((name, _by_query(evaluation, name)[query]) for name in evaluation.scores),
        existing_score=existing_score.mean(MEASURE),
        has_list=bool(corpus.listed[row]),
        existing=listed(existing[:SHOWN]),
        lost=sum(item in (-1, row) for item in items),
        ours=listed(ours),
        missed=listed(slug for _, slug in missed[:_MISSED]),
    )


def _listed(recommender: Recommender, row: int, slug: str, grade: int | None, profile: Profile) -> ListedEvent:
    corpus = recommender.index.corpus
    other = corpus.row_of_slug(slug)
    if other is None:
        return ListedEvent(slug, "", slug, grade)
    event = corpus.event(other)
    return ListedEvent(
        slug=slug,
        date=event.date.isoformat(),
        headline=event.headline,
        grade=grade,
        shared=tuple(recommender.shared(row, other, profile)),
        days=int(corpus.days[other]) - int(corpus.days[row]),
    )
