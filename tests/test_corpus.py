"""The corpus: one order, slug ↔ row in every form of a slug, aliases, existing lists, and its string tables."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import day_item, link, page, record, slug_of

from recommender.corpus import Corpus
from recommender.errors import SlugAmbiguousError, SlugUnknownError
from recommender.events import DayItem, RelatedLink
from recommender.strings import StringTable

SPUTNIK = ("1957-10-04", "Sputnik circles the Earth")
LAIKA = ("1957-11-03", "Laika circles the Earth")
GAGARIN = ("1961-04-12", "Yuri Gagarin circles the Earth")
STORM_2007 = ("2007-01-18", "A storm crosses Europe")
STORM_2018 = ("2018-01-18", "A storm crosses Europe")
OLD_NAME = slug_of("1961-04-12", "Yury Gagarin orbits")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Rows: Sputnik 0, Laika 1, Gagarin 2, the storm of 2007 3, that of 2018 4."""
    return Corpus.of(
        [
            page(*STORM_2018, [link(*STORM_2007, "Europe"), link(*SPUTNIK), RelatedLink("x", "/news/1900/01/1/x.md")]),
            page(*SPUTNIK, [link("1961-04-12", "Yury Gagarin orbits", "Soviet Union"), link(*LAIKA)]),
            page(*GAGARIN, aliases=[OLD_NAME], topic="Space", description="He waves."),
            page(*STORM_2007, listed=True),
            page(*LAIKA),
        ]
    )


class TestOrder:
    def test_is_that_of_paths_compared_as_strings(self):
        days = ("2013-04-04", "2013-04-15", "2013-04-05", "2013-10-01", "2012-12-31")
        slugs = [slug_of(day, "Rain") for day in days]
        corpus = Corpus.of([page(day, "Rain") for day in days])
        assert [corpus.slug(row) for row in range(5)] == sorted(slugs)
        assert [corpus.event(row).date.day for row in range(5)] == [31, 15, 4, 5, 1]

    def test_counts_the_extension(self):
        """`a-b.md` is before `a.md`, although `a` is before `a-b`."""
        corpus = Corpus.of([page("2013-04-04", "a"), page("2013-04-04", "a-b")])
        assert [corpus.slug(row)[-3:] for row in (0, 1)] == ["a-b", "4/a"]
        assert (corpus.row("a"), corpus.row("a-b")) == (1, 0)

    def test_does_not_depend_on_the_order_of_pages(self):
        pages = [page(*SPUTNIK, [link(*LAIKA)]), page(*LAIKA), page(*GAGARIN, aliases=[OLD_NAME])]
        one, other = Corpus.of(pages), Corpus.of(pages[::-1])
        assert list(one.paths) == list(other.paths)
        assert list(one.names) == list(other.names)
        np.testing.assert_array_equal(one.name_rows, other.name_rows)
        np.testing.assert_array_equal(one.list_rows, other.list_rows)


class TestEvents:
    def test_are_what_the_pages_say(self, corpus):
        event = corpus.event(2)
        assert (event.slug, event.date, event.text) == (slug_of(*GAGARIN), date(1961, 4, 12), GAGARIN[1])
        assert (event.topic, event.description) == ("Space", "He waves.")

    def test_keep_outer_blanks_in_the_text_and_none_in_the_headline(self):
        event = Corpus.of([page("1957-10-04", " Sputnik circles. ")]).event(0)
        assert (event.text, event.headline) == (" Sputnik circles. ", "Sputnik circles.")

    def test_are_counted(self, corpus):
        assert len(corpus) == 5


class TestLists:
    def test_are_rows_in_order_and_minus_one_where_no_event_is(self, corpus):
        assert corpus.existing(4).tolist() == [3, 0, -1]
        assert corpus.existing(3).tolist() == []

    def test_follow_older_slugs(self, corpus):
        assert corpus.existing(0).tolist() == [2, 1]

    def test_are_known_to_be_there_even_where_they_are_empty(self, corpus):
        assert corpus.listed.tolist() == [True, False, False, True, True]


class TestLater:
    """Of the events below one story heading, all but the first."""

    def test_is_what_the_records_say(self):
        records = [record(*LAIKA, later=True), record(*SPUTNIK)]
        assert Corpus.of([page(*SPUTNIK), page(*LAIKA), page(*GAGARIN)], records=records).later.tolist() == [
            False,
            True,
            False,
        ]

    def test_is_nobody_where_nothing_is_recorded(self, corpus):
        assert corpus.later.tolist() == [False] * 5

    def test_is_said_of_an_older_slug_too_and_of_nobody_where_the_page_is_gone(self):
        pages = [page(*SPUTNIK), page(*GAGARIN, aliases=[OLD_NAME]), page(*STORM_2007)]
        records = [record("1961-04-12", "Yury Gagarin orbits", later=True), record(*LAIKA, later=True)]
        assert Corpus.of(pages, records=records).later.tolist() == [False, True, False]


