"""How fast one query is: in process, and over HTTP from a second process on loopback.

    python benchmarks/latency.py --index INDEX [--queries 1000] [--requests 4000]

Bounded in count and time; the server is started on a free port of this machine and stopped at the end.
"""

import http.client
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import quote

import click
import numpy as np

from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender

TIME_LIMIT_S = 120.0
CLIENTS = 4


def show(name: str, seconds: list[float]) -> None:
    """One line of a table: milliseconds."""
    p50, p90, p99 = np.percentile(np.array(seconds) * 1000.0, (50, 90, 99))
    click.echo(f"| {name} | {len(seconds):,} | {p50:.2f} | {p90:.2f} | {p99:.2f} |")


def in_process(folder: Path, slugs: list[str]) -> None:
    """Ask each slug once, by each profile, after a warm-up."""
    recommender = Recommender(Index.open(folder))
    for profile in ("extend", "reproduce", "cosine"):
        parameters = Parameters.checked(profile=profile)
        for slug in slugs[:20]:
            recommender.related(slug, parameters)
        seconds = []
        for slug in slugs:
            started = time.perf_counter()
            recommender.related(slug, parameters)
            seconds.append(time.perf_counter() - started)
        show(f"in process, {profile}", seconds)


def client(port: int, slugs: list[str]) -> tuple[list[float], int]:
    """Seconds of each answer, and how many were not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    seconds, errors, stop = [], 0, time.perf_counter() + TIME_LIMIT_S
    for slug in slugs:
        if time.perf_counter() > stop:
            break
        started = time.perf_counter()
        connection.request("GET", f"/v1/events/{quote(slug)}/related")
        response = connection.getresponse()
        response.read()
        errors += response.status != 200
        seconds.append(time.perf_counter() - started)
    return seconds, errors


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def over_http(folder: Path, slugs: list[str], workers: int) -> None:
    """Load the service from other processes."""
    port = free_port()
    words = ["-m", "recommender.cli", "serve", "--index", str(folder), "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        started = time.perf_counter()
        while time.perf_counter() - started < 30:
            try:
                client(port, slugs[:20])
                break
            except OSError:
                time.sleep(0.05)
        click.echo(f"first answers {time.perf_counter() - started:.2f} s after the start of the service", err=True)
        shares = [slugs[i::CLIENTS] for i in range(CLIENTS)]
        with ProcessPoolExecutor(CLIENTS) as pool:
            started = time.perf_counter()
            results = list(pool.map(client, [port] * CLIENTS, shares))
            elapsed = time.perf_counter() - started
        seconds = [one for answers, _ in results for one in answers]
        show(f"HTTP, {workers} workers, {CLIENTS} clients, {len(seconds) / elapsed:.0f} requests/s", seconds)
        click.echo(f"{sum(errors for _, errors in results)} errors", err=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--queries", default=1000, show_default=True)
@click.option("--requests", default=4000, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(folder: Path, queries: int, requests: int, workers: int, seed: int) -> None:
    """Print a table of milliseconds."""
    corpus = Index.open(folder).corpus
    drawn = random.Random(seed).choices(range(len(corpus)), k=max(queries, requests))
    slugs = [corpus.slug(row) for row in drawn]
    click.echo("| what | answers | p50 ms | p90 ms | p99 ms |\n|---|---|---|---|---|")
    in_process(folder, slugs[:queries])
    over_http(folder, slugs[:requests], workers)


if __name__ == "__main__":
    main()
