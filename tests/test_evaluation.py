"""Evaluation: a planted leak changes nothing, missing answers count, and every form shows the same numbers."""

import json
import re
from datetime import date

import pytest
from worlds import link, page, recommender_of, slug_of

from recommender.errors import QrelsError, SlugAmbiguousError, SlugUnknownError
from recommender.evaluation import BASELINES, Truth, answer, evaluate, existing_lists
from recommender.parameters import PROFILES, Parameters
from recommender.qrels import Qrels, read_run, run_lines, write_run
from recommender.related import Recommender
from recommender.runs import answer_slugs
from recommender.scoreboard import Scoreboard, format_table

Event = tuple[str, str]


STORM = ("2013-10-28", "A storm reaches Denmark")
POWER = ("2013-10-29", "Homes in Denmark are without power after the storm")
FERRIES = ("2013-10-30", "Ferries sail again after the storm")
ELECTION = ("2013-11-19", "Denmark votes")
CHESS = ("2013-11-22", "Magnus wins at chess")
LOST = ("2013-11-23", "A page that is lost")
PAGES = (
    page(*STORM, [link(*POWER, "Denmark, Storm"), link(*FERRIES, "Storm")]),
    page(*POWER, [link(*STORM, "Denmark, Storm"), link(*LOST, "Storm"), link(*POWER, "Storm")]),
    page(*FERRIES, [link(*LOST, "Storm")]),
    page(*ELECTION),
    page(*CHESS),
)
LABELS = {STORM: "Denmark, Storm", POWER: "Denmark, Storm", FERRIES: "Storm", ELECTION: "Denmark", CHESS: "Chess"}


@pytest.fixture(scope="module")
def denmark() -> Recommender:
    return recommender_of(PAGES, LABELS)


def by_run(scoreboard: Scoreboard, measure: str) -> dict[str, float]:
    return {row.name: row.means[measure].estimate for row in scoreboard.rows}


class TestExistingLists:
    def test_are_judgements_of_what_is_there(self, denmark):
        """Not of pages that are lost, nor of the query itself; a list that leads nowhere is none."""
        truth = existing_lists(denmark, sample=None, seed=0)
        assert {query: dict(grades) for query, grades in truth.qrels.grades.items()} == {
            slug_of(*STORM): {slug_of(*POWER): 1, slug_of(*FERRIES): 1},
            slug_of(*POWER): {slug_of(*STORM): 1},
        }
        assert truth.hides_own_list

    def test_that_are_none_are_an_error_with_the_way_out(self):
        nothing = recommender_of([page(*CHESS), page(*ELECTION, listed=True)], {})
        with pytest.raises(QrelsError, match="no page of the archive has a Related list; give judgements with --qrels"):
            existing_lists(nothing, sample=None, seed=0)

    def test_are_drawn_by_the_seed(self, recommender):
        draws = [existing_lists(recommender, sample=20, seed=seed).qrels.queries for seed in (0, 0, 1, 2)]
        assert [len(queries) for queries in draws] == [20] * 4
        assert draws[0] == draws[1]
        assert len({*draws}) == 3
        everyone = set(existing_lists(recommender, sample=None, seed=0).qrels.queries)
        assert set(draws[0]) < everyone
        assert len(everyone) > 250

    def test_are_all_taken_where_there_are_not_more_than_the_sample(self, denmark):
        everyone = existing_lists(denmark, sample=None, seed=0)
        assert existing_lists(denmark, sample=3, seed=5) == everyone
        assert len(existing_lists(denmark, sample=1, seed=0).qrels.queries) <= 1


class TestAnswer:
    def test_gives_slugs_best_first(self, denmark):
        answers = answer(denmark, [slug_of(*ELECTION), slug_of(*FERRIES)], Parameters(profile="reproduce"))
        assert answers == {
            slug_of(*ELECTION): [slug_of(*POWER), slug_of(*STORM)],
            slug_of(*FERRIES): [slug_of(*POWER), slug_of(*STORM)],
        }

    def test_has_none_for_a_query_that_the_archive_does_not_have(self, denmark):
        answers = answer(denmark, [slug_of(*LOST), slug_of(*ELECTION), ".."], Parameters(profile="reproduce"))
        assert answers.keys() == {slug_of(*ELECTION)}

    def test_keeps_the_query_as_it_was_asked(self):
        moved = recommender_of([page(*STORM, aliases=["news/2013/10/28/older-words"]), page(*POWER)], LABELS)
        answers = answer(moved, ["news/2013/10/28/older-words"], Parameters(profile="reproduce"))
        assert answers == {"news/2013/10/28/older-words": [slug_of(*POWER)]}

    def test_tells_its_progress(self, denmark):
        told = []
        answer(denmark, [slug_of(*LOST), slug_of(*ELECTION), slug_of(*STORM)], Parameters(), progress=told.append)
        assert told == [1, 2]


