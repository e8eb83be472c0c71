"""An index made from an archive, with all of an earlier one used again that has not changed."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.encoder import DEFAULT_ENCODER
from models.stems import cut_stems, weigh_stems
from models.terms import TermPostings, cut_terms, weigh_terms
from models.word_rows import WordRows
from recommender import store
from recommender.archive import Archive
from recommender.corpus import Corpus
from recommender.earlier import CarriedVectors, earlier_encoder, known_vectors
from recommender.encoders import headlines_of, loaded, revision_of, translated
from recommender.entities import EntityIndex
from recommender.evidence import Evidence, gather
from recommender.graph import Graph
from recommender.graph_update import Kept, update_graph
from recommender.index import Index
from recommender.inference import infer_entities
from recommender.journal import VectorJournal
from recommender.manifest import Manifest
from recommender.other_files import OtherFiles
from recommender.page_table import PageTable
from recommender.rough import Codes
from recommender.spotting import cut_names
from recommender.strings import StringTable
from recommender.vectors import EncodedTexts, encode_corpus, joined, rows_by_key, text_key
from recommender.wishes import Wishes

Stage = Literal["order", "terms", "encoding", "entities", "neighbours", "saving"]
Progress = Callable[[Stage, int, int], None]
"""Called with a stage, what is done of it and its size."""


def prepare_build(folder: Path, encoder: str | None) -> None:
    """Find out in the first second what would otherwise stop a build in its last.

    Raises:
        IndexFolderError: An index cannot lie there.
        EncoderError: There is no such encoder.
    """
    store.check_place(folder)
    if encoder is not None:
        revision_of(encoder, [])


def is_up_to_date(index: Index, archive: str, encoder: str | None) -> bool:
    """Whether a build would give the same index.

    Args:
        index: What there is.
        archive: Fingerprint of the archive, `Archive.fingerprint`.
        encoder: The encoder that is asked for, None for the index's own.
    """
    manifest = index.manifest
    if manifest.archive != archive or encoder not in (None, manifest.encoder):
        return False
    return manifest.revision == revision_of(manifest.encoder, headlines_of(index.corpus))


def build_index(
    archive: Archive,
    *,
    encoder: str | None = None,
    earlier: Index | CarriedVectors | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Index:
    """Build an index; the same archive and encoder give the same arrays, whatever there was before.

    Args:
        archive: The pages.
        encoder: Name of the encoder; the earlier index's if None, `DEFAULT_ENCODER` where there is none.
        earlier: An index of which everything is used again that has not changed; or what can be used of it.
        folder: Where the index will lie: what has been encoded is written down there meanwhile, and what a killed
            build has encoded is read there.
        progress: Told of each stage.

    Raises:
        EncoderError: The encoder cannot be loaded.
        IndexFolderError: The folder cannot be written.
    """
    encoder = encoder or earlier_encoder(earlier) or DEFAULT_ENCODER
    tell = progress or (lambda _stage, _done, _size: None)
    settings = archive.configuration
    pages = PageTable.of(archive.pages)
    tell("order", 0, len(pages))
    corpus = Corpus.of(pages, archive.day_items, archive.records, language=settings.language)
    headlines = headlines_of(corpus)
    tell("terms", 0, len(corpus))
    # On the other processor, while this one cuts, weighs and encodes. Where the neighbours of all are to be found,
    # memory counts for more: what a second thread has freed is not used again by the first.
    with ThreadPoolExecutor(1) if isinstance(earlier, Index) else _AtOnce() as beside:
        gathering = beside.submit(gather, corpus, pages, archive.day_items, archive.records)
        term_rows, stem_rows, name_rows = _word_rows(earlier if isinstance(earlier, Index) else None, headlines)
        inferring = beside.submit(_entities, corpus, archive, gathering, name_rows)
        terms = weigh_terms(term_rows)
        postings, stems = TermPostings.of(terms), weigh_stems(stem_rows)
        revision = revision_of(encoder, headlines)
        journal = VectorJournal(folder, revision) if folder else None
        known = joined(known_vectors(earlier, revision), journal.read() if journal else None)
        with translated():
            encoded = encode_corpus(
                lambda: loaded(encoder, headlines),
                headlines,
                known=known,
                progress=lambda done, size: tell("encoding", done, size),
                keep=journal.keep if journal else None,
            )
        codes = Codes.of(encoded.vectors)
        tell("entities", 0, len(corpus))
        entities, articles = inferring.result()
        del gathering, inferring  # what the archive says takes room that the neighbours need
    manifest = Manifest(
        archive=archive.fingerprint,
        content=archive.content_fingerprint,
        encoder=encoder,
        revision=revision,
        dimensions=encoded.vectors.shape[1],
        events=len(corpus),
        entities=len(entities),
        limit=settings.limit,
        rule=settings.rule,
        story_bullets=settings.story_bullets,
    )
    tell("neighbours", 0, len(corpus))
    graph = _graph(earlier, corpus, encoded, revision, lambda done, size: tell("neighbours", done, size))
    return Index(
        manifest=manifest,
        corpus=corpus,
        entities=entities,
        articles=articles,
        terms=terms,
        postings=postings,
        stems=stems,
        term_rows=term_rows,
        stem_rows=stem_rows,
        name_rows=name_rows,
        graph=graph,
        codes=codes,
        text_keys=encoded.keys,
        vectors=encoded.vectors,
        wishes=Wishes.of(corpus, pages.with_wishes()),
        details=pages.details,
        others=archive.others or OtherFiles.of({}),
    )


class _AtOnce(Executor):
    """Does what it is given before it is given more."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:  # noqa: ANN401
        """Call the function."""
        done: Future[Any] = Future()
        done.set_result(function(*arguments, **options))
        return done


