"""Scores → fading → threshold → order → duplicates → diversity → the first few, below whom editors want first.

The order is total: score, then row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.trees import UNIT
from recommender import candidates, duplicates
from recommender.diversity import Likeness, diversified
from recommender.requests import Evidence, Request
from recommender.rule import ListRule, list_by_rule
from recommender.scoring import Scored, faded_scores, no_features, score

SHARED = "shared"
"""The one contribution of the archive's own rule: the number of shared entities."""
TOP = 100
"""So far down a ranking near-duplicates are looked for and diversity reorders, whatever the limit."""
FADE = "fade"
"""The contribution that `half_life_days` adds: what age takes away."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Rows with their scores, best first, and what each column contributed."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    columns: tuple[str, ...]
    contributions: NDArray[np.float64]
    """One row a ranked row, one column a name; a row adds up to its score."""
    features: NDArray[np.float64]
    """One row a ranked row, columns as in `FEATURES`; no columns where the profile looks at no features."""
    probabilities: NDArray[np.float64] | None = None
    """Of each row to be relevant, before it fades; None where the profile knows none."""
    repeated: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Near-duplicates that do not stand on the list themselves, by the row that does or that asks."""
    shares: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    """Of several queries what each adds to the score of each row; the rest of the contributions comes on top."""
    chosen: int = 0
    """So many at the beginning are an editor's choice: their scores are NaN, their contributions 0."""
    filled: int = 0
    """So many at the end are no answer, only recent; as the chosen ones."""

    def is_chosen(self, place: int) -> bool:
        """Whether an editor put a row there."""
        return place < self.chosen

    def is_filled(self, place: int) -> bool:
        """Whether a row only fills the list."""
        return place >= len(self.rows) - self.filled

    @property
    def unfaded(self) -> NDArray[np.float64]:
        """The scores before `half_life_days` took anything away."""
        if FADE not in self.columns:
            return self.scores
        return self.scores - self.contributions[:, self.columns.index(FADE)]


def rank(evidence: Evidence, request: Request) -> Ranking:
    """The best events for a query by its profile, below those that an editor wants first."""
    rank_others = _by_rule if request.parameters.profile == "reproduce" else _by_score
    first = _wanted(evidence, request)
    if len(first):
        below = rank_others(evidence, replace(request, limit=request.limit - len(first)))
        ranking = replace(_unscored(below, first, len(first)), chosen=len(first))
    else:
        ranking = rank_others(evidence, request)
    return _filled(evidence, request, ranking, _settled(evidence, request))


def listed(evidence: Evidence, request: Request, scored: Scored, asking: Sequence[int]) -> Ranking:
    """The list that scores make; what editors want of a page's own list does not hold for it.

    Args:
        evidence: What ranking needs.
        request: Whose parameters hold.
        scored: The candidates.
        asking: Rows of all that ask: what repeats one of them is not listed.
    """
    nobody = np.zeros(0, np.int64)
    return _filled(evidence, request, _best(evidence, request, scored, asking, nobody), nobody)


def _by_score(evidence: Evidence, request: Request) -> Ranking:
    """The best by `extend` or `cosine`."""
    scored = score(evidence, request)
    return _best(evidence, request, scored, (request.row,), _settled(evidence, request))


def _best(
    evidence: Evidence, request: Request, scored: Scored, asking: Sequence[int], settled: NDArray[np.int64]
) -> Ranking:
    """The first of the scores, without those that are settled already."""
    parameters = request.parameters
    faded = _faded(evidence, request, scored)
    order = np.argsort(-faded, kind="stable")
    if parameters.threshold is not None:
        order = order[scored.sureness[order] >= parameters.threshold]
    if len(settled):
        order = order[~np.isin(scored.rows[order], settled)]
    order, repeated = _collapsed(evidence, request, scored, order, asking)
    order = _diversified(evidence, request, scored, faded, order)
    return _cut(request, scored, faded, order[: request.limit], repeated)


def _wanted(evidence: Evidence, request: Request) -> NDArray[np.int64]:
    """Whom an editor wants first, whatever filters say; not who is later than `as_of`."""
    first, last_day = evidence.index.wishes.first(request.row), request.parameters.last_day
    seen = first if last_day is None else first[evidence.index.corpus.days[first] <= last_day]
    return seen[: request.limit]


def _settled(evidence: Evidence, request: Request) -> NDArray[np.int64]:
    """Of whom an editor has said already that they stand on the list, or that they do not."""
    wishes = evidence.index.wishes
    return np.concatenate([wishes.first(request.row), wishes.never(request.row)])


