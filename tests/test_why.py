"""Why an event is on a list or is not: places and sums that agree with the list, and the gate that dropped it."""

import json
from dataclasses import replace
from datetime import date

import pytest
from berlin import BERLIN, CHESS, FIFTEEN, MILLION, UNITY, WALL
from worlds import page, recommender_of, record, slug_of

from models.trees import UNIT
from recommender.configuration import Configuration
from recommender.errors import SlugUnknownError
from recommender.features import FEATURES, GROUPS
from recommender.parameters import PROFILES, Parameters
from recommender.reasons import time_apart
from recommender.render_why import why_json, why_table

QUERIES = range(3, 279, 23)


def gate(answer) -> str | None:
    return answer.gate.name if answer.gate else None


@pytest.mark.parametrize("row", QUERIES)
@pytest.mark.parametrize("profile", PROFILES)
def test_of_what_is_listed_says_what_the_list_says(recommender, row, profile):
    parameters = Parameters(profile=profile, limit=5)
    slug = recommender.index.corpus.slug(row)
    for one in recommender.related(slug, parameters).related:
        answer = recommender.why(slug, one.event.slug, parameters)
        assert (answer.rank, answer.place, answer.score) == (one.rank, one.rank, one.score)
        assert (answer.contributions, answer.reason, answer.days) == (one.contributions, one.reason, one.days)
        assert tuple(entity.label for entity in answer.shared) == one.shared
        assert (answer.standing.group if answer.standing else None) == one.group
        assert answer.gate is None


@pytest.mark.parametrize("row", QUERIES)
def test_features_add_up_to_groups_and_groups_to_the_score_exactly(recommender, row):
    corpus = recommender.index.corpus
    for other in {row + 1, (row * 7) % len(corpus), 0} - {row}:
        answer = recommender.why(corpus.slug(row), corpus.slug(other))
        assert [one.name for one in answer.features] == list(FEATURES)
        units = dict.fromkeys(GROUPS, 0)
        for one in answer.features:
            units[one.group] += round(one.contribution * UNIT)
        assert units == {group: round(value * UNIT) for group, value in answer.contributions.items()}
        assert sum(units.values()) == round(answer.score * UNIT)


@pytest.mark.parametrize("row", QUERIES)
@pytest.mark.parametrize("profile", ["extend", "cosine"])
def test_sources_have_the_event_within_their_cut_exactly_where_it_is_a_candidate(recommender, row, profile):
    corpus = recommender.index.corpus
    parameters = Parameters.checked(profile=profile, limit=1, candidates=10, as_of=date(2017, 1, 1))
    pool = {int(one) for one in _pool(recommender, row, parameters)}
    days = corpus.days <= parameters.as_of.toordinal()
    for other in range(0, len(corpus), 9):
        if other == row or not days[other]:
            continue
        answer = recommender.why(corpus.slug(row), corpus.slug(other), parameters)
        within = [one.place is not None and one.place <= one.cut for one in answer.sources]
        assert any(within) == (other in pool) == (answer.place is not None)
        assert gate(answer) == (None if answer.rank else "limit" if other in pool else "pool")
        assert answer.score is not None


def _pool(recommender, row, parameters):
    if parameters.profile == "cosine":
        everyone = replace(parameters, limit=10)
        ((_, found),) = recommender.rankings([row], everyone)
        return found.rows
    ((_, rows, _),) = recommender.candidates([row], parameters)
    return rows


def test_what_is_below_the_limit_is_told_its_place(recommender):
    corpus = recommender.index.corpus
    long = recommender.related(corpus.slug(3), Parameters(limit=20)).related
    answer = recommender.why(corpus.slug(3), long[14].event.slug, Parameters(limit=10))
    assert (answer.rank, answer.place, gate(answer)) == (None, 15, "limit")
    assert answer.gate.sentence == f"it is number 15 of {answer.ranked} candidates, and the list ends at 10"
    assert answer.contributions == long[14].contributions


