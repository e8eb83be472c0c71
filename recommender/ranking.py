"""Candidates → evidence → scores → fading → threshold → order → duplicates → diversity → the first few.

Each profile is one function from a query to scores; the order is total: score, then row. Scores are whole millionths.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.terms import TermVector
from models.trees import UNIT, TreeRanker, added
from recommender import candidates, duplicates, features
from recommender.diversity import Likeness, diversified
from recommender.entities import Query
from recommender.entity_features import Asked, Occurrences
from recommender.parameters import Parameters
from recommender.rule import ListRule, list_by_rule
from recommender.texts import Near, Texts, completed
from recommender.word_features import Stems

if TYPE_CHECKING:
    from recommender.index import Index

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

    @property
    def unfaded(self) -> NDArray[np.float64]:
        """The scores before `half_life_days` took anything away."""
        if FADE not in self.columns:
            return self.scores
        return self.scores - self.contributions[:, self.columns.index(FADE)]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The candidates of a query that may be listed, rows ascending, and their scores."""

    rows: NDArray[np.int64]
    scores: NDArray[np.int64]
    """In units."""
    sureness: NDArray[np.float64]
    """What `threshold` is compared with: the probability to be relevant by `extend`, the cosine by `cosine`."""
    columns: tuple[str, ...]
    parts: Callable[[NDArray[np.int64]], NDArray[np.int64]]
    """From places among the rows to what each column contributes to their scores, in units."""
    days: NDArray[np.int64]
    """Days between each and the query, the nearest one of several."""
    features: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    """From places among the rows to their evidence, columns as in `FEATURES`; of several queries of the nearest one."""
    shares: Callable[[NDArray[np.int64]], NDArray[np.int64]] | None = None
    """From places among the rows to what each of several queries adds to their scores, in units."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One query and what has been computed for it already."""

    row: int
    query: Query
    parameters: Parameters
    limit: int
    """Items at most: the archive's where the parameters give none."""
    near: Near
    """The eligible events with the nearest texts; none where the profile does not ask for them."""
    vector: NDArray[np.float32]
    """(dimensions,) the query's embedding."""
    terms: TermVector
    """The query's terms."""
    admitted: NDArray[np.bool_] | None = None
    """(events,) whom the filters let through; None where none is set."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What ranking needs of an index again and again."""

    index: "Index"
    ranker: TreeRanker
    idf: NDArray[np.float32]
    lengths: NDArray[np.float64]
    """Length of each event's vector of rarities."""
    group_parts: NDArray[np.int64]
    """(leaves of all trees, groups) what each group of features contributes on the way to a leaf, in units."""
    texts: Texts
    tables: features.Tables

    @classmethod
    def of(cls, index: "Index", ranker: TreeRanker) -> "Evidence":
        """Prepare an index for ranking."""
        entities, days = index.articles, index.corpus.days
        idf = entities.idf()
        lengths = candidates.entity_lengths(entities.event_starts, entities.event_entities, idf)
        texts = Texts.of(index.vectors, index.codes, days)
        occurrences = Occurrences.of(entities, days)
        graph, stems = index.graph, Stems.of(index.stems)
        tables = features.Tables(days, graph, graph.densities(), graph.reversed(), stems, occurrences)
        groups = [np.isin(ranker.features, names) for names in features.GROUPS.values()]
        parts = np.stack([ranker.leaf_parts[:, group].sum(axis=1) for group in groups], axis=1)
        return cls(index, ranker, idf, lengths, parts, texts, tables)


def rank(evidence: Evidence, request: Request) -> Ranking:
    """The best events for a query by its profile, below those that an editor wants first."""
    first = _wanted(evidence, request)
    below = replace(request, limit=request.limit - len(first))
    rank_others = _by_rule if request.parameters.profile == "reproduce" else _by_score
    ranking = _unscored(rank_others(evidence, below), first, len(first))
    return _filled(evidence, request, replace(ranking, chosen=len(first)), _settled(evidence, request))


def score(evidence: Evidence, request: Request) -> Scored:
    """The candidates of a query and their scores, by a profile that has scores."""
    return (_extend if request.parameters.profile == "extend" else _cosine)(evidence, request)


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
    return Ranking(rows, scores, (SHARED,), scores[:, None], _no_features(rows))


