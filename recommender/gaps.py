"""Who is missing on the lists of the archive's rule: lists say something also of events that are not on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.corpus import Corpus
from recommender.evidence import Evidence

Ints = NDArray[np.int64]

LIMITS = frozenset({5, 10})
"""Lengths at which versions of the site cut their lists: such a list may have left somebody out."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """For each row, who would stand on its list, but does not.

    An event that is not on the list contradicts it, if it shares more than `least[row]` entities with the row, or just
    so many and comes after `floors[row]`; but only up to `ceilings[row]`. Where that is -1 the list says nothing.
    """

    least: Ints
    floors: Ints
    ceilings: Ints


def read_gaps(corpus: Corpus, evidence: Evidence) -> Gaps:
    """What each list of the archive's rule says of the events that are not on it; a list in another order says nothing.

    A list shorter than the archive's limit has room: whoever shares anything would stand on it. From a full one whoever
    ranks before its last item would not be missing. But nobody is missed who came after the list was made, and that
    was not before its newest event.
    """
    lengths = np.diff(corpus.list_starts)
    usual = int(np.bincount(lengths[lengths > 0]).argmax()) if lengths.any() else 0
    gaps = Gaps(*(np.full(len(corpus), -1, np.int64) for _ in range(3)))
    shared = np.diff(evidence.printed.starts)[evidence.item_sets]
    starts = np.flatnonzero(np.diff(evidence.pages, prepend=-1))
    ends = np.append(starts, len(evidence.pages))[1:]
    rows, number = evidence.pages[starts], ends - starts
    # Whether an item ranks below the one before it, on the same list.
    rank = shared * (len(corpus) + 1) + evidence.items
    falls = np.ones(len(rank), np.bool_)
    falls[1:] = rank[1:] < rank[:-1]
    falls[starts] = True
    by_rule = (number == lengths[rows]) & np.logical_and.reduceat(falls, starts) if len(starts) else number > 0
    full = (number >= usual) | np.isin(number, sorted(LIMITS))
    newest = np.maximum(rows, np.maximum.reduceat(evidence.items, starts)) if len(starts) else rows
    last = ends - 1
    gaps.least[rows[by_rule]] = np.where(full, shared[last], 1)[by_rule]
    gaps.floors[rows[by_rule]] = np.where(full, evidence.items[last], -1)[by_rule]
    gaps.ceilings[rows[by_rule]] = newest[by_rule]
    return gaps
