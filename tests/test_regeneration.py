"""Regenerating an archive: a golden tree in and out, nothing but Related sections, and nothing on the second run."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from toy import ToyEncoder
from worlds import day_item, day_text, link, page, slug_of, write_archive

from recommender.archive import read_archive
from recommender.building import build_index
from recommender.errors import IndexStaleError, PageError
from recommender.index import Index
from recommender.page_writer import write_page
from recommender.parameters import Parameters
from recommender.regeneration import CAUSES, PageChange, Summary, regenerate
from recommender.related import Recommender
from recommender.slugs import path_of

GOLDEN = Path(__file__).parent / "golden" / "reproduce"
REPRODUCE = Parameters(profile="reproduce")


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def built(folder: Path) -> Recommender:
    """What answers from the archive in a folder as it is now; the toy encoder encodes its texts."""
    toy = ToyEncoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: toy)
        patch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: toy.revision)
        return Recommender(build_index(read_archive(folder), encoder="toy"))


def changes_of(
    folder: Path, recommender: Recommender, parameters: Parameters = REPRODUCE
) -> tuple[dict[str, PageChange], Summary]:
    """What would change, by path, and the summary."""
    summary = Summary()
    found = list(regenerate(folder, read_archive(folder), recommender, parameters, summary))
    assert len(found) == summary.pages
    return {change.path: change for change in found if change is not None}, summary


def write(folder: Path, recommender: Recommender, parameters: Parameters = REPRODUCE) -> Summary:
    changes, summary = changes_of(folder, recommender, parameters)
    for change in changes.values():
        write_page(folder, change.path, change.new)
    return summary


@pytest.fixture
def before(tmp_path) -> Path:
    """The golden archive as it is before."""
    return shutil.copytree(GOLDEN / "before", tmp_path / "archive")


class TestGoldenTree:
    def test_comes_out_as_it_is_stored(self, before):
        write(before, built(before))
        assert tree(before) == tree(GOLDEN / "after")

    def test_has_every_kind_of_page(self):
        """Were one missing, the comparison would say less than it seems to."""
        pages = tree(GOLDEN / "before")
        assert any(b"\r\n" in text for text in pages.values())
        assert any(not text.endswith(b"\n") for text in pages.values())
        assert any(text.startswith(b"---\nrelated_lock: true\n") for text in pages.values())
        assert any(b"### Related:" not in text for text in pages.values())
        assert any(b"### Changes:" in text.partition(b"### Related:")[2] for text in pages.values())
        assert any(b"A note by the editors" in text for text in pages.values())
        kept = {path for path, text in pages.items() if tree(GOLDEN / "after")[path] == text}
        assert {path for path in kept if not path.endswith("index.md")} == {
            "news/2012/02/2/a-storm-crosses-norvania.md",
        }

    def test_changes_nothing_outside_of_related_sections(self, before):
        changes, _ = changes_of(before, built(before))
        both = 0
        for change in changes.values():
            (old_head, old_list, old_tail), (new_head, new_list, new_tail) = map(split, (change.old, change.new))
            if old_list and new_list:
                assert (new_head, new_tail) == (old_head, old_tail)
                both += 1
            elif new_list:
                assert new_head.startswith(old_head)
                assert new_head[len(old_head) :].strip() == new_tail == ""
            else:
                assert new_head == old_head
                assert old_tail == ""
        assert both == 5

    def test_keeps_line_endings_to_the_last_one(self, before):
        write(before, built(before))
        vote = (before / "news/2012/01/20/norvania-votes.md").read_bytes()
        assert vote.count(b"\r\n") == vote.count(b"\n") == 15

    def test_does_not_change_again(self, before):
        recommender = built(before)
        write(before, recommender)
        changes, summary = changes_of(before, recommender)
        assert changes == {}
        assert (summary.unchanged, summary.changed, summary.kept) == (7, 0, summary.items)

    def test_does_not_change_after_the_index_was_built_again(self, before):
        write(before, built(before))
        assert changes_of(before, built(before))[0] == {}

    def test_is_counted(self, before):
        changes, summary = changes_of(before, built(before))
        assert (summary.pages, summary.unchanged, summary.locked, summary.changed) == (8, 0, 1, 7)
        assert (summary.items, summary.kept) == (19, 17)
        assert list(summary.causes) == list(CAUSES)
        assert summary.causes == {
            "no list before": 1,
            "no list now": 1,
            "other events": 3,
            "other order": 2,
            "other labels": 0,
            "other text": 0,
        }
        by_name = {path.rsplit("/", 1)[-1].removesuffix(".md"): change for path, change in changes.items()}
        assert {name: (change.cause, change.added, change.removed) for name, change in by_name.items()} == {
            "a-crack-runs-through-the-sandholm-dam": ("other events", 3, 0),
            "engineers-seal-the-crack": ("other events", 4, 1),
            "sandholm-is-cleared-again": ("other order", 0, 0),
            "norvania-votes": ("other events", 3, 0),
            "kelland-closes-its-last-mine": ("no list now", 0, 1),
            "sandholm-opens-a-bridge": ("no list before", 2, 0),
            "the-votes-are-counted-again": ("other order", 0, 0),
        }


def split(text: str) -> tuple[str, str, str]:
    """A page as what stands above its Related section, the section, and what stands below; by lines alone."""
    lines = text.splitlines(keepends=True)
    start = next((place for place, line in enumerate(lines) if line.strip() == "### Related:"), len(lines))
    below = (place for place in range(start + 1, len(lines)) if lines[place].startswith("#"))
    end = next(below, len(lines))
    return "".join(lines[:start]), "".join(lines[start:end]), "".join(lines[end:])


class TestExample:
    def test_has_the_lists_of_its_own_rule(self, archive_folder, archive, recommender):
        summary = Summary()
        changes = list(regenerate(archive_folder, archive, recommender, REPRODUCE, summary))
        assert changes == [None] * len(archive.pages)
        assert summary.unchanged == summary.pages == len(archive.pages)
        assert summary.kept == summary.items == sum(len(page.related) for page in archive.pages)

    @pytest.fixture
    def copy(self, archive_folder, tmp_path) -> Path:
        return shutil.copytree(archive_folder, tmp_path / "archive")

    def test_with_other_lists_settles_after_one_run(self, copy):
        """Shorter lists tell less to the next build; what is written must not depend on that."""
        shorter = Parameters(profile="reproduce", limit=5)
        assert write(copy, built(copy), shorter).changed > 200
        assert changes_of(copy, built(copy), shorter)[0] == {}

    def test_with_the_lists_of_extend_changes_no_page_on_a_second_run(self, copy):
        recommender = built(copy)
        assert write(copy, recommender, Parameters()).changed > 200
        assert changes_of(copy, recommender, Parameters())[0] == {}

    def test_with_the_lists_of_extend_keeps_nearly_all_events_after_the_next_build(self, copy):
        """New lists tell which events share a name's meaning, so the next build knows a little more: it may
        put equals in another order. It settles then.
        """
        write(copy, built(copy), Parameters())
        second = write(copy, built(copy), Parameters())
        assert second.kept >= 0.98 * second.items
        third = write(copy, built(copy), Parameters())
        assert third.kept >= 0.999 * third.items
        assert third.changed <= second.changed // 2


RAIN = ("2013-04-04", "Rain falls on Bergen")
SNOW = ("2013-04-15", "Snow falls on Bergen and Voss")
THAW = ("2013-05-01", "Bergen thaws")
BERGEN = {
    "news/2013/04/4/index.md": day_text([day_item(*RAIN, "Bergen, Rain")]),
    "news/2013/04/15/index.md": day_text([day_item(*SNOW, "Bergen, Snow, Voss")]),
    "news/2013/05/1/index.md": day_text([day_item(*THAW, "Bergen, Snow")]),
}
RAIN_PATH, SNOW_PATH, THAW_PATH = (path_of(slug_of(*event)) for event in (RAIN, SNOW, THAW))
BY_RULE = {
    RAIN: [link(*THAW, "Bergen"), link(*SNOW, "Bergen")],
    SNOW: [link(*THAW, "Bergen, Snow"), link(*RAIN, "Bergen")],
    THAW: [link(*SNOW, "Bergen, Snow"), link(*RAIN, "Bergen")],
}


def bergen(folder: Path, **rain: object) -> Path:
    """Three pages with the lists that the rule gives, but for the page about rain."""
    pages = [page(*event, BY_RULE[event]) for event in (SNOW, THAW)]
    related = rain.pop("related", BY_RULE[RAIN])
    return write_archive(folder, page(*RAIN, related, **rain), *pages, files=BERGEN)


CASES = {
    "no list": ([], "no list before", (2, 0)),
    "an event less": ([link(*SNOW, "Bergen")], "other events", (1, 0)),
    "another order": ([link(*SNOW, "Bergen"), link(*THAW, "Bergen")], "other order", (0, 0)),
    "no labels": ([link(*THAW, "Bergen"), link(*SNOW)], "other labels", (0, 0)),
    "another text": ([link(*THAW, "Bergen"), replace(link(*SNOW, "Bergen"), text="Snow")], "other text", (0, 0)),
    "another target": ([link(*THAW, "Bergen"), link(*SNOW, "Bergen", prefix="/x/")], "other text", (0, 0)),
}


class TestCauses:
    def test_are_none_for_the_list_of_the_rule(self, tmp_path):
        assert changes_of(bergen(tmp_path), built(bergen(tmp_path)))[0] == {}

    @pytest.mark.parametrize(("related", "cause", "counts"), CASES.values(), ids=CASES.keys())
    def test_are_told_by_what_differs_most(self, tmp_path, related, cause, counts):
        folder = bergen(tmp_path, related=related)
        changes, summary = changes_of(folder, built(folder))
        assert changes.keys() == {RAIN_PATH}
        change = changes[RAIN_PATH]
        assert (change.cause, (change.added, change.removed)) == (cause, counts)
        assert summary.causes == {**dict.fromkeys(CAUSES, 0), cause: 1}

    def test_know_an_event_by_its_older_slug(self, tmp_path):
        """A link to an older slug leads to the same event: the event is kept, its link is made new."""
        older = slug_of("2013-04-15", "Snow comes down")
        related = [link(*THAW, "Bergen"), link("2013-04-15", "Snow comes down", "Bergen")]
        folder = bergen(tmp_path, related=related)
        write_archive(folder, page(*SNOW, BY_RULE[SNOW], aliases=[older]))
        changes, summary = changes_of(folder, built(folder))
        assert changes[RAIN_PATH].cause == "other text"
        assert (changes[RAIN_PATH].added, changes[RAIN_PATH].removed) == (0, 0)
        assert summary.kept == summary.items


class TestPages:
    def test_that_are_locked_stay_and_are_counted(self, tmp_path):
        folder = bergen(tmp_path, related=[link(*SNOW)], locked=True)
        changes, summary = changes_of(folder, built(folder))
        assert changes == {}
        assert (summary.pages, summary.locked, summary.unchanged) == (3, 1, 2)
        assert summary.items == 4, "the list of a locked page is not compared"

    def test_are_read_again_just_before_they_are_compared(self, tmp_path):
        folder = bergen(tmp_path, related=[])
        recommender, archive = built(folder), read_archive(folder)
        (folder / RAIN_PATH).write_text("# Rain falls on Bergen\n\nSomebody wrote this line in the meantime.\n")
        (change,) = filter(None, regenerate(folder, archive, recommender, REPRODUCE, Summary()))
        assert "in the meantime.\n\n### Related:\n" in change.new

    def test_that_went_away_in_the_meantime_are_an_error_with_their_name(self, tmp_path):
        folder = bergen(tmp_path)
        recommender, archive = built(folder), read_archive(folder)
        (folder / SNOW_PATH).unlink()
        with pytest.raises(PageError, match=f"{SNOW_PATH}: cannot be read"):
            list(regenerate(folder, archive, recommender, REPRODUCE, Summary()))

    def test_of_another_language_get_its_words(self, tmp_path):
        one, two = ("2016-10-27", "肯尼亚 举行 选举"), ("2016-10-28", "内罗毕 选举 结果")
        files = {
            "news/2016/10/27/index.md": "### [x](/zh/" + path_of(slug_of(*one)) + ")\n_消息: 肯尼亚, 选举_\n",
            "news/2016/10/28/index.md": "### [x](/zh/" + path_of(slug_of(*two)) + ")\n_消息: 内罗毕, 选举_\n",
        }
        listed = page(*two, [link(*one, "选举", prefix="/zh/")], language="zh")
        folder = write_archive(tmp_path, page(*one, language="zh"), listed, files=files)
        changes, _ = changes_of(folder, built(folder))
        new = changes[path_of(slug_of(*one))].new
        assert new.endswith(f"### 有关:\n\n1. [{two[1]}](/zh/{path_of(slug_of(*two))}) _消息: 选举_\n")

    @pytest.mark.parametrize("name", ["b c", "b(c", "b)c(d", "b<c", "b]c", "b%20c", "b#c?d", "b'c\"", "é–火"])
    def test_with_an_odd_file_name_do_not_change_on_a_second_run(self, tmp_path, name):
        """Whatever link is written to such a page must be read back as a link to it."""
        odd = f"news/2013/06/1/{name}.md"
        folder = bergen(tmp_path)
        write_archive(
            folder,
            files={odd: "# Rain again\n", "news/2013/06/1/index.md": f"### [x](/{odd})\n_Context: Bergen, Rain_\n"},
        )
        first = write(folder, built(folder), Parameters())
        assert first.changed == 4
        assert changes_of(folder, built(folder), Parameters())[0] == {}
        listed = read_archive(folder).pages[0].related
        assert len(listed) == 3
        assert len(built(folder).index.corpus.existing(0)) == 3

    def test_get_as_many_items_as_asked_for(self, tmp_path):
        folder = bergen(tmp_path)
        write(folder, built(folder), Parameters(profile="reproduce", limit=1))
        assert [len(one.related) for one in read_archive(folder).pages] == [1, 1, 1]


class TestStale:
    def test_index_is_refused_before_any_page_is_compared(self, tmp_path):
        folder = bergen(tmp_path, related=[])
        recommender = built(folder)
        write_archive(folder, page("2013-06-01", "Bergen burns"))
        with pytest.raises(IndexStaleError, match="run `related-events build` first"):
            next(regenerate(folder, read_archive(folder), recommender, REPRODUCE, Summary()))

    def test_is_none_after_regenerating(self, tmp_path):
        folder = bergen(tmp_path, related=[])
        recommender = built(folder)
        write(folder, recommender)
        recommender.index.require(read_archive(folder))


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def index_folder(before, tmp_path) -> Path:
    """The index of the golden archive, as it is before."""
    built(before).index.save(tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def options(before, index_folder) -> list[object]:
    return [before, "--index", index_folder, "--profile", "reproduce"]


class TestCommand:
    def test_check_says_what_would_change_and_writes_nothing(self, command, before, options):
        code, out, err = command("regenerate", *options, "--check")
        assert (code, out) == (1, "")
        assert "8 pages: 0 as they are, 7 would change\n" in err
        assert f"3  other events: {CAUSES['other events']}\n" in err
        assert "1  locked by their front matter\n" in err
        assert "17 of 19 listed events are kept (89.5%)\n" in err
        assert tree(before) == tree(GOLDEN / "before")

    def test_write_writes_and_check_is_content_then(self, command, before, options):
        code, out, err = command("regenerate", *options, "--write")
        assert (code, out) == (0, "")
        assert "8 pages: 0 as they are, 7 changed\n" in err
        assert tree(before) == tree(GOLDEN / "after")
        code, out, err = command("regenerate", *options, "--check")
        assert (code, out) == (0, "")
        assert "8 pages: 7 as they are, 0 would change\n" in err

    def test_around_an_event_looks_at_its_list_and_at_those_that_could_name_it(self, command, options):
        slug = "news/2012/02/2/a-storm-crosses-norvania"
        code, out, err = command("regenerate", *options, "--check", "--around", slug)
        assert (code, out) == (1, "")
        assert "1 asked for, and 5 whose lists could name them\n6 pages: 0 as they are, 5 would change\n" in err
        assert "2  other pages were not looked at\n" in err

    def test_around_an_event_that_is_none_is_refused(self, command, options):
        assert command("regenerate", *options, "--around", "news/2012/02/2/a-storm")[0] == 2

    def test_new_pages_are_written_last_so_that_a_killed_run_begins_anew(self, command, before, options):
        code, out, err = command("regenerate", *options, "--diff", "--new")
        assert code == 0
        assert "1 asked for, and 2 whose lists could name them\n" in err
        *others, last = re.findall(r"(?m)^\+\+\+ b/(.+)$", out)
        listed = {path: "### Related:" in (before / path).read_text() for path in (*others, last)}
        assert listed == {**dict.fromkeys(others, True), last: False}
        assert len(others) == 2

    def test_new_pages_are_none_any_more_once_they_have_a_list(self, command, options):
        assert command("regenerate", *options, "--write", "--new")[0] == 0
        code, _, err = command("regenerate", *options, "--check", "--new")
        assert code == 0
        assert "0 asked for, and 0 whose lists could name them\n" in err
        assert "8  other pages were not looked at\n" in err

    def test_a_second_write_touches_no_file(self, command, before, options):
        command("regenerate", *options, "--write")
        stamps = {path: path.stat().st_mtime_ns for path in before.rglob("*.md")}
        assert command("regenerate", *options, "--write")[0] == 0
        assert {path: path.stat().st_mtime_ns for path in before.rglob("*.md")} == stamps

    @pytest.mark.parametrize("mode", [["--diff"], []], ids=["asked for", "by default"])
    def test_diff_shows_what_write_would_write(self, command, before, options, mode, tmp_path):
        code, out, err = command("regenerate", *options, *mode)
        assert code == 0
        assert out.count("\n+++ b/news/") == 7
        assert "7 would change\n" in err
        assert tree(before) == tree(GOLDEN / "before")
        git_apply(out, before, tmp_path)
        assert tree(before) == tree(GOLDEN / "after")

    def test_diff_of_lists_that_grow_applies_too(self, command, options, before, tmp_path):
        command("regenerate", *options, "--write", "--limit", "1")
        code, out, _ = command("regenerate", *options, "--diff")
        assert code == 0
        git_apply(out, before, tmp_path)
        assert command("regenerate", *options, "--check")[0] == 0
        assert sum(len(one.related) for one in read_archive(before).pages) == 30

    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r\n\r\n", "\n\n\n"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("related", [True, False], ids=["with a list", "without one"])
    def test_diff_applies_whatever_the_page_ends_with(self, command, tmp_path, newline, ending, related):
        folder = bergen(tmp_path / "archive")
        text = "# Rain falls on Bergen\n\n### Source:\n\n1. [A](https://a.example)"
        if related:
            text += f"\n\n### Related:\n\n1. [Snow falls on Bergen and Voss](/{SNOW_PATH}) _Context: Bergen_"
        (folder / RAIN_PATH).write_bytes((text.replace("\n", newline) + ending).encode())
        index_folder = tmp_path / "index"
        built(folder).index.save(index_folder)
        options = [folder, "--index", index_folder, "--profile", "reproduce"]
        code, out, _ = command("regenerate", *options, "--diff")
        assert code == 0
        copy = shutil.copytree(folder, tmp_path / "copy")
        git_apply(out, copy, tmp_path)
        assert command("regenerate", *options, "--write")[0] == 0
        assert tree(copy) == tree(folder)
        assert command("regenerate", *options, "--check")[0] == 0

    def test_a_stale_index_is_refused(self, command, before, options):
        (before / "news/2013/01").mkdir(parents=True)
        write_archive(before, page("2013-01-01", "Norvania sleeps"))
        stale = tree(before)
        for mode in ("--check", "--diff", "--write"):
            code, out, err = command("regenerate", *options, mode)
            assert (code, out) == (2, "")
            assert err == "error: the archive has changed since the index was built; run `related-events build` first\n"
        assert tree(before) == stale

    def test_what_a_killed_run_left_is_removed_by_the_next_that_writes(self, command, before, options):
        leftover = before / "news/2012/01/20/.related-events-x7y8z9"
        leftover.write_text("half a pa")
        command("regenerate", *options, "--check")
        command("regenerate", *options, "--diff")
        assert leftover.exists()
        code, _, err = command("regenerate", *options, "--write")
        assert code == 0
        assert "removed 1 " in err
        assert tree(before) == tree(GOLDEN / "after")

    def test_a_page_that_cannot_be_read_is_told_and_the_way_out_is_one(self, command, tmp_path):
        """An archive that was built with --skip-bad-pages is regenerated with it; the message says so."""
        folder = bergen(tmp_path / "archive", related=[])
        (folder / "news/2013/04/4/bad.md").write_bytes(b"# \xff\n")
        assert (
            command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical", "--skip-bad-pages")[0] == 0
        )
        options = [folder, "--index", tmp_path / "index", "--profile", "reproduce", "--write"]
        code, out, err = command("regenerate", *options)
        assert (code, out) == (2, "")
        assert "--skip-bad-pages" in err
        code, out, err = command("regenerate", *options, "--skip-bad-pages")
        assert (code, out) == (0, "")
        assert "bad.md" in err
        assert [len(one.related) for one in read_archive(folder, skip_bad=True).pages] == [2, 2, 2]


def git_apply(diff: str, folder: Path, work: Path) -> None:
    """Let git check the diff, then apply it."""
    if shutil.which("git") is None:
        pytest.skip("there is no `git` here")
    patch = work / "lists.patch"
    patch.write_bytes(diff.encode())
    environment = os.environ | {
        "GIT_CEILING_DIRECTORIES": str(work),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    for check in (["--check"], []):
        done = subprocess.run(
            ["git", "-C", folder, "apply", "--whitespace=nowarn", *check, patch],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_an_index_that_was_opened_from_disk_serves_as_well(before, index_folder):
    write(before, Recommender(Index.open(index_folder)))
    assert tree(before) == tree(GOLDEN / "after")