def group_contributions(evidence: Evidence, request: Request) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The candidates of a query, ascending rows, and (candidates, groups) what each group of features says, in units.

    By `extend`, without the request's own weights, fading or threshold.
    """
    rows, matrix = candidate_features(evidence, request)
    return rows, added(evidence.ranker.leaves(matrix, features.FEATURES), evidence.group_parts)


def candidate_features(evidence: Evidence, request: Request) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The candidates of a query, ascending rows, and their evidence, columns as in `FEATURES`.

    Whom a filter keeps out is no candidate, but where it would be one without the filter, the others are compared with
    it all the same: what is said of a candidate by its place in the pool does not change with the filter.
    """
    index, row, last_day = evidence.index, request.row, request.parameters.last_day
    days = index.corpus.days
    count = candidates.from_each_source(request.parameters.candidates)
    allowed = candidates.eligible(days, row, last_day)
    entities, sharing = candidates.entity_cosines(index.articles, request.query, evidence.idf, evidence.lengths)
    lexical = index.postings.similarities(request.terms, len(days))
    pool = np.zeros(len(days), np.bool_)
    pool[request.near.rows] = True
    for among in [allowed] if request.admitted is None else [allowed, allowed & request.admitted]:
        pool[candidates.best(entities, among, count, sharing)] = True
        pool[candidates.best(lexical, among, count)] = True
    rows = np.flatnonzero(pool)
    cosine = completed(index.vectors, request.vector, rows, request.near).astype(np.float64)
    similarity = features.Similarity(cosine, entities[rows], lexical[rows])
    visible = None
    if last_day is not None:
        visible = allowed
        visible[row] = True
    asked = Asked(row, request.query, evidence.idf, visible)
    matrix = features.feature_matrix(evidence.tables, asked, rows, similarity)
    if request.admitted is None:
        return rows, matrix
    kept = request.admitted[rows]
    return rows[kept], matrix[kept]


def _extend(evidence: Evidence, request: Request) -> Scored:
    """Embeddings, entities, words, names and time, weighed by trees; contributions are those of groups of features."""
    ranker = evidence.ranker
    rows, matrix = candidate_features(evidence, request)
    weights = dict(request.parameters.weights)

    def parts(places: NDArray[np.int64]) -> NDArray[np.int64]:
        found = added(ranker.leaves(matrix[places], features.FEATURES), evidence.group_parts)
        return weighed(found, weights) if weights else found

    # Weighed parts of the whole pool are needed only where there are weights: the trees' sums are faster.
    scores = parts(np.arange(len(rows))).sum(axis=1) if weights else ranker.scores_of(matrix, features.FEATURES)
    sureness = ranker.calibration.probability(scores / UNIT)
    apart = _apart(evidence, request, rows)
    return Scored(rows, scores, sureness, tuple(features.GROUPS), parts, apart, lambda places: matrix[places])


def weighed(parts: NDArray[np.int64], weights: Mapping[str, float]) -> NDArray[np.int64]:
    """(candidates, groups) contributions in units, each group's times its weight, 1 where it has none."""
    factors = np.array([weights.get(group, 1.0) for group in features.GROUPS])
    found: NDArray[np.int64] = np.rint(parts * factors).astype(np.int64)
    return found


def _cosine(evidence: Evidence, request: Request) -> Scored:
    """Embeddings alone."""
    kept = slice(None) if request.admitted is None else request.admitted[request.near.rows]
    rows = request.near.rows[kept]
    scores = np.rint(request.near.cosines[kept].astype(np.float64) * UNIT).astype(np.int64)
    apart = _apart(evidence, request, rows)
    return Scored(rows, scores, scores / UNIT, ("cosine",), lambda places: scores[places, None], apart, _no_features)


def _no_features(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is known of rows by a profile that looks at no features."""
    return np.zeros((len(rows), 0))


def _apart(evidence: Evidence, request: Request, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    days = evidence.index.corpus.days.astype(np.int64)
    apart: NDArray[np.int64] = np.abs(days[rows] - days[request.row])
    return apart


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


def faded_scores(
    ranker: TreeRanker, scores: NDArray[np.int64], apart: NDArray[np.float64], half_life_days: float
) -> NDArray[np.int64]:
    """Scores of `extend` in units after `half_life_days`, for candidates so many days apart from the query."""
    faded: NDArray[np.float64] = ranker.calibration.faded(scores / UNIT, apart, half_life_days)
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
    likeness = Likeness.of(evidence.index, evidence.idf, scored.rows[first])
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
