"""Reasons: which sentence is told of which evidence, and that it never says more than there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import fit_stems, page, recommender_of, slug_of

from models.stems import words_of_stems
from recommender.parameters import Parameters
from recommender.reasons import (
    RareWords,
    reason_of_cosine,
    reason_of_extend,
    reason_of_reproduce,
    time_apart,
)
from recommender.storylines import Standing

PARTS = {"first": 0.0, "text": 0.1, "neighbours": 0.1, "words": 0.1, "names": 0.0, "entities": 0.0, "time": 0.0}


STORY = Standing(0.9, 0.95, "later")


def told(standing=STORY, days=2, shared=("Etna", "Sicily"), words=(), **parts) -> str:
    return reason_of_extend(standing, days, PARTS | parts, shared, words)


class TestTime:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (0, "same day"),
            (1, "1 day later"),
            (-1, "1 day earlier"),
            (60, "60 days later"),
            (-61, "2 months earlier"),
            (364, "12 months later"),
            (-715, "23 months earlier"),
            (731, "2 years later"),
            (-4018, "11 years earlier"),
        ],
    )
    def test_is_told_in_words(self, days, expected):
        assert time_apart(days) == expected

    @given(st.integers(-40_000, 40_000))
    def test_is_right_to_half_a_unit(self, days):
        words = time_apart(days).split()
        unit = {"day": 1, "month": 30.44, "year": 365.25}.get(words[1].rstrip("s"), 0)
        if days:
            assert abs(int(words[0]) * unit - abs(days)) <= unit / 2
            assert words[2] == ("later" if days > 0 else "earlier")


class TestExtend:
    @pytest.mark.parametrize(
        ("standing", "expected"),
        [
            (Standing(0.9, 0.95, "same event"), "same event"),
            (Standing(0.8, 0.95, "later"), "same story"),
            (Standing(0.79, 0.95, "later"), "probably the same story"),
            (Standing(0.5, 0.95, "later"), "probably the same story"),
            (Standing(0.49, 0.95, "background"), "background, perhaps the same story"),
            (Standing(0.29, 0.95, "background"), "background"),
            (Standing(0.1, 0.5, "background"), "background"),
            (Standing(0.1, 0.49, "background"), "weak evidence, similar wording"),
        ],
    )
    def test_begins_with_how_the_events_belong_together(self, standing, expected):
        assert told(standing) == f"{expected}, 2 days later: Etna, Sicily"

    def test_names_three_labels_at_most(self):
        assert told(shared=("A", "B", "C", "D")) == "same story, 2 days later: A, B, C"

    def test_names_shared_words_where_no_entity_is_shared_and_says_so(self):
        expected = "same story, 2 days later; no shared entity, but both say lava, crater"
        assert told(shared=(), words=("lava", "crater")) == expected
        assert told(words=("lava", "crater")) == "same story, 2 days later: Etna, Sicily"

    def test_says_so_where_nothing_can_be_named(self):
        assert told(shared=()) == "same story, 2 days later; no shared entity or rare word"

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [({"names": 0.5}, "same subject"), ({"words": 0.5}, "similar wording"), ({"time": 0.5}, "near in time")],
    )
    def test_of_weak_evidence_says_what_weighed_most(self, parts, expected):
        assert told(Standing(0.1, 0.2, "background"), **parts).startswith(f"weak evidence, {expected}, 2 days later")

    def test_never_says_near_in_time_of_what_is_not_nor_same_subject_where_nothing_is_shared(self):
        weak = Standing(0.1, 0.2, "background")
        assert told(weak, days=31, time=9.0).startswith("weak evidence, similar wording, ")
        assert told(weak, shared=(), names=9.0).startswith("weak evidence, similar wording, ")


class TestOtherProfiles:
    def test_of_reproduce_counts_all_and_names_three(self):
        assert reason_of_reproduce(["A"]) == "shares 1 entity: A"
        assert reason_of_reproduce(["A", "B", "C"]) == "shares 3 entities: A, B, C"
        assert reason_of_reproduce(["A", "B", "C", "D"]) == "shares 4 entities: A, B, C, …"

    def test_of_cosine_is_the_cosine(self):
        assert reason_of_cosine(0.712) == "similar wording (0.71)"
        assert reason_of_cosine(0.399) == "hardly similar wording (0.40)"


class TestSharedWords:
    TEXTS = (
        "Lava of Etna reaches a road",
        "A road in Oslo is closed",
        "The roads near Etna's lava open",
        "Oslo is cold",
    )

    def test_are_the_rare_ones_as_the_first_text_writes_them(self):
        table = fit_stems([*self.TEXTS, "A vote", "Another vote", "A third vote", "A road is built", "A road opens"])
        assert RareWords(table, table.of_text(0), self.TEXTS[0]).shared_with(2) == ("Etna", "Lava")

    def test_are_none_where_texts_share_only_what_is_common(self):
        table = fit_stems([*self.TEXTS, "A vote", "Another vote", "A third vote", "A road is built", "A road opens"])
        assert RareWords(table, table.of_text(0), self.TEXTS[0]).shared_with(1) == ()

    def test_of_chinese_are_bigrams(self):
        texts = ("法院维持选举", "选举结果", "地震", "洪水", "足球", "火山")
        table = fit_stems(texts)
        assert RareWords(table, table.of_text(0), texts[0]).shared_with(1) == ("选举",)

    @given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
    def test_every_stem_of_a_text_has_its_word(self, texts):
        table = fit_stems(texts)
        for row, text in enumerate(texts):
            words = words_of_stems(text)
            assert sorted(words) == [table.names[number] for number in table.of_text(row).tolist()]


LAUNCH = ("2013-02-07", "A rocket launches a satellite from <b>Kourou</b>")
SEEN = ("2013-02-08", "The satellite launched from <b>Kourou</b> by a rocket is in orbit")
MAYOR = ("2009-02-07", "A mayor resigns")
LABELS = {LAUNCH: "<script>, Kourou, Rockets", SEEN: "<script>, Kourou, Rockets", MAYOR: "Mayors"}


@pytest.fixture(scope="module")
def kourou():
    return recommender_of([page(*event) for event in LABELS], LABELS)


class TestOnAList:
    def test_every_row_of_every_profile_has_a_reason_of_one_line(self, kourou):
        for profile in ("extend", "reproduce", "cosine"):
            rows = kourou.related(slug_of(*LAUNCH), Parameters(profile=profile)).related
            assert rows
            assert all(one.reason.isprintable() and one.reason for one in rows)

    def test_labels_stay_plain_text(self, kourou):
        first = kourou.related(slug_of(*LAUNCH), Parameters(profile="reproduce")).related[0]
        assert first.reason == "shares 3 entities: Kourou, Rockets, <script>"

    def test_of_a_chinese_archive_is_english_with_its_own_labels(self):
        one, two = ("2016-10-27", "肯尼亚举行选举"), ("2016-10-28", "肯尼亚公布选举结果")
        labels = dict.fromkeys((one, two), "肯尼亚, 选举")
        chinese = recommender_of([page(*event, language="zh") for event in labels], labels)
        (row,) = chinese.related(slug_of(*one)).related
        assert row.reason.endswith(", 1 day later: 肯尼亚, 选举")

    def test_only_extend_tells_groups(self, kourou):
        groups = {
            profile: {one.group for one in kourou.related(slug_of(*LAUNCH), Parameters(profile=profile)).related}
            for profile in ("extend", "reproduce", "cosine")
        }
        assert groups["reproduce"] == groups["cosine"] == {None}
        assert None not in groups["extend"]

    def test_a_reason_is_the_same_asked_alone_and_in_a_longer_list(self, kourou):
        short = kourou.related(slug_of(*LAUNCH), Parameters(limit=1)).related
        assert short == kourou.related(slug_of(*LAUNCH)).related[:1]
