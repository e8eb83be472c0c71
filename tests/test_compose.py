"""Pages of an import as text: written so that no source breaks out, changed so that nothing else of a page changes."""

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from recommender.day_page import parse_day_page
from recommender.events import DayItem, Event
from recommender.importing.compose import event_page, headline_of, with_change, with_headline, with_sources
from recommender.importing.compose_day import DayEntry, day_page, shows, with_entry
from recommender.links import link_to
from recommender.page import parse_page
from recommender.portal.wikitext import Citation
from recommender.slugs import path_of

LANDING = Event("news/2012/08/6/curiosity-lands-on-mars", date(2012, 8, 6), "Curiosity lands on Mars.", "Mars Science")
TWEETED = Event("news/2012/08/6/the-rover-sends-a-picture", date(2012, 8, 6), "The rover sends a picture.")
PATH = path_of(LANDING.slug)
NASA = Citation("http://nasa.example/landing", "NASA")
BBC = Citation("http://bbc.example/mars", "BBC News")
LINKS = [link_to(f"/{path_of(TWEETED.slug)}", TWEETED.text, ["Mars", "Curiosity (rover)"])]
COMMONMARK = MarkdownIt("commonmark")

PAGE = """\
### [2012-08-6](/news/2012/08/6/index.md)

##### Mars Science
# Curiosity lands on Mars.


### Source:

1. [NASA](http://nasa.example/landing)

### Related:

1. [The rover sends a picture.](/news/2012/08/6/the-rover-sends-a-picture.md) _Context: Curiosity (rover), Mars_
"""


def tokens_of(text: str) -> list[Token]:
    """All tokens of a page, those within lines too."""
    return [inner for token in COMMONMARK.parse(text) for inner in (token, *(token.children or ()))]


def hrefs(text: str) -> list[str]:
    """Where the links of a page lead, in order."""
    return [token.attrs["href"] for token in tokens_of(text) if token.type == "link_open"]


def shown(text: str) -> str:
    """The text of a page as readers see it."""
    return "".join(token.content for token in tokens_of(text) if token.type == "text")


def has_no_html(text: str) -> bool:
    kinds = {token.type for token in tokens_of(text)}
    return not kinds & {"html_block", "html_inline", "code_inline", "image", "fence", "code_block"}


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


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


DAY = """\
## [2012-08-6](/news/2012/08/6/index.md)

##### Mars Science
### [Curiosity lands on Mars.](/news/2012/08/6/curiosity-lands-on-mars.md)
_Context: Curiosity (rover), Mars_

### [The rover sends a picture.](/news/2012/08/6/the-rover-sends-a-picture.md)

## [Previous Day...](/news/2012/08/5/index.md)
"""
ENTRIES = [DayEntry(LANDING, ("Mars", "Curiosity (rover)")), DayEntry(TWEETED, ())]
THIRD = Event("news/2012/08/6/a-third-thing", LANDING.date, "A third thing.")


def day_of(*entries: DayEntry) -> str:
    text, above = day_page(LANDING.date, "news"), ""
    for entry in entries:
        text, above = with_entry(text, entry, after=above), entry.event.slug
    return text