@pytest.mark.parametrize("profile", PROFILES)
def test_the_query_itself_and_what_is_later_than_as_of_are_not_looked_at(recommender, profile):
    corpus = recommender.index.corpus
    slug, last = corpus.slug(3), corpus.slug(int(corpus.days.argmax()))
    for other, parameters, expected in (
        (slug, Parameters(profile=profile), "query"),
        (last, Parameters(profile=profile, as_of=date(2010, 1, 1)), "as_of"),
    ):
        answer = recommender.why(slug, other, parameters)
        assert gate(answer) == expected
        assert (answer.rank, answer.place, answer.score, answer.reason) == (None, None, None, None)
        assert answer.contributions == {}
        assert answer.features == answer.shared == answer.sources == ()


def test_an_unknown_event_is_refused_on_either_side(recommender):
    slug = recommender.index.corpus.slug(3)
    for pair in ((slug, "nothing"), ("nothing", slug)):
        with pytest.raises(SlugUnknownError):
            recommender.why(*pair)


BULLET = ("1989-11-09", "Cheers in Bonn")
CHEERING = BERLIN | {BULLET: "Germany, Berlin"}


@pytest.fixture(scope="module")
def berlin():
    records = [record(*event, *titles.split(", "), later=event == BULLET) for event, titles in CHEERING.items()]
    return recommender_of([page(*event) for event in CHEERING], records=records)


class TestByTheArchivesRule:
    def why(self, berlin, other, **values):
        return berlin.why(slug_of(*WALL), slug_of(*other), Parameters(profile="reproduce", **values))

    def test_the_path_decides_where_as_many_are_shared(self, berlin):
        answer = self.why(berlin, FIFTEEN)
        assert (answer.rank, answer.score) == (2, 2.0)
        assert answer.criterion == "the event before it has a greater value of the criterion `place of the path`"

    def test_fewer_shared_entities_are_counted_out(self, berlin):
        assert self.why(berlin, UNITY).criterion == (
            "the event before it has a greater value of the criterion `shared entities` (1, not 2)"
        )
        answer = self.why(berlin, UNITY, limit=1)
        assert answer.gate.sentence == (
            "it is number 3 of 3 candidates, and the list ends at 1; the last that is listed has a greater value of the"
            " criterion `shared entities` (1, not 2)"
        )

    def test_the_first_has_nothing_before_it(self, berlin):
        assert self.why(berlin, MILLION).criterion is None

    def test_gates_are_the_rule_s_own(self, berlin):
        assert gate(self.why(berlin, CHESS)) == "entities"
        assert gate(self.why(berlin, BULLET)) == "story_bullet"

    def test_shared_entities_have_their_rarity(self, berlin):
        first, second = self.why(berlin, FIFTEEN).shared
        assert (first.label, first.events) == ("Berlin Wall", 2)
        assert (second.label, second.events) == ("Berlin", 4)
        assert first.rarity > second.rarity

    def test_the_other_rule_goes_by_the_place_on_the_day_page(self):
        labels = {WALL: "Berlin", MILLION: "Berlin", CHESS: "Berlin", FIFTEEN: "Berlin"}
        asked = recommender_of([page(*one) for one in labels], labels, settings=Configuration(rule="day-place"))
        answer = asked.why(slug_of(*FIFTEEN), slug_of(*WALL), Parameters(profile="reproduce"))
        assert answer.criterion == "the event before it has a greater value of the criterion `place on the day page`"


class TestRendered:
    def test_as_json_has_its_keys_in_one_order_and_values_of_json(self, recommender):
        corpus = recommender.index.corpus
        answer = why_json(recommender.why(corpus.slug(3), corpus.slug(4)), recommender.index)
        keys = ["query", "other", "profile", "parameters", "index", "rank", "place", "ranked", "score", "days", "group"]
        keys += ["likelihood", "reason", "dropped_by", "criterion", "shared", "sources", "contributions", "features"]
        assert list(answer) == keys
        assert [one["source"] for one in answer["sources"]] == [
            "texts", "texts within 30 days", "texts within 90 days", "entities", "words",
        ]  # fmt: skip

    def test_as_json_never_says_minus_nothing(self, recommender):
        corpus = recommender.index.corpus
        for other in range(0, len(corpus), 20):
            written = json.dumps(why_json(recommender.why(corpus.slug(3), corpus.slug(other)), recommender.index))
            assert "-0.0," not in written
            assert "-0.0}" not in written

    @pytest.mark.parametrize("profile", PROFILES)
    def test_as_table_has_the_verdict_and_every_number(self, recommender, profile):
        corpus = recommender.index.corpus
        for other in (3, 4, 250):
            answer = recommender.why(corpus.slug(3), corpus.slug(other), Parameters(profile=profile))
            table = why_table(answer)
            verdict = f"on the list at {answer.rank}, of" if answer.rank else f"not on the list: {answer.gate.sentence}"
            assert verdict in table
            assert (answer.reason or time_apart(answer.days)) in table
            assert all(one.name in table for one in answer.features)
            assert all(one.label in table for one in answer.shared)


