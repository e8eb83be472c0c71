"""Why an event is on a list, in one plain sentence: `same story, 2 days later: Ali Khamenei, Tehran`.

First how the events belong together, as far as the evidence reaches; then the time between; then what carried it: at
most three shared labels, the rarest first, or where no entity is shared the rare words that both headlines have. Always
in English; labels and words are the archive's own, plain text that whoever renders it escapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.stems import StemTable, words_of_stems
from recommender.ranking import SHARED, Ranking
from recommender.storylines import PERHAPS_AT, RELATED_AT, STORY_AT, SURE_AT, Standing

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


EDITOR = "an editor's choice"
RECENT = "not known to be related, only recent"


class RareWords:
    """The rare words of one headline, for all that may share them.

    Rare is a stem on the rarer half of the way from those that every text has to those that one has.
    """

    def __init__(self, table: StemTable, stems: NDArray[np.int32], text: str) -> None:
        """Nothing is read before somebody asks.

        Args:
            table: The stems of all events.
            stems: Of the headline, ascending; those of a text that is no event may go beyond the table.
            text: The headline.
        """
        self._table, self._stems, self._text = table, stems, text

    def shared_with(self, row: int) -> tuple[str, ...]:
        """Those that the headline of an event has too, as the first one writes them, the rarest first."""
        own = set(self._table.of_text(row).tolist())
        both = [number for number in self._rarest_first if number in own][:MOST_SHOWN]
        return tuple(self._words[self._table.names[number]] for number in both)

    @cached_property
    def _rarest_first(self) -> list[int]:
        idf = self._table.idf
        least = (1.0 + float(idf.max(initial=1.0))) / 2.0
        known = self._stems[self._stems < len(idf)]
        rare = known[idf[known] >= least]
        ordered: list[int] = rare[np.argsort(-idf[rare], kind="stable")].tolist()
        return ordered

    @cached_property
    def _words(self) -> dict[str, str]:
        return words_of_stems(self._text)


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and an event on its list, as far as words and time tell."""

    days: int
    """Days after the query; negative is before."""
    shared: tuple[str, ...]
    """Labels of the entities that both have, rarest first."""
    row: int
    """The event."""
    words: RareWords
    """Of the query's headline."""


def tell(found: Ranking, place: int, standing: Standing | None, pair: Pair) -> str:
    """The reason of one row of a list.

    Args:
        found: The list, by any profile.
        place: Of the row, from 0.
        standing: How it stands to the query, None by profiles that look at no features.
        pair: The query and the event.
    """
    if found.is_chosen(place):
        return EDITOR
    if found.is_filled(place):
        return RECENT
    if found.columns == (SHARED,):
        return reason_of_reproduce(pair.shared)
    contributions = dict(zip(found.columns, found.contributions[place].tolist(), strict=True))
    if standing is None:
        return reason_of_cosine(contributions["cosine"])
    words = () if pair.shared else pair.words.shared_with(pair.row)
    return reason_of_extend(standing, pair.days, contributions, pair.shared, words)


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
