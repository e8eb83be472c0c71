"""The front door: a slug in, a list with reasons out; and the parameters that can be asked for."""

from datetime import date

import pytest
from worlds import link, page, recommender_of, slug_of

from models.ranker import LinearRanker
from recommender.corpus import Corpus
from recommender.errors import ParameterError, SlugAmbiguousError, SlugUnknownError
from recommender.events import RelatedLink
from recommender.features import FEATURES
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
        assert answer.parameters is REPRODUCE

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

    def test_of_extend_names_the_features_of_the_ranker(self, launches):
        for one in launches.related(slug_of(*LAUNCH)).related:
            assert list(one.contributions) == ["cosine", "entities", "lexical", "days"]

    def test_of_extend_shares_what_is_spotted_too_and_reproduce_only_what_is_printed(self, launches):
        extended = {one.event.text: one.shared for one in launches.related(slug_of(*LAUNCH)).related}
        assert extended[SEEN[1]] == ("Azerspace",)
        assert launches.related(slug_of(*SEEN)).entities == ("Azerspace",)
        assert launches.related(slug_of(*SEEN), REPRODUCE).entities == ()
        assert launches.related(slug_of(*SEEN), REPRODUCE).related == ()

    def test_is_by_extend_and_of_ten_where_nothing_is_said(self, launches):
        assert launches.related(slug_of(*LAUNCH)).parameters == Parameters.checked()
        assert Parameters.checked() == Parameters(profile="extend", limit=10, as_of=None, candidates=500)

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


class TestCandidates:
    def test_are_those_that_the_list_is_made_of(self, launches):
        row = launches.index.corpus.row(slug_of(*LAUNCH))
        ((asked, rows, matrix),) = launches.candidates([row], Parameters())
        assert asked == row
        assert rows.tolist() == [other for other in range(len(launches.index.corpus)) if other != row]
        assert matrix.shape == (len(rows), len(FEATURES))
        expected = LinearRanker.bundled("extend").contributions(matrix, FEATURES)
        for one in launches.related(slug_of(*LAUNCH)).related:
            place = rows.tolist().index(launches.index.corpus.row(one.event.slug))
            assert list(one.contributions.values()) == expected[place].tolist()


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
            ("candidates", 99, r"a number from 100 \(ten times the limit\) to 10000"),
            ("candidates", MAX_CANDIDATES + 1, "to 10000"),
        ],
    )
    def test_out_of_range_are_errors_that_say_what_can_be(self, name, value, expected):
        with pytest.raises(ParameterError, match=f"^{name} is {value!r}, expected .*{expected}$") as caught:
            Parameters.checked(**{name: value})
        assert (caught.value.parameter, caught.value.value) == (name, value)

    def test_the_pool_is_checked_against_the_limit(self):
        Parameters.checked(limit=50, candidates=500)
        with pytest.raises(ParameterError, match="candidates is 499"):
            Parameters.checked(limit=50, candidates=499)

    def test_a_day_is_an_ordinal_for_those_who_count(self):
        assert Parameters(as_of=date(2013, 2, 7)).last_day == date(2013, 2, 7).toordinal()
        assert Parameters().last_day is None


def test_the_index_is_there_for_those_who_render(launches):
    assert isinstance(launches.index, Index)
    assert len(launches.index.corpus) == 7
