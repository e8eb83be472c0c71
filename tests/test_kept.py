"""Entity tags, compression and kept answers: what a client is sent, and that no work is done twice."""

import gzip
import json
from datetime import date

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_archive import AIRPORT, CHINESE, ELECTION, ERUPTION, write_tiny_archive
from werkzeug.test import EnvironBuilder

from api import create_app, routes
from api.app import CACHE_VARIABLE
from api.kept import KeptAnswers, wants_gzip
from recommender.archive import read_archive
from recommender.building import build_index
from recommender.errors import ServerError, SlugUnknownError
from recommender.parameters import Parameters
from recommender.related import Recommender

LIST = f"/v1/events/{ERUPTION}/related"
EVENT = f"/v1/events/{ERUPTION}"
GZIP = {"Accept-Encoding": "gzip"}
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return build_index(read_archive(write_tiny_archive(tmp_path_factory.mktemp("archive"))), encoder="lexical")


@pytest.fixture
def recommender(index, monkeypatch):
    """One that counts how often it is asked, in `asked`."""
    counting, asked = Recommender(index), []
    related = counting.related
    monkeypatch.setattr(counting, "related", lambda *given, **also: asked.append(given) or related(*given, **also))
    counting.asked = asked
    return counting


@pytest.fixture
def client(recommender):
    return create_app(recommender).test_client()


def tag(response):
    return response.headers["ETag"]


class TestEntityTags:
    @pytest.mark.parametrize("address", [LIST, EVENT])
    def test_are_strong_and_stand_on_every_answer(self, client, address):
        first, again = client.get(address), client.get(address)
        assert tag(first) == tag(again)
        assert tag(first).startswith('"')
        assert first.headers["Vary"] == again.headers["Vary"] == "Accept-Encoding"

    def test_are_the_same_for_every_form_of_a_slug(self, client):
        name = ERUPTION.rsplit("/", 1)[-1]
        forms = [LIST, f"{LIST}/", f"/v1/events/{name}/related", f"/v1/events//{ERUPTION}.md/related"]
        assert len({tag(client.get(form)) for form in forms}) == 1

    def test_differ_where_anything_that_is_asked_differs(self, client):
        asked = [
            LIST,
            EVENT,
            f"/v1/events/{ELECTION}/related",
            f"/v1/events/{CHINESE}/related",
            *(f"{LIST}?{query}" for query in ("limit=3", "profile=reproduce", "as_of=2013-02-15", "candidates=200")),
        ]
        assert len({tag(client.get(address)) for address in asked}) == len(asked)

    def test_differ_where_the_program_or_the_index_differs(self, client, recommender, tmp_path, monkeypatch):
        (tmp_path / "news/2020/01/1").mkdir(parents=True)
        (tmp_path / "news/2020/01/1/alone.md").write_text("# Alone\n")
        archive = read_archive(write_tiny_archive(tmp_path))
        other = create_app(Recommender(build_index(archive, encoder="lexical"))).test_client()
        monkeypatch.setattr("api.current.program_revision", lambda: "another")
        newer = create_app(recommender).test_client()
        assert len({tag(one.get(EVENT)) for one in (client, other, newer)}) == 3

    def test_are_the_same_for_another_process(self, client, index):
        """Not a fact of one application: the next worker's, and the next start's, is the same."""
        assert tag(create_app(Recommender(index)).test_client().get(LIST)) == tag(client.get(LIST))


