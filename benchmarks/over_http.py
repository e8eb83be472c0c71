"""How fast the service is beside a bare Flask view that returns the same bytes on the same server.

    python benchmarks/over_http.py --index INDEX [--rounds 5] [--seconds 5]

Three kinds of requests for lists, because they cost what they cost: *kept*, a few slugs that were all asked before;
*Zipf*, half of all slugs, the n-th most popular 1/n times as often as the first, after a warm-up; *first time*, slugs
that nobody has asked for. Each round runs every line once, one after the other, with one worker, as fast as it goes
and then at 80 % of that; ratios are within a round. Then memory with 1, 2 and 4 workers, and how long a start takes.
"""

import os
import platform
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median
from urllib.parse import quote

import click
import numpy as np
from load import Asked, Load, closed_loop, generator, open_loop
from servers import GZIP, Servers, ask, children, ours, server

from recommender.index import Index
from recommender.parameters import MAX_LIMIT

KEPT_SLUGS = 200
SHARE_OF_PEAK = 0.8
WORKERS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how much."""

    rounds: int
    seconds: float
    connections: int
    warm_up: int


@dataclass(frozen=True, slots=True)
class Line:
    """What one kind of request came to in one round."""

    load: Load
    cpu_us: float
    """Of the server's worker, an answer: it hardly depends on what else the machine does."""


def path_of_list(slug: str) -> str:
    """The address of a list."""
    return f"/v1/events/{quote(slug)}/related"


class Slugs:
    """Lists of addresses, drawn with one seed: kept ones, popular ones, and new ones that are never given twice."""

    def __init__(self, index: Index, seed: int) -> None:
        rows = list(range(len(index.corpus)))
        random.Random(seed).shuffle(rows)
        self._index = index
        self._random = np.random.default_rng(seed)
        half = len(rows) // 2
        self.kept = self._paths(rows[:KEPT_SLUGS])
        self._popular = rows[KEPT_SLUGS:half] if half > 2 * KEPT_SLUGS else rows
        self._new = self._never_given(rows[half:])
        weights = 1.0 / np.arange(1, len(self._popular) + 1)
        self._weights = weights / weights.sum()

    def zipf(self, count: int) -> list[str]:
        """So many addresses, popular ones again and again."""
        places = self._random.choice(len(self._popular), count, p=self._weights)
        return self._paths([self._popular[place] for place in places])

    def new(self, count: int) -> list[str]:
        """So many addresses that were not given before."""
        return list(islice(self._new, count))

    def _never_given(self, rows: Sequence[int]) -> Iterator[str]:
        """Every slug once, then again with another limit: these cost the same, and are other answers."""
        for query in ("", *(f"?limit={limit}" for limit in range(11, MAX_LIMIT + 1))):
            yield from (path_of_list(self._index.corpus.slug(row)) + query for row in rows)

    def _paths(self, rows: Sequence[int]) -> list[str]:
        return [path_of_list(self._index.corpus.slug(row)) for row in rows]


class Popular:
    """Popular slugs, asked for one after the other; counts how many were asked for before."""

    def __init__(self, slugs: Slugs) -> None:
        self._slugs = slugs
        self._seen: set[str] = set()
        self._asked = 0
        self._again = 0

    def next(self, count: int) -> list[str]:
        """The next addresses."""
        return self._slugs.zipf(count)

    def done(self, paths: Sequence[str]) -> None:
        """So many of them were answered."""
        self._asked += len(paths)
        for path in paths:
            self._again += path in self._seen
            self._seen.add(path)

    def start_counting(self) -> None:
        """Forget the count, not the slugs."""
        self._asked = self._again = 0

    def share(self) -> float:
        """Of the answers, those whose slug was asked for before."""
        return self._again / self._asked


BARE, KEPT, ZIPF, NEW = "bare Flask view", "kept", "Zipf", "first time"
PACKED = f"{BARE}, compressed bytes"
OPEN = ", open loop"
AGAINST = {KEPT: BARE, "kept, compressed": PACKED, "304": BARE, ZIPF: BARE, NEW: BARE}
STEADY = (BARE, KEPT, ZIPF, NEW)
"""What is asked for in an open loop as well."""