class TestDayPage:
    def test_is_what_the_site_would_have_written(self):
        assert day_of(*ENTRIES) == DAY

    def test_leads_to_the_day_before_over_the_turn_of_the_year(self):
        assert "(/news/2012/12/31/index.md)" in day_page(date(2013, 1, 1), "news")

    def test_has_events_with_all_labels(self):
        assert parse_day_page(DAY) == [
            DayItem(f"/{PATH}", "Curiosity (rover), Mars"),
            DayItem(f"/{path_of(TWEETED.slug)}", ""),
        ]

    def test_escapes_labels(self):
        day = day_of(DayEntry(LANDING, ("A_b*", "[x](http://evil.example)", "<script>")))
        assert hrefs(day) == ["/news/2012/08/6/index.md", f"/{PATH}", "/news/2012/08/5/index.md"]
        assert has_no_html(day)
        assert "Context: <script>, A_b*, [x](http://evil.example)" in shown(day)

    @pytest.mark.parametrize(
        ("after", "below"), [(LANDING.slug, 0), (TWEETED.slug, 1), ("", -1), ("news/2012/08/6/unknown", 1)]
    )
    def test_gets_a_new_event_first_or_below_another_or_last(self, after, below):
        items = parse_day_page(with_entry(DAY, DayEntry(THIRD, ()), after=after))
        order = [LANDING.slug, TWEETED.slug]
        order.insert(below + 1, THIRD.slug)
        assert [item.target for item in items] == [f"/{path_of(slug)}" for slug in order]

    def test_shows_an_event_once(self):
        for entry in ENTRIES:
            assert with_entry(DAY, entry) == DAY

    def test_has_the_new_words_of_an_event_in_the_place_of_the_old_ones(self):
        other = Event(LANDING.slug, LANDING.date, "It landed.", "Another topic")
        assert with_entry(DAY, DayEntry(other, ("Mars",))) == DAY.replace(
            "Curiosity lands on Mars.]", "It landed.]"
        ).replace("Curiosity (rover), ", "")

    def test_has_an_event_that_has_moved_in_its_old_place(self):
        moved = Event(THIRD.slug, THIRD.date, THIRD.text)
        changed = with_entry(DAY, DayEntry(moved, ()), after=TWEETED.slug, older=["news/2012/08/6/x", LANDING.slug])
        assert [item.target for item in parse_day_page(changed)] == [
            f"/{path_of(s)}" for s in (THIRD.slug, TWEETED.slug)
        ]

    def test_keeps_what_a_person_has_written(self):
        day = DAY.replace("Mars_\n", "Mars_\nSeven minutes of terror.\n").replace("\n## [P", "A note.\n\n## [P")
        changed = with_entry(day, DayEntry(LANDING, ("Mars",)))
        assert changed == day.replace("Curiosity (rover), ", "")
        changed = with_entry(day, DayEntry(THIRD, ()), after=TWEETED.slug)
        assert changed == day.replace("A note.\n\n", f"A note.\n\n### [A third thing.](/{path_of(THIRD.slug)})\n\n")

    def test_keeps_line_endings(self):
        for entry in (DayEntry(THIRD, ("A",)), DayEntry(LANDING, ("A",)), ENTRIES[0]):
            assert with_entry(windows(DAY), entry) == windows(with_entry(DAY, entry))

    def test_may_begin_with_other_lines_and_end_without_a_link_to_the_day_before(self):
        """As many of the site's own do."""
        above = "\nFormats: [HTML](2012/08/6/index.html)\n\n## [2012-08-6](/news/2012/08/6/index.md)\n"
        assert with_entry(above, DayEntry(THIRD, ())) == f"{above}\n### [A third thing.](/{path_of(THIRD.slug)})\n\n"
        assert with_entry("Nothing yet", DayEntry(THIRD, ())).startswith("Nothing yet\n\n### [A third thing.]")

    def test_knows_what_it_shows(self):
        assert shows(DAY, [LANDING.slug])
        assert shows(DAY, ["news/2012/08/6/x", LANDING.slug])
        assert shows(DAY.replace("(/news", "(/en/news"), [LANDING.slug])
        assert not shows(DAY, [THIRD.slug])
        assert not shows(DAY, [])

    @pytest.mark.parametrize("name", ["lands", "mars", "curiosity-lands"])
    def test_does_not_take_a_part_of_a_slug_for_it(self, name):
        assert not shows(DAY, [f"news/2012/08/6/{name}"])


def test_no_line_of_a_page_is_changed_but_those_of_the_source():
    """All changes at once on a page with everything, and the lines that are gone or new."""
    page = "\n".join(["---", "# x", "---", "A stray line.", PAGE, "A note below.", ""])
    changed = with_change(with_sources(with_headline(page, "It landed."), [BBC]), LANDING, THIRD)
    old, new = page.split("\n"), changed.split("\n")
    assert [line for line in old if line not in new] == ["# Curiosity lands on Mars."]
    added = [line for line in new if line not in old]
    assert [re.split(r"[\[(]", line)[0] for line in added] == ["# It landed.", "2. ", "### Changes:", "1. ", "2. "]
