"""The ranking of `extend` as plainly as it can be written: numpy over whole arrays, no bounds, nothing kept.

The compiled ranking must give the same to the last bit. Sums that have an order have it here too: `_sums` adds in the
order of its values, and a cosine adds the second half of its products to the first until one is left.
"""

import math

import numpy as np

from models.stems import KINDS, NAME, PLACE, WORD
from models.term_sums import COMMON_SHARE
from models.tree_scores import LEAVES
from recommender.candidates import WINDOWS, entity_lengths, from_each_source
from recommender.features import (
    FEATURES,
    FIRST_ENTITIES,
    FIRST_LEXICAL,
    HALF_LIFE_DAYS,
    MONTH,
    TIME_SHARE,
)
from recommender.graph import NEIGHBOURS


def cosines(vectors, query_vector, rows):
    products = vectors[rows].astype(np.float64) * query_vector.astype(np.float64)
    while products.shape[1] > 1:
        half = (products.shape[1] + 1) // 2
        products[:, : products.shape[1] - half] += products[:, half:]
        products = products[:, :half]
    return products[:, 0].astype(np.float32) if products.shape[1] else np.zeros(len(rows), np.float32)


def nearest(vectors, query_vector, k, allowed):
    """Rows, nearest first, equally near ones ascending; and their cosines."""
    rows = np.flatnonzero(allowed)
    found = cosines(vectors, query_vector, rows)
    order = np.lexsort((rows, -found))[: max(k, 0)]
    return rows[order], found[order]


def graph(vectors):
    """Rows of the nearest texts of every event, itself left out, and their cosines."""
    n = len(vectors)
    k = min(NEIGHBOURS, max(0, n - 1))
    neighbours, near = np.zeros((n, k), np.int32), np.zeros((n, k), np.float32)
    for row in range(n):
        neighbours[row], near[row] = nearest(vectors, vectors[row], k, np.arange(n) != row)
    return neighbours, near


def best(scores, allowed, count):
    rows = np.flatnonzero(allowed & (scores > 0.0))
    return rows[np.lexsort((rows, -scores[rows]))][:count]


def candidates(index, row, query, last_day=None, size=250):
    """Rows, matrix: what `scoring.candidate_features` gives."""
    days, articles = index.corpus.days, index.articles
    count = from_each_source(size)
    visible = np.ones(len(days), np.bool_) if last_day is None else days <= last_day
    allowed = visible.copy()
    allowed[row], visible[row] = False, True
    vector = index.vectors[row]
    apart = np.abs(days.astype(np.int64) - int(days[row]))
    masks = [allowed, *(allowed & (apart <= width) for width in WINDOWS)]
    near = [nearest(index.vectors, vector, count, mask)[0] for mask in masks]
    entities = entity_cosines(articles, query)
    lexical = term_cosines(index, row)
    rows = np.unique(np.concatenate([*near, best(entities, allowed, count), best(lexical, allowed, count)]))
    columns = {
        "cosine": cosines(index.vectors, vector, rows).astype(np.float64),
        "entities": entities[rows],
        "lexical": lexical[rows],
    }
    signed = days[rows].astype(np.float64) - float(days[row])
    columns |= {"signed_days": signed, "days": np.abs(signed)}
    phase = np.mod(columns["days"], 365.25)
    columns["anniversary"] = np.where(columns["days"] > 200, np.minimum(phase, 365.25 - phase), -1.0)
    columns |= word_columns(index.stems, row, rows)
    columns |= entity_columns(articles, days, row, query, visible, rows, columns["days"])
    order = first_columns(columns)
    neighbour_columns(index, row, rows, np.concatenate(([row], rows[order[:10]])), visible, columns)
    return rows, np.column_stack([columns[name] for name in FEATURES]).reshape(len(rows), len(FEATURES))


def entity_cosines(articles, query):
    idf = articles.idf()
    scores = np.zeros(articles.events, np.float64)
    for entity in query.entities:
        scores[articles.postings(int(entity))] += float(idf[entity]) * float(idf[entity])
    lengths = entity_lengths(articles.event_starts, articles.event_entities, idf)
    for row, entity in query.withheld:
        square = float(idf[entity]) * float(idf[entity])
        if entity in query.entities:
            scores[row] -= square
        lengths[row] = np.sqrt(max(lengths[row] ** 2 - square, 0.0))
    own = float(np.sqrt((idf[query.entities].astype(np.float64) ** 2).sum()))
    return np.divide(scores, lengths * own, out=np.zeros_like(scores), where=lengths * own > 0)


