"""Wikitext: what the lines of a page are read as, what targets name, what templates leave."""

import re
from urllib.parse import urlsplit

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.portal.reader import read_lines
from recommender.portal.targets import article_title, host, sister_url, web_url
from recommender.portal.templates import template_text
from recommender.portal.wikitext import Anchor, Citation, Line, printed, without_quotes

targets = st.lists(
    st.sampled_from([" ", "_", ":", "#", "%", "%20", "%2520", "%00", "\u00a0", "fr", "n", "File", "é", "ß", "/"])
    | st.text(max_size=3),
    max_size=8,
).map("".join)


class TestLines:
    def test_keeps_the_order_of_words_links_and_sources(self):
        assert read_lines("**The [[ferry]] sinks. [http://a.example/1 (AP)] {{fact}}") == [
            Line(
                "**",
                ("The ", Anchor("Ferry", "ferry"), " sinks. ", Citation("http://a.example/1", "AP"), " "),
                ("template fact",),
            )
        ]

    def test_leaves_out_lines_on_which_nothing_stands(self):
        lines = read_lines("\n \n*\n{{Current events header|2012|10|29}}\n{|\n|-\n|}\n<!-- x -->\n<br>\nA\n")
        assert lines == [Line("", ("A",))]

    @pytest.mark.parametrize(
        ("wikitext", "marker"),
        [("*a", "*"), (":**a", ":**"), ("#a", "#"), (";a", ";"), ("=a=", "="), ("===a===", "="), (" *a", "")],
    )
    def test_tells_what_makes_a_line_an_item_or_a_heading(self, wikitext, marker):
        assert [line.marker for line in read_lines(wikitext)] == [marker]

    @pytest.mark.parametrize(
        ("wikitext", "bold"),
        [
            ("'''Disasters'''", True),
            (" '''[[Law]] and crime''' ", True),
            ("'''''Sport'''''", True),
            ("''Sport''", False),
            ("'''Died:''' Armstrong", False),
            ("'''Sandy''' and '''Athena'''", False),
            ("''''''", False),
            ("'''", False),
        ],
    )
    def test_tells_whether_all_of_a_line_is_bold(self, wikitext, bold):
        assert [line.bold for line in read_lines(wikitext)] == [bold]

    @given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=5))
    def test_plain_lines_are_read_as_they_are(self, texts):
        assert [printed(line.parts) for line in read_lines("\n".join(texts))] == texts


class TestTargets:
    @pytest.mark.parametrize(
        ("link", "title"),
        [
            ("syrian_Civil  war", "Syrian Civil war"),
            (" : Mars ", "Mars"),
            ("%C3%89vian", "Évian"),
            ("Aleppo#Battle_of 2012", "Aleppo#Battle of 2012"),
            ("Aleppo#", "Aleppo"),
            ("Star Wars: Episode I", "Star Wars: Episode I"),
            ("CSI: Miami", "CSI: Miami"),
            ("iPad", "IPad"),
            ("C#", "C"),
            ("#History", ""),
            ("", ""),
            (":", ""),
            ("File:A.jpg", ""),
            (":category:Law", ""),
            ("user talk:Jimbo", "User talk:Jimbo"),
            ("fr:Alep", ""),
            ("zh-yue:Alep", ""),
            ("n:Alep", ""),
            ("wikt:aleph", ""),
            ("A%7CB", ""),
            ("A<b>", ""),
            ("100%2541", ""),
        ],
    )
    def test_a_link_names_an_article_or_nothing(self, link, title):
        assert article_title(link) == title

    @given(targets)
    def test_the_title_of_a_title_is_itself(self, link):
        title = article_title(link)
        assert article_title(title) == title
        assert not re.search(r"[\n\r_]|^\s|\s$", title)

    @pytest.mark.parametrize(
        ("link", "url"),
        [
            ("n:Talks begin", "https://en.wikinews.org/wiki/Talks_begin"),
            (":Wikt: café", "https://en.wiktionary.org/wiki/caf%C3%A9"),
            ("fr:Alep", ""),
            ("n", "https://en.wikinews.org/wiki/"),
            ("Alep", ""),
        ],
    )
    def test_a_link_leads_to_a_sister_project_or_not(self, link, url):
        assert sister_url(link) == url

    @pytest.mark.parametrize(
        ("url", "address"),
        [
            ("http://a.example/1", "http://a.example/1"),
            ("HTTPS://A.example", "https://A.example"),
            ("//a.example", "https://a.example"),
            (" http://a.example/a b\n", "http://a.example/a%20b"),
            ("http://a.example/1|", "http://a.example/1"),
            ("http://", ""),
            ("//", ""),
            ("mailto:a@a.example", ""),
            ("ftp://a.example", ""),
            ("javascript:alert(1)//http://", ""),
            ("a.example", ""),
            ("", ""),
        ],
    )
    def test_an_address_is_of_the_web_or_nothing(self, url, address):
        assert web_url(url) == address

    @given(st.sampled_from(["http://", "HTTP://", "//", "https:", "mailto:", ""]), st.text(max_size=9))
    def test_an_address_is_its_own_address(self, scheme, rest):
        address = web_url(scheme + rest)
        assert web_url(address) == address
        assert not address or re.fullmatch(r"https?://\S+", address)

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("http://www.a.example/1", "a.example"),
            ("https://a.example:8080", "a.example"),
            ("http://[bad", "http://[bad"),
        ],
    )
    def test_the_host_of_an_address_is_its_name(self, url, name):
        assert host(url) == name

    @given(st.text(max_size=20))
    def test_any_address_has_a_name(self, rest):
        assert host(f"http://{rest}")


