"""The command line: its commands, its exit codes, machine output on stdout, and errors as a sentence on stderr."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import pytest
from boat_race import EIGHT, FILES, FLOODS, OXFORD, PAGES, is_error, is_wrong_use, program
from worlds import page, slug_of, write_archive

from recommender import __version__, cli
from recommender.archive import read_archive
from recommender.example import example_index
from recommender.index import Index
from recommender.parameters import PROFILES, Parameters
from recommender.qrels import read_run
from recommender.related import Recommender
from recommender.render import as_json, as_markdown, as_table, parameters_json
from recommender.render_timeline import timeline_json, timeline_markdown, timeline_table
from recommender.render_why import why_json, why_table
from recommender.slugs import path_of
from recommender.timeline import timeline

COMMANDS = {
    "bench",
    "import",
    "build",
    "related",
    "why",
    "timeline",
    "run",
    "evaluate",
    "judge",
    "tune",
    "regenerate",
    "serve",
}


@pytest.fixture(scope="module")
def example(index, tmp_path_factory) -> Path:
    """The index of the example archive."""
    folder = tmp_path_factory.mktemp("example") / "index"
    index.save(folder)
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    """A small archive."""
    return write_archive(tmp_path / "archive", *PAGES, files=FILES)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """The index of the small archive."""
    base = tmp_path_factory.mktemp("small")
    archive = write_archive(base / "archive", *PAGES, files=FILES)
    done = subprocess.run(
        program("build", archive, "--index", base / "index", "--encoder", "lexical"), capture_output=True, check=False
    )
    assert done.returncode == 0
    return base / "index"


class TestHelp:
    def test_the_commands_are_these(self):
        assert cli.cli.list_commands(None) == sorted(COMMANDS)
        assert cli.cli.get_command(None, "nothing") is None

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_every_command_says_what_it_does(self, command, name, option):
        code, out, err = command(name, option)
        assert (code, err) == (0, "")
        assert re.match(rf"Usage: .*\b{name} ", out)
        assert len(cli.cli.get_command(None, name).help.split()) > 5
        for parameter in cli.cli.get_command(None, name).params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in out

    def test_the_program_lists_its_commands_with_a_line_each(self, command):
        code, out, err = command("--help")
        assert (code, err) == (0, "")
        lines = out.partition("Commands:\n")[2].splitlines()
        assert {line.split()[0] for line in lines} == COMMANDS
        assert all(len(line.split()) > 2 for line in lines)

    def test_and_its_version(self, command):
        assert command("--version") == (0, f"related-events, version {__version__}\n", "")

    def test_needs_nothing_heavy(self):
        heavy = {"torch", "sklearn", "scipy", "flask", "recommender.commands.build"}
        code = f"import sys; from recommender import cli; print(*{heavy} & sys.modules.keys())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")

    def test_without_a_command_is_wrong_use(self, command):
        code, out, err = command()
        assert (code, out) == (2, "")
        assert "Commands:" in err

    @pytest.mark.parametrize("arguments", [["remake"], ["build", "--fast"]])
    def test_any_other_use_is_wrong(self, command, arguments):
        is_wrong_use(command(*arguments))


class TestWhy:
    def test_prints_the_json_of_the_library(self, command, example):
        recommender = Recommender(Index.open(example))
        slug, other = recommender.index.corpus.slug(7), recommender.index.corpus.slug(8)
        for profile in PROFILES:
            options = ["--index", example, "--profile", profile, "--limit", 2, "--format", "json"]
            code, out, err = command("why", slug, other, *options)
            assert (code, err) == (0, "")
            expected = why_json(recommender.why(slug, other, Parameters(profile=profile, limit=2)), recommender.index)
            assert json.loads(out) == expected

    def test_prints_a_table_where_no_form_is_named(self, command, small):
        recommender = Recommender(Index.open(small))
        answer = command("why", slug_of(*EIGHT), slug_of(*OXFORD), "--index", small)
        assert answer == (0, why_table(recommender.why(slug_of(*EIGHT), slug_of(*OXFORD))) + "\n", "")

    def test_of_an_unknown_event_is_an_error(self, command, small):
        is_error(command("why", slug_of(*EIGHT), "nothing", "--index", small), "no event has the slug 'nothing'")


class TestTimeline:
    def test_prints_every_form_of_the_library(self, command, example):
        recommender = Recommender(Index.open(example))
        told = timeline(recommender, recommender.index.corpus.slug(7), Parameters(limit=4))
        forms = {
            "json": json.dumps(timeline_json(told, recommender.index), ensure_ascii=False, indent=2),
            "markdown": timeline_markdown(told, recommender.index.corpus),
            "table": timeline_table(told),
        }
        for form, expected in forms.items():
            answer = command("timeline", told.query.slug, "--index", example, "--limit", 4, "--format", form)
            assert answer == (0, expected + "\n", "")

    def test_ends_as_of_a_day(self, command, small):
        options = ["--index", small, "--as-of", "2012-12-31", "--format", "json"]
        answer = json.loads(command("timeline", slug_of(*EIGHT), *options)[1])
        assert answer["parameters"] == {"limit": 50, "as_of": "2012-12-31"}

    def test_refuses_a_limit_that_is_none(self, command, small):
        is_error(command("timeline", slug_of(*EIGHT), "--index", small, "--limit", 0), "limit is 0, expected")


class TestRelated:
    def test_grouped_prints_the_groups_and_the_json_stays_as_it_is(self, command, example):
        recommender = Recommender(Index.open(example))
        slug = recommender.index.corpus.slug(7)
        options = ["related", slug, "--index", example]
        assert command(*options, "--group") == (0, as_table(recommender.related(slug), grouped=True) + "\n", "")
        for form in ("json", "markdown"):
            assert command(*options, "--group", "--format", form) == command(*options, "--format", form)

    @pytest.mark.parametrize("profile", ["reproduce", "cosine"])
    def test_refuses_to_group_what_has_no_groups(self, command, small, profile):
        answer = command("related", slug_of(*EIGHT), "--index", small, "--group", "--profile", profile)
        is_error(answer, f"profile is '{profile}', expected extend with --group")

    def test_prints_json_that_programs_read(self, command, example):
        recommender = Recommender(Index.open(example))
        slug = recommender.index.corpus.slug(7)
        for profile in PROFILES:
            code, out, err = command("related", slug, "--index", example, "--profile", profile, "--format", "json")
            assert (code, err) == (0, "")
            expected = as_json(recommender.related(slug, Parameters(profile=profile)), recommender.index)
            assert json.loads(out) == expected

    def test_prints_a_table_for_people_where_no_form_is_named(self, command, example):
        recommender = Recommender(Index.open(example))
        slug = recommender.index.corpus.slug(7)
        answer = command("related", slug, "--index", example)
        assert answer == (0, as_table(recommender.related(slug)) + "\n", "")

    def test_prints_the_lines_that_the_archive_s_page_has(self, command, example, archive, archive_folder):
        for one in archive.pages[::25]:
            text = (archive_folder / path_of(one.event.slug)).read_text(encoding="utf-8")
            options = ["--index", example, "--profile", "reproduce", "--format", "markdown"]
            code, out, err = command("related", one.event.slug, *options)
            assert (code, err) == (0, "")
            assert out == text.partition("### Related:\n\n")[2]

    def test_takes_several_slugs_and_what_is_liked_and_not(self, command, example):
        recommender = Recommender(Index.open(example))
        slugs = [recommender.index.corpus.slug(row) for row in (7, 8, 50, 90)]
        beside = ["--like", slugs[2], "--unlike", slugs[3], "--index", example]
        code, out, err = command("related", *slugs[:2], *beside, "--format", "json")
        answer = recommender.related(slugs[:2], like=slugs[2:3], unlike=slugs[3:])
        assert (code, json.loads(out), err) == (0, as_json(answer, recommender.index), "")
        assert command("related", *slugs[:2], *beside)[1] == as_table(answer) + "\n"

    def test_takes_a_text(self, command, example):
        recommender = Recommender(Index.open(example))
        text = "Miners are trapped below ground in Chile"
        options = ["--text", text, "--date", "2010-08-09", "--index", example]
        code, out, err = command("related", *options, "--format", "json")
        answer = recommender.related_text(text, date=date(2010, 8, 9))
        assert (code, json.loads(out), err) == (0, as_json(answer, recommender.index), "")
        assert command("related", *options)[1] == as_table(answer) + "\n"
        assert command("related", *options, "--format", "markdown")[1] == as_markdown(answer, recommender) + "\n"

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ([], "slug is None, expected the slug of an event, or several, or a text in its place"),
            (["a", "--text", "b"], "text is 'b', expected no text beside the slug 'a': the one or the other"),
            (["a", "--date", "2010-01-01"], "date is '2010-01-01', expected no date without a text"),
            (["--text", " "], "text is ' ', expected one to three sentences about an event"),
            (["--text", "b", "--profile", "reproduce"], "profile is 'reproduce', expected extend or cosine"),
        ],
    )
    def test_refuses_what_is_no_question(self, command, small, arguments, expected):
        is_error(command("related", *arguments, "--index", small), expected)

    @pytest.mark.parametrize("form", ["{slug}", "/{slug}.md", "{slug}.md", "{name}"])
    def test_takes_a_slug_in_any_form(self, command, small, form):
        slug = slug_of(*EIGHT)
        asked = form.format(slug=slug, name=slug.rsplit("/", 1)[-1])
        code, out, _ = command("related", asked, "--index", small, "--format", "json")
        assert code == 0
        assert json.loads(out)["query"]["slug"] == slug

    def test_takes_all_parameters(self, command, small):
        options = ["--limit", 3, "--as-of", "2013-04-02", "--candidates", 30, "--format", "json"]
        code, out, _ = command("related", slug_of(*EIGHT), "--index", small, *options)
        assert code == 0
        answer = json.loads(out)
        assert answer["parameters"] == parameters_json(Parameters(limit=3, as_of=date(2013, 4, 2), candidates=30))
        assert len(answer["related"]) == 2

    def test_goes_by_the_archive_s_limit_where_none_is_given(self, command, folder, tmp_path):
        write_archive(folder, files={"related-events.toml": "limit = 1\n"})
        command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        for profile in ("extend", "cosine"):
            options = [slug_of(*EIGHT), "--index", tmp_path / "index", "--profile", profile, "--format", "json"]
            for given, limit in (([], 1), (["--limit", 2], 2)):
                answer = json.loads(command("related", *options, *given)[1])
                assert (len(answer["related"]), answer["parameters"]["limit"]) == (limit, limit)

    def test_goes_by_ten_where_the_archive_says_nothing(self, command, small):
        answer = json.loads(command("related", slug_of(*EIGHT), "--index", small, "--format", "json")[1])
        assert answer["parameters"] == parameters_json(Parameters(limit=10))

    def test_finds_the_index_in_the_environment(self, command, small, monkeypatch):
        monkeypatch.setenv("RELATED_EVENTS_INDEX", str(small))
        code, out, err = command("related", slug_of(*EIGHT), "--format", "markdown", "--profile", "reproduce")
        assert (code, err) == (0, "")
        assert out == f"1. [{OXFORD[1]}](/{slug_of(*OXFORD)}.md) _Context: Boat Race_\n"

    def test_of_an_unknown_slug_names_the_nearest(self, command, small):
        answer = command("related", "eight-boats-race-on-the-kam", "--index", small)
        is_error(answer, "no event has the slug 'eight-boats-race-on-the-kam'", f"the nearest are {slug_of(*EIGHT)}")

    def test_of_an_ambiguous_slug_names_the_choices(self, command, small):
        answer = command("related", "floods", "--index", small)
        is_error(answer, "2 events end in 'floods', give one whole: ", *(slug_of(*event) for event in FLOODS))

    @pytest.mark.parametrize(
        "slug", ["..", "../../etc/passwd", "", " ", "/", ".md", "a\nb", "news/2013/02/7", "x" * 5000, "%2e%2e/x", "%00"]
    )
    def test_of_what_is_no_slug_is_an_error(self, command, small, slug):
        is_error(command("related", slug, "--index", small), "no event has the slug")

    def test_of_bytes_that_are_no_text_is_an_error(self, small):
        done = subprocess.run(
            [*program("related"), b"caf\xe9", *program("--index", small)[3:]], capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"error: no event has the slug ")
        assert done.stderr.count(b"\n") == 1

    @pytest.mark.parametrize(
        ("option", "value", "expected"),
        [
            ("--limit", "0", "limit is 0, expected a number from 1 to 50"),
            ("--limit", "51", "limit is 51, expected a number from 1 to 50"),
            ("--candidates", "49", "candidates is 49, expected a number from 50 (five times the limit) to 10000"),
        ],
    )
    def test_of_a_parameter_out_of_range_is_an_error(self, command, small, option, value, expected):
        is_error(command("related", slug_of(*EIGHT), "--index", small, option, value), expected)

    @pytest.mark.parametrize(
        ("option", "value", "expected"),
        [
            ("--limit", "ten", "'ten'"),
            ("--profile", "best", "'extend', 'reproduce', 'cosine'"),
            ("--as-of", "2013-02-30", "as_of is '2013-02-30', expected a day of the calendar, YYYY-MM-DD"),
            ("--as-of", "yesterday", "as_of is 'yesterday', expected a day of the calendar"),
            ("--format", "xml", "'table', 'json', 'markdown'"),
        ],
    )
    def test_of_a_value_that_is_none_is_wrong_use(self, command, small, option, value, expected):
        is_wrong_use(command("related", slug_of(*EIGHT), "--index", small, option, value), option, expected)

    @pytest.mark.parametrize("name", ["nowhere", "empty", "archive"])
    def test_without_an_index_says_how_to_make_one(self, command, folder, tmp_path, name):
        (tmp_path / "empty").mkdir()
        answer = command("related", slug_of(*EIGHT), "--index", tmp_path / name)
        is_error(answer, "is not an index; make one with `related-events build ARCHIVE --index")

    def test_with_a_damaged_index_says_how_to_mend_it(self, command, small, tmp_path):
        copy = shutil.copytree(small, tmp_path / "index")
        next(copy.glob("*/vectors.npy")).unlink()
        is_error(command("related", slug_of(*EIGHT), "--index", copy), "damaged", "build it again with `related-events")

    def test_prints_any_script_whatever_the_locale(self, folder, tmp_path):
        title = ("2016-10-27", "Élection au Kenya — 肯尼亚")
        write_archive(folder, page(*title))
        environment = os.environ | {"LC_ALL": "C"}
        build = program("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        assert subprocess.run(build, env=environment, capture_output=True, check=False).returncode == 0
        ask = program("related", slug_of(*title), "--index", tmp_path / "index", "--format", "json")
        done = subprocess.run(ask, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout.decode())["query"]["text"] == title[1]


class TestExampleOnFirstUse:
    def test_is_built_once_and_answers(self, command, monkeypatch, tmp_path, archive_folder):
        """A part of the example, so that it takes no longer than it must."""
        part = shutil.copytree(archive_folder / "news/2014", tmp_path / "part/news/2014").parents[1]
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setattr("recommender.commands.shared.example_archive", lambda: part)
        monkeypatch.setattr("recommender.building.DEFAULT_ENCODER", "lexical")
        slug = read_archive(part).pages[0].event.slug
        code, first, _ = command("related", slug, "--format", "json")
        assert code == 0
        assert example_index().is_relative_to(tmp_path / "cache")
        stamps = {path: path.stat().st_mtime_ns for path in example_index().rglob("*")}
        assert len(stamps) > 20
        code, second, err = command("related", slug, "--format", "json")
        assert (code, second, err) == (0, first, "")
        assert {path: path.stat().st_mtime_ns for path in example_index().rglob("*")} == stamps


class TestRun:
    @pytest.fixture
    def queries(self, tmp_path) -> Path:
        short = slug_of(*EIGHT).rsplit("/", 1)[-1]
        path = tmp_path / "queries.txt"
        path.write_text(f"{slug_of(*OXFORD)}\n\n{short}\n {slug_of(*OXFORD)} \n{slug_of(*FLOODS[0])}\n")
        return path

    def test_writes_a_run_that_reads_back(self, command, small, queries, tmp_path):
        output = tmp_path / "a.run"
        answer = command("run", "--index", small, "--queries", queries, "--profile", "cosine", "--output", output)
        assert answer == (0, "", "")
        run = read_run(output)
        assert run.name == "cosine"
        assert list(run.entries) == [slug_of(*OXFORD), slug_of(*EIGHT), slug_of(*FLOODS[0])]
        assert run.documents()[slug_of(*FLOODS[0])][0] == slug_of(*FLOODS[1])
        assert all(len(entries) == 3 for entries in run.entries.values())

    def test_prints_the_same_lines_that_it_writes(self, command, small, queries, tmp_path):
        options = ["--index", small, "--queries", queries, "--profile", "extend", "--limit", 2]
        command("run", *options, "--output", tmp_path / "a.run")
        code, out, err = command("run", *options, "--output", "-")
        assert (code, err) == (0, "")
        assert out == (tmp_path / "a.run").read_text(encoding="utf-8")

    def test_reads_queries_from_stdin(self, small, queries, tmp_path):
        done = subprocess.run(
            program("run", "--index", small, "--queries", "-", "--output", tmp_path / "a.run"),
            input=queries.read_bytes(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert len(read_run(tmp_path / "a.run").entries) == 3

    def test_of_an_unknown_slug_writes_nothing(self, command, small, queries, tmp_path):
        queries.write_text(f"{slug_of(*OXFORD)}\nnobody-rows\n")
        answer = command("run", "--index", small, "--queries", queries, "--output", tmp_path / "a.run")
        is_error(answer, "no event has the slug 'nobody-rows'")
        assert not (tmp_path / "a.run").exists()

    def test_of_queries_that_are_missing_is_wrong_use(self, command, small, tmp_path):
        answer = command("run", "--index", small, "--queries", tmp_path / "nowhere", "--output", tmp_path / "a.run")
        is_wrong_use(answer, "--queries", "No such file or directory")

    def test_of_queries_that_are_no_text_is_an_error(self, command, small, queries, tmp_path):
        queries.write_bytes(b"news/2013/02/7/\xff\n")
        answer = command("run", "--index", small, "--queries", queries, "--output", tmp_path / "a.run")
        assert answer[:2] == (2, "")
        assert "UTF-8" in answer[2]
        assert "Traceback" not in answer[2]

    def test_to_a_place_that_is_none_is_an_error(self, command, small, queries, tmp_path):
        output = tmp_path / "nowhere" / "a.run"
        answer = command("run", "--index", small, "--queries", queries, "--output", output)
        is_error(answer, f"{output} cannot be written: No such file or directory")


class TestEvaluate:
    @pytest.fixture
    def qrels(self, tmp_path) -> Path:
        path = tmp_path / "read.qrels"
        lines = [(EIGHT, OXFORD, 3), (EIGHT, FLOODS[0], 0), (("2001-01-01", "Nowhere"), OXFORD, 2)]
        path.write_text("".join(f"{slug_of(*one)} 0 {slug_of(*other)} {grade}\n" for one, other, grade in lines))
        return path

    def test_prints_json_that_programs_read(self, command, small, qrels):
        code, out, err = command("evaluate", "--index", small, "--qrels", qrels, "--format", "json")
        assert (code, err) == (0, "")
        answer = json.loads(out)
        assert (answer["qrels"], answer["queries"], answer["pairs"]) == ("read", 2, 3)
        runs = {run["name"]: run for run in answer["runs"]}
        assert list(runs) == ["extend", "reproduce", "cosine"]
        assert [run["unanswered"] for run in runs.values()] == [1, 1, 1]
        assert runs["reproduce"]["means"]["nDCG@10"]["mean"] == 0.5

    def test_prints_a_table_with_the_same_numbers(self, command, small, qrels):
        code, out, err = command("evaluate", "--index", small, "--qrels", qrels)
        assert (code, err) == (0, "")
        (line,) = (line for line in out.split("\n\n")[0].splitlines() if line.startswith("reproduce"))
        assert line.split()[1] == "0.500"
        assert "read: 2 queries, 3 judged pairs" in out
        assert "unanswered (counted as 0): extend 1, reproduce 1, cosine 1" in out

    def test_takes_the_existing_lists_where_no_judgements_are_given(self, command, small):
        code, out, _ = command("evaluate", "--index", small, "--profile", "reproduce", "--format", "json")
        assert code == 0
        answer = json.loads(out)
        assert (answer["qrels"], answer["queries"]) == ("existing lists", 2)
        assert [run["name"] for run in answer["runs"]] == ["reproduce", "cosine"]

    def test_draws_existing_lists_by_the_seed(self, command, example):
        options = ["--index", example, "--profile", "reproduce", "--sample", 10, "--format", "json", "--seed"]
        one, again, other = (command("evaluate", *options, seed)[1] for seed in (3, 3, 4))
        assert one == again
        assert json.loads(one)["queries"] == json.loads(other)["queries"] == 10
        assert json.loads(one)["runs"] != json.loads(other)["runs"]

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b"", "is empty"),
            (b"one 0 two\n", "line 1: 3 columns, expected 4"),
            (b"one 0 two good\n", "line 1: the grade is 'good', expected an integer"),
            (b"one 0 tw\xff 1\n", "line 1: the byte 0xff, expected UTF-8"),
            (b"\x1f\x8b\x08\x00", "line 1: "),
        ],
    )
    def test_of_judgements_that_cannot_be_read_is_an_error(self, command, small, qrels, raw, expected):
        qrels.write_bytes(raw)
        is_error(command("evaluate", "--index", small, "--qrels", qrels), str(qrels), expected)

    def test_of_missing_or_broken_judgements_is_an_error(self, command, small, tmp_path):
        missing = command("evaluate", "--index", small, "--qrels", tmp_path / "no.qrels")
        is_error(missing, "no.qrels is missing, expected a file of lines `query iteration document grade`")
        (tmp_path / "a.qrels.gz").write_bytes(b"one 0 two 1\n")
        is_error(command("evaluate", "--index", small, "--qrels", tmp_path / "a.qrels.gz"), "a.qrels.gz", "broken gzip")
        is_error(command("evaluate", "--index", small, "--qrels", tmp_path), "cannot be read: Is a directory")

    def test_of_an_empty_sample_is_wrong_use(self, command, small):
        is_wrong_use(command("evaluate", "--index", small, "--sample", 0), "--sample")


class TestServe:
    def test_without_an_index_is_an_error_like_everywhere(self, command, tmp_path):
        is_error(command("serve", "--index", tmp_path), "is not an index; make one with `related-events build")


class TestInterruptions:
    def test_ctrl_c_is_a_word_and_its_own_exit_code(self, command, small, monkeypatch):
        def interrupted(folder):
            raise KeyboardInterrupt

        monkeypatch.setattr("recommender.commands.ask.open_recommender", interrupted)
        code, out, err = command("related", slug_of(*EIGHT), "--index", small)
        assert (code, out) == (130, "")
        assert err.strip() == "error: interrupted"

    @pytest.mark.parametrize("size", ["long", "short"])
    def test_a_reader_that_has_enough_is_no_error(self, small, example, tmp_path, size):
        """`related-events … | head -1`: silent, and not the exit code of a check that found differences."""
        if size == "long":
            corpus = Index.open(example).corpus
            (tmp_path / "queries").write_text("".join(f"{corpus.slug(row)}\n" for row in range(len(corpus))))
            arguments = program("run", "--index", example, "--queries", tmp_path / "queries", "--output", "-")
        else:
            arguments = program("related", slug_of(*EIGHT), "--index", small)
        read, write = os.pipe()
        with subprocess.Popen(arguments, stdout=write, stderr=subprocess.PIPE) as process:
            os.close(write)
            if size == "long":
                assert len(os.read(read, 1)) == 1
            os.close(read)
            _, err = process.communicate(timeout=60)
        assert err == b""
        assert process.returncode == 0
