"""Corpus, entities, terms and vectors as one value: built from an archive, saved, opened, told stale."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.encoder import DEFAULT_ENCODER, Encoder, encoder_revision, load_encoder
from models.errors import EncoderError as EncoderProblem
from models.stems import StemTable, cut_stems, weigh_stems
from models.terms import TermMatrix, TermPostings, cut_terms, weigh_terms
from models.word_rows import WordRows
from recommender import store
from recommender.archive import Archive
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.errors import EncoderError, IndexFolderError, IndexMissingError, IndexStaleError
from recommender.evidence import gather
from recommender.graph import Graph
from recommender.graph_update import Kept, update_graph
from recommender.inference import infer_entities
from recommender.journal import VectorJournal
from recommender.manifest import Manifest
from recommender.page_table import PageDetails, PageTable
from recommender.parts import flatten, restore
from recommender.rough import Codes
from recommender.strings import StringTable
from recommender.vectors import EncodedTexts, KnownVectors, encode_corpus, joined, rows_by_key, text_key
from recommender.wishes import Wishes

INDEX_VARIABLE = "RELATED_EVENTS_INDEX"
"""The environment variable that names the index where a command or an application is given none."""

Stage = Literal["entities", "terms", "encoding", "neighbours", "saving"]
Progress = Callable[[Stage, int, int], None]
"""Called with a stage, what is done of it and its size."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Everything that answers need, in corpus order."""

    manifest: Manifest
    corpus: Corpus
    entities: EntityIndex
    """As the archive's rule tells them apart."""
    articles: EntityIndex
    """The same where links of records lead to one article under several titles; `entities` where there are none."""
    terms: TermMatrix
    """TF-IDF vectors of the headlines, one row an event."""
    postings: TermPostings
    """The same by terms."""
    stems: StemTable
    """Stems of the headlines' words."""
    graph: Graph
    """The nearest texts of every event."""
    codes: Codes
    """The vectors as bytes."""
    text_keys: NDArray[np.uint64]
    """Digest of each headline: the key of its vector in the next build."""
    vectors: NDArray[np.float32]
    """Embeddings of the headlines, one unit row an event."""
    wishes: Wishes
    """What editors want of lists."""
    details: PageDetails
    """What the pages say beyond their events, so that the next build need not parse them."""
    term_rows: WordRows
    """The terms of the headlines in their order, so that the next build need not cut them."""
    stem_rows: WordRows
    """The same of their stems."""

    def pages(self) -> PageTable:
        """The pages that the index was built from."""
        corpus = self.corpus
        return PageTable(
            corpus.paths, corpus.texts, corpus.topics, corpus.descriptions, corpus.days, corpus.listed, self.details
        )

    def save(self, folder: Path) -> None:
        """Write the index so that a killed run leaves the old one.

        Raises:
            IndexFolderError: The folder cannot be written.
        """
        arrays: dict[str, NDArray[Any]] = {"text_keys": self.text_keys, "vectors": self.vectors}
        strings: dict[str, dict[str, str]] = {}
        for name in _PARTS:
            if name != "articles" or self.articles is not self.entities:
                part, strings[name] = flatten(name, getattr(self, name))
                arrays.update(part)
        manifest = {field.name: getattr(self.manifest, field.name) for field in fields(Manifest)}
        content = {"index": manifest, "fingerprint": self.manifest.fingerprint, "strings": strings}
        store.write_index(folder, arrays, content, self.manifest.fingerprint[:16])

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> "Index":
        """Map an index; nothing is read before it is needed.

        Args:
            folder: The index.
            verify: Read all of it and compare checksums.

        Raises:
            IndexMissingError: There is none.
            IndexStaleError: It has another format.
            IndexFolderError: It is damaged.
        """
        manifest = store.read_manifest(folder)
        arrays = store.read_arrays(folder, manifest, verify=verify)
        try:
            strings = manifest["strings"]
            parts = {name: restore(name, _PARTS[name], arrays, strings[name]) for name in _PARTS if name in strings}
            parts.setdefault("articles", parts["entities"])
            return cls(Manifest(**manifest["index"]), **parts, text_keys=arrays["text_keys"], vectors=arrays["vectors"])
        except (KeyError, TypeError) as error:
            message = f"the index {folder} is damaged: its manifest does not fit its arrays ({error})"
            raise IndexFolderError(f"{message}; build it again with `related-events build`") from None

    def require(self, archive: Archive) -> None:
        """Make sure that the index was built from this archive, whatever its Related lists say by now.

        Raises:
            IndexStaleError: It was not.
        """
        if self.manifest.content != archive.content_fingerprint:
            raise IndexStaleError("the archive has changed since the index was built; run `related-events build` first")


class CarriedVectors(NamedTuple):
    """Vectors of an index that cannot be opened: of another format, or damaged elsewhere."""

    encoder: str
    """Name of the encoder, as it was asked for."""
    revision: str
    """Identity of the vectors."""
    known: KnownVectors


def prepare_build(folder: Path, encoder: str | None) -> None:
    """Find out in the first second what would otherwise stop a build in its last.

    Raises:
        IndexFolderError: An index cannot lie there.
        EncoderError: There is no such encoder.
    """
    store.check_place(folder)
    if encoder is not None:
        _revision(encoder, [])


def open_earlier(folder: Path) -> tuple[Index | CarriedVectors | None, str]:
    """The index that lies there, whole, to build on; or its vectors, or None, with the reason where there is one."""
    try:
        return Index.open(folder, verify=True), ""
    except IndexMissingError:
        return None, ""
    except IndexFolderError as error:
        return _carried_vectors(folder), str(error)


