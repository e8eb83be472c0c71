"""Records of a day: read and written without a loss, the same bytes for the same records, and refused when broken."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import record

from recommender.errors import PageError
from recommender.events import Record
from recommender.records import parse_records, render_records

FOLDER = "news/2013/02/7/"
PATH = FOLDER + "events.json"
LAUNCH = Record(
    FOLDER + "an-ariane-takes-off",
    " An ''Ariane'' takes off. ",
    (("Kourou", "Kourou, French Guiana"), ("Ariane 5", "Ariane")),
    later=False,
    digest="28b3d8e5",
)
STRIKE = Record(FOLDER + "dockers-strike", "Dockers strike.", (), later=True, digest="a701c0ed")
TEXT = """\
{
 "an-ariane-takes-off": {
  "text": " An ''Ariane'' takes off. ",
  "entities": {
   "Kourou": "Kourou, French Guiana",
   "Ariane 5": "Ariane"
  },
  "digest": "28b3d8e5"
 },
 "dockers-strike": {
  "text": "Dockers strike.",
  "entities": {},
  "later": true,
  "digest": "a701c0ed"
 }
}
"""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8)
days_of_records = st.dictionaries(
    names,
    st.builds(
        Record,
        slug=st.just(""),
        text=texts,
        entities=st.dictionaries(texts.filter(bool), texts, max_size=4).map(lambda values: tuple(values.items())),
        later=st.booleans(),
        digest=texts,
    ),
).map(lambda values: [replace(one, slug=FOLDER + name) for name, one in sorted(values.items())])


class TestReading:
    def test_gives_what_the_file_says(self):
        assert parse_records(PATH, TEXT) == (LAUNCH, STRIKE)

    def test_keeps_the_entities_in_their_order(self):
        assert [title for title, _ in parse_records(PATH, TEXT)[0].entities] == ["Kourou", "Ariane 5"]

    def test_gives_records_in_the_order_of_their_slugs(self):
        backwards = json.dumps(dict(reversed(json.loads(TEXT).items())))
        assert parse_records(PATH, backwards) == (LAUNCH, STRIKE)

    def test_takes_an_event_for_the_first_below_its_heading_where_nothing_is_said(self):
        assert [one.later for one in parse_records(PATH, TEXT)] == [False, True]

    def test_gives_slugs_of_the_folder_that_the_file_lies_in(self):
        assert (
            parse_records("mirror/news/1999/12/31/events.json", TEXT)[1].slug == "mirror/news/1999/12/31/dockers-strike"
        )

    def test_of_a_day_without_events_gives_none(self):
        assert parse_records(PATH, "{}") == ()


NO_JSON = {
    "empty": "",
    "half": TEXT[:80],
    "nested without end": "[" * 100_000,
    "a number without end": "9" * 5000,
}
NO_RECORDS = {
    "a list": "[]",
    "a word": '"events"',
    "nothing": "null",
    "a list of records": json.dumps([{"text": "", "entities": {}, "digest": ""}]),
    "a text for a record": '{"a": "A"}',
    "no text": '{"a": {"entities": {}, "digest": ""}}',
    "no entities": '{"a": {"text": "", "digest": ""}}',
    "no digest": '{"a": {"text": "", "entities": {}}}',
    "a number for a text": '{"a": {"text": 1, "entities": {}, "digest": ""}}',
    "a number for a digest": '{"a": {"text": "", "entities": {}, "digest": 1}}',
    "a list of entities": '{"a": {"text": "", "entities": ["Kourou"], "digest": ""}}',
    "an entity without words": '{"a": {"text": "", "entities": {"Kourou": null}, "digest": ""}}',
    "an entity without a title": '{"a": {"text": "", "entities": {"": "Kourou"}, "digest": ""}}',
    "a word for later": '{"a": {"text": "", "entities": {}, "later": "yes", "digest": ""}}',
    "a number for later": '{"a": {"text": "", "entities": {}, "later": 1, "digest": ""}}',
    "a second record that is none": TEXT.replace('"digest": "a701c0ed"', '"digest": null'),
}


class TestRefusing:
    @pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON.keys())
    def test_what_is_no_json_says_the_way_out(self, text):
        with pytest.raises(
            PageError, match=r"not JSON \(.*\); restore it, or remove it and import the day again$"
        ) as e:
            parse_records(PATH, text)
        assert e.value.path == PATH
        assert "\n" not in str(e.value)

    @pytest.mark.parametrize("text", NO_RECORDS.values(), ids=NO_RECORDS.keys())
    def test_what_holds_something_else_says_what_was_expected(self, text):
        with pytest.raises(PageError, match=r'expected \{"name of the page": .*; restore it, or remove it and') as e:
            parse_records(PATH, text)
        assert e.value.path == PATH
        assert "\n" not in str(e.value)


class TestWriting:
    def test_gives_a_file_that_people_can_read(self):
        assert render_records([LAUNCH, STRIKE]) == TEXT

    def test_keeps_every_script_readable(self):
        one = record("2013-02-07", "Élection", "肯尼亚", words={"肯尼亚": "Kenya"})
        assert '"肯尼亚": "Kenya"' in render_records([one])
        assert "Élection" in render_records([one])

    def test_says_of_a_later_event_that_it_is_one_and_nothing_of_the_first(self):
        assert ("later" in render_records([LAUNCH]), "later" in render_records([STRIKE])) == (False, True)

    @given(days_of_records)
    def test_is_read_again_as_it_was(self, records):
        assert list(parse_records(PATH, render_records(records))) == sorted(records, key=lambda one: one.slug)

    @given(days_of_records.flatmap(lambda records: st.tuples(st.just(records), st.permutations(records))))
    def test_does_not_depend_on_the_order(self, drawn):
        records, shuffled = drawn
        assert render_records(shuffled) == render_records(records)
