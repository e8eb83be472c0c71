"""Why one event is on a list, or why not: its place, its evidence feature by feature, and the gate that dropped it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Likelihood
from models.trees import UNIT, TreeRanker
from recommender import candidates, ranking
from recommender.entities import EntityIndex, rarest_first
from recommender.events import Event
from recommender.features import FEATURES, GROUPS
from recommender.gates import Case, Gate, SourcePlace, first_gate, is_after_as_of, is_query
from recommender.neighbours import cosines
from recommender.parameters import Parameters
from recommender.reasons import Pair, RareWords, tell
from recommender.requests import Evidence, Request
from recommender.rule import ListRule, criteria, order_by_rule
from recommender.storylines import Standing, standings
from recommender.texts import Near

TEXTS = ("texts", *(f"texts within {window} days" for window in candidates.WINDOWS))
"""Sources of the pool by their names: the nearest texts of all days and of each window, then entities and words."""


@dataclass(frozen=True, slots=True)
class SharedEntity:
    """An entity that both events have."""

    label: str
    events: int
    """How many events of the archive have it."""
    rarity: float
    """ln(1 + events of the archive / `events`)."""


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """One feature of the pair."""

    name: str
    group: str
    value: float
    contribution: float
    """What it adds to the score, exactly."""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one pair."""

    query: Event
    other: Event
    parameters: Parameters
    days: int
    """Days after the query; negative is before."""
    rank: int | None
    """On the list, from 1; None where it is not listed."""
    place: int | None
    """Among all candidates, from 1; None where it is no candidate."""
    ranked: int
    """The number of candidates."""
    score: float | None
    """By `extend` and `cosine` also of an event that is no candidate: what it would have as one."""
    contributions: dict[str, float]
    """What each kind of evidence adds to the score."""
    features: tuple[FeatureValue, ...]
    """None by profiles that look at no features."""
    standing: Standing | None
    reason: str | None
    shared: tuple[SharedEntity, ...]
    """Rarest first."""
    sources: tuple[SourcePlace, ...]
    criterion: str | None
    """By `reproduce`: what puts it behind the event that comes before it."""
    gate: Gate | None
    """The first that drops it, None where it is listed."""


def explain(
    evidence: Evidence,
    likelihood: Likelihood,
    request: Request,
    other: int,
    known: tuple[EntityIndex, int],
) -> Why:
    """The answer for a query and another event.

    Args:
        evidence: Of the index.
        likelihood: What scores are worth.
        request: The query.
        other: Row of the other event.
        known: Entities and sources that the profile knows.
    """
    corpus = evidence.index.corpus
    listed = ranking.rank(evidence, request)
    case = Case(evidence, request, other, listed)
    hidden = is_query(case) is not None or is_after_as_of(case) is not None
    order, found, criterion = _order(evidence, request, other, listed.rows.tolist())
    place = order.index(other) + 1 if other in order else None
    sources = () if hidden or case.by_rule else source_places(evidence, request, other)
    if not hidden and place is None and not case.by_rule:
        found = _as_candidate(evidence, request, other)
    if other in listed.rows:
        found = listed
    rank = listed.rows.tolist().index(other) + 1 if other in listed.rows else None
    at = found.rows.tolist().index(other) if other in found.rows else None
    shared = () if hidden else _shared(*known, request.row, other)
    days = int(corpus.days[other]) - int(corpus.days[request.row])
    stems = evidence.index.stems
    words = RareWords(stems, stems.of_text(request.row), corpus.texts[request.row])
    pair = Pair(days, tuple(entity.label for entity in shared), other, words)
    standing = None if at is None else standings(likelihood, found)[at]
    scored = at is not None and not np.isnan(found.scores[at])
    case = replace(
        case,
        place=place,
        ranked=len(order),
        probability=_sureness(found, at) if scored else None,
        sources=sources,
        criterion=criterion,
    )
    return Why(
        query=corpus.event(request.row),
        other=corpus.event(other),
        parameters=request.parameters,
        days=days,
        rank=rank,
        place=place,
        ranked=len(order),
        score=float(found.scores[at]) if scored else None,
        contributions=dict(zip(found.columns, found.contributions[at].tolist(), strict=True)) if scored else {},
        features=() if standing is None else feature_values(evidence.ranker, found.features[at], request.parameters),
        standing=standing,
        reason=None if at is None else tell(found, at, standing, pair),
        shared=shared,
        sources=sources,
        criterion=criterion,
        gate=None if rank is not None else first_gate(case),
    )


def _sureness(found: ranking.Ranking, at: int | None) -> float:
    """What `threshold` is compared with."""
    told = found.unfaded if found.probabilities is None else found.probabilities
    return float(told[at])


