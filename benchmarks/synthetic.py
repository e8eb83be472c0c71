"""Archives larger than the one there is, made of it: synthetic events with the statistics of real ones.

An archive of n events is the real one and further generations of it, all within its years, so that its days become
denser. What a generation takes over:

- days, texts and lists: as they are, under paths of its own;
- vectors: a real one turned towards a mixture of other real ones, so far that it is as near to the real one as that is
  to its nearest neighbour;
- entities, terms and stems: the commonest as they are, so that they become common in proportion; the rarest as new
  ones. How many are new follows from how the archive's vocabulary grows from one half of it to the whole (Heaps 1978).

Only vectors, words, entities and days are made for measuring: titles of new entities and words read `Chile~2`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.stems import weigh_stems
from models.terms import TermPostings, weigh_terms
from models.word_rows import WordRows
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.graph import Graph
from recommender.index import Index
from recommender.rough import Codes
from recommender.strings import StringTable, taken_spans
from recommender.wishes import Wishes

_BLOCK = 16_384
_MIXED = 32
"""Real vectors that a direction is mixed of."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """Who is made of whom."""

    rows: Ints
    """(n,) the real event of each synthetic one."""
    generations: Ints
    """(n,) 0 is the real event itself."""
    places: NDArray[np.int64]
    """(generations, events of the real archive) the synthetic event of each, -1 for none."""
    paths: StringTable


def grown(base: Index, events: int, seed: int) -> Index:
    """An archive's index with more events, or with fewer: a sample of real ones.

    Args:
        base: The real archive's.
        events: So many.
        seed: Of everything that is drawn.
    """
    random = np.random.default_rng(seed)
    copied = _copied(base, events, random)
    pages = replace(base.pages().taken(copied.rows), paths=copied.paths)
    vectors = _vectors(base, copied, random)
    term_rows, stem_rows = _words(base.term_rows, copied, random), _words(base.stem_rows, copied, random)
    terms, entities = weigh_terms(term_rows), _entities(base.entities, copied, random)
    keys = random.integers(0, 1 << 63, (events, 2)).astype(np.uint64)
    return replace(
        base,
        manifest=replace(
            base.manifest, archive=f"synthetic {events} {seed}", events=events, entities=len(entities.labels)
        ),
        corpus=Corpus.of(pages, language=base.corpus.language),
        entities=entities,
        articles=entities,
        terms=terms,
        postings=TermPostings.of(terms),
        stems=weigh_stems(stem_rows),
        graph=_graph(base.graph, copied, vectors),
        codes=Codes.of(vectors),
        text_keys=keys,
        vectors=vectors,
        wishes=Wishes.none(),
        details=pages.details,
        term_rows=term_rows,
        stem_rows=stem_rows,
    )


def _copied(base: Index, events: int, random: np.random.Generator) -> Copied:
    real = len(base.corpus)
    generations = math.ceil(events / real)
    rows = [np.arange(real)] * (generations - 1)
    rows.append(np.sort(random.choice(real, events - real * (generations - 1), replace=False)))
    slugs = [path.removesuffix(".md") for path in base.corpus.paths]
    named = sorted(
        (f"{slugs[row]}-{generation}.md" if generation else f"{slugs[row]}.md", row, generation)
        for generation, some in enumerate(rows)
        for row in some.tolist()
    )
    owners = np.array([row for _, row, _ in named], np.int64)
    numbers = np.array([generation for _, _, generation in named], np.int64)
    places = np.full((generations, real), -1, np.int64)
    places[numbers, owners] = np.arange(events)
    return Copied(owners, numbers, places, StringTable.of(path for path, _, _ in named))


def _vectors(base: Index, copied: Copied, random: np.random.Generator) -> NDArray[np.float32]:
    vectors = np.array(base.vectors)
    made = np.empty((len(copied.rows), vectors.shape[1]), np.float32)
    for start in range(0, len(made), _BLOCK):
        rows = copied.rows[start : start + _BLOCK]
        own = vectors[rows]
        other = _mixed(vectors, len(rows), random)
        aside = other - np.einsum("nd,nd->n", own, other)[:, None] * own
        aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-6)
        nearest = np.clip(base.graph.cosines[rows, 0], 0.0, 1.0)[:, None]
        turned = nearest * own + np.sqrt(1.0 - nearest**2) * aside
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-6)
        real = copied.generations[start : start + _BLOCK, None] == 0
        made[start : start + len(rows)] = np.where(real, own, turned)
    return made


def _mixed(vectors: NDArray[np.float32], count: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Directions that real vectors spread in, near to none of them."""
    mixed = np.zeros((count, vectors.shape[1]), np.float32)
    for _ in range(_MIXED):
        weights = random.standard_normal((count, 1), np.float32)
        mixed += weights * vectors[random.integers(0, len(vectors), count)]
    return mixed


