"""The benchmarks' own work: outputs go into a document, and synthetic archives are what they claim to be."""

import numpy as np
import pytest

from recommender.index import Index
from recommender.related import Recommender

everything = pytest.importorskip("everything", reason="benchmarks/ is not beside the tests")
profiles = pytest.importorskip("profiles", reason="benchmarks/ is not beside the tests")
synthetic = pytest.importorskip("synthetic", reason="benchmarks/ is not beside the tests")
EVENTS = 700


@pytest.fixture(scope="module")
def larger(index) -> Index:
    return synthetic.grown(index, EVENTS, seed=1)


def test_an_output_takes_the_place_of_the_one_in_the_document():
    document = (
        "a\n\n<!-- measured: growth -->\n```text\n$ old\nfour\n```\n\n<!-- measured: bench -->\n```text\nfive\n```\n"
    )
    new = everything.block("command", "one \\1\n")
    assert everything.filled(document, "growth", new) == document.replace("$ old\nfour", "$ command\none \\1")


def test_an_output_that_the_document_has_no_place_for_goes_to_its_end():
    text = everything.filled("a\n", "build", everything.block("command", "one"))
    assert text.startswith("a\n\n## Building")
    assert text.endswith("<!-- measured: build -->\n```text\n$ command\none\n```\n")
    assert everything.filled(text, "build", everything.block("command", "two")) == text.replace("one\n```", "two\n```")


def test_words_of_a_command_are_those_of_this_machine(tmp_path):
    found = everything.words(everything.BENCHMARKS["build"].command, tmp_path / "pages", tmp_path / "index")
    assert found[1].endswith("benchmarks/build.py")
    assert found[2:] == [str(tmp_path / "pages"), "--vectors", str(tmp_path / "index")]


def test_a_larger_archive_holds_the_real_one_and_its_postings_agree(index, larger):
    paths = list(larger.corpus.paths)
    assert len(paths) == EVENTS
    assert paths == sorted(set(paths))
    assert set(index.corpus.paths) <= set(paths)
    entities = larger.entities
    by_event = {(row, int(one)) for row in range(EVENTS) for one in entities.entities(row)}
    assert by_event == {(int(row), one) for one in range(len(entities)) for row in entities.postings(one)}
    assert len(by_event) == len(entities.event_entities)


def test_a_larger_archive_has_new_entities_and_words_but_fewer_than_in_proportion(index, larger):
    for real, made in ((len(index.entities), len(larger.entities)), (len(index.stems.idf), len(larger.stems.idf))):
        assert real < made < real * EVENTS / len(index.corpus)
    assert list(larger.stems.names) == sorted(larger.stems.names)
    assert list(larger.terms.terms) == sorted(larger.terms.terms)


def test_made_vectors_are_as_near_to_real_ones_as_these_to_their_nearest(index, larger):
    made = [row for row, path in enumerate(larger.corpus.paths) if path not in set(index.corpus.paths)]
    real = [index.corpus.row(larger.corpus.slug(row).rpartition("-")[0]) for row in made]
    cosines = np.einsum("nd,nd->n", larger.vectors[made], index.vectors[real])
    assert np.linalg.norm(larger.vectors[made], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert cosines == pytest.approx(index.graph.cosines[real, 0], abs=1e-4)


def test_a_larger_archive_answers_after_saving_and_opening(larger, tmp_path):
    larger.save(tmp_path / "index")
    recommender = Recommender(Index.open(tmp_path / "index"))
    assert len(recommender.related(larger.corpus.slug(EVENTS // 2)).related) == 10


def test_a_smaller_archive_is_a_sample(index):
    smaller = synthetic.grown(index, 100, seed=1)
    assert set(smaller.corpus.paths) < set(index.corpus.paths)
    assert np.array_equal(
        smaller.vectors, index.vectors[[index.corpus.row(smaller.corpus.slug(row)) for row in range(100)]]
    )


def test_a_flame_graph_has_own_functions_below_their_callers_and_nothing_small():
    raw = (
        "main (/x/click/core.py);ask (/x/recommender/related.py);scan (/x/models/scan.py) 60\n"
        "main (/x/click/core.py);ask (/x/recommender/related.py);made.<locals>.tell (/x/recommender/reasons.py) 39\n"
        "main (/x/click/core.py);ask (/x/recommender/related.py);argsort (/x/numpy/core.py) 1\n"
        "main (/x/click/core.py) 900\n"
    )
    lines = profiles.drawn(profiles.counted(raw), 0.02)
    assert [line.split(maxsplit=2) for line in lines] == [
        ["100.0%", "█" * 20, "ask (recommender.related)"],
        ["60.0%", "█" * 12, "scan (models.scan)"],
        ["39.0%", "█" * 8, "tell (recommender.reasons)"],
    ]
    assert lines[1].index("scan") == lines[0].index("ask") + 2
