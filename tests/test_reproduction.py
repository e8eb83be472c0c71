"""Existing lists against ours: a tiny world in which anyone sees which items come out, and why not the others."""

import json
import re
from datetime import date

import pytest
from worlds import day_item, day_text, link, page, page_text, recommender_of, slug_of, write_archive

from recommender.archive import read_archive
from recommender.errors import ArchiveError
from recommender.events import RelatedLink
from recommender.existing import comparable, match_lists, similarity
from recommender.parameters import PROFILES
from recommender.reproduction import CAUSES, Comparison, ListComparison, compare
from recommender.reproduction_report import MEASURES, causes, correlation, format_reproduction, shares, to_json
from recommender.slugs import path_of

STORM = ("2012-01-05", "A storm closes the harbour of Esbjerg on the coast of Jutland")
FERRIES = ("2012-01-06", "Ferries between Esbjerg and Harwich sail again after the storm")
VOTE = ("2012-01-07", "Denmark votes on a new bridge across the Kattegat")
BUDGET = ("2012-01-09", "The parliament of Denmark agrees on a budget after a long night")
CHESS = ("2012-01-08", "Magnus wins at chess")
LOST = ("2012-01-07", "Nobody remembers what happened on this day")
LATER = ("2012-02-01", "Denmark counts what the storm of January has cost")
PAGES = tuple(page(*event) for event in (STORM, FERRIES, VOTE, BUDGET, CHESS))
LABELS = {
    STORM: "Denmark, Esbjerg, Storm",
    FERRIES: "Denmark, Storm",
    VOTE: "Denmark",
    BUDGET: "Denmark",
    CHESS: "Chess, Denmark Hill",
}
FIRST, SECOND, THIRD = link(*FERRIES, "Denmark, Storm"), link(*BUDGET, "Denmark"), link(*VOTE, "Denmark")
ALL = [FIRST, SECOND, THIRD]
"""What the archive's rule lists for the storm: most shared first, then the path, descending."""


@pytest.fixture(scope="module")
def denmark():
    return recommender_of(PAGES, LABELS)


def compared(recommender, *pages, profile="reproduce", **options) -> Comparison:
    return compare(recommender, pages, [profile], **options).comparisons[0]


def one(recommender, related, event=STORM, **options) -> ListComparison:
    (only,) = compared(recommender, page(*event, related), **options).lists
    return only


def counts(comparison: Comparison) -> dict[str, tuple[float, int]]:
    return {measure: (share.count, share.of) for measure, share in shares(comparison, seed=0).items()}


class TestLists:
    def test_that_are_the_same_are_exact(self, denmark):
        found = one(denmark, ALL)
        assert (found.cause, found.missing) == (None, (None, None, None))
        assert found.exact
        assert found.exact_of_known
        assert correlation(found) == 1.0

    def test_are_as_long_as_the_existing_ones(self, denmark):
        assert one(denmark, ALL[:1], as_of=None).exact

    def test_may_miss_an_item(self, denmark):
        found = one(denmark, [FIRST, link(*CHESS), THIRD], as_of=None)
        assert found.cause == "no shared entity known"
        assert found.missing == (None, "no shared entity known", None)
        assert counts(Comparison("reproduce", (found,))) == {
            "items": (2, 3),
            "known items": (2, 3),
            "lists": (0, 1),
            "known lists": (0, 1),
            "tau": (1, 1),
        }

    @pytest.mark.parametrize(
        ("event", "cause"), [(LATER, "newer than the archive"), (LOST, "event not in the archive")]
    )
    def test_are_cut_by_what_cannot_be_listed(self, denmark, event, cause):
        found = one(denmark, [link(*event, "Denmark, Storm"), *ALL])
        assert len(found.ours) == 3
        assert found.exact_of_known
        assert not found.exact
        assert (found.cause, found.missing) == (cause, (cause, None, None, None))
        measured = counts(Comparison("reproduce", (found,)))
        assert (measured["items"], measured["known items"]) == ((3, 4), (3, 3))
        assert (measured["lists"], measured["known lists"]) == ((0, 1), (1, 1))

    def test_that_differ_have_that_cause_though_an_item_cannot_be_listed(self, denmark):
        found = one(denmark, [link(*LATER, "Denmark"), FIRST, THIRD, SECOND])
        assert found.cause == "order of equals"
        assert found.missing == ("newer than the archive", None, None, None)

    def test_in_another_order_are_not_exact(self, denmark):
        found = one(denmark, [FIRST, THIRD, SECOND])
        assert (found.cause, found.missing) == ("order of equals", (None, None, None))
        assert correlation(found) == pytest.approx(1 / 3)
        assert counts(Comparison("reproduce", (found,)))["items"] == (3, 3)

    def test_of_pages_that_we_do_not_have_have_no_list_of_ours(self, denmark):
        found = one(denmark, ALL, event=LOST)
        assert (found.ours, found.cause) == ((), "page not in the archive")
        assert set(found.missing) == {"page not in the archive"}
        assert {measure: of for measure, (_, of) in counts(Comparison("reproduce", (found,))).items()} == {
            "items": 3,
            "known items": 0,
            "lists": 1,
            "known lists": 0,
            "tau": 0,
        }

    def test_name_an_event_once(self, denmark):
        """An older version of an item, or of the page itself, is nothing that a list of ours could have."""
        older = link(FERRIES[0], "Norway: " + FERRIES[1])
        itself = link(STORM[0], "Norway: " + STORM[1])
        found = one(denmark, [older, itself, *ALL])
        assert [item.found is not None for item in found.existing.items] == [False, False, True, True, True]
        assert found.exact_of_known
        assert found.cause == "event not in the archive"