def _entities(
    corpus: Corpus, archive: Archive, gathering: Future[Evidence], headlines: WordRows
) -> tuple[EntityIndex, EntityIndex]:
    """As the archive's rule tells them apart, and by articles."""
    labels, evidence = archive.configuration.labels, gathering.result()
    entities = infer_entities(corpus, evidence, labels=labels, headlines=headlines)
    if not archive.records:
        return entities, entities
    return entities, infer_entities(corpus, evidence, labels=labels, redirects=True, headlines=headlines)


def _word_rows(earlier: Index | None, headlines: list[str]) -> tuple[WordRows, WordRows, WordRows]:
    """Terms, stems and words for names of all headlines; those that the earlier index has are not cut again."""
    keys = list(map(text_key, headlines))
    rows = rows_by_key(earlier.text_keys) if earlier else {}
    places = np.array([rows.get(key, -1) for key in keys], np.int64)
    fresh = [headlines[place] for place in np.flatnonzero(places < 0).tolist()]
    found = []
    for cut, known in (
        (cut_terms, earlier.term_rows if earlier else None),
        (cut_stems, earlier.stem_rows if earlier else None),
        (cut_names, earlier.name_rows if earlier else None),
    ):
        cut_now = WordRows.of(fresh, cut)
        cut_all = cut_now if known is None else known.renewed(places, cut_now)
        found.append(replace(cut_all, words=StringTable.of(cut_all.words)))
    return found[0], found[1], found[2]


def _graph(
    earlier: Index | CarriedVectors | None,
    corpus: Corpus,
    encoded: EncodedTexts,
    revision: str,
    progress: Callable[[int, int], None],
) -> Graph:
    """The earlier index's brought up to date, or made anew."""
    if isinstance(earlier, Index) and earlier.manifest.revision == revision:
        kept = _kept(earlier, corpus, encoded.keys)
        graph = update_graph(earlier.graph, encoded.vectors, kept)
        if graph is not None:
            progress(len(corpus), len(corpus))
            return graph
    return Graph.of(encoded.vectors, progress)


def _kept(earlier: Index, corpus: Corpus, keys: NDArray[np.uint64]) -> Kept:
    """Events of the same path and headline in both; both are in the order of paths."""
    rows = {path: row for row, path in enumerate(earlier.corpus.paths)}
    before = np.array([rows.get(path, -1) for path in corpus.paths], np.int64)
    now = np.flatnonzero(before >= 0)
    now = now[(np.asarray(earlier.text_keys)[before[now]] == keys[now]).all(axis=1)]
    return Kept(before[now], now)