class TestLeaks:
    """The truth is the existing lists: what they tell of entities must not help to find them again."""

    QUERIES = tuple((f"2013-0{month}-01", f"Query {month}") for month in range(1, 7))
    ITEMS = tuple((f"2012-0{month}-01", f"Item {month}") for month in range(1, 7))

    def archive(self, *, planted: bool) -> Recommender:
        """Each query lists one item; planted, it says that they share a secret that nobody else has."""
        pages = [
            page(*query, [link(*item, f"Secret {place}" if planted else "")])
            for place, (query, item) in enumerate(zip(self.QUERIES, self.ITEMS, strict=True))
        ]
        return recommender_of([*pages, *(page(*item) for item in self.ITEMS)], {})

    def scoreboard(self, *, planted: bool, hidden: bool) -> Scoreboard:
        recommender = self.archive(planted=planted)
        truth = existing_lists(recommender, sample=None, seed=0)
        assert len(truth.qrels.queries) == len(self.QUERIES)
        return evaluate(recommender, Truth(truth.qrels, hides_own_list=hidden), ["extend"])

    def test_that_are_planted_change_no_measure_of_no_profile(self):
        planted, clean = (self.scoreboard(planted=planted, hidden=True) for planted in (True, False))
        assert planted == clean
        assert by_run(planted, "R@10")["reproduce"] == 0.0

    def test_would_show_if_they_were_not_hidden(self):
        shown = self.scoreboard(planted=True, hidden=False)
        assert by_run(shown, "R@10")["reproduce"] == 1.0
        assert by_run(shown, "RR")["extend"] > by_run(self.scoreboard(planted=True, hidden=True), "RR")["extend"]


class TestEvaluate:
    def test_measures_profiles_beside_both_baselines_once_each(self, denmark):
        truth = existing_lists(denmark, sample=None, seed=0)
        for profiles in (["extend"], ["reproduce", "extend", "extend"], [], list(PROFILES)):
            names = [row.name for row in evaluate(denmark, truth, profiles).rows]
            assert names == list(dict.fromkeys([*profiles, *BASELINES]))

    def test_counts_a_query_without_an_answer_as_nothing(self, denmark):
        known = {slug_of(*STORM): {slug_of(*POWER): 3}}
        whole = evaluate(denmark, Truth(Qrels("known", known)), [])
        half = evaluate(denmark, Truth(Qrels("half", {**known, slug_of(*LOST): {slug_of(*POWER): 3}})), [])
        assert by_run(whole, "nDCG@10")["reproduce"] == 1.0
        assert by_run(half, "nDCG@10")["reproduce"] == 0.5
        assert [row.unanswered for row in whole.rows] == [0, 0]
        assert [row.unanswered for row in half.rows] == [1, 1]
        assert half.queries == 2

    def test_counts_an_empty_list_as_unanswered(self, denmark):
        lonely = Truth(Qrels("lonely", {slug_of(*CHESS): {slug_of(*POWER): 1}}))
        rows = {row.name: row for row in evaluate(denmark, lonely, []).rows}
        assert (rows["reproduce"].unanswered, rows["cosine"].unanswered) == (1, 0)

    def test_judgements_of_readers_hide_nothing(self, denmark):
        assert not Truth(Qrels("read", {slug_of(*STORM): {slug_of(*POWER): 1}})).hides_own_list

    def test_the_seed_draws_the_intervals_and_nothing_else(self, recommender):
        truth = existing_lists(recommender, sample=30, seed=0)
        one, again, other = (evaluate(recommender, truth, [], seed=seed) for seed in (0, 0, 1))
        assert one == again
        assert one.rows != other.rows
        assert by_run(one, "nDCG@10") == by_run(other, "nDCG@10")

    def test_tells_its_progress_by_profile(self, denmark):
        told = []
        truth = existing_lists(denmark, sample=None, seed=0)
        evaluate(denmark, truth, ["extend"], progress=lambda *step: told.append(step))
        assert told == [(profile, done, 2) for profile in ("extend", *BASELINES) for done in (1, 2)]

    def test_a_slug_that_several_have_is_an_error(self):
        floods = recommender_of([page("2013-04-02", "Floods"), page("2013-05-07", "Floods")], {})
        with pytest.raises(SlugAmbiguousError):
            evaluate(floods, Truth(Qrels("short", {"floods": {"x": 1}})), [])


