"""Servers in processes of their own: ours, and bare ones that return the same bytes."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from load import HOST

TICKS = os.sysconf("SC_CLK_TCK")
GZIP = {"Accept-Encoding": "gzip, deflate, br, zstd"}
JSON = {"Content-Type": "application/json"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, headers: Mapping[str, str] | None = None, *, part: str = "") -> tuple[int, bytes]:
    """Status of one GET, and its body or one of its headers."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as connection:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
        return response.status, response.headers[part].encode() if part else body


@contextmanager
def server(words: Sequence[str], path: str) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """A server that answers a path: its process, its port, and seconds from its start to that answer."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *(word.replace("PORT", str(port)) for word in words)], stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                ask(port, path)
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > 60:
                    raise
                time.sleep(0.005)
        yield process, port, time.perf_counter() - begun
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def ours(folder: Path, *options: str) -> list[str]:
    """The command that users run."""
    return ["-m", "recommender.cli", "serve", "--index", str(folder), "--port", "PORT", *options]


class Servers:
    """Ours and those that it is compared with, all with one worker, until the end of the stack."""

    def __init__(self, stack: ExitStack, folder: Path, paths: Sequence[str]) -> None:
        self._stack, self._work = stack, Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._processes: dict[int, int] = {}
        self.ours = self._started(ours(folder), "/v1/health")
        self.bodies = {path: ask(self.ours, path)[1] for path in paths}
        self.packed = {path: ask(self.ours, path, GZIP)[1] for path in paths}
        self.wsgi = self._bare("wsgi", JSON, self.bodies)
        self.flask = self._bare("flask", JSON, self.bodies)
        self.flask_packed = self._bare("flask", {**JSON, "Content-Encoding": "gzip"}, self.packed)

    def cpu_seconds(self, port: int) -> float:
        """Of the processes that answer at a port, so far."""
        ticks = 0
        for child in children(self._processes[port]):
            ticks += sum(map(int, Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]))
        return ticks / TICKS

    def _bare(self, kind: str, headers: dict[str, str], bodies: dict[str, bytes]) -> int:
        file = self._work / f"{len(self._processes)}.json"
        texts = {path: body.decode("latin-1") for path, body in bodies.items()}
        file.write_text(json.dumps({"headers": headers, "bodies": texts}))
        words = [str(Path(__file__).with_name("bare_servers.py")), kind, "PORT", str(file)]
        return self._started(words, next(iter(bodies)))

    def _started(self, words: Sequence[str], path: str) -> int:
        process, port, _ = self._stack.enter_context(server(words, path))
        self._processes[port] = process.pid
        return port


def children(process: int) -> list[str]:
    """The workers of a server."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()