class TestDayPlaces:
    """How many events stand below each on its day page."""

    FOUR = tuple(("1957-10-04", text) for text in ("Sputnik beeps", "Sputnik flies", "Sputnik orbits", "Sputnik rises"))

    def test_are_none_below_the_last_and_one_below_the_last_but_one(self):
        items = [day_item(*self.FOUR[place]) for place in (2, 0, 3, 1)]
        corpus = Corpus.of([page(*event) for event in self.FOUR], items)
        assert corpus.day_places.tolist() == [2, 0, 3, 1]

    def test_are_counted_day_by_day(self):
        items = [day_item(*event) for event in (SPUTNIK, self.FOUR[0], LAIKA, GAGARIN)]
        corpus = Corpus.of([page(*event) for event in (SPUTNIK, self.FOUR[0], LAIKA, GAGARIN)], items)
        assert dict(zip(corpus.texts, corpus.day_places.tolist(), strict=True)) == {
            SPUTNIK[1]: 1,
            self.FOUR[0][1]: 0,
            LAIKA[1]: 0,
            GAGARIN[1]: 0,
        }

    def test_are_as_many_as_there_are_events_where_an_event_is_not_shown(self, corpus):
        assert corpus.day_places.tolist() == [5] * 5
        assert Corpus.of([page(*SPUTNIK), page(*LAIKA)], [day_item(*LAIKA)]).day_places.tolist() == [2, 0]

    def test_count_an_event_once_that_two_day_pages_show(self):
        """`README.md` and `index.md` of one day are the same page in two places."""
        items = [day_item(*event) for event in (self.FOUR[0], self.FOUR[1])]
        assert Corpus.of([page(*event) for event in self.FOUR[:2]], [*items, *items]).day_places.tolist() == [1, 0]

    def test_count_nothing_that_is_no_event(self):
        """A link to a page that is gone, and one to another site."""
        items = [day_item(*SPUTNIK), day_item("1957-10-04", "Gone"), DayItem("https://paper.example/x.md", "")]
        assert Corpus.of([page(*SPUTNIK), page(*LAIKA)], items).day_places.tolist() == [0, 2]

    def test_follow_older_slugs_and_any_prefix(self):
        items = [DayItem(f"/zh/{OLD_NAME}.md", ""), DayItem(f"/zh/{slug_of('1961-04-12', 'Earth is blue')}.md", "")]
        corpus = Corpus.of([page(*GAGARIN, aliases=[OLD_NAME]), page("1961-04-12", "Earth is blue")], items)
        assert corpus.day_places.tolist() == [0, 1]


class TestRow:
    @pytest.mark.parametrize("form", ["{}", "/{}", "{}.md", "/{}.md", "zh/{}", "/zh/{}.md", " {}\n"])
    def test_is_found_by_the_whole_slug(self, corpus, form):
        for row in range(len(corpus)):
            assert corpus.row(form.format(corpus.slug(row))) == row

    def test_is_found_by_the_last_part_where_one_event_has_it(self, corpus):
        assert corpus.row("laika-circles-the-earth") == 1
        assert corpus.row("laika-circles-the-earth.md") == 1

    @pytest.mark.parametrize("old", [OLD_NAME, f"/{OLD_NAME}.md", f"zh/{OLD_NAME}", "yury-gagarin-orbits"])
    def test_is_found_by_an_older_slug(self, corpus, old):
        assert corpus.row(old) == 2

    def test_of_a_last_part_that_several_have_names_them_in_order(self, corpus):
        with pytest.raises(SlugAmbiguousError) as caught:
            corpus.row("a-storm-crosses-europe")
        assert caught.value.choices == (slug_of(*STORM_2007), slug_of(*STORM_2018))
        assert "give one whole" in str(caught.value)

    @pytest.mark.parametrize(
        "typed", ["sputnik-circles-the-erth", "news/1957/10/4/sputnik-circles-the-erth", "/zh/news/1957/10/4/sputnik"]
    )
    def test_of_an_unknown_slug_names_the_nearest_first(self, corpus, typed):
        with pytest.raises(SlugUnknownError) as caught:
            corpus.row(typed)
        assert caught.value.nearest[0] == slug_of(*SPUTNIK)
        assert len(caught.value.nearest) <= 3
        assert slug_of(*SPUTNIK) in str(caught.value)

    def test_of_a_last_part_is_near_to_last_parts(self):
        corpus = Corpus.of([page("1957-10-04", "Sputnik"), page("1957-10-05", "Nothing of the kind")])
        with pytest.raises(SlugUnknownError) as caught:
            corpus.row("sputnk")
        assert caught.value.nearest == ("news/1957/10/4/sputnik",)

    def test_of_a_slug_like_no_other_names_none(self, corpus):
        with pytest.raises(SlugUnknownError) as caught:
            corpus.row("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq")
        assert caught.value.nearest == ()

    @pytest.mark.parametrize("typed", ["", "..", "news/../x", "%2e%2e", "a\x00", "a" * 3000, "\udce9"])
    def test_of_what_is_no_slug_is_unknown(self, corpus, typed):
        with pytest.raises(SlugUnknownError):
            corpus.row(typed)

    def test_is_not_found_by_a_part_in_the_middle_or_another_day(self, corpus):
        for typed in ("1957", "news/1957/10", "news/1958/10/4/sputnik-circles-the-earth"):
            with pytest.raises(SlugUnknownError):
                corpus.row(typed)

    def test_is_found_in_other_scripts(self):
        corpus = Corpus.of([page("2003-10-15", "杨利伟进入太空", language="zh")])
        assert corpus.row("news/2003/10/15/杨利伟进入太空") == 0
        assert corpus.row("%E6%9D%A8%E5%88%A9%E4%BC%9F%E8%BF%9B%E5%85%A5%E5%A4%AA%E7%A9%BA") == 0