class TestCauses:
    def test_fewer_shared_known(self, denmark):
        found = one(denmark, [link(*VOTE, "Denmark, Kattegat, Storm"), FIRST, SECOND])
        assert found.cause == "fewer shared known"

    def test_more_shared_known(self, denmark):
        found = one(denmark, [SECOND, THIRD, link(*FERRIES, "Denmark")])
        assert found.cause == "more shared known"

    def test_extra_event_shares_more(self, denmark):
        found = one(denmark, [SECOND, THIRD])
        assert (found.cause, found.missing) == ("extra event shares more", (None, "extra event shares more"))

    def test_extra_event_shares_as_many(self, denmark):
        found = one(denmark, [FIRST, THIRD], as_of=None)
        assert (found.cause, found.missing) == ("extra event shares as many", (None, "extra event shares as many"))

    def test_a_label_with_a_comma_that_we_know_is_one(self):
        """The order of labels on a day page tells that `Ribe, Denmark` is one."""
        labels = {STORM: "Ribe, Denmark, Storm", FERRIES: "Ribe, Denmark, Storm"}
        ribe = recommender_of(PAGES, labels)
        assert "Ribe, Denmark" in set(ribe.index.entities.labels)
        found = one(ribe, [link(*FERRIES, "Ribe, Denmark, Storm")])
        assert found.existing.items[0].printed == ("Ribe, Denmark", "Storm")
        assert found.exact

    @pytest.mark.parametrize("profile", sorted({*PROFILES} - {"reproduce"}))
    def test_a_profile_with_another_order_has_one_cause_for_it(self, denmark, profile):
        found = one(denmark, [link(*CHESS), *reversed(ALL)], profile=profile)
        assert {found.cause, *found.missing} <= {None, "ranked otherwise"}

    def test_are_counted_once_a_list_and_once_an_item_with_a_page(self, denmark):
        comparison = compared(
            denmark,
            page(*STORM, ALL),
            page(*FERRIES, [link(*STORM, "Denmark, Storm"), link(*CHESS), link(*LOST)]),
            page(*VOTE, [link(*CHESS)]),
        )
        assert causes(comparison) == [
            ("event not in the archive", 0, 1, slug_of(*FERRIES)),
            ("no shared entity known", 2, 2, slug_of(*FERRIES)),
        ]


class TestAsOf:
    def test_listed_is_the_day_of_the_newest_item(self, denmark):
        related = [FIRST, THIRD]
        found = one(denmark, related)
        assert found.as_of == date(2012, 1, 7)
        assert found.exact
        assert one(denmark, related, as_of=None).cause == "extra event shares as many"

    def test_an_item_after_a_given_day_cannot_come_out(self, denmark):
        found = one(denmark, ALL, as_of=date(2012, 1, 7))
        assert (found.cause, found.missing) == ("after the day", (None, "after the day", None))

    def test_each_list_has_its_own(self, denmark):
        lists = compared(denmark, page(*STORM, [FIRST]), page(*VOTE, [link(*BUDGET, "Denmark")])).lists
        assert [found.as_of for found in lists] == [date(2012, 1, 6), date(2012, 1, 9)]
        assert all(found.exact for found in lists)


