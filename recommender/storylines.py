"""Where a related event stands in the query's story: the same event, earlier, later, or background.

All of it follows from the score: `models.likelihood` says how likely a score at that distance in time is the same
story, `models.calibration` how probably it is related at all.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from models.likelihood import Likelihood
from recommender.features import FEATURES
from recommender.ranking import Ranking

Group = Literal["same event", "earlier", "later", "background"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order in which a grouped list has them. same event: of the same story, a day apart at most, in much the same
words; earlier, later: the rest of the same story, before and after the query's day (later, where it is the same day);
background: everything else."""

STORY_AT = 0.5
"""From this likelihood on it is the same story: as likely as not, or likelier."""
SURE_AT = 0.8
"""From this likelihood on nobody says `probably`."""
PERHAPS_AT = 0.3
"""From this likelihood on a background is perhaps the same story."""
RELATED_AT = 0.5
"""From this likelihood on it is related, if only as background; below, the evidence is weak."""
_SIGNED_DAYS, _STEMS = FEATURES.index("signed_days"), FEATURES.index("stems")
EVENT_DAYS = 1
EVENT_STEMS = 0.4
"""Of the feature `stems`: from here on an event of the same story and day is the same event."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a candidate stands to the query."""

    story: float
    """Likelihood of the same story."""
    related: float
    """Probability of the same story or real background, `Ranking.probabilities`."""
    group: Group


def standings(likelihood: Likelihood, found: Ranking) -> list[Standing | None]:
    """The standing of each row of a list; None where no score of `extend` put it there.

    Args:
        likelihood: What scores are worth.
        found: The list, by any profile.
    """
    if found.probabilities is None or not found.features.shape[1]:
        return [None] * len(found.rows)
    signed, stems = found.features[:, _SIGNED_DAYS], found.features[:, _STEMS]
    story = likelihood.story.at(found.unfaded, np.abs(signed))
    return [
        None if np.isnan(related) else Standing(same_story, related, _group(same_story, int(days), overlap))
        for same_story, related, days, overlap in zip(
            story.tolist(), found.probabilities.tolist(), signed.tolist(), stems.tolist(), strict=True
        )
    ]


def _group(story: float, days: int, stems: float) -> Group:
    if story < STORY_AT:
        return "background"
    if abs(days) <= EVENT_DAYS and stems >= EVENT_STEMS:
        return "same event"
    return "earlier" if days < 0 else "later"
