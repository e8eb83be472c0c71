"""The front door: a slug in, a list with reasons out; and the parameters that can be asked for."""

from datetime import date

import pytest
from worlds import link, page, recommender_of, record, slug_of

from models.trees import UNIT, TreeRanker
from recommender.configuration import Configuration
from recommender.corpus import Corpus
from recommender.errors import ParameterError, SlugAmbiguousError, SlugUnknownError
from recommender.events import RelatedLink
from recommender.features import FEATURES, GROUPS
from recommender.index import Index
from recommender.parameters import MAX_CANDIDATES, MAX_LIMIT, PROFILES, Parameters
from recommender.related import Recommender

LAUNCH = ("2013-02-07", "Ariane 5 launches Azerspace from Kourou")
CRASH = ("2013-02-01", "A rocket falls into the sea")
VEGA = ("2012-02-13", "Vega takes off from Kourou")
STRIKE = ("2013-02-07", "Dockers in Marseille strike")
SEEN = ("2013-03-01", " Azerspace is in orbit ")
FLOODS = (("2013-04-02", "Floods"), ("2013-05-07", "Floods"))
LABELS = {
    LAUNCH: "Ariane 5, Azerspace, Kourou, Rockets",
    CRASH: "Rockets",
    VEGA: "Kourou, Rockets, Vega",
    STRIKE: "Marseille",
}
"""What the day pages print; the floods and what is seen in orbit are on none."""
REPRODUCE = Parameters(profile="reproduce")


@pytest.fixture(scope="module")
def launches() -> Recommender:
    pages = [page(*event) for event in (CRASH, VEGA, STRIKE, SEEN, *FLOODS)]
    pages.append(page(*LAUNCH, topic="Space", description="At night.", aliases=["news/2013/02/7/ariane-flies"]))
    return recommender_of(pages, LABELS)


class TestOneList:
    def test_says_who_asked_and_how(self, launches):
        answer = launches.related(slug_of(*LAUNCH), REPRODUCE)
        assert (answer.query.slug, answer.query.date, answer.query.text) == (
            slug_of(*LAUNCH),
            date(2013, 2, 7),
            LAUNCH[1],
        )
        assert (answer.query.topic, answer.query.description) == ("Space", "At night.")
        assert answer.parameters == Parameters(profile="reproduce", limit=10)

    def test_has_the_query_s_entities_rarest_first_then_by_name(self, launches):
        assert launches.related(slug_of(*LAUNCH), REPRODUCE).entities == ("Ariane 5", "Azerspace", "Kourou", "Rockets")

    def test_has_a_reason_on_every_row(self, launches):
        first, second = launches.related(slug_of(*LAUNCH), REPRODUCE).related
        assert (first.rank, first.event.text, first.score) == (1, VEGA[1], 2.0)
        assert (first.shared, first.days) == (("Kourou", "Rockets"), -360)
        assert first.contributions == {"shared": 2.0}
        assert (second.rank, second.event.text, second.score) == (2, CRASH[1], 1.0)
        assert (second.shared, second.days) == (("Rockets",), -6)

    def test_counts_days_after_the_query_as_positive(self, launches):
        later = {one.event.text: one.days for one in launches.related(slug_of(*CRASH)).related}
        assert later[LAUNCH[1]] == 6
        assert later[VEGA[1]] == -354

    def test_of_extend_names_the_kinds_of_evidence(self, launches):
        for one in launches.related(slug_of(*LAUNCH)).related:
            assert list(one.contributions) == ["first", "text", "neighbours", "words", "names", "entities", "time"]

    def test_of_extend_shares_what_is_spotted_too_and_reproduce_only_what_is_printed(self, launches):
        extended = {one.event.text: one.shared for one in launches.related(slug_of(*LAUNCH)).related}
        assert extended[SEEN[1]] == ("Azerspace",)
        assert launches.related(slug_of(*SEEN)).entities == ("Azerspace",)
        assert launches.related(slug_of(*SEEN), REPRODUCE).entities == ()
        assert launches.related(slug_of(*SEEN), REPRODUCE).related == ()

    def test_is_by_extend_and_of_ten_where_nothing_is_said(self, launches):
        assert launches.related(slug_of(*LAUNCH)).parameters == Parameters.checked(limit=10)
        assert Parameters.checked() == Parameters(profile="extend", limit=None, as_of=None, candidates=250)

    @pytest.mark.parametrize(
        "slug",
        [
            "ariane-5-launches-azerspace-from-kourou",
            "/news/2013/02/7/ariane-5-launches-azerspace-from-kourou.md",
            "news/2013/02/7/ariane-flies",
            "ariane-flies",
        ],
    )
    def test_is_asked_by_any_name_of_the_event(self, launches, slug):
        assert launches.related(slug) == launches.related(slug_of(*LAUNCH))

    def test_of_an_unknown_slug_is_an_error_that_names_the_nearest(self, launches):
        with pytest.raises(SlugUnknownError) as caught:
            launches.related("news/2013/02/7/ariane-5-launches-azerspace-from-kuru")
        assert caught.value.nearest[0] == slug_of(*LAUNCH)

    def test_of_a_slug_that_several_have_is_an_error_that_names_them(self, launches):
        with pytest.raises(SlugAmbiguousError) as caught:
            launches.related("floods")
        assert caught.value.choices == tuple(slug_of(*event) for event in FLOODS)

    def test_is_the_same_for_two_events_with_one_text(self, launches):
        one, other = (launches.related(slug_of(*event), Parameters(profile="cosine")) for event in FLOODS)
        assert one.related[0].event.slug == slug_of(*FLOODS[1])
        assert other.related[0].event.slug == slug_of(*FLOODS[0])
        assert one.related[0].score == pytest.approx(1.0)


