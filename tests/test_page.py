"""Event pages: what each form of a page says, and that a new list touches nothing but the list."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from worlds import REAL_PAGES, Case, read_cases

from recommender.errors import PageError
from recommender.events import Event, Page, RelatedLink
from recommender.items import render_item
from recommender.language import LANGUAGES, RELATED_WORDS
from recommender.page import parse_page, replace_related

BOM = "\ufeff"
EXPECTED = {
    *("text", "topic", "description", "language", "listed", "locked", "pinned", "excluded"),
    *("aliases", "related", "handwritten"),
}


def windows(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def marked(text: str) -> str:
    return BOM + text


FORMS = {"as written": str, "with CRLF": windows, "with a BOM": marked, "with both": lambda text: BOM + windows(text)}


def links_of(rows: list[list[str]]) -> tuple[RelatedLink, ...]:
    return tuple(RelatedLink(*row) for row in rows)


def path_of(case: Case) -> str:
    return case.sections["path"].strip()


def expected_page(case: Case) -> Page:
    said = case.data("expected")
    assert said.keys() <= EXPECTED, f"{case}: a word that no test reads"
    path = path_of(case)
    year, month, day = path.split("/")[-4:-1]
    return Page(
        Event(
            path.removesuffix(".md"),
            date(int(year), int(month), int(day)),
            said["text"],
            said.get("topic", ""),
            said.get("description", ""),
        ),
        related=links_of(said.get("related", [])),
        listed=said.get("listed", False),
        aliases=tuple(said.get("aliases", [])),
        language=said.get("language"),
        locked=said.get("locked", False),
        pinned=tuple(said.get("pinned", [])),
        excluded=tuple(said.get("excluded", [])),
    )


def is_bad(case: Case) -> bool:
    return case.sections["expected"].startswith("error:")


def ends_in_a_list(case: Case) -> bool:
    """Whether the list is the page's last section, as the site writes it, and nothing else stands in it."""
    page = expected_page(case)
    text = case.sections["page"]
    return page.listed and text.endswith(
        f"\n\n### {'有关' if page.language == 'zh' else 'Related'}:\n\n"
        + "".join(f"{item_line(number, link, page)}\n" for number, link in enumerate(page.related, start=1))
    )


def context_word(page: Page) -> str:
    return LANGUAGES[page.language or "en"].context[0]


def item_line(number: int, link: RelatedLink, page: Page) -> str:
    """The site's line, spelled out here once more so that it does not depend on the code."""
    word = "消息" if page.language == "zh" else "Context"
    return f"{number}. [{link.text}]({link.target})" + f" _{word}: {link.context}_" * bool(link.context)


CASES = read_cases("pages")
GOOD = [case for case in CASES if not is_bad(case)]
BAD = [case for case in CASES if is_bad(case)]
REPLACED = [case for case in GOOD if "links" in case.sections]
LIST_LAST = [case for case in GOOD if expected_page(case).related and ends_in_a_list(case)]

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
every_good_case = pytest.mark.parametrize("case", GOOD, ids=str)


class TestParsing:
    @every_form
    @every_good_case
    def test_reads_every_form_of_a_page(self, case, form):
        assert parse_page(path_of(case), form(case.sections["page"])) == expected_page(case)

    @every_form
    @pytest.mark.parametrize("case", BAD, ids=str)
    def test_refuses_a_bad_page_with_its_path_and_a_reason(self, case, form):
        with pytest.raises(PageError) as caught:
            parse_page(path_of(case), form(case.sections["page"]))
        assert case.data("expected")["error"] in str(caught.value)
        assert caught.value.path == path_of(case)

    def test_refuses_front_matter_that_is_nested_without_end(self):
        with pytest.raises(PageError, match="front matter"):
            parse_page("news/2012/10/29/sandy.md", f"---\nrelated: {'[' * 5000}\n---\n# Sandy\n")

    def test_keeps_the_whole_path_above_the_year_in_the_slug(self):
        page = parse_page("mirror/news/2012/10/29/sandy.md", "# Sandy\n")
        assert (page.event.slug, page.event.date) == ("mirror/news/2012/10/29/sandy", date(2012, 10, 29))

    def test_reads_a_headline_of_a_megabyte(self):
        headline = "Sandy reaches New Jersey. " * 40_000
        assert parse_page("news/2012/10/29/sandy.md", f"# {headline}\n").event.text == headline


