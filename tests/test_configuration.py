"""An archive's own settings: what `related-events.toml` may say, what it says if nothing, and what is refused."""

from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.configuration import Configuration, parse_configuration, render_configuration
from recommender.errors import ArchiveError

SISTER = """\
language = "zh"
limit = 5
rule = "day-place"
story_bullets = "all"
labels = "anchor"
headings = "all"
slugs = "unicode"
"""
"""Every setting, and none as it is by default."""

configurations = st.builds(
    Configuration,
    language=st.sampled_from(["", "en", "zh"]),
    limit=st.integers(1, 50),
    rule=st.sampled_from(["shared", "day-place"]),
    story_bullets=st.sampled_from(["first", "all"]),
    labels=st.sampled_from(["title", "anchor"]),
    headings=st.sampled_from(["bare", "all", "none"]),
    slugs=st.sampled_from(["latin-1", "unicode"]),
)


class TestReading:
    def test_takes_every_setting(self):
        assert parse_configuration(SISTER) == Configuration(
            language="zh",
            limit=5,
            rule="day-place",
            story_bullets="all",
            labels="anchor",
            headings="all",
            slugs="unicode",
        )

    @pytest.mark.parametrize("text", ["", "\n", "# Nothing is as elsewhere.\n"])
    def test_of_an_empty_file_gives_the_rules_of_the_site(self, text):
        assert parse_configuration(text) == Configuration(
            language="",
            limit=10,
            rule="shared",
            story_bullets="first",
            labels="title",
            headings="bare",
            slugs="latin-1",
        )

    @pytest.mark.parametrize("line", SISTER.splitlines())
    def test_of_one_setting_leaves_the_others_as_they_are(self, line):
        name = line.split(" ")[0]
        read = parse_configuration(line)
        assert read == replace(Configuration(), **{name: getattr(parse_configuration(SISTER), name)})
        assert read != Configuration()

    @pytest.mark.parametrize("limit", [1, 50])
    def test_takes_a_limit_that_can_be_asked_for(self, limit):
        assert parse_configuration(f"limit = {limit}").limit == limit


REFUSED = {
    "an unknown setting": (
        "speed = 3",
        "has the setting 'speed'; expected only language, limit, rule, story_bullets, labels, headings, slugs",
    ),
    "a table": ("[lists]\nlimit = 5", "related-events.toml has the setting 'lists'; expected only language"),
    "no items": ("limit = 0", "limit is 0, expected a number from 1 to 50"),
    "too many items": ("limit = 51", "limit is 51, expected a number from 1 to 50"),
    "a limit in words": ('limit = "10"', "limit is '10', expected a number from 1 to 50"),
    "a limit that is no whole number": ("limit = 10.0", "limit is 10.0, expected a number from 1 to 50"),
    "a limit that is true": ("limit = true", "limit is True, expected a number from 1 to 50"),
    "an unknown language": ('language = "tlh"', "language is 'tlh', expected one of en, zh"),
    "an empty language": ('language = ""', "language is '', expected one of en, zh"),
    "another rule": ('rule = "newest"', "rule is 'newest', expected one of shared, day-place"),
    "other bullets": ('story_bullets = "last"', "story_bullets is 'last', expected one of first, all"),
    "other labels": ('labels = "none"', "labels is 'none', expected one of title, anchor"),
    "other headings": ('headings = "first"', "headings is 'first', expected one of bare, all, none"),
    "other slugs": ('slugs = "utf-8"', "slugs is 'utf-8', expected one of latin-1, ascii, unicode"),
    "a number for a word": ("rule = 1", "rule is 1, expected one of shared, day-place"),
    "a list for a word": ('rule = ["shared"]', "rule is ['shared'], expected one of shared, day-place"),
    "no TOML": ("limit: 10", "related-events.toml is not TOML ("),
    "a setting twice": ("limit = 5\nlimit = 6", "is not TOML (Cannot overwrite a value"),
    "half a line": ('rule = "sha', "related-events.toml is not TOML ("),
    "a number without end": ("limit = " + "9" * 5000, "related-events.toml is not TOML ("),
    "brackets without end": ("limit = " + "[" * 100_000, "related-events.toml is not TOML ("),
}


class TestRefusing:
    @pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
    def test_says_in_a_sentence_what_is_wrong_and_what_can_be(self, text, message):
        with pytest.raises(ArchiveError) as caught:
            parse_configuration(text)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_of_what_is_no_toml_says_the_way_out(self):
        with pytest.raises(ArchiveError, match=r"; mend it or remove it$"):
            parse_configuration("{")

    @given(
        st.text(max_size=30)
        | st.sampled_from([field.name for field in fields(Configuration)]).flatmap(
            lambda name: st.text(max_size=10).map(lambda value: f"{name} = {value}")
        )
    )
    def test_or_reading_is_all_that_happens(self, text):
        with suppress(ArchiveError):
            assert isinstance(parse_configuration(text), Configuration)


class TestWriting:
    @given(configurations)
    def test_is_read_again_as_it_was(self, configuration):
        assert parse_configuration(render_configuration(configuration)) == configuration

    def test_has_a_line_for_each_setting_in_their_order(self):
        assert render_configuration(parse_configuration(SISTER)) == SISTER

    def test_leaves_out_a_language_that_nobody_has_chosen(self):
        assert render_configuration(Configuration()) == (
            'limit = 10\nrule = "shared"\nstory_bullets = "first"\nlabels = "title"\nheadings = "bare"\n'
            'slugs = "latin-1"\n'
        )