class TestManyLists:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_come_in_the_order_of_the_rows_and_as_asked_alone(self, launches, profile):
        parameters = Parameters(profile=profile)
        rows = [5, 0, 3, 0]
        answers = list(launches.related_rows(rows, parameters))
        slugs = [launches.index.corpus.slug(row) for row in rows]
        assert [answer.query.slug for answer in answers] == slugs
        assert answers == [launches.related(slug, parameters) for slug in slugs]

    def test_of_nobody_are_none(self, launches):
        assert list(launches.related_rows([], Parameters())) == []

    def test_hide_the_own_list_of_each_on_request(self, launches):
        pages = [page(*STRIKE, [link(*CRASH, "Sea")]), page(*CRASH)]
        sea = recommender_of(pages, {})
        row = sea.index.corpus.row(slug_of(*STRIKE))
        (shown,) = sea.related_rows([row], REPRODUCE)
        (hidden,) = sea.related_rows([row], REPRODUCE, without_own_list=True)
        assert [one.event.text for one in shown.related] == [CRASH[1]]
        assert hidden.related == ()


class TestTheArchivesOwnSettings:
    """Twelve launches from Kourou, one a day; the odd ones are not the first below their story's heading."""

    LAUNCHES = tuple((f"2013-02-{day:02}", f"Launch {day} from Kourou") for day in range(1, 13))

    def launches(self, **settings: object) -> Recommender:
        records = [record(*event, "Kourou", later=int(event[0][-2:]) % 2 == 1) for event in self.LAUNCHES]
        pages = [page(*event) for event in self.LAUNCHES]
        shown = dict.fromkeys(self.LAUNCHES, "")
        return recommender_of(pages, shown, records=records, settings=Configuration(**settings))

    @pytest.mark.parametrize("profile", PROFILES)
    @pytest.mark.parametrize("limit", [1, 3, 11])
    def test_its_limit_holds_where_no_other_is_asked_for(self, profile, limit):
        recommender = self.launches(limit=limit, story_bullets="all")
        slug = slug_of(*self.LAUNCHES[0])
        answer = recommender.related(slug, Parameters(profile=profile))
        assert len(answer.related) == limit
        assert answer == recommender.related(slug, Parameters(profile=profile, limit=limit))
        assert answer.parameters == Parameters(profile=profile, limit=limit)

    @pytest.mark.parametrize("profile", PROFILES)
    def test_another_limit_may_be_asked_for(self, profile):
        recommender = self.launches(limit=3, story_bullets="all")
        for limit in (1, 5):
            answer = recommender.related(slug_of(*self.LAUNCHES[0]), Parameters(profile=profile, limit=limit))
            assert (len(answer.related), answer.parameters.limit) == (limit, limit)

    def test_its_limit_holds_for_many_lists_and_for_rankings(self):
        recommender = self.launches(limit=3)
        rows = [4, 0]
        assert [len(answer.related) for answer in recommender.related_rows(rows, REPRODUCE)] == [3, 3]
        assert [len(found.rows) for _, found in recommender.rankings(rows, REPRODUCE)] == [3, 3]

    def test_only_first_events_of_stories_are_on_lists_by_its_rule_unless_it_says_all(self):
        slug = slug_of(*self.LAUNCHES[0])
        first = [one.event.date.day for one in self.launches(limit=50).related(slug, REPRODUCE).related]
        assert set(first) == {2, 4, 6, 8, 10, 12}
        everybody = self.launches(limit=50, story_bullets="all").related(slug, REPRODUCE)
        assert len(everybody.related) == 11
        assert len(self.launches(limit=50).related(slug).related) == 11

    def test_its_order_is_that_of_reproduce_and_of_no_other_profile(self):
        """The paths of days below ten come after those of the others."""
        slug = slug_of(*self.LAUNCHES[0])
        by_path = self.launches(limit=6).related(slug, REPRODUCE)
        by_day = self.launches(limit=6, rule="day-place").related(slug, REPRODUCE)
        assert [one.event.date.day for one in by_path.related] == [8, 6, 4, 2, 12, 10]
        assert [one.event.date.day for one in by_day.related] == [12, 10, 8, 6, 4, 2]
        assert [(one.rank, one.score) for one in by_day.related] == [(rank, 1.0) for rank in range(1, 7)]
        for profile in ("extend", "cosine"):
            one, other = (
                self.launches(rule=rule, limit=3).related(slug, Parameters(profile=profile)).related
                for rule in ("shared", "day-place")
            )
            assert one == other

    def test_its_labels_are_titles_or_words(self):
        pages = [page(*event) for event in self.LAUNCHES[:2]]
        words = {"Kourou": "the spaceport"}
        records = [record(*event, "Kourou", words=words) for event in self.LAUNCHES[:2]]
        for labels, label in (("title", "Kourou"), ("anchor", "the spaceport")):
            recommender = recommender_of(pages, records=records, settings=Configuration(labels=labels))
            for profile in ("extend", "reproduce"):
                answer = recommender.related(slug_of(*self.LAUNCHES[0]), Parameters(profile=profile))
                assert (answer.entities, answer.related[0].shared) == ((label,), (label,))
            assert [one.context for one in recommender.links(0, [1], REPRODUCE)] == [label]


