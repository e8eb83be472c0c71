"""What rankers are fitted on and compared on: pools of graded candidates, and folds that keep stories together."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.measures import gain
from recommender.parameters import Parameters
from recommender.qrels import Qrels, read_qrels
from recommender.related import Recommender

SEED, FOLDS = 1, 5
STORY_YEARS, STORY_QUERIES, QUERIES_OF_A_STORY = (2011, 2015), 250, 3
WIDE = Parameters(candidates=500)
"""Pools of twice the size of those that lists are made of: there is more to learn from, and less is missed."""
_DISCOUNTS = 1.0 / np.log2(np.arange(2, 12))


@dataclass(frozen=True)
class Pool:
    """One query's candidates."""

    group: str
    """Queries of one story, or with a document of the highest grade in common, which folds keep together."""
    matrix: NDArray[np.float64]
    grades: NDArray[np.int64]
    """-1 where nobody graded."""
    ideal: float
    """DCG of the best list."""
    relevant: int
    """Documents of grade 2 or above, of grade 1 where that is the highest, in the pool or not."""


class Groups:
    """Slugs that belong together, merged pair by pair."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def find(self, slug: str) -> str:
        """The name of a slug's group."""
        while self._parents.setdefault(slug, slug) != slug:
            self._parents[slug] = self._parents[self._parents[slug]]
            slug = self._parents[slug]
        return slug

    def merge(self, qrels: Qrels, least: int) -> None:
        """Put every query together with its documents of at least a grade."""
        for query, documents in qrels.grades.items():
            for document in (one for one, grade in documents.items() if grade >= least):
                self._parents[self.find(document)] = self.find(query)


@dataclass(frozen=True)
class Material:
    """The two truths that rankers learn from."""

    judgements: Qrels
    filed: Qrels
    groups: Groups
    judged: list[str]
    """Queries that readers graded, without those that are left out."""
    told: list[str]
    """Queries of stories."""

    @classmethod
    def read(cls, qrels: Path, stories: Path, leave_out: Sequence[Path]) -> Self:
        """From files of judgements and stories; queries of some other files are not taken."""
        judgements, filed = read_qrels(qrels), read_qrels(stories)
        left_out = {query for path in leave_out for query in read_qrels(path).grades}
        groups = Groups()
        groups.merge(filed, 1)
        told = story_queries(filed, groups, left_out)
        groups.merge(judgements, 3)
        return cls(judgements, filed, groups, [query for query in judgements.grades if query not in left_out], told)

    def pools(self, recommender: Recommender, parameters: Parameters = WIDE) -> tuple[list[Pool], list[Pool]]:
        """The candidates of the judged queries and of those of stories, as the profile sees them."""
        asked = ((self.judgements, self.judged), (self.filed, self.told))
        judged, told = (pools(recommender, qrels, queries, self.groups, parameters) for qrels, queries in asked)
        return judged, told


def story_queries(
    stories: Qrels, groups: Groups, left_out: set[str], years: tuple[int, int] = STORY_YEARS
) -> list[str]:
    """Queries of the years, few of a story, drawn by the seed; none of a story that goes on after these years."""
    last: dict[str, int] = {}
    for slug in itertools.chain(stories.grades, *(documents for documents in stories.grades.values())):
        last[groups.find(slug)] = max(last.get(groups.find(slug), 0), year(slug))
    first_year, last_year = years
    free = [query for query in sorted(stories.grades) if year(query) >= first_year and query not in left_out]
    free = [query for query in free if last[groups.find(query)] <= last_year]
    chosen: list[str] = []
    taken: dict[str, int] = {}
    for place in np.random.default_rng(SEED).permutation(len(free)).tolist():
        story = groups.find(free[place])
        taken[story] = taken.get(story, 0) + 1
        if taken[story] <= QUERIES_OF_A_STORY and len(chosen) < STORY_QUERIES:
            chosen.append(free[place])
    return sorted(chosen)


def year(slug: str) -> int:
    """Of an event's day."""
    return int(slug.split("/")[1])


def pools(
    recommender: Recommender,
    qrels: Qrels,
    queries: Sequence[str],
    groups: Groups,
    parameters: Parameters = WIDE,
) -> list[Pool]:
    """The candidates of queries, as the profile sees them."""
    corpus = recommender.index.corpus
    asked = recommender.candidates([corpus.row(query) for query in queries], parameters)
    least = 2 if qrels.max_grade >= 2 else 1
    found = []
    for query, (_, rows, matrix) in zip(tqdm(queries, desc=qrels.name), asked, strict=True):
        known = qrels.grades[query]
        grades = np.array([known.get(corpus.slug(int(row)), -1) for row in rows], np.int64)
        best = sorted(map(gain, known.values()), reverse=True)[:10]
        ideal = float(np.dot(best, _DISCOUNTS[: len(best)]))
        relevant = sum(grade >= least for grade in known.values())
        # Single precision is what LightGBM is given: a threshold between two values stays between them.
        single = matrix.astype(np.float32).astype(np.float64)
        found.append(Pool(groups.find(query), single, grades, ideal, relevant))
    return found


def ndcg(pool: Pool, values: NDArray[Any]) -> float:
    """nDCG@10 with the gains 2^grade - 1; 0 without a relevant document."""
    best = pool.grades[np.argsort(-values, kind="stable")[:10]]
    dcg = float(np.dot([gain(max(int(grade), 0)) for grade in best], _DISCOUNTS[: len(best)]))
    return dcg / pool.ideal if pool.ideal else 0.0


Scorer = Callable[[Pool], NDArray[Any]]
"""Scores of a pool's candidates, bigger is better."""


def out_of_fold(
    judged: Sequence[Pool], stories: Sequence[Pool], fit: Callable[[Sequence[Pool], Sequence[Pool]], Scorer]
) -> list[NDArray[Any]]:
    """The scores of every judged pool by a ranker that saw no query of its group."""
    groups = sorted({pool.group for pool in judged})
    order = np.random.default_rng(SEED).permutation(len(groups)).tolist()
    fold = {groups[place]: number % FOLDS for number, place in enumerate(order)}
    found: dict[int, NDArray[Any]] = {}
    for held in tqdm(range(FOLDS), desc="folds", leave=False):
        score = fit(
            [pool for pool in judged if fold[pool.group] != held],
            [pool for pool in stories if fold.get(pool.group) != held],
        )
        found.update({place: score(pool) for place, pool in enumerate(judged) if fold[pool.group] == held})
    return [found[place] for place in range(len(judged))]


def ndcgs(judged: Sequence[Pool], scores: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """nDCG@10 of each pool by its scores."""
    return np.array([ndcg(pool, values) for pool, values in zip(judged, scores, strict=True)])
