"""The service as a process: the real server on a loopback port, asked, loaded a little, and stopped."""

import gc
import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from granian import Granian
from tiny_archive import CHINESE, COURT, ELECTION, ERUPTION, write_tiny_archive

from api.serving import serve
from recommender.archive import read_archive
from recommender.building import build_index
from recommender.errors import IndexMissingError, ServerError
from recommender.index import INDEX_VARIABLE
from recommender.related import Recommender
from recommender.render import as_json

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds until a process that has not started or stopped is a failure."""


@pytest.fixture(scope="module")
def recommender(tmp_path_factory):
    archive = read_archive(write_tiny_archive(tmp_path_factory.mktemp("archive")))
    return Recommender(build_index(archive, encoder="lexical"))


@pytest.fixture(scope="module")
def index_folder(recommender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    recommender.index.save(folder)
    return folder


@dataclass
class Service:
    """A running server."""

    process: subprocess.Popen
    port: int
    log: Path

    def get(self, path):
        """Status, content type and text of a GET."""
        try:
            with urlopen(f"http://{HOST}:{self.port}{path}", timeout=PATIENCE) as response:
                return response.status, response.headers["Content-Type"], response.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.headers["Content-Type"], error.read().decode()

    def ask(self, path, *headers, method="GET"):
        """Status, headers and bytes, with these headers and no others."""
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return SimpleNamespace(status=response.status, headers=response.headers, body=response.read())

    def answers(self):
        """Whether it does by now."""
        try:
            return self.get("/v1/health")[0] == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        """Exit code after a signal to the process alone."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def said(self):
        return self.log.read_text()


def command(folder, port, *options):
    code = "from recommender.cli import main; main()"
    return [sys.executable, "-c", code, "serve", "--index", str(folder), "--port", str(port), *options]


