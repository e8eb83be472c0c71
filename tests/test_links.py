"""Links of our own making, read by a CommonMark parser and by our own: no headline and no label breaks out."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from recommender.events import RelatedLink
from recommender.items import render_item
from recommender.language import LANGUAGES
from recommender.links import context_label, link_text, link_to
from recommender.page import parse_page

TARGET = "/news/2013/02/7/a-large-parade.md"
COMMONMARK = MarkdownIt("commonmark")

MARKUP = [*"\\[]()<>`*_!&#:;|~\"'{}^=+-", "](", "][", "![", "]:", "[x](y)", "<b>", "<http://a.b>", "`` ", "&amp;", "**"]
WORDS = ["a", "Z", "7", " ", "  ", "é", "火", "’", "🜁", "d.", "1. ", "- ", "Context: ", "_Context: x_", ", "]
pieces = st.sampled_from(MARKUP) | st.sampled_from(WORDS) | st.characters(exclude_categories=["C", "Zl", "Zp"])
headlines = st.lists(pieces, min_size=1, max_size=12).map("".join).filter(str.strip)
"""What a page can print after `# `: any characters of one line."""
labels = st.lists(headlines.map(str.strip), unique=True, max_size=4)
"""What an archive's Context lines can be cut into."""


def item_of(line: str) -> list[Token]:
    """The inline tokens of a line that is a list of one item of one paragraph."""
    tokens = COMMONMARK.parse(line)
    kinds = ["ordered_list_open", "list_item_open", "paragraph_open", "inline"]
    kinds += ["paragraph_close", "list_item_close", "ordered_list_close"]
    assert [token.type for token in tokens] == kinds
    return tokens[3].children


