"""Pages of an import as text: written so that no source breaks out, changed so that nothing else of a page changes."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mars import LANDING, PATH, THIRD, TWEETED, has_no_html, hrefs, shown, windows

from recommender.events import Event
from recommender.importing.compose import event_page, headline_of, with_change, with_headline, with_sources
from recommender.importing.compose_day import DayEntry, day_page, with_entry
from recommender.links import link_to
from recommender.page import parse_page
from recommender.portal.wikitext import Citation
from recommender.slugs import path_of

NASA = Citation("http://nasa.example/landing", "NASA")
BBC = Citation("http://bbc.example/mars", "BBC News")
LINKS = [link_to(f"/{path_of(TWEETED.slug)}", TWEETED.text, ["Mars", "Curiosity (rover)"])]

PAGE = """\
### [2012-08-6](/news/2012/08/6/index.md)

##### Mars Science
# Curiosity lands on Mars.


### Source:

1. [NASA](http://nasa.example/landing)

### Related:

1. [The rover sends a picture.](/news/2012/08/6/the-rover-sends-a-picture.md) _Context: Curiosity (rover), Mars_
"""


class TestHeadline:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Curiosity lands on Mars.", "Curiosity lands on Mars."),
            (" Curiosity\n lands\t on  Mars. ", "Curiosity lands on Mars."),
            ("The ''Kursk'' and the '''''Titanic'''''", "The Kursk and the Titanic"),
            ("The captain's log", "The captain's log"),
            ("Curiosity lands on Mars. .", "Curiosity lands on Mars."),
            ('"We have landed." ; ', '"We have landed."'),
            ("Curiosity lands on Mars ", "Curiosity lands on Mars"),
            ("A [sic] B", "A [sic] B"),
            ("AT&T wins <5 %", "AT&T wins &lt;5 %"),
            ("火星", "火星"),
        ],
    )
    def test_is_one_line_without_italics_and_without_what_stood_between_the_sources(self, text, expected):
        assert headline_of(text) == expected

    HOSTILE = (
        "<script>alert(1)</script> lands",
        "![Mars](http://evil.example/x.png) lands",
        "Mars](http://evil.example) lands",
        "[Mars](http://evil.example) lands",
        "[Mars][mars] lands",
        "[mars]: http://evil.example lands",
        "`rm -rf` and ``more`` lands",
        "<http://evil.example> lands",
        "Mars \\[x](http://evil.example) lands \\",
        "Mars \\` lands \\`",
        "lands | on | Mars",
        "lands <!-- here",
        "# lands",
        "--- lands",
        "1. lands",
        "> lands",
        "lands &lt;b&gt; &#60;script&#62;",
    )

    @pytest.mark.parametrize("text", HOSTILE)
    def test_is_plain_text_on_every_page_where_it_stands(self, text):
        event = Event(LANDING.slug, LANDING.date, headline_of(text), headline_of(text))
        page = event_page(event, [NASA], LINKS)
        assert hrefs(page) == ["/news/2012/08/6/index.md", NASA.url, f"/{path_of(TWEETED.slug)}"]
        assert has_no_html(page)
        assert parse_page(PATH, page).event == event
        day = with_entry(day_page(LANDING.date, "news"), DayEntry(event, ()))
        assert hrefs(day) == ["/news/2012/08/6/index.md", f"/{PATH}", "/news/2012/08/5/index.md"]
        assert has_no_html(day)
        other = event_page(TWEETED, [], [link_to(f"/{PATH}", event.text, [])])
        assert hrefs(other)[1:] == [f"/{PATH}"]
        assert has_no_html(other)
        moved = with_change(page, event, Event(f"{LANDING.slug}-2", LANDING.date, event.text))
        assert hrefs(moved)[2:4] == [f"/{PATH}", f"/{LANDING.slug}-2.md"]
        assert has_no_html(moved)

    PIECES = st.sampled_from(
        ["<", ">", "`", "\\", "[", "](", "]", "](/x)", "![", ")", "|", "#", "* ", "_", "a", "B ", "é"]
    )

    @settings(max_examples=200, deadline=None)
    @given(st.lists(PIECES, min_size=1, max_size=10).map("".join))
    @example("[a](`b) `")
    def test_of_any_characters_is_plain_text(self, text):
        headline = headline_of(f"A {text} b")
        page = event_page(Event(LANDING.slug, LANDING.date, headline), [NASA], [])
        assert hrefs(page) == ["/news/2012/08/6/index.md", NASA.url]
        assert has_no_html(page)
        assert parse_page(PATH, page).event.text == headline

    def test_may_be_very_long(self):
        headline = headline_of("Mars " * 50_000)
        assert parse_page(PATH, event_page(Event(LANDING.slug, LANDING.date, headline), [], [])).event.text == headline


class TestEventPage:
    def test_is_what_the_site_would_have_written(self):
        assert event_page(LANDING, [NASA], LINKS) == PAGE

    def test_has_only_what_there_is(self):
        assert event_page(TWEETED, [], []) == (
            "### [2012-08-6](/news/2012/08/6/index.md)\n\n# The rover sends a picture.\n\n"
        )

    def test_calls_several_sources_so(self):
        page = event_page(TWEETED, [NASA, BBC], [])
        assert page.endswith(
            "### Sources:\n\n1. [NASA](http://nasa.example/landing)\n2. [BBC News](http://bbc.example/mars)\n\n"
        )

    def test_links_as_the_archive_does(self):
        assert event_page(LANDING, [], [], prefix="/en/").startswith("### [2012-08-6](/en/news/2012/08/6/index.md)\n")

    @pytest.mark.parametrize(
        ("label", "expected"),
        [
            ("The Times", "The Times"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("x](http://evil.example) [y", "x](http://evil.example) [y"),
            ("`code` | table", "`code` | table"),
            ("two\nlines", "two lines"),
            ("", "Source"),
            (" \n ", "Source"),
        ],
    )
    def test_shows_the_name_of_any_source_as_text_in_its_link(self, label, expected):
        page = event_page(TWEETED, [Citation("http://a.example/", label), BBC], [])
        assert hrefs(page) == ["/news/2012/08/6/index.md", "http://a.example/", BBC.url]
        assert has_no_html(page)
        assert expected in shown(page)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://a.example/x_(y)", "http://a.example/x_%28y%29"),
            ("http://a.example/x)[z](http://evil.example", "http://a.example/x%29[z]%28http://evil.example"),
            ("http://a.example/?q=a b", "http://a.example/?q=a%20b"),
            ('http://a.example/"x"', 'http://a.example/"x"'),
            ("http://a.example/<script>", "http://a.example/%3Cscript%3E"),
            ("http://a.example/100%25", "http://a.example/100%25"),
            ("http://a.example/a\\b", "http://a.example/a%5Cb"),
            ("http://a.example/`a` `b`", "http://a.example/`a`%20`b`"),
            ("http://a.example/'x'", "http://a.example/'x'"),
            ("http://a.example/*a*_b_", "http://a.example/*a*_b_"),
        ],
    )
    def test_leads_to_the_url_of_a_source_and_nowhere_else(self, url, expected):
        page = event_page(TWEETED, [Citation(url, "A"), BBC], [])
        assert f"1. [A]({expected})\n" in page
        assert len(hrefs(page)) == 3
        assert has_no_html(page)


class TestWithHeadline:
    def test_changes_that_line(self):
        assert with_headline(PAGE, "It landed.") == PAGE.replace("# Curiosity lands on Mars.", "# It landed.")

    def test_keeps_line_endings(self):
        assert with_headline(windows(PAGE), "It landed.") == windows(with_headline(PAGE, "It landed."))

    def test_passes_a_comment_in_the_front_matter(self):
        front = "---\n# an editor's note\nrelated_lock: true\n---\n"
        assert with_headline(front + PAGE, "It landed.") == front + with_headline(PAGE, "It landed.")

    def test_keeps_a_byte_order_mark(self):
        assert with_headline("\ufeff# Before\n", "After") == "\ufeff# After\n"

    def test_is_the_last_line_perhaps(self):
        assert with_headline("# Before", "After") == "# After"


class TestWithSources:
    def test_adds_those_that_are_missing_below_the_others(self):
        assert with_sources(PAGE, [BBC, NASA]) == PAGE.replace(
            "landing)\n", "landing)\n2. [BBC News](http://bbc.example/mars)\n"
        )

    def test_changes_nothing_where_none_is_missing(self):
        for text in (PAGE, PAGE.removesuffix("\n"), windows(PAGE)):
            assert with_sources(text, [NASA]) == text
            assert with_sources(text, []) == text

    def test_keeps_line_endings(self):
        assert with_sources(windows(PAGE), [BBC]) == windows(with_sources(PAGE, [BBC]))

    def test_begins_a_section_where_there_is_none(self):
        page = event_page(LANDING, [], LINKS)
        assert with_sources(page, [NASA]) == PAGE.replace("Mars.\n\n\n###", "Mars.\n\n###")

    def test_begins_it_below_a_description(self):
        assert with_sources("# Curiosity lands\n\nA rover.\n", [NASA]) == (
            "# Curiosity lands\n\nA rover.\n\n### Source:\n\n1. [NASA](http://nasa.example/landing)\n\n"
        )

    def test_begins_it_below_a_headline_that_ends_the_page(self):
        assert with_sources("# Curiosity lands", [NASA]) == (
            "# Curiosity lands\n\n### Source:\n\n1. [NASA](http://nasa.example/landing)\n\n"
        )


BEFORE = Event("news/2012/08/6/a-rover-lands-on-mars", LANDING.date, "A rover lands on Mars.")
FIRST = Event("news/2012/08/6/a-robot-lands", LANDING.date, "A robot lands.")
CHANGES = """\
### Changes:

1. [A rover lands on Mars.](/news/2012/08/6/a-rover-lands-on-mars.md) _(First version)_
2. [Curiosity lands on Mars.](/news/2012/08/6/curiosity-lands-on-mars.md) _(Current version)_

"""


class TestWithChange:
    def test_begins_a_section_above_the_related_events(self):
        assert with_change(PAGE, BEFORE, LANDING) == PAGE.replace("### Related:", f"{CHANGES}### Related:")

    def test_makes_the_older_slug_an_alias(self):
        assert parse_page(PATH, with_change(PAGE, BEFORE, LANDING)).aliases == (BEFORE.slug,)

    def test_begins_it_at_the_end_of_a_page_without_related_events(self):
        page = event_page(LANDING, [NASA], [])
        assert with_change(page, BEFORE, LANDING) == page + CHANGES
        assert with_change(page.rstrip("\n"), BEFORE, LANDING) == f"{page.rstrip()}\n\n{CHANGES}"

    def test_keeps_line_endings(self):
        assert with_change(windows(PAGE), BEFORE, LANDING) == windows(with_change(PAGE, BEFORE, LANDING))

    def test_goes_on_with_a_section(self):
        twice = with_change(with_change(PAGE, FIRST, BEFORE), BEFORE, LANDING)
        assert parse_page(PATH, twice).aliases == (FIRST.slug, BEFORE.slug)
        assert (
            "### Changes:\n\n"
            "1. [A robot lands.](/news/2012/08/6/a-robot-lands.md) _(First version)_\n"
            "2. [A rover lands on Mars.](/news/2012/08/6/a-rover-lands-on-mars.md)\n"
            "3. [Curiosity lands on Mars.](/news/2012/08/6/curiosity-lands-on-mars.md) _(Current version)_\n\n"
            "### Related:\n"
        ) in twice

    def test_goes_on_with_the_sites_own_section_wherever_it_stands(self):
        page = f"{PAGE}\n### Changes:\n\n1. [An item](/{path_of(FIRST.slug)}) _2018-02-06 13:49:16 (First version)_\n"
        changed = with_change(page, BEFORE, LANDING)
        assert changed.startswith(page)
        assert parse_page(PATH, changed).aliases == (FIRST.slug, BEFORE.slug)
        assert parse_page(PATH, changed).related == parse_page(PATH, page).related

    def test_keeps_the_lines_of_a_section_on_a_page_with_other_line_endings(self):
        twice = with_change(windows(with_change(PAGE, FIRST, BEFORE)), BEFORE, LANDING)
        assert twice == windows(with_change(with_change(PAGE, FIRST, BEFORE), BEFORE, LANDING))


def test_no_line_of_a_page_is_changed_but_those_of_the_source():
    """All changes at once on a page with everything, and the lines that are gone or new."""
    page = "\n".join(["---", "# x", "---", "A stray line.", PAGE, "A note below.", ""])
    changed = with_change(with_sources(with_headline(page, "It landed."), [BBC]), LANDING, THIRD)
    old, new = page.split("\n"), changed.split("\n")
    assert [line for line in old if line not in new] == ["# Curiosity lands on Mars."]
    added = [line for line in new if line not in old]
    assert [re.split(r"[\[(]", line)[0] for line in added] == ["# It landed.", "2. ", "### Changes:", "1. ", "2. "]