def _rare(
    starts: Ints, numbers: Sequence[int] | NDArray[np.int32], copied: Copied, count: int, random: np.random.Generator
) -> Ints:
    """The numbers that are new ones in each further generation: the rarest, as many as Heaps' law asks for."""
    half = np.sort(random.choice(len(starts) - 1, (len(starts) - 1) // 2, replace=False))
    seen = len(np.unique(np.asarray(numbers)[taken_spans(starts, half)[1]]))
    frequency = np.bincount(numbers, minlength=count)
    times = len(copied.rows) / (len(starts) - 1)
    exponent = math.log2(np.count_nonzero(frequency) / seen)
    share = (times**exponent - 1.0) / (times - 1.0) if times > 1.0 else 0.0
    return np.sort(np.argsort(frequency, kind="stable")[: round(share * count)])


def _renewed(numbers: NDArray[np.int32], generations: Ints, rare: Ints, count: int) -> Ints:
    """Numbers where the rare ones of each further generation are new: behind all others, generation by generation."""
    place = np.full(count, -1, np.int64)
    place[rare] = np.arange(len(rare))
    new = (generations > 0) & (place[numbers] >= 0)
    return np.where(new, count + (generations - 1) * len(rare) + place[numbers], numbers)


def _words(real: WordRows, copied: Copied, random: np.random.Generator) -> WordRows:
    count = len(real.words)
    rare = _rare(real.starts, real.numbers, copied, count, random)
    starts, taken = taken_spans(real.starts, copied.rows)
    generations = np.repeat(copied.generations, np.diff(starts))
    used, numbers = np.unique(_renewed(real.numbers[taken], generations, rare, count), return_inverse=True)
    words = [real.words[place] for place in range(count)]
    names = [
        words[number]
        if number < count
        else f"{words[rare[(number - count) % len(rare)]]}~{(number - count) // len(rare)}"
        for number in used.tolist()
    ]
    order = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    ordered = StringTable.of(names[place] for place in order.tolist())
    return WordRows(starts, ranks[numbers], real.flags[taken], ordered)


def _entities(real: EntityIndex, copied: Copied, random: np.random.Generator) -> EntityIndex:
    count, events = len(real), len(copied.rows)
    rare = _rare(real.event_starts, real.event_entities, copied, count, random)
    further = len(copied.places) - 1
    total = count + further * len(rare)
    starts, taken = taken_spans(real.event_starts, copied.rows)
    owners = np.repeat(np.arange(events), np.diff(starts))
    numbers = _renewed(real.event_entities[taken], copied.generations[owners], rare, count)
    order = np.lexsort((numbers, owners))
    numbers, sources = numbers[order].astype(np.int32), real.event_sources[taken][order]
    by_entity = np.argsort(numbers, kind="stable")
    linked = np.repeat(np.arange(count, dtype=np.int32), np.diff(real.link_starts))
    links = []
    for generation, places in enumerate(copied.places):
        pages, items = places[real.link_pages], places[real.link_items]
        both = (pages >= 0) & (items >= 0)
        generations = np.full(both.sum(), generation)
        links.append(np.stack((_renewed(linked[both], generations, rare, count), pages[both], items[both])))
    told = np.concatenate(links, axis=1)
    told = told[:, np.lexsort((told[2], told[1], told[0]))]
    return replace(
        real,
        labels=real.labels.taken(np.concatenate((np.arange(count), np.tile(rare, further)))),
        largest=np.concatenate((real.largest, np.arange(count, total, dtype=np.int32))),
        event_starts=starts,
        event_entities=numbers,
        event_sources=sources,
        entity_starts=_starts(numbers, total),
        entity_events=owners[by_entity].astype(np.int32),
        entity_sources=sources[by_entity],
        link_starts=_starts(told[0], total),
        link_pages=told[1].astype(np.int32),
        link_items=told[2].astype(np.int32),
    )


def _starts(numbers: NDArray[np.integer], count: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(numbers, minlength=count)))).astype(np.int64)


def _graph(real: Graph, copied: Copied, vectors: NDArray[np.float32]) -> Graph:
    """Of a sample, found; of more, each event's neighbours within its generation: all pairs would take an hour."""
    if len(copied.places) == 1:
        return Graph.of(vectors)
    named = real.neighbours[copied.rows]
    own = copied.places[copied.generations[:, None], named]
    neighbours = np.where(own >= 0, own, copied.places[0][named]).astype(np.int32)
    return Graph(neighbours, np.array(real.cosines[copied.rows]))
