"""`regenerate`: new Related sections for an archive, checked, shown or written."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import numpy as np

from recommender.archive import Archive
from recommender.around import rows_around
from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import (
    DIFFERENT,
    open_recommender,
    parameter_options,
    read_pages,
    scanned,
)
from recommender.example import example_index
from recommender.page_table import PageTable
from recommender.page_writer import remove_leftovers, write_page
from recommender.parameters import Parameters
from recommender.regeneration import CAUSES, PageChange, Summary
from recommender.regeneration import regenerate as regenerate_pages
from recommender.related import Recommender
from recommender.stamps import SeenFiles


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@index_option
@parameter_options
@click.option("--check", "mode", flag_value="check", help="Only say what would change; exit 1 if anything would.")
@click.option("--diff", "mode", flag_value="diff", default=True, help="Show a unified diff; the default.")
@click.option("--write", "mode", flag_value="write", help="Write the pages that change.")
@click.option("--new", is_flag=True, help="Only pages without a list, and those whose list could name one of them.")
@click.option(
    "--around",
    "slugs",
    multiple=True,
    metavar="SLUG",
    help="Only this event's list, and those that could name it; several times.",
)
@click.option("--skip-bad-pages", is_flag=True, help="Pass over pages that cannot be read, and tell them.")
@click.pass_context
def regenerate(
    context: click.Context,
    archive: Path,
    folder: Path | None,
    parameters: Parameters,
    *,
    mode: str,
    new: bool,
    slugs: tuple[str, ...],
    skip_bad_pages: bool,
) -> None:
    """Make the Related sections of ARCHIVE anew; nothing else of a page changes."""
    recommender = open_recommender(folder)
    known = scanned(archive, recommender.index, SeenFiles.beside(folder or example_index(), archive))
    pages = read_pages(archive, skip_bad=skip_bad_pages, known=known)
    if mode == "write" and (leftovers := remove_leftovers(archive)):
        click.echo(f"removed {leftovers} files that an interrupted run left behind", err=True)
    recommender.index.require(pages)
    only = _only(recommender, pages, parameters, new=new, slugs=slugs) if new or slugs else None
    bars, summary = Bars(), Summary()
    changes = regenerate_pages(archive, pages, recommender, parameters, summary, only=only)
    for done, change in enumerate(changes, start=1):
        bars.show("lists", done, len(pages.pages) if only is None else len(only))
        if change is not None and mode == "write":
            write_page(archive, change.path, change.new)
        elif change is not None and mode == "diff":
            click.echo("".join(_unified(change)), nl=False)
    bars.close()
    _tell(summary, written=mode == "write")
    if mode == "check" and summary.changed:
        context.exit(DIFFERENT)


def _only(
    recommender: Recommender, pages: Archive, parameters: Parameters, *, new: bool, slugs: Iterable[str]
) -> list[int]:
    """The rows whose lists are asked for: at the end those in the middle, so that a killed run can be run again."""
    table = PageTable.of(pages.pages)
    middle = {recommender.index.corpus.row(slug) for slug in slugs}
    if new:
        middle.update(np.flatnonzero(~table.listed & ~table.details.locked).tolist())
    around = rows_around(recommender, sorted(middle), parameters).tolist()
    click.echo(f"{len(middle):,} asked for, and {len(around):,} whose lists could name them", err=True)
    return [*around, *sorted(middle)]


def _unified(change: PageChange) -> Iterator[str]:
    """The lines of a diff that `patch` and `git apply` take."""
    old, new = (_lines(text) for text in (change.old, change.new))
    for line in difflib.unified_diff(old, new, f"a/{change.path}", f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")[:-1]] + ([rest] if (rest := text.rsplit("\n", 1)[-1]) else [])


def _tell(summary: Summary, *, written: bool) -> None:
    verb = "changed" if written else "would change"
    share = summary.kept / summary.items if summary.items else 1.0
    click.echo(f"{summary.pages:,} pages: {summary.unchanged:,} as they are, {summary.changed:,} {verb}", err=True)
    for cause, count in summary.causes.items():
        if count:
            click.echo(f"  {count:>7,}  {cause}: {CAUSES[cause]}", err=True)
    if summary.passed_over:
        click.echo(f"  {summary.passed_over:>7,}  other pages were not looked at", err=True)
    if summary.locked:
        click.echo(f"  {summary.locked:>7,}  locked by their front matter", err=True)
    click.echo(f"{summary.kept:,} of {summary.items:,} listed events are kept ({share:.1%})", err=True)
