"""Importing days of the portal: what becomes of each bullet, of the pages that are there, and of their lists."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from worlds import link, page, page_text, slug_of, write_archive

from recommender.archive import Archive, read_archive
from recommender.corpus import Corpus
from recommender.errors import ArchiveError
from recommender.importing.compose import headline_of
from recommender.importing.plan import plan_import
from recommender.importing.relisting import World
from recommender.importing.writing import ImportPlan, write_import
from recommender.page import parse_page
from recommender.portal.day import read_day
from recommender.slugs import path_of

BEGINS = (
    "The volcano [[Eyjafjallajökull]] in [[Iceland]] begins to erupt. [http://volcano.example/begins (Morgunblaðið)]"
)
ASH = "Ash from [[Eyjafjallajökull]] closes the [[airspace]] of the [[United Kingdom]]. [http://ash.example (BBC News)]"
NORWAY = "[[Norway]] closes its [[airspace]] as well. [http://norway.example (Aftenposten)]"
VOTE = "Voters in the [[United Kingdom]] elect a new [[House of Commons]]. [http://vote.example (The Times)]"
CRASH = "The [[Dow Jones]] index loses nine percent within minutes. [http://crash.example (CNBC)]"
AGAIN = "[[Eyjafjallajökull]] sends ash over [[Iceland]] once more. [http://again.example (RÚV)]"

MARCH, APRIL, MAY = "2010-03-20", "2010-04-15", "2010-05-06"
BEGUN = "news/2010/03/20/the-volcano-eyjafjallajapkull-in-iceland-begins-to-erupt"
CLOSED = "news/2010/04/15/ash-from-eyjafjallajapkull-closes-the-airspace-of-the-united-kingdom"
NORTH = "news/2010/04/15/norway-closes-its-airspace-as-well"
VOTED = "news/2010/05/6/voters-in-the-united-kingdom-elect-a-new-house-of-commons"
CRASHED = "news/2010/05/6/the-dow-jones-index-loses-nine-percent-within-minutes"
ERUPTED_AGAIN = "news/2010/05/6/eyjafjallajapkull-sends-ash-over-iceland-once-more"

DAYS = {MARCH: [BEGINS], APRIL: [ASH, NORWAY], MAY: [VOTE, CRASH]}
Bullets = Mapping[str, list[str]]


class Site:
    """An archive in a folder that grows by imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def archive(self) -> Archive:
        return read_archive(self.folder, may_be_empty=True) if self.folder.exists() else Archive((), (), "", "")

    def plan(self, days: Bullets | Mapping[str, str], *, lists: bool = True) -> ImportPlan:
        read = [
            read_day(date.fromisoformat(day), text if isinstance(text, str) else "".join(f"*{one}\n" for one in text))
            for day, text in sorted(days.items())
        ]
        return plan_import(self.folder, self.archive(), read, lists=lists)

    def imports(self, days: Bullets | Mapping[str, str], *, lists: bool = True) -> ImportPlan:
        plan = self.plan(days, lists=lists)
        self.folder.mkdir(exist_ok=True)
        write_import(self.folder, plan)
        return plan

    def tree(self) -> dict[str, bytes]:
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}

    def changed_by(self, days: Bullets | Mapping[str, str], **options: bool) -> set[str]:
        """Import; the files that are not as they were, that are new, or that have gone."""
        before = self.tree()
        self.imports(days, **options)
        after = self.tree()
        return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}

    def text(self, path: str) -> str:
        return (self.folder / path).read_bytes().decode()

    def edit(self, path: str, old: str, new: str) -> bytes:
        """What a person does; the page as it is then."""
        text = self.text(path)
        assert old in text
        (self.folder / path).write_bytes(text.replace(old, new).encode())
        return (self.folder / path).read_bytes()

    def events(self) -> set[str]:
        return {one.event.slug for one in self.archive().pages}

    def page(self, slug: str):
        return parse_page(path_of(slug), self.text(path_of(slug)))

    def listed(self, slug: str) -> list[str]:
        """The events on a page's list, found as readers find them."""
        corpus = Corpus.of(self.archive().pages)
        return [corpus.slug(corpus.row_of_target(one.target)) for one in self.page(slug).related]

    def contexts(self, slug: str) -> list[str]:
        return [one.context for one in self.page(slug).related]


@pytest.fixture
def site(tmp_path) -> Site:
    """An archive of three days."""
    one = Site(tmp_path / "archive")
    one.imports(DAYS)
    return one


def changed(days: Bullets, day: str, *bullets: str) -> Bullets:
    """The days with other bullets on one of them."""
    return {**days, day: list(bullets)}


def states(plan: ImportPlan) -> dict[str, int]:
    return {state: count for state, count in plan.report.states.items() if count}


def hrefs(text: str) -> list[str]:
    tokens = [inner for token in MarkdownIt("commonmark").parse(text) for inner in token.children or ()]
    return [token.attrs["href"] for token in tokens if token.type == "link_open"]


