"""What an index costs whoever asks it: size, a process from start to answer, opening, one query, many queries."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from recommender.benchmark import Figure, repeated
from recommender.index import Index
from recommender.parameters import PROFILES, Parameters
from recommender.related import Recommender

MANY = 4096
"""Lists that are asked for at once."""
_WARM_UP = 20


def sizes(folder: Path, index: Index) -> Iterator[Figure]:
    """Bytes of an index.

    Args:
        folder: Where it lies.
        index: The same, opened.
    """
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    yield Figure("index", "size", "MB", (size / 1e6,))
    yield Figure("index", "size of an event", "bytes", (size / len(index.corpus),))


def starting(folder: Path, slugs: Sequence[str]) -> Iterator[Figure]:
    """The command in a process of its own, from its start to its end; each slug once.

    It comes before what needs memory: the system counts what a process has at its start as that of its children.
    """
    seconds, megabytes = [], []
    for slug in slugs:
        started = time.perf_counter()
        words = [sys.executable, "-m", "recommender.cli", "related", slug, "--index", str(folder), "--format", "json"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - ourselves
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.perf_counter() - started)
        megabytes.append(used.ru_maxrss / 1024)
    yield Figure("starting", "a process that gives one list", "s", tuple(seconds))
    yield Figure("starting", "its peak of memory, the index's pages included", "MB", tuple(megabytes))


def opening(folder: Path, slugs: Sequence[str]) -> Iterator[Figure]:
    """Opening, making ready, and the first list of what was just opened; each slug once."""
    steps: list[tuple[float, float, float]] = []
    Recommender(Index.open(folder)).related(slugs[0])  # loads compiled code, which stays
    for slug in slugs:
        times = [time.perf_counter()]
        index = Index.open(folder)
        times.append(time.perf_counter())
        recommender = Recommender(index)
        times.append(time.perf_counter())
        recommender.related(slug)
        times.append(time.perf_counter())
        steps.append((times[1] - times[0], times[2] - times[1], times[3] - times[2]))
    for name, values in zip(("mapping it", "making it ready", "the first list"), zip(*steps, strict=True), strict=True):
        yield Figure("opening", name, "ms", tuple(1e3 * seconds for seconds in values))


def one_query(recommender: Recommender, slugs: Sequence[str], runs: int) -> Iterator[Figure]:
    """One query after the other, list and reasons included, by each profile.

    Args:
        recommender: On the index.
        slugs: All of them are asked in each run.
        runs: Of which each gives percentiles.
    """
    for profile in PROFILES:
        parameters = Parameters.checked(profile=profile)
        for slug in slugs[:_WARM_UP]:
            recommender.related(slug, parameters)
        found = []
        for _ in range(runs):
            milliseconds = []
            for slug in slugs:
                started = time.perf_counter()
                recommender.related(slug, parameters)
                milliseconds.append(1e3 * (time.perf_counter() - started))
            found.append(np.percentile(milliseconds, (50, 99)).tolist())
        for name, values in zip(("p50", "p99"), zip(*found, strict=True), strict=True):
            yield Figure("one query", f"{profile}, {name}", "ms", tuple(values))


def many_queries(recommender: Recommender, runs: int, seed: int) -> Iterator[Figure]:
    """Lists of `extend` on all processors, asked for at once."""
    events = len(recommender.index.corpus)
    rows = np.random.default_rng(seed).choice(events, min(MANY, events), replace=False)
    asked = np.sort(rows).tolist()
    seconds = repeated(lambda: sum(1 for _ in recommender.related_rows(asked, Parameters())), runs)
    yield Figure(
        "many queries", f"{len(asked):,} lists by extend", "lists/s", tuple(len(asked) / one for one in seconds)
    )


def memory() -> Iterator[Figure]:
    """The most that this process has had so far."""
    yield Figure("memory", "peak of all of this", "MB", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,))
