"""`bench`: how fast everything is here, on an archive and its index."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import numpy as np

from recommender.archive import read_archive
from recommender.benchmark import Figure, as_json, as_table
from recommender.benchmark_asking import many_queries, memory, one_query, opening, sizes, starting
from recommender.benchmark_building import building, encoding, reading, regenerating
from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import bring_up_to_date
from recommender.example import example_archive, example_index
from recommender.index import Index
from recommender.related import Recommender

SEED = 0
Stage = Callable[[], Iterable[Figure]]


@click.command()
@click.argument("archive", type=click.Path(path_type=Path), required=False)
@index_option
@click.option("--queries", type=click.IntRange(1), default=300, show_default=True, help="Asked one by one in each run.")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Of each stage; one where it is long."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def bench(archive: Path | None, folder: Path | None, *, queries: int, runs: int, form: str) -> None:
    """How fast this program is on this machine, with ARCHIVE and its index, or with the example archive.

    Nothing is written. Without ARCHIVE, what needs its pages is left out where --index is given.
    """
    if folder is None:
        if archive is not None:
            raise click.UsageError("ARCHIVE needs --index, the index that was built from it; make one with `build`")
        archive, folder = example_archive(), example_index()
        bring_up_to_date(archive, folder)
    index = Index.open(folder)
    drawn = np.random.default_rng(SEED).choice(len(index.corpus), queries)
    slugs = [index.corpus.slug(row) for row in drawn.tolist()]
    # Before this process has much memory, which would count as that of its children.
    figures = [*sizes(folder, index), *starting(folder, slugs[:runs])]
    stages: dict[str, Stage] = {
        "opening": lambda: opening(folder, slugs[:runs]),
        "one query": lambda: one_query(recommender, slugs, runs),
        "many queries": lambda: many_queries(recommender, runs, SEED),
        "encoding": lambda: encoding(index, runs, SEED),
    }
    if archive is not None:
        pages = read_archive(archive)
        index.require(pages)
        stages |= {"reading": lambda: reading(archive, runs), "building": lambda: building(pages, index, runs)}
        stages["regenerating"] = lambda: regenerating(archive, pages, recommender, runs)
    recommender = Recommender(index)
    bars = Bars()
    for place, stage in enumerate(stages.values()):
        bars.show("measuring", place, len(stages))
        figures += stage()
    bars.close()
    figures += memory()
    manifest = index.manifest
    about = {"events": manifest.events, "entities": manifest.entities, "encoder": manifest.encoder}
    if form == "json":
        click.echo(json.dumps(as_json({"index": about}, figures), ensure_ascii=False, indent=2))
        return
    heading = f"{manifest.events:,} events, {manifest.entities:,} entities, encoder {manifest.encoder}"
    click.echo(as_table([heading], figures))
