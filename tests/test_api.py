"""The API through its factory: what each address answers, what is refused and how, and that errors are JSON."""

import json
import logging
import subprocess
import sys
from dataclasses import fields
from datetime import date
from urllib.parse import quote

import pytest
from tiny_archive import (
    AIRPORT,
    CHINESE,
    COURT,
    DROUGHT,
    ELECTION,
    ERUPTION,
    FLOODS,
    LAVA,
    MOVED,
    MOVED_BEFORE,
    NAMED_RELATED,
    write_tiny_archive,
)
from werkzeug.exceptions import RequestEntityTooLarge
from worlds import record, slug_of, write_archive

import api
from api import create_app
from api.errors import translate
from api.parameters import KNOWN
from recommender import __version__
from recommender.archive import read_archive
from recommender.building import build_index
from recommender.errors import EncoderError, IndexFolderError, IndexMissingError
from recommender.index import INDEX_VARIABLE
from recommender.parameters import PARAMETERS, Parameters
from recommender.related import Recommender
from recommender.render import as_json, event_json, index_json, parameters_json
from recommender.render_timeline import timeline_json
from recommender.render_why import why_json
from recommender.timeline import timeline


@pytest.fixture(scope="module")
def recommender(tmp_path_factory):
    archive = read_archive(write_tiny_archive(tmp_path_factory.mktemp("archive")))
    return Recommender(build_index(archive, encoder="lexical"))


