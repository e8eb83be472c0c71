"""How an index grows with its archive: building, memory, one query, all queries; and what an approximate search gives.

    python benchmarks/growth.py --index INDEX [--events 10000 --events 66307 --events 250000 --events 1000000]
    python benchmarks/growth.py --index INDEX --approximate --events 250000

Archives of more events than INDEX has are synthetic: see synthetic.py. Each is built straight into an index, saved,
opened and asked, every step in a process of its own, so that its peak of memory is its own. What would take hours is
measured on a sample and said to be: the graph, and the lists of all events. The exponent is the slope of a line through
the logarithms: 1 grows as the archive does, 2 as its pairs. Rivals are those that are installed of faiss-cpu, usearch.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from synthetic import grown
from tables import aligned
from threadpoolctl import threadpool_limits

from models.products import Products
from recommender.graph import NEIGHBOURS, nearest_others
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.rough import MANY
from recommender.texts import nearest_of

SIZES = (10_000, 66_307, 250_000, 1_000_000)
K = 100
WARM_UP = 20
MEASURED: Mapping[str, str] = {
    "nearest": "cosine of the nearest text, median",
    "entities": "entities",
    "graph": "graph, all processors, s",
    "graph CPU": "graph, processor time, s",
    "made": "peak memory of building, GB",
    "bytes": "index, MB",
    "opened": "opening, ms",
    "ready": "making ready, ms",
    "scanned": "one query: nearest texts, p50 ms",
    "p50": "one query: the list, p50 ms",
    "p99": "one query: the list, p99 ms",
    "CPU": "one query: the list, processor time, p50 ms",
    "reproduce": "one query: reproduce, p50 ms",
    "all": "all lists, s",
    "all CPU": "all lists, processor time, s",
    "asked": "peak memory of asking, GB",
}
_NO_EXPONENT = ("nearest",)

Measured = dict[str, float]
Search = Callable[[NDArray[np.float32]], NDArray[np.int64]]


def alone(work: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - whatever the work gives
    """Do some work in a new process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def peak_gb() -> float:
    """The most memory that this process has had so far; what getrusage says may be its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024**2


def build(source: Path, folder: Path, events: int, rows: int, seed: int) -> Measured:
    """Make an index and save it."""
    index = grown(Index.open(source), events, seed)
    asked = np.sort(np.random.default_rng(seed).choice(events, min(rows, events), replace=False))
    _, cosines = nearest_others(index.vectors, asked[:MANY], NEIGHBOURS)
    graph = whole(index.vectors, lambda: nearest_others(index.vectors, asked, NEIGHBOURS), events / len(asked))
    index.save(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "nearest": float(np.median(cosines[:, 0])),
        "entities": int(np.count_nonzero(np.diff(index.entities.entity_starts))),
        "graph": graph[0],
        "graph CPU": graph[1],
        "bytes": size / 1e6,
        "made": peak_gb(),
    }


def ask(folder: Path, queries: int, rows: int, seed: int) -> Measured:
    """Open an index, and ask it."""
    started = time.perf_counter()
    index = Index.open(folder)
    opened = time.perf_counter()
    recommender = Recommender(index)
    ready = time.perf_counter()
    events, random = len(index.corpus), np.random.default_rng(seed)
    slugs = [index.corpus.slug(row) for row in random.choice(events, queries).tolist()]
    vectors = index.vectors
    asked = np.sort(random.choice(events, min(rows, events), replace=False)).tolist()
    found: Measured = {"opened": 1e3 * (opened - started), "ready": 1e3 * (ready - opened)}
    milliseconds, used = timed(recommender.related, slugs)
    found |= {"p50": percentile(milliseconds, 50), "p99": percentile(milliseconds, 99), "CPU": percentile(used, 50)}
    rule = Parameters.checked(profile="reproduce")
    found["reproduce"] = percentile(timed(lambda slug: recommender.related(slug, rule), slugs)[0], 50)
    everyone = np.ones(events, np.bool_)
    scanned, _ = timed(
        lambda row: nearest_of(vectors, index.codes.rough(vectors[row]), vectors[row], K, everyone), asked[:200]
    )
    found["scanned"] = percentile(scanned, 50)
    found["all"], found["all CPU"] = whole(
        vectors, lambda: sum(1 for _ in recommender.related_rows(asked, Parameters())), events / len(asked)
    )
    return found | {"asked": peak_gb()}


def whole(vectors: NDArray[np.float32], sample: Callable[[], object], times: float) -> tuple[float, float]:
    """Seconds of the clock and of processors that all events would take, from those of a sample.

    Args:
        vectors: What is made ready for matrix products once, for however many events.
        sample: Does the work for some of them.
        times: So many times as many are all.
    """
    Products.of(vectors[:MANY])  # imports what it needs
    clock, processor = [time.perf_counter()], [time.process_time()]
    for work in (lambda: Products.of(vectors), sample):
        work()
        clock.append(time.perf_counter())
        processor.append(time.process_time())
    (once, both), (once_cpu, both_cpu) = ([b - a for a, b in pairwise(moments)] for moments in (clock, processor))
    return once + (both - once) * times, once_cpu + (both_cpu - once_cpu) * times


def timed(way: Callable[[Any], object], asked: Sequence[Any]) -> tuple[list[float], list[float]]:
    """Milliseconds of each after a warm-up: of the clock, and of the processor."""
    for one in asked[:WARM_UP]:
        way(one)
    clock, processor = [], []
    for one in asked:
        started, used = time.perf_counter(), time.thread_time()
        way(one)
        clock.append(1e3 * (time.perf_counter() - started))
        processor.append(1e3 * (time.thread_time() - used))
    return clock, processor


def percentile(values: Sequence[float], share: float) -> float:
    """One of a sample."""
    return float(np.percentile(values, share))


def approximate(folder: Path, queries: int, seed: int) -> list[list[str]]:
    """Lines of a table: approximate indexes of the vectors beside our exact search, on one processor."""
    index = Index.open(folder)
    vectors = np.array(index.vectors)
    rows = np.random.default_rng(seed).choice(len(vectors), queries, replace=False)
    exact = -np.partition(-(vectors[rows] @ vectors.T), K - 1, axis=1)[:, K - 1]
    everyone, lines = np.ones(len(vectors), np.bool_), []
    ways: list[tuple[str, float, Search]] = [
        (
            "ours: bytes, certified, re-scored",
            0.0,
            lambda one: nearest_of(vectors, index.codes.rough(one, alone=False), one, K, everyone).rows,
        )
    ]
    with suppress(ImportError):
        ways += by_faiss(vectors)
    with suppress(ImportError):
        ways += by_usearch(vectors)
    with threadpool_limits(1):
        for name, seconds, search in ways:
            milliseconds, _ = timed(search, list(vectors[rows]))
            # A row that is as near as the last of the exact ones is as good: ties are no misses.
            near = [vectors[search(vectors[row])] @ vectors[row] for row in rows]
            recall = float(np.mean([(some >= least - 1e-5).sum() / K for some, least in zip(near, exact, strict=True)]))
            p50, p99 = (percentile(milliseconds, share) for share in (50, 99))
            lines.append([f"{len(vectors):,}", name, f"{seconds:.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{recall:.4f}"])
    return lines


def by_faiss(vectors: NDArray[np.float32]) -> Iterator[tuple[str, float, Search]]:
    """Cells around centres, rows as bytes."""
    import faiss  # noqa: PLC0415

    cells = round(4 * len(vectors) ** 0.5)
    started = time.perf_counter()
    index = faiss.index_factory(vectors.shape[1], f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:: max(1, len(vectors) // (40 * cells))])
    index.add(vectors)
    seconds = time.perf_counter() - started
    for probes in (16, 64, 256):

        def search(one: NDArray[np.float32], probes: int = probes) -> NDArray[np.int64]:
            faiss.omp_set_num_threads(1)
            index.nprobe = probes
            rows = index.search(one[None], 2 * K)[1][0]
            rows = rows[rows >= 0]
            return np.asarray(rows[np.argsort(-(vectors[rows] @ one))[:K]])

        yield f"faiss IVF{cells},SQ8, {probes} cells, re-scored", seconds, search


def by_usearch(vectors: NDArray[np.float32]) -> Iterator[tuple[str, float, Search]]:
    """A graph of near ones (HNSW), rows as bytes."""
    from usearch.index import Index as Graph  # noqa: PLC0415

    started = time.perf_counter()
    index = Graph(ndim=vectors.shape[1], metric="ip", dtype="i8")
    index.add(np.arange(len(vectors)), vectors)
    seconds = time.perf_counter() - started
    for expansion in (256, 1024):

        def search(one: NDArray[np.float32], expansion: int = expansion) -> NDArray[np.int64]:
            index.expansion_search = expansion
            rows = np.asarray(index.search(one, 2 * K).keys).astype(np.int64)
            return np.asarray(rows[np.argsort(-(vectors[rows] @ one))[:K]])

        yield f"usearch HNSW, bytes, {expansion} looked at, re-scored", seconds, search


def grows(events: Sequence[int], values: Sequence[float]) -> float:
    """The exponent: slope of a line through the logarithms."""
    return float(np.polyfit(np.log(events), np.log(values), 1)[0])


def shown(value: float) -> str:
    """Three digits or more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@click.command()
