"""Qrels and runs: what files say, what is refused and how, and that a run written is the run read."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import QrelsError
from recommender.qrels import Qrels, Run, RunEntry, read_qrels, read_run, run_lines, write_run

QRELS = "b 0 y 2\nb 0 x 0\na 0 x 3\n"
RUN = "q Q0 x 1 0.9 cosine\nq Q0 y 2 0.5 cosine\n"


def file(tmp_path: Path, text: str | bytes, name: str = "judged.qrels") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def run(*entries: tuple[str, float], name: str = "cosine") -> Run:
    return Run(name, {"q": tuple(RunEntry(*entry) for entry in entries)})


class TestQrels:
    def test_are_read_with_their_zero_grades(self, tmp_path):
        qrels = read_qrels(file(tmp_path, QRELS))
        assert qrels.grades == {"a": {"x": 3}, "b": {"y": 2, "x": 0}}
        assert (qrels.name, qrels.pairs, qrels.max_grade) == ("judged", 3, 3)

    def test_are_read_from_gzip_too(self, tmp_path):
        packed = file(tmp_path, gzip.compress(QRELS.encode()), "judged.qrels.gz")
        assert read_qrels(packed) == read_qrels(file(tmp_path, QRELS))

    def test_have_their_queries_sorted_whatever_the_order_of_lines(self, tmp_path):
        assert read_qrels(file(tmp_path, QRELS)).queries == ("a", "b")

    def test_may_be_separated_by_tabs_and_end_lines_the_windows_way(self, tmp_path):
        odd = "\ufeffb\t0\ty\t2\r\n\r\n b  0 x 0 \r\na 0 x 3"
        assert read_qrels(file(tmp_path, odd)).grades == read_qrels(file(tmp_path, QRELS)).grades

    def test_split_only_at_ascii_blanks(self, tmp_path):
        qrels = read_qrels(file(tmp_path, "news/2013/02/7/\u3000春 0 a\u00a0b\u2028c 1\n"))
        assert qrels.grades == {"news/2013/02/7/\u3000春": {"a\u00a0b\u2028c": 1}}

    def test_may_repeat_a_pair_with_the_same_grade(self, tmp_path):
        assert read_qrels(file(tmp_path, "a 0 x 1\na 0 x 1\n")).pairs == 1

    def test_keep_negative_grades(self, tmp_path):
        assert read_qrels(file(tmp_path, "a 0 x -2\na 0 y 1\n")).grades == {"a": {"x": -2, "y": 1}}

    def test_cannot_be_changed(self):
        qrels = Qrels("judged", {"a": {"x": 1}})
        with pytest.raises(TypeError):
            qrels.grades["a"]["x"] = 3  # type: ignore[index]

    def test_are_not_changed_through_what_they_were_made_of(self):
        grades = {"a": {"x": 1}}
        qrels = Qrels("judged", grades)
        grades["a"]["x"] = 3
        assert qrels.grades["a"]["x"] == 1

    def test_count_pairs_from_a_grade_on(self, tmp_path):
        qrels = read_qrels(file(tmp_path, QRELS))
        assert [qrels.pairs_from(grade) for grade in (0, 1, 3)] == [3, 2, 1]

    def test_can_be_restricted_to_one_side_of_a_split(self, tmp_path):
        part = read_qrels(file(tmp_path, QRELS)).restricted_to(["b"], name="fit")
        assert (part.name, part.grades) == ("fit", {"b": {"y": 2, "x": 0}})

    def test_cannot_be_restricted_to_strangers(self):
        with pytest.raises(QrelsError, match="judged does not judge 'z'"):
            Qrels("judged", {"a": {"x": 1}}).restricted_to(["a", "z"], name="fit")

    @pytest.mark.parametrize("grades", [{}, {"a": {}}])
    def test_hold_at_least_one_pair(self, grades):
        with pytest.raises(QrelsError, match="holds no judged pair"):
            Qrels("judged", grades)

    def test_have_no_grade_that_trec_eval_cannot_hold(self):
        with pytest.raises(QrelsError, match="grade 40, expected none above 15"):
            Qrels("judged", {"a": {"x": 40}})

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a 0 x 1\na 0 y\n", "line 2: 3 columns, expected 4: `query iteration document grade`"),
            ("a 0 x 1 1\n", "line 1: 5 columns, expected 4"),
            ("a 0 x 1\n\na 0 y D\n", "line 3: the grade is 'D', expected an integer up to 15"),
            ("a 0 x 1.0\n", "line 1: the grade is '1.0'"),
            ("a 0 x 1_0\n", "line 1: the grade is '1_0'"),
            ("a 0 x 99\n", "line 1: the grade is '99'"),
            ("a 0 x 1\na 0 x 0\n", "line 2: 'a' and 'x' have the grade 0 and, above, 1, expected one grade for a pair"),
            (b"a 0 x 1\na 0 caf\xe9 1\n", "line 2: the byte 0xe9, expected UTF-8"),
            ("", "judged.qrels is empty, expected lines of 4 columns"),
            (" \n\n", "judged.qrels is empty"),
        ],
    )
    def test_are_refused_with_file_line_and_expectation(self, tmp_path, text, message):
        with pytest.raises(QrelsError) as refused:
            read_qrels(file(tmp_path, text))
        assert message in str(refused.value)
        assert "judged.qrels" in str(refused.value)

    @pytest.mark.parametrize(
        "packed",
        [
            gzip.compress(QRELS.encode() * 50)[:-12],
            QRELS.encode(),
            gzip.compress(random.Random(0).randbytes(99))[:30] + b"\xff" * 90,
        ],
        ids=["cut off", "not gzip", "garbled"],
    )
    def test_in_broken_gzip_are_refused(self, tmp_path, packed):
        with pytest.raises(QrelsError, match=r"judged\.qrels\.gz, line \d+: broken gzip .*expected a whole gzip file"):
            read_qrels(file(tmp_path, packed, "judged.qrels.gz"))

    @pytest.mark.parametrize("name", ["none.qrels", "none.qrels.gz"])
    def test_that_are_missing_are_told(self, tmp_path, name):
        with pytest.raises(QrelsError, match=r"none\.qrels(\.gz)? is missing"):
            read_qrels(tmp_path / name)

    def test_that_are_a_folder_are_told(self, tmp_path):
        with pytest.raises(QrelsError, match="cannot be read: Is a directory"):
            read_qrels(tmp_path)


class TestRun:
    def test_is_read_best_first(self, tmp_path):
        read = read_run(file(tmp_path, "q Q0 y 2 0.5 cosine\nq Q0 x 1 0.9 cosine\np Q0 z 1 1e-3 cosine\n"))
        assert read.name == "cosine"
        assert read.entries == {"q": (("x", 0.9), ("y", 0.5)), "p": (("z", 0.001),)}
        assert read.documents() == {"q": ("x", "y"), "p": ("z",)}

    def test_orders_equal_scores_by_rank(self, tmp_path):
        read = read_run(file(tmp_path, "q Q0 b 2 1 t\nq Q0 a 3 1 t\nq Q0 c 1 1 t\n"))
        assert read.documents() == {"q": ("c", "b", "a")}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("q Q0 x 1 0.9\n", "line 1: 5 columns, expected 6: `query Q0 document rank score tag`"),
            (RUN + "q Q0 z third 0.1 cosine\n", "line 3: the rank is 'third', expected an integer"),
            (RUN + "q Q0 z 3 high cosine\n", "line 3: the score is 'high', expected a finite number"),
            (RUN + "q Q0 z 3 nan cosine\n", "line 3: the score is 'nan'"),
            (RUN + "q Q0 x 3 0.1 cosine\n", "line 3: 'x' is listed again for 'q', expected each document once"),
            (RUN + "q Q0 z 3 0.1 other\n", "line 3: the tag is 'other' and, above, 'cosine', expected one run"),
            ("", "is empty, expected lines of 6 columns"),
        ],
    )
    def test_is_refused_with_file_line_and_expectation(self, tmp_path, text, message):
        with pytest.raises(QrelsError) as refused:
            read_run(file(tmp_path, text, "cosine.run"))
        assert message in str(refused.value)
        assert "cosine.run" in str(refused.value)

    def test_is_written_in_six_columns_with_ranks_from_one(self):
        assert list(run_lines(run(("x", 0.9), ("y", 0.1 + 0.2)))) == [
            "q Q0 x 1 0.9 cosine\n",
            "q Q0 y 2 0.30000000000000004 cosine\n",
        ]

    def test_has_no_line_for_a_query_without_documents(self):
        assert list(run_lines(Run("cosine", {"q": ()}))) == []

    def test_keeps_its_order_where_scores_tie_or_rise(self, tmp_path):
        """A diversified list is not in the order of its scores: the order is what was answered."""
        path = tmp_path / "cosine.run"
        write_run(run(("b", 0.5), ("c", 0.5), ("a", 0.8), ("d", 0.4)), path)
        read = read_run(path)
        assert read.documents() == {"q": ("b", "c", "a", "d")}
        assert [entry.score for entry in read.entries["q"]] == pytest.approx([0.5, 0.5, 0.5, 0.4])

    @pytest.mark.parametrize("score", [float("nan"), float("inf"), -1e39])
    def test_with_a_score_that_tools_cannot_hold_is_not_written(self, score):
        with pytest.raises(QrelsError, match="'x' has the score"):
            list(run_lines(run(("x", score))))

    @pytest.mark.parametrize(
        ("odd", "message"),
        [
            (run(("x", 1.0), name="my run"), "the name of the run is 'my run', expected a word without blanks"),
            (run(("", 1.0)), "a document is ''"),
            (Run("cosine", {"a b": (RunEntry("x", 1.0),)}), "a query is 'a b'"),
            (run(("x", 1.0), ("x", 0.5)), "'cosine' lists a document twice for 'q'"),
        ],
    )
    def test_that_would_not_read_back_is_not_written(self, odd, message):
        with pytest.raises(QrelsError, match=message):
            list(run_lines(odd))

    def test_that_cannot_be_written_is_told(self, tmp_path):
        with pytest.raises(QrelsError, match="cannot be written: No such file or directory"):
            write_run(run(("x", 1.0)), tmp_path / "missing" / "cosine.run")


slugs = st.text(st.characters(exclude_characters=" \t\n\r\x0b\x0c", exclude_categories=["Cs"]), min_size=1, max_size=6)
scores = st.floats(-1e30, 1e30) | st.sampled_from([0.0, -0.0, 0.5, 0.5 + 1e-12, 1e-46])
runs = st.builds(
    lambda answers: Run("extend", {query: tuple(map(RunEntry._make, answer)) for query, answer in answers.items()}),
    st.dictionaries(
        slugs.filter(lambda slug: not slug.startswith("\ufeff")),
        st.lists(st.tuples(slugs, scores), min_size=1, max_size=8, unique_by=lambda entry: entry[0]),
        min_size=1,
        max_size=4,
    ),
)


@pytest.fixture(scope="module")
def run_path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("runs") / "extend.run"


@given(written=runs)
def test_law_a_run_written_reads_back_in_its_order_and_writes_the_same_bytes(run_path, written):
    write_run(written, run_path)
    first, read = run_path.read_bytes(), read_run(run_path)
    assert read.documents() == written.documents()
    write_run(read, run_path)
    assert run_path.read_bytes() == first


@given(written=runs)
def test_law_printed_scores_fall_in_single_precision(run_path, written):
    write_run(written, run_path)
    for answer in read_run(run_path).entries.values():
        single = np.array([score for _, score in answer], dtype=np.float32)
        assert (np.diff(single) < 0).all()


@given(exact=st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=8, unique=True))
def test_law_scores_that_fall_read_back_as_the_same_numbers(run_path, exact):
    falling = run(*((f"d{rank}", score) for rank, score in enumerate(sorted(exact, reverse=True))))
    write_run(falling, run_path)
    assert read_run(run_path) == falling