class TestANewArchive:
    def test_has_a_page_for_each_bullet_a_page_and_a_record_for_each_day(self, site):
        days = [f"news/{day}" for day in ("2010/03/20", "2010/04/15", "2010/05/6")]
        expected = {path_of(one) for one in (BEGUN, CLOSED, NORTH, VOTED, CRASHED)}
        expected |= {f"{day}/{name}" for day in days for name in ("index.md", "events.json")}
        assert site.tree().keys() == expected

    def test_has_pages_in_the_layout_of_the_site(self, site):
        assert site.text(path_of(CLOSED)) == (
            "### [2010-04-15](/news/2010/04/15/index.md)\n\n"
            "# Ash from Eyjafjallajökull closes the airspace of the United Kingdom.\n\n\n"
            "### Source:\n\n1. [BBC News](http://ash.example)\n\n"
            "### Related:\n\n"
            f"1. [Voters in the United Kingdom elect a new House of Commons.](/{VOTED}.md) _Context: United Kingdom_\n"
            f"2. [Norway closes its airspace as well.](/{NORTH}.md) _Context: Airspace_\n"
            f"3. [The volcano Eyjafjallajökull in Iceland begins to erupt.](/{BEGUN}.md) _Context: Eyjafjallajökull_\n"
        )

    def test_has_day_pages_with_all_events_in_the_order_of_the_source(self, site):
        assert site.text("news/2010/04/15/index.md") == (
            "## [2010-04-15](/news/2010/04/15/index.md)\n\n"
            f"### [Ash from Eyjafjallajökull closes the airspace of the United Kingdom.](/{CLOSED}.md)\n"
            "_Context: Airspace, Eyjafjallajökull, United Kingdom_\n\n"
            f"### [Norway closes its airspace as well.](/{NORTH}.md)\n"
            "_Context: Airspace, Norway_\n\n"
            "## [Previous Day...](/news/2010/04/14/index.md)\n"
        )

    def test_keeps_the_words_and_the_links_of_the_source(self, site):
        records = json.loads(site.text("news/2010/04/15/events.json"))
        one = records[NORTH.rsplit("/", 1)[-1]]
        assert one["text"].strip() == "Norway closes its airspace as well."
        assert one["entities"] == {"Norway": "Norway", "Airspace": "airspace"}

    def test_has_no_list_where_nothing_is_shared(self, site):
        assert not site.page(CRASHED).listed

    def test_counts(self, tmp_path):
        report = Site(tmp_path / "archive").plan(DAYS).report
        assert (report.days, dict(report.states)) == (3, {"new": 5, "left": 0})

    def test_is_the_same_in_whatever_order_the_bullets_of_other_days_are(self, site, tmp_path):
        other = Site(tmp_path / "other")
        other.imports(dict(reversed(DAYS.items())))
        assert other.tree() == site.tree()


class TestTwice:
    def test_changes_nothing(self, site):
        before = site.tree()
        plan = site.imports(DAYS)
        assert (plan.changes, site.tree()) == (0, before)
        assert states(plan) == {"same": 5}

    def test_changes_nothing_for_some_of_the_days(self, site):
        assert site.changed_by({APRIL: DAYS[APRIL]}) == set()

    def test_changes_nothing_for_other_line_endings_and_blanks_around(self, site):
        assert site.changed_by({APRIL: f";Disasters\r\n\r\n*{ASH}\r\n*{NORWAY}\r\n"}) == set()

    @pytest.mark.parametrize("bullets", list(permutations([ASH, NORWAY])))
    def test_changes_nothing_for_bullets_in_another_order(self, site, bullets):
        assert site.changed_by(changed(DAYS, APRIL, *bullets)) == set()


