"""Corpus, entities, terms and vectors as one value: built from an archive, saved, opened, told stale."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.encoder import DEFAULT_ENCODER, Encoder, encoder_revision, load_encoder
from models.errors import EncoderError as EncoderProblem
from models.stems import StemTable, fit_stems
from models.terms import TermMatrix, TermPostings, fit_terms
from recommender import store
from recommender.archive import Archive
from recommender.configuration import Rule, StoryBullets
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.errors import EncoderError, IndexFolderError, IndexMissingError, IndexStaleError
from recommender.evidence import gather
from recommender.graph import Graph
from recommender.inference import infer_entities
from recommender.rough import Codes
from recommender.strings import StringTable
from recommender.vectors import KnownVectors, encode_corpus
from recommender.wishes import Wishes

INDEX_VARIABLE = "RELATED_EVENTS_INDEX"
"""The environment variable that names the index where a command or an application is given none."""

Stage = Literal["entities", "terms", "encoding", "neighbours", "saving"]
Progress = Callable[[Stage, int, int], None]
"""Called with a stage, what is done of it and its size."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was built from."""

    archive: str
    """Fingerprint of the archive, `Archive.fingerprint`."""
    content: str
    """Fingerprint of the pages without their Related lists, `Archive.content_fingerprint`."""
    encoder: str
    """Name of the encoder, as it was asked for."""
    revision: str
    """Identity of the encoder's vectors."""
    dimensions: int
    events: int
    entities: int
    limit: int
    """Items of a list where nobody asks for another number."""
    rule: Rule
    """By which the archive's own lists are made."""
    story_bullets: StoryBullets
    """Which events below one story heading that rule lists."""

    @property
    def fingerprint(self) -> str:
        """Digest over all that the index depends on."""
        facts = [store.FORMAT, self.archive, self.encoder, self.revision]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


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

    def save(self, folder: Path) -> None:
        """Write the index so that a killed run leaves the old one.

        Raises:
            IndexFolderError: The folder cannot be written.
        """
        arrays: dict[str, NDArray[Any]] = {"text_keys": self.text_keys, "vectors": self.vectors}
        strings: dict[str, dict[str, str]] = {}
        for name in _PARTS:
            if self._has(name):
                part, strings[name] = _flatten(name, getattr(self, name))
                arrays.update(part)
        manifest = {field.name: getattr(self.manifest, field.name) for field in fields(Manifest)}
        content = {"index": manifest, "fingerprint": self.manifest.fingerprint, "strings": strings}
        store.write_index(folder, arrays, content, self.manifest.fingerprint[:16])

    def _has(self, name: str) -> bool:
        """Whether a part has something of its own to save."""
        if name == "articles":
            return self.articles is not self.entities
        return name != "wishes" or bool(self.wishes)

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
            parts = {name: _restore(name, _PARTS[name], arrays, strings[name]) for name in _PARTS if name in strings}
            parts.setdefault("articles", parts["entities"])
            parts.setdefault("wishes", Wishes.none())
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


def prepare_build(folder: Path, encoder: str | None) -> None:
    """Find out in the first second what would otherwise stop a build in its last.

    Raises:
        IndexFolderError: An index cannot lie there.
        EncoderError: There is no such encoder.
    """
    store.check_place(folder)
    if encoder is not None:
        _revision(encoder, [])


def open_earlier(folder: Path) -> tuple[Index | None, str]:
    """The index that lies there, whole, to build on; or None, with the reason where there is one."""
    try:
        return Index.open(folder, verify=True), ""
    except IndexMissingError:
        return None, ""
    except IndexFolderError as error:
        return None, str(error)


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
    earlier: Index | None = None,
    progress: Progress | None = None,
) -> Index:
    """Build an index; the same archive and encoder give the same arrays.

    Args:
        archive: The pages.
        encoder: Name of the encoder; the earlier index's if None, `DEFAULT_ENCODER` where there is none.
        earlier: An index whose vectors may be used again where texts and encoder are the same.
        progress: Told of each stage.

    Raises:
        EncoderError: The encoder cannot be loaded.
    """
    encoder = encoder or (earlier.manifest.encoder if earlier is not None else DEFAULT_ENCODER)
    tell = progress or (lambda _stage, _done, _size: None)
    settings = archive.configuration
    corpus = Corpus.of(archive.pages, archive.day_items, archive.records, language=settings.language)
    tell("entities", 0, len(corpus))
    evidence = gather(corpus, archive.pages, archive.day_items, archive.records)
    entities = infer_entities(corpus, evidence, labels=settings.labels)
    articles = infer_entities(corpus, evidence, labels=settings.labels, redirects=True) if archive.records else entities
    headlines = _headlines(corpus)
    tell("terms", 0, len(corpus))
    terms = fit_terms(headlines)
    terms = replace(terms, terms=StringTable.of(terms.terms[column] for column in range(len(terms.terms))))
    stems = fit_stems(headlines)
    stems = replace(stems, names=StringTable.of(stems.names[number] for number in range(len(stems.names))))
    known = _known(earlier, encoder, headlines)
    with _translated():
        encoded = encode_corpus(
            lambda: load_encoder(encoder, corpus=headlines),
            headlines,
            known=known,
            progress=lambda done, size: tell("encoding", done, size),
        )
    manifest = Manifest(
        archive=archive.fingerprint,
        content=archive.content_fingerprint,
        encoder=encoder,
        revision=_revision(encoder, headlines),
        dimensions=encoded.vectors.shape[1],
        events=len(corpus),
        entities=len(entities),
        limit=settings.limit,
        rule=settings.rule,
        story_bullets=settings.story_bullets,
    )
    tell("neighbours", 0, len(corpus))
    codes = Codes.of(encoded.vectors)
    graph = Graph.of(encoded.vectors, lambda done, size: tell("neighbours", done, size))
    postings = TermPostings.of(terms)
    wishes = Wishes.of(corpus, archive.pages)
    texts = (encoded.keys, encoded.vectors)
    return Index(manifest, corpus, entities, articles, terms, postings, stems, graph, codes, *texts, wishes)


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
}
_Part = Corpus | EntityIndex | TermMatrix | TermPostings | StemTable | Graph | Codes | Wishes


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


def _known(earlier: Index | None, encoder: str, headlines: list[str]) -> KnownVectors | None:
    if earlier is None or earlier.manifest.revision != _revision(encoder, headlines):
        return None
    return KnownVectors(earlier.text_keys, earlier.vectors)


def _flatten(name: str, part: _Part) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays of a part by name, and its strings."""
    arrays: dict[str, NDArray[Any]] = {}
    strings: dict[str, str] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, StringTable):
            arrays[f"{name}.{field.name}.data"] = value.data
            arrays[f"{name}.{field.name}.offsets"] = value.offsets
        elif isinstance(value, str):
            strings[field.name] = value
        else:
            arrays[f"{name}.{field.name}"] = value
    return arrays, strings


def _restore(name: str, part: type, arrays: dict[str, NDArray[Any]], strings: dict[str, str]) -> Any:  # noqa: ANN401 - a value of the given type
    values: dict[str, Any] = {}
    for field in fields(part):
        key = f"{name}.{field.name}"
        if f"{key}.offsets" in arrays:
            values[field.name] = StringTable(arrays[f"{key}.data"], arrays[f"{key}.offsets"])
        else:
            values[field.name] = strings[field.name] if field.name in strings else arrays[key]
    return part(**values)
