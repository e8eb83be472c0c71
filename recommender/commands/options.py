"""The option that most commands have, apart from what else these need: `serve` starts without waiting for that."""

from pathlib import Path

import click

from recommender.index import INDEX_VARIABLE

index_option = click.option(
    "--index",
    "folder",
    type=click.Path(path_type=Path),
    envvar=INDEX_VARIABLE,
    show_envvar=True,
    help="The index; the example archive's if not given.",
)
