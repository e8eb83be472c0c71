"""Where candidates end in trees and what that adds up to, compiled.

A tree of at most 8 leaves is 8 bits. Every split that sends a candidate to the right rules out the leaves on its
left, and of what no split rules out the first is the leaf where the candidate ends (Lucchese et al., "QuickScorer",
SIGIR 2015). All splits on one feature form one sorted table, so a feature costs one pass over its thresholds and one
AND for all trees.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

LEAVES = 8
"""Leaves of a tree, at most."""
ALL_LEAVES = 0xFF
"""Every leaf of a tree."""
FIRST_BIT = np.array([0] + [(number & -number).bit_length() - 1 for number in range(1, 256)], np.uint8)


class Tables(NamedTuple):
    """The splits of all trees by feature."""

    starts: NDArray[np.int64]
    """Where the thresholds of each feature begin; one more than there are features."""
    thresholds: NDArray[np.float64]
    """The values that each feature is compared with, ascending, each once."""
    masks: NDArray[np.uint8]
    """(thresholds + features, at least as many as trees) for each feature one row more than it has thresholds: the
    leaves that remain for a value above the first i of them."""
    first_bit: NDArray[np.uint8]
    """(256,) the lowest bit of a byte."""


@compiled
def added(leaves: NDArray[np.int64], parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(candidates, columns) sums over the trees of what each leaf adds to each column.

    Args:
        leaves: (candidates, trees) rows of `parts`.
        parts: (leaves of all trees, columns).
    """
    sums = np.zeros((len(leaves), parts.shape[1]), np.int64)
    for i in range(len(leaves)):
        for leaf in leaves[i]:
            for column in range(parts.shape[1]):
                sums[i, column] += parts[leaf, column]
    return sums


@compiled
def leaves_of(
    matrix: NDArray[np.float64],
    columns: NDArray[np.int64],
    starts: NDArray[np.int64],
    thresholds: NDArray[np.float64],
    masks: NDArray[np.uint8],
    first_bit: NDArray[np.uint8],
    trees: int,
) -> NDArray[np.int64]:
    """(candidates, trees) the leaf where each candidate ends, see `TreeRanker.leaves`."""
    places = _places(matrix, columns, starts, thresholds)
    bits, leaves = np.empty(masks.shape[1], np.uint8), np.empty((len(matrix), trees), np.int64)
    for i in range(len(matrix)):
        _remaining(places[i], masks, bits)
        for tree in range(trees):
            leaves[i, tree] = tree * LEAVES + first_bit[bits[tree]]
    return leaves


@compiled
def scores_of(
    matrix: NDArray[np.float64],
    columns: NDArray[np.int64],
    starts: NDArray[np.int64],
    thresholds: NDArray[np.float64],
    masks: NDArray[np.uint8],
    first_bit: NDArray[np.uint8],
    values: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(candidates,) the sums of the values of these leaves."""
    trees = len(values) // LEAVES
    places = _places(matrix, columns, starts, thresholds)
    bits, scores = np.empty(masks.shape[1], np.uint8), np.empty(len(matrix), np.int64)
    for i in range(len(matrix)):
        _remaining(places[i], masks, bits)
        score = 0
        for tree in range(trees):
            score += values[tree * LEAVES + first_bit[bits[tree]]]
        scores[i] = score
    return scores


@compiled
def _places(
    matrix: NDArray[np.float64], columns: NDArray[np.int64], starts: NDArray[np.int64], thresholds: NDArray[np.float64]
) -> NDArray[np.int32]:
    """(candidates, features) the row of the masks for each value."""
    places = np.empty((len(matrix), len(columns)), np.int32)
    values, above = np.empty(len(matrix), np.float64), np.empty(len(matrix), np.int32)
    for feature in range(len(columns)):
        for i in range(len(matrix)):
            values[i], above[i] = matrix[i, columns[feature]], starts[feature] + feature
        for threshold in thresholds[starts[feature] : starts[feature + 1]]:  # few: counting is faster than halving
            for i in range(len(values)):
                above[i] += threshold < values[i]
        for i in range(len(above)):
            places[i, feature] = above[i]
    return places


@compiled
def _remaining(places: NDArray[np.int32], masks: NDArray[np.uint8], bits: NDArray[np.uint8]) -> None:
    """Of each tree the leaves that no split of one candidate rules out."""
    bits[:] = ALL_LEAVES
    for place in places:
        kept = masks[place]
        for tree in range(len(bits)):
            bits[tree] &= kept[tree]