class TestMatching:
    def found(self, recommender, item, event=STORM):
        (existing,) = match_lists(recommender.index, [page(*event, [item])])
        match = existing.items[0].found
        return match and (recommender.index.corpus.slug(match.row), match.how)

    def test_by_slug_whatever_the_text_and_the_prefix(self, denmark):
        for item in (link(*VOTE), link(*VOTE, prefix="/en/"), link(*VOTE)):
            assert self.found(denmark, item) == (slug_of(*VOTE), "slug")

    def test_by_an_older_slug(self):
        moved = recommender_of([page(*STORM), page(*VOTE, aliases=[slug_of("2012-01-07", "Older words")])], LABELS)
        assert self.found(moved, link("2012-01-07", "Older words")) == (slug_of(*VOTE), "alias")

    def test_a_page_by_the_older_slugs_that_it_names_itself(self, denmark):
        (found,) = compared(denmark, page(STORM[0], "Other words", ALL, aliases=[slug_of(*STORM)])).lists
        assert found.existing.found.how == "slug"
        assert found.exact

    @pytest.mark.parametrize(
        "text",
        [
            "Northern storms: " + FERRIES[1],
            "Northern storms (post-U.S. age):: " + FERRIES[1],
            "Northern storms. " + FERRIES[1],
            FERRIES[1] + ". Some seats are empty, and two harbours stay closed",
            "Ferries  between Esbjerg and Harwich  sail again - after the _storm_ (2012). ",
            "Ferries between Esbjerg and Hrwich sail again after the storm",
            "Férries between Esbjerg and Harwich sailed again after the storm",
            "Ferries between Esbjerg &ndash; and Harwich &ndash; sail again after the storm",
        ],
    )
    def test_by_day_and_text(self, denmark, text):
        assert self.found(denmark, link(FERRIES[0], text)) == (slug_of(*FERRIES), "text")

    @pytest.mark.parametrize(
        ("day", "text"),
        [
            (FERRIES[0], "Ferries between Dover and Calais stay in harbour because of a strike"),
            (FERRIES[0], "Ferries between Narvik and Harwich sail again after the storm"),
            (FERRIES[0], "Ferries"),
            (FERRIES[0], "..."),
            ("2012-01-07", "Northern storms: " + FERRIES[1]),
            ("2012-01-08", "Hikaru wins at chess"),
            ("2012-01-08", "Magnus wins at chess in a world championship that took three weeks"),
        ],
        ids=[
            "another-event",
            "another-name",
            "a-word",
            "nothing",
            "another-day",
            "another-winner",
            "a-short-beginning",
        ],
    )
    def test_never_a_wrong_event(self, denmark, day, text):
        assert self.found(denmark, link(day, text)) is None

    def test_none_where_two_are_as_near(self):
        vote = "Voters in Peru go to the polls for a new parliament"
        twice = [("2012-01-06", f"Elections in {place}: {vote}") for place in ("Lima", "the Andes")]
        voters = recommender_of([page(*STORM), *(page(*event) for event in twice)], LABELS)
        assert self.found(voters, link("2012-01-06", vote)) is None
        assert self.found(voters, link("2012-01-06", twice[0][1] + ", again")) == (slug_of(*twice[0]), "text")

    def test_a_link_to_no_day_of_the_calendar_is_no_event(self, denmark):
        (existing,) = match_lists(
            denmark.index, [page(*STORM, [RelatedLink(FERRIES[1], "/news/2012/02/30/ferries.md", "Denmark")])]
        )
        assert (existing.items[0].day, existing.items[0].found, existing.newest) == (None, None, None)

    def test_texts_without_words_are_never_near(self):
        assert similarity(comparable("..."), comparable("!")) == 0.0
        assert comparable("Faure Gnassingbé &ndash; 肯尼亚") == "faure gnassingbe 肯尼亚"