class TestNotModified:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("address", [LIST, EVENT])
    def test_has_no_body_and_the_headers_that_a_cache_updates(self, client, address, method):
        whole = client.get(address)
        response = client.open(address, method=method, headers={"If-None-Match": tag(whole)})
        assert (response.status_code, response.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert response.headers[name] == whole.headers[name]
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(response.headers.keys())

    def test_costs_no_ranking(self, recommender, index):
        known = tag(create_app(Recommender(index)).test_client().get(LIST))
        client = create_app(recommender).test_client()
        assert client.get(LIST, headers={"If-None-Match": known}).status_code == 304
        assert recommender.asked == []

    @pytest.mark.parametrize(
        "pattern", ["{}", "W/{}", '"one", {}', '{} , "two"', '"a,b",W/"c",\tW/{}', "*", ' "x" ,, {} ,', "{0}, {0}"]
    )
    def test_is_the_answer_to_lists_weak_tags_and_the_star(self, client, pattern):
        given = pattern.format(tag(client.get(LIST)))
        assert client.get(LIST, headers={"If-None-Match": given}).status_code == 304

    @pytest.mark.parametrize(
        "given",
        [
            "",
            '""',
            '"other"',
            'W/"other"',
            '"',
            "W/",
            ",,,",
            '"*"',
            "\\",
            "\xff\xfe",
            '"' + "a" * 60_000,
            '"a",' * 9_000,
        ],
    )
    def test_is_not_the_answer_to_anything_else(self, client, given):
        response = client.get(LIST, headers={"If-None-Match": given})
        assert (response.status_code, response.get_json()["query"]["slug"]) == (200, ERUPTION)

    @pytest.mark.parametrize("given", ["*", '"other"'])
    def test_never_hides_an_error(self, client, given):
        headers = {"If-None-Match": given}
        assert client.get("/v1/events/nothing/related", headers=headers).status_code == 404
        assert client.get("/v1/events/floods", headers=headers).status_code == 409
        assert client.get(f"{LIST}?limit=0", headers=headers).status_code == 400

    def test_is_no_answer_where_making_one_fails(self, client, recommender, monkeypatch):
        """A star stands for any answer that there is; a tag, only for one that was given."""

        def fail(*_, **__):
            raise SlugUnknownError("nobody")

        monkeypatch.setattr(recommender, "related", fail)
        assert client.get(LIST, headers={"If-None-Match": "*"}).status_code == 404

    def test_tells_compressed_bytes_from_plain_ones(self, client):
        plain, compressed = client.get(LIST), client.get(LIST, headers=GZIP)
        assert tag(plain) != tag(compressed)
        assert client.get(LIST, headers={**GZIP, "If-None-Match": tag(compressed)}).status_code == 304
        assert client.get(LIST, headers={**GZIP, "If-None-Match": tag(plain)}).status_code == 200
        assert client.get(LIST, headers={"If-None-Match": tag(compressed)}).status_code == 200


class TestCompression:
    @pytest.mark.parametrize("address", [LIST, EVENT + "/related?limit=50&profile=cosine"])
    def test_gives_the_same_answer_in_fewer_bytes(self, client, address):
        plain, compressed = client.get(address), client.get(address, headers=BROWSER)
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert compressed.headers["Vary"] == "Accept-Encoding"
        assert compressed.content_type == "application/json"
        assert int(compressed.headers["Content-Length"]) == len(compressed.data) < len(plain.data)
        assert gzip.decompress(compressed.data) == plain.data

    def test_gives_the_same_bytes_for_the_same_tag(self, index):
        one, other = (create_app(Recommender(index)).test_client().get(LIST, headers=BROWSER) for _ in range(2))
        assert (tag(one), one.data) == (tag(other), other.data)

    def test_leaves_alone_what_is_short(self, client):
        response = client.get(EVENT, headers=BROWSER)
        assert len(response.data) < 1000
        assert "Content-Encoding" not in response.headers
        assert response.get_json()["event"]["slug"] == ERUPTION
        assert response.headers["Vary"] == "Accept-Encoding"

    def test_leaves_errors_alone(self, client):
        response = client.get("/v1/events/nothing/related", headers=BROWSER)
        assert "Content-Encoding" not in response.headers
        assert "ETag" not in response.headers
        assert response.get_json()["error"]["code"] == "slug_unknown"

    def test_head_tells_what_get_would_send(self, client):
        get = client.get(LIST, headers=BROWSER)
        head = client.head(LIST, headers=BROWSER)
        assert (head.status_code, head.data) == (200, b"")
        assert dict(head.headers) == dict(get.headers)

    @pytest.mark.parametrize(
        "header",
        [
            "gzip",
            "GZip",
            "gzip, deflate, br",
            "br;q=1.0, gzip;q=0.8, *;q=0.1",
            "*",
            "*;q=0.5",
            "gzip;q=0.001",
            "gzip;q=0.5, identity;q=0.5",
            "identity;q=0, gzip",
            "identity;q=0, *",
            "br, *;q=0.1",
            " gzip\t;\tq=1 ",
        ],
    )
    def test_is_given_to_who_takes_it(self, header):
        assert wants_gzip(header)

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "identity",
            "br",
            "deflate, zstd",
            "gzip;q=0",
            "gzip;q=0.0, *",
            "*;q=0",
            "gzip;q=0, identity;q=0",
            "identity, gzip;q=0.9",
            "identity;q=0.6, *;q=0.5",
            "gzipped",
            ",",
            ";q=1",
            "\xff",
        ],
    )
    def test_is_not_forced_on_anyone_else(self, client, header):
        assert not wants_gzip(header)
        response = client.get(LIST, headers={"Accept-Encoding": header})
        assert "Content-Encoding" not in response.headers
        assert response.get_json()["query"]["slug"] == ERUPTION

    @pytest.mark.parametrize(
        "header", ["gzip;q=x", "gzip;q=", "gzip;q=2", "gzip;q=-1", "gzip;;;", "gzip," * 10_000, "a" * 60_000, '"gzip']
    )
    def test_survives_headers_that_are_none(self, client, header):
        response = client.get(LIST, headers={"Accept-Encoding": header})
        assert response.status_code == 200
        body = response.data
        if "Content-Encoding" in response.headers:
            body = gzip.decompress(body)
        assert json.loads(body)["query"]["slug"] == ERUPTION


