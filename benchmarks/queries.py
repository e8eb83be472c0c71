"""How fast queries are against what the machine can do: one by one and all at once, beside bare searches.

    python benchmarks/queries.py --index INDEX [--queries 1000] [--rows 66307] [--rival NAME]

A bare search gives the 200 nearest rows and nothing else. Each is measured on `--rows` queries and its recall against
exact lists is printed; those below 0.999 do not count as the fastest. Rivals that are not installed are left out:
`pip install faiss-cpu usearch turbovec`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.products import Products
from recommender.benchmark import as_table
from recommender.benchmark_asking import one_query
from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender
from recommender.rough import Roughly
from recommender.texts import nearest_of
from recommender.threads import mapped, processors

K = 200
SAMPLE = 200
ENOUGH = 0.999
BLOCK = 256
RUNS = 3

Found = Iterator[NDArray[np.int64]]
"""Blocks of (rows, K) nearest rows."""


RIVAL_PACKAGES = ("torch", "faiss-cpu", "usearch", "turbovec")


def show(*cells: object) -> None:
    """One line of a table."""
    click.echo("| " + " | ".join(f"{one:,.3f}" if isinstance(one, float) else f"{one}" for one in cells) + " |")


def scans(recommender: Recommender, rows: list[int]) -> None:
    """Milliseconds of finding the nearest texts of one query."""
    index = recommender.index
    vectors = np.array(index.vectors)
    everyone = np.ones(len(vectors), np.bool_)
    ways: dict[str, Callable[[int], object]] = {
        "bytes, scanned": lambda row: index.codes.rough(vectors[row]),
        "bytes, scanned and re-scored": lambda row: nearest_of(
            vectors, index.codes.rough(vectors[row]), vectors[row], K, everyone
        ),
        "numpy fp32, scanned": lambda row: vectors @ vectors[row],
        "numpy fp32 and argpartition": lambda row: np.argpartition(-(vectors @ vectors[row]), K)[:K],
    }
    with suppress(ImportError):
        import faiss  # noqa: PLC0415

        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        ways["faiss Flat"] = lambda row: flat.search(vectors[row : row + 1], K)
    with suppress(ImportError):
        from usearch.index import search  # noqa: PLC0415

        ways["usearch exact"] = lambda row: search(vectors, vectors[row], K, "ip", exact=True)
    show(f"{K} nearest of one query", "queries", "p50 ms", "p90 ms", "p99 ms")
    show("---", "---", "---", "---", "---")
    for name, way in ways.items():
        way(rows[0])
        wall = []
        for row in rows:
            started = time.perf_counter()
            way(row)
            wall.append(1e3 * (time.perf_counter() - started))
        show(name, len(rows), *map(float, np.percentile(wall, (50, 90, 99))))


def by_numpy(vectors: NDArray[np.float32], rows: int) -> Found:
    """Single precision, one block of queries after the other."""
    for start in range(0, rows, BLOCK):
        places = np.argpartition(-(vectors[start : min(rows, start + BLOCK)] @ vectors.T), K, axis=1)
        yield places[:, :K].copy()  # a view would keep all places of all queries


def by_products(vectors: NDArray[np.float32], rows: int) -> Found:
    """Ours: a matrix product, a shortlist with a certified bound, exact cosines."""
    everyone = np.ones(len(vectors), np.bool_)

    roughly = Roughly(vectors, Products.of(vectors))

    def nearest(asked: Sequence[int]) -> Iterator[NDArray[np.int64]]:
        for row, rough in zip(asked, roughly.of_rows(asked), strict=True):
            yield nearest_of(vectors, rough, vectors[row], K, everyone).rows[None]

    yield from mapped(nearest, range(rows), roughly.size)


def by_torch(vectors: NDArray[np.float32], rows: int) -> Found:
    """The same product as ours, as it is: rounded, not re-scored."""
    import torch  # noqa: PLC0415

    products = Products.of(vectors).rows
    for start in range(0, rows, BLOCK):
        yield torch.topk(products[start : min(rows, start + BLOCK)] @ products.t(), K, sorted=False)[1].numpy()


def by_faiss(vectors: NDArray[np.float32], rows: int) -> Found:
    """Single precision."""
    import faiss  # noqa: PLC0415

    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    for start in range(0, rows, 4096):
        yield flat.search(vectors[start : min(rows, start + 4096)], K)[1]


def by_usearch(vectors: NDArray[np.float32], rows: int) -> Found:
    """Single precision."""
    from usearch.index import search  # noqa: PLC0415

    for start in range(0, rows, 1024):
        found = search(vectors, vectors[start : min(rows, start + 1024)], K, "ip", exact=True, threads=processors())
        yield np.asarray(found.keys).astype(np.int64)


def by_turbovec(vectors: NDArray[np.float32], rows: int) -> Found:
    """Candidates by four bits a number, re-scored in single precision."""
    import turbovec  # noqa: PLC0415

    index = turbovec.TurboQuantIndex(vectors.shape[1], 4)
    index.add(vectors)
    for start in range(0, rows, 1024):
        queries = vectors[start : min(rows, start + 1024)]
        _, places = index.search(queries, 2 * K)
        places = np.asarray(places).astype(np.int64).reshape(len(queries), -1)
        exact = np.matmul(vectors[places], queries[:, :, None])[:, :, 0]
        best = np.argpartition(-exact, K, axis=1)[:, :K]
        yield np.take_along_axis(places, best, axis=1)


RIVALS: dict[str, Callable[[NDArray[np.float32], int], Found]] = {
    "ours: product, certified, re-scored": by_products,
    "torch: product and topk": by_torch,
    "turbovec 4 bits, re-scored": by_turbovec,
    "faiss Flat": by_faiss,
    "usearch exact": by_usearch,
    "numpy and argpartition": by_numpy,
}


def bare(vectors: NDArray[np.float32], rows: int, names: tuple[str, ...]) -> float:
    """Seconds of the fastest bare search of all pairs that finds enough."""
    random = np.random.default_rng(0)
    sample = np.sort(random.choice(rows, min(SAMPLE, rows), replace=False))
    exact = np.partition(-(vectors[sample] @ vectors.T), K - 1, axis=1)[:, K - 1] * -1.0
    show(f"{K} nearest of {rows:,} queries", "seconds", "CPU seconds", "recall")
    show("---", "---", "---", "---")
    fastest = np.inf
    for name, rival in RIVALS.items():
        if names and not any(one in name for one in names):
            continue
        try:
            started, used = time.perf_counter(), time.process_time()
            found = np.concatenate(list(rival(vectors, rows)))
            seconds, cpu = time.perf_counter() - started, time.process_time() - used
        except ImportError:
            continue
        # A row that is as near as the last of the exact ones is as good: ties are no misses.
        near = np.einsum("qd,qkd->qk", vectors[sample], vectors[found[sample]])
        recall = float((near >= exact[:, None] - 1e-5).mean())
        show(name, seconds, cpu, recall)
        if recall >= ENOUGH:
            fastest = min(fastest, seconds)
    return fastest


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--queries", default=1000, show_default=True, help="Queries that are asked one by one.")
@click.option("--rows", default=0, help="Queries that are asked all at once; all events if 0.")
@click.option("--threads", default=processors(), show_default=True)
@click.option("--rival", "names", multiple=True, help="Only bare searches with this in their name.")
@click.option("--seed", default=0, show_default=True)
def main(folder: Path, queries: int, rows: int, threads: int, names: tuple[str, ...], seed: int) -> None:
    """Print tables."""
    index = Index.open(folder)
    recommender = Recommender(index)
    installed = []
    for name in RIVAL_PACKAGES:
        with suppress(PackageNotFoundError):
            installed.append(f"{name} {version(name)}")
    asked = np.random.default_rng(seed).choice(len(index.corpus), queries).tolist()
    heading = (f"{len(index.corpus):,} events, {queries:,} queries a run; rivals: {', '.join(installed)}",)
    click.echo(as_table(heading, list(one_query(recommender, [index.corpus.slug(row) for row in asked], RUNS))))
    click.echo()
    with threadpool_limits(1):
        scans(recommender, asked[:300])
    click.echo()
    rows = rows or len(index.corpus)
    with threadpool_limits(threads):
        fastest = bare(np.array(index.vectors), rows, names)
        started, used = time.perf_counter(), time.process_time()
        lists = sum(1 for _ in recommender.related_rows(range(rows), Parameters()))
        seconds, cpu = time.perf_counter() - started, time.process_time() - used
    show("all lists by extend, with reasons", seconds, cpu, "")
    click.echo(f"\n{lists:,} lists: {seconds / fastest:.2f} times the fastest bare search")


if __name__ == "__main__":
    main()
