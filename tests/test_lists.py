"""What makes a list good besides relevance: filters, threshold, fading, weights, duplicates, diversity, filling."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import fit_stems, page, recommender_of, slug_of, write_archive

from recommender.diversity import Likeness, diversified
from recommender.duplicates import collapse
from recommender.features import GROUPS
from recommender.filters import admitted
from recommender.index import Index
from recommender.page import parse_page
from recommender.parameters import PROFILES, Parameters
from recommender.qrels import read_run, write_run
from recommender.ranking import FADE, Ranking
from recommender.related import Recommender
from recommender.render import as_json, as_table
from recommender.runs import answer_slugs
from recommender.slugs import path_of

rows = st.integers(0, 278)
days = st.none() | st.integers(0, 3000).map(lambda number: date(2008, 1, 1) + timedelta(number))
filters = st.fixed_dictionaries(
    {
        "include_newer": st.booleans(),
        "before": days,
        "after": days,
        "max_age_days": st.none() | st.integers(0, 400),
        "as_of": days,
    }
).filter(lambda asked: not (asked["before"] and asked["after"]) or (asked["before"] - asked["after"]).days > 1)


def ranked(recommender: Recommender, row: int, **values: object) -> Ranking:
    ((_, found),) = recommender.rankings([row], Parameters.checked(**values))
    return found


def score_of(found: Ranking) -> dict[int, float]:
    return dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))


class TestFilters:
    @settings(max_examples=60, deadline=None)
    @given(row=rows, asked=filters, profile=st.sampled_from(PROFILES), fallback=st.sampled_from(["none", "recent"]))
    def test_nobody_is_listed_whom_they_forbid(self, recommender, row, asked, profile, fallback):
        found = ranked(recommender, row, profile=profile, limit=50, fallback=fallback, **asked)
        own = recommender.index.corpus.event(row).date
        for other in found.rows.tolist():
            day = recommender.index.corpus.event(other).date
            assert asked["include_newer"] or day <= own
            assert asked["before"] is None or day < asked["before"]
            assert asked["after"] is None or day > asked["after"]
            assert asked["max_age_days"] is None or abs((day - own).days) <= asked["max_age_days"]
            assert asked["as_of"] is None or day <= asked["as_of"]

    @settings(max_examples=30, deadline=None)
    @given(row=rows, asked=filters)
    def test_whoever_they_allow_has_the_same_score_where_the_pool_is_the_archive(self, recommender, row, asked):
        """The pool holds all 279 events, so no feature can change with a filter."""
        free = score_of(ranked(recommender, row, limit=50, candidates=5000, as_of=asked["as_of"], duplicates="keep"))
        found = score_of(ranked(recommender, row, limit=50, candidates=5000, duplicates="keep", **asked))
        assert all(score == free[other] for other, score in found.items() if other in free)
        passed = admitted(recommender.index.corpus.days, int(recommender.index.corpus.days[row]), Parameters(**asked))
        assert [other for other in free if passed[other]] == list(found)[: sum(passed[other] for other in free)]

    def test_the_rule_goes_by_the_eligible_ones(self, recommender):
        corpus, told = recommender.index.corpus, 0
        for row in range(0, len(corpus), 20):
            whole = ranked(recommender, row, profile="reproduce", limit=50).rows
            assert len(whole) < 50
            kept = [other for other in whole.tolist() if corpus.days[other] <= corpus.days[row]]
            assert ranked(recommender, row, profile="reproduce", limit=50, include_newer=False).rows.tolist() == kept
            told += 0 < len(kept) < len(whole)
        assert told > 3

    def test_a_pool_is_full_of_those_who_may_be_listed(self):
        """A hundred nearer texts of later days leave the earlier ones their places."""
        query = ("2014-01-01", "Lava flows from Etna")
        later = [page("2014-02-01", f"Lava flows from Etna {number}") for number in range(100)]
        earlier = [page("2013-02-01", f"A bridge is opened in Lava county {number}") for number in range(20)]
        recommender = recommender_of([page(*query), *later, *earlier], {})
        asked = {"profile": "cosine", "candidates": 100, "include_newer": False}
        assert len(ranked(recommender, recommender.index.corpus.row(slug_of(*query)), **asked).rows) == 10


class TestThreshold:
    @settings(max_examples=30, deadline=None)
    @given(row=rows, threshold=st.floats(0, 1), profile=st.sampled_from(["extend", "cosine"]))
    def test_keeps_the_beginning_that_reaches_it(self, recommender, row, threshold, profile):
        whole = ranked(recommender, row, profile=profile, limit=50)
        found = ranked(recommender, row, profile=profile, limit=50, threshold=threshold)
        sureness = whole.scores if whole.probabilities is None else whole.probabilities
        assert found.rows.tolist() == whole.rows[sureness >= threshold].tolist()

    def test_an_empty_list_says_what_it_is_empty_for(self, recommender):
        answer = recommender.related(recommender.index.corpus.slug(0), Parameters.checked(threshold=1, max_age_days=0))
        assert as_json(answer, recommender.index)["related"] == []
        assert as_table(answer).endswith(
            "\n\nnothing is known to be related within what was asked: threshold 1.0, max_age_days 0"
        )


class TestHalfLife:
    @settings(max_examples=30, deadline=None)
    @given(row=rows, half_life=st.integers(1, 5000), profile=st.sampled_from(["extend", "cosine"]))
    def test_is_a_contribution_that_takes_away_and_adds_up(self, recommender, row, half_life, profile):
        asked = {"profile": profile, "limit": 50, "duplicates": "keep"}
        whole = score_of(ranked(recommender, row, candidates=5000, **asked))
        found = ranked(recommender, row, half_life_days=half_life, candidates=5000, **asked)
        assert found.columns[-1] == FADE
        assert (found.contributions[:, -1] <= 0).all()
        assert np.array_equal((found.contributions * 1e6).round().sum(axis=1), (found.scores * 1e6).round())
        assert (np.diff(found.scores) <= 0).all()
        same_day = recommender.index.corpus.days[found.rows] == recommender.index.corpus.days[row]
        assert not found.contributions[same_day, -1].any()
        before_fading = (found.scores - found.contributions[:, -1]).round(6).tolist()
        assert all(
            score == whole[other]
            for other, score in zip(found.rows.tolist(), before_fading, strict=True)
            if other in whole
        )


class TestWeights:
    @settings(max_examples=20, deadline=None)
    @given(
        row=rows, weights=st.dictionaries(st.sampled_from(list(GROUPS)), st.floats(0, 10).map(lambda x: round(x, 2)))
    )
    def test_a_score_is_the_sum_of_weighed_contributions(self, recommender, row, weights):
        plain = ranked(recommender, row, limit=50, duplicates="keep")
        found = ranked(recommender, row, limit=50, duplicates="keep", weights=weights)
        factors = np.array([weights.get(group, 1.0) for group in GROUPS])
        expected = (plain.contributions * factors).round(6)
        parts = dict(zip(plain.rows.tolist(), expected.tolist(), strict=True))
        both = [place for place, other in enumerate(found.rows.tolist()) if other in parts]
        assert np.allclose(found.contributions[both], [parts[int(found.rows[place])] for place in both], atol=1.1e-6)
        assert np.array_equal((found.contributions * 1e6).round().sum(axis=1), (found.scores * 1e6).round())
        assert (np.diff(found.scores) <= 0).all()

    def test_of_one_are_none(self, recommender):
        ones = ranked(recommender, 7, weights=dict.fromkeys(GROUPS, 1))
        plain = ranked(recommender, 7)
        assert ones.rows.tolist() == plain.rows.tolist()
        assert ones.scores.tolist() == plain.scores.tolist()


TEXTS = ["Lava flows from Etna over two villages near Catania", "Lava flows from Etna over two villages near Catania."]


class TestDuplicates:
    def test_are_kept_on_the_best(self):
        query, sports = ("2013-02-20", "Etna throws ash over Catania"), ("2013-02-19", "Palermo wins at football")
        lava = [("2013-02-21", TEXTS[0]), ("2013-02-23", TEXTS[1])]
        recommender = recommender_of(
            [page(*one) for one in (query, sports, *lava)], {query: "Etna", **dict.fromkeys(lava, "Etna")}
        )
        answer = recommender.related(slug_of(*query))
        kept = [one for one in answer.related if one.duplicates]
        assert len(answer.related) == 2
        assert {kept[0].event.slug, *kept[0].duplicates} == {slug_of(*one) for one in lava}
        shown = as_json(answer, recommender.index)["related"][kept[0].rank - 1]
        assert shown["duplicates"] == list(kept[0].duplicates)
        assert f"the same: {kept[0].duplicates[0]}" in as_table(answer)
        both = recommender.related(slug_of(*query), Parameters.checked(duplicates="keep"))
        assert {slug_of(*one) for one in lava} <= {one.event.slug for one in both.related}
        assert "duplicates" not in as_json(both, recommender.index)["related"][0]

    def test_of_the_query_are_told_beside_it(self):
        query, again = ("2013-02-21", TEXTS[0]), ("2013-02-22", TEXTS[1])
        recommender = recommender_of([page(*query), page(*again), page("2013-02-21", "Ash over Catania")], {})
        answer = recommender.related(slug_of(*query))
        assert [one.event.headline for one in answer.related] == ["Ash over Catania"]
        assert as_json(answer, recommender.index)["query"]["duplicates"] == [slug_of(*again)]

    @pytest.mark.parametrize(
        ("other", "apart", "same"),
        [
            ("Lava flows from Etna over two villages near Catania", 3, True),
            ("Lava flows from Etna over two villages near Catania", 4, False),
            ("Lava flows from Etna over 2 villages near Catania", 0, False),
            ("Snow falls on Etna", 0, False),
            ("", 0, False),
        ],
    )
    def test_are_of_the_same_words_and_numbers_within_three_days(self, other, apart, same):
        stems = fit_stems(["Etna", "Lava flows from Etna over two villages near Catania", other])
        dates = np.array([500, 100, 100 + apart], np.int32)
        kept, repeated = collapse(stems, dates, [0], [1, 2])
        assert (kept, repeated) == (([1], {1: [2]}) if same else ([1, 2], {}))

    def test_texts_without_a_word_are_no_duplicates(self):
        kept, repeated = collapse(fit_stems(["", "", "…"]), np.zeros(3, np.int32), [0], [1, 2])
        assert (kept, repeated) == ([1, 2], {})


class TestDiversity:
    @settings(max_examples=25, deadline=None)
    @given(row=rows, profile=st.sampled_from(["extend", "cosine"]), diversity=st.floats(0, 1), limit=st.integers(1, 50))
    def test_reorders_and_a_shorter_list_is_the_beginning_of_a_longer_one(
        self, recommender, row, profile, diversity, limit
    ):
        scores = score_of(ranked(recommender, row, profile=profile, limit=50))
        long = ranked(recommender, row, profile=profile, diversity=diversity, limit=50)
        short = ranked(recommender, row, profile=profile, diversity=diversity, limit=limit)
        assert short.rows.tolist() == long.rows[:limit].tolist()
        assert len(set(long.rows.tolist())) == len(long.rows) == len(scores)
        assert all(scores.get(other, score) == score for other, score in score_of(long).items())
        assert long.rows[0] == next(iter(scores)) or diversity > 0

    def test_of_nothing_changes_nothing(self, recommender):
        assert ranked(recommender, 5, diversity=0).rows.tolist() == ranked(recommender, 5).rows.tolist()

    def test_puts_another_matter_before_the_same_again(self, recommender):
        """By hand: after the first, the second is all likeness and the third none."""
        likeness = Likeness.of(recommender.index, recommender.index.articles.idf(), np.array([3, 3, 9]))
        apart = float(likeness.to(0)[2])
        assert apart < 0.5
        assert diversified(likeness, np.array([0.9, 0.8, 0.7]), 0.0, 3).tolist() == [0, 1, 2]
        assert diversified(likeness, np.array([0.9, 0.8, 0.7]), 0.5, 3).tolist() == [0, 2, 1]


class TestFallback:
    def test_fills_a_list_with_the_most_recent_and_marks_them(self, recommender):
        corpus = recommender.index.corpus
        asked = Parameters.checked(threshold=0.9, limit=20, fallback="recent", before=date(2013, 1, 1))
        answer = recommender.related(corpus.slug(3), asked)
        filled = [one for one in answer.related if one.fallback]
        assert [one.rank for one in answer.related] == list(range(1, 21))
        assert filled
        assert list(answer.related[-len(filled) :]) == filled
        assert {(one.score, one.probability) for one in filled} == {(None, None)}
        listed = {one.event.slug for one in answer.related if not one.fallback}
        old = [row for row in range(len(corpus)) if corpus.event(row).date < date(2013, 1, 1) and row != 3]
        newest = sorted(
            (row for row in old if corpus.slug(row) not in listed), key=lambda row: (-corpus.days[row], row)
        )
        assert [one.event.slug for one in filled] == [corpus.slug(row) for row in newest[: len(filled)]]
        shown = as_json(answer, recommender.index)["related"][-1]
        assert (shown["fallback"], shown["score"], shown["contributions"]) == (True, None, {})
        assert "not known to be related, only recent" in as_table(answer)

    def test_is_not_needed_where_a_list_is_full(self, recommender):
        whole, filled = (
            recommender.related(recommender.index.corpus.slug(3), Parameters(fallback=fallback))
            for fallback in ("none", "recent")
        )
        assert whole.related == filled.related

    def test_of_a_run_stand_below_what_is_related(self, recommender):
        slug = recommender.index.corpus.slug(3)
        run = answer_slugs(recommender, [slug], Parameters.checked(threshold=0.9, fallback="recent"))
        assert len(run.entries[slug]) == 10
        assert run.entries[slug][-1].score == 0.0


FLOOD, DAM, RAIN, MATCH, VOTE = (
    ("2013-02-20", "Etna throws ash over Catania"),
    ("2013-02-21", "A dam near Catania holds"),
    ("2013-02-22", "Ash falls on Catania again"),
    ("2013-01-30", "Palermo wins at football"),
    ("2013-03-09", "Kenya votes"),
)


def edited(**wishes: object) -> Recommender:
    pages = [page(*one) for one in (DAM, RAIN, MATCH, VOTE)]
    labels = {FLOOD: "Catania", DAM: "Catania", RAIN: "Catania"}
    return recommender_of([page(*FLOOD, **wishes), *pages], labels)


class TestEditors:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_have_the_first_word_and_the_last(self, profile):
        recommender = edited(pinned=(slug_of(*VOTE), "palermo-wins-at-football"), excluded=(slug_of(*RAIN),))
        answer = recommender.related(slug_of(*FLOOD), Parameters.checked(profile=profile, include_newer=True))
        assert [one.event.headline for one in answer.related] == [VOTE[1], MATCH[1], DAM[1]]
        assert [(one.editor, one.score is None) for one in answer.related] == [
            (True, True),
            (True, True),
            (False, False),
        ]
        shown = as_json(answer, recommender.index)["related"]
        assert (shown[0]["editor"], shown[0]["score"], "editor" in shown[2]) == (True, None, False)
        assert "an editor's choice" in as_table(answer)

    def test_are_heard_before_limit_and_filters_but_not_behind_the_wall(self):
        recommender = edited(pinned=(slug_of(*VOTE), slug_of(*MATCH)))

        def asked(**values: object) -> list[str]:
            return [
                one.event.headline for one in recommender.related(slug_of(*FLOOD), Parameters.checked(**values)).related
            ]

        assert asked(limit=1) == [VOTE[1]]
        assert asked(include_newer=False) == [VOTE[1], MATCH[1]]
        assert asked(as_of=date(2013, 2, 21)) == [MATCH[1], DAM[1]]

    def test_who_is_excluded_does_not_fill_a_list_either(self):
        recommender = edited(excluded=(slug_of(*VOTE),))
        asked = Parameters.checked(threshold=1, fallback="recent")
        answer = recommender.related(slug_of(*FLOOD), asked)
        assert [one.event.headline for one in answer.related] == [RAIN[1], DAM[1], MATCH[1]]

    def test_excluded_and_pinned_is_excluded(self):
        recommender = edited(pinned=(slug_of(*VOTE),), excluded=(slug_of(*VOTE),))
        assert slug_of(*VOTE) not in [one.event.slug for one in recommender.related(slug_of(*FLOOD)).related]

    def test_a_run_keeps_the_order(self, tmp_path):
        recommender = edited(pinned=(slug_of(*VOTE),))
        run = answer_slugs(recommender, [slug_of(*FLOOD)], Parameters())
        write_run(run, tmp_path / "run")
        listed = [one.event.slug for one in recommender.related(slug_of(*FLOOD)).related]
        assert list(read_run(tmp_path / "run").documents()[slug_of(*FLOOD)]) == listed

    def test_wishes_are_saved_and_opened(self, tmp_path):
        recommender = edited(pinned=(slug_of(*VOTE),), excluded=(slug_of(*RAIN),))
        recommender.index.save(tmp_path / "index")
        opened = Recommender(Index.open(tmp_path / "index"))
        assert opened.related(slug_of(*FLOOD)) == recommender.related(slug_of(*FLOOD))


class TestFrontMatter:
    def test_of_a_page_is_read(self):
        text = "---\nrelated:\n  - news/2013/03/9/kenya-votes\n  - 7\nrelated_exclude: some-slug\n---\n# Kenya votes\n"
        read = parse_page("news/2013/03/9/x.md", text)
        assert (read.pinned, read.excluded) == (("news/2013/03/9/kenya-votes", "7"), ("some-slug",))

    def test_goes_through_build_and_regenerate_and_unknown_slugs_are_told(self, command, tmp_path):
        folder = write_archive(tmp_path / "archive", *(page(*one) for one in (FLOOD, DAM, RAIN, MATCH, VOTE)))
        file = folder / path_of(slug_of(*FLOOD))
        wishes = f"related: [{slug_of(*VOTE)}, nowhere]\nrelated_exclude: [{slug_of(*RAIN)}]\n"
        file.write_text(f"---\n{wishes}---\n{file.read_text()}")
        code, _, err = command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        assert code == 0
        assert f"warning: {path_of(slug_of(*FLOOD))}: related in the front matter is passed over, no event has" in err
        assert err.count("warning: ") == 1
        code, _, _ = command("regenerate", folder, "--index", tmp_path / "index", "--write")
        assert code == 0
        written = file.read_text()
        assert written.startswith(f"---\n{wishes}---\n")
        items = [line for line in written.partition("### Related:")[2].splitlines() if line]
        assert VOTE[1] in items[0]
        assert RAIN[1] not in written.partition("### Related:")[2]
        assert command("regenerate", folder, "--index", tmp_path / "index", "--check")[0] == 0

    def test_that_changes_makes_the_index_stale(self, command, tmp_path):
        folder = write_archive(tmp_path / "archive", *(page(*one) for one in (FLOOD, DAM)))
        command("build", folder, "--index", tmp_path / "index", "--encoder", "lexical")
        file = folder / path_of(slug_of(*FLOOD))
        file.write_text(f"---\nrelated: [{slug_of(*DAM)}]\n---\n{file.read_text()}")
        code, _, err = command("regenerate", folder, "--index", tmp_path / "index", "--check")
        assert code == 2
        assert "the archive has changed since the index was built" in err
