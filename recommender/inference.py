"""What the archive says, and what its headlines say → the entities of every event."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.ascending import counted, is_among, once
from models.word_rows import WordRows
from recommender.configuration import Labels
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.evidence import Evidence, Mentions, Source, expanded
from recommender.gaps import read_gaps
from recommender.labels import name_of, title_label
from recommender.merging import merge_names, titles_of_words
from recommender.redirects import merge_titles
from recommender.senses import Senses, split_senses
from recommender.spotting import Names, cut_names, learn_names
from recommender.strings import StringTable
from recommender.title_links import Link

Ints = NDArray[np.int64]

_FLAGS = 1 << max(Source).bit_length()
"""More than all flags of sources together."""


def infer_entities(
    corpus: Corpus,
    evidence: Evidence,
    *,
    labels: Labels = "title",
    redirects: bool = False,
    headlines: WordRows | None = None,
) -> EntityIndex:
    """Infer every event's entities.

    Args:
        corpus: The events.
        evidence: What the archive says of them, `evidence.gather`.
        labels: How entities of records are to be printed.
        redirects: Whether titles of records that are one article are one entity; the site's rule keeps them apart.
        headlines: The corpus's texts, cut by `spotting.cut_names`; cut here if None.
    """
    headlines = headlines or WordRows.of(corpus.texts, cut_names)
    all_labels, names = _names(evidence, redirects=redirects)
    numbers = {label: number for number, label in enumerate(all_labels)}
    mentions = evidence.mentions(numbers)
    items = _listed_names(evidence, numbers, names)
    senses = _senses(corpus, evidence, (numbers, names), mentions, items)
    count = len(senses.largest)
    entities = senses.of(mentions.rows, names[mentions.labels])
    printed, times = counted(entities * (len(numbers) or 1) + mentions.labels)
    of_entity, label = np.divmod(printed, len(numbers) or 1)
    told, told_sources = _joined(mentions.rows * (count or 1) + entities, mentions.sources)
    anchors = [
        (all_labels[one], mean) for one, mean in zip(label.tolist(), senses.largest[of_entity].tolist(), strict=True)
    ]
    spoken = _spoken_names(headlines, evidence, anchors, told, count)
    spotted = _spotted(headlines, evidence, spoken, senses.largest, told)
    pairs, flags = _joined(
        np.concatenate((told, spotted)),
        np.concatenate((told_sources, np.full(len(spotted), Source.SPOTTED, np.int64))),
    )
    rows, entities = np.divmod(pairs, count or 1)
    by_entity = np.argsort(entities, kind="stable")
    # The commonest label of each entity, of equals the first.
    order = np.lexsort((label, -times, of_entity))
    commonest = label[order[np.searchsorted(of_entity, np.arange(count))]]

    def entity_of(row: int, title: str) -> int:
        return int(senses.of(np.array([row]), names[[numbers[title]]])[0])

    recorded = _recorded(corpus, evidence, labels, entity_of)
    shown = [recorded.get(entity) or all_labels[one] for entity, one in enumerate(commonest.tolist())]
    link_entities, link_pages, link_items = _links_by_entity(senses, items, len(corpus))
    return EntityIndex(
        labels=StringTable.of(shown),
        largest=senses.largest.astype(np.int32),
        event_starts=_starts(rows, len(corpus)),
        event_entities=entities.astype(np.int32),
        event_sources=flags.astype(np.uint8),
        entity_starts=_starts(entities[by_entity], count),
        entity_events=rows[by_entity].astype(np.int32),
        entity_sources=flags[by_entity].astype(np.uint8),
        link_starts=_starts(link_entities, count),
        link_pages=link_pages.astype(np.int32),
        link_items=link_items.astype(np.int32),
        name_forms=StringTable.of(sorted(spoken.entities)),
        name_entities=np.array([spoken.entities[form] for form in sorted(spoken.entities)], np.int32),
    )


class _ListedNames(NamedTuple):
    """For each label of each item of a list the event whose list it is, the event that it names, and the name."""

    pages: Ints
    items: Ints
    names: Ints


def _listed_names(evidence: Evidence, numbers: Mapping[str, int], names: Ints) -> _ListedNames:
    starts, labels = evidence.numbered(numbers)
    places, found = expanded(starts, names[labels], evidence.item_sets)
    return _ListedNames(evidence.pages[places], evidence.items[places], found)


def _links_by_entity(senses: Senses, listed: _ListedNames, events: int) -> tuple[Ints, Ints, Ints]:
    """Entity, list and item of every label of every item, each once, ascending."""
    entities = senses.of(listed.pages, listed.names)
    links = once((entities * events + listed.pages) * events + listed.items)
    ahead, items = np.divmod(links, events or 1)
    found, pages = np.divmod(ahead, events or 1)
    return found, pages, items


def _joined(pairs: Ints, sources: Ints) -> tuple[Ints, Ints]:
    """Each pair once, ascending, with all its sources."""
    if not len(pairs):
        return pairs, sources
    told, told_sources = np.divmod(once(pairs * _FLAGS + sources), _FLAGS)
    starts = np.flatnonzero(np.diff(told, prepend=-1))
    joined: Ints = np.bitwise_or.reduceat(told_sources, starts)
    return told[starts], joined


def _recorded(
    corpus: Corpus, evidence: Evidence, labels: Labels, entity_of: Callable[[int, str], int]
) -> dict[int, str]:
    """How entities of records are printed: the commonest title, or the words of the newest event's link."""
    titles: defaultdict[int, Counter[str]] = defaultdict(Counter)
    words: dict[int, str] = {}
    for row in sorted(evidence.recorded, key=lambda row: (int(corpus.days[row]), row)):
        for title, text in evidence.recorded[row].items():
            entity = entity_of(row, title)
            titles[entity][title_label(title)] += 1
            words[entity] = text.strip() or title_label(title)
    return words if labels == "anchor" else {entity: _commonest(counts) for entity, counts in titles.items()}