class TestAnAddedBullet:
    def test_changes_only_the_lists_that_gain_it(self, site):
        days = changed(DAYS, MAY, VOTE, CRASH, AGAIN)
        assert site.changed_by(days) == {
            path_of(ERUPTED_AGAIN),
            path_of(BEGUN),
            path_of(CLOSED),
            "news/2010/05/6/index.md",
            "news/2010/05/6/events.json",
        }
        assert site.listed(BEGUN) == [ERUPTED_AGAIN, CLOSED]
        assert site.changed_by(days) == set()

    def test_stands_on_its_day_page_where_it_stands_in_the_source(self, site):
        site.imports(changed(DAYS, MAY, VOTE, AGAIN, CRASH))
        assert hrefs(site.text("news/2010/05/6/index.md"))[1:4] == [f"/{s}.md" for s in (VOTED, ERUPTED_AGAIN, CRASHED)]

    def test_stands_first_on_its_day_page_where_it_does_so_in_the_source(self, site):
        site.imports(changed(DAYS, MAY, AGAIN, VOTE, CRASH))
        assert hrefs(site.text("news/2010/05/6/index.md"))[1:4] == [f"/{s}.md" for s in (ERUPTED_AGAIN, VOTED, CRASHED)]

    def test_pushes_the_last_event_off_a_list_that_is_full(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": "limit = 1\n"}))
        site.imports(DAYS)
        assert site.listed(BEGUN) == [CLOSED]
        site.imports(changed(DAYS, MAY, AGAIN))
        assert site.listed(BEGUN) == [ERUPTED_AGAIN]

    def test_leaves_a_full_list_byte_for_byte_where_it_ranks_below_all(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": "limit = 1\n"}))
        site.imports(changed(DAYS, MAY, AGAIN))
        older = {"2010-01-01": ["[[Eyjafjallajökull]] is quiet. [http://a.example (A)]"]}
        assert path_of(BEGUN) not in site.changed_by(older)


class TestAnEditedBullet:
    def test_with_the_same_slug_changes_its_page_and_its_day(self, site):
        longer = CRASH.replace("minutes.", "[[minute]]s.").replace("CNBC)]", "CNBC)] [http://b.example (Reuters)]")
        plan = site.imports(changed(DAYS, MAY, VOTE, longer))
        assert states(plan) == {"same": 4, "edited": 1}
        assert site.text(path_of(CRASHED)).endswith(
            "### Source:\n\n1. [CNBC](http://crash.example)\n2. [Reuters](http://b.example)\n\n"
        )
        assert "_Context: Dow Jones, Minute_" in site.text("news/2010/05/6/index.md")
        assert site.page(CRASHED).aliases == ()

    def test_changes_nothing_else(self, site):
        longer = CRASH.replace("minutes", "[[minute]]s")
        assert site.changed_by(changed(DAYS, MAY, VOTE, longer)) == {
            "news/2010/05/6/index.md",
            "news/2010/05/6/events.json",
        }
        assert site.changed_by(changed(DAYS, MAY, VOTE, longer)) == set()

    def test_comes_on_lists_with_which_it_shares_something_now(self, site):
        quiet = VOTE.replace("in the [[United Kingdom]]", "in the United Kingdom, under ash of [[Eyjafjallajökull]],")
        site.imports(changed(DAYS, MAY, quiet, CRASH))
        slug = "news/2010/05/6/voters-in-the-united-kingdom-under-ash-of-eyjafjallajapkull-elect-a-new-house-of-commons"
        assert site.listed(BEGUN) == [slug, CLOSED]

    def test_leaves_a_list_that_has_the_same_events_for_another_reason_byte_for_byte(self, site):
        """What the list prints as shared is that of the day on which it was made; `regenerate` makes it anew."""
        quiet = VOTE.replace("in the [[United Kingdom]]", "in the United Kingdom, under ash of [[Eyjafjallajökull]],")
        assert path_of(CLOSED) not in site.changed_by(changed(DAYS, MAY, quiet, CRASH))
        assert site.contexts(CLOSED)[0] == "United Kingdom"

    def test_that_has_lost_its_links_leaves_every_list(self, site):
        site.imports(changed(DAYS, MAY, VOTE.replace("[[United Kingdom]]", "United Kingdom"), CRASH))
        assert site.listed(CLOSED) == [NORTH, BEGUN]
        assert not site.page(VOTED).listed

    MOVED = VOTE.replace("Voters", "The voters")
    MOVED_TO = "news/2010/05/6/the-voters-in-the-united-kingdom-elect-a-new-house-of-commons"

    def test_with_another_slug_takes_its_page_along_and_keeps_the_older_slug_as_an_alias(self, site):
        assert site.changed_by(changed(DAYS, MAY, self.MOVED, CRASH)) == {
            path_of(VOTED),
            path_of(self.MOVED_TO),
            "news/2010/05/6/index.md",
            "news/2010/05/6/events.json",
        }
        assert site.events() == {BEGUN, CLOSED, NORTH, CRASHED, self.MOVED_TO}
        assert site.page(self.MOVED_TO).aliases == (VOTED,)
        assert "# The voters in the United Kingdom elect" in site.text(path_of(self.MOVED_TO))
        assert (
            "### Changes:\n\n"
            f"1. [Voters in the United Kingdom elect a new House of Commons.](/{VOTED}.md) _(First version)_\n"
            f"2. [The voters in the United Kingdom elect a new House of Commons.](/{self.MOVED_TO}.md)"
            " _(Current version)_\n\n### Related:\n"
        ) in site.text(path_of(self.MOVED_TO))

    def test_that_has_moved_is_found_by_links_to_its_older_slug(self, site):
        before = site.text(path_of(CLOSED))
        site.imports(changed(DAYS, MAY, self.MOVED, CRASH))
        assert site.text(path_of(CLOSED)) == before
        assert site.listed(CLOSED) == [self.MOVED_TO, NORTH, BEGUN]

    def test_that_has_moved_stays_in_its_place_on_the_day_page(self, site):
        site.imports(changed(DAYS, MAY, self.MOVED, CRASH))
        assert hrefs(site.text("news/2010/05/6/index.md"))[1:3] == [f"/{self.MOVED_TO}.md", f"/{CRASHED}.md"]

    def test_does_not_move_again(self, site):
        site.imports(changed(DAYS, MAY, self.MOVED, CRASH))
        assert site.changed_by(changed(DAYS, MAY, self.MOVED, CRASH)) == set()

    def test_that_moves_twice_has_two_aliases(self, site):
        twice = self.MOVED.replace("The voters", "All the voters")
        site.imports(changed(DAYS, MAY, self.MOVED, CRASH))
        site.imports(changed(DAYS, MAY, twice, CRASH))
        last = self.MOVED_TO.replace("/the-", "/all-the-")
        assert site.page(last).aliases == (VOTED, self.MOVED_TO)
        assert site.listed(CLOSED) == [last, NORTH, BEGUN]
        changes = site.text(path_of(last)).partition("### Changes:\n\n")[2].partition("\n\n")[0]
        assert [line.split("_")[-2:-1] for line in changes.split("\n")] == [
            ["(First version)"],
            [],
            ["(Current version)"],
        ]

    def test_that_comes_back_to_its_first_words_keeps_the_page_that_it_has(self, site):
        site.imports(changed(DAYS, MAY, self.MOVED, CRASH))
        site.imports(DAYS)
        assert site.page(self.MOVED_TO).event.text == "Voters in the United Kingdom elect a new House of Commons."
        assert site.changed_by(DAYS) == set()

    def test_that_moves_takes_other_lists_along_only_where_they_change(self, site):
        """Its new link brings it onto one list, its old one keeps it on another."""
        edited = self.MOVED.replace("elect", "elect, while the [[Dow Jones]] falls,")
        slug = "news/2010/05/6/the-voters-in-the-united-kingdom-elect-while-the-dow-jones-falls-a-new-house-of-commons"
        touched = site.changed_by(changed(DAYS, MAY, edited, CRASH))
        assert path_of(CRASHED) in touched
        assert path_of(CLOSED) not in touched
        assert site.listed(CRASHED) == [slug]


class TestARemovedBullet:
    def test_leaves_its_page(self, site):
        plan = site.imports(changed(DAYS, MAY, VOTE))
        assert (plan.changes, states(plan)) == (0, {"same": 4, "left": 1})

    def test_that_comes_back_changes_nothing(self, site):
        site.imports(changed(DAYS, MAY, VOTE))
        assert site.changed_by(DAYS) == set()

    def test_leaves_its_record_when_others_of_the_day_change(self, site):
        site.imports(changed(DAYS, MAY, VOTE, AGAIN))
        assert len(json.loads(site.text("news/2010/05/6/events.json"))) == 3

    def test_that_stands_on_another_day_now_is_an_event_of_that_day(self, site):
        """A page of the archive has its day in its path: it stays, and the other one is new."""
        plan = site.imports({**DAYS, MAY: [VOTE], "2010-05-07": [CRASH]})
        assert states(plan) == {"same": 4, "left": 1, "new": 1}
        assert CRASHED.replace("/6/", "/7/") in site.events()


class TestAlikeBullets:
    def test_of_the_same_words_are_one_event(self, site):
        plan = site.plan(changed(DAYS, MAY, VOTE, CRASH, VOTE))
        assert plan.changes == 0
        assert [(one.date.isoformat(), one.cause) for one in plan.report.skipped] == [(MAY, "the same bullet twice")]

    def test_are_one_event_below_a_story_heading_too(self, tmp_path):
        site = Site(tmp_path / "archive")
        plan = site.imports({MAY: f"*[[Ash]]\n**{ASH}\n**{ASH}\n"})
        assert states(plan) == {"new": 1}

    LONG = "After the eruption of [[Eyjafjallajökull]] and " + "many more days of waiting " * 5 + "flights leave from "

    def test_of_the_same_first_words_are_numbered(self, tmp_path):
        site = Site(tmp_path / "archive")
        bullets = {MAY: [f"{self.LONG}{city}. [http://{city}.example (A)]" for city in ("Paris", "Rome", "Vienna")]}
        site.imports(bullets)
        first, second, third = sorted(site.events())
        assert (second, third) == (f"{first}-2", f"{first}-3")
        assert site.page(second).event.text.endswith("Rome.")
        assert site.listed(first) == [third, second]
        assert site.changed_by(bullets) == set()

    def test_keep_their_pages_when_one_is_removed_and_another_comes(self, tmp_path):
        site = Site(tmp_path / "archive")
        paris, rome, vienna = (
            f"{self.LONG}{city}. [http://{city}.example (A)]" for city in ("Paris", "Rome", "Vienna")
        )
        site.imports({MAY: [paris, rome]})
        _, second = sorted(site.events())
        before = site.page(second).event
        site.imports({MAY: [rome, vienna]})
        assert site.page(second).event == before
        assert len({one.event.text for one in site.archive().pages}) == len(site.events())
        assert site.changed_by({MAY: [rome, vienna]}) == set()


class TestAPerson:
    def test_keeps_the_headline_that_they_wrote(self, site):
        site.edit(path_of(CRASHED), "# The Dow Jones index loses", "# The Dow loses")
        edited = CRASH.replace("minutes", "a few minutes")
        plan = site.imports(changed(DAYS, MAY, VOTE, edited))
        assert plan.report.kept_words == [CRASHED]
        assert site.page(CRASHED).event.text == "The Dow loses nine percent within minutes."
        assert CRASHED in site.events()
        assert "[The Dow loses nine percent within minutes.]" in site.text("news/2010/05/6/index.md")
        assert site.changed_by(changed(DAYS, MAY, VOTE, edited)) == set()

    def test_keeps_it_at_every_further_edit(self, site):
        site.edit(path_of(CRASHED), "# The Dow Jones index loses", "# The Dow loses")
        for words in ("a few minutes", "half an hour", "some minutes"):
            site.imports(changed(DAYS, MAY, VOTE, CRASH.replace("minutes", words)))
            assert site.page(CRASHED).event.text == "The Dow loses nine percent within minutes."

    def test_that_removes_a_page_does_not_get_it_back(self, site):
        (site.folder / path_of(CRASHED)).unlink()
        plan = site.imports(DAYS)
        assert (plan.changes, states(plan)) == (0, {"same": 4, "gone": 1})
        for edited in (CRASH.replace("minutes", "[[minute]]s"), CRASH.replace("The [[Dow", "The famous [[Dow")):
            site.imports(changed(DAYS, MAY, VOTE, edited))
            assert len(site.events()) == 4

    def test_that_locks_a_list_keeps_it(self, site):
        text = site.text(path_of(BEGUN))
        (site.folder / path_of(BEGUN)).write_text(f"---\n# by hand\nrelated_lock: true\n---\n{text}")
        plan = site.imports(changed(DAYS, MAY, VOTE, CRASH, AGAIN))
        assert site.text(path_of(BEGUN)) == f"---\n# by hand\nrelated_lock: true\n---\n{text}"
        assert dict(plan.report.lists) == {"locked": 1, "rewritten": 1}

    def test_that_locks_a_list_still_gets_the_words_of_the_source(self, site):
        front = "---\n# by hand\nrelated_lock: true\n---\n"
        text = site.text(path_of(VOTED))
        (site.folder / path_of(VOTED)).write_text(front + text)
        edited = VOTE.replace("a new", "another").replace("[[United Kingdom]]", "United Kingdom")
        site.imports(changed(DAYS, MAY, edited, CRASH))
        moved = VOTED.replace("a-new", "another")
        assert site.text(path_of(moved)).startswith(front)
        assert site.page(moved).event.text == "Voters in the United Kingdom elect another House of Commons."
        assert site.listed(moved) == [CLOSED]

    def test_keeps_description_front_matter_and_notes(self, site):
        own = {
            "head": "---\ntitle: x\n# note\n---\n",
            "description": "Aeroplanes stay on the ground.",
            "note": "Our own note.",
        }
        text = site.text(path_of(CLOSED)).replace("Kingdom.\n\n\n", f"Kingdom.\n\n{own['description']}\n\n")
        text = own["head"] + text.replace("### Related:\n\n", f"### Related:\n\n{own['note']}\n\n")
        (site.folder / path_of(CLOSED)).write_text(text)
        site.imports(changed(DAYS, MAY, VOTE, CRASH, AGAIN))
        assert [line for line in text.split("\n") if line not in site.text(path_of(CLOSED)).split("\n")] == [
            line for line in text.split("\n") if line.startswith(("2. [", "3. ["))
        ]
        site.imports(changed(DAYS, APRIL, ASH.replace("closes", "has closed"), NORWAY))
        moved = site.text(path_of(CLOSED.replace("closes", "has-closed")))
        assert all(part in moved for part in own.values())

    def test_keeps_line_endings(self, site):
        for path in (path_of(CLOSED), "news/2010/04/15/index.md"):
            (site.folder / path).write_bytes(site.text(path).replace("\n", "\r\n").encode())
        more = ASH.replace("closes", "has closed") + " [http://more.example (Sky)]"
        plan = site.imports(changed(DAYS, APRIL, more, NORWAY, AGAIN))
        assert states(plan) == {"same": 4, "moved": 1, "new": 1} | {"same": 4}
        for path in (path_of(CLOSED.replace("closes", "has-closed")), "news/2010/04/15/index.md"):
            assert site.text(path).count("\r\n") == site.text(path).count("\n")

    def test_keeps_what_they_wrote_on_a_day_page(self, site):
        site.edit("news/2010/04/15/index.md", "United Kingdom_\n", "United Kingdom_\nThe sky is empty.\n")
        site.edit("news/2010/04/15/index.md", "## [Previous", "Written by hand.\n\n## [Previous")
        site.imports(changed(DAYS, APRIL, ASH.replace("closes", "has closed"), NORWAY, AGAIN))
        text = site.text("news/2010/04/15/index.md")
        assert "United Kingdom_\nThe sky is empty.\n" in text
        assert "Written by hand.\n" in text

    def test_that_has_two_pages_for_a_day_gets_both_up_to_date(self, site):
        index = site.text("news/2010/05/6/index.md")
        (site.folder / "news/2010/05/6/README.md").write_text(f"{index}\nThe same for GitHub.\n")
        site.imports(changed(DAYS, MAY, VOTE, CRASH, AGAIN))
        both = [site.text(f"news/2010/05/6/{name}") for name in ("index.md", "README.md")]
        assert [hrefs(text) for text in both] == [hrefs(both[0])] * 2
        assert all(f"/{ERUPTED_AGAIN}.md" in hrefs(text) for text in both)
        assert both[1].endswith("The same for GitHub.\n")

    def test_that_has_only_a_readme_gets_no_index(self, site):
        index = site.folder / "news/2010/05/6/index.md"
        index.rename(index.with_name("README.md"))
        assert "news/2010/05/6/index.md" not in site.changed_by(changed(DAYS, MAY, VOTE, CRASH, AGAIN))

    def test_that_removes_an_events_lines_from_a_day_page_gets_them_back_only_with_an_edit(self, site):
        path = "news/2010/05/6/index.md"
        lines = site.text(path).split("\n")
        start = next(i for i, line in enumerate(lines) if CRASHED in line)
        (site.folder / path).write_text("\n".join([*lines[:start], *lines[start + 3 :]]))
        site.imports(changed(DAYS, MAY, VOTE, CRASH, AGAIN))
        assert f"/{CRASHED}.md" not in hrefs(site.text(path))


OLD_NEWS = ("2010-03-20", "The volcano Eyjafjallajökull in Iceland begins to erupt")
OTHER = ("2010-03-21", "Iceland closes its roads")
UNRELATED = ("2010-03-22", "A comet is seen")


class TestAPageThatNoImportMade:
    @pytest.fixture
    def grown(self, tmp_path) -> Site:
        """An archive of the site, without slugs, lists or words of ours."""
        pages = [
            page(*OLD_NEWS, [link(*OTHER, "Iceland")]),
            page(*OTHER, [link(*OLD_NEWS, "Iceland")]),
            page(*UNRELATED, description="It is green."),
        ]
        return Site(write_archive(tmp_path / "archive", *pages))

    def test_stays_byte_for_byte_and_gets_a_record(self, grown):
        assert grown.changed_by({MARCH: [BEGINS]}) == {
            "news/2010/03/20/events.json",
            "news/2010/03/20/index.md",
        }
        assert states(grown.plan({MARCH: [BEGINS]})) == {"same": 1}

    def test_gets_another_list_where_the_source_knows_of_nothing_that_is_shared(self, grown):
        touched = grown.changed_by({MARCH: [BEGINS.replace("[[Iceland]]", "Iceland")]})
        assert path_of(slug_of(*OLD_NEWS)) in touched
        assert grown.listed(slug_of(*OLD_NEWS)) == []

    def test_is_counted_as_known(self, grown):
        assert states(grown.plan({MARCH: [BEGINS]})) == {"known": 1}

    def test_gets_another_list_where_that_gains_an_event(self, grown):
        touched = grown.changed_by({MARCH: [BEGINS], APRIL: [ASH]})
        assert path_of(slug_of(*OLD_NEWS)) in touched
        assert CLOSED in grown.listed(slug_of(*OLD_NEWS))
        assert not touched & {path_of(slug_of(*OTHER)), path_of(slug_of(*UNRELATED))}

    def test_of_which_the_source_knows_nothing_gains_events_too(self, grown):
        touched = grown.changed_by({MAY: [AGAIN]})
        assert path_of(slug_of(*OTHER)) in touched
        assert grown.listed(slug_of(*OTHER)) == [ERUPTED_AGAIN, slug_of(*OLD_NEWS)]

    def test_keeps_its_place_on_a_day_page_that_the_site_made(self, grown):
        day = (
            "## [A day](/index.md)\n\n### [An event](/news/2010/03/20/"
            + slug_of(*OLD_NEWS).rsplit("/", 1)[-1]
            + ".md)\n"
        )
        write_archive(grown.folder, files={"news/2010/03/20/index.md": day})
        assert grown.changed_by({MARCH: [BEGINS]}) == {"news/2010/03/20/events.json"}

    def test_keeps_its_place_where_the_day_page_shows_it_under_an_older_slug(self, tmp_path):
        older = "news/2010/03/20/a-volcano"
        day = f"## [A day](/index.md)\n\n### [An event](/{older}.md)\n"
        one = page(*OLD_NEWS, aliases=(older,))
        site = Site(write_archive(tmp_path / "archive", one, files={"news/2010/03/20/index.md": day}))
        assert site.changed_by({MARCH: [BEGINS]}) == {"news/2010/03/20/events.json"}

    def test_gets_its_words_changed_by_a_later_edit_only_where_it_had_those_of_the_source(self, grown):
        grown.imports({MARCH: [BEGINS]})
        plan = grown.imports({MARCH: [BEGINS.replace("begins", "starts")]})
        assert plan.report.kept_words == [slug_of(*OLD_NEWS)], "the site had printed it without a full stop"
        assert grown.page(slug_of(*OLD_NEWS)).event.text == OLD_NEWS[1]


class TestStories:
    STORY = f"*[[2010 eruptions of Eyjafjallajökull]]\n**{ASH}\n**{NORWAY}\n"
    WORDS = f"*Ash cloud: the [[airspace of Europe]]\n**{ASH}\n**{NORWAY}\n"

    def test_are_the_topic_of_their_pages(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports({APRIL: self.STORY})
        assert "\n##### 2010 eruptions of Eyjafjallajökull\n# Ash from" in site.text(path_of(CLOSED))
        assert site.page(NORTH).event.topic == "2010 eruptions of Eyjafjallajökull"
        assert "\n##### 2010 eruptions of Eyjafjallajökull\n### [Norway" in site.text("news/2010/04/15/index.md")

    def test_have_events_of_which_only_the_first_is_on_lists(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports({**DAYS, APRIL: self.STORY, MAY: [VOTE.replace("United Kingdom", "airspace")]})
        assert CLOSED in site.listed(NORTH)
        assert not any(NORTH in site.listed(slug) for slug in site.events())

    def test_may_have_all_their_events_on_lists(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": 'story_bullets = "all"\n'}))
        site.imports({APRIL: self.STORY})
        assert (site.listed(CLOSED), site.listed(NORTH)) == ([NORTH], [CLOSED])

    @pytest.mark.parametrize(
        ("setting", "story", "expected"),
        [
            ("bare", STORY, "Airspace, 2010 eruptions of Eyjafjallajökull"),
            ("bare", WORDS, "Airspace"),
            ("all", WORDS, "Airspace, Airspace of Europe"),
            ("all", STORY, "Airspace, 2010 eruptions of Eyjafjallajökull"),
            ("none", STORY, "Airspace"),
        ],
    )
    def test_give_their_links_to_their_events_as_the_archive_is_set(self, tmp_path, setting, story, expected):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": f'headings = "{setting}"\n'}))
        site.imports({APRIL: story})
        assert site.contexts(NORTH) == [", ".join(sorted(expected.split(", ")))]


class TestSettings:
    def test_print_entities_as_the_newest_event_does(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": 'labels = "anchor"\n'}))
        site.imports({**DAYS, MAY: [VOTE.replace("[[United Kingdom]]", "[[United Kingdom|British]] isles")]})
        assert site.contexts(CLOSED)[:2] == ["British", "airspace"]

    def test_make_slugs_of_characters(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files={"related-events.toml": 'slugs = "ascii"\n'}))
        site.imports({MARCH: [BEGINS]})
        assert site.events() == {BEGUN.replace("japkull", "jokull")}

    def test_may_change_without_a_page_getting_another_slug(self, site):
        write_archive(site.folder, files={"related-events.toml": 'slugs = "ascii"\n'})
        assert site.changed_by(DAYS) == set()

    def test_that_change_what_an_event_has_make_it_edited(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports({APRIL: TestStories.STORY})
        write_archive(site.folder, files={"related-events.toml": 'headings = "none"\n'})
        site.imports({APRIL: TestStories.STORY})
        assert site.listed(NORTH) == [CLOSED]
        assert "2010 eruptions" not in site.text("news/2010/04/15/events.json")

    def test_leave_all_lists_to_somebody_else(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports(DAYS, lists=False)
        assert not any(one.listed for one in site.archive().pages)
        assert len(site.events()) == 5

    def test_leave_old_lists_as_they_are(self, site):
        assert site.changed_by(changed(DAYS, MAY, VOTE, CRASH, AGAIN), lists=False) == {
            path_of(ERUPTED_AGAIN),
            "news/2010/05/6/index.md",
            "news/2010/05/6/events.json",
        }


BY_PLACE = {"related-events.toml": 'rule = "day-place"\nlimit = 1\n'}


class TestTheRuleByPlaces:
    """Listed are the events that stand last on their day pages."""

    def test_counts_events_that_are_new(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files=BY_PLACE))
        site.imports({MARCH: [BEGINS], MAY: [AGAIN, CRASH], APRIL: [NORWAY, ASH]})
        assert site.listed(BEGUN) == [CLOSED]

    def test_rewrites_lists_of_which_an_event_is_not_the_last_of_its_day_any_more(self, tmp_path):
        site = Site(write_archive(tmp_path / "archive", files=BY_PLACE))
        site.imports({MARCH: [BEGINS], MAY: [AGAIN], APRIL: [ASH]})
        assert site.listed(BEGUN) == [ERUPTED_AGAIN]
        days = {MARCH: [BEGINS], MAY: [AGAIN, CRASH], APRIL: [ASH]}
        assert path_of(BEGUN) in site.changed_by(days)
        assert site.listed(BEGUN) == [CLOSED]
        assert site.changed_by(days) == set()


class TestOneEntity:
    OLD = "The [[al-Qaeda|network]] threatens. [http://a.example (A)]"
    NEW = "The leader of [[Al Qaeda]] speaks on {}. [http://b.example (B)]"

    def test_has_one_title_however_its_links_are_spelled(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports({MARCH: [self.OLD], MAY: [self.NEW.format("Monday"), self.NEW.format("Friday")]})
        first, *others = sorted(site.events())
        assert site.listed(first) == others[::-1]
        assert set(site.contexts(first)) == {"Al Qaeda"}

    def test_keeps_the_title_that_the_archive_has(self, tmp_path):
        site = Site(tmp_path / "archive")
        site.imports({MARCH: [self.OLD]})
        before = site.text("news/2010/03/20/events.json")
        site.imports({MAY: [self.NEW.format("Monday"), self.NEW.format("Friday")]})
        assert site.text("news/2010/03/20/events.json") == before
        assert all(set(site.contexts(slug)) == {"Al-Qaeda"} for slug in site.events())


class TestDayByDay:
    def test_is_the_same_as_all_days_at_once(self, site, tmp_path):
        """While no title and no label has a second spelling: the first import decides on one then."""
        other = Site(tmp_path / "other")
        for day, bullets in DAYS.items():
            other.imports({day: bullets})
        assert other.tree() == site.tree()

    @pytest.mark.parametrize("order", list(permutations(DAYS)))
    def test_is_the_same_in_any_order(self, site, tmp_path, order):
        other = Site(tmp_path / "other")
        for day in order:
            other.imports({day: DAYS[day]})
        assert other.tree() == site.tree()

    def test_makes_the_same_pages_and_lists_of_events_where_a_title_has_two_spellings(self, tmp_path):
        """Only the spelling differs: all at once takes the commoner one, day by day the one that came first."""
        days = {
            MARCH: ["The [[dow-jones]] rises. [http://a.example (A)]"],
            APRIL: ["The [[Dow Jones]] falls. [http://b.example (B)]"],
            MAY: ["The [[Dow Jones]] rests. [http://c.example (C)]"],
        }
        whole, parts = Site(tmp_path / "whole"), Site(tmp_path / "parts")
        whole.imports(days)
        for day, bullets in days.items():
            parts.imports({day: bullets})
        assert whole.events() == parts.events()
        assert {slug: whole.listed(slug) for slug in whole.events()} == {s: parts.listed(s) for s in parts.events()}
        assert {label for slug in whole.events() for label in whole.contexts(slug)} == {"Dow Jones"}
        assert {label for slug in parts.events() for label in parts.contexts(slug)} == {"Dow-jones"}


class TestHostileText:
    TEXTS = (
        "../../../../etc/passwd is [[Iceland|read]]",
        "/etc/passwd",
        "news/2010/05/7/x.md",
        "Index",
        "README",
        ". . .. a",
        "C:\\Windows\\system32",
        "\x00\x07 bells",
        "%2e%2e%2fetc",
        "x" * 5000,
        "<script>alert(1)</script> [[Iceland|<b>x</b>]]",
        "![x](http&#58;//evil.example) [[Iceland|](http&#58;//evil.example)]]",
        "`a` [[Iceland|`b`]] | c",
        '[[Iceland]]: [x]: //evil.example/ "y"',
        "' OR 1=1 -- ''[[Iceland]]''",
        "\u202egnp.exe [[Iceland]]",
    )

    def test_becomes_pages_in_the_folder_of_the_day_and_nowhere_else(self, tmp_path):
        site = Site(tmp_path / "a" / "archive")
        site.folder.parent.mkdir()
        site.imports({MARCH: [BEGINS], MAY: [f"{text} [http://a.example (A)]" for text in self.TEXTS]})
        assert [
            path.name for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(site.folder)
        ] == []
        assert {Path(path).parent.as_posix() for path in site.tree()} == {"news/2010/03/20", "news/2010/05/6"}
        assert len(site.events()) == len(self.TEXTS) + 1
        assert len(site.text("news/2010/05/6/index.md").split("\n### [")) == len(self.TEXTS) + 1

    def test_becomes_pages_whose_links_lead_where_they_should(self, tmp_path):
        site = Site(tmp_path / "archive")
        days = {MARCH: [BEGINS], MAY: [f"{text} [http://a.example (A)]" for text in self.TEXTS]}
        site.imports(days)
        known = {f"/{slug}.md" for slug in site.events()} | {f"/news/2010/{day}/index.md" for day in ("03/20", "05/6")}
        known |= {
            "/news/2010/03/19/index.md",
            "/news/2010/05/5/index.md",
            "http://a.example",
            "http://volcano.example/begins",
        }
        for path, raw in site.tree().items():
            if path.endswith(".md"):
                assert set(hrefs(raw.decode())) <= known, path
                html = MarkdownIt("commonmark").render(raw.decode())
                assert not any(tag in html for tag in ("<script", "<b>", "<img", "<code", "<pre")), path
        assert site.changed_by(days) == set()

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("[javascript:alert(1) (A)]", []),
            ("[data:text/html,x (A)]", []),
            ("[http://a.example/x_(y) (A)]", ["http://a.example/x_%28y%29"]),
            ('[http://a.example/"x" (A)]', ["http://a.example/"]),
            ("[http://a.example/'x' (A)]", ["http://a.example/'x'"]),
            ("[http://a.example/?a=1&b=2 (A)]", ["http://a.example/?a=1&b=2"]),
            ("[http://a.example (<b>A</b>)]", ["http://a.example"]),
            ("[http://a.example (A&#93;&#40;http&#58;//evil.example))]", ["http://a.example"]),
            ("[http://a.example (`A`)]", ["http://a.example"]),
            ("{{cite web|url=http://a.example/a b|title=A|publisher=B}}", ["http://a.example/a"]),
            ("{{cite web|url=javascript:alert(1)|title=A}}", []),
        ],
    )
    def test_of_a_source_leads_to_its_url_or_nowhere(self, tmp_path, source, expected):
        site = Site(tmp_path / "archive")
        site.imports({MAY: [f"The [[Dow Jones]] falls. {source}"]})
        (slug,) = site.events()
        html = MarkdownIt("commonmark").render(site.text(path_of(slug)))
        assert [one for one in hrefs(site.text(path_of(slug))) if not one.startswith("/news/")] == expected
        assert not any(tag in html for tag in ("<b>", "<code", "<script"))

    def test_of_a_bullet_without_a_letter_is_told(self, tmp_path):
        plan = Site(tmp_path / "archive").plan(
            {MAY: f"*{CRASH}\n*… [http://a.example (A)]\n*火 [http://b.example (B)]\n"}
        )
        assert Counter(one.cause for one in plan.report.skipped).total() + states(plan)["new"] >= 2


class TestWriting:
    def test_does_not_follow_a_link_to_a_folder(self, site, tmp_path):
        """What lies behind it was not read: the import would write over it."""
        elsewhere = tmp_path / "elsewhere"
        (site.folder / "news/2010/05").rename(elsewhere)
        (site.folder / "news/2010/05").symlink_to(elsewhere)
        before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
        plan = site.plan(DAYS)
        with pytest.raises(ArchiveError, match="is behind a symbolic link; replace the link by the folder itself"):
            write_import(site.folder, plan)
        assert {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()} == before

    def test_may_be_into_an_archive_that_is_a_link_itself(self, site, tmp_path):
        (tmp_path / "link").symlink_to(site.folder)
        write_import(tmp_path / "link", Site(tmp_path / "link").plan(changed(DAYS, MAY, VOTE, CRASH, AGAIN)))
        assert ERUPTED_AGAIN in site.events()

    def test_tells_progress_up_to_the_end(self, tmp_path):
        site, told = Site(tmp_path / "archive"), []
        plan = site.plan(DAYS)
        site.folder.mkdir()
        write_import(site.folder, plan, lambda done, size: told.append((done, size)))
        assert told == [(done, plan.changes) for done in range(1, plan.changes + 1)]


def test_pages_of_the_tests_own_site_are_read_as_they_are_meant():
    """Were they not, the pages that no import made would say less than it seems."""
    one = page(*OLD_NEWS, [link(*OTHER, "Iceland")])
    assert parse_page(path_of(one.event.slug), page_text(one)).related == one.related


SUBJECTS = ("[[Iceland]]", "The [[European Union|EU]]", "[[NASA]]", "The [[United Kingdom]]", "A [[comet]]")
VERBS = ("greets", "fears", "visits", "follows", "forgets")
bullets = st.builds("{} {} {}.".format, *(st.sampled_from(words) for words in (SUBJECTS, VERBS, SUBJECTS)))
stories = st.builds("{}\n**{}\n**{}".format, st.sampled_from(["[[Space]]", "[[Europe]]: news"]), bullets, bullets)
portals = st.fixed_dictionaries({day: st.lists(bullets | stories, max_size=4) for day in (MARCH, APRIL, MAY)})


class TestAnyHistory:
    """Days that are edited at will: bullets that come, go, move and change, many of them alike."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(portals, min_size=1, max_size=4), st.sampled_from(["shared", "day-place"]))
    def test_ends_in_an_archive_that_is_what_the_source_and_the_rule_say(self, history, rule):
        with TemporaryDirectory() as folder:
            toml = {"related-events.toml": f'limit = 3\nrule = "{rule}"\n'}
            site = Site(write_archive(Path(folder) / "archive", files=toml))
            for days in history:
                plan = site.imports(days)
                assert site.changed_by(days) == set()
                assert sum(plan.report.states.values()) == len(site.events())
            archive = site.archive()
            assert {one.event.slug for one in archive.pages} == {one.slug for one in archive.records}
            self.has_one_page_for_each_bullet(archive, history[-1])
            world = World.of(archive.pages, archive.records, archive)
            for row, _ in enumerate(archive.pages):
                assert sorted(world.corpus.existing(row).tolist()) == sorted(world.listed(row))

    @staticmethod
    def has_one_page_for_each_bullet(archive: Archive, days: Bullets) -> None:
        for day, texts in days.items():
            source = read_day(date.fromisoformat(day), "".join(f"*{one}\n" for one in texts))
            headlines = Counter(headline_of(one.text) for one in source.events)
            pages = Counter(one.event.text for one in archive.pages if one.event.date.isoformat() == day)
            assert headlines.keys() <= pages.keys()
