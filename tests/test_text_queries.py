"""A text that asks: as an event of the archive would, without becoming one."""

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import ToyEncoder
from worlds import page, recommender_of, slug_of

from models.trees import UNIT
from recommender.errors import EncoderError, ParameterError
from recommender.features import FEATURES, GROUPS
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.scoring import candidate_features
from recommender.text_queries import LONGEST_TEXT, TextReader, checked_text

LAUNCH = ("2013-02-07", "Ariane 5 launches Azerspace from Kourou")
VEGA = ("2012-02-13", "Vega takes off from Kourou")
CRASH = ("2013-02-01", "A rocket falls into the sea")
STRIKE = ("2013-02-07", "Dockers in Marseille strike")
LABELS = {LAUNCH: "Azerspace, Kourou, Rockets", VEGA: "Kourou, Rockets, Vega", CRASH: "Rockets", STRIKE: "Marseille"}
PARAMETERS = Parameters(limit=10)
TEXT = "A strike stops Vega at Kourou"


@pytest.fixture
def launches(monkeypatch) -> Recommender:
    monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: ToyEncoder())
    return recommender_of([page(*event) for event in LABELS], LABELS)


def arrays(index: Index) -> dict[str, bytes]:
    """All arrays of an index."""
    parts = {field.name: getattr(index, field.name) for field in fields(index)}
    found = {}
    for name, part in parts.items():
        for inner in fields(part) if hasattr(part, "__dataclass_fields__") else ():
            value = getattr(part, inner.name)
            if isinstance(value, np.ndarray):
                found[f"{name}.{inner.name}"] = value.tobytes()
    return found | {"vectors": index.vectors.tobytes(), "text_keys": index.text_keys.tobytes()}


class TestLists:
    def test_say_what_asked(self, launches):
        answer = launches.related_text(f"  {TEXT}\n", date=date(2013, 2, 8))
        assert (answer.query.slug, answer.query.date, answer.query.text) == ("", date(2013, 2, 8), TEXT)
        assert answer.entities == ("Vega", "Kourou")
        assert answer.parameters == Parameters.checked(limit=10)
        assert (answer.seeds, answer.like, answer.unlike) == ((), (), ())

    def test_have_all_that_lists_of_events_have(self, launches):
        answer = launches.related_text(TEXT, date=date(2013, 2, 8))
        first = next(one for one in answer.related if one.event.slug == slug_of(*VEGA))
        assert {one.event.slug for one in answer.related} == {slug_of(*event) for event in LABELS}
        assert [one.rank for one in answer.related] == [1, 2, 3, 4]
        assert first.shared == ("Vega", "Kourou")
        assert first.days == (date.fromisoformat(VEGA[0]) - date(2013, 2, 8)).days
        assert (first.seed, first.shares) == (None, {})
        for one in answer.related:
            assert sum(round(part * UNIT) for part in one.contributions.values()) == round(one.score * UNIT)

    def test_without_a_day_come_after_the_last_event_that_is_looked_at(self, launches):
        assert launches.related_text(TEXT).query.date == date(2013, 2, 8)
        as_of = Parameters(as_of=date(2013, 2, 5))
        answer = launches.related_text(TEXT, as_of)
        assert answer.query.date == date(2013, 2, 6)
        assert {one.event.slug for one in answer.related} == {slug_of(*VEGA), slug_of(*CRASH)}

    def test_by_cosine_are_those_of_the_vectors(self, launches):
        answer = launches.related_text(VEGA[1], Parameters(profile="cosine"))
        assert answer.related[0].event.slug == slug_of(*VEGA)
        assert answer.related[0].contributions == {"cosine": pytest.approx(1.0)}

    def test_by_the_archives_rule_are_none(self, launches):
        with pytest.raises(ParameterError, match="profile is 'reproduce', expected extend or cosine"):
            launches.related_text(TEXT, Parameters(profile="reproduce"))

    def test_are_the_same_each_time_and_leave_the_index_as_it_is(self, launches):
        before, own = arrays(launches.index), launches.related(slug_of(*VEGA))
        first = launches.related_text(TEXT)
        assert launches.related_text("Dockers strike at sea") != first
        assert launches.related_text(TEXT) == first
        assert arrays(launches.index) == before
        assert launches.related(slug_of(*VEGA)) == own

    def test_can_be_had_of_words_that_the_archive_does_not_know(self, launches):
        answer = launches.related_text("Qwertz", date=date(2013, 2, 7))
        assert answer.entities == ()
        assert len(answer.related) == len(LABELS)

    def test_can_be_had_of_an_archive_of_one_event(self, monkeypatch):
        monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: ToyEncoder())
        alone = recommender_of([page(*VEGA)], {VEGA: "Vega"})
        assert [one.event.slug for one in alone.related_text(TEXT).related] == [slug_of(*VEGA)]

    def test_of_an_events_own_words_are_nearly_its_own(self, recommender):
        """The example archive, where an event's entities are more than its words tell."""
        corpus = recommender.index.corpus
        shares = []
        for row in range(0, len(corpus), 9):
            event = corpus.event(row)
            own = [one.event.slug for one in recommender.related(event.slug).related]
            answer = recommender.related_text(event.text, date=event.date)
            assert event.slug in answer.duplicates
            listed = [one.event.slug for one in answer.related]
            shares.append(len(set(own) & set(listed)) / len(own))
        assert np.mean(shares) > 0.9
        assert min(shares) > 0.7