def _by_rule(evidence: Evidence, request: Request) -> Ranking:
    """The archive's own rule."""
    index = evidence.index
    manifest, last_day = index.manifest, request.parameters.last_day
    admitted, settled = request.admitted, _settled(evidence, request)
    if len(settled):
        admitted = np.ones(len(index.corpus), np.bool_) if admitted is None else admitted.copy()
        admitted[settled] = False
    rule = ListRule(manifest.rule, manifest.story_bullets, request.limit, last_day, admitted)
    rows, counts = list_by_rule(index.corpus, index.entities, request.row, request.query, rule)
    scores = counts.astype(np.float64)
    return Ranking(rows, scores, (SHARED,), scores[:, None], no_features(rows))


def _faded(evidence: Evidence, request: Request, scored: Scored) -> NDArray[np.int64]:
    """The scores after `half_life_days`, in units: the probability is halved, or the cosine as far as it is above 0."""
    half_life = request.parameters.half_life_days
    if half_life is None:
        return scored.scores
    apart = scored.days.astype(np.float64)
    if request.parameters.profile == "extend":
        return faded_scores(evidence.ranker, scored.scores, apart, half_life)
    cosine = scored.scores / UNIT
    faded: NDArray[np.float64] = np.minimum(cosine, np.abs(cosine) * np.exp2(-apart / half_life))
    return np.rint(faded * UNIT).astype(np.int64)


def _collapsed(
    evidence: Evidence, request: Request, scored: Scored, order: NDArray[np.int64], asking: Sequence[int]
) -> tuple[NDArray[np.int64], Mapping[int, Sequence[int]]]:
    """The order without near-duplicates among its first, and who these are."""
    if request.parameters.duplicates == "keep":
        return order, {}
    first = scored.rows[order[:TOP]].tolist()
    index = evidence.index
    kept, repeated = duplicates.collapse(index.stems, index.corpus.days, asking, first)
    if len(kept) == len(first):
        return order, repeated
    stays = np.isin(first, kept)
    return np.concatenate([order[:TOP][stays], order[TOP:]]), repeated


def _diversified(
    evidence: Evidence, request: Request, scored: Scored, faded: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first of an order anew, as `diversity` asks; who comes next is the same for every limit."""
    diversity = request.parameters.diversity
    if not diversity:
        return order
    first = order[:TOP]
    scores = faded[first] / UNIT
    relevance = evidence.ranker.calibration.probability(scores) if request.parameters.profile == "extend" else scores
    likeness = Likeness.of(evidence.index, evidence.sharing.idf, scored.rows[first])
    return first[diversified(likeness, relevance, diversity, request.limit)]


def _cut(
    request: Request,
    scored: Scored,
    faded: NDArray[np.int64],
    places: NDArray[np.int64],
    repeated: Mapping[int, Sequence[int]],
) -> Ranking:
    """The list at last: these places among the candidates, in this order."""
    parts, columns = scored.parts(places), scored.columns
    if request.parameters.half_life_days is not None:
        parts = np.column_stack([parts, faded[places] - scored.scores[places]])
        columns = (*columns, FADE)
    probabilities = scored.sureness[places] if request.parameters.profile == "extend" else None
    shares = np.zeros((len(places), 0)) if scored.shares is None else scored.shares(places) / UNIT
    rows, scores, seen = scored.rows[places], faded[places] / UNIT, scored.features(places)
    return Ranking(rows, scores, columns, parts / UNIT, seen, probabilities, repeated, shares)


def _filled(evidence: Evidence, request: Request, ranking: Ranking, settled: NDArray[np.int64]) -> Ranking:
    """A list that is too short with the most recent events behind it, where `fallback` asks for them."""
    missing = request.limit - len(ranking.rows)
    if request.parameters.fallback == "none" or missing <= 0:
        return ranking
    days = evidence.index.corpus.days
    allowed = candidates.eligible(days, request.row, request.parameters.last_day)
    if request.admitted is not None:
        allowed &= request.admitted
    allowed[np.concatenate([ranking.rows, settled])] = False
    for repeated in ranking.repeated.values():
        allowed[list(repeated)] = False
    others = np.flatnonzero(allowed)
    recent = others[np.argsort(-days[others], kind="stable")][:missing]
    return replace(_unscored(ranking, recent, 0), filled=len(recent))


def _unscored(ranking: Ranking, rows: NDArray[np.int64], before: int) -> Ranking:
    """A ranking and rows that no score speaks for, the first few of them before it, the others behind it."""
    if not len(rows):
        return ranking
    unknown = np.full(len(rows), np.nan)

    def around(known: NDArray[Any], added: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([added[:before], known, added[before:]])

    return replace(
        ranking,
        rows=around(ranking.rows, rows),
        scores=around(ranking.scores, unknown),
        contributions=around(ranking.contributions, np.zeros((len(rows), len(ranking.columns)))),
        features=around(ranking.features, np.zeros((len(rows), ranking.features.shape[1]))),
        probabilities=None if ranking.probabilities is None else around(ranking.probabilities, unknown),
    )
