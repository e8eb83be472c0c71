"""Evidence from words: the stems that a candidate's headline shares with the query's, by their kind."""

import numpy as np
from numpy.typing import NDArray

from models.stems import KINDS, NAME, PLACE, WORD, StemTable

_NAMED = (("word", WORD), ("name", NAME), ("place", PLACE))
_RAREST = 3


def word_columns(table: StemTable, row: int, rows: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Columns of `words` and `names` in `features.GROUPS`, without `lexical`; -1 where a share is of nothing.

    Args:
        table: The stems of all events.
        row: The query.
        rows: The candidates.
    """
    n = len(rows)
    query = table.stems[int(table.starts[row]) : int(table.starts[row + 1])]
    places, owners = _entries(table.starts, rows)
    stems = table.stems[places]
    everything = _by_kind(table, stems, owners, n)
    squares = _sums(owners, table.idf[stems] ** 2, n)
    asked = np.zeros(len(table.idf), np.bool_)
    asked[query] = True
    both = asked[stems]
    stems, owners = stems[both], owners[both]
    idf, kinds = table.idf[stems], table.kinds[stems]
    shared = _by_kind(table, stems, owners, n)
    own = _by_kind(table, query, np.zeros(len(query), np.int64), 1)[0]
    own_square = float((table.idf[query] ** 2).sum())
    columns = {
        "stems": _share(_sums(owners, idf**2, n), np.sqrt(squares * own_square), 0.0),
        "stems_of_query": _share(shared.sum(axis=1), np.full(n, own.sum()), 0.0),
        "stems_of_candidate": _share(shared.sum(axis=1), everything.sum(axis=1), 0.0),
        "names_count": np.bincount(owners[(kinds == NAME) | (kinds == PLACE)], minlength=n).astype(np.float64),
        "three_rarest": _rarest_sum(owners, idf, n),
    }
    for name, kind in _NAMED:
        columns[f"{name}_shared"] = shared[:, kind]
        columns[f"{name}_of_query"] = _share(shared[:, kind], np.full(n, own[kind]), -1.0)
        columns[f"{name}_of_candidate"] = _share(shared[:, kind], everything[:, kind], -1.0)
        rarest = np.zeros(n)
        np.maximum.at(rarest, owners[kinds == kind], idf[kinds == kind])
        columns[f"{name}_rarest"] = rarest
    return columns


def _entries(starts: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of all entries of some rows of a compressed table, and which of the rows owns each."""
    first = np.asarray(starts[rows])
    lengths = starts[rows + 1] - first
    owners = np.repeat(np.arange(len(rows)), lengths)
    return np.arange(len(owners)) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths), owners


def _by_kind(table: StemTable, stems: NDArray[np.int32], owners: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """(n, KINDS) summed rarity of each owner's stems."""
    keys = owners * KINDS + table.kinds[stems]
    return _sums(keys, table.idf[stems], n * KINDS).reshape(n, KINDS)


def _sums(owners: NDArray[np.int64], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """(n,) sum of each owner's values, added in their order."""
    return np.bincount(owners, values, minlength=n).astype(np.float64)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64], otherwise: float) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(part), otherwise), where=whole > 0)
    return shares


def _rarest_sum(owners: NDArray[np.int64], idf: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Summed rarity of each owner's rarest three."""
    order = np.lexsort((-idf, owners))
    owners, idf = owners[order], idf[order]
    place = np.arange(len(owners)) - np.searchsorted(owners, owners)
    return _sums(owners[place < _RAREST], idf[place < _RAREST], n)
