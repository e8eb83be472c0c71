"""Several who ask → one list: a candidate's score is the weighted mean of its scores for each.

All queries together weigh 4, all liked events 2, all unliked ones -1; everybody scores the same candidates, the union
of the pools of queries and liked events. `benchmarks/seeds.py` measures this beside other ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.trees import UNIT
from recommender import features, ranking
from recommender.neighbours import cosines

Role = Literal["query", "like", "unlike"]
WEIGHTS: dict[Role, int] = {"query": 4, "like": 2, "unlike": -1}

Units = NDArray[np.int64]
Pool = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """One of those who ask, in its own index: a text's has a row more."""

    role: Role
    evidence: ranking.Evidence
    request: ranking.Request


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """One ranking for all, and each query's share in it."""

    ranking: ranking.Ranking
    shares: NDArray[np.float64]
    """One row a ranked row, one column a query: what it adds to the score; without what is liked or not."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Candidates as one asker scores them."""

    scores: Units
    """(candidates,)"""
    leaves: Units
    """(candidates, trees) by `extend`, (candidates, 0) by `cosine`."""


def fuse(askers: Sequence[Asker], barred: Sequence[int], limit: int) -> Fused:
    """The list that all of them ask for.

    Args:
        askers: One query at least; the same profile and the same parameters for all.
        barred: Rows that are not listed: those that ask.
        limit: Items at most.
    """
    rows, scored = score(askers, barred)
    by_role = {role: [one for asker, one in zip(askers, scored, strict=True) if asker.role == role] for role in WEIGHTS}
    whole = sum(WEIGHTS[role] for role, found in by_role.items() if found)
    added = {role: _weighed(role, [one.scores for one in found], whole) for role, found in by_role.items() if found}
    total = np.sum(list(added.values()), axis=0)
    first = np.argsort(-total, kind="stable")[:limit]
    queries = by_role["query"]
    count = len(queries) * whole
    columns, sums = _parts(askers[0], queries, first)
    parts = _shared_out(sums * WEIGHTS["query"], count)
    beside = [role for role in added if role != "query"]
    shares = np.column_stack([one.scores[first] for one in queries]) * WEIGHTS["query"]
    found = ranking.Ranking(
        rows[first],
        total[first] / UNIT,
        (*columns, *beside),
        np.column_stack([parts, *(added[role][first] for role in beside)]) / UNIT,
    )
    return Fused(found, _shared_out(shares, count) / UNIT)


def score(askers: Sequence[Asker], barred: Sequence[int]) -> tuple[NDArray[np.int64], list[Scored]]:
    """The candidates of all, ascending, and how each asker scores them; what is not liked brings no candidates."""
    pools = {place: _pool(asker) for place, asker in enumerate(askers) if asker.role != "unlike"}
    rows = np.setdiff1d(np.concatenate([found for found, _ in pools.values()]), np.array(barred, np.int64))
    return rows, [_scored(asker, rows, pools.get(place)) for place, asker in enumerate(askers)]


def _pool(asker: Asker) -> Pool:
    """The candidates of one asker, ascending, and their evidence; none by `cosine`."""
    near = asker.request.near
    if asker.request.parameters.profile == "cosine":
        return near, np.zeros((len(near), 0))
    return ranking.candidate_features(asker.evidence, asker.request)


def _scored(asker: Asker, rows: NDArray[np.int64], pool: Pool | None) -> Scored:
    evidence, request = asker.evidence, asker.request
    if request.parameters.profile == "cosine":
        cosine = cosines(evidence.index.vectors, request.vector, rows).astype(np.float64)
        return Scored(np.rint(cosine * UNIT).astype(np.int64), np.zeros((len(rows), 0), np.int64))
    if pool is None or not np.isin(rows, pool[0], assume_unique=True).all():
        # The others' candidates come in as texts that are near: what is compared with the pool is compared with all.
        pool = ranking.candidate_features(evidence, replace(request, near=rows))
    found, matrix = pool
    leaves = evidence.ranker.leaves(matrix[np.searchsorted(found, rows)], features.FEATURES)
    return Scored(evidence.ranker.scores(leaves), leaves)


def _parts(asker: Asker, queries: Sequence[Scored], first: NDArray[np.int64]) -> tuple[tuple[str, ...], Units]:
    """Names of the queries' contributions, and their sums over all queries."""
    if asker.request.parameters.profile == "cosine":
        return ("cosine",), np.sum([one.scores[first] for one in queries], axis=0)[:, None]
    sums = [ranking.by_group(asker.evidence.ranker, one.leaves[first]) for one in queries]
    return tuple(features.GROUPS), np.sum(sums, axis=0)


def _weighed(role: Role, scores: Sequence[Units], whole: int) -> Units:
    """What a role adds to each score: its share of the weighted mean."""
    return _rounded(np.sum(scores, axis=0) * WEIGHTS[role], len(scores) * whole)


def _shared_out(parts: Units, count: int) -> Units:
    """Each part divided by a count, so that the rounded parts of a row add up to its rounded sum."""
    return np.diff(_rounded(np.cumsum(parts, axis=1), count), axis=1, prepend=0)


def _rounded(sums: Units, count: int) -> Units:
    """Sums divided by a count, to the nearest unit, halves up."""
    return (2 * sums + count) // (2 * count)
