"""Weights that come with the package: read whole, and compared with the digest of what was shipped."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER = "tokenizer.json"
"""That of all-MiniLM-L6-v2: WordPiece over 30,522 pieces, in lower case, without accents."""
SHA256 = {
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "accurate.onnx": "07822e9b0822980d5900daa80606520210b4da7b705618d351b894f88fec37b5",
    "fast.npz": "299e76f7be8e5ba5699ba7f379fd3e916072aa63d7b9df510b65bb743377daea",
}
"""Of each file in `models/weights`; benchmarks/ship_encoder.py prints them."""


def weights_folder() -> Path:
    """Where the files lie."""
    return Path(str(resources.files("models") / "weights"))


def read_weights(file: str) -> bytes:
    """Return a file's content.

    Raises:
        EncoderError: It is missing or not the one that was shipped.
    """
    path = weights_folder() / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EncoderError(f"{path} cannot be read ({error.strerror}); install related-events again") from None
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[file]:
        raise EncoderError(f"{path} has the sha256 {found}, expected {SHA256[file]}; install related-events again")
    return content


def shipped_revision(recipe: str, *files: str) -> str:
    """Return the identity of the vectors that a recipe makes with files, without loading them.

    Raises:
        EncoderError: A file is missing or not the one that was shipped.
    """
    digest = hashlib.sha256(recipe.encode())
    for file in files:
        digest.update(hashlib.sha256(read_weights(file)).digest())
    return digest.hexdigest()


def load_tokenizer() -> "Tokenizer":
    """Load the tokenizer, without truncation or padding.

    Raises:
        EncoderError: Its file is missing or not the one that was shipped.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - only whoever encodes needs it

    tokenizer = Tokenizer.from_buffer(read_weights(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def as_text(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()