def feature_values(ranker: TreeRanker, values: NDArray[np.float64], parameters: Parameters) -> tuple[FeatureValue, ...]:
    """Every feature of one candidate with its value and its contribution, in the order of `GROUPS`.

    Contributions are exact; where `weights` are given, they are those of the trees times the weight of their group.
    """
    parts = ranker.contributions(ranker.leaves(values[None, :], FEATURES))[0]
    units = dict(zip(ranker.features, parts.tolist(), strict=True))
    weights = dict(parameters.weights)
    return tuple(
        FeatureValue(
            name, group, float(values[FEATURES.index(name)]), units.get(name, 0) * weights.get(group, 1.0) / UNIT
        )
        for group, names in GROUPS.items()
        for name in names
    )


def source_places(evidence: Evidence, request: Request, other: int) -> tuple[SourcePlace, ...]:
    """Where an event that may be listed stands in each source of the profile's pool."""
    index, row, parameters = evidence.index, request.row, request.parameters
    days = index.corpus.days
    allowed = candidates.eligible(days, row, parameters.last_day)
    apart = np.abs(days - days[row])
    masks = [allowed, *(allowed & (apart <= window) for window in candidates.WINDOWS)]
    texts = cosines(index.vectors, request.vector, np.arange(len(days))).astype(np.float64)
    if parameters.profile == "cosine":
        return (_source_place(TEXTS[0], texts, masks[0], other, parameters.candidates),)
    cut = candidates.from_each_source(parameters.candidates)
    positive = {
        "entities": evidence.sharing.cosines(request.query)[0],
        "words": evidence.words.cosines(request.terms, len(days)),
    }
    return (
        *(_source_place(name, texts, mask, other, cut) for name, mask in zip(TEXTS, masks, strict=True)),
        *(_source_place(name, values, masks[0] & (values > 0.0), other, cut) for name, values in positive.items()),
    )


def _source_place(
    name: str, similarity: NDArray[np.floating], allowed: NDArray[np.bool_], other: int, cut: int
) -> SourcePlace:
    own = similarity[other]
    before = allowed & ((similarity > own) | ((similarity == own) & (np.arange(len(allowed)) < other)))
    return SourcePlace(name, float(own), int(np.count_nonzero(before)) + 1 if allowed[other] else None, cut)


def _order(
    evidence: Evidence, request: Request, other: int, listed: Sequence[int]
) -> tuple[list[int], ranking.Ranking, str | None]:
    """All candidates in their order, their ranking, and by the archive's rule what puts the event behind another."""
    index, profile = evidence.index, request.parameters.profile
    whole = ranking.rank(evidence, _by_score_alone(evidence, request))
    if profile != "reproduce":
        return whole.rows.tolist(), whole, None
    manifest, corpus = index.manifest, index.corpus
    rule = ListRule(manifest.rule, manifest.story_bullets, request.limit, request.parameters.last_day)
    rows, counts = order_by_rule(corpus, index.entities, request.row, request.query, rule)
    order = rows.tolist()
    if other not in order or order[0] == other:
        return order, whole, None
    place = order.index(other)
    before = order[min(place, len(listed)) - 1]
    for name, values in criteria(corpus, counts, manifest.rule):
        ours, theirs = int(values[other]), int(values[before])
        if ours != theirs:
            shown = f" ({ours}, not {theirs})" if name == "shared entities" else ""
            last = "the last that is listed" if place >= len(listed) else "the event before it"
            return order, whole, f"{last} has a greater value of the criterion `{name}`{shown}"
    return order, whole, None


def _as_candidate(evidence: Evidence, request: Request, other: int) -> ranking.Ranking:
    """The ranking as it would be if the event were among the candidates, and no filter kept it out."""
    rows = np.union1d(request.near.rows, np.array([other], np.int64))
    near = Near(rows, cosines(evidence.index.vectors, request.vector, rows))
    return ranking.rank(evidence, replace(_by_score_alone(evidence, request), near=near, admitted=None))


def _by_score_alone(evidence: Evidence, request: Request) -> Request:
    """A request for all candidates in the order of their scores, with nothing after that."""
    parameters = replace(request.parameters, threshold=None, duplicates="keep", diversity=0.0, fallback="none")
    return replace(request, parameters=parameters, limit=len(evidence.index.corpus))


def _shared(entities: EntityIndex, sources: int, row: int, other: int) -> tuple[SharedEntity, ...]:
    idf = entities.idf()
    return tuple(
        SharedEntity(
            entities.labels[entity],
            int(entities.entity_starts[entity + 1] - entities.entity_starts[entity]),
            round(float(idf[entity]), 3),
        )
        for entity in rarest_first(entities, entities.common(row, other, sources))
    )