class TestForms:
    @pytest.fixture(scope="class")
    @classmethod
    def reproduction(cls, denmark):
        pages = [
            page(*STORM, ALL),
            page(*FERRIES, [link(*STORM, "Denmark, Storm"), link(*CHESS), link(*LATER)]),
            page(*LOST, [FIRST, SECOND]),
            page(*CHESS),
        ]
        return compare(denmark, pages, ["reproduce", "cosine"])

    def test_have_the_same_numbers(self, denmark, reproduction):
        content = json.loads(json.dumps(to_json(reproduction, denmark, seed=0)))
        lines = format_reproduction(reproduction, seed=0).splitlines()
        assert [profile["name"] for profile in content["profiles"]] == ["reproduce", "cosine"]
        for profile in content["profiles"]:
            assert list(profile["measures"]) == list(MEASURES)
            (line,) = (line for line in lines if line.startswith(profile["name"] + " "))
            shown = [float(mean) for mean in re.findall(r"(-?\d\.\d{3}) ±", line)]
            means = [measure["mean"] for measure in profile["measures"].values() if measure["mean"] is not None]
            assert shown == [pytest.approx(mean, abs=0.000501) for mean in means]
            for cause in profile["causes"]:
                assert any(f"{cause['cause']}: {cause['meaning']}" in line for line in lines)
        assert len(max(lines, key=len)) <= 120

    def test_count_what_was_compared(self, denmark, reproduction):
        content = to_json(reproduction, denmark, seed=0)
        assert (content["pages"], content["without_list"], content["as_of"]) == (4, 1, "listed")
        assert content["found_by"] == {"slug": 9, "alias": 0, "text": 0}
        measures = content["profiles"][0]["measures"]
        assert (measures["items"]["count"], measures["items"]["of"]) == (4, 8)
        assert (measures["known items"]["count"], measures["known items"]["of"]) == (4, 5)
        table = format_reproduction(reproduction, seed=0)
        assert "4 pages, 1 without a list (not compared); as of each list's newest item" in table
        assert "8 items on 3 lists; known, which is what we could list: 5 on 2 lists" in table

    def test_show_both_sides_of_each_list_that_differs(self, denmark, reproduction):
        differing = to_json(reproduction, denmark, seed=0)["profiles"][0]["differing"]
        assert [(one["slug"], one["cause"]) for one in differing] == [
            (slug_of(*FERRIES), "no shared entity known"),
            (slug_of(*LOST), "page not in the archive"),
        ]
        first = differing[0]
        assert [(item["rank"], item["our_rank"], item["shared"], item["cause"]) for item in first["items"]] == [
            (1, 1, ["Storm", "Denmark"], None),
            (2, None, [], "no shared entity known"),
            (3, None, [], "newer than the archive"),
        ]
        assert [(item["event"], item["their_rank"], item["shared"]) for item in first["ours"]] == [
            (slug_of(*STORM), 1, ["Storm", "Denmark"]),
            (slug_of(*BUDGET), None, ["Denmark"]),
        ]

    def test_have_intervals_of_ratios_by_the_seed(self, denmark):
        pages = [page(*STORM, ALL), page(*VOTE, [link(*CHESS)]), page(*BUDGET, [link(*STORM, "Denmark")])]
        comparison = compared(denmark, *pages, as_of=None)
        items = shares(comparison, seed=0)["items"]
        assert items == shares(comparison, seed=0)["items"]
        assert items.interval.estimate == items.count / items.of
        assert 0.0 <= items.interval.low < items.interval.estimate < items.interval.high <= 1.0

    def test_say_so_where_nothing_differs(self, denmark):
        table = format_reproduction(compare(denmark, [page(*STORM, ALL)], ["reproduce"]), seed=0)
        assert "reproduce: no list differs" in table

    def test_have_a_meaning_for_every_cause(self):
        assert all(meaning and not meaning.endswith(".") for meaning in CAUSES.values())


