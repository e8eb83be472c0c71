"""The encoder of an index: loaded for its headlines, asked for the identity of its vectors; its errors are ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.encoder import Encoder, encoder_revision, load_encoder
from models.errors import EncoderError as EncoderProblem
from recommender.corpus import Corpus
from recommender.errors import EncoderError
from recommender.index import Index


def encoder_of(index: Index) -> Encoder:
    """The encoder that the index was built with, loaded, which takes seconds.

    Raises:
        EncoderError: It is not there any more, or gives other vectors.
    """
    name = index.manifest.encoder
    with translated():
        encoder = loaded(name, headlines_of(index.corpus))
    if encoder.revision != index.manifest.revision:
        message = f"the encoder {name!r} is not as it was when the index was built"
        raise EncoderError(f"{message}; build it again with `related-events build`")
    return encoder


def loaded(name: str, headlines: list[str]) -> Encoder:
    """An encoder, loaded, which takes seconds; call it where errors are `translated`."""
    return load_encoder(name, corpus=headlines)


def revision_of(encoder: str, headlines: list[str]) -> str:
    """Identity of the vectors that an encoder makes.

    Raises:
        EncoderError: There is no such encoder.
    """
    with translated():
        return encoder_revision(encoder, corpus=headlines)


def headlines_of(corpus: Corpus) -> list[str]:
    """The texts that are encoded."""
    return [text.strip() for text in corpus.texts]


@contextmanager
def translated() -> Iterator[None]:
    """Give an error of the models its place in our tree; `models` knows nothing of that."""
    try:
        yield
    except EncoderProblem as problem:
        raise EncoderError(str(problem)) from None
