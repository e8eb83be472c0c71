"""Hard filters: who may be listed at all, before any score. They say nothing of what features may look at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.parameters import PARAMETERS, Parameters


def filtered(parameters: Parameters) -> bool:
    """Whether any filter is set; `as_of` is none of them, it is a wall for features too."""
    return bool(asked_filters(parameters))


def asked_filters(parameters: Parameters) -> dict[str, Any]:
    """The filters that are set, by name, as JSON values."""
    asked = {name: PARAMETERS[name] for name in ("include_newer", "before", "after", "max_age_days")}
    return {name: one.to_json(parameters) for name, one in asked.items() if getattr(parameters, name) != one.default}


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
