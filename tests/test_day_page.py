"""Day pages: which events each form of them shows, and with which labels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import REAL_PAGES, day_item, day_text, read_cases

from recommender.day_page import parse_day_page
from recommender.events import DayItem
from recommender.slugs import split_target

CASES = read_cases("days")
FORMS = {
    "as written": str,
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with a BOM": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads_every_form_of_a_day_page(case, form):
    assert parse_day_page(form(case.sections["page"])) == [DayItem(*item) for item in case.data("expected")]


labels = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=12)
items = st.lists(
    st.builds(day_item, st.dates().map(str), st.from_regex(r"[a-z]{1,9}", fullmatch=True), labels | st.just("")),
    max_size=6,
)


@settings(deadline=None)
@given(items)
def test_reads_back_what_a_day_page_was_written_from(written):
    assert parse_day_page(day_text(written)) == written


@pytest.mark.realdata
@pytest.mark.skipif(not REAL_PAGES.is_dir(), reason=f"there are no third-party pages at {REAL_PAGES}")
@pytest.mark.parametrize("day", ["2013/02/7/README.md", "2014/03/8/index.md"])
def test_real_day_pages_show_an_event_under_each_heading_that_names_one(day):
    text = (REAL_PAGES / "news" / day).read_text(encoding="utf-8")
    read = parse_day_page(text)
    assert len(read) == text.count("\n### [") > 0
    assert all(split_target(item.target) for item in read)
    assert [item.context for item in read if item.context] == [
        line[len("_Context: ") : -1] for line in text.split("\n") if line.startswith("_Context: ")
    ]