class TestKeeping:
    def test_asks_the_recommender_once(self, client, recommender):
        first = client.get(LIST)
        assert [client.get(form).data for form in (LIST, f"{LIST}/", LIST)] == [first.data] * 3
        assert recommender.asked == [((ERUPTION,), Parameters())]

    def test_keeps_each_coding_for_itself(self, client, recommender):
        for _ in range(3):
            client.get(LIST)
            client.get(LIST, headers=GZIP)
            client.get(LIST, headers=BROWSER)
        assert len(recommender.asked) == 2

    def test_keeps_every_set_of_parameters_for_itself(self, client, recommender):
        for _ in range(2):
            assert client.get(f"{LIST}?as_of=2013-02-14").get_json()["parameters"]["as_of"] == "2013-02-14"
            assert client.get(f"{LIST}?limit=1").get_json()["parameters"]["limit"] == 1
        assert [given for _, given in recommender.asked] == [
            Parameters(as_of=date(2013, 2, 14)),
            Parameters(limit=1),
        ]

    def test_understands_a_request_once(self, client, monkeypatch):
        read = []
        monkeypatch.setattr(routes, "related_parameters", lambda *given: read.append(given) or Parameters())
        for _ in range(3):
            client.get(LIST)
            client.get(f"{LIST}?limit=10", headers=BROWSER)
        assert len(read) == 2

    @pytest.mark.parametrize("address", [f"{LIST}?{'&' * 201}", f"/v1/events/{'/' * 400}{ERUPTION}/related"])
    def test_remembers_no_request_of_any_length(self, client, monkeypatch, address):
        read = []
        monkeypatch.setattr(routes, "related_parameters", lambda *given: read.append(given) or Parameters())
        assert [client.get(address).status_code for _ in range(3)] == [200] * 3
        assert len(read) == 3

    @pytest.mark.parametrize("path", [f"{LIST}?limit=0", "/v1/events/nothing/related", "/v1/events/floods/related"])
    def test_tells_an_error_each_time(self, client, path):
        first, again = client.get(path), client.get(path)
        assert (first.status_code, first.data) == (again.status_code, again.data)
        assert first.status_code >= 400

    def test_keeps_no_errors(self, client, recommender, monkeypatch):
        related = recommender.related

        def fail(*_):
            raise RuntimeError

        monkeypatch.setattr(recommender, "related", fail)
        assert client.get(LIST).status_code == 500
        monkeypatch.setattr(recommender, "related", related)
        assert client.get(LIST).status_code == 200

    def test_gives_up_what_was_not_asked_for_longest(self):
        answers, made = KeptAnswers("one", 3 * 700), []
        app = Flask(__name__)

        def ask(name):
            with app.test_request_context("/"):
                return answers.respond(name, lambda: made.append(name) or name).get_json()

        for name in ("a", "b", "c", "a", "d", "a", "c", "b"):
            assert ask(name) == name
        assert made == ["a", "b", "c", "d", "b"]

    def test_sends_what_is_larger_than_all_its_room(self):
        answers = KeptAnswers("one", 700)
        with Flask(__name__).test_request_context("/"):
            assert answers.respond("large", lambda: "x" * 5000).get_json() == "x" * 5000
            assert answers.respond("small", lambda: "y").get_json() == "y"

    def test_keeps_nothing_where_there_is_no_room(self, recommender, monkeypatch):
        monkeypatch.setenv(CACHE_VARIABLE, "0")
        client = create_app(recommender).test_client()
        assert client.get(LIST).data == client.get(LIST).data
        assert len(recommender.asked) == 2

    @pytest.mark.parametrize("given", ["-1", "64 MB", "1.5", "x" * 500, "٦"])
    def test_room_that_is_no_number_is_refused(self, recommender, monkeypatch, given):
        monkeypatch.setenv(CACHE_VARIABLE, given)
        with pytest.raises(
            ServerError, match=r"^RELATED_EVENTS_CACHE_MB is '.*', expected a whole number of mega"
        ) as e:
            create_app(recommender)
        assert len(str(e.value)) < 200

    def test_the_answers_of_one_slug_are_never_anothers(self, client):
        slugs = (ERUPTION, AIRPORT, ELECTION, CHINESE)
        for _ in range(2):
            for slug in slugs:
                assert client.get(f"/v1/events/{slug}/related").get_json()["query"]["slug"] == slug
                assert client.get(f"/v1/events/{slug}").get_json()["event"]["slug"] == slug