def term_cosines(index, row):
    vector, postings = index.terms.row_vector(row), index.postings
    sums = np.zeros(len(index.corpus), np.float64)
    spans = [slice(int(start), int(postings.starts[column + 1])) for column, start in
             zip(vector.columns.tolist(), postings.starts[vector.columns], strict=True)]  # fmt: skip
    rare = [span.stop - span.start < COMMON_SHARE * len(sums) for span in spans]
    for place in np.argsort(rare, kind="stable").tolist():  # common terms first
        span, weight = spans[place], vector.weights[place]
        sums[postings.rows[span]] += postings.weights[span] * weight
    return sums


def first_columns(columns):
    n = len(columns["days"])
    likeness = columns["cosine"] + FIRST_ENTITIES * columns["entities"] + FIRST_LEXICAL * columns["lexical"]
    first = likeness * (1.0 - TIME_SHARE * (1.0 - np.exp2(-columns["days"] / HALF_LIFE_DAYS)))
    order = np.argsort(-first, kind="stable")
    ranks = np.empty(n, np.float64)
    ranks[order] = np.arange(n)
    likest = np.argsort(-likeness, kind="stable")[:30]
    columns["first"], columns["first_rank"] = first, np.log1p(ranks)
    columns["first_gap"] = first - np.sort(first)[-10:][:1]
    columns["cosine_gap"] = columns["cosine"] - np.sort(columns["cosine"])[-10:][:1]
    columns["query_first"] = np.full(n, sum(first[order[:3]].tolist()) / max(1, min(n, 3)))
    columns["query_month"] = np.full(n, np.count_nonzero(columns["days"][likest] <= MONTH) / max(1, len(likest)))
    return order


def neighbour_columns(index, row, rows, voters, visible, columns):
    neighbours, near = index.graph.neighbours, index.graph.cosines.astype(np.float64)

    def density(events):
        seen = visible[neighbours[events]]
        sums = np.zeros(len(events))
        for place in range(neighbours.shape[1]):
            sums += np.where(seen[:, place], near[events, place], 0.0)
        return np.divide(sums, seen.sum(axis=1), out=np.zeros(len(events)), where=seen.any(axis=1))

    around = density(np.array([row]))[0]
    columns["density"], columns["query_density"] = density(rows), np.full(len(rows), around)
    columns["csls"] = 2.0 * columns["cosine"] - columns["density"] - around
    theirs = neighbours[rows]
    mine = [other for other in neighbours[row].tolist() if visible[other]]
    columns["common_neighbours"] = np.isin(theirs, mine).sum(axis=1).astype(np.float64)
    before = np.cumsum(visible[theirs], axis=1) - visible[theirs]
    columns["back_rank"] = np.where((theirs == row).any(axis=1), (before * (theirs == row)).sum(axis=1), NEIGHBOURS)
    columns["votes"] = np.bincount(neighbours[voters].ravel(), minlength=len(neighbours))[rows].astype(np.float64)


def _sums(owners, values, n):
    """(n,) sum of each owner's values, added in their order."""
    return np.bincount(owners, values, minlength=n).astype(np.float64)


def _share(part, whole, otherwise):
    return np.divide(part, whole, out=np.full(len(part), otherwise), where=whole > 0)


