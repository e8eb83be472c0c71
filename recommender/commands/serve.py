"""`serve`: the HTTP API on an index."""

from importlib import import_module
from pathlib import Path

import click

from recommender.commands.options import index_option
from recommender.example import example_archive, example_index


@click.command()
@index_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8000, show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; they share the index's memory.",
)
@click.option(
    "--cache-mb",
    type=click.IntRange(0, 999_999),
    envvar="RELATED_EVENTS_CACHE_MB",
    show_envvar=True,
    default=64,
    show_default=True,
    help="Megabytes of finished answers that each process keeps; 0 keeps none.",
)
def serve(folder: Path | None, host: str, port: int, workers: int, cache_mb: int) -> None:
    """Serve the API; without --index the example archive, which is built on first use."""
    if folder is None:
        folder = example_index()
        # A service that has its index builds none, and does not wait for what building needs.
        import_module("recommender.commands.shared").bring_up_to_date(example_archive(), folder)
    # By name: the layer above is not imported from here, it is handed the work.
    import_module("api.serving").serve(folder, host=host, port=port, workers=workers, cache_mb=cache_mb)