def children(service):
    """The workers."""
    return Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def until(happened, process):
    """Wait for something that a process does."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


@contextmanager
def started(folder, log, *options):
    port = free_port()
    with log.open("w") as stderr:
        # A session of its own, so that a test can do what Ctrl+C does: signal the whole group.
        process = subprocess.Popen(
            command(folder, port, *options), stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
        )
    service = Service(process, port, log)
    try:
        yield service
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextmanager
def running(folder, log, *options):
    """A server that answers."""
    with started(folder, log, *options) as service:
        until(service.answers, service.process)
        yield service


@pytest.fixture(scope="module")
def service(index_folder, tmp_path_factory):
    with running(index_folder, tmp_path_factory.mktemp("log") / "stderr") as running_service:
        yield running_service
        assert running_service.stop() == 0
        assert running_service.process.stdout.read() == b""
        assert "Traceback" not in running_service.said()
        assert f"serving 11 events at http://{HOST}:{running_service.port}/v1/" in running_service.said()
        assert "/v1/events" not in running_service.said(), "a line for each request is not what the log is for"


class TestAnswers:
    def test_of_all_addresses_come_through_the_server(self, service, recommender):
        status, kind, text = service.get(f"/v1/events/{ERUPTION}/related?limit=2")
        assert (status, kind) == (200, "application/json")
        assert [item["rank"] for item in json.loads(text)["related"]] == [1, 2]
        assert service.get(f"/v1/events/{ELECTION}")[0] == 200
        health = json.loads(service.get("/v1/health")[2])
        assert health["index"]["fingerprint"] == recommender.index.manifest.fingerprint

    @pytest.mark.parametrize("end", ["", "/related"])
    def test_of_slugs_in_other_scripts_survive_the_server(self, service, end):
        status, _, text = service.get(f"/v1/events/{quote(CHINESE)}{end}")
        assert status == 200
        assert f'"slug":"{CHINESE}"' in text

    def test_of_escaped_slashes_survive_the_server(self, service):
        assert service.get(f"/v1/events/{quote('/' + ERUPTION + '.md', safe='')}")[0] == 200

    @pytest.mark.parametrize("slug", ["..", "%2e%2e", "../../x", "%00", "%0d%0aX:%20y", "%ff", "%", "//", "a" * 20_000])
    def test_of_slugs_that_cannot_be_are_errors_in_json(self, service, slug):
        status, kind, text = service.get(f"/v1/events/{slug}/related")
        assert (status, kind) == (404, "application/json")
        assert len(text) < 5_000

    def test_a_slug_of_100_kb_is_refused_and_the_server_lives(self, service):
        assert service.get(f"/v1/events/{'a' * 100_000}")[0] in {404, 414, 431}
        assert service.get("/v1/health")[0] == 200

    def test_of_unchanged_and_of_compressed_bodies_survive_the_server(self, service):
        address = f"/v1/events/{ERUPTION}/related"
        plain = service.ask(address)
        assert plain.status == 200
        packed = service.ask(address, ("Accept-Encoding", "br, gzip"))
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        tag = packed.headers["ETag"]
        same = service.ask(
            address, ("Accept-Encoding", "gzip"), ("If-None-Match", '"x"'), ("If-None-Match", f"W/{tag}")
        )
        assert (same.status, same.body) == (304, b"")
        assert same.headers["ETag"] == tag
        head = service.ask(address, ("Accept-Encoding", "gzip"), method="HEAD")
        assert (head.status, head.body, head.headers["ETag"]) == (200, b"", tag)
        assert head.headers["Content-Length"] == packed.headers["Content-Length"]

    @pytest.mark.parametrize(
        "lines",
        [
            b"Accept-Encoding: \xff\xfe",
            b"Accept-Encoding: gzip;q=",
            b'If-None-Match: "\xc3\xa9',
            b"If-None-Match: " + b'"a",' * 2_000,
            b"If-None-Match:\r\nAccept-Encoding:",
            b"Range: bytes=0-3",
            b'If-Match: "x"',
            b"X: " + b"a" * 8_000,
        ],
        ids=lambda lines: lines[:24].decode("latin-1"),
    )
    def test_of_odd_headers_are_whole(self, service, lines):
        request = f"GET /v1/events/{ERUPTION}/related HTTP/1.1\r\nHost: x\r\n".encode() + lines + b"\r\n\r\n"
        with closing(http.client.HTTPConnection(HOST, service.port, timeout=PATIENCE)) as connection:
            connection.connect()
            connection.sock.sendall(request)
            response = http.client.HTTPResponse(connection.sock, method="GET")
            response.begin()
            assert response.status == 200
            body = response.read()
            if response.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            assert json.loads(body)["query"]["slug"] == ERUPTION

    @pytest.mark.parametrize("count", [1_000, 60_000])
    def test_of_long_query_strings_are_short(self, service, count):
        status, _, text = service.get(f"/v1/events/{ERUPTION}/related?{'a=b&' * (count // 4)}")
        assert status in {400, 414, 431}
        assert len(text) < 5_000

    def test_many_at_once_are_the_same_as_one_by_one(self, service, recommender):
        expected = {slug: as_json(recommender.related(slug), recommender.index) for slug in (ERUPTION, ELECTION, COURT)}
        asked = [slug for _ in range(67) for slug in expected][:200]
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda slug: service.get(f"/v1/events/{slug}/related"), asked))
        assert len(answers) == 200
        for slug, (status, _, text) in zip(asked, answers, strict=True):
            assert status == 200
            assert json.loads(text) == expected[slug]


class TestStopping:
    def test_ctrl_c_in_a_terminal_is_a_clean_end(self, index_folder, tmp_path):
        with running(index_folder, tmp_path / "log", "--workers", "2") as service:
            os.killpg(service.process.pid, signal.SIGINT)
            assert service.process.wait(PATIENCE) == 0
            assert "Traceback" not in service.said()

    def test_a_client_that_stays_connected_holds_nothing_up(self, index_folder, tmp_path):
        with running(index_folder, tmp_path / "log") as service:
            connection = http.client.HTTPConnection(HOST, service.port, timeout=PATIENCE)
            connection.request("GET", "/v1/health")
            connection.getresponse().read()
            assert service.stop() == 0
            connection.close()

    def test_at_once_after_starting_is_a_clean_end(self, index_folder, tmp_path):
        with started(index_folder, tmp_path / "log") as service:
            until(lambda: "serving" in service.said(), service.process)
            assert service.stop() == 0
            assert "Traceback" not in service.said()

    def test_leaves_the_port_free_for_the_next(self, index_folder, tmp_path):
        with running(index_folder, tmp_path / "log") as service:
            service.get("/v1/health")
            assert service.stop() == 0
            again = subprocess.Popen(
                command(index_folder, service.port), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            try:
                assert "serving" in again.stderr.readline()
            finally:
                again.terminate()
                again.communicate(timeout=PATIENCE)
            assert again.returncode == 0

    def test_a_killed_worker_is_replaced_but_not_for_ever(self, index_folder, tmp_path):
        with running(index_folder, tmp_path / "log") as service:
            children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
            if not children.exists():
                pytest.skip("needs /proc to find the worker")
            os.kill(int(children.read_text()), signal.SIGKILL)
            until(service.answers, service.process)
            os.kill(int(children.read_text()), signal.SIGKILL)
            assert service.process.wait(PATIENCE) == 2
            assert service.said().endswith("error: workers ended by themselves again and again; the log may say why\n")
            assert "Traceback" not in service.said()


def test_a_new_index_is_answered_from_by_all_workers_without_a_restart(tmp_path):
    archive, index = write_tiny_archive(tmp_path / "archive"), tmp_path / "index"
    build_index(read_archive(archive), encoder="lexical").save(index)
    with running(index, tmp_path / "log", "--workers", "2") as service:
        (archive / "news/2013/06/1/new.md").write_text("# New\n")
        build_index(read_archive(archive), encoder="lexical").save(index)
        # Each worker looks when it is asked; which one is, the system decides.
        until(lambda: service.answers() and service.said().count("anew, 12 events") == 2, service.process)
        assert all(service.get("/v1/events/new")[0] == 200 for _ in range(20))
        assert service.stop() == 0


def test_sighup_puts_new_workers_in_the_place_of_the_old(index_folder, tmp_path):
    with running(index_folder, tmp_path / "log") as service:
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
        if not children.exists():
            pytest.skip("needs /proc to find the worker")
        old = children.read_text().split()
        service.process.send_signal(signal.SIGHUP)
        until(
            lambda: children.read_text().split() and not set(old) & set(children.read_text().split()), service.process
        )
        until(service.answers, service.process)
        assert service.stop() == 0


class TestMemory:
    """What the workers have in common with the process that they are copies of."""

    @pytest.fixture(autouse=True)
    def proc(self):
        if not Path("/proc/self/maps").exists():
            pytest.skip("needs /proc to see what a process maps")

    def test_the_index_is_open_and_no_library_is_loaded_that_no_list_needs(self, index_folder, tmp_path):
        with running(index_folder, tmp_path / "log") as service:
            assert service.get(f"/v1/events/{ERUPTION}/related")[0] == 200
            (worker,) = children(service)
            for process in (service.process.pid, worker):
                mapped = Path(f"/proc/{process}/maps").read_text()
                assert f"{index_folder}/" in mapped
                assert not re.findall(r"/(torch|sklearn|scipy/linalg|scipy/sparse|onnxruntime)/", mapped)

    def test_sighup_gives_up_the_files_of_an_index_that_was_replaced(self, tmp_path):
        archive, index = write_tiny_archive(tmp_path / "archive"), tmp_path / "index"
        build_index(read_archive(archive), encoder="lexical").save(index)
        with running(index, tmp_path / "log") as service:
            (archive / "news/2013/06/1/new.md").write_text("# New\n")
            build_index(read_archive(archive), encoder="lexical").save(index)
            old = children(service)
            assert "(deleted)" in Path(f"/proc/{service.process.pid}/maps").read_text()
            service.process.send_signal(signal.SIGHUP)
            until(lambda: children(service) and not set(old) & set(children(service)), service.process)
            assert service.get("/v1/events/new")[0] == 200
            for process in (service.process.pid, *children(service)):
                assert "(deleted)" not in Path(f"/proc/{process}/maps").read_text()
            assert service.stop() == 0


class TestNotStarting:
    @pytest.fixture(autouse=True)
    def here_at_least(self, monkeypatch):
        """A refusal that fails must not leave this process serving."""

        def started(*_, **__):
            pytest.fail("it has started")

        monkeypatch.setattr(Granian, "serve", started)
        monkeypatch.setattr(os, "register_at_fork", lambda **_: None)
        monkeypatch.setenv(INDEX_VARIABLE, "put back after the test")

    def test_a_taken_port_ends_in_one_sentence(self, index_folder, service):
        done = subprocess.run(
            command(index_folder, service.port), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"error: cannot listen at {HOST}:{service.port} (Address already in use); "
            "choose another host or port, or stop the program that listens there\n"
        )

    def test_a_bad_index_is_told_before_anything_starts(self, tmp_path):
        done = subprocess.run(
            command(tmp_path / "none", free_port()), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: {tmp_path / 'none'} is not an index; make one with")
        assert len(done.stderr.splitlines()) == 1
        with pytest.raises(IndexMissingError):
            serve(tmp_path / "none")
        assert gc.isenabled()

    @pytest.mark.parametrize("port", [-1, 0, 65536, 10**9])
    def test_a_port_out_of_range_is_refused(self, index_folder, port):
        with pytest.raises(ServerError, match=f"^port is {port}, expected a number from 1 to 65535$"):
            serve(index_folder, port=port)

    @pytest.mark.parametrize("host", ["", "x..y", "a" * 100])
    def test_a_host_that_cannot_be_is_refused(self, index_folder, host):
        with pytest.raises(ServerError, match=r"^host .* is not known; give an address of this machine, such as"):
            serve(index_folder, host=host, port=free_port())

    def test_a_host_that_nobody_knows_is_refused(self, index_folder, monkeypatch):
        def unknown(*_, **__):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(ServerError, match=r"^host 'nowhere' is not known;"):
            serve(index_folder, host="nowhere")

    def test_what_the_server_cannot_do_is_one_sentence(self, index_folder, monkeypatch):
        def fail(*_, **__):
            raise RuntimeError("Address already in use (os error 98)\n\nStack backtrace:\n   0: <unknown>")

        monkeypatch.setattr(Granian, "serve", fail)
        port = free_port()
        with pytest.raises(
            ServerError, match=rf"^cannot listen at {HOST}:{port} \(Address already in use \(os error 98\)\);"
        ):
            serve(index_folder, port=port)

    def test_a_host_that_is_another_machine_is_refused(self, index_folder):
        with pytest.raises(ServerError, match=r"^cannot listen at 192\.0\.2\.1:\d+ \("):
            serve(index_folder, host="192.0.2.1", port=free_port())

    def test_no_workers_are_refused(self, index_folder):
        with pytest.raises(ServerError, match=r"^workers is 0, expected at least 1$"):
            serve(index_folder, workers=0)
