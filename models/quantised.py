"""The encoder that reads meaning fast: a small transformer in whole numbers of 8 bits, run by onnxruntime.

Weights have 7 bits and a sign for each output; activations get 8 bits when a text is run, scaled by the largest of them
("dynamic quantisation"). A product of 8-bit activations and such weights, added in pairs, fits the 16 bits that
processors without VNNI add in, so onnxruntime's kernels for AVX2, AVX-512 and VNNI, of which it takes the best at run
time, add up to the same whole numbers.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from models.shipped import TOKENIZER, as_text, load_tokenizer, read_weights, shipped_revision

NAME = "accurate"
_WEIGHTS = "accurate.onnx"
_RECIPE = "quantised 1"  # raise the number when the same weights give other vectors
_TOKENS = 256
_CHUNK = 64


class QuantisedEncoder:
    """A loaded model; the vector of a text does not depend on what is encoded with it.

    The scale of the activations is that of everything in a run: texts of one run would change each other. So a run is
    one text, which needs no padding either, and is computed by one thread; threads take texts, not parts of one.
    """

    def __init__(self, threads: int | None = None) -> None:
        """Load the weights.

        Args:
            threads: That encode, None for as many as the process may use.

        Raises:
            EncoderError: The weights are missing or not those that were shipped.
        """
        import onnxruntime  # noqa: PLC0415 - only whoever encodes waits for it

        self.name = NAME
        self.revision = quantised_revision()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # what is on stderr is for us to say
        content = read_weights(_WEIGHTS)
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(_TOKENS)
        self._threads = threads or _cores()
        self.dimensions = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Return one unit row per text, in the given order; a blank text gets a zero row."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)

        def fill(start: int) -> int:
            places = range(start, min(start + _CHUNK, len(texts)))
            several = self._tokenizer.encode_batch([as_text(texts[place]) for place in places])
            for place, tokens in zip(places, several, strict=True):
                if texts[place].strip():
                    vectors[place] = self.encode_tokens(tokens.ids)
            return len(places)

        with ThreadPoolExecutor(self._threads) as pool:
            for done in pool.map(fill, range(0, len(texts), _CHUNK)):
                if progress:
                    progress(done)
        return vectors

    def encode_tokens(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the unit row, (dimensions,), of a text that the tokenizer has read, marks at its ends included."""
        row: NDArray[np.float32] = self._session.run(None, {"ids": np.array([ids], dtype=np.int64)})[0][0]
        return row


def quantised_revision() -> str:
    """Return the identity of the encoder's vectors, without loading it.

    Raises:
        EncoderError: The weights are missing or not those that were shipped.
    """
    return shipped_revision(_RECIPE, _WEIGHTS, TOKENIZER)


def _cores() -> int:
    """Cores that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
