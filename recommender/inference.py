"""What the archive says, and what its headlines say → the entities of every event."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.configuration import Labels
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.evidence import Evidence, Source
from recommender.labels import name_of, title_label
from recommender.merging import merge_names
from recommender.redirects import merge_titles
from recommender.senses import Gaps, Senses, split_senses
from recommender.spotting import Names, learn_names
from recommender.strings import StringTable
from recommender.title_links import Link

LIMITS = frozenset({5, 10})
"""Lengths at which versions of the site cut their lists: such a list may have left somebody out."""

MIN_SHARE = 0.8
"""What it takes of the links that print the same words to lead to one title, for the words to be its label."""
MIN_LINKS = 2
"""So many links at least, where it is one word: `President` is of many countries, `Supreme Leader` of one."""


def infer_entities(
    corpus: Corpus, evidence: Evidence, *, labels: Labels = "title", redirects: bool = False
) -> EntityIndex:
    """Infer every event's entities.

    Args:
        corpus: The events.
        evidence: What the archive says of them, `evidence.gather`.
        labels: How entities of records are to be printed.
        redirects: Whether titles of records that are one article are one entity; the site's rule keeps them apart.
    """
    name_of_label = _names(evidence, redirects=redirects)
    senses = _senses(corpus, evidence, name_of_label)
    sources: defaultdict[tuple[int, int], int] = defaultdict(int)
    printed: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row, label, source in evidence.mentions():
        entity = senses.entities[row, name_of_label[label]]
        sources[row, entity] |= source
        printed[entity][label] += 1
    names = _names_in_texts(corpus, evidence, printed, senses, sources)
    for row, entity in _spotted(corpus, evidence, names, senses, sources):
        sources[row, entity] |= Source.SPOTTED
    recorded = _recorded(corpus, evidence, labels, lambda row, title: senses.entities[row, name_of_label[title]])
    shown = [recorded.get(entity) or _commonest(printed[entity]) for entity in range(len(senses.names))]
    pairs = sorted(sources)
    rows = np.array([row for row, _ in pairs], np.int32)
    entities = np.array([entity for _, entity in pairs], np.int32)
    flags = np.array([sources[pair] for pair in pairs], np.uint8)
    by_entity = np.lexsort((rows, entities))
    links = sorted(
        {
            (senses.entities[item.page, name_of_label[label]], item.page, item.item)
            for item in evidence.items
            for label in item.labels
        }
    )
    link_entities, link_pages, link_items = np.array(links, np.int32).reshape(-1, 3).T.copy()
    return EntityIndex(
        labels=StringTable.of(shown),
        largest=np.array(senses.largest, np.int32),
        event_starts=_starts(rows, len(corpus)),
        event_entities=entities,
        event_sources=flags,
        entity_starts=_starts(entities[by_entity], len(shown)),
        entity_events=rows[by_entity],
        entity_sources=flags[by_entity],
        link_starts=_starts(link_entities, len(shown)),
        link_pages=link_pages,
        link_items=link_items,
        name_forms=StringTable.of(sorted(names.entities)),
        name_entities=np.array([names.entities[form] for form in sorted(names.entities)], np.int32),
    )


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


def _names(evidence: Evidence, *, redirects: bool) -> dict[str, int]:
    """Every label and title → its name, as a number in the order of names; merged names are one."""
    labels = sorted({label for labels in evidence.label_sets() for label in labels})
    articles = merge_titles(_links(evidence)) if redirects else {}
    merged, titles = merge_names(evidence), _titles_of_words(evidence)
    name_of_label = {}
    for label in labels:
        name = name_of(articles.get(label, label))
        name = titles.get(name, name)
        name_of_label[label] = merged.get(name, name)
    places = {name: place for place, name in enumerate(sorted(set(name_of_label.values())))}
    return {label: places[name] for label, name in name_of_label.items()}


def _titles_of_words(evidence: Evidence) -> dict[str, str]:
    """Name of words that links print → name of the title that they lead to, where that is nearly always the same.

    The site prints an entity by the words of the newest link, `Americans`, and a record by its title, `United States`.
    """
    leading: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for titles in evidence.recorded.values():
        for title, words in titles.items():
            leading[name_of(words)][name_of(title)] += 1
    of_title = {name for counts in leading.values() for name in counts}
    found = {}
    for words, counts in sorted(leading.items()):
        title, count = max(sorted(counts.items()), key=lambda one: one[1])
        enough = count >= MIN_LINKS or "-" in words
        if words not in of_title and enough and count >= MIN_SHARE * counts.total():
            found[words] = title
    return found


def _links(evidence: Evidence) -> Iterator[Link]:
    for row, titles in evidence.recorded.items():
        yield from (Link(row, title, words) for title, words in titles.items())


def _senses(corpus: Corpus, evidence: Evidence, name_of_label: Mapping[str, int]) -> Senses:
    mentions = sorted({(row, name_of_label[label]) for row, label, _ in evidence.mentions()})
    links = [(item.page, item.item, name_of_label[label]) for item in evidence.items for label in item.labels]
    by_title: dict[int, int] = {}
    for row, titles in evidence.recorded.items():  # a title means the same in every record
        names = sorted({name_of_label[title] for title in titles})
        links += [(by_title.setdefault(name, row), row, name) for name in names]
    return split_senses(mentions, links, _gaps(corpus, evidence))


def _gaps(corpus: Corpus, evidence: Evidence) -> Gaps:
    """What each list of the archive's rule says of the events that are not on it; a list in another order says nothing.

    A list shorter than the archive's limit has room: whoever shares anything would stand on it. From a full one whoever
    ranks before its last item would not be missing. But nobody is missed who came after the list was made, and that
    was not before its newest event.
    """
    lengths = np.diff(corpus.list_starts)
    usual = int(np.bincount(lengths[lengths > 0]).argmax()) if lengths.any() else 0
    gaps = Gaps(*(np.full(len(corpus), -1, np.int64) for _ in range(3)))
    for row, group in groupby(evidence.items, key=lambda item: item.page):
        ranks = [(len(item.labels), item.item) for item in group]
        if len(ranks) != lengths[row] or any(one <= other for one, other in pairwise(ranks)):
            continue
        full = len(ranks) >= usual or len(ranks) in LIMITS
        gaps.least[row], gaps.floors[row] = ranks[-1] if full else (1, -1)
        gaps.ceilings[row] = max(row, *(item for _, item in ranks))
    return gaps


def _commonest(labels: Counter[str]) -> str:
    return max(sorted(labels), key=lambda label: labels[label])


def _known(sources: Mapping[tuple[int, int], int]) -> defaultdict[int, set[int]]:
    """Row → the entities that the archive says it has."""
    known: defaultdict[int, set[int]] = defaultdict(set)
    for row, entity in sources:
        known[row].add(entity)
    return known


def _names_in_texts(
    corpus: Corpus,
    evidence: Evidence,
    printed: Mapping[int, Counter[str]],
    senses: Senses,
    sources: Mapping[tuple[int, int], int],
) -> Names:
    """Which names stand for which entity, for headlines of the archive and for other texts.

    A name in a text is taken to mean what most events mean by it.
    """
    known = _known(sources)
    reference = {row: frozenset(known[row]) for row in sorted(evidence.complete() or known)}
    labels = [(label, senses.largest[entity]) for entity in sorted(printed) for label in sorted(printed[entity])]
    return learn_names(list(corpus.texts), labels, reference)


def _spotted(
    corpus: Corpus, evidence: Evidence, names: Names, senses: Senses, sources: Mapping[tuple[int, int], int]
) -> Iterable[tuple[int, int]]:
    """Entities named in the headlines of events of which neither day page nor record tells them all."""
    known, complete = _known(sources), evidence.complete()
    if len(complete) == len(corpus):
        return
    for row, entities in enumerate(names.entities_in(list(corpus.texts))):
        if row not in complete:
            # A name that is printed of the event in a meaning of its own is not read a second time in the common one.
            named = {senses.largest[entity] for entity in known[row]} - known[row]
            yield from ((row, entity) for entity in entities - named)


def _starts(ascending: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    return np.searchsorted(ascending, np.arange(count + 1)).astype(np.int64)
