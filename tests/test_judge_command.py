"""`judge`: keys become grades, every grade is saved at once, and neither a page nor a kill does any harm."""

import io
import os
import re
import signal
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_cli import is_error, is_wrong_use
from worlds import link, page, recommender_of, slug_of

from recommender.index import Index
from recommender.judging import GRADES
from recommender.parameters import PROFILES
from recommender.pooling import find_candidates, named_queries, pools, sampled_queries
from recommender.qrels import read_qrels
from recommender.related import Recommender
from recommender.terminal import printable

STORM = ("2013-10-28", "A storm reaches Denmark")
POWER = ("2013-10-29", "Homes in Denmark are without power after the storm")
FERRIES = ("2013-10-30", "Ferries sail again after the storm")
ELECTION = ("2013-11-19", "Denmark votes")
WEIRD = ("2013-11-20", "A storm \x1b[2J\x1b]0;owned\x07 \x9b31m of\u202e sgel\r\x08 \x00 and words")
PAGES = (
    page(*STORM, [link(*POWER, "Denmark, Storm"), link(*FERRIES, "Storm")], topic="Weather", description="A big one."),
    *(page(*event) for event in (POWER, FERRIES, ELECTION)),
)
LABELS = {STORM: "Denmark, Storm", POWER: "Denmark, Storm", FERRIES: "Storm", ELECTION: "Denmark"}
SLUGS = {slug_of(*event) for event in (STORM, POWER, FERRIES, ELECTION)}

Judge = Callable[..., tuple[int, str, str]]

KILLED = """
import io, os, signal, sys
name, nth, keys = sys.argv[1], int(sys.argv[2]), sys.argv[3]
del sys.argv[1:4]
sys.stdin = io.TextIOWrapper(io.BytesIO("\\n".join(keys).encode()))
real, calls = getattr(os, name), 0

def held(*arguments, **options):
    global calls
    calls += 1
    if calls == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)

setattr(os, name, held)
from recommender.cli import main
main()
"""
ON_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(int(sys.argv.pop(1)), termios.TIOCSCTTY, 0)
from recommender.cli import main
main()
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("denmark") / "index"
    recommender_of(PAGES, LABELS).index.save(folder)
    return folder


@pytest.fixture(scope="module")
def weird(tmp_path_factory) -> Path:
    """The same, and a page that means to drive the terminal."""
    folder = tmp_path_factory.mktemp("weird") / "index"
    odd = page(*WEIRD, topic="\x1b[31mred", description="One\nline\tand \x1b]52;c;aGk=\x07 more.")
    recommender_of([odd, *PAGES], LABELS).index.save(folder)
    return folder


@pytest.fixture
def output(tmp_path) -> Path:
    return tmp_path / "mine.qrels"


@pytest.fixture
def judge(command, index, output, monkeypatch) -> Judge:
    """Runs `judge` with a line of stdin for each key."""

    def run(keys: str | bytes = "", *arguments: object, output: Path = output, index: Path = index):
        raw = keys if isinstance(keys, bytes) else "".join(f"{key}\n" for key in keys).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), "utf-8"))
        return command("judge", "--index", index, "--output", output, *arguments)

    return run


def pairs(index: Path, *events: tuple[str, str]) -> list[tuple[str, str]]:
    """What is asked, in order."""
    recommender = Recommender(Index.open(index))
    corpus = recommender.index.corpus
    rows = named_queries(corpus, [slug_of(*event) for event in events]) if events else None
    rows = rows or sampled_queries(corpus, 20, seed=0)
    found = find_candidates(recommender, rows, PROFILES, depth=10)
    return [(pool.query.slug, event.slug) for pool in pools(corpus, found, seed=0) for event in pool.candidates]


