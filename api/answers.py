"""The answers that only HTTP gives: one event with all that is known of it, and the state of the service."""

from typing import Any

from recommender import __version__
from recommender.entities import rarest_first
from recommender.evidence import Source
from recommender.index import Index
from recommender.related import Recommender
from recommender.render import event_json, index_json


def event_answer(recommender: Recommender, row: int) -> dict[str, Any]:
    """An event, its entities and its existing list, as JSON values.

    The list is null where the page has none; items that lead to no event of the archive are left out.
    """
    index = recommender.index
    corpus = index.corpus
    existing = [corpus.slug(int(item)) for item in corpus.existing(row) if item >= 0]
    return {
        "event": event_json(corpus.event(row)),
        "entities": _entities(recommender, row),
        "existing": existing if corpus.listed[row] else None,
        "index": index_json(index),
    }


def health_answer(index: Index) -> dict[str, Any]:
    """What is served, as JSON values."""
    return {
        "status": "ok",
        "version": __version__,
        "index": {**index_json(index), "entities": index.manifest.entities},
    }


def _entities(recommender: Recommender, row: int) -> list[dict[str, Any]]:
    """Label, number of events that have it and sources of each entity, rarest first."""
    entities = recommender.index.articles
    flags = dict(zip(map(int, entities.entities(row)), map(int, entities.sources_of(row)), strict=True))
    return [
        {
            "label": entities.labels[entity],
            "events": len(entities.postings(entity)),
            "sources": [str(source.name).lower() for source in Source if source & flags[entity]],
        }
        for entity in rarest_first(entities, entities.entities(row))
    ]
