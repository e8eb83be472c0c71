"""Each distinct text is encoded once, and never again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import ToyEncoder

from recommender.vectors import KnownVectors, encode_corpus, text_key

TEXTS = ["A storm hits Chile", "Parliament votes", "", "A storm hits Chile", "火山喷发"]


def test_a_key_is_sixteen_bytes_and_tells_texts_apart():
    assert len({text_key(text) for text in [*TEXTS, "a storm hits Chile", "\ud800"]}) == len(set(TEXTS)) + 2
    assert all(len(text_key(text)) == 16 for text in TEXTS)


def test_every_text_gets_its_vector_in_order():
    encoder = ToyEncoder()
    keys, vectors, encoded = encode_corpus(lambda: encoder, TEXTS, known=None)
    np.testing.assert_array_equal(vectors, ToyEncoder().encode(TEXTS))
    assert vectors.dtype == np.float32
    assert [key.tobytes() for key in keys] == [text_key(text) for text in TEXTS]
    assert (keys.dtype, keys.shape) == (np.uint64, (len(TEXTS), 2))
    assert encoded == 4


def test_a_repeated_text_is_encoded_once():
    encoder = ToyEncoder()
    encode_corpus(lambda: encoder, TEXTS, known=None)
    assert encoder.encoded == ["A storm hits Chile", "Parliament votes", "", "火山喷发"]


def test_known_texts_are_not_encoded_again():
    keys, vectors, _ = encode_corpus(ToyEncoder, TEXTS, known=None)
    encoder = ToyEncoder()
    changed = ["A new event", *TEXTS[::-1], "A new event"]
    again = encode_corpus(lambda: encoder, changed, known=KnownVectors(keys, vectors))
    assert encoder.encoded == ["A new event"]
    assert again.encoded == 1
    np.testing.assert_array_equal(again.vectors, ToyEncoder().encode(changed))


def test_nothing_is_loaded_where_everything_is_known():
    keys, vectors, _ = encode_corpus(ToyEncoder, TEXTS, known=None)

    def load():
        raise AssertionError("loaded")

    again = encode_corpus(load, TEXTS[1:], known=KnownVectors(keys, vectors))
    np.testing.assert_array_equal(again.vectors, vectors[1:])
    assert again.encoded == 0


def test_known_vectors_may_be_a_memory_map(tmp_path):
    keys, vectors, _ = encode_corpus(ToyEncoder, TEXTS, known=None)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    again = encode_corpus(ToyEncoder, [*TEXTS, "more"], known=KnownVectors(keys, mapped))
    np.testing.assert_array_equal(again.vectors[:-1], vectors)


@given(st.lists(st.sampled_from("abcdefgh")), st.lists(st.sampled_from("abcdefgh")))
def test_an_incremental_build_gives_the_same_as_a_new_one(earlier, texts):
    keys, vectors, _ = encode_corpus(ToyEncoder, earlier, known=None)
    again = encode_corpus(ToyEncoder, texts, known=KnownVectors(keys, vectors))
    anew = encode_corpus(ToyEncoder, texts, known=None)
    assert again.keys.tobytes() == anew.keys.tobytes()
    assert again.vectors.tobytes() == anew.vectors.tobytes()
    assert again.encoded == len(set(texts) - set(earlier))


@pytest.mark.parametrize("known", [None, KnownVectors(np.zeros((0, 2), np.uint64), np.zeros((0, 64), np.float32))])
def test_an_empty_archive_has_no_vectors(known):
    keys, vectors, encoded = encode_corpus(ToyEncoder, [], known=known)
    assert (keys.shape, vectors.shape, encoded) == ((0, 2), (0, 64), 0)


def test_progress_begins_at_zero_and_ends_at_what_was_encoded():
    told = []
    encode_corpus(ToyEncoder, TEXTS, known=None, progress=lambda done, size: told.append((done, size)))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_known_vectors_of_another_encoder_are_refused():
    keys, vectors, _ = encode_corpus(lambda: ToyEncoder(dimensions=8), TEXTS, known=None)
    with pytest.raises(ValueError, match="have 8 dimensions, the encoder's 64"):
        encode_corpus(ToyEncoder, ["new"], known=KnownVectors(keys, vectors))


def test_keys_and_vectors_of_different_length_are_refused():
    keys, vectors, _ = encode_corpus(ToyEncoder, TEXTS, known=None)
    with pytest.raises(ValueError, match=r"keys of shape \(4, 2\) for 5 known vectors"):
        encode_corpus(ToyEncoder, TEXTS, known=KnownVectors(keys[1:], vectors))


def test_an_encoder_that_breaks_the_contract_is_named():
    class Broken(ToyEncoder):
        def encode(self, texts, *, progress=None):
            return super().encode(texts)[1:]

    with pytest.raises(ValueError, match=r"'toy' gave an array of shape \(3, 64\), expected \(4, 64\)"):
        encode_corpus(Broken, TEXTS, known=None)
