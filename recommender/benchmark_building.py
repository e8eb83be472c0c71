"""What `build` and `regenerate` cost, stage by stage, on an archive and its index: nothing is written."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from models.encoder import load_encoder
from models.errors import EncoderError as EncoderProblem
from models.stems import cut_stems, weigh_stems
from models.terms import TermPostings, cut_terms, weigh_terms
from models.word_rows import WordRows
from recommender.archive import Archive, read_archive
from recommender.benchmark import Figure, repeated
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.errors import EncoderError
from recommender.evidence import gather
from recommender.files import page_paths, read_bytes
from recommender.graph import Graph
from recommender.index import Index
from recommender.inference import infer_entities
from recommender.page_table import PageTable
from recommender.parameters import Parameters
from recommender.regeneration import Summary, regenerate
from recommender.related import Recommender

ENCODED = 1000
"""Texts that are encoded to measure the encoder."""
COMPARED = 8192
"""Pages that are compared with their new lists."""


def reading(folder: Path, runs: int) -> Iterator[Figure]:
    """Parsing an archive beside reading the same bytes, both from the system's cache.

    Args:
        folder: The archive's root.
        runs: Of each.
    """
    paths = page_paths(folder)
    size = sum(len(read_bytes(folder, path)) for path in paths)
    plain = repeated(lambda: [read_bytes(folder, path) for path in paths], runs)
    parsed = repeated(lambda: read_archive(folder), runs)
    yield Figure("reading", "files", "files/s", tuple(len(paths) / seconds for seconds in parsed))
    yield Figure("reading", "bytes", "MB/s", tuple(size / 1e6 / seconds for seconds in parsed))
    yield Figure("reading", "the same bytes alone", "MB/s", tuple(size / 1e6 / seconds for seconds in plain))
    least = min(plain)
    yield Figure("reading", "share of that speed", "%", tuple(100.0 * least / seconds for seconds in parsed))


def building(archive: Archive, index: Index, runs: int) -> Iterator[Figure]:
    """The stages between reading and saving, without encoding: the vectors are those of the index.

    Args:
        archive: The pages.
        index: Built from them.
        runs: Of each stage at most.
    """
    headlines = [text.strip() for text in index.corpus.texts]

    def entities() -> EntityIndex:
        settings = archive.configuration
        pages = PageTable.of(archive.pages)
        corpus = Corpus.of(pages, archive.day_items, archive.records, language=settings.language)
        evidence = gather(corpus, pages, archive.day_items, archive.records)
        return infer_entities(corpus, evidence, labels=settings.labels)

    def terms() -> None:
        TermPostings.of(weigh_terms(WordRows.of(headlines, cut_terms)))
        weigh_stems(WordRows.of(headlines, cut_stems))

    yield Figure("building", "order and entities", "s", tuple(repeated(entities, runs)))
    yield Figure("building", "words", "s", tuple(repeated(terms, runs)))
    yield Figure("building", "neighbours", "s", tuple(repeated(lambda: Graph.of(index.vectors), runs)))


def regenerating(folder: Path, archive: Archive, recommender: Recommender, runs: int) -> Iterator[Figure]:
    """Comparing pages with their new lists by `extend`, as `regenerate --check` does.

    Args:
        folder: The archive's root.
        archive: The same, as read.
        recommender: On its index.
        runs: Over the same pages.
    """
    count = min(COMPARED, len(archive.pages))

    def compare() -> None:
        changes = regenerate(folder, archive, recommender, Parameters(), Summary())
        for _ in islice(changes, count):
            pass

    seconds = repeated(compare, runs)
    yield Figure("regenerating", f"{count:,} pages compared", "pages/s", tuple(count / one for one in seconds))


def encoding(index: Index, runs: int, seed: int) -> Iterator[Figure]:
    """Loading the index's encoder, and a sample of texts by it.

    Args:
        index: Whose encoder and texts.
        runs: Over the same texts.
        seed: Of the sample.

    Raises:
        EncoderError: The encoder is not there any more.
    """
    headlines = [text.strip() for text in index.corpus.texts]
    count = min(ENCODED, len(headlines))
    drawn = np.random.default_rng(seed).choice(len(headlines), count, replace=False)
    sample = [headlines[row] for row in drawn.tolist()]
    try:
        started = time.perf_counter()
        encoder = load_encoder(index.manifest.encoder, corpus=headlines)
        encoder.encode(sample[:1])
        loaded = time.perf_counter() - started
    except EncoderProblem as problem:
        raise EncoderError(str(problem)) from None
    yield Figure("encoding", f"loading {index.manifest.encoder}", "s", (loaded,))
    seconds = repeated(lambda: encoder.encode(sample), runs)
    yield Figure("encoding", f"{count:,} texts", "texts/s", tuple(count / one for one in seconds))
