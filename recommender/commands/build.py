"""`build`: an archive → an index, or an index brought up to date."""

from pathlib import Path

import click

from recommender.commands.shared import bring_up_to_date


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True, help="Where the index is to lie.")
@click.option(
    "--encoder",
    help="accurate, fast, minilm, lexical (no model), or a sentence-transformers model: folder or name on this "
    "machine. The index's own if not given, accurate for a new one.",
)
@click.option("--skip-bad-pages", is_flag=True, help="Pass over pages that cannot be read, and tell them.")
@click.option("--reread", is_flag=True, help="Read every file, also those that seem not to have been touched.")
def build(archive: Path, folder: Path, encoder: str | None, *, skip_bad_pages: bool, reread: bool) -> None:
    """Build the index of ARCHIVE, or bring it up to date: texts known already are not encoded again."""
    bring_up_to_date(archive, folder, encoder=encoder, skip_bad=skip_bad_pages, reread=reread, tell=True)
