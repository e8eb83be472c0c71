"""Forms of an answer: JSON for programs, a table for people, lines for pages, each compared with a stored one."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from toy import ToyEncoder
from worlds import page, recommender_of, slug_of

from recommender.parameters import PARAMETERS, PROFILES, Parameters
from recommender.related import Recommender
from recommender.render import as_json, as_markdown, as_table, event_json, index_json, parameters_json

GOLDEN = Path(__file__).parent / "golden" / "render"

MARATHON = ("1998-05-03", " Tegla Sorme wins the marathon of Lund ")
RECORD = ("1998-05-04", "Sorme's time is the course record [confirmed](sic)")
SAME_DAY = ("1998-05-03", "Lund shuts its bridges for runners")
YEAR_BEFORE = ("1997-05-04", "Rain spoils the marathon of Lund")
ELSEWHERE = ("1998-05-03", "A lighthouse in Skagen is sold")
LABELS = {
    MARATHON: "Lund, Lund Marathon, Tegla Sorme",
    RECORD: "Lund Marathon, Tegla Sorme",
    SAME_DAY: "Lund",
    YEAR_BEFORE: "Lund, Lund Marathon",
    ELSEWHERE: "Skagen_Light",
}
REPRODUCE = Parameters(profile="reproduce", limit=4)


@pytest.fixture(scope="module")
def lund() -> Recommender:
    others = [page(*event) for event in LABELS if event != MARATHON]
    return recommender_of([page(*MARATHON, topic="Athletics", description="In heat."), *others], LABELS)


class TestStored:
    """The golden files were checked by hand against the rule."""

    def test_json(self, lund):
        answer = as_json(lund.related(slug_of(*MARATHON), REPRODUCE), lund.index)
        assert answer.pop("index") == index_json(lund.index)
        assert answer == json.loads((GOLDEN / "answer.json").read_text(encoding="utf-8"))

    def test_table(self, lund):
        table = as_table(lund.related(slug_of(*MARATHON), REPRODUCE))
        assert table + "\n" == (GOLDEN / "answer.txt").read_text(encoding="utf-8")

    def test_markdown(self, lund):
        lines = as_markdown(lund.related(slug_of(*MARATHON), REPRODUCE), lund)
        assert lines + "\n" == (GOLDEN / "answer.md").read_text(encoding="utf-8")


class TestOthersWhoAsk:
    """Several events, or a text; what is liked and not."""

    def test_json_of_a_text_has_no_slug(self, lund, monkeypatch):
        monkeypatch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: ToyEncoder())
        answer = as_json(lund.related_text("Rain in Lund", date=date(1998, 5, 5)), lund.index)
        text = {"slug": None, "date": "1998-05-05", "text": "Rain in Lund", "entities": ["Lund"]}
        assert answer["query"] == text
        assert "seed" not in answer["related"][0]

    def test_json_of_several_has_them_and_each_ones_share(self, lund):
        found = lund.related([slug_of(*MARATHON), slug_of(*RECORD)], like=[slug_of(*SAME_DAY)])
        answer = as_json(found, lund.index)
        assert list(answer["query"]) == ["slug", "date", "text", "seeds", "entities", "like"]
        assert [answer["query"][name] for name in ("slug", "date", "text")] == [None, None, None]
        assert [seed["slug"] for seed in answer["query"]["seeds"]] == [slug_of(*MARATHON), slug_of(*RECORD)]
        assert [event["slug"] for event in answer["query"]["like"]] == [slug_of(*SAME_DAY)]
        for row in answer["related"]:
            assert row["seed"] in row["shares"]
            assert list(row["shares"]) == [slug_of(*MARATHON), slug_of(*RECORD)]

    def test_table_numbers_those_who_ask(self, lund):
        found = lund.related([slug_of(*MARATHON), slug_of(*RECORD)], unlike=[slug_of(*SAME_DAY)])
        lines = as_table(found).splitlines()
        assert lines[0] == f"1998-05-03  [1] {MARATHON[1].strip()}"
        assert lines[1] == f"1998-05-04  [2] {RECORD[1]}"
        assert lines[2] == f"1998-05-03  unlike: {SAME_DAY[1]}"
        reasons = [line for line in lines if "; nearest in time to [" in line and "; [1] " in line]
        assert len(reasons) == len(found.related)
        assert reasons[0].strip().startswith("background")

    def test_markdown_has_what_is_shared_with_any(self, lund):
        found = lund.related([slug_of(*MARATHON), slug_of(*SAME_DAY)])
        items = as_markdown(found, lund).splitlines()
        assert next(line for line in items if "Rain spoils" in line).endswith("_Context: Lund, Lund Marathon_")


class TestJson:
    def test_has_its_keys_in_one_order(self, lund):
        answer = as_json(lund.related(slug_of(*MARATHON)), lund.index)
        assert list(answer) == ["query", "profile", "parameters", "index", "related"]
        assert list(answer["query"]) == ["slug", "date", "text", "topic", "description", "entities"]
        keys = ["rank", "slug", "date", "text", "score", "probability", "shared", "days", "group", "reason"]
        keys += ["contributions"]
        assert [list(one) for one in answer["related"]] == [keys] * 4

    @pytest.mark.parametrize("profile", PROFILES)
    def test_is_made_of_json_values(self, lund, profile):
        answer = as_json(lund.related(slug_of(*MARATHON), Parameters(profile=profile)), lund.index)
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer

    def test_never_says_minus_nothing(self, lund):
        written = json.dumps(as_json(lund.related(slug_of(*MARATHON)), lund.index))
        assert "-0.0," not in written
        assert "-0.0}" not in written

    def test_leaves_out_a_topic_and_a_description_that_are_not_there(self, lund):
        event = lund.related(slug_of(*RECORD)).query
        assert list(event_json(event)) == ["slug", "date", "text"]
        assert list(event_json(replace(event, topic="Athletics"))) == ["slug", "date", "text", "topic"]

    def test_says_which_index_answered(self, lund):
        assert index_json(lund.index) == {
            "fingerprint": lund.index.manifest.fingerprint,
            "encoder": "toy",
            "events": 5,
        }

    def test_says_all_parameters(self):
        asked = Parameters.checked(limit=3, as_of=date(2013, 2, 7), candidates=77, weights={"time": 0.5})
        answer = parameters_json(asked)
        assert list(answer) == [name for name in PARAMETERS if name != "profile"]
        given = {"limit": 3, "as_of": "2013-02-07", "candidates": 77, "weights": {"time": 0.5}}
        assert answer == parameters_json(Parameters()) | given
        assert json.loads(json.dumps(answer)) == answer

    def test_of_an_empty_list_is_an_empty_list(self, lund):
        assert as_json(lund.related(slug_of(*ELSEWHERE), REPRODUCE), lund.index)["related"] == []


class TestTable:
    def test_has_the_same_events_and_scores_as_the_json(self, lund):
        answer = lund.related(slug_of(*MARATHON))
        rows = re.findall(r"^ *(\d+)  +(-?\d+\.\d{3})  (\d{4}-\d\d-\d\d)  (.+)$", as_table(answer), flags=re.MULTILINE)
        expected = [
            (str(one["rank"]), f"{one['score']:.3f}", one["date"], one["text"])
            for one in as_json(answer, lund.index)["related"]
        ]
        assert rows == expected

    def test_says_so_where_nothing_is_related(self, lund):
        assert as_table(lund.related(slug_of(*ELSEWHERE), REPRODUCE)).endswith("\n\nnothing is known to be related")

    def test_shows_whole_slugs_that_can_be_asked_for_next(self, lund):
        answer = lund.related(slug_of(*MARATHON))
        shown = [line.strip() for line in as_table(answer).splitlines() if line.strip().startswith("news/")]
        assert shown == [one.event.slug for one in answer.related]

    def test_has_the_reason_below_each_headline(self, lund):
        answer = lund.related(slug_of(*MARATHON))
        lines = as_table(answer).splitlines()
        for one in answer.related:
            place = next(i for i, line in enumerate(lines) if line.endswith(f"  {one.event.headline}"))
            assert lines[place + 1].strip() == f"{one.reason} ({one.probability:.2f})"

    def test_grouped_has_every_row_once_below_its_group_with_its_rank(self, lund):
        answer = lund.related(slug_of(*MARATHON))
        groups = ["background", "same event", "later", "background"]
        rows = [replace(one, group=group) for one, group in zip(answer.related, groups, strict=True)]
        lines = as_table(replace(answer, related=tuple(rows)), grouped=True).splitlines()[3:]
        shown = [line if line.endswith(":") else int(line[:2]) for line in lines if not line.startswith("   ")]
        assert shown == ["same event:", 2, "later:", 3, "background:", 1, 4]

    def test_no_label_and_no_headline_can_drive_the_terminal(self, lund):
        answer = lund.related(slug_of(*MARATHON))
        odd = replace(
            answer.related[0], reason="same story: \x1b[2J", event=replace(answer.related[0].event, text="a\x9b b\nc")
        )
        table = as_table(replace(answer, related=(odd,)))
        assert "same story: \\x1b[2J" in table
        assert "a\\x9b b c" in table
        assert all(character == "\n" or character.isprintable() for character in table)


class TestMarkdown:
    def test_of_an_empty_list_is_nothing(self, lund):
        assert as_markdown(lund.related(slug_of(*ELSEWHERE), REPRODUCE), lund) == ""

    def test_has_the_words_of_the_archive_s_language(self):
        one, two = ("2016-10-27", "选举"), ("2016-10-28", "结果")
        chinese = recommender_of(
            [page(*one, language="zh"), page(*two, language="zh")], dict.fromkeys((one, two), "肯尼亚")
        )
        lines = as_markdown(chinese.related(slug_of(*one), REPRODUCE), chinese)
        assert lines == f"1. [结果](/{slug_of(*two)}.md) _消息: 肯尼亚_"