class TestGatesOfParameters:
    """Whatever a parameter keeps off a list, the gate says so, with the score that the event has all the same."""

    @pytest.fixture
    def listed(self, recommender):
        slug = recommender.index.corpus.slug(30)
        return slug, recommender.related(slug, Parameters(limit=10)).related

    def test_a_filter(self, recommender, listed):
        slug, rows = listed
        dropped = next(one for one in rows if one.days > 0)
        answer = recommender.why(slug, dropped.event.slug, Parameters.checked(include_newer=False))
        assert (gate(answer), answer.rank, answer.score) == ("filters", None, dropped.score)
        assert "include_newer false" in answer.gate.sentence
        assert answer.contributions == dropped.contributions

    def test_the_threshold(self, recommender, listed):
        slug, rows = listed
        last = min(rows, key=lambda one: one.probability)
        threshold = round(last.probability + 0.0001, 4)
        answer = recommender.why(slug, last.event.slug, Parameters.checked(threshold=threshold))
        assert (gate(answer), answer.place) == ("threshold", rows.index(last) + 1)
        assert f"{last.probability:.4f}" in answer.gate.sentence

    def test_diversity(self, recommender):
        corpus, seen = recommender.index.corpus, 0
        for row in QUERIES:
            slug = corpus.slug(row)
            diverse = Parameters.checked(limit=5, diversity=1)
            kept = {one.event.slug for one in recommender.related(slug, diverse).related}
            for one in recommender.related(slug, Parameters(limit=5)).related:
                if one.event.slug not in kept:
                    answer = recommender.why(slug, one.event.slug, diverse)
                    assert (gate(answer), answer.place) == ("diversity", one.rank)
                    seen += 1
        assert seen

    def test_fading_adds_up(self, recommender, listed):
        slug, _ = listed
        parameters = Parameters.checked(half_life_days=30)
        for one in recommender.related(slug, parameters).related:
            answer = recommender.why(slug, one.event.slug, parameters)
            assert (answer.score, answer.contributions) == (one.score, one.contributions)
            assert sum(round(value * UNIT) for value in answer.contributions.values()) == round(answer.score * UNIT)

    def test_weights_weigh_every_feature(self, recommender, listed):
        slug, rows = listed
        parameters = Parameters.checked(weights={"time": 0.5})
        answer = recommender.why(slug, rows[0].event.slug, parameters)
        for group, value in answer.contributions.items():
            own = sum(one.contribution for one in answer.features if one.group == group)
            assert own == pytest.approx(value, abs=1e-6)

    def test_who_says_the_same_as_another(self):
        first = ("2013-02-07", "A boat with forty people sinks on the river near Ilebo after a storm")
        again = ("2013-02-08", "A boat with forty people sinks on the river near Ilebo after a storm.")
        query = ("2013-02-06", "A storm over the river near Ilebo sinks boats")
        others = [("2013-02-01", f"A vote number {number} in Kasai") for number in range(4)]
        labels = dict.fromkeys((first, again, query), "Ilebo, Kasai River") | dict.fromkeys(others, "Kasai")
        river = recommender_of([page(*event) for event in labels], labels)
        answers = [river.why(slug_of(*query), slug_of(*event)) for event in (first, again)]
        (dropped,) = [one for one in answers if one.rank is None]
        assert gate(dropped) == "duplicates"
        assert dropped.gate.sentence.startswith("it says the same as news/2013/02/")