class TestForms:
    """The table for people and the JSON for programs."""

    @pytest.fixture(scope="class")
    @classmethod
    def scoreboard(cls, recommender) -> Scoreboard:
        return evaluate(recommender, existing_lists(recommender, sample=40, seed=0), ["extend"])

    def test_have_the_same_numbers(self, scoreboard):
        blocks = format_table(scoreboard).split("\n\n")
        content = json.loads(json.dumps(scoreboard.to_json()))
        cells = re.compile(r"([+-]?\d\.\d{3}) ±(\d\.\d{3})")
        tables = {"means": blocks[0], **dict(zip(content["baselines"], blocks[1:-1], strict=True))}
        compared = 0
        for title, block in tables.items():
            for run in content["runs"]:
                values = run["means"] if title == "means" else run["differences"].get(title)
                if values is None:
                    continue
                (line,) = (line for line in block.splitlines() if line.split()[0] == run["name"])
                shown = [(float(mean), float(half)) for mean, half in cells.findall(line)]
                expected = [
                    (values[measure]["mean"], (values[measure]["high"] - values[measure]["low"]) / 2)
                    for measure in content["measures"]
                ]
                assert shown == [pytest.approx(pair, abs=0.000502) for pair in expected]
                compared += 1
        assert compared == 3 + 2 + 2

    def test_say_who_is_counted(self, scoreboard):
        content = scoreboard.to_json()
        assert (content["qrels"], content["queries"]) == ("existing lists", 40)
        notes = format_table(scoreboard)
        assert f"existing lists: 40 queries, {content['pairs']} judged pairs" in notes
        assert "unanswered (counted as 0): extend 0, reproduce 0, cosine 0" in notes


class TestRuns:
    def test_have_the_events_and_scores_of_the_lists(self, denmark):
        run = answer_slugs(denmark, [slug_of(*STORM)], Parameters(profile="reproduce"))
        assert run.name == "reproduce"
        assert run.entries == {
            slug_of(*STORM): ((slug_of(*POWER), 2.0), (slug_of(*ELECTION), 1.0), (slug_of(*FERRIES), 1.0))
        }

    def test_have_each_event_once_by_its_whole_slug_in_the_order_asked(self, denmark):
        short = slug_of(*STORM).rsplit("/", 1)[-1]
        run = answer_slugs(denmark, [slug_of(*CHESS), short, slug_of(*STORM) + ".md"], Parameters())
        assert list(run.entries) == [slug_of(*CHESS), slug_of(*STORM)]

    def test_of_an_unknown_slug_are_an_error(self, denmark):
        with pytest.raises(SlugUnknownError):
            answer_slugs(denmark, [slug_of(*STORM), "nobody"], Parameters())

    def test_take_the_parameters(self, denmark):
        early = Parameters(profile="cosine", limit=1, as_of=date(2013, 10, 29))
        run = answer_slugs(denmark, [slug_of(*STORM)], early)
        assert run.documents() == {slug_of(*STORM): (slug_of(*POWER),)}

    def test_tell_their_progress(self, denmark):
        told = []
        slugs = [slug_of(*STORM), slug_of(*CHESS), slug_of(*STORM)]
        answer_slugs(denmark, slugs, Parameters(), progress=told.append)
        assert told == [1, 2]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_read_back_as_they_were_written(self, recommender, tmp_path, profile):
        slugs = [recommender.index.corpus.slug(row) for row in range(0, 279, 31)]
        run = answer_slugs(recommender, slugs, Parameters(profile=profile))
        write_run(run, tmp_path / "a.run")
        again = read_run(tmp_path / "a.run")
        assert again.documents() == run.documents()
        assert again.name == profile
        assert "".join(run_lines(run)) == (tmp_path / "a.run").read_text(encoding="utf-8")