def word_columns(table, row, rows):
    n = len(rows)
    query = table.stems[table.starts[row] : table.starts[row + 1]]
    lengths = np.diff(table.starts)[rows]
    owners = np.repeat(np.arange(n), lengths)
    stems = np.concatenate(
        [np.zeros(0, np.int64), *(table.stems[table.starts[other] : table.starts[other + 1]] for other in rows)]
    ).astype(np.int64)

    def by_kind(stems, owners, n):
        return _sums(owners * KINDS + table.kinds[stems], table.idf[stems], n * KINDS).reshape(n, KINDS)

    def total(kinds):
        return kinds[:, 0] + kinds[:, 1] + kinds[:, 2] + kinds[:, 3]

    everything, squares = by_kind(stems, owners, n), _sums(owners, table.idf[stems] ** 2, n)
    own = by_kind(query, np.zeros(len(query), np.int64), 1)
    own_square = _sums(np.zeros(len(query), np.int64), table.idf[query] ** 2, 1)[0]
    both = np.isin(stems, query)
    stems, owners = stems[both], owners[both]
    idf, kinds = table.idf[stems], table.kinds[stems]
    shared = by_kind(stems, owners, n)
    three = [sorted(idf[owners == place].tolist(), reverse=True)[:3] for place in range(n)]
    columns = {
        "stems": _share(_sums(owners, idf**2, n), np.sqrt(squares * own_square), 0.0),
        "stems_of_query": _share(total(shared), np.full(n, total(own)[0]), 0.0),
        "stems_of_candidate": _share(total(shared), total(everything), 0.0),
        "names_count": np.bincount(owners[(kinds == NAME) | (kinds == PLACE)], minlength=n).astype(np.float64),
        "three_rarest": np.array([sum(values) for values in three]),
    }
    for name, kind in (("word", WORD), ("name", NAME), ("place", PLACE)):
        columns[f"{name}_shared"] = shared[:, kind]
        columns[f"{name}_of_query"] = _share(shared[:, kind], np.full(n, own[0, kind]), -1.0)
        columns[f"{name}_of_candidate"] = _share(shared[:, kind], everything[:, kind], -1.0)
        rarest = np.zeros(n)
        np.maximum.at(rarest, owners[kinds == kind], idf[kinds == kind])
        columns[f"{name}_rarest"] = rarest
    return columns


def entity_columns(articles, days, row, query, visible, rows, apart):
    n = len(rows)
    shared, month, rarity, steps = np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, 12.0)
    distances = np.abs(days.astype(np.int64) - int(days[row]))
    window = int(np.count_nonzero((distances <= MONTH) & visible))
    whole = 0.0
    for entity in query.entities.tolist():
        idf = float(articles.idf()[entity])
        whole += idf
        hidden = [other for other, withheld in query.withheld if withheld == entity]
        events = np.setdiff1d(articles.postings(entity), hidden)
        events = events[visible[events]]
        has = np.isin(rows, events)
        if not has.any():
            continue
        between = np.sort(distances[events])
        within = int(np.count_nonzero(between <= MONTH))
        shared[has] += idf
        month[has] += idf * within / len(events)
        rarity[has] = np.maximum(rarity[has], math.log1p(window / max(within, 1)))
        steps[has] = np.minimum(steps[has], np.log1p(np.searchsorted(between, apart[has], "left")))
    return {
        "entities_of_query": shared / whole if whole else shared,
        "entity_month": month / whole if whole else month,
        "local_rarity": rarity,
        "entity_steps": steps,
        "query_entities": np.full(n, float(len(query.entities))),
    }


def leaves(ranker, matrix):
    """Where every candidate ends in every tree: a plain walk down each."""
    found = np.zeros((len(matrix), len(ranker.content["trees"])), np.int64)
    for number, tree in enumerate(ranker.content["trees"]):
        order = _leaf_order(tree, 0)
        for i, values in enumerate(matrix.tolist()):
            node = 0
            while node >= 0:
                value = values[FEATURES.index(ranker.features[tree["feature"][node]])]
                node = tree["left" if value <= tree["threshold"][node] else "right"][node]
            found[i, number] = number * LEAVES + order.index(~node)
    return found


def _leaf_order(tree, node):
    """Leaves from left to right."""
    if node < 0:
        return [~node]
    return _leaf_order(tree, tree["left"][node]) + _leaf_order(tree, tree["right"][node])


def ranking(index, ranker, row, query, last_day=None, limit=10, size=250):
    """Rows, scores in units and contributions of features in units of the first few."""
    rows, matrix = candidates(index, row, query, last_day, size)
    ends = leaves(ranker, matrix)
    scores = ranker.leaf_values[ends].sum(axis=1)
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order], ranker.leaf_parts[ends[order]].sum(axis=1)