class TestReplacing:
    @every_form
    @pytest.mark.parametrize("case", REPLACED, ids=str)
    def test_writes_the_page_that_the_case_shows(self, case, form):
        replaced = replace_related(form(case.sections["page"]), links_of(case.data("links")))
        assert replaced == form(case.sections["replaced"])

    @every_form
    @every_good_case
    def test_a_list_by_itself_changes_no_byte(self, case, form):
        text = form(case.sections["page"])
        assert replace_related(text, expected_page(case).related) == text

    @every_form
    @pytest.mark.parametrize("case", LIST_LAST, ids=str)
    def test_a_list_taken_away_and_put_back_where_it_was_last_changes_no_byte(self, case, form):
        text, page = form(case.sections["page"]), expected_page(case)
        without = replace_related(text, ())
        assert not parse_page(path_of(case), without).listed
        assert replace_related(without, page.related, language=page.language) == text

    def test_most_cases_end_in_a_list(self):
        assert len(LIST_LAST) >= 10

    @every_good_case
    def test_taking_away_and_putting_back_again_and_again_does_not_grow_the_page(self, case):
        links = (RelatedLink("A", "/news/1899/01/1/a.md"), RelatedLink("B", "/news/1899/01/2/b.md"))

        def there_and_back(text: str) -> str:
            return replace_related(replace_related(text, ()), links)

        settled = there_and_back(there_and_back(case.sections["page"]))
        assert there_and_back(settled) == settled

    @every_form
    @every_good_case
    def test_no_links_leave_no_items(self, case, form):
        without = replace_related(form(case.sections["page"]), ())
        assert parse_page(path_of(case), without).related == ()

    def test_a_line_that_does_not_end_is_ended_before_a_section_is_added(self):
        replaced = replace_related("# Sandy", [RelatedLink("A", "/news/1899/01/1/a.md")])
        assert replaced == "# Sandy\n\n### Related:\n\n1. [A](/news/1899/01/1/a.md)\n"

    def test_no_links_leave_a_page_without_a_section_as_it_is(self):
        assert replace_related("# Sandy\n\nNo list.", ()) == "# Sandy\n\nNo list."

    def test_the_heading_stays_while_a_persons_paragraph_stands_below_it(self):
        text = "# Sandy\n\n### Related:\n\n1. [A](/news/1899/01/1/a.md)\n\nA person's paragraph.\n"
        without = replace_related(text, ())
        assert without.startswith("# Sandy\n\n### Related:\n")
        assert without.endswith("\n\nA person's paragraph.\n")
        assert "news/1899" not in without

    @pytest.mark.parametrize(("language", "heading"), [(None, "Related"), ("en", "Related"), ("zh", "有关")])
    def test_a_page_that_tells_no_language_gets_the_callers(self, language, heading):
        replaced = replace_related("# 1\n", [RelatedLink("2", "/news/1899/01/2/2.md", "3")], language=language)
        assert f"\n### {heading}:\n" in replaced

    def test_a_page_that_tells_its_language_keeps_it(self):
        text = "# 1\n\n### 信息来源:\n\n1. [2](https://2.example)\n"
        replaced = replace_related(text, [RelatedLink("3", "/zh/news/1899/01/3/3.md", "4")], language="en")
        assert replaced == text + "\n### 有关:\n\n1. [3](/zh/news/1899/01/3/3.md) _消息: 4_\n"

    def test_an_item_that_only_moves_up_is_written_anew_with_its_new_number(self):
        one, two = RelatedLink("A", "/news/1899/01/1/a.md", "X"), RelatedLink("B", "/news/1899/01/2/b.md", "Y")
        text = replace_related("# Sandy\n", [one, two])
        assert replace_related(text, [two]) == replace_related("# Sandy\n", [two])

    @every_good_case
    def test_paragraphs_outside_the_list_stay_paragraphs_outside_it(self, case):
        text = case.sections["page"]
        links = [RelatedLink(f"Item {i}", f"/news/1899/01/{i}/item.md", "Label") for i in range(1, 9)]
        for count in (1, len(links)):
            assert paragraphs(replace_related(text, links[:count])) == paragraphs(text)

    @every_good_case
    def test_all_new_items_are_items_of_a_markdown_list(self, case):
        links = [RelatedLink(f"Item {i}", f"/news/1899/01/{i}/item.md", "Label") for i in range(1, 9)]
        assert [url for url in list_links(replace_related(case.sections["page"], links)) if "/1899/" in url] == [
            link.target for link in links
        ]


class TestRendering:
    @pytest.mark.parametrize("case", [case for case in GOOD if not case.data("expected").get("handwritten")], ids=str)
    def test_a_parsed_item_rendered_again_is_its_line(self, case):
        page = parse_page(path_of(case), case.sections["page"])
        lines = [line.rstrip("\r") for line in case.sections["page"].split("\n")]
        for number, link in enumerate(page.related, start=1):
            word = context_word(page)
            assert {render_item(number, link, word), render_item(1, link, word)} & set(lines)

    @pytest.mark.parametrize(
        ("word", "context", "line"),
        [
            ("Context", "New York, Sandy", "7. [Sandy](/news/2012/10/29/sandy.md) _Context: New York, Sandy_"),
            ("消息", "纽约", "7. [Sandy](/news/2012/10/29/sandy.md) _消息: 纽约_"),
            ("Context", "", "7. [Sandy](/news/2012/10/29/sandy.md)"),
        ],
    )
    def test_writes_the_archives_form(self, word, context, line):
        assert render_item(7, RelatedLink("Sandy", "/news/2012/10/29/sandy.md", context), word) == line


def visible(*excluded: str) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\n\r" + "".join(excluded))
    return st.text(characters, max_size=20)