class TestAliases:
    def test_never_shadow_a_page(self):
        """An older version of one page bears the name of another page: the name is that page's."""
        taken = slug_of(*SPUTNIK)
        corpus = Corpus.of([page(*SPUTNIK), page(*LAIKA, aliases=[taken]), page(*GAGARIN, [link(*SPUTNIK)])])
        assert corpus.row(taken) == 0
        assert corpus.row("sputnik-circles-the-earth") == 0
        assert corpus.row_of_target(f"/{taken}.md") == 0
        assert corpus.existing(2).tolist() == [0]

    def test_whose_last_part_a_page_has_too_do_not_hide_it(self):
        alias = slug_of("1957-10-05", SPUTNIK[1])
        corpus = Corpus.of([page(*SPUTNIK), page(*LAIKA, aliases=[alias])])
        assert corpus.row(alias) == 1
        with pytest.raises(SlugAmbiguousError) as caught:
            corpus.row("sputnik-circles-the-earth")
        assert caught.value.choices == (slug_of(*SPUTNIK), slug_of(*LAIKA))

    def test_of_two_pages_are_ambiguous_when_typed_and_the_first_page_when_linked(self):
        pages = [page(*SPUTNIK, aliases=[OLD_NAME]), page(*LAIKA, aliases=[OLD_NAME]), page(*GAGARIN)]
        corpus = Corpus.of(pages)
        with pytest.raises(SlugAmbiguousError):
            corpus.row(OLD_NAME)
        assert corpus.row_of_target(f"/{OLD_NAME}.md") == 0

    def test_that_share_their_last_part_are_one_event(self):
        aliases = [slug_of(day, "Yury") for day in ("1961-04-12", "1961-04-13")]
        assert Corpus.of([page(*SPUTNIK), page(*GAGARIN, aliases=aliases)]).row("yury") == 1


class TestLinks:
    def test_lead_to_rows(self, corpus):
        for row in range(len(corpus)):
            assert corpus.row_of_target(corpus.target(row)) == row
            assert corpus.row_of_target(f"/zh/{corpus.slug(row)}.md") == row

    @pytest.mark.parametrize(
        "target", ["https://paper.example/x.md", "/news/1957/10/4/index.md", "/news/1/1/1/x.md", ""]
    )
    def test_lead_to_none_where_no_event_is(self, corpus, target):
        assert corpus.row_of_target(target) is None

    def test_are_written_as_most_of_the_archives_are(self):
        listing = [link(*LAIKA, prefix="/zh/"), link(*GAGARIN, prefix="/zh/"), link(*SPUTNIK)]
        corpus = Corpus.of([page(*SPUTNIK, listing), page(*LAIKA), page(*GAGARIN)])
        assert corpus.link_prefix == "/zh/"
        assert corpus.target(0) == f"/zh/{slug_of(*SPUTNIK)}.md"

    def test_of_an_archive_without_lists_begin_with_a_slash(self):
        corpus = Corpus.of([page(*SPUTNIK, language=None)])
        assert (corpus.link_prefix, corpus.language) == ("/", "en")

    def test_language_is_that_of_most_pages(self):
        languages = ["zh", None, "en", "zh", None, None]
        pages = [page("2000-01-01", f"Page {i}", language=language) for i, language in enumerate(languages)]
        assert Corpus.of(pages).language == "zh"
        assert Corpus.of(pages, language="en").language == "en"


class TestStringTable:
    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
    def test_gives_back_its_strings_in_order(self, strings):
        table = StringTable.of(strings)
        assert list(table) == strings
        assert [table[i] for i in range(len(table))] == strings

    @given(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.text(st.characters(exclude_categories=["Cs"]))
    )
    def test_finds_what_it_has_and_nothing_else(self, strings, other):
        ascending = sorted(set(strings))
        table = StringTable.of(ascending)
        assert [table.find(string) for string in ascending] == list(range(len(ascending)))
        assert (table.find(other) is not None) == (other in ascending)

    @pytest.mark.parametrize("position", [-1, 2])
    def test_has_no_position_beyond_its_ends(self, position):
        with pytest.raises(IndexError):
            StringTable.of(["a", "b"])[position]