def parts(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """What stands in the link and in the emphasis of an item that has nothing else; anything else is an error."""
    kinds = [token.type for token in tokens]
    assert kinds[0] == "link_open"
    assert tokens[0].attrs["href"] == TARGET
    end = kinds.index("link_close")
    if end + 1 == len(tokens):
        return tokens[1:end], []
    assert (kinds[end + 1], tokens[end + 1].content, kinds[end + 2], kinds[-1]) == ("text", " ", "em_open", "em_close")
    return tokens[1:end], tokens[end + 3 : -1]


def plain(tokens: list[Token]) -> str:
    """The text of tokens that are nothing but text."""
    assert {token.type for token in tokens} <= {"text"}
    return "".join(token.content for token in tokens)


def is_one_link(link: RelatedLink) -> bool:
    """Whether an item that we did not make is one link as it stands."""
    tokens = item_of(render_item(1, RelatedLink(link.text, link.target), "Context"))
    targets = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    return targets == [link.target]


STRESSED = {"text", "em_open", "em_close", "strong_open", "strong_close"}
any_item = given(headlines, labels, st.sampled_from(sorted(LANGUAGES)), st.integers(1, 50))


class TestAnyHeadline:
    @settings(max_examples=300, deadline=None)
    @any_item
    @example("Bang [sic](http://a.b) ![x](y)", ["A [B](c)"], "en", 1)
    @example("ends in a backslash \\", ["ends_in_one \\"], "en", 2)
    @example(" `rm -rf` <script>alert(1)</script> ", ["`x`", "<b>"], "zh", 3)
    @example("a] b [c", ["_a_", "*b*"], "en", 10)
    def test_is_one_link_without_image_code_and_html_and_the_labels_are_plain(self, headline, labels, language, number):
        word = LANGUAGES[language].context[0]
        inside, emphasised = parts(item_of(render_item(number, link_to(TARGET, headline, labels), word)))
        assert {token.type for token in inside} <= STRESSED
        if not labels:
            assert emphasised == []
        elif not any("&" in label for label in labels):
            assert plain(emphasised) == f"{word}: {', '.join(sorted(labels))}"

    @settings(max_examples=300, deadline=None)
    @any_item
    @example("Bang](/news/2013/02/8/x.md) _Context: a_", [], "en", 1)
    @example("x", ["a](/news/2013/02/8/x.md)", "b"], "en", 1)
    def test_comes_back_from_the_page_as_the_same_link(self, headline, labels, language, number):
        link = link_to(TARGET, headline, labels)
        heading, word = LANGUAGES[language].related[0], LANGUAGES[language].context[0]
        text = f"# A headline\n\n### {heading}:\n\n{render_item(number, link, word)}\n"
        assert parse_page("news/2013/02/8/x.md", text).related == (link,)

    @given(headlines)
    def test_is_escaped_with_backslashes_only(self, headline):
        """So that whoever reads the source still reads the headline."""
        written = link_text(headline)
        assert written == headline or re.sub(r"\\([^\w\s]|_)", r"\1", written) == headline


SAFE = [
    "Azerspace-1 is launched",
    " A leading blank and one behind ",
    "A word [sic] in brackets",
    "[Brackets] at [both [deep] ends]",
    "Quotes \"double\" and 'single' and ''wiki''",
    "Johnson & Johnson (J&J), AT&T, S&P 500!",
    "Parentheses (of any kind) )(",
    "Sagittarius A* is found, and A* again",
    "Names with_underscores_inside",
    "1. A number; 50 % of #all, ~5 + 3 = 8 | {x}^2",
    "火山喷发：[美国]",
]
UNSAFE = {
    "a ] b": r"a \] b",
    "a [ b": r"a \[ b",
    "[a](b)": r"\[a\](b)",
    "[a][b]": r"\[a\]\[b\]",
    "[a]: b": r"\[a\]: b",
    "]a[": r"\]a\[",
    "a < b": r"a \< b",
    "<b>": r"\<b\>",
    "`a`": r"\`a\`",
    "a\\": r"a\\",
    r"a\]": r"a\\\]",
}


class TestLinkText:
    @pytest.mark.parametrize("headline", SAFE)
    def test_of_a_safe_headline_is_the_headline(self, headline):
        assert link_text(headline) == headline
        inside, _ = parts(item_of(render_item(1, link_to(TARGET, headline, []), "Context")))
        assert plain(inside) == headline

    @pytest.mark.parametrize(("headline", "expected"), UNSAFE.items())
    def test_of_an_unsafe_one_is_escaped(self, headline, expected):
        assert link_text(headline) == expected

    @pytest.mark.realdata
    def test_of_real_lists_is_what_the_site_printed(self, real_data):
        """Wherever a real item is well-formed Markdown, we would print it to the letter."""
        items = [
            link
            for path in sorted(real_data.glob("real-pages/news/**/*.md"))
            if path.name not in ("index.md", "README.md")
            for link in parse_page(str(path.relative_to(real_data / "real-pages")), path.read_text("utf-8")).related
        ]
        assert len(items) > 300
        changed = [link.text for link in items if link_text(link.text) != link.text and is_one_link(link)]
        assert changed == []


class TestContext:
    def test_has_the_labels_in_order_of_their_characters(self):
        assert link_to(TARGET, "x", ["b", "B", "Österreich", "a, b"]) == RelatedLink(
            "x", TARGET, "B, a, b, b, Österreich"
        )

    def test_is_nothing_without_labels(self):
        assert link_to(TARGET, "x", []).context == ""

    @pytest.mark.parametrize(
        "label", ["Washington, D.C.", "Côte d'Ivoire", "AC/DC (band)", "S&P 500", "#MeToo", "Who?"]
    )
    def test_keeps_a_plain_label(self, label):
        assert context_label(label) == label

    @pytest.mark.parametrize(
        ("label", "expected"),
        [("snake_case", r"snake\_case"), ("A*", r"A\*"), ("[x]", r"\[x\]"), ("a`<b>\\", r"a\`\<b\>\\")],
    )
    def test_escapes_what_could_end_it(self, label, expected):
        assert context_label(label) == expected