@click.option("--index", "source", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--events", "sizes", type=int, multiple=True, default=SIZES, show_default=True)
@click.option("--queries", default=300, show_default=True, help="Asked one by one.")
@click.option("--rows", default=4096, show_default=True, help="Asked at once, of the graph and of all lists.")
@click.option("--approximate", "rivals", is_flag=True, help="Approximate searches beside ours, and nothing else.")
@click.option("--work", type=click.Path(path_type=Path), help="Where indexes are made for the time being.")
@click.option("--seed", default=0, show_default=True)
def main(
    source: Path, sizes: tuple[int, ...], queries: int, rows: int, *, rivals: bool, work: Path | None, seed: int
) -> None:
    """Print a table."""
    found, lines = [], []
    for events in sizes:
        with tempfile.TemporaryDirectory(dir=work) as name:
            folder = Path(name) / "index"
            click.echo(f"{events:,} events: building", err=True)
            measured = alone(build, source, folder, events, rows, seed)
            click.echo(f"{events:,} events: asking", err=True)
            if rivals:
                lines += alone(approximate, folder, queries, seed)
            else:
                found.append({**measured, **alone(ask, folder, queries, rows, seed)})
                click.echo(found[-1], err=True)
    if rivals:
        click.echo(aligned([["events", f"nearest {K}", "built, s", "p50 ms", "p99 ms", "recall"], *lines]))
        return
    table = [["", *(f"{events:,}" for events in sizes), "exponent"]]
    for name, title in MEASURED.items():
        values = [one[name] for one in found]
        exponent = f"{grows(sizes, values):.2f}" if name not in _NO_EXPONENT and len(sizes) > 1 else ""
        table.append([title, *map(shown, values), exponent])
    click.echo(aligned(table))


if __name__ == "__main__":
    main()
