"""The evidence that an event is related, one named column each: a candidate's row of the feature matrix.

A column depends on query, candidate and index, some on the best of the pool too, none on how many are asked for. None
looks at an event that is not visible; rarities are those of the whole archive.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, read_only
from models.stems import StemTable
from recommender.entities import EntityIndex
from recommender.entity_features import ENTITY_COLUMNS, Occurrences, write_entities
from recommender.graph import Graph, Surroundings, write_neighbours
from recommender.word_features import WORD_COLUMNS, Stems, write_words

GROUPS: dict[str, tuple[str, ...]] = {
    "first": ("first", "first_rank", "first_gap", "query_first"),
    "text": ("cosine", "cosine_gap", "csls", "density", "query_density"),
    "neighbours": ("common_neighbours", "back_rank", "votes"),
    "words": (
        "lexical", "stems", "stems_of_query", "stems_of_candidate", "three_rarest",
        "word_shared", "word_of_query", "word_of_candidate", "word_rarest",
    ),
    "names": (
        "names_count", "name_shared", "name_of_query", "name_of_candidate", "name_rarest",
        "place_shared", "place_of_query", "place_of_candidate", "place_rarest",
    ),
    "entities": ("entities", "entities_of_query", "query_entities", "local_rarity"),
    "time": ("days", "signed_days", "anniversary", "query_month", "entity_month", "entity_steps"),
}  # fmt: skip
"""Columns by what they are evidence of; what the ranker says for them is shown by group.

first: a first score, cosine + 0.2 entities + 0.5 lexical, of which time takes away up to 0.3 with a half-life of
    30 days; the rank by it (log), its lead over the tenth of the pool, the mean of the pool's first three.
text: the cosine of the embeddings and its lead over the tenth of the pool; density, the mean cosine of an event's
    nearest 20 texts, of candidate and query; csls, twice the cosine less both densities (Conneau et al. 2018).
neighbours: among the nearest 20 texts, how many query and candidate have in common, the query's place among the
    candidate's, and how many of the query and the pool's first ten have the candidate among theirs.
words, names: lexical, the cosine of the TF-IDF vectors; stems, the same of stems; rarity of the shared stems as a sum,
    as shares of the query's and the candidate's, of the rarest and of the rarest three; words, names, places apart.
entities: cosine weighted by rarity; share of the query's rarity that is shared; number of the query's entities; the
    largest rarity, within a month of the query, of a shared one.
time: days between, days after, days to an anniversary; the share of the pool's likest events within a month of the
    query (query_month); the share of the shared entities' events within it (entity_month); how many events of a
    shared entity are nearer to the query (entity_steps, log).
