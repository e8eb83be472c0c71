"""The report: the numbers of the table, nothing that breaks out, the right queries, and a file or one sentence."""

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from worlds import link, page, recommender_of, slug_of

from recommender import __version__
from recommender.evaluation import Evaluation, Truth, existing_lists, measure
from recommender.qrels import Qrels
from recommender.query_groups import FEWEST, group_queries, spread
from recommender.related import Recommender
from recommender.report import make_report
from recommender.report_page import render_report
from recommender.scoreboard import format_difference, format_mean, notes
from recommender.side_by_side import best_and_worst

HOSTILE = "</title></style><script>alert(\"1\")</script> & 'two' ]]> <!-- <img src=x onerror=alert(2)>"
STORM = ("2013-10-28", "A storm reaches Denmark")
POWER = ("2013-10-29", "Homes in Denmark are without power after the storm")
FERRIES = ("2014-10-30", "Ferries sail again after the storm")
ELECTION = ("2014-11-19", "Denmark votes")
CHESS = ("2015-11-22", "Magnus wins at chess")
LONELY = ("2015-12-01", "Quietness")
LOST = ("2013-11-23", "A page that is lost")
PAGES = (
    page(*STORM, [link(*ELECTION, "Denmark"), link(*LOST, "Storm"), link(*ELECTION, "Denmark")]),
    page(*POWER, [link(*CHESS, "Nothing")]),
    page(*FERRIES),
    page(*ELECTION),
    page(*CHESS),
    page(*LONELY),
)
LABELS = {STORM: "Denmark, Storm", POWER: "Denmark, Storm", FERRIES: "Storm", ELECTION: "Denmark", CHESS: "Chess"}
GRADES = {
    STORM: {POWER: 3, FERRIES: 2, ELECTION: 0, LOST: 1},
    POWER: {STORM: 1, CHESS: 3},
    ELECTION: {CHESS: 0},
    LONELY: {LOST: 2},
    LOST: {STORM: 3},
}

VOID = {"meta", "br"}