def one_round(servers: Servers, slugs: Slugs, popular: Popular, settings: Settings) -> dict[str, Line]:
    """Every line once."""
    _, tag = ask(servers.ours, slugs.kept[0], part="ETag")
    zipf = popular.next(int(3_000 * settings.seconds))
    asked = {
        "bare WSGI function": Asked(servers.wsgi, slugs.kept, {}),
        BARE: Asked(servers.flask, slugs.kept, {}),
        KEPT: Asked(servers.ours, slugs.kept, {}),
        PACKED: Asked(servers.flask_packed, slugs.kept, GZIP),
        "kept, compressed": Asked(servers.ours, slugs.kept, GZIP),
        "304": Asked(servers.ours, slugs.kept[:1], {"If-None-Match": tag.decode()}),
        ZIPF: Asked(servers.ours, zipf, {}),
        NEW: Asked(servers.ours, slugs.new(int(2_000 * settings.seconds)), {}),
    }
    lines = {}
    for name, one in asked.items():
        before = servers.cpu_seconds(one.port)
        load = closed_loop(one, connections=settings.connections, seconds=settings.seconds)
        lines[name] = Line(load, (servers.cpu_seconds(one.port) - before) / load.answers * 1e6)
    popular.done(zipf[: lines[ZIPF].load.answers])
    for name in STEADY:
        rate = SHARE_OF_PEAK * lines[name].load.rate
        paths = asked[name].paths
        if name in {ZIPF, NEW}:  # what was asked for a moment ago is kept by now
            count = int(2 * rate * settings.seconds)
            paths = popular.next(count) if name == ZIPF else slugs.new(count)
        load = open_loop(Asked(asked[name].port, paths, {}), rate=rate, connections=64, seconds=settings.seconds)
        lines[name + OPEN] = Line(load, 0.0)
        if name == ZIPF:
            popular.done(paths[: load.answers])
    wrong = [f"{name}: {line.load.errors} errors" for name, line in lines.items() if line.load.errors]
    if wrong:
        raise click.ClickException("; ".join(wrong))
    return lines


