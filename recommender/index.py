"""Corpus, entities, terms and vectors as one value: saved, opened, told stale."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.stems import StemTable
from models.terms import TermMatrix, TermPostings
from models.word_rows import WordRows
from recommender import store
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.errors import IndexFolderError, IndexStaleError
from recommender.graph import Graph
from recommender.manifest import Manifest
from recommender.other_files import OtherFiles
from recommender.page_table import PageDetails, PageTable
from recommender.parts import flatten, restore
from recommender.rough import Codes
from recommender.wishes import Wishes

if TYPE_CHECKING:  # who only asks needs nothing that reads pages
    from recommender.archive import Archive

INDEX_VARIABLE = "RELATED_EVENTS_INDEX"
"""The environment variable that names the index where a command or an application is given none."""


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
    others: OtherFiles
    """What day pages and records say, for the same reason."""
    term_rows: WordRows
    """The terms of the headlines in their order, so that the next build need not cut them."""
    stem_rows: WordRows
    """The same of their stems."""
    name_rows: WordRows
    """The same of the words in which names are looked for."""

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

    def require(self, archive: "Archive") -> None:
        """Make sure that the index was built from this archive, whatever its Related lists say by now.

        Raises:
            IndexStaleError: It was not.
        """
        if self.manifest.content != archive.content_fingerprint:
            raise IndexStaleError("the archive has changed since the index was built; run `related-events build` first")


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
    "others": OtherFiles,
    "term_rows": WordRows,
    "stem_rows": WordRows,
    "name_rows": WordRows,
}
