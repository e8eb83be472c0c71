"""Where new events matter: which lists could name one of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.requests import known_to

DEPTH = 30
"""So far down a new event's own ranking; docs/performance.md says what share of the lists that name it this reaches."""


def rows_around(recommender: Recommender, rows: Sequence[int], parameters: Parameters) -> NDArray[np.int64]:
    """The events whose lists could name one of some events, without these, ascending.

    By `reproduce` these are all that share an entity with one of them: nobody else can list it. By the other profiles
    whoever ranks an event high mostly stands high on its ranking, too, or has its text among the nearest.

    Args:
        recommender: From an index in which the events are.
        rows: The events.
        parameters: Of the lists.
    """
    index = recommender.index
    if parameters.profile == "reproduce":
        entities, sources = known_to(index, parameters.profile)
        own = {entity for row in rows for entity in entities.entities(row, sources).tolist()}
        found = [entities.postings(entity, sources).astype(np.int64) for entity in sorted(own)]
    else:
        # Filters and thresholds are about who is listed, and here nobody is yet.
        asked = Parameters(profile=parameters.profile, limit=DEPTH, as_of=parameters.as_of, weights=parameters.weights)
        asked = replace(asked, candidates=max(asked.candidates, parameters.candidates))
        found = [ranking.rows for _, ranking in recommender.rankings(sorted(rows), asked)]
        is_one = np.zeros(len(index.corpus), np.bool_)
        is_one[list(rows)] = True
        found.append(np.flatnonzero(is_one[index.graph.neighbours].any(axis=1)).astype(np.int64))
    around: NDArray[np.int64] = np.setdiff1d(np.concatenate([rows, *found]).astype(np.int64), rows)
    return around