def measure(folder: Path, slugs: Slugs, settings: Settings) -> None:
    """Both tables of load."""
    with ExitStack() as stack:
        servers, popular, found = Servers(stack, folder, slugs.kept), Popular(slugs), []
        warm = popular.next(settings.warm_up)
        for path in warm:
            ask(servers.ours, path)
        popular.done(warm)
        popular.start_counting()
        for number in range(settings.rounds):
            click.echo(f"round {number + 1} of {settings.rounds}, load average {os.getloadavg()[0]:.1f}", err=True)
            found.append(one_round(servers, slugs, popular, settings))
    size, packed = (np.mean([len(body) for body in some.values()]) for some in (servers.bodies, servers.packed))
    click.echo(
        f"\nAnswers of {size:,.0f} bytes on average, compressed {packed:,.0f}; {settings.connections} connections."
    )
    click.echo("\n| requests | a second | range | of the bare view's | CPU µs | of the bare view's | p50 ms | p99 ms |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for name in found[0]:
        if not name.endswith(OPEN):
            label = f"Zipf, {popular.share():.0%} asked for before" if name == ZIPF else name
            show(label, [one[name] for one in found], [one[AGAINST[name]] for one in found if name in AGAINST])
    click.echo(f"\nAt {SHARE_OF_PEAK:.0%} of these rates, in an open loop:")
    click.echo("\n| requests | a second | p50 ms | range | p99 ms | range |\n|---|---|---|---|---|---|")
    for name in STEADY:
        loads = [one[name + OPEN].load for one in found]
        rate = median([load.rate for load in loads])
        p50, p99 = ([getattr(load, value) for load in loads] for value in ("p50_ms", "p99_ms"))
        click.echo(f"| {name} | {rate:,.0f} | {_middle_and_range(p50)} | {_middle_and_range(p99)} |")


def show(name: str, lines: Sequence[Line], bare: Sequence[Line]) -> None:
    """One line: medians of the rounds, the range of rates, and shares of the bare view's, round by round."""
    rates = [line.load.rate for line in lines]
    pairs = list(zip(lines, bare, strict=True)) if bare else []
    faster = f"{median([ours.load.rate / other.load.rate for ours, other in pairs]):.1%}" if pairs else ""
    cpu = f"{median([ours.cpu_us / other.cpu_us for ours, other in pairs]):,.2f} x" if pairs else ""
    p50, p99 = (median([getattr(line.load, value) for line in lines]) for value in ("p50_ms", "p99_ms"))
    click.echo(
        f"| {name} | {median(rates):,.0f} | {min(rates):,.0f}–{max(rates):,.0f} | {faster} "
        f"| {median([line.cpu_us for line in lines]):,.0f} | {cpu} | {p50:.2f} | {p99:.2f} |"
    )


def _middle_and_range(values: Sequence[float]) -> str:
    """Two cells."""
    return f"{median(values):.2f} | {min(values):.2f}–{max(values):.2f}"


def memory(process: subprocess.Popen[bytes], port: int, paths: Sequence[str]) -> tuple[float, float]:
    """MB of all processes when all workers have answered: mapped files, and everything else."""
    closed_loop(Asked(port, paths, {}), connections=32, seconds=10)
    files = own = 0.0
    for number in (str(process.pid), *children(process.pid)):
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()[1:]
        megabytes = {name: int(value.split()[0]) / 1024 for name, value in (line.split(":", 1) for line in lines)}
        # Proportional: what n processes have in common counts 1/n for each, so that sums are true.
        files += megabytes["Pss_File"]
        own += megabytes["Pss_Anon"]
    return files, own


def show_memory(folder: Path, slugs: Slugs, events: int) -> None:
    """One line for each number of workers, and what an event takes."""
    click.echo("\nMemory without kept answers, of which a worker has --cache-mb megabytes at most:")
    click.echo("\n| workers | MB of all processes | of that mapped files | one worker more |\n|---|---|---|---|")
    seen: list[tuple[int, float, float]] = []
    with tempfile.TemporaryDirectory() as work:
        # A copy, which nobody else has mapped: what is shared with others would count less.
        copy = shutil.copytree(folder, Path(work, "index"))
        on_disk = sum(file.stat().st_size for file in copy.rglob("*") if file.is_file())
        for workers in WORKERS:
            # How many answers are kept in the time depends on what else the machine does.
            options = ("--workers", str(workers), "--cache-mb", "0")
            with server(ours(copy, *options), "/v1/health") as (process, port, _):
                files, own = memory(process, port, slugs.new(4_000))
            more = f"{(files + own - sum(seen[-1][1:])) / (workers - seen[-1][0]):,.0f}" if seen else ""
            click.echo(f"| {workers} | {files + own:,.0f} | {files:,.0f} | {more} |")
            seen.append((workers, files, own))
    _, files, own = seen[0]
    click.echo(
        f"\nAn event takes {on_disk / events:,.0f} bytes of the index on the disk; with one worker "
        f"{files * 1024**2 / events:,.0f} bytes of memory in mapped files, programs included, and "
        f"{own * 1024**2 / events:,.0f} besides."
    )


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=5.0, show_default=True, help="Of each line in each round.")
@click.option("--warm-up", default=2000, show_default=True, help="Requests of the Zipf mix before it is measured.")
@click.option("--connections", default=8, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(folder: Path, rounds: int, seconds: float, warm_up: int, connections: int, seed: int) -> None:
    """Print tables: requests a second, time to the first answer, memory."""
    index = Index.open(folder)
    slugs = Slugs(index, seed)
    versions = ", ".join(f"{name} {version(name)}" for name in ("flask", "werkzeug", "granian"))
    click.echo(
        f"{len(index.corpus):,} events; {os.cpu_count()} cores shared by server and client; Python "
        f"{platform.python_version()}, {versions}; load from {generator()}; median of {rounds} rounds of {seconds:g} s."
    )
    starts = []
    for path in slugs.new(rounds):
        with server(ours(folder), path) as (_, _, elapsed):
            starts.append(elapsed)
    measure(folder, slugs, Settings(rounds, seconds, connections, warm_up))
    span = f"{min(starts):.2f}–{max(starts):.2f}"
    click.echo(f"\nFrom the start of the command to the first list: {median(starts):.2f} s ({span}).")
    show_memory(folder, slugs, len(index.corpus))


if __name__ == "__main__":
    main()