"""

FEATURES = tuple(name for names in GROUPS.values() for name in names)
"""Columns of a feature matrix, in order."""

FIRST_ENTITIES, FIRST_LEXICAL, TIME_SHARE, HALF_LIFE_DAYS = 0.2, 0.5, 0.3, 30.0
MONTH = 30
_TENTH = 10
_BEST = 30

_FIRST = (
    "first", "first_rank", "first_gap", "query_first", "cosine", "cosine_gap", "lexical", "entities",
    "days", "signed_days", "anniversary", "query_month",
)  # fmt: skip
_GRAPH = ("density", "common_neighbours", "back_rank", "votes", "query_density", "csls")


def _places(names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([FEATURES.index(name) for name in names], np.int64)


_COLUMNS = len(FEATURES)
_FIRST_PLACES, _GRAPH_PLACES = _places(_FIRST), _places(_GRAPH)
_WORD_PLACES, _ENTITY_PLACES = _places(WORD_COLUMNS), _places(ENTITY_COLUMNS)


class Tables(NamedTuple):
    """What the columns are computed from, by kind."""

    days: NDArray[np.int32]
    kept: NDArray[np.float64]
    """What time leaves of a first score, by the number of days between, as far as days of the archive lie apart."""
    surroundings: Surroundings
    stems: Stems
    occurrences: Occurrences

    @classmethod
    def of(
        cls,
        days: NDArray[np.int32],
        graph: Graph,
        stems: StemTable,
        entities: tuple[EntityIndex, NDArray[np.float32]],
    ) -> Self:
        """Prepare what is known of all events; entities come with their rarities."""
        apart = np.arange(int(days.max()) - int(days.min()) + 1 if len(days) else 0, dtype=np.float64)
        kept = 1.0 - TIME_SHARE * (1.0 - np.exp2(-apart / HALF_LIFE_DAYS))
        around, occurrences = graph.surroundings(), Occurrences.of(entities[0], days, entities[1])
        days, kept = read_only(days, kept)
        return cls(days, kept, around, Stems.of(stems), occurrences)


@compiled
def feature_matrix(
    tables: Tables,
    row: int,
    asked: tuple[NDArray[np.int32], NDArray[np.int64]],
    visible: NDArray[np.bool_],
    everything: bool,
    rows: NDArray[np.int64],
    cosine: NDArray[np.float64],
    entities: NDArray[np.float64],
    lexical: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The evidence for candidates.

    Args:
        tables: What is known.
        row: The query.
        asked: Its entities, ascending; and (pairs, 2) rows and entities that must not be known of others.
        visible: (n,) which events may be looked at, the query among them.
        everything: Whether all are visible.
        rows: The candidates, ascending.
        cosine: How like the query each is by its text, and so on.
        entities: By its entities.
        lexical: By its terms.

    Returns:
        (candidates, features) in the order of `FEATURES`.
    """
    matrix = np.empty((len(rows), _COLUMNS), np.float64)
    first = np.empty(len(rows), np.float64)
    for i in range(len(rows)):
        kept = tables.kept[abs(int(tables.days[rows[i]]) - int(tables.days[row]))]
        first[i] = (cosine[i] + FIRST_ENTITIES * entities[i] + FIRST_LEXICAL * lexical[i]) * kept
    order = np.argsort(-first, kind="mergesort")
    _first_columns(tables, row, rows, cosine, entities, lexical, first, order, matrix)
    voters = np.empty(1 + min(_TENTH, len(rows)), np.int64)
    voters[0] = row
    for place in range(1, len(voters)):
        voters[place] = rows[order[place - 1]]
    write_neighbours(tables.surroundings, row, rows, voters, visible, everything, cosine, _GRAPH_PLACES, matrix)
    write_words(tables.stems, row, rows, _WORD_PLACES, matrix)
    write_entities(tables.occurrences, row, asked[0], asked[1], visible, everything, rows, _ENTITY_PLACES, matrix)
    return matrix


@compiled
def _kth_largest(values: NDArray[np.float64], k: int) -> float:
    """The k-th largest, the smallest of fewer, 0 of none; of few values: sorts what it needs."""
    largest = np.full(min(k, len(values)), -np.inf)
    for value in values:
        for place in range(len(largest)):
            if value > largest[place]:
                largest[place], value = value, largest[place]  # noqa: PLW2901
    return largest[-1] if len(largest) else 0.0


@compiled
def _first_columns(
    tables: Tables,
    row: int,
    rows: NDArray[np.int64],
    cosine: NDArray[np.float64],
    entities: NDArray[np.float64],
    lexical: NDArray[np.float64],
    first: NDArray[np.float64],
    order: NDArray[np.int64],
    matrix: NDArray[np.float64],
) -> None:
    n, days, logarithms, places = len(rows), tables.days, tables.occurrences.logarithms, _FIRST_PLACES
    likeness = cosine + FIRST_ENTITIES * entities + FIRST_LEXICAL * lexical
    few = min(n, 3)
    head = 0.0
    for place in range(few):
        head += first[order[place]]
    cut = _kth_largest(likeness, _BEST)
    above, month = 0, 0
    for i in range(n):
        if likeness[i] > cut:
            above += 1
            month += abs(int(days[rows[i]]) - int(days[row])) <= MONTH
    for i in range(n):
        if likeness[i] == cut and above < _BEST:
            above += 1
            month += abs(int(days[rows[i]]) - int(days[row])) <= MONTH
    tenth, tenth_cosine = _kth_largest(first, _TENTH), _kth_largest(cosine, _TENTH)
    for place in range(n):
        matrix[order[place], places[1]] = logarithms[place]
    for i in range(n):
        signed = int(days[rows[i]]) - int(days[row])
        apart = float(abs(signed))
        phase = apart % 365.25
        matrix[i, places[0]] = first[i]
        matrix[i, places[2]] = first[i] - tenth
        matrix[i, places[3]] = head / few
        matrix[i, places[4]] = cosine[i]
        matrix[i, places[5]] = cosine[i] - tenth_cosine
        matrix[i, places[6]] = lexical[i]
        matrix[i, places[7]] = entities[i]
        matrix[i, places[8]] = apart
        matrix[i, places[9]] = signed
        matrix[i, places[10]] = min(phase, 365.25 - phase) if apart > 200.0 else -1.0
        matrix[i, places[11]] = month / above
