"""Why an event is on a list, in one plain sentence: `same story, 2 days later: Ali Khamenei, Tehran`.

First how the events belong together, as far as the evidence reaches; then the time between; then what carried it: at
most three shared labels, the rarest first, or where no entity is shared the rare words that both headlines have. Always
in English; labels and words are the archive's own, plain text that whoever renders it escapes.
"""

from collections.abc import Mapping, Sequence

from models.likelihood import Likelihood
from models.stems import StemTable, words_of_stems
from recommender.index import Index
from recommender.ranking import SHARED, Ranking
from recommender.storylines import PERHAPS_AT, RELATED_AT, STORY_AT, SURE_AT, Group, Standing, standings

MOST_SHOWN = 3
NEAR_DAYS = 30
"""So far apart `near in time` is still true."""
LITTLE_COSINE = 0.4
"""Below, readers graded less than a tenth of the candidates in judged-train 2 or 3."""
_MONTH_DAYS, _YEAR_DAYS = 30.44, 365.25
_EXACT_DAYS, _EXACT_MONTHS = 60, 24

_EVIDENCE = {
    "same subject": ("names", "entities"),
    "similar wording": ("text", "neighbours", "words"),
    "near in time": ("time",),
}
"""What weak evidence is called, and the groups of features whose contributions speak for it."""


def tell(
    index: Index, likelihood: Likelihood, row: int, found: Ranking, shared: Sequence[Sequence[str]]
) -> list[tuple[str, Group | None]]:
    """The reason of each ranked event and its group, None where the profile looks at no features.

    Args:
        index: What is known.
        likelihood: What scores are worth.
        row: The query.
        found: The events, by any profile.
        shared: Of each the labels that it shares with the query, rarest first.
    """
    if found.columns == (SHARED,):
        return [(reason_of_reproduce(labels), None) for labels in shared]
    if not found.features.shape[1]:
        return [(reason_of_cosine(cosine), None) for cosine in found.contributions[:, 0].tolist()]
    corpus, told = index.corpus, list[tuple[str, Group | None]]()
    for other, standing, parts, labels in zip(
        found.rows.tolist(),
        standings(likelihood, found.scores, found.features),
        found.contributions.tolist(),
        shared,
        strict=True,
    ):
        days = int(corpus.days[other]) - int(corpus.days[row])
        words = () if labels else shared_words(index.stems, row, other, (corpus.texts[row], corpus.texts[other]))
        contributions = dict(zip(found.columns, parts, strict=True))
        told.append((reason_of_extend(standing, days, contributions, labels, words), standing.group))
    return told


def time_apart(days: int) -> str:
    """How far after or before the query an event was, in words: in days, then in months, from two years on in years."""
    if days == 0:
        return "same day"
    count, unit = abs(days), "day"
    if count > _EXACT_DAYS:
        count, unit = round(abs(days) / _MONTH_DAYS), "month"
        if count >= _EXACT_MONTHS:
            count, unit = round(abs(days) / _YEAR_DAYS), "year"
    return f"{count} {unit}{'s' * (count != 1)} {'later' if days > 0 else 'earlier'}"


def shared_words(table: StemTable, row: int, other: int, texts: tuple[str, str]) -> tuple[str, ...]:
    """The rare words that two headlines have in common, as the first writes them, rarest first.

    Rare is a stem on the rarer half of the way from those that every text has to those that one has.

    Args:
        table: The stems of all events.
        row: One event.
        other: The other.
        texts: The headlines of both.
    """
    words = words_of_stems(table, row, texts[0])
    both = [number for number in words_of_stems(table, other, texts[1]) if number in words]
    least = (1.0 + float(table.idf.max(initial=1.0))) / 2.0
    rare = sorted((-float(table.idf[number]), number) for number in both if table.idf[number] >= least)
    return tuple(words[number] for _, number in rare[:MOST_SHOWN])


def reason_of_extend(
    standing: Standing, days: int, contributions: Mapping[str, float], shared: Sequence[str], words: Sequence[str]
) -> str:
    """The sentence for a row of `extend`.

    Args:
        standing: How the events stand to each other.
        days: Days after the query; negative is before.
        contributions: What each group of features adds to the score.
        shared: Labels of the shared entities, rarest first.
        words: Shared rare words, rarest first.
    """
    kind = _kind(standing, days, contributions, shares=bool(shared))
    sentence = f"{kind}, {time_apart(days)}"
    if shared:
        return f"{sentence}: {', '.join(shared[:MOST_SHOWN])}"
    if words:
        return f"{sentence}; no shared entity, but both say {', '.join(words[:MOST_SHOWN])}"
    return f"{sentence}; no shared entity or rare word"


def _kind(standing: Standing, days: int, contributions: Mapping[str, float], *, shares: bool) -> str:
    if standing.group == "same event":
        return "same event"
    if standing.story >= SURE_AT:
        return "same story"
    if standing.story >= STORY_AT:
        return "probably the same story"
    if standing.story >= PERHAPS_AT:
        return "background, perhaps the same story"
    if standing.related >= RELATED_AT:
        return "background"
    possible = [
        (sum(contributions[group] for group in groups), kind)
        for kind, groups in _EVIDENCE.items()
        if (kind != "same subject" or shares) and (kind != "near in time" or abs(days) <= NEAR_DAYS)
    ]
    return f"weak evidence, {max(possible)[1]}"


def reason_of_reproduce(shared: Sequence[str]) -> str:
    """The sentence for a row of the archive's own rule: how many entities are shared, and the rarest of them."""
    count = f"{len(shared)} entit{'y' if len(shared) == 1 else 'ies'}"
    more = ", …" if len(shared) > MOST_SHOWN else ""
    return f"shares {count}: {', '.join(shared[:MOST_SHOWN])}{more}"


def reason_of_cosine(cosine: float) -> str:
    """The sentence for a row of `cosine`, which looks at nothing else."""
    return f"{'hardly ' * (cosine < LITTLE_COSINE)}similar wording ({cosine:.2f})"
