"""Hard filters: who may be listed at all, before any score. They say nothing of what features may look at."""

import numpy as np
from numpy.typing import NDArray

from recommender.parameters import Parameters


def filtered(parameters: Parameters) -> bool:
    """Whether any filter is set; `as_of` is none of them, it is a wall for features too."""
    asked = (parameters.before, parameters.after, parameters.max_age_days)
    return not parameters.include_newer or any(one is not None for one in asked)


def admitted(days: NDArray[np.int32], day: int, parameters: Parameters) -> NDArray[np.bool_]:
    """Which events the filters let through.

    Args:
        days: Ordinal of each event's day.
        day: That of the query.
        parameters: `before` and `after` exclude their own day; `max_age_days` counts to either side of the query's.
    """
    passed = np.ones(len(days), np.bool_)
    if not parameters.include_newer:
        passed &= days <= day
    if parameters.before is not None:
        passed &= days < parameters.before.toordinal()
    if parameters.after is not None:
        passed &= days > parameters.after.toordinal()
    if parameters.max_age_days is not None:
        passed &= np.abs(days - day) <= parameters.max_age_days
    return passed
