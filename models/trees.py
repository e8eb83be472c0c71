"""A ranker of boosted regression trees in numpy: exact scores, exact explanations.

`models.tree_scores` finds the leaves where candidates end.

Along its path a candidate's value changes from node to node, each time credited to the feature that was asked there
(Saabas, "Interpreting random forests", 2014); the score is the sum of these changes over all trees. Everything is
held in whole millionths, so contributions add up to the score without rounding, in any order of addition.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from models.tree_scores import ALL_LEAVES, FIRST_BIT, LEAVES, Tables, added, leaves_of, scores_of

UNIT = 1_000_000
"""One is so many units: scores have six decimals."""
_WIDTH = 64
"""Bytes that a processor combines at once: no tree is left over for a loop of its own."""

Split = tuple[int, float, int]
"""Feature, threshold, and the leaves that remain for whoever is above."""


@dataclass(frozen=True, slots=True, eq=False)
class TreeRanker:
    """Trees over named features."""

    features: tuple[str, ...]
    """The features that are asked."""
    tables: Tables
    leaf_parts: NDArray[np.int64]
    """(trees · LEAVES, features) units that each feature contributes on the way to a leaf."""
    leaf_values: NDArray[np.int64]
    """(trees · LEAVES,) their sums."""
    calibration: Calibration
    """How probable it is that a candidate of some score is relevant."""
    content: Mapping[str, Any]
    """What the file says: features, trees, calibration and where they come from."""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Build the tables from {"provenance": {…}, "calibration": {…}, "features": [names], "trees": [trees]}.

        A tree has for each inner node, the root first, its `feature` (a place among the names), the `threshold` (the
        largest value that goes left), both children in `left` and `right` (a node, or ~leaf) and its `value` in units;
        and for each leaf its value in `leaf`.

        Raises:
            ValueError: It is not such content.
        """
        try:
            features = tuple(map(str, content["features"]))
            trees = [_read_tree(tree, len(features)) for tree in content["trees"]]
            provenance, calibration = dict(content["provenance"]), dict(content["calibration"])
        except (KeyError, TypeError, IndexError, RecursionError, OverflowError) as error:
            raise ValueError(f"no trees: {error!r}") from None
        if not features or len(set(features)) < len(features) or not trees:
            raise ValueError(f"{len(features)} features and {len(trees)} trees, expected some of each, features once")
        splits: list[list[tuple[float, int, int]]] = [[] for _ in features]
        parts = np.zeros((len(trees) * LEAVES, len(features)), np.int64)
        for number, (paths, found) in enumerate(trees):
            parts[number * LEAVES : number * LEAVES + len(paths)] = paths
            for feature, threshold, mask in found:
                splits[feature].append((threshold, number, mask))
        tables = [_table(found, len(trees)) for found in splits]
        saved = {"provenance": provenance, "calibration": calibration, "features": list(features)}
        saved |= {"trees": content["trees"]}
        starts = np.cumsum([0, *(len(values) for values, _ in tables)]).astype(np.int64)
        thresholds, masks = (np.concatenate(several) for several in zip(*tables, strict=True))
        masks = np.pad(masks, ((0, 0), (0, -len(trees) % _WIDTH)), constant_values=ALL_LEAVES)
        tables_of_all = Tables(starts, thresholds, masks, FIRST_BIT)
        return cls(features, tables_of_all, parts, parts.sum(axis=1), Calibration.of(calibration), saved)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file of trees.

        Raises:
            ValueError: It is none; the message says what is wrong.
        """
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{path} is not a file of trees ({error})") from None

    @classmethod
    def bundled(cls, name: str) -> Self:
        """The trees that come with the package."""
        with resources.as_file(resources.files("models") / "weights" / f"{name}.json") as path:
            return cls.load(path)

    def save(self, path: Path) -> None:
        """Write a file of trees, one a line; the same ranker gives the same bytes."""
        head = {name: value for name, value in self.content.items() if name != "trees"}
        lines = [json.dumps(tree, separators=(",", ":")) for tree in self.content["trees"]]
        text = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
        path.write_text(text + ',\n  "trees": [\n' + ",\n".join(lines) + "\n  ]\n}\n", encoding="utf-8")

    @property
    def provenance(self) -> Mapping[str, Any]:
        """How the trees were found."""
        found: Mapping[str, Any] = self.content["provenance"]
        return found

    def leaves(self, matrix: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.int64]:
        """Where every candidate ends in every tree: (candidates, trees) rows of `leaf_values`.

        Args:
            matrix: (candidates, names) features.
            names: Of the columns, all that are asked among them.
        """
        return leaves_of(matrix, self._columns(names), *self.tables, len(self.leaf_values) // LEAVES)

    def scores(self, leaves: NDArray[np.int64]) -> NDArray[np.int64]:
        """(candidates,) scores in units, from where candidates end."""
        scores: NDArray[np.int64] = self.leaf_values[leaves].sum(axis=1)
        return scores

    def scores_of(self, matrix: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.int64]:
        """The same from features, see `leaves`: faster where nobody asks for the leaves."""
        return scores_of(matrix, self._columns(names), *self.tables, self.leaf_values)

    def contributions(self, leaves: NDArray[np.int64]) -> NDArray[np.int64]:
        """(candidates, features) what each feature adds to the score, in units; a row adds up to it exactly."""
        return added(leaves, self.leaf_parts)

    def _columns(self, names: Sequence[str]) -> NDArray[np.int64]:
        return _places_of(self.features, tuple(names))


@lru_cache(maxsize=16)
def _places_of(wanted: tuple[str, ...], names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([names.index(name) for name in wanted], np.int64)


def _read_tree(tree: Mapping[str, Any], features: int) -> tuple[list[NDArray[np.int64]], list[Split]]:
    """Of each leaf, from left to right, what the features contribute; and the splits."""
    paths: list[NDArray[np.int64]] = []
    splits: list[Split] = []
    nodes, leaves = len(tree["feature"]), len(tree["leaf"])

    def value(node: int) -> int:
        found = tree["value"][node] if node >= 0 else tree["leaf"][~node]
        if not isinstance(found, int):
            raise TypeError(f"a value is {found!r}, expected a whole number")
        return found

    def walk(node: int, path: NDArray[np.int64]) -> int:
        """The bits of the leaves below a node."""
        if node < 0:
            paths.append(path)
            return 1 << (len(paths) - 1)
        feature, threshold = tree["feature"][node], float(tree["threshold"][node])
        if not 0 <= feature < features or not math.isfinite(threshold) or len(paths) >= LEAVES:
            raise ValueError(f"node {node} asks feature {feature} about {threshold}")
        below = 0
        for side in ("left", "right"):
            step = path.copy()
            step[feature] += value(tree[side][node]) - value(node)
            found = walk(tree[side][node], step)
            if side == "left":
                splits.append((feature, threshold, ALL_LEAVES & ~found))
            below |= found
        return below

    walk(0, np.zeros(features, np.int64))
    if not 1 < len(paths) == leaves <= LEAVES or len(splits) != nodes:
        raise ValueError(f"a tree of {nodes} nodes and {leaves} leaves has {len(paths)} paths; at most {LEAVES}")
    return paths, splits


def _table(splits: Sequence[tuple[float, int, int]], trees: int) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Thresholds of one feature, and the leaves that remain above the first i of them; a split with its tree."""
    thresholds = np.unique(np.array([threshold for threshold, _, _ in splits], np.float64))
    masks = np.full((len(thresholds) + 1, trees), ALL_LEAVES, np.uint8)
    for threshold, tree, mask in splits:
        masks[np.searchsorted(thresholds, threshold) + 1 :, tree] &= np.uint8(mask)
    return thresholds, masks