class TestInIndex:
    """The text as the last row is what a build with one event more would have, where that can be compared."""

    def test_texts_neighbours_and_time_are_those_of_an_event_of_the_archive(self, archive, monkeypatch):
        """An archive with an event and one without it, which the event asks as a text."""
        monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: ToyEncoder())
        pages = sorted(archive.pages, key=lambda one: one.event.slug + ".md")[:90]
        whole, without = recommender_of(pages), recommender_of(pages[:40] + pages[41:])
        ((_, rows, expected),) = whole.candidates([40], PARAMETERS)
        event = pages[40].event
        asker = without.text_asker(TextReader(without.index).read(event.text, event.date), PARAMETERS)
        found_rows, found = candidate_features(asker.evidence, asker.request)
        by_slug = dict(zip(map(without.index.corpus.slug, found_rows.tolist()), found, strict=True))
        assert set(by_slug) == set(map(whole.index.corpus.slug, rows.tolist()))
        names = [*GROUPS["text"], "common_neighbours", "back_rank", "days", "signed_days", "anniversary"]
        columns = [FEATURES.index(name) for name in names]
        for row, features in zip(rows.tolist(), expected, strict=True):
            np.testing.assert_array_equal(by_slug[whole.index.corpus.slug(row)][columns], features[columns])

    def test_entities_are_found_from_both_sides(self, recommender):
        articles = recommender.index.articles
        mine = np.array([3, 7, len(articles) - 1], np.int32)
        more = articles.with_event(mine, 8)
        assert more.events == articles.events + 1
        np.testing.assert_array_equal(more.entities(articles.events), mine)
        for entity in range(len(articles)):
            expected = articles.postings(entity).tolist() + ([articles.events] if entity in mine else [])
            assert more.postings(entity).tolist() == expected
        np.testing.assert_array_equal(more.entities(5), articles.entities(5))


class TestReader:
    def test_loads_the_encoder_once_and_for_a_text_only(self, launches, monkeypatch):
        loaded = []
        monkeypatch.setattr("recommender.text_queries.encoder_of", lambda index: loaded.append(1) or ToyEncoder())
        reader = TextReader(launches.index)
        assert loaded == []
        reader.read(TEXT)
        reader.read(TEXT)
        assert loaded == [1]

    def test_refuses_an_encoder_that_gives_other_vectors(self, launches, monkeypatch):
        other = ToyEncoder(revision="toy 2")
        monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: other)
        with pytest.raises(EncoderError, match=r"the encoder 'toy' is not as it was .* build it again with `related-"):
            TextReader(launches.index).read(TEXT)

    def test_stays_within_the_calendar(self, launches):
        days = launches.index.corpus.days.copy()
        days[0] = date.max.toordinal()
        reader = TextReader(replace(launches.index, corpus=replace(launches.index.corpus, days=days)))
        assert reader.read(TEXT).date == date.max
        assert reader.read(TEXT, as_of=date(2013, 2, 1)).date == date(2013, 2, 1) + timedelta(days=1)


class TestTexts:
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
    def test_have_single_blanks_or_are_refused(self, text):
        if any(map(str.isalnum, text)):  # a text of marks alone tells of nothing
            assert checked_text(text).split(" ") == text.split()
        else:
            with pytest.raises(ParameterError, match="expected one to three sentences about an event"):
                checked_text(text)

    def test_are_not_longer_than_they_may_be(self):
        assert checked_text("a" * LONGEST_TEXT) == "a" * LONGEST_TEXT
        with pytest.raises(
            ParameterError, match=f"text is 'a+…', expected at most {LONGEST_TEXT} characters, not 2001"
        ):
            checked_text("a" * (LONGEST_TEXT + 1))

    def test_are_no_bytes(self):
        with pytest.raises(ParameterError, match="expected text in UTF-8"):
            checked_text("caf\udce9")
