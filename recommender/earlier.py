"""What lies where an index will lie: the earlier index, or its vectors at least."""

from pathlib import Path
from typing import NamedTuple

from recommender import store
from recommender.errors import IndexFolderError, IndexMissingError
from recommender.index import Index
from recommender.vectors import KnownVectors


class CarriedVectors(NamedTuple):
    """Vectors of an index that cannot be opened: of another format, or damaged elsewhere."""

    encoder: str
    """Name of the encoder, as it was asked for."""
    revision: str
    """Identity of the vectors."""
    known: KnownVectors


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


def known_vectors(earlier: Index | CarriedVectors | None, revision: str) -> KnownVectors | None:
    """Vectors that can be used again where the encoder has this revision."""
    if isinstance(earlier, Index):
        earlier = CarriedVectors(
            earlier.manifest.encoder, earlier.manifest.revision, KnownVectors(earlier.text_keys, earlier.vectors)
        )
    return earlier.known if earlier is not None and earlier.revision == revision else None