class Parsed(HTMLParser):
    """A page taken apart: its elements, its tables and what is said where; every tag is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.said: list[tuple[tuple[str, ...], str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows = self.tables.setdefault(dict(attrs)["id"], [])
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append((tuple(self.open), data))
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data

    def texts(self, tag: str) -> list[str]:
        return [data.strip() for path, data in self.said if path and path[-1] == tag]

    def tags(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def qrels(grades=GRADES) -> Qrels:
    return Qrels(
        "read", {slug_of(*one): {slug_of(*other): grade for other, grade in to.items()} for one, to in grades.items()}
    )


def newest(recommender: Recommender) -> date:
    corpus = recommender.index.corpus
    return max(corpus.event(row).date for row in range(len(corpus)))


def page_of(recommender: Recommender, evaluation: Evaluation) -> str:
    return render_report(make_report(recommender, evaluation))


@pytest.fixture(scope="module")
def denmark() -> Recommender:
    return recommender_of(PAGES, LABELS)


@pytest.fixture(scope="module")
def read(denmark) -> Evaluation:
    return measure(denmark, Truth(qrels()), ["extend"])


@pytest.fixture(scope="module")
def imitated(recommender) -> Evaluation:
    return measure(recommender, existing_lists(recommender, sample=60, seed=0), ["extend"])


@pytest.fixture(scope="module")
def shown(recommender, imitated) -> Parsed:
    return Parsed(page_of(recommender, imitated))


class TestNumbers:
    def test_are_those_of_the_table(self, shown, imitated):
        board = imitated.scoreboard
        assert shown.tables["table-measures"] == [
            ["run", *board.measures],
            *([row.name, *(format_mean(row.means[name]) for name in board.measures)] for row in board.rows),
        ]
        for place, baseline in enumerate(board.baselines):
            assert shown.tables[f"table-{place}-differences"] == [
                ["run", *board.measures],
                *(
                    [row.name, *(format_difference(row.differences[baseline][name]) for name in board.measures)]
                    for row in board.rows
                    if baseline in row.differences
                ),
            ]
        assert set(notes(board)) <= set(shown.texts("li"))

    def test_of_groups_are_means_of_their_queries(self, recommender, imitated, shown):
        groupings = group_queries(recommender, imitated, "extend")
        assert [grouping.title for grouping in groupings] == [
            "by year of the query",
            "by number of entities of the query",
            "by number of judged events of the query",
        ]
        for place, grouping in enumerate(groupings):
            assert sum(group.queries for group in grouping.groups) == 60
            for number, run in enumerate(imitated.scores.values()):
                total = sum(group.means[number] * group.queries for group in grouping.groups)
                assert total / 60 == pytest.approx(run.mean("nDCG@10"))
            for group, row in zip(grouping.groups, shown.tables[f"table-{place}-groups"][1:], strict=True):
                assert row[:2] == [group.name, str(group.queries)]
                assert [cell.split()[0] for cell in row[2:]] == [f"{mean:.3f}" for mean in group.means]
                assert all(("±" in cell) == (group.queries >= FEWEST) for cell in row[2:])

    def test_of_the_whole_are_facts(self, shown, recommender, imitated):
        values = [data for path, data in shown.said if path[-2:] == ("dd", "bdi")]
        facts = dict(zip(shown.texts("dt"), values, strict=True))
        corpus, manifest = recommender.index.corpus, recommender.index.manifest
        assert facts == {
            "truth": "the archive's existing lists, the list of each query hidden from what is known of its entities",
            "queries": "60",
            "judged pairs": f"{imitated.scoreboard.pairs}",
            "grades": f"1: {imitated.scoreboard.pairs}",
            "profiles": "extend, reproduce, cosine",
            "baselines": "reproduce, cosine",
            "archive": f"279 events, the oldest of {corpus.event(0).date}, the newest of {newest(recommender)}",
            "encoder": "lexical",
            "index": manifest.fingerprint,
            "version": f"related-events {__version__}",
        }

    def test_of_a_spread_count_every_query_once(self, recommender, imitated):
        report = make_report(recommender, imitated)
        for one in (*report.spreads, *(comparison.spread for comparison in report.comparisons)):
            assert sum(bar.count for bar in one.bars) == 60
        assert [comparison.baseline for comparison in report.comparisons] == ["reproduce", "cosine"]
        for comparison in report.comparisons:
            assert comparison.better + comparison.equal + comparison.worse == 60

    def test_lie_in_the_part_that_they_begin(self):
        values = np.array([0.0, 0.1, 0.3, 0.7, 0.1 + 0.2, 1.0])
        assert [count for _, _, count in spread(values, 0, 1, 10)] == [1, 1, 0, 2, 0, 0, 0, 1, 0, 1]
        assert sum(count for _, _, count in spread(values, -1.05, 1.05, 21)) == 6


class TestPage:
    def test_needs_nothing_else_and_no_script(self, shown):
        assert not shown.tags("script")
        assert not shown.tags("link")
        assert not shown.tags("img")
        addresses = [
            value for _, attributes in shown.elements for name, value in attributes.items() if name in ("href", "src")
        ]
        assert all(value.startswith("#") for value in addresses)
        policy = next(one for one in shown.tags("meta") if one.get("http-equiv") == "Content-Security-Policy")
        assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"

    def test_has_ids_once_and_links_that_lead_somewhere(self, shown):
        ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        named = {one["href"].removeprefix("#") for one in shown.tags("a")}
        named |= {attributes["aria-labelledby"] for _, attributes in shown.elements if "aria-labelledby" in attributes}
        assert named <= set(ids)

    def test_can_be_heard(self, shown):
        """Headings go down one step at a time, every table has a caption and scopes, every plot says what it shows."""
        levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert len(shown.tags("caption")) == len(shown.tags("table"))
        assert all(one.get("scope") in ("col", "row") for one in shown.tags("th"))
        assert all(one.get("aria-label") for one in shown.tags("svg"))
        assert shown.tags("html") == [{"lang": "en"}]

    def test_is_the_same_again(self, recommender, imitated):
        again = measure(recommender, existing_lists(recommender, sample=60, seed=0), ["extend"])
        assert page_of(recommender, again) == page_of(recommender, imitated)

    def test_says_what_the_truth_is_worth(self, denmark, read, shown):
        imitation = " ".join(data for _, data in shown.said)
        graded = " ".join(data for _, data in Parsed(page_of(denmark, read)).said)
        stories = Qrels("stories", {slug_of(*STORM): {slug_of(*POWER): 1}})
        hits = " ".join(data for _, data in Parsed(page_of(denmark, measure(denmark, Truth(stories), []))).said)
        assert "measure imitation only" in imitation
        assert "not listed" in imitation
        assert "No pair is judged irrelevant" in hits
        for other in (graded, hits):
            assert "measure imitation only" not in other
        for each in (imitation, graded, hits):
            assert "An event that nobody judged counts as 0" in each
            assert "The interval is about the queries" in each
            assert "Growth of the archive is not measured" in each


class TestHostileTexts:
    """Headlines, labels, slugs of judgements and the name of the judgements are whatever somebody wrote."""

    @pytest.fixture(scope="class")
    @classmethod
    def text(cls) -> str:
        one, other = ("2013-01-01", f"One {HOSTILE}"), ("2013-01-02", f"Other {HOSTILE}")
        world = recommender_of(
            [page(*one, [link(*other, HOSTILE)]), page(*other), page(*CHESS)], {one: HOSTILE, other: HOSTILE}
        )
        strange = HOSTILE.replace(" ", "_")
        grades = {
            slug_of(*one): {slug_of(*other): 1, strange: 3},
            slug_of(*other): {slug_of(*one): 0},
            strange: {"x": 1},
        }
        return page_of(world, measure(world, Truth(Qrels(f"{HOSTILE}\udcff", grades)), ["extend"]))

    def test_stay_texts(self, text):
        parsed = Parsed(text)
        assert not {tag for tag, _ in parsed.elements} & {"script", "img"}
        assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)
        for quote in ('onerror="', "onerror='", "<img", "<script", "<!--"):
            assert quote not in text
        assert len(parsed.tags("style")) == len(parsed.tags("title")) == 1

    def test_are_shown_as_they_are(self, text):
        said = Parsed(text).texts("bdi")
        assert f"One {HOSTILE}" in said
        assert HOSTILE in said

    def test_that_are_no_text_are_shown_as_codes(self, text):
        assert "\\udcff" in text
        text.encode()


class TestSides:
    def test_are_the_best_and_the_worst_each_query_once(self, denmark, read):
        extremes = best_and_worst(denmark, read, "extend", "reproduce")
        values = dict(zip(read.truth.qrels.queries, read.scores["extend"].values["nDCG@10"].tolist(), strict=True))
        assert [sheet.slug for sheet in extremes.best] == [slug_of(*STORM), slug_of(*POWER)]
        assert [sheet.slug for sheet in extremes.worst] == [slug_of(*LONELY)]
        assert values[slug_of(*STORM)] > values[slug_of(*POWER)] > values[slug_of(*LONELY)] == 0
        for sheet in (*extremes.best, *extremes.worst):
            assert dict(sheet.scores)["extend"] == values[sheet.slug]

    def test_leave_out_what_no_list_could_answer_and_say_so(self, denmark, read):
        extremes = best_and_worst(denmark, read, "extend", "reproduce")
        assert extremes.strangers == (slug_of(*LOST),)
        assert extremes.without_gain == 1
        text = page_of(denmark, read)
        assert "no judged event has a grade above 0, so that every list has 0: 1<" in text
        assert "queries that the archive does not have, which count as 0: 1<" in text
        assert f"<code>{slug_of(*LOST)}</code>" in text

    def test_show_both_lists_with_grades_entities_and_days(self, denmark, read):
        sheet = best_and_worst(denmark, read, "extend", "reproduce").best[0]
        assert (sheet.headline, sheet.date, set(sheet.entities)) == (STORM[1], STORM[0], {"Denmark", "Storm"})
        (only,) = sheet.existing
        assert (only.slug, only.grade, only.shared) == (slug_of(*ELECTION), 0, ("Denmark",))
        assert only.days == 387
        assert (sheet.has_list, sheet.lost, sheet.existing_score) == (True, 1, 0)
        assert [item.slug for item in sheet.ours] == list(read.answers["extend"][sheet.slug])
        first = next(item for item in sheet.ours if item.slug == slug_of(*POWER))
        assert (first.headline, first.grade, set(first.shared)) == (POWER[1], 3, {"Denmark", "Storm"})
        assert {item.slug: item.grade for item in sheet.ours}[slug_of(*CHESS)] is None

    def test_name_what_is_not_listed(self, denmark, read):
        worst = best_and_worst(denmark, read, "extend", "reproduce").worst[0]
        (missed,) = worst.missed
        assert (missed.slug, missed.grade, missed.date) == (slug_of(*LOST), 2, "")
        assert not worst.has_list
        text = page_of(denmark, read)
        assert "The page has no list." in text
        assert "not in the archive" in text

    def test_of_a_query_without_an_answer_say_so(self, denmark):
        lonely = measure(denmark, Truth(qrels({LONELY: GRADES[LONELY]})), ["reproduce"])
        assert lonely.scoreboard.rows[0].unanswered == 1
        text = page_of(denmark, lonely)
        assert "Nothing is known to be related: no list, which counts as 0." in text

    def test_are_ten_of_each_at_most(self, recommender, imitated):
        extremes = best_and_worst(recommender, imitated, "extend", "reproduce")
        assert len(extremes.best) == len(extremes.worst) == 10
        scores = [dict(sheet.scores)["extend"] for sheet in (*extremes.best, *reversed(extremes.worst))]
        assert scores == sorted(scores, reverse=True)
        everyone = sorted(imitated.scores["extend"].values["nDCG@10"].tolist())
        assert scores == [*everyone[:-11:-1], *reversed(everyone[:10])]
        assert {sheet.existing_score for sheet in (*extremes.best, *extremes.worst)} == {1.0}


class TestFewQueries:
    def test_of_one_there_is_a_best_and_no_worst(self, denmark):
        one = measure(denmark, Truth(qrels({STORM: GRADES[STORM]})), ["extend"])
        parsed = Parsed(page_of(denmark, one))
        assert len(parsed.tags("article")) == 1
        assert "None." in parsed.texts("p")
        assert parsed.tables["table-0-groups"][1][:2] == ["2013", "1"]
        assert not any("±" in cell for cell in parsed.tables["table-0-groups"][1])

    def test_that_the_archive_does_not_have_are_a_group_and_no_sheet(self, denmark):
        lost = measure(denmark, Truth(qrels({LOST: GRADES[LOST]})), ["extend"])
        parsed = Parsed(page_of(denmark, lost))
        assert not parsed.tags("article")
        assert parsed.tables["table-0-groups"][1] == ["not in the archive", "1", "0.000", "0.000", "0.000"]

    def test_are_grouped_by_what_they_have(self, denmark, read):
        by_title = {one.title: one.groups for one in group_queries(denmark, read, "extend")}
        years = [(group.name, group.queries) for group in by_title["by year of the query"]]
        assert years == [("2013", 2), ("2014", 1), ("2015", 1), ("not in the archive", 1)]
        entities = [(group.name, group.queries) for group in by_title["by number of entities of the query"]]
        assert entities == [("0", 1), ("1", 1), ("2", 1), ("3", 1), ("not in the archive", 1)]
        judged = [(group.name, group.queries) for group in by_title["by number of judged events of the query"]]
        assert judged == [("1 to 2", 4), ("3 to 5", 1)]
        relevant = [(group.name, group.queries) for group in by_title["by number of relevant events of the query"]]
        assert relevant == [("0", 1), ("1 to 2", 4)]

    def test_of_a_baseline_alone_are_compared_with_the_other(self, denmark):
        report = make_report(denmark, measure(denmark, Truth(qrels()), ["reproduce"]))
        assert report.profile == "reproduce"
        assert [comparison.spread.name for comparison in report.comparisons] == ["reproduce − cosine"]


class TestCommand:
    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, denmark, tmp_path_factory) -> Path:
        folder = tmp_path_factory.mktemp("denmark") / "index"
        denmark.index.save(folder)
        return folder

    @pytest.fixture
    def judged(self, tmp_path) -> Path:
        path = tmp_path / "read.qrels"
        lines = [f"{one} 0 {other} {grade}\n" for one, to in qrels().grades.items() for other, grade in to.items()]
        path.write_text("".join(lines))
        return path

    def test_writes_the_page_beside_the_table(self, command, folder, judged, denmark, read):
        tmp_path = judged.parent
        alone = command("evaluate", "--index", folder, "--qrels", judged)
        both = command("evaluate", "--index", folder, "--qrels", judged, "--report", tmp_path / "report.html")
        assert both == alone == (0, alone[1], "")
        text = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert text == page_of(denmark, read)
        numbers = re.compile(r"[+-]?\d\.\d{3} ±\d\.\d{3}\*?")
        tables = Parsed(text).tables
        cells = [cell for name in tables if "groups" not in name for row in tables[name] for cell in row]
        assert [cell for cell in cells if "±" in cell] == numbers.findall(alone[1])
        assert sorted(path.name for path in tmp_path.iterdir()) == ["read.qrels", "report.html"]

    def test_takes_the_existing_lists_and_writes_over_an_older_page(self, command, folder, tmp_path):
        (tmp_path / "page").write_text("older")
        (tmp_path / "report.html").symlink_to("page")
        code, out, _ = command("evaluate", "--index", folder, "--report", tmp_path / "report.html", "--format", "json")
        assert (code, out[0]) == (0, "{")
        assert (tmp_path / "report.html").is_symlink()
        assert "imitation only" in (tmp_path / "page").read_text(encoding="utf-8")

    @pytest.mark.parametrize("where", ["missing/report.html", "folder", "file/report.html", "loop", "a" * 300])
    def test_that_cannot_write_says_so_before_the_work(self, command, folder, tmp_path, monkeypatch, where):
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("x")
        (tmp_path / "loop").symlink_to("loop")
        monkeypatch.setattr("recommender.commands.evaluate.open_recommender", lambda folder: pytest.fail("too late"))
        code, out, err = command("evaluate", "--index", folder, "--report", tmp_path / where)
        assert (code, out) == (2, "")
        assert err.startswith(f"error: report is '{tmp_path / where}', expected a file")
        assert err.count("\n") == 1

    def test_never_takes_the_place_of_a_device(self, command, folder):
        code, _, err = command("evaluate", "--index", folder, "--report", "/dev/null")
        assert code == 2
        assert "expected a file" in err
        assert not Path("/dev/null").is_file()

    def test_is_not_for_lists_elsewhere(self, command, folder, tmp_path):
        code, _, err = command("evaluate", "--index", folder, "--existing", tmp_path, "--report", tmp_path / "a.html")
        assert code == 2
        assert "--report cannot be given with --existing" in err
