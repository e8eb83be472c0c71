"""Day pages of an import as text: written so that no source breaks out, changed so that nothing else changes."""

from datetime import date

import pytest
from mars import LANDING, PATH, THIRD, TWEETED, has_no_html, hrefs, shown, windows

from recommender.day_page import parse_day_page
from recommender.events import DayItem, Event
from recommender.importing.compose_day import DayEntry, day_page, shows, with_entry
from recommender.slugs import path_of

DAY = """\
## [2012-08-6](/news/2012/08/6/index.md)

##### Mars Science
### [Curiosity lands on Mars.](/news/2012/08/6/curiosity-lands-on-mars.md)
_Context: Curiosity (rover), Mars_

### [The rover sends a picture.](/news/2012/08/6/the-rover-sends-a-picture.md)

## [Previous Day...](/news/2012/08/5/index.md)
"""


ENTRIES = [DayEntry(LANDING, ("Mars", "Curiosity (rover)")), DayEntry(TWEETED, ())]


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
