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
from recommender import scoring
from recommender.neighbours import cosines
from recommender.ranking import Ranking, listed
from recommender.requests import Evidence, Request
from recommender.scoring import Scored
from recommender.texts import Near

Role = Literal["query", "like", "unlike"]
WEIGHTS: dict[Role, int] = {"query": 4, "like": 2, "unlike": -1}

Units = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """One of those who ask, in its own index: a text's has a row more."""

    role: Role
    evidence: Evidence
    request: Request


def fuse(askers: Sequence[Asker], barred: Sequence[int]) -> Ranking:
    """The list that all of them ask for.

    Args:
        askers: One query at least, the queries first; the same profile and the same parameters for all.
        barred: Rows that are not listed: those that ask, and what is liked or not.
    """
    asking = [asker.request.row for asker in askers if asker.role == "query"]
    askers = _admitting_alike(askers, barred)
    return listed(askers[0].evidence, askers[0].request, _fused(askers, _score(askers)), asking)


def score(askers: Sequence[Asker], barred: Sequence[int]) -> list[Scored]:
    """The candidates of all as each scores them, all of the same rows, none of them barred: for measuring."""
    return _score(_admitting_alike(askers, barred))


def _score(askers: Sequence[Asker]) -> list[Scored]:
    """The same, of what each lets through; what is not liked brings no candidates."""
    pools = {place: _scored(asker) for place, asker in enumerate(askers) if asker.role != "unlike"}
    rows = np.unique(np.concatenate([pool.rows for pool in pools.values()]))
    scored = []
    for place, asker in enumerate(askers):
        found = pools.get(place)
        if found is None or len(found.rows) < len(rows):
            # The others' candidates come in as texts that are near: each is compared with all.
            near = Near(rows, cosines(asker.evidence.index.vectors, asker.request.vector, rows))
            found = _scored(replace(asker, request=replace(asker.request, near=near)))
            found = _only(found, rows)
        scored.append(found)
    return scored


def _admitting_alike(askers: Sequence[Asker], barred: Sequence[int]) -> list[Asker]:
    """Everybody lets through whom the filters of any query do, and none that is barred."""
    if not barred and all(asker.request.admitted is None for asker in askers):
        return list(askers)
    events = min(len(asker.evidence.index.corpus.days) for asker in askers)
    masks = [asker.request.admitted for asker in askers if asker.role == "query"]
    among = np.zeros(events, np.bool_)
    for mask in masks:
        among |= True if mask is None else mask[:events]
    among[list(barred)] = False
    return [replace(asker, request=replace(asker.request, admitted=_as_long(among, asker))) for asker in askers]


def _as_long(among: NDArray[np.bool_], asker: Asker) -> NDArray[np.bool_]:
    """The mask for an index with a text's row or without; a text is on no list."""
    return np.pad(among, (0, len(asker.evidence.index.corpus.days) - len(among)))


def _scored(asker: Asker) -> Scored:
    return scoring.score(asker.evidence, asker.request)


def _only(scored: Scored, rows: NDArray[np.int64]) -> Scored:
    """Of these of the candidates, rows ascending."""
    kept = np.searchsorted(scored.rows, rows)
    return replace(
        scored,
        rows=rows,
        scores=scored.scores[kept],
        sureness=scored.sureness[kept],
        days=scored.days[kept],
        parts=lambda places: scored.parts(kept[places]),
        features=lambda places: scored.features(kept[places]),
    )


def _fused(askers: Sequence[Asker], scored: Sequence[Scored]) -> Scored:
    """The weighted mean, with what each kind of evidence, and each query, has in it."""
    by_role = {role: [one for asker, one in zip(askers, scored, strict=True) if asker.role == role] for role in WEIGHTS}
    whole = sum(WEIGHTS[role] for role, found in by_role.items() if found)
    added = {role: _weighed(role, [one.scores for one in found], whole) for role, found in by_role.items() if found}
    queries = by_role["query"]
    beside = [role for role in added if role != "query"]
    total: Units = np.sum(list(added.values()), axis=0)

    def parts(places: Units) -> Units:
        sums = np.sum([one.parts(places) for one in queries], axis=0) * WEIGHTS["query"]
        return np.column_stack([_shared_out(sums, len(queries) * whole), *(added[role][places] for role in beside)])

    def shares(places: Units) -> Units:
        own = np.column_stack([one.scores[places] for one in queries]) * WEIGHTS["query"]
        return _shared_out(own, len(queries) * whole)

    nearest = np.argmin([one.days for one in queries], axis=0)

    def seen(places: Units) -> NDArray[np.float64]:
        known: NDArray[np.float64] = np.stack([one.features(places) for one in queries])
        chosen: NDArray[np.float64] = known[nearest[places], np.arange(len(places))]
        return chosen

    lead = askers[0]
    extend = lead.request.parameters.profile == "extend"
    return Scored(
        rows=scored[0].rows,
        scores=total,
        sureness=lead.evidence.ranker.calibration.probability(total / UNIT) if extend else total / UNIT,
        columns=(*scored[0].columns, *beside),
        parts=parts,
        days=np.min([one.days for one in queries], axis=0),
        features=seen,
        shares=shares,
    )


def _weighed(role: Role, scores: Sequence[Units], whole: int) -> Units:
    """What a role adds to each score: its share of the weighted mean."""
    return _rounded(np.sum(scores, axis=0) * WEIGHTS[role], len(scores) * whole)


def _shared_out(parts: Units, count: int) -> Units:
    """Each part divided by a count, so that the rounded parts of a row add up to its rounded sum."""
    return np.diff(_rounded(np.cumsum(parts, axis=1), count), axis=1, prepend=0)


def _rounded(sums: Units, count: int) -> Units:
    """Sums divided by a count, to the nearest unit, halves up."""
    return (2 * sums + count) // (2 * count)