class TestSources:
    @pytest.mark.parametrize(
        ("written", "label", "aside"),
        [
            ("(BBC)", "BBC", True),
            ("''(Le Monde)''", "Le Monde", True),
            ("(''Le Monde'')", "Le Monde", True),
            ("(BBC),", "BBC", True),
            ("(BBC", "BBC", True),
            ("{BBC)", "BBC", True),
            ("[(BBC)", "BBC", True),
            ("(ABC (Spain))", "ABC (Spain)", True),
            ("(CNN) (BBC)", "(CNN) (BBC)", True),
            ("( )", "a.example", True),
            ("", "a.example", True),
            ("ABC (Spain)", "ABC (Spain)", False),
            ("BBC)", "BBC)", False),
            ("''report''", "report", False),
            ("| (NHK)", "NHK", True),
        ],
    )
    def test_a_label_loses_what_stands_around_it(self, written, label, aside):
        assert read_lines(f"[http://www.a.example/1 {written}]")[0].parts == (
            Citation("http://www.a.example/1", label, aside),
        )

    def test_the_address_of_a_bare_url_ends_before_the_sentence_does(self):
        assert list(read_lines("See http://a.example/1, (http://a.example/2).")[0].parts) == [
            "See ",
            Citation("http://a.example/1", "a.example"),
            ", (",
            Citation("http://a.example/2", "a.example"),
            ").",
        ]

    def test_a_url_that_no_one_can_split_is_its_own_label(self):
        (line,) = read_lines("[http://[bad (x)]")
        assert all(urlsplit(part.url) for part in line.parts if isinstance(part, Citation))


@pytest.mark.parametrize(
    ("template", "left"),
    [
        ("{{nowrap|US$8 billion}}", "US$8 billion"),
        ("{{ NoWrap |1= a }}", " a "),
        ("{{lang|fr|Le Monde}}", "Le Monde"),
        ("{{lang|fr}}", None),
        ("{{lang-nl|Vlaanderen}}", "Vlaanderen"),
        ("{{convert|30|ft|m}}", "30 ft"),
        ("{{convert|30}}", None),
        ("{{RMS|Queen Mary 2||2}}", "RMS Queen Mary 2"),
        ("{{OV|105}}", "105"),
        ("{{ill|Till Meyer|de}}", "[[Till Meyer]]"),
        ("{{nbsp}}", " "),
        ("{{Current events header|2012|10|29}}", ""),
        ("{{fact}}", None),
        ("{{nowrap|}}", None),
    ],
)
def test_a_template_leaves_words_or_is_not_known(template, left):
    text = template_text(mwparserfromhell.parse(template).filter_templates()[0])
    assert (text if text is None else str(text)) == left


@pytest.mark.parametrize(
    ("text", "plain"), [("''a'' '''b'''", "a b"), ("it's", "it's"), ("''a", "a"), ("'''''", ""), ("a'''s", "as")]
)
def test_quotes_of_italics_and_bold_can_be_taken_away(text, plain):
    assert without_quotes(text) == plain