class TestCandidates:
    def test_are_those_that_the_list_is_made_of(self, launches):
        row = launches.index.corpus.row(slug_of(*LAUNCH))
        ((asked, rows, matrix),) = launches.candidates([row], Parameters())
        assert asked == row
        assert rows.tolist() == [other for other in range(len(launches.index.corpus)) if other != row]
        assert matrix.shape == (len(rows), len(FEATURES))
        ranker = TreeRanker.bundled("extend")
        leaves = ranker.leaves(matrix, FEATURES)
        parts = dict(zip(ranker.features, ranker.contributions(leaves).T, strict=True))
        for one in launches.related(slug_of(*LAUNCH)).related:
            place = rows.tolist().index(launches.index.corpus.row(one.event.slug))
            assert one.score == ranker.scores(leaves)[place] / UNIT
            for group, names in GROUPS.items():
                assert one.contributions[group] == sum(parts[name][place] for name in names if name in parts) / UNIT


class TestLinks:
    def test_are_items_as_the_archive_s_pages_have_them(self, launches):
        corpus = launches.index.corpus
        row, others = corpus.row(slug_of(*LAUNCH)), [corpus.row(slug_of(*event)) for event in (VEGA, SEEN)]
        assert launches.links(row, others, Parameters()) == [
            RelatedLink(VEGA[1], f"/{slug_of(*VEGA)}.md", "Kourou, Rockets"),
            RelatedLink(SEEN[1], f"/{slug_of(*SEEN)}.md", "Azerspace"),
        ]
        assert launches.links(row, others, REPRODUCE)[1] == RelatedLink(SEEN[1], f"/{slug_of(*SEEN)}.md", "")

    def test_have_the_prefix_that_links_of_the_archive_have(self):
        pages = [page("2016-10-27", "一", [link("2016-10-28", "二", prefix="/zh/")]), page("2016-10-28", "二")]
        assert Corpus.of(pages).target(0) == "/zh/news/2016/10/27/一.md"


class TestParameters:
    @pytest.mark.parametrize("limit", [1, 10, MAX_LIMIT])
    @pytest.mark.parametrize("profile", PROFILES)
    def test_in_range_are_taken(self, limit, profile):
        checked = Parameters.checked(profile=profile, limit=limit, as_of=date(2013, 2, 7), candidates=10 * limit)
        assert checked == Parameters(profile=profile, limit=limit, as_of=date(2013, 2, 7), candidates=10 * limit)

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("limit", 0, "a number from 1 to 50"),
            ("limit", -1, "a number from 1 to 50"),
            ("limit", MAX_LIMIT + 1, "a number from 1 to 50"),
            ("profile", "best", "one of extend, reproduce, cosine"),
            ("profile", "", "one of extend, reproduce, cosine"),
            ("candidates", 49, r"a number from 50 \(five times the limit\) to 10000"),
            ("candidates", MAX_CANDIDATES + 1, "to 10000"),
        ],
    )
    def test_out_of_range_are_errors_that_say_what_can_be(self, name, value, expected):
        with pytest.raises(ParameterError, match=f"^{name} is {value!r}, expected .*{expected}$") as caught:
            Parameters.checked(**{name: value})
        assert (caught.value.parameter, caught.value.value) == (name, value)

    def test_without_a_limit_are_taken_and_the_pool_is_checked_against_the_usual_one(self):
        assert Parameters.checked(candidates=100) == Parameters(limit=None, candidates=100)

    def test_the_pool_is_checked_against_the_limit(self):
        Parameters.checked(limit=50, candidates=250)
        with pytest.raises(ParameterError, match="candidates is 249"):
            Parameters.checked(limit=50, candidates=249)

    def test_a_day_is_an_ordinal_for_those_who_count(self):
        assert Parameters(as_of=date(2013, 2, 7)).last_day == date(2013, 2, 7).toordinal()
        assert Parameters().last_day is None


def test_the_index_is_there_for_those_who_render(launches):
    assert isinstance(launches.index, Index)
    assert len(launches.index.corpus) == 7