@contextmanager
def terminal(index: Path, output: Path, *, queries: str = "") -> Iterator[tuple[subprocess.Popen, Callable]]:
    """`judge` on a terminal of its own, and what presses a key there once it waits for one."""
    master, slave = os.openpty()
    told = output.with_name("stderr")
    options = ["judge", "--index", str(index), "--output", str(output), *(["--queries", "-"] if queries else [])]
    with told.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, str(slave), *options],
            stdin=subprocess.PIPE if queries else slave,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            pass_fds=[slave],
            start_new_session=True,
        )
    if queries:
        process.stdin.write(queries.encode())
        process.stdin.close()

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while process.poll() is None and not condition():
            assert time.monotonic() < end
            time.sleep(0.005)

    def waits_for_a_key() -> bool:
        return not termios.tcgetattr(slave)[3] & termios.ICANON

    def press(key: str) -> None:
        """Press a key; when this returns the answer is saved: the next key is waited for, or the session has ended."""
        wait(waits_for_a_key)
        before = told.read_text().count("\n> ")
        os.write(master, key.encode())
        wait(lambda: told.read_text().count("\n> ") > before)
        wait(waits_for_a_key)

    try:
        yield process, press
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def grades(output: Path) -> dict[tuple[str, str], int]:
    judged = read_qrels(output).grades
    return {(query, document): grade for query in judged for document, grade in judged[query].items()}


class TestSession:
    def test_shows_the_query_one_candidate_and_the_question(self, judge, tmp_path, index):
        (tmp_path / "queries").write_text(slug_of(*STORM) + "\n")
        code, out, err = judge("q", "--queries", tmp_path / "queries")
        assert (code, out) == (0, "")
        first = pairs(index, STORM)[0][1]
        day, text = next(event for event in (POWER, FERRIES, ELECTION) if slug_of(*event) == first)
        assert "Query 1 of 1, 3 candidates left\n" in err
        assert "\n2013-10-28  A storm reaches Denmark\n            topic: Weather\n            A big one.\n" in err
        assert re.search(rf"\nCandidate\n\n{day}  {text}\n            \d+ days? later\n", err)
        assert all(f"\n  {grade}  {meaning}\n" in err for grade, meaning in GRADES.items())
        assert sum(other in err for _, other in (POWER, FERRIES, ELECTION)) == 1

    def test_says_nothing_of_who_found_a_candidate(self, judge):
        err = judge("0" * 12 + "q")[2]
        assert not any(word in err for word in (*PROFILES, "score", "rank", "shared"))

    def test_saves_what_the_keys_say(self, judge, output, index):
        code, out, err = judge("32s10q")
        assert (code, out) == (0, "")
        asked = pairs(index)
        expected = dict(zip([asked[place] for place in (0, 1, 3, 4)], (3, 2, 1, 0), strict=True))
        assert grades(output) == expected
        lines = [f"{query} 0 {document} {grade}\n" for (query, document), grade in expected.items()]
        assert output.read_text() == "".join(lines)
        assert err.endswith(f"4 graded (1 with 3, 1 with 2, 1 with 1, 1 with 0), saved in {output}; 8 left\n")

    def test_is_accepted_by_evaluate(self, judge, command, output, index):
        judge("3210" * 3)
        code, out, err = command("evaluate", "--index", index, "--qrels", output)
        assert (code, err) == (0, "")
        assert "mine: 4 queries, 12 judged pairs" in out

    def test_goes_to_the_next_query(self, judge, output, index):
        judge("3n2nq")
        asked = pairs(index)
        assert grades(output) == {asked[0]: 3, asked[3]: 2}

    def test_asks_again_after_what_is_no_answer(self, judge, output, index):
        _, _, err = judge(["7", "33", "\x1b[A", "x" * 5, "", "3", "q"])
        assert grades(output) == {pairs(index)[0]: 3}
        for shown in ("7", "33", r"\x1b[A", "xxxxx"):
            assert f"'{shown}' is no answer, expected one of 3 2 1 0 u s n q\n" in err

    def test_takes_bytes_that_are_no_text_for_no_answer(self, judge, output):
        code, _, err = judge(b"\xff\n3\nq\n")
        assert code == 0
        assert "is no answer" in err
        assert list(grades(output).values()) == [3]

    def test_ends_with_its_input(self, judge, output):
        code, _, err = judge("31")
        assert code == 0
        assert err.endswith(f"2 graded (1 with 3, 0 with 2, 1 with 1, 0 with 0), saved in {output}; 10 left\n")

    def test_quit_at_once_leaves_no_file(self, judge, output):
        code, _, err = judge("q")
        assert (code, err.splitlines()[-1]) == (0, "nothing graded, 12 left")
        assert not output.exists()

    def test_at_the_end_says_so_and_still_takes_back(self, judge, output, index):
        code, _, err = judge("0" * 12 + "3" + "u3q")
        assert code == 0
        assert "That was the last candidate." in err
        assert "there is no candidate to grade; u takes the last answer back, q quits\n" in err
        assert grades(output)[pairs(index)[-1]] == 3
        assert sorted(grades(output).values()) == [0] * 11 + [3]