class TestCommand:
    @pytest.fixture(scope="class")
    @classmethod
    def archive_of(cls, tmp_path_factory):
        files: dict[str, list] = {}
        for event, context in LABELS.items():
            day = path_of(slug_of(*event)).rsplit("/", 1)[0]
            files.setdefault(f"{day}/index.md", []).append(day_item(*event, context))
        folder = tmp_path_factory.mktemp("denmark")
        return write_archive(folder, *PAGES, files={path: day_text(items) for path, items in files.items()})

    @pytest.fixture(scope="class")
    @classmethod
    def built(cls, archive_of, tmp_path_factory):
        from recommender.building import build_index  # noqa: PLC0415 - as the other heavy steps of a class

        folder = tmp_path_factory.mktemp("index")
        build_index(read_archive(archive_of), encoder="lexical").save(folder)
        return folder

    @pytest.fixture
    def existing(self, tmp_path):
        return write_archive(tmp_path / "existing", page(*STORM, ALL), page(*VOTE), page(*FERRIES, [link(*LOST)]))

    def test_compares_the_archives_own_rule_by_default(self, command, built, existing):
        code, out, err = command("evaluate", "--index", built, "--existing", existing, "--format", "json")
        assert (code, err) == (0, "")
        content = json.loads(out)
        assert (content["pages"], content["without_list"], content["as_of"]) == (3, 1, "listed")
        assert [profile["name"] for profile in content["profiles"]] == ["reproduce"]
        assert content["profiles"][0]["measures"]["lists"]["mean"] == 0.5

    def test_prints_a_table_of_several_profiles(self, command, built, existing):
        options = ["--profile", "extend", "--profile", "reproduce", "--as-of", "none"]
        code, out, err = command("evaluate", "--index", built, "--existing", existing, *options)
        assert (code, err) == (0, "")
        assert [line.split()[0] for line in out.splitlines()[:3]] == ["profile", "extend", "reproduce"]
        assert "as of no day" in out

    @pytest.mark.parametrize("day", ["2012-01-07", "listed", "none"])
    def test_takes_a_day(self, command, built, existing, day):
        options = ["--as-of", day, "--format", "json"]
        code, out, _ = command("evaluate", "--index", built, "--existing", existing, *options)
        assert code == 0
        assert json.loads(out)["as_of"] == (None if day == "none" else day)

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--existing", "pages", "--qrels", "a.qrels"], "--qrels cannot be given with --existing"),
            (["--existing", "pages", "--sample", "3"], "--sample cannot be given with --existing"),
            (["--as-of", "listed"], "--as-of can only be given with --existing FOLDER"),
            (["--skip-bad-pages"], "--skip-bad-pages can only be given with --existing FOLDER"),
            (["--existing", "pages", "--as-of", "soon"], "'soon' is not a day, expected YYYY-MM-DD, listed or none"),
        ],
    )
    def test_refuses_what_does_not_go_together(self, command, built, options, expected):
        code, out, err = command("evaluate", "--index", built, *options)
        assert (code, out) == (2, "")
        assert err.startswith("Usage: ")
        assert expected in err.strip().splitlines()[-1]

    def test_of_no_pages_is_an_error(self, command, built, tmp_path):
        (tmp_path / "empty").mkdir()
        code, out, err = command("evaluate", "--index", built, "--existing", tmp_path / "empty")
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert "has no event pages; expected files such as" in err
        code, _, err = command("evaluate", "--index", built, "--existing", tmp_path / "nowhere")
        assert code == 2
        assert "is not a folder" in err

    def test_of_pages_without_lists_is_an_error(self, command, built, tmp_path, denmark):
        folder = write_archive(tmp_path / "bare", *PAGES)
        code, out, err = command("evaluate", "--index", built, "--existing", folder)
        assert (code, out) == (2, "")
        assert err == (
            "error: none of the 5 pages has an item below a Related heading; give a folder of pages with lists\n"
        )
        with pytest.raises(ArchiveError, match="the page has no item below a Related heading"):
            compare(denmark, [page(*STORM)], ["reproduce"])

    def test_tells_bad_pages_and_passes_over_them_on_request(self, command, built, existing):
        bad = existing / "news/2012/01/7/bad.md"
        bad.write_text(page_text(page(*VOTE)).replace("# Denmark", "Denmark"), encoding="utf-8")
        code, out, err = command("evaluate", "--index", built, "--existing", existing)
        assert (code, out) == (2, "")
        assert "--skip-bad-pages" in err
        code, out, err = command("evaluate", "--index", built, "--existing", existing, "--skip-bad-pages")
        assert code == 0
        assert "passed over: news/2012/01/7/bad.md" in err
        assert "3 pages, 1 without a list" in out


@pytest.mark.realdata
def test_real_pages_are_read_and_matched_to_nothing_else(real_data, recommender):
    """Against the example, whose events are others: an item is matched by its slug, or its text is the same."""
    pages = read_archive(real_data / "real-pages").pages
    reproduction = compare(recommender, pages, ["reproduce"])
    assert (reproduction.pages, reproduction.without_list) == (58, 3)
    lists = [found.existing for found in reproduction.comparisons[0].lists]
    assert sum(len(existing.items) for existing in lists) == 403
    assert all(item.day is not None and item.printed for existing in lists for item in existing.items)
