"""Load on an HTTP server, from another process: as many requests as it answers, or so many a second.

Closed loop: a fixed number of connections, each of which asks again as soon as it is answered; what comes out is a
rate. By wrk where it is installed, as it leaves most of the machine to the server; otherwise by `_Client`.

Open loop: requests are due at the times of a Poisson process, whatever the server does, and how long one takes counts
from the moment at which it was due: a server that stops for a second makes all wait that were due in it.
"""

import random
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

HOST = "127.0.0.1"
_TIME_LIMIT_S = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LUA = """
local requests, place = {}, 0
function init(arguments)
  for path in io.lines(arguments[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  place = place % #requests + 1
  return requests[place]
end
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format("DONE %d %d %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    """Answers of status 400 and above."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask, and for what."""

    port: int
    paths: Sequence[str]
    headers: Mapping[str, str]


def generator() -> str:
    """What makes the load of a closed loop."""
    return "wrk" if shutil.which("wrk") else "the benchmark's own client in Python"


def closed_loop(asked: Asked, *, connections: int, seconds: float) -> Load:
    """Ask for the paths in their order, and again from the first if there is time."""
    if shutil.which("wrk") is None:
        return _elsewhere(asked, None, connections, seconds)
    with tempfile.TemporaryDirectory() as folder:
        script, list_file = Path(folder, "load.lua"), Path(folder, "paths")
        script.write_text(_LUA)
        list_file.write_text("\n".join(asked.paths) + "\n")
        given = [word for name, value in asked.headers.items() for word in ("-H", f"{name}: {value}")]
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(script), *given]
        done = subprocess.run(
            [*words, f"http://{HOST}:{asked.port}", "--", str(list_file)], capture_output=True, text=True, check=True
        )
    found = re.search(r"DONE (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", done.stdout)
    if found is None:
        raise RuntimeError(f"wrk said {done.stdout!r}")
    answers, duration, p50, p99, errors = map(float, found.groups())
    return Load(int(answers), duration / 1e6, p50 / 1e3, p99 / 1e3, int(errors))


def open_loop(asked: Asked, *, rate: float, connections: int, seconds: float) -> Load:
    """Ask so many times a second on average; what cannot be sent at once waits for a connection."""
    return _elsewhere(asked, rate, connections, seconds)


def _elsewhere(asked: Asked, rate: float | None, connections: int, seconds: float) -> Load:
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": HOST, **asked.headers}.items())
    requests = [f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode() for path in asked.paths]
    with ProcessPoolExecutor(1) as process:
        return process.submit(_run, asked.port, requests, rate, connections, seconds).result()


def _run(port: int, requests: Sequence[bytes], rate: float | None, connections: int, seconds: float) -> Load:
    client = _Client(port, connections)
    try:
        return client.run(cycle(requests), rate, seconds)
    finally:
        client.close()


class _Client:
    """One thread with several connections that stay open."""

    def __init__(self, port: int, connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._free: deque[socket.socket] = deque()
        for _ in range(connections):
            connection = socket.create_connection((HOST, port), timeout=_TIME_LIMIT_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connection, selectors.EVENT_READ)
            self._free.append(connection)

    def close(self) -> None:
        """Close the connections."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # they are sockets
        self._selector.close()

    def run(self, requests: Iterator[bytes], rate: float | None, seconds: float) -> Load:
        """Send requests for a time, then wait for the last answers."""
        clock = time.perf_counter
        begun = clock()
        end, took, errors = begun + seconds, [], 0
        dues = _times(begun, end, rate)
        due = next(dues, None)
        sent: dict[socket.socket, tuple[float, bytearray]] = {}
        while due is not None or sent:
            now = clock()
            while self._free and due is not None and due <= now:
                connection = self._free.popleft()
                connection.sendall(next(requests))
                sent[connection] = (now if rate is None else due, bytearray())
                # A closed loop asks whenever it can, until the time is over.
                due = (now if now < end else None) if rate is None else next(dues, None)
            wait = None if due is None or not self._free else max(due - clock(), 0.0)
            for key, _ in self._selector.select(wait):
                connection = key.fileobj  # type: ignore[assignment]  # they are sockets
                since, received = sent[connection]
                received += _received(connection)
                if (status := _complete(received)) is not None:
                    took.append(clock() - since)
                    errors += status >= 400
                    del sent[connection]
                    self._free.append(connection)
        p50, p99 = np.percentile(np.array(took) * 1e3, (50, 99))
        return Load(len(took), clock() - begun, float(p50), float(p99), errors)


def _times(begun: float, end: float, rate: float | None) -> Iterator[float]:
    """When requests are due; the same at every run but for the beginning."""
    if rate is None:
        yield begun
        return
    gaps = random.Random(0)
    due = begun
    while (due := due + gaps.expovariate(rate)) < end:
        yield due


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 18)
    if not data:
        raise ConnectionError("the server closed a connection")
    return data


def _complete(received: bytearray) -> int | None:
    """The status of an answer that is here in whole."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = _LENGTH.search(received, 0, head)
    body = int(length[1]) if length else 0
    return int(received[9:12]) if len(received) >= head + 4 + body else None