def _names(evidence: Evidence, *, redirects: bool) -> tuple[list[str], Ints]:
    """Every label and title, ascending, and its name as a number in the order of names; merged names are one."""
    labels = evidence.labels()
    articles = merge_titles(_links(evidence)) if redirects else {}
    merged, titles = merge_names(evidence), titles_of_words(evidence)
    names = []
    for label in labels:
        name = name_of(articles.get(label, label))
        name = titles.get(name, name)
        names.append(merged.get(name, name))
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    return labels, np.array([places[name] for name in names], np.int64)


def _links(evidence: Evidence) -> Iterator[Link]:
    for row, titles in evidence.recorded.items():
        yield from (Link(row, title, words) for title, words in titles.items())


def _senses(
    corpus: Corpus,
    evidence: Evidence,
    labels: tuple[Mapping[str, int], Ints],
    mentions: Mentions,
    listed: _ListedNames,
) -> Senses:
    numbers, names = labels
    size = 1 + int(names.max(initial=0))
    by_title: dict[int, int] = {}
    links = []
    for row, titles in evidence.recorded.items():  # a title means the same in every record
        links += [
            (by_title.setdefault(name, row), row, name) for name in {int(names[numbers[title]]) for title in titles}
        ]
    ones, others, of_names = np.array(links, np.int64).reshape(-1, 3).T
    return split_senses(
        once(mentions.rows * size + names[mentions.labels]),
        size,
        (
            np.concatenate((listed.pages, ones)),
            np.concatenate((listed.items, others)),
            np.concatenate((listed.names, of_names)),
        ),
        read_gaps(corpus, evidence),
    )


def _commonest(labels: Counter[str]) -> str:
    return max(sorted(labels), key=lambda label: labels[label])


def _spoken_names(
    headlines: WordRows, evidence: Evidence, labels: Iterable[tuple[str, int]], told: Ints, count: int
) -> Names:
    """Which names stand for which entity, for headlines of the archive and for other texts.

    A name in a text is taken to mean what most events mean by it.

    Args:
        headlines: Of the events, cut into words.
        evidence: What is printed.
        labels: Every label with the entity that most events mean by it.
        told: Pairs of row and entity that are printed, `row * count + entity`, ascending.
        count: The number of entities.
    """
    complete = np.array(sorted(evidence.complete()), np.int64)
    rows, entities = np.divmod(told, count or 1)
    asked = complete if len(complete) else once(rows)
    reference = is_among(rows, asked)
    return learn_names(headlines, labels, asked, (rows[reference], entities[reference]))


def _spotted(headlines: WordRows, evidence: Evidence, names: Names, largest: Ints, told: Ints) -> Ints:
    """Entities named in the headlines of events of which neither day page nor record tells them all.

    Args:
        headlines: Of the events, cut into words.
        evidence: What is printed.
        names: What names stand for.
        largest: For each entity the one that most events mean by its name.
        told: Pairs of row and entity that are printed, `row * entities + entity`, ascending.

    Returns:
        Pairs as `told` has them, ascending.
    """
    count = len(largest)
    complete = np.array(sorted(evidence.complete()), np.int64)
    if len(complete) == len(headlines.starts) - 1 or not count:
        return told[:0]
    rows, entities = np.divmod(told, count)
    spotted_rows, spotted = names.entities_in(headlines)
    pairs = (spotted_rows * count + spotted)[~is_among(spotted_rows, complete)]
    # A name that is printed of the event in a meaning of its own is not read a second time in the common one.
    meant = once(rows * count + largest[entities])
    return pairs[~is_among(pairs, meant[~is_among(meant, told)])]


def _starts(ascending: Ints, count: int) -> NDArray[np.int64]:
    return np.searchsorted(ascending, np.arange(count + 1)).astype(np.int64)