@pytest.fixture(scope="module")
def index_folder(recommender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    recommender.index.save(folder)
    return folder


@pytest.fixture
def app(recommender):
    return create_app(recommender)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def ask(client):
    """The answer to a GET below /v1, which always is JSON."""

    def get(path, **query):
        response = client.get(f"/v1{path}", query_string=query or None)
        assert response.content_type == "application/json"
        return response

    return get


@pytest.fixture
def refused(ask):
    """What is told of the error that a GET below /v1 ends in."""

    def get(path, status, **query):
        response = ask(path, **query)
        assert response.status_code == status
        assert list(response.get_json()) == ["error"]
        assert response.headers["Cache-Control"] == "no-store"
        return response.get_json()["error"]

    return get


def slugs(response):
    assert response.status_code == 200
    return [item["slug"] for item in response.get_json()["related"]]


class TestFactory:
    def test_the_face_shows_the_factory(self):
        assert api.__all__ == sorted(api.__all__)
        assert api.create_app is create_app

    def test_opens_the_index_that_the_environment_names(self, index_folder, recommender, monkeypatch):
        monkeypatch.setenv(INDEX_VARIABLE, str(index_folder))
        opened = create_app().test_client().get(f"/v1/events/{ERUPTION}/related")
        given = create_app(recommender).test_client().get(f"/v1/events/{ERUPTION}/related")
        assert opened.text == given.text

    @pytest.mark.parametrize("value", [None, ""])
    def test_says_which_variable_to_set(self, monkeypatch, value):
        monkeypatch.delenv(INDEX_VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(INDEX_VARIABLE, value)
        with pytest.raises(IndexMissingError, match="RELATED_EVENTS_INDEX is not set; set it to the folder"):
            create_app()

    def test_says_that_there_is_no_index(self, monkeypatch, tmp_path):
        monkeypatch.setenv(INDEX_VARIABLE, str(tmp_path / "none"))
        with pytest.raises(IndexMissingError, match="is not an index"):
            create_app()

    def test_two_apps_have_nothing_in_common(self, recommender, tmp_path):
        (tmp_path / "news/2020/01/1").mkdir(parents=True)
        (tmp_path / "news/2020/01/1/alone.md").write_text("# Alone\n")
        other = Recommender(build_index(read_archive(tmp_path), encoder="lexical"))
        first, second = (create_app(one).test_client() for one in (recommender, other))
        assert second.get("/v1/events/alone").status_code == 200
        assert first.get("/v1/events/alone").status_code == 404

    def test_opening_and_answering_load_nothing_that_only_building_needs(self, index_folder):
        code = (
            "import sys; from api import create_app; client = create_app().test_client()\n"
            f"assert client.get('/v1/events/{ERUPTION}/related').status_code == 200\n"
            "others = {'torch', 'transformers', 'sklearn', 'scipy.sparse', 'tqdm', 'recommender.archive'}\n"
            "print(sorted(others.intersection(sys.modules)))"
        )
        environment = {INDEX_VARIABLE: str(index_folder), "PYTHONPATH": ":".join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


class TestRelated:
    def test_is_what_the_library_renders_to_the_letter(self, ask, recommender):
        parameters = Parameters.checked(profile="reproduce", limit=3, as_of=date(2013, 2, 28), candidates=100)
        expected = as_json(recommender.related(ERUPTION, parameters), recommender.index)
        response = ask(f"/events/{ERUPTION}/related", profile="reproduce", limit=3, as_of="2013-02-28", candidates=100)
        assert response.text == json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n"

    def test_defaults_are_those_of_the_library(self, ask, recommender):
        for slug in (ERUPTION, COURT, CHINESE):
            expected = as_json(recommender.related(slug), recommender.index)
            assert ask(f"/events/{slug}/related").get_json() == expected

    @pytest.mark.parametrize("profile", ["extend", "reproduce", "cosine"])
    def test_what_is_related_comes_first(self, ask, profile):
        assert set(slugs(ask(f"/events/{ERUPTION}/related", profile=profile))[:2]) == {AIRPORT, LAVA}

    def test_limit_cuts_and_changes_no_order(self, ask):
        whole = slugs(ask(f"/events/{ERUPTION}/related", limit=50))
        assert slugs(ask(f"/events/{ERUPTION}/related", limit=1)) == whole[:1]

    @pytest.mark.parametrize("profile", ["extend", "reproduce", "cosine"])
    def test_limit_is_that_of_the_archive_where_none_is_given(self, tmp_path, profile):
        archive = write_archive(write_tiny_archive(tmp_path), files={"related-events.toml": "limit = 1"})
        client = create_app(Recommender(build_index(read_archive(archive), encoder="lexical"))).test_client()
        address = f"/v1/events/{ERUPTION}/related?profile={profile}"
        answer = client.get(address).get_json()
        assert (len(answer["related"]), answer["parameters"]["limit"]) == (1, 1)
        answer = client.get(f"{address}&limit=2").get_json()
        assert (len(answer["related"]), answer["parameters"]["limit"]) == (2, 2)

    def test_says_which_parameters_it_has_gone_by(self, ask):
        parameters = ask(f"/events/{ERUPTION}/related").get_json()["parameters"]
        assert parameters == parameters_json(Parameters(limit=10))

    def test_as_of_hides_what_came_later(self, ask):
        assert LAVA not in slugs(ask(f"/events/{ERUPTION}/related", as_of="2013-02-14"))
        assert LAVA in slugs(ask(f"/events/{ERUPTION}/related", as_of="2013-02-15"))

    def test_takes_every_parameter_by_the_name_of_the_library(self, ask, recommender):
        text = (
            "limit=7&candidates=200&include_newer=true&before=2013-06-01&after=2012-01-01&as_of=2013-05-01"
            "&max_age_days=400&threshold=0.05&half_life_days=200&weights=time:0.5,names:1.2&duplicates=keep"
            "&diversity=0.3&fallback=recent"
        )
        asked = dict(one.split("=") for one in text.split("&"))
        assert {"profile", *asked} == set(KNOWN)
        parameters = Parameters.checked(**{name: PARAMETERS[name].read(text) for name, text in asked.items()})
        expected = as_json(recommender.related(ERUPTION, parameters), recommender.index)
        assert expected["related"]
        assert ask(f"/events/{ERUPTION}/related", **asked).get_json() == expected

    @pytest.mark.parametrize(
        ("asked", "parameter"),
        [
            ({"threshold": "0.5", "profile": "reproduce"}, "threshold"),
            ({"before": "2013-01-01", "after": "2013-01-01"}, "before"),
            ({"weights": "time:11"}, "weights"),
            ({"include_newer": "yes"}, "include_newer"),
        ],
    )
    def test_what_cannot_be_together_is_refused(self, refused, asked, parameter):
        assert refused(f"/events/{ERUPTION}/related", 400, **asked)["parameter"] == parameter

    def test_may_be_kept_for_a_while(self, ask):
        assert (
            ask(f"/events/{ERUPTION}/related").headers["Cache-Control"]
            == "public, max-age=60, stale-while-revalidate=600"
        )

    def test_the_parameters_are_those_of_the_library(self):
        assert sorted(KNOWN) == sorted(field.name for field in fields(Parameters))


class TestWhy:
    def test_is_what_the_library_renders_to_the_letter(self, ask, recommender):
        parameters = Parameters.checked(profile="reproduce", limit=3, as_of=date(2013, 2, 28), candidates=100)
        expected = why_json(recommender.why(ERUPTION, AIRPORT, parameters), recommender.index)
        query = {"profile": "reproduce", "limit": 3, "as_of": "2013-02-28", "candidates": 100}
        response = ask(f"/events/{ERUPTION}/why", other=AIRPORT, **query)
        assert response.text == json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n"
        assert response.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"

    @pytest.mark.parametrize("other", [LAVA, f"/{LAVA}.md", LAVA.rsplit("/", 1)[-1]])
    def test_takes_the_other_event_in_any_form(self, ask, other):
        answer = ask(f"/events/{ERUPTION}/why", other=other).get_json()
        assert (answer["query"]["slug"], answer["other"]["slug"]) == (ERUPTION, LAVA)

    def test_refuses_an_other_that_is_missing_twice_or_unknown(self, refused):
        assert refused(f"/events/{ERUPTION}/why", 400) == {
            "code": "parameter",
            "message": "other is '', expected the slug of the event that is asked about",
            "parameter": "other",
            "value": "",
            "expected": "the slug of the event that is asked about",
        }
        assert refused(f"/events/{ERUPTION}/why", 400, other=[LAVA, COURT])["expected"] == "one value, not 2"
        assert refused(f"/events/{ERUPTION}/why", 400, other=LAVA, colour="red")["parameter"] == "colour"
        assert refused(f"/events/{ERUPTION}/why", 404, other="nothing")["slug"] == "nothing"


class TestTimeline:
    def test_is_what_the_library_renders_to_the_letter(self, ask, recommender):
        parameters = Parameters.checked(limit=3, as_of=date(2013, 2, 28))
        expected = timeline_json(timeline(recommender, ERUPTION, parameters), recommender.index)
        response = ask(f"/events/{ERUPTION}/timeline", limit=3, as_of="2013-02-28")
        assert response.text == json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n"

    def test_is_of_all_days_and_the_longest_where_nothing_is_said(self, ask, recommender):
        expected = timeline_json(timeline(recommender, ERUPTION), recommender.index)
        assert ask(f"/events/{ERUPTION}/timeline").get_json() == expected

    def test_refuses_what_it_does_not_take(self, refused):
        assert refused(f"/events/{ERUPTION}/timeline", 400, profile="cosine")["parameter"] == "profile"
        assert refused(f"/events/{ERUPTION}/timeline", 400, limit=51)["parameter"] == "limit"


class TestAnyone:
    """`/v1/related`, where the query string says who asks."""

    def test_one_slug_is_answered_as_at_its_own_address(self, ask):
        assert ask("/related", slug=ERUPTION).text == ask(f"/events/{ERUPTION}/related").text

    def test_several_slugs_are_what_the_library_renders(self, ask, recommender):
        answer = ask("/related", slug=[ERUPTION, AIRPORT], limit=3)
        expected = recommender.related([ERUPTION, AIRPORT], Parameters.checked(limit=3))
        assert answer.get_json() == as_json(expected, recommender.index)
        assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"

    def test_a_text_is_what_the_library_renders(self, ask, recommender):
        answer = ask("/related", text="Lava reaches the sea", date="2010-04-20", like=LAVA, unlike=[COURT, FLOODS[0]])
        expected = recommender.related_text(
            "Lava reaches the sea", date=date(2010, 4, 20), like=[LAVA], unlike=[COURT, FLOODS[0]]
        )
        assert answer.get_json() == as_json(expected, recommender.index)
        assert answer.get_json()["query"]["slug"] is None

    def test_an_event_is_asked_with_what_is_liked_and_not(self, ask, recommender):
        answer = ask(f"/events/{ERUPTION}/related", like=LAVA, unlike=COURT)
        expected = recommender.related(ERUPTION, like=[LAVA], unlike=[COURT])
        assert answer.get_json() == as_json(expected, recommender.index)

    def test_unknown_slugs_are_named_wherever_they_stand(self, refused):
        for name in ("slug", "like", "unlike"):
            query = {"slug": [ERUPTION], name: ["nowhere"]} if name != "slug" else {"slug": [ERUPTION, "nowhere"]}
            assert refused("/related", 404, **query)["slug"] == "nowhere"

    @pytest.mark.parametrize(
        ("query", "name", "expected"),
        [
            ({}, "slug", "the slug of an event, or several, or a text in its place"),
            ({"text": "a", "slug": ERUPTION}, "text", f"no text beside the slug {ERUPTION!r}: the one or the other"),
            ({"slug": ERUPTION, "date": "2010-01-01"}, "date", "no date without a text: an event has its own"),
            ({"text": "a", "date": "2010"}, "date", "a day of the calendar, YYYY-MM-DD"),
            ({"text": ["a", "b"]}, "text", "one value, not 2"),
            ({"text": " \n "}, "text", "one to three sentences about an event"),
            ({"text": "a" * 2001}, "text", "at most 2000 characters, not 2001"),
            ({"slug": [ERUPTION] * 21}, "slug", "at most 20 slugs, those to like and unlike among them"),
            (
                {"text": "a", "profile": "reproduce"},
                "profile",
                "extend or cosine: the archive's rule makes lists of single events, by what is printed of them",
            ),
        ],
    )
    def test_what_is_no_question_is_refused(self, refused, query, name, expected):
        error = refused("/related", 400, **query)
        assert (error["code"], error["parameter"], error["expected"]) == ("parameter", name, expected)

    def test_a_text_is_refused_where_the_encoder_is_gone(self, ask, monkeypatch, recommender):
        def gone(_: object) -> None:
            raise EncoderError("the folder is empty")

        monkeypatch.setattr("recommender.text_queries.encoder_of", gone)
        client = create_app(Recommender(recommender.index)).test_client()
        response = client.get("/v1/related", query_string={"text": "Lava"})
        assert response.status_code == 503
        assert response.get_json() == {"error": {"code": "encoder", "message": "the folder is empty"}}


class TestEvent:
    def test_has_entities_rarest_first_with_what_tells_them(self, ask, recommender):
        answer = ask(f"/events/{ELECTION}").get_json()
        assert list(answer) == ["event", "entities", "existing", "index"]
        assert answer["entities"] == [
            {"label": "Nairobi", "events": 1, "sources": ["day_page"]},
            {"label": "Uhuru Kenyatta", "events": 2, "sources": ["own_list", "day_page"]},
            {"label": "Kenya", "events": 3, "sources": ["own_list", "day_page"]},
        ]
        assert [entity["label"] for entity in answer["entities"]] == list(recommender.related(ELECTION).entities)
        assert answer["event"] == event_json(recommender.index.corpus.event(recommender.index.corpus.row(ELECTION)))
        assert answer["index"] == index_json(recommender.index)

    def test_tells_named_and_spotted_entities_apart(self, ask):
        sources = {
            slug: {entity["label"]: entity["sources"] for entity in ask(f"/events/{slug}").get_json()["entities"]}
            for slug in (COURT, DROUGHT)
        }
        assert sources[COURT] == {"Kenya": ["named", "spotted"], "Uhuru Kenyatta": ["named", "spotted"]}
        assert sources[DROUGHT] == {"Kenya": ["spotted"]}

    def test_tells_entities_of_records(self, tmp_path):
        archive = write_archive(write_tiny_archive(tmp_path), records=[record("2013-04-02", "Floods", "Rain")])
        client = create_app(Recommender(build_index(read_archive(archive), encoder="lexical"))).test_client()
        answer = client.get(f"/v1/events/{slug_of('2013-04-02', 'Floods')}").get_json()
        assert answer["entities"] == [{"label": "Rain", "events": 1, "sources": ["record"]}]

    def test_has_its_existing_list_in_order_without_what_leads_nowhere(self, ask):
        assert ask(f"/events/{ERUPTION}").get_json()["existing"] == [AIRPORT, LAVA]

    def test_an_empty_list_is_not_no_list(self, ask):
        assert ask(f"/events/{LAVA}").get_json()["existing"] == []
        assert ask(f"/events/{COURT}").get_json()["existing"] is None

    def test_takes_no_parameters(self, refused):
        error = refused(f"/events/{ERUPTION}", 400, limit=3)
        assert error["message"] == "limit is '3', expected no parameter at this address"


class TestHealth:
    def test_says_what_is_served(self, ask, recommender):
        manifest = recommender.index.manifest
        response = ask("/health")
        assert response.get_json() == {
            "status": "ok",
            "version": __version__,
            "index": {
                "fingerprint": manifest.fingerprint,
                "encoder": "lexical",
                "events": manifest.events,
                "entities": manifest.entities,
            },
        }
        assert "Cache-Control" not in response.headers


class TestSlugs:
    @pytest.mark.parametrize(
        "given",
        [
            ERUPTION,
            f"/{ERUPTION}",
            f"{ERUPTION}/",
            f"{ERUPTION}.md",
            f"/en/{ERUPTION}.md",
            ERUPTION.rsplit("/", 1)[-1],
            quote(ERUPTION, safe=""),
            quote(f"/{ERUPTION}.md", safe=""),
        ],
    )
    def test_lead_to_their_event_in_every_form(self, ask, given):
        assert ask(f"/events/{given}").get_json()["event"]["slug"] == ERUPTION
        assert ask(f"/events/{given}/related").get_json()["query"]["slug"] == ERUPTION

    def test_in_other_scripts_are_answered_readably(self, ask):
        response = ask(f"/events/{quote(CHINESE)}/related")
        assert f'"slug":"{CHINESE}"' in response.text
        assert ask(f"/events/{CHINESE}").get_json()["event"]["slug"] == CHINESE

    def test_older_ones_lead_to_the_event_as_it_is(self, ask):
        assert ask(f"/events/{MOVED_BEFORE}").get_json()["event"]["slug"] == MOVED

    @pytest.mark.parametrize(
        "name", [NAMED_RELATED, f"{NAMED_RELATED}.md", "related", f"/{NAMED_RELATED}", f"{NAMED_RELATED}/"]
    )
    def test_may_end_in_related(self, ask, name):
        assert ask(f"/events/{name}").get_json()["event"]["slug"] == NAMED_RELATED
        assert ask(f"/events/{name.rstrip('/')}/related").get_json()["query"]["slug"] == NAMED_RELATED

    @pytest.mark.parametrize("name", ["why", "timeline"])
    def test_may_end_in_why_or_timeline(self, refused, name):
        error = refused(f"/events/news/2013/06/1/{name}", 404)
        assert (error["code"], error["slug"]) == ("slug_unknown", f"news/2013/06/1/{name}")

    def test_a_slash_at_the_end_changes_nothing(self, ask):
        assert ask(f"/events/{ERUPTION}/related/").text == ask(f"/events/{ERUPTION}/related").text
        assert ask(f"/events/{ERUPTION}/why/?other={LAVA}").text == ask(f"/events/{ERUPTION}/why?other={LAVA}").text
        assert ask(f"/events/{ERUPTION}/timeline/").text == ask(f"/events/{ERUPTION}/timeline").text

    def test_unknown_ones_come_with_the_nearest(self, refused):
        for path in (f"/events/{ERUPTION}s", f"/events/{ERUPTION}s/related"):
            error = refused(path, 404)
            assert list(error) == ["code", "message", "slug", "nearest"]
            assert (error["code"], error["slug"], error["nearest"][0]) == ("slug_unknown", f"{ERUPTION}s", ERUPTION)
            assert error["message"].startswith(f"no event has the slug '{ERUPTION}s'; the nearest are {ERUPTION}")

    def test_ambiguous_ones_come_with_the_choices(self, refused):
        for path in ("/events/floods", "/events/floods/related"):
            error = refused(path, 409)
            assert list(error) == ["code", "message", "slug", "choices"]
            assert (error["code"], error["slug"], error["choices"]) == ("slug_ambiguous", "floods", FLOODS)

    @pytest.mark.parametrize("end", ["", "/related"])
    @pytest.mark.parametrize(
        "slug",
        [
            "..",
            "../../etc/passwd",
            "%2e%2e/%2e%2e/etc/passwd",
            "%252e%252e%252fetc%252fpasswd",
            "news/2013/../../../secret",
            f"{ERUPTION}%00",
            "%00",
            "%0d%0aX-Injected:%20yes",
            "a%0ab",
            "a%1bb",
            "%ff%fe",
            "%ed%a0%80",
            "%",
            "%zz",
            "//",
            "%2f",
            ".md",
            "%20",
            "a" * 100_000,
            "%00" * 30_000,
            "a/" * 50_000,
            "肯" * 1500,
            "<script>alert(1)</script>",
        ],
        ids=lambda value: value[:30] or "event",
    )
    def test_that_cannot_be_are_unknown_and_not_repeated_at_length(self, ask, slug, end):
        response = ask(f"/events/{slug}{end}")
        assert response.status_code == 404
        assert response.get_json()["error"]["code"] in {"slug_unknown", "not_found"}
        assert len(response.data) < 8_000
        assert "Traceback" not in response.text
        assert "X-Injected" not in response.headers


class TestParameters:
    def test_unknown_ones_are_refused_and_the_known_ones_told(self, refused):
        error = refused(f"/events/{ERUPTION}/related", 400, colour="red")
        assert error == {
            "code": "parameter",
            "message": f"colour is 'red', expected a known parameter: {', '.join(KNOWN)}, like, unlike",
            "parameter": "colour",
            "value": "red",
            "expected": f"a known parameter: {', '.join(KNOWN)}, like, unlike",
        }

    @pytest.mark.parametrize("address", [f"/events/{ERUPTION}", "/health"])
    def test_are_refused_where_there_are_none(self, refused, address):
        assert refused(address, 400, t="1")["expected"] == "no parameter at this address"

    def test_given_twice_are_refused_even_with_one_value(self, refused):
        error = refused(f"/events/{ERUPTION}/related", 400, limit=["5", "5"])
        assert (error["parameter"], error["value"], error["expected"]) == ("limit", "5, 5", "one value, not 2")

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("limit", "0", "a number from 1 to 50"),
            ("limit", "51", "a number from 1 to 50"),
            ("limit", "-1", "a number from 1 to 50"),
            ("limit", "999999999", "a number from 1 to 50"),
            ("limit", "9999999999", "a whole number in digits"),
            ("limit", "", "a whole number in digits"),
            ("limit", "ten", "a whole number in digits"),
            ("limit", "5.0", "a whole number in digits"),
            ("limit", "1_0", "a whole number in digits"),
            ("limit", " 5", "a whole number in digits"),
            ("limit", "٥", "a whole number in digits"),
            ("limit", "5\n", "a whole number in digits"),
            ("candidates", "49", "a number from 50 (five times the limit) to 10000"),
            ("candidates", "10001", "a number from 5 to 10000"),
            ("candidates", "many", "a whole number in digits"),
            ("profile", "best", "one of extend, reproduce, cosine"),
            ("profile", "", "one of extend, reproduce, cosine"),
            ("profile", "EXTEND", "one of extend, reproduce, cosine"),
            ("as_of", "yesterday", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "2013-02-30", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "2013-2-3", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "20130203", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "2013-W06-4", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "0000-01-01", "a day of the calendar, YYYY-MM-DD"),
            ("as_of", "", "a day of the calendar, YYYY-MM-DD"),
        ],
    )
    def test_with_a_value_that_cannot_be_are_refused(self, refused, name, value, expected):
        error = refused(f"/events/{ERUPTION}/related", 400, **{name: value})
        assert (error["code"], error["parameter"], error["expected"]) == ("parameter", name, expected)
        assert str(error["value"]) == value
        assert error["message"].startswith(f"{name} is ")

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_calendar_is_whole(self, ask, day):
        assert ask(f"/events/{ERUPTION}/related", as_of=day).status_code == 200

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": "9" * 100_000},
            {"profile": "x" * 100_000},
            {"n" * 100_000: "1"},
            {"as_of": ["2013-02-03"] * 10_000},
            {"limit": "\x00\ud800".encode("utf-8", "surrogatepass")},
        ],
        ids=["digits", "text", "name", "repeated", "no text"],
    )
    def test_are_not_repeated_at_length(self, ask, query):
        response = ask(f"/events/{ERUPTION}/related", **query)
        assert response.status_code == 400
        assert len(response.data) < 5_000

    def test_a_wrong_parameter_is_told_before_a_wrong_slug(self, refused):
        assert refused("/events/nothing/related", 400, limit=0)["code"] == "parameter"


