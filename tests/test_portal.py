"""Days of the portal: which events, headings and sources each form of its wikitext gives, and that nothing is lost.

A case shows what is read as lines of their own: an event between `«` and `»` and, below it, its links, the headings
above it, whether an earlier event stands below the same bullet, and its sources; then whatever was passed over.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import read_cases

from recommender.portal.day import PortalDay, PortalEvent, read_day
from recommender.portal.wikitext import Anchor

CASES = read_cases("portal")
DAY = date(2012, 10, 29)

_ESCAPED = re.compile(r"\\(?:x(..)|u(....))")
"""What a case writes for characters that nobody sees."""

FORMS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "with CRLF": lambda text: text.replace("\n", "\r\n"),
    "with CR": lambda text: text.replace("\n", "\r"),
    "without a final newline": lambda text: text.removesuffix("\n"),
}


def seen(text: str) -> str:
    """The text between signs that show where it begins and ends, what nobody sees in it escaped."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text)
    return f"«{shown}»"


def shown_links(links: tuple[Anchor, ...]) -> str:
    """Targets, and the printed text where it is another."""
    return ", ".join(link.target + f" {seen(link.text)}" * (link.text != link.target) for link in links)


def shown_event(event: PortalEvent) -> Iterator[str]:
    yield seen(event.text)
    if event.links:
        yield f"  links {shown_links(event.links)}"
    for heading in event.headings:
        links = f": {shown_links(heading.links)}" * bool(heading.links)
        yield f"  under {'bare ' * heading.bare}{seen(heading.text)}{links}"
    if event.later:
        yield "  later"
    for source in event.sources:
        yield f"  source {source.label} {source.url}{'' if source.aside else ' in the sentence'}"


def shown(day: PortalDay) -> str:
    """What was read of a day, as cases write it."""
    events = chain.from_iterable(map(shown_event, day.events))
    return "".join(f"{line}\n" for line in [*events, *(f"skipped {s.cause} {seen(s.text)}" for s in day.skipped)])


def wikitext_of(written: str) -> str:
    """The wikitext of a case."""
    return _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), written)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("case", CASES, ids=str)
def test_reads_every_form_of_a_day(case, form):
    assert shown(read_day(DAY, form(wikitext_of(case.sections["wikitext"])))) == case.sections["expected"]


def test_what_was_passed_over_is_shown_by_its_beginning():
    day = read_day(DAY, f"* Sandy{{{{fact}}}} reaches {'New Jersey ' * 20}.")
    assert [(len(one.text), one.text[:14], one.text[-1]) for one in day.skipped] == [(80, "* Sandy reache", "…")]


@pytest.mark.parametrize(
    "piece",
    [
        "Sandy reaches New Jersey. ",
        "[[Hurricane Sandy|Sandy]] reaches New Jersey. ",
        "It rains. [http://a.example/1 (AP)], ",
        "It rains. [http://a.example/1 report] ",
        "Wet{{fact}} ",
        "[http://a.example/1 (AP) ",
        "[[Snow] ",
        "''Athena'' &amp; ",
        "[",
        "(",
        "'",
    ],
)
def test_reads_a_megabyte_on_one_line(piece):
    """Seconds; what grows with the square of a line's length would take hours."""
    wikitext = f"* Day{piece * (1_000_000 // len(piece))}"
    assert len(read_day(DAY, wikitext).events) == 1


# Texts that are more often markup than by chance.
MARKUP = (
    "* ** *** # : ; = == ' '' ''' [ [[ ] ]] | { {{ }} {| |} |- ! < > <ref> </ref> <b> </b> <br> <nowiki> <!-- --> "
    "http:// https://a.example/1 mailto:a@a.example // ( ) . , & &nbsp; &#10; &#xD800; &amp; %41 % # _ n: fr: File: "
    "Category: Sandy cite|url= nowrap| USS| fact convert|1|"
)
blanks = st.sampled_from(["\n", "\n* ", "\n** ", " ", "\r\n", "\r", "\0", "\u2028", "\x85", "\ufeff"])
pieces = st.sampled_from(MARKUP.split()) | blanks | st.text(max_size=3)
markup = st.lists(pieces, max_size=40).map("".join)
words = st.from_regex(r"[a-z]{3,5}", fullmatch=True)


@st.composite
def pages(draw) -> tuple[str, set[str]]:
    """A page of lines of every kind, and the words of it that a reader sees: each is there only once."""
    count = 0

    def word() -> str:
        nonlocal count
        count += 1
        return f"{draw(words)}{count}x"

    forms: list[Callable[[], str]] = [
        word,
        lambda: f"{word()}.",
        lambda: f"[[{word()}]]",
        lambda: f"[[Target|{word()}]]",
        lambda: f"[[fr:{word()}]]",
        lambda: f"''{word()}''",
        lambda: f"[http://a.example/1 ({word()})]",
        lambda: f"[https://a.example/1 {word()}]",
        lambda: f"<ref>[http://a.example/1 {word()}]</ref>",
        lambda: f"{{{{nowrap|{word()}}}}}",
        lambda: "{{fact}}",
        lambda: "<!-- no -->",
        lambda: "&ndash;",
    ]
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        marker = draw(st.sampled_from(["*", "**", "***", ":*", "#", "", "* ", "** "]))
        lines.append(marker + " ".join(draw(st.sampled_from(forms))() for _ in range(draw(st.integers(0, 4)))))
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from([";Sport", "'''Law'''", "== Science ==", "", "----"])))
    page = "\n".join(lines)
    return page, set(re.findall(r"[a-z]{3,5}\d+x", page))


class TestLaws:
    """For every text."""

    @settings(deadline=None)
    @given(markup | st.text())
    def test_reading_never_fails_and_says_the_same_again(self, text):
        assert read_day(DAY, text) == read_day(DAY, text)

    @settings(deadline=None)
    @given(markup)
    def test_what_is_read_is_one_line_of_text_and_addresses_of_the_web(self, text):
        day = read_day(DAY, text)
        for event in day.events:
            anchors = chain(event.links, *(heading.links for heading in event.headings))
            printed = [
                event.text,
                *(anchor.target for anchor in anchors),
                *(heading.text for heading in event.headings),
            ]
            assert not any(set("\n\r\0") & set(line) for line in printed)
            assert "\n".join(printed).encode()
            assert all(re.fullmatch(r"https?://\S+", source.url) for source in event.sources)
            assert all(source.label for source in event.sources)
            assert event.date == DAY
            assert re.search(r"\w", event.text)

    @settings(deadline=None)
    @given(pages())
    def test_no_word_is_lost_in_silence(self, page):
        wikitext, words = page
        day = read_day(DAY, wikitext)
        told = (shown(day) + "".join(one.text for one in day.skipped)).lower()
        assert {word for word in words if word not in told} == set()

    @settings(deadline=None)
    @given(pages())
    def test_each_mark_that_leaves_nothing_is_counted(self, page):
        wikitext, _ = page
        causes = [one.cause for one in read_day(DAY, wikitext).skipped]
        assert causes.count("template fact") == wikitext.count("{{fact}}")
        assert causes.count("link to no article") == wikitext.count("[[fr:")

    @settings(deadline=None)
    @given(pages(), st.sampled_from(list(FORMS.values())))
    def test_line_endings_are_all_the_same(self, page, form):
        wikitext, _ = page
        assert read_day(DAY, form(wikitext)) == read_day(DAY, wikitext)