class TestUndo:
    def test_takes_a_grade_out_of_the_file(self, judge, output, index):
        judge("32uq")
        assert grades(output) == {pairs(index)[0]: 3}

    def test_asks_the_same_pair_again(self, judge, output, index):
        judge("3u1q")
        assert grades(output) == {pairs(index)[0]: 1}

    def test_of_everything_leaves_what_was_there(self, judge, output):
        output.write_text("q 0 d 1")
        judge("32uuq")
        assert output.read_text() == "q 0 d 1"

    def test_does_not_reach_back_to_an_earlier_session(self, judge, output, index):
        judge("3q")
        _, _, err = judge("uq")
        assert "nothing in this session to take back\n" in err
        assert grades(output) == {pairs(index)[0]: 3}


class TestResuming:
    def test_goes_on_with_what_has_no_grade(self, judge, output, index):
        asked = pairs(index)
        judge("3s2q")
        judge("10q")
        assert grades(output) == {asked[0]: 3, asked[1]: 1, asked[2]: 2, asked[3]: 0}

    def test_in_many_sessions_gives_what_one_gives(self, judge, output, tmp_path):
        keys = "012301230123"
        judge(keys, output=tmp_path / "once.qrels")
        for key in keys:
            judge(key + "q")
        assert output.read_bytes() == (tmp_path / "once.qrels").read_bytes()

    def test_with_nothing_left_needs_no_key(self, judge, output):
        judge("0" * 12)
        before = output.read_bytes()
        assert judge() == (0, "", f"nothing is left to grade, {output} has it all\n")
        assert output.read_bytes() == before

    @pytest.mark.parametrize(
        ("before", "gap"),
        [
            (b"z 0 other 2\n\na  0\tother -1\r\n", b""),
            (b"\xef\xbb\xbfz Q0 other 02", b"\n"),
            ("z 0 Кения 15\n  \n".encode(), b""),
            (b"", b""),
            (b"\n", b""),
            (b" ", b"\n"),
        ],
    )
    def test_keeps_what_was_there_byte_for_byte(self, judge, output, before, gap):
        output.write_bytes(before)
        judge("31q")
        after = output.read_bytes()
        assert after.startswith(before + gap + b"news/")
        assert after.count(b"\n") == (before + gap).count(b"\n") + 2
        read_qrels(output)

    def test_keeps_the_mode_of_the_file_and_what_links_to_it(self, judge, output, tmp_path):
        output.write_text("q 0 d 1\n")
        output.chmod(0o640)
        (tmp_path / "link").symlink_to(output)
        judge("3q", output=tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert stat.S_IMODE(output.stat().st_mode) == 0o640
        assert len(grades(output)) == 2

    def test_does_not_write_over_another_session(self, index, output):
        with terminal(index, output) as (process, press):
            press("3")
            output.write_text("q 0 d 1\n")
            press("2")
            assert process.wait(timeout=60) == 2
        last = output.with_name("stderr").read_text().splitlines()[-1]
        assert last.startswith(f"error: {output} was changed by something else, so that the last answer is not saved")
        assert output.read_text() == "q 0 d 1\n"

    def test_writes_a_file_again_that_went_away(self, index, output):
        with terminal(index, output) as (process, press):
            press("3")
            output.unlink()
            press("2")
            press("q")
            assert process.wait(timeout=60) == 0
        assert sorted(grades(output).values()) == [2, 3]


class TestKill:
    @pytest.mark.parametrize("call", ["fsync", "replace"])
    @pytest.mark.parametrize("nth", [1, 2, 4])
    def test_loses_no_grade_that_was_saved(self, judge, index, output, call, nth):
        """In the middle of saving the nth grade: the file has those before, and the next session ends it."""
        options = ["judge", "--index", index, "--output", output]
        program = [sys.executable, "-c", KILLED, call, str(nth), "32103210", *map(str, options)]
        assert subprocess.run(program, capture_output=True, check=False).returncode == -signal.SIGKILL
        asked = pairs(index)
        assert (grades(output) if output.exists() else {}) == dict(zip(asked[: nth - 1], (3, 2, 1), strict=False))
        judge("0" * 12)
        assert grades(output) == dict.fromkeys(asked, 0) | dict(zip(asked[: nth - 1], (3, 2, 1), strict=False))
        assert [path.name for path in output.parent.iterdir()] == [output.name]

    def test_with_the_keyboard_tells_what_is_saved(self, judge, output, monkeypatch):
        keys = iter("31")

        def getchar() -> str:
            key = next(keys, None)
            if key is None:
                raise KeyboardInterrupt
            return key

        monkeypatch.setattr("click.getchar", getchar)
        code, _, err = judge((slug_of(*STORM),), "--queries", "-")
        assert code == 130
        assert f"2 graded (1 with 3, 0 with 2, 1 with 1, 0 with 0), saved in {output}; 1 left\n" in err
        assert len(grades(output)) == 2


class TestHeadlines:
    def test_do_not_drive_the_terminal(self, judge, weird):
        _, _, err = judge("0" * 20, index=weird)
        assert r"A storm \x1b[2J\x1b]0;owned\x07 \x9b31m of\u202e sgel \x08 \x00 and words" in err
        assert r"topic: \x1b[31mred" in err
        assert r"One line and \x1b]52;c;aGk=\x07 more." in err
        assert all(character == "\n" or character.isprintable() for character in err)

    @pytest.mark.parametrize(
        "text", ["肯尼亚法院维持选举结果", "Élection — «oui»", "می\u200cخواهم", "👩\u200d🚀", r"C:\path"]
    )
    def test_of_any_script_are_shown_as_they_are(self, text):
        assert printable(text) == text


class TestOptions:
    def test_queries_come_from_a_file_in_its_order(self, judge, output, tmp_path, index):
        (tmp_path / "queries").write_text(f"denmark-votes\n\n/{slug_of(*STORM)}.md\n")
        judge("3" * 6, "--queries", tmp_path / "queries")
        assert list(grades_in_order(output)) == pairs(index, ELECTION, STORM)

    def test_the_sample_has_its_size(self, judge, output):
        judge("0" * 12, "--sample", 2)
        assert len(read_qrels(output).queries) == 2

    def test_the_seed_makes_another_order(self, judge, tmp_path):
        orders = []
        for seed in (0, 0, 1):
            judge("0" * 12, "--seed", seed, output=tmp_path / f"{len(orders)}.qrels")
            orders.append(grades_in_order(tmp_path / f"{len(orders)}.qrels"))
        assert orders[0] == orders[1] != orders[2]
        assert sorted(orders[0]) == sorted(orders[2])

    def test_the_pool_is_of_the_profiles_and_the_depth(self, judge, output, tmp_path):
        (tmp_path / "queries").write_text(slug_of(*STORM))
        judge("0" * 9, "--queries", tmp_path / "queries", "--profile", "reproduce", "--depth", 1)
        assert list(grades(output)) == [(slug_of(*STORM), slug_of(*POWER))]


class TestErrors:
    def test_without_a_terminal_and_without_input(self, index, output):
        done = subprocess.run(
            [sys.executable, "-m", "recommender.cli", "judge", "--index", str(index), "--output", str(output)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        last = "error: there is neither a terminal nor input; run it on a terminal, or give a key a line on stdin"
        assert done.stderr.splitlines()[-1] == last
        assert not output.exists()

    def test_with_slugs_on_stdin_and_without_a_terminal(self, index, output):
        options = ["judge", "--index", str(index), "--output", str(output), "--queries", "-"]
        done = subprocess.run(
            [sys.executable, "-m", "recommender.cli", *options],
            input=slug_of(*STORM),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1].startswith("error: there is no terminal to press keys on; give the queries")

    def test_where_the_output_is_a_folder(self, judge, tmp_path):
        is_error(judge("3", output=tmp_path), f"{tmp_path} is a folder, expected the name of a file")

    def test_where_the_output_is_no_file(self, judge, tmp_path):
        os.mkfifo(tmp_path / "fifo")
        is_error(judge("3", output=tmp_path / "fifo"), "fifo is no regular file")

    def test_where_the_output_has_no_folder(self, judge, tmp_path):
        answer = judge("3", output=tmp_path / "nowhere" / "mine.qrels")
        is_error(answer, f"cannot be written: {tmp_path / 'nowhere'} is no folder; make it first")

    def test_where_the_output_would_be_compressed(self, judge, tmp_path):
        is_error(judge("3", output=tmp_path / "mine.qrels.gz"), "expected a name without .gz")

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("dear diary\n", "line 1: 2 columns, expected 4: `query iteration document grade`"),
            ("q 0 d 1\nq 0 d 2\n", "line 2: 'q' and 'd' have the grade 2 and, above, 1"),
            ("q 0 d high\n", "line 1: the grade is 'high'"),
        ],
    )
    def test_where_the_output_is_no_qrels(self, judge, output, text, message):
        output.write_text(text)
        is_error(judge("3"), str(output), message)
        assert output.read_text() == text

    def test_where_a_query_is_unknown(self, judge, tmp_path, output):
        (tmp_path / "queries").write_text(f"{slug_of(*STORM)}\ndenmark-vote\n")
        answer = judge("3", "--queries", tmp_path / "queries")
        is_error(answer, "no event has the slug 'denmark-vote'", slug_of(*ELECTION))
        assert not output.exists()

    def test_where_there_is_no_query(self, judge, tmp_path):
        (tmp_path / "queries").write_text("\n")
        is_error(judge("3", "--queries", tmp_path / "queries"), "there is no query to judge; give a slug a line")

    def test_where_options_exclude_each_other(self, judge, tmp_path):
        (tmp_path / "queries").write_text(slug_of(*STORM))
        answer = judge("3", "--queries", tmp_path / "queries", "--sample", 3)
        is_wrong_use(answer, "--sample cannot be given with --queries")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--queries", "nowhere"], "--queries"),
            (["--sample", 0], "--sample"),
            (["--depth", 51], "--depth"),
            (["--profile", "best"], "--profile"),
            (["--output", "-"], "--output cannot be -"),
        ],
    )
    def test_where_an_option_has_a_value_that_is_none(self, judge, options, message):
        is_wrong_use(judge("3", *options), message)


class TestTerminal:
    """Keys pressed on a terminal, without a newline."""

    def test_takes_keys_as_they_are_pressed(self, index, output):
        with terminal(index, output) as (process, press):
            press("3")
            assert sorted(grades(output).values()) == [3]
            press("2")
            press("u")
            press("1")
            press("q")
            assert process.wait(timeout=60) == 0
        assert list(grades(output).values()) == [3, 1]

    def test_takes_them_beside_slugs_on_stdin(self, index, output):
        with terminal(index, output, queries=slug_of(*STORM)) as (process, press):
            press("3")
            press("\x04")
            assert process.wait(timeout=60) == 0
        assert grades(output) == {pairs(index, STORM)[0]: 3}


def grades_in_order(output: Path) -> list[tuple[str, str]]:
    """Query and document of each line."""
    return [tuple(line.split()[::2]) for line in output.read_text().splitlines()]