class TestErrors:
    @pytest.mark.parametrize(
        "path", ["/", "/v1", "/v1/", "/v1/event", "/v1/events", "/v1/events/", "/v2/health", "/static/x", "/v1/health/"]
    )
    def test_an_address_that_is_none_is_told_in_json(self, client, path):
        response = client.get(path)
        assert (response.status_code, response.content_type) == (404, "application/json")
        assert response.get_json()["error"]["code"] == "not_found"
        assert "/v1/events/SLUG" in response.get_json()["error"]["message"]

    @pytest.mark.parametrize("path", ["/v1/health", f"/v1/events/{ERUPTION}", f"/v1/events/{ERUPTION}/related"])
    def test_other_methods_are_told_what_is_allowed(self, client, path):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            response = client.open(path, method=method)
            assert (response.status_code, response.content_type) == (405, "application/json")
            assert response.get_json()["error"]["code"] == "method_not_allowed"
            assert response.get_json()["error"]["allowed"] == ["GET", "HEAD", "OPTIONS"]
            assert sorted(response.headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]

    def test_head_is_get_without_the_body(self, client):
        get, head = (client.open(f"/v1/events/{ERUPTION}/related", method=method) for method in ("GET", "HEAD"))
        assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(get.data)))
        assert client.head("/v1/events/nothing").status_code == 404

    def test_options_tell_the_methods(self, client):
        response = client.options(f"/v1/events/{ERUPTION}/related")
        assert response.status_code == 200
        assert sorted(response.headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]

    @pytest.mark.parametrize("error", [RuntimeError("secret"), IndexFolderError("/secret/index is damaged")])
    def test_our_own_mistake_is_told_to_the_log_only(self, recommender, monkeypatch, caplog, error):
        def fail(*_, **__):
            raise error

        monkeypatch.setattr(recommender, "related", fail)
        with caplog.at_level(logging.ERROR):
            response = create_app(recommender).test_client().get(f"/v1/events/{ERUPTION}/related")
        assert (response.status_code, response.content_type) == (500, "application/json")
        assert response.get_json() == {
            "error": {"code": "internal", "message": "the service made a mistake; its log says which"}
        }
        assert "Traceback" in caplog.text
        assert "secret" in caplog.text

    def test_of_the_web_framework_have_their_own_code(self):
        status, answer = translate(RequestEntityTooLarge())
        assert (status, answer["code"]) == (413, "request_entity_too_large")