def _carried_vectors(folder: Path) -> CarriedVectors | None:
    """The vectors of an index that cannot be opened, where they themselves are whole; None where they are not.

    Of another format they mean the same: an encoder's revision says which vectors it makes, and a text's digest which
    text is meant.
    """
    try:
        manifest = store.read_manifest(folder, any_format=True)
        arrays = store.read_arrays(folder, manifest, verify=True, only=("text_keys", "vectors"))
        said = manifest["index"]
        known = KnownVectors(arrays["text_keys"], arrays["vectors"])
        return CarriedVectors(str(said["encoder"]), str(said["revision"]), known)
    except (IndexFolderError, IndexMissingError, KeyError, TypeError):
        return None


def earlier_encoder(earlier: Index | CarriedVectors | None) -> str | None:
    """The encoder of what there is."""
    return earlier.manifest.encoder if isinstance(earlier, Index) else earlier.encoder if earlier else None


def is_up_to_date(index: Index, archive: str, encoder: str | None) -> bool:
    """Whether a build would give the same index.

    Args:
        index: What there is.
        archive: Fingerprint of the archive, `archive_fingerprint`.
        encoder: The encoder that is asked for, None for the index's own.
    """
    manifest = index.manifest
    if manifest.archive != archive or encoder not in (None, manifest.encoder):
        return False
    return manifest.revision == _revision(manifest.encoder, _headlines(index.corpus))


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
    corpus = Corpus.of(pages, archive.day_items, archive.records, language=settings.language)
    tell("entities", 0, len(corpus))
    evidence = gather(corpus, pages, archive.day_items, archive.records)
    entities = infer_entities(corpus, evidence, labels=settings.labels)
    articles = infer_entities(corpus, evidence, labels=settings.labels, redirects=True) if archive.records else entities
    headlines = _headlines(corpus)
    tell("terms", 0, len(corpus))
    term_rows, stem_rows = _word_rows(earlier if isinstance(earlier, Index) else None, headlines)
    terms = weigh_terms(term_rows)
    revision = _revision(encoder, headlines)
    journal = VectorJournal(folder, revision) if folder else None
    known = joined(_known(earlier, revision), journal.read() if journal else None)
    with _translated():
        encoded = encode_corpus(
            lambda: load_encoder(encoder, corpus=headlines),
            headlines,
            known=known,
            progress=lambda done, size: tell("encoding", done, size),
            keep=journal.keep if journal else None,
        )
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
        postings=TermPostings.of(terms),
        stems=weigh_stems(stem_rows),
        term_rows=term_rows,
        stem_rows=stem_rows,
        graph=graph,
        codes=Codes.of(encoded.vectors),
        text_keys=encoded.keys,
        vectors=encoded.vectors,
        wishes=Wishes.of(corpus, pages.with_wishes()),
        details=pages.details,
    )


def encoder_of(index: Index) -> Encoder:
    """The encoder that the index was built with, loaded, which takes seconds.

    Raises:
        EncoderError: It is not there any more, or gives other vectors.
    """
    name = index.manifest.encoder
    with _translated():
        encoder = load_encoder(name, corpus=_headlines(index.corpus))
    if encoder.revision != index.manifest.revision:
        message = f"the encoder {name!r} is not as it was when the index was built"
        raise EncoderError(f"{message}; build it again with `related-events build`")
    return encoder


def _word_rows(earlier: Index | None, headlines: list[str]) -> tuple[WordRows, WordRows]:
    """Terms and stems of all headlines; those that the earlier index has are not cut again."""
    keys = list(map(text_key, headlines))
    rows = rows_by_key(earlier.text_keys) if earlier else {}
    places = np.array([rows.get(key, -1) for key in keys], np.int64)
    fresh = [headlines[place] for place in np.flatnonzero(places < 0).tolist()]
    found = []
    for cut, known in (
        (cut_terms, earlier.term_rows if earlier else None),
        (cut_stems, earlier.stem_rows if earlier else None),
    ):
        cut_now = WordRows.of(fresh, cut)
        cut_all = cut_now if known is None else known.renewed(places, cut_now)
        words = StringTable.of(cut_all.words[place] for place in range(len(cut_all.words)))
        found.append(replace(cut_all, words=words))
    return found[0], found[1]


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


_PARTS: dict[str, type] = {
    "corpus": Corpus,
    "entities": EntityIndex,
    "articles": EntityIndex,
    "terms": TermMatrix,
    "postings": TermPostings,
    "stems": StemTable,
    "graph": Graph,
    "codes": Codes,
    "wishes": Wishes,
    "details": PageDetails,
    "term_rows": WordRows,
    "stem_rows": WordRows,
}


@contextmanager
def _translated() -> Iterator[None]:
    """Give an error of the models its place in our tree; `models` knows nothing of that."""
    try:
        yield
    except EncoderProblem as problem:
        raise EncoderError(str(problem)) from None


def _revision(encoder: str, headlines: list[str]) -> str:
    with _translated():
        return encoder_revision(encoder, corpus=headlines)


def _headlines(corpus: Corpus) -> list[str]:
    return [text.strip() for text in corpus.texts]


def _known(earlier: Index | CarriedVectors | None, revision: str) -> KnownVectors | None:
    if isinstance(earlier, Index):
        earlier = CarriedVectors(
            earlier.manifest.encoder, earlier.manifest.revision, KnownVectors(earlier.text_keys, earlier.vectors)
        )
    return earlier.known if earlier is not None and earlier.revision == revision else None