# A context is one string of labels: no blank around it, and no end of a link in it.
contexts = visible("[", "]").filter(lambda context: context == context.strip())
targets = st.builds(
    "{}news/{}/{:02}/{}/{}.md".format,
    st.sampled_from(["/", "/zh/", ""]),
    st.integers(1800, 1899),
    st.integers(1, 12),
    st.integers(1, 31),
    st.from_regex(r"[a-z\d\u4e00-\u4e20-]{1,12}", fullmatch=True).filter(lambda name: name != "index"),
)
links = st.lists(st.builds(RelatedLink, visible(), targets, contexts), max_size=12)
cases = st.sampled_from(GOOD)
forms = st.sampled_from(list(FORMS.values()))


class TestLaws:
    """For every page and every list; targets are of the 19th century, which no case knows."""

    @settings(deadline=None)
    @given(cases, forms, links)
    def test_the_new_list_is_read_again_and_nothing_else_has_changed(self, case, form, links):
        replaced = parse_page(path_of(case), replace_related(form(case.sections["page"]), links))
        before = expected_page(case)
        assert replaced.related == tuple(links)
        assert replace(replaced, related=before.related, listed=before.listed, language=before.language) == before

    @settings(deadline=None)
    @given(cases, forms, links)
    def test_running_twice_changes_nothing(self, case, form, links):
        once = replace_related(form(case.sections["page"]), links)
        assert replace_related(once, links) == once

    @settings(deadline=None)
    @given(cases, links)
    def test_line_endings_are_those_of_the_page(self, case, links):
        text = case.sections["page"]
        assert replace_related(windows(text), links) == windows(replace_related(text, links))

    @settings(deadline=None)
    @given(cases, links, links)
    def test_lists_in_between_leave_no_trace(self, case, between, links):
        assume(expected_page(case).related and between and links)
        text = case.sections["page"]
        detour = replace_related(replace_related(text, between), links)
        assert parse_page(path_of(case), detour).related == tuple(links)
        assert others(case, detour) == others(case, text)

    @settings(deadline=None)
    @given(cases, links)
    def test_every_other_line_stays_in_its_order(self, case, links):
        text = case.sections["page"]
        assert others(case, replace_related(text, links)) == others(case, text)


def others(case: Case, text: str) -> list[str]:
    """Lines that are neither blank, nor the section's heading, nor an item of the old list or a new one."""
    old = {f"]({link.target})" for link in expected_page(case).related}
    kept = []
    for line in text.split("\n"):
        heading = line.startswith("### ") and line[4:].rstrip(":：\r") in RELATED_WORDS
        new = "news/18" in line
        if line.strip() and not heading and not new and not any(target in line for target in old):
            kept.append(line)
    return kept


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a page that stand in no list, as a Markdown reader sees them."""
    tokens = MarkdownIt().parse(text)
    pairs = pairwise(tokens)
    return [inline.content for token, inline in pairs if token.type == "paragraph_open" and token.level == 0]


def list_links(text: str) -> list[str]:
    """Where the links lead with which list items begin, as a Markdown reader sees them."""
    inlines = [token for token in MarkdownIt().parse(text) if token.type == "inline" and token.level > 2]
    first = [token.children[0] for token in inlines if token.children]
    return [str(child.attrs["href"]) for child in first if child.type == "link_open"]


def real_paths() -> list[str]:
    pages = (page for page in REAL_PAGES.rglob("*.md") if page.name not in {"index.md", "README.md"})
    return sorted(page.relative_to(REAL_PAGES).as_posix() for page in pages)


@pytest.fixture(params=real_paths() or [""], ids=lambda path: path[5:40])
def real(request) -> tuple[str, str]:
    """Path and text of each page that the site itself published."""
    return request.param, (REAL_PAGES / request.param).read_bytes().decode()


@pytest.mark.realdata
@pytest.mark.skipif(not real_paths(), reason=f"there are no third-party pages at {REAL_PAGES}")
class TestRealPages:
    def test_a_list_by_itself_changes_no_byte(self, real):
        path, text = real
        for form in FORMS.values():
            assert replace_related(form(text), parse_page(path, form(text)).related) == form(text)

    def test_every_line_of_the_list_is_an_item_that_renders_to_itself(self, real):
        path, text = real
        page = parse_page(path, text)
        _, _, rest = text.partition("### Related:\n")
        lines = rest.partition("\n#")[0].strip().split("\n") if rest else []
        assert [
            render_item(int(line.split(".")[0]), link, context_word(page))
            for line, link in zip(lines, page.related, strict=True)
        ] == lines

    def test_a_list_taken_away_and_put_back_where_it_was_last_changes_no_byte(self, real):
        path, text = real
        page = parse_page(path, text)
        _, _, rest = text.partition("### Related:\n")
        without = replace_related(text, ())
        assert parse_page(path, without).related == ()
        if "\n### " not in rest:
            assert replace_related(without, page.related) == text

    def test_a_new_list_is_read_again(self, real):
        path, text = real
        links = [RelatedLink(f"Item {i}", f"/news/1899/01/{i}/item.md", "Label") for i in range(1, 13)]
        assert parse_page(path, replace_related(text, links)).related == tuple(links)