def test_an_answer_is_one_piece_which_a_server_need_not_stream(recommender):
    app, heads = create_app(recommender), []
    environ = EnvironBuilder(LIST).get_environ()
    pieces = app.wsgi_app(environ, lambda status, head: heads.append((status, dict(head))))
    assert isinstance(pieces, list)
    assert (len(pieces), heads[0][0], heads[0][1]["Content-Length"]) == (1, "200 OK", str(len(pieces[0])))
    app.wsgi_app({**environ, "REQUEST_METHOD": "HEAD"}, lambda status, head: heads.append((status, dict(head))))
    assert heads[0] == heads[1]


def test_who_builds_on_the_app_may_change_an_answer(recommender):
    app = create_app(recommender)

    @app.after_request
    def further(response):
        response.headers["X-From"] = "here"
        response.set_data(response.get_data() + b" ")
        return response

    client = app.test_client()
    first, again = client.get(LIST), client.get(LIST)
    assert first.headers.getlist("X-From") == again.headers.getlist("X-From") == ["here"]
    assert first.data == again.data
    assert first.headers["Content-Length"] == str(len(first.data))


@pytest.mark.parametrize(
    "query", ["&" * 50_000, "?", "=", "&=&", "limit=5&&&", "limit", "%", "%ff=%fe", ";", "limit=5#x"]
)
def test_query_strings_that_are_none_end_in_an_answer(client, query):
    response = client.get(f"{LIST}?{query}")
    assert response.status_code in {200, 400}
    assert response.content_type == "application/json"
    assert len(response.data) < 8_000


@given(
    accepted=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
    | st.lists(st.sampled_from(["gzip", "*", "identity", "br", ";q=0", ";q=0.5", ",", " "])).map("".join),
    known=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_whatever_headers_say_the_answer_is_whole_or_not_modified(index, accepted, known):
    client = create_app(Recommender(index)).test_client()
    response = client.get(f"{LIST}?profile=reproduce", headers={"Accept-Encoding": accepted, "If-None-Match": known})
    assert response.status_code == (304 if known.strip() == "*" else 200)
    if response.status_code == 200:
        packed = "Content-Encoding" in response.headers
        body = gzip.decompress(response.data) if packed else response.data
        assert json.loads(body)["query"]["slug"] == ERUPTION
