"""The embedding stage: one vector per text, looked up by content in an earlier index before anything is encoded."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.encoder import Encoder

_KEY_BYTES = 16
_PORTION = 2048
"""Texts that are encoded before they are written down: some seconds of work."""
# Two unsigned numbers, not a string of 16 bytes: NumPy drops trailing zero bytes of strings. Little-endian by
# name, so that the same texts give the same file everywhere.
_KEY_PART = np.dtype("<u8")


Keep = Callable[[NDArray[np.uint64], NDArray[np.float32]], None]
"""Takes keys and vectors of a portion of texts as soon as they are encoded."""


class KnownVectors(NamedTuple):
    """Vectors that there are already, made by the encoder of the same revision."""

    keys: NDArray[np.uint64]
    """(m, 2) digests of texts."""
    vectors: NDArray[np.float32]
    """(m, dimensions) the vector of each; may be a memory-map."""


class EncodedTexts(NamedTuple):
    """The vectors of a corpus."""

    keys: NDArray[np.uint64]
    """(n, 2) digest of each text, in corpus order."""
    vectors: NDArray[np.float32]
    """(n, dimensions) the vector of each."""
    encoded: int
    """How many texts had to be encoded."""


def text_key(text: str) -> bytes:
    """Return the 16-byte digest that a text is known by."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def encode_corpus(
    load: Callable[[], Encoder],
    texts: Sequence[str],
    *,
    known: KnownVectors | None,
    progress: Callable[[int, int], None] | None = None,
    keep: Keep | None = None,
) -> EncodedTexts:
    """Give each text its vector; texts that are known or repeated are not encoded again.

    Args:
        load: Loads the encoder; not called where every vector is known.
        texts: The texts of the archive, in corpus order.
        known: Vectors made by the encoder of the same revision, None where there are none.
        progress: Called with how many texts of how many have been encoded, first with 0; never where there are none.
        keep: Called with each portion of texts that has been encoded.

    Raises:
        ValueError: `known` does not fit together or to the encoder.
    """
    keys = [text_key(text) for text in texts]
    earlier = _known_rows(known)
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in earlier}
    encoded = _encode(load, fresh, progress, keep) if fresh or known is None else known.vectors[:0]
    if known is not None and known.vectors.shape[1] != encoded.shape[1]:
        raise ValueError(
            f"known vectors have {known.vectors.shape[1]} dimensions, the encoder's {encoded.shape[1]}, expected "
            "equal numbers; give only vectors of the same revision"
        )
    vectors = np.empty((len(texts), encoded.shape[1]), dtype=np.float32)
    places = {key: place for place, key in enumerate(fresh)}
    is_fresh = np.fromiter((key in places for key in keys), np.bool_, len(keys))
    vectors[is_fresh] = encoded[[places[key] for key in keys if key in places]]
    if known is not None:
        vectors[~is_fresh] = known.vectors[[earlier[key] for key in keys if key not in places]]
    return EncodedTexts(_packed(keys), vectors, len(fresh))


def joined(one: KnownVectors | None, other: KnownVectors | None) -> KnownVectors | None:
    """All that is known from either."""
    if one is None or other is None:
        return other if one is None else one
    return KnownVectors(np.concatenate((one.keys, other.keys)), np.concatenate((one.vectors, other.vectors)))


def _encode(
    load: Callable[[], Encoder],
    texts: Mapping[bytes, str],
    progress: Callable[[int, int], None] | None,
    keep: Keep | None,
) -> NDArray[np.float32]:
    """Encode texts by key, in portions of texts of like length, which encoders take faster."""
    done = 0

    def count(just_done: int) -> None:
        nonlocal done
        done += just_done
        if progress:
            progress(done, len(texts))

    if texts:
        count(0)  # before the encoder is loaded, which takes seconds
    encoder = load()
    keys, wanted = list(texts), list(texts.values())
    vectors = np.empty((len(wanted), encoder.dimensions), np.float32)
    order = list(range(len(wanted)))
    if len(order) > _PORTION:
        order.sort(key=lambda place: len(wanted[place]))
    for start in range(0, len(order), _PORTION):
        portion = order[start : start + _PORTION]
        encoded = encoder.encode([wanted[place] for place in portion], progress=count)
        if encoded.shape != (len(portion), encoder.dimensions):
            raise ValueError(
                f"the encoder {encoder.name!r} gave an array of shape {encoded.shape}, expected "
                f"{(len(portion), encoder.dimensions)}; it does not do what `Encoder` asks"
            )
        vectors[portion] = encoded
        if keep:
            keep(_packed([keys[place] for place in portion]), encoded)
    return vectors


def rows_by_key(keys: NDArray[np.uint64]) -> dict[bytes, int]:
    """The row of each text by its digest; of repeated texts the last."""
    digests = keys.astype(_KEY_PART, order="C").tobytes()
    return {digests[row * _KEY_BYTES : (row + 1) * _KEY_BYTES]: row for row in range(len(keys))}


def _known_rows(known: KnownVectors | None) -> dict[bytes, int]:
    if known is None:
        return {}
    if known.keys.shape != (len(known.vectors), 2):
        raise ValueError(
            f"keys of shape {known.keys.shape} for {len(known.vectors)} known vectors, expected "
            f"{(len(known.vectors), 2)}; give both from one index"
        )
    return rows_by_key(known.keys)


def _packed(keys: list[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(keys), dtype=_KEY_PART).reshape(-1, 2)
