"""How good the lists are: profiles run against judgements, or against the archive's own lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.errors import QrelsError, SlugUnknownError
from recommender.measures import RunScores, score_run
from recommender.parameters import Parameters, Profile
from recommender.qrels import Qrels
from recommender.related import Recommender
from recommender.scoreboard import Scoreboard, build_scoreboard

BASELINES: tuple[Profile, ...] = ("reproduce", "cosine")
"""What every profile is compared with, query by query."""
EXISTING = "existing lists"


@dataclass(frozen=True, slots=True)
class Truth:
    """What answers are measured against."""

    qrels: Qrels
    hides_own_list: bool = False
    """Whether the query's own list is hidden from what is known of entities: where that list is the truth."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What profiles answered, what that is worth query by query, and on the whole."""

    truth: Truth
    answers: Mapping[str, Mapping[str, Sequence[str]]]
    """Profile → query → slugs of its list, best first; no query that the archive does not have."""
    scores: Mapping[str, RunScores]
    """Profile → its measures, query by query; profiles in the order of the scoreboard."""
    scoreboard: Scoreboard


Progress = Callable[[str, int, int], None]
"""Called with a profile, the queries answered and all queries."""


def existing_lists(recommender: Recommender, *, sample: int | None, seed: int) -> Truth:
    """The archive's own lists as judgements: what a list names has grade 1.

    Args:
        recommender: Of the archive's index.
        sample: At most so many queries, drawn at random; None takes all.
        seed: Of the draw.

    Raises:
        QrelsError: No page of the archive has a list.
    """
    corpus = recommender.index.corpus
    rows = np.array([row for row in range(len(corpus)) if (corpus.existing(row) >= 0).any()])
    if not len(rows):
        raise QrelsError("no page of the archive has a Related list; give judgements with --qrels FILE")
    if sample is not None and sample < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, sample, replace=False))
    grades = {
        corpus.slug(int(row)): {
            corpus.slug(int(item)): 1 for item in corpus.existing(int(row)) if item not in (-1, row)
        }
        for row in rows
    }
    qrels = Qrels(EXISTING, {query: documents for query, documents in grades.items() if documents})
    return Truth(qrels, hides_own_list=True)


def answer(
    recommender: Recommender,
    queries: Iterable[str],
    parameters: Parameters,
    *,
    without_own_list: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, list[str]]:
    """Slugs of the lists of many queries, best first; a query that the archive does not have has none.

    Args:
        recommender: What answers.
        queries: Slugs.
        parameters: The same for all.
        without_own_list: Whether the existing list of each query is hidden from what is known of entities.
        progress: Called with the number of queries answered.
    """
    corpus = recommender.index.corpus
    asked: list[tuple[str, int]] = []
    for query in queries:
        try:
            asked.append((query, corpus.row(query)))
        except SlugUnknownError:
            continue
    answers = {}
    ranked = recommender.rankings([row for _, row in asked], parameters, without_own_list=without_own_list)
    for done, ((query, _), (_, ranking)) in enumerate(zip(asked, ranked, strict=True), start=1):
        answers[query] = [corpus.slug(int(other)) for other in ranking.rows]
        if progress is not None:
            progress(done)
    return answers


def evaluate(
    recommender: Recommender,
    truth: Truth,
    profiles: Sequence[Profile],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Scoreboard:
    """Run profiles and both baselines against judgements; the scoreboard of `measure`."""
    return measure(recommender, truth, profiles, seed=seed, progress=progress).scoreboard


def measure(
    recommender: Recommender,
    truth: Truth,
    profiles: Sequence[Profile],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Run profiles and both baselines against judgements.

    Args:
        recommender: What is measured.
        truth: The judgements, or the existing lists.
        profiles: What to measure beside the baselines.
        seed: Of the bootstrap.
        progress: Told of each profile.

    Returns:
        Every profile's answers, and a scoreboard with intervals and differences to the baselines.
    """
    answers: dict[str, Mapping[str, Sequence[str]]] = {}
    scores: dict[str, RunScores] = {}
    qrels = truth.qrels
    for profile in dict.fromkeys((*profiles, *BASELINES)):
        answers[profile] = answer(
            recommender,
            qrels.queries,
            Parameters.checked(profile=profile),
            without_own_list=truth.hides_own_list,
            progress=_telling(progress, profile, len(qrels.queries)),
        )
        scores[profile] = score_run(profile, answers[profile], qrels)
    return Evaluation(truth, answers, scores, build_scoreboard([*scores.values()], baselines=BASELINES, seed=seed))


def _telling(progress: Progress | None, profile: str, size: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(profile, done, size)
