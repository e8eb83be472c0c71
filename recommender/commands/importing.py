"""`import`: the portal's days → pages of an archive, new or extended."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
from platformdirs import user_cache_path

from recommender import configuration
from recommender.archive import Archive, read_archive
from recommender.commands.progress import Bars, Clock
from recommender.commands.shared import DIFFERENT, Day
from recommender.configuration import Configuration, render_configuration
from recommender.errors import ArchiveError, ParameterError
from recommender.importing.plan import plan_import
from recommender.importing.writing import ImportPlan, write_import
from recommender.page_writer import remove_leftovers, write_page
from recommender.parameters import MAX_LIMIT
from recommender.portal.day import PortalDay, read_day
from recommender.portal.days import DaySource
from recommender.portal.folder import PortalFolder
from recommender.portal.mediawiki import WIKIPEDIA_API, fetch_days


@click.command(name="import")
@click.argument("portal", type=click.Path(path_type=Path), required=False)
@click.option("--output", "archive", type=click.Path(path_type=Path), required=True, help="The archive, new or not.")
@click.option("--from-wikipedia", is_flag=True, help="Fetch the days from Wikipedia instead of reading PORTAL.")
@click.option("--since", type=Day(), help="First day, YYYY-MM-DD.")
@click.option("--until", type=Day(), help="Last day, YYYY-MM-DD; today if not given and fetched.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), help="Items of a list, of a new archive; 10.")
@click.option("--no-lists", is_flag=True, help="Leave all Related lists to `regenerate`.")
@click.option("--check", is_flag=True, help="Only say what would change; exit 1 if anything would.")
@click.option("--skipped", type=click.Path(path_type=Path), help="File for all that became no event, with its cause.")
@click.option("--contact", default="", help="Who asks Wikipedia: an e-mail address or a web page, as its rules want.")
@click.option("--api", default=WIKIPEDIA_API, show_default=True, help="The MediaWiki to fetch from.")
@click.option("--cache", type=click.Path(path_type=Path), help="Where fetched days are kept; the user's cache.")
@click.pass_context
def import_(
    context: click.Context,
    portal: Path | None,
    archive: Path,
    *,
    from_wikipedia: bool,
    since: date | None,
    until: date | None,
    limit: int | None,
    no_lists: bool,
    check: bool,
    skipped: Path | None,
    contact: str,
    api: str,
    cache: Path | None,
) -> None:
    """Make pages of the days of Wikipedia's Portal:Current events, or add them to an archive.

    PORTAL is a folder of wikitext files such as 2013_February_7.txt. What is in the archive already stays: an event
    that was edited keeps its page and gets its older slug as an alias, and only lists that gain or lose an event
    are made anew.
    """
    if from_wikipedia == (portal is not None):
        raise click.UsageError("give either PORTAL, a folder of the portal's days, or --from-wikipedia.")
    clock, bars = Clock(tell=True), Bars()
    if portal is not None:
        files = PortalFolder.find(portal).within(since, until)
        sources, size = files.read(), len(files.days)
        for path in files.others:
            click.echo(f"passed over: {path} is not named by a day, or is another file of the same day", err=True)
    elif since is None:
        raise click.UsageError("--from-wikipedia needs --since, the first day to fetch.")
    else:
        last = until or datetime.now(UTC).date()
        size = (last - since).days + 1
        cache = cache or user_cache_path("related-events", appauthor=False) / "portal"
        sources = fetch_days(since, last, api=api, cache=cache, contact=contact)
    days = _read_days(sources, size, bars)
    bars.close()
    clock.lap("portal", f"{len(days):,} days, {sum(len(day.events) for day in days):,} events")
    if archive.is_dir() and not check:
        remove_leftovers(archive)
    current, settings = _existing(archive, limit, bars)
    clock.lap("reading", f"{len(current.pages):,} pages")
    plan = plan_import(archive, current, days, lists=not no_lists, progress=bars.show)
    bars.close()
    clock.lap("planning", f"{plan.changes:,} files change")
    if skipped is not None:
        lines = [f"{one.date}\t{one.cause}\t{one.text}\n" for one in plan.report.skipped]
        write_page(skipped.absolute().parent, skipped.name, "".join(lines))
    if not check and plan.changes:
        if settings is not None:
            write_page(archive, configuration.FILE, render_configuration(settings))
        write_import(archive, plan, lambda done, size: bars.show("writing", done, size))
        bars.close()
        clock.lap("writing")
    _tell(plan)
    if check and plan.changes:
        context.exit(DIFFERENT)


def _read_days(sources: Iterable[DaySource], size: int, bars: Bars) -> list[PortalDay]:
    days = []
    for done, source in enumerate(sources, start=1):
        days.append(read_day(source.date, source.wikitext))
        bars.show("portal", done, size)
    return days


def _existing(folder: Path, limit: int | None, bars: Bars) -> tuple[Archive, Configuration | None]:
    """The archive as it is, and the configuration to write where it has none."""
    if folder.exists() and not folder.is_dir():
        raise ArchiveError(f"{folder} is a file; give the folder of an archive, or one that is to be made")
    if not folder.exists():
        archive = Archive((), (), "", "")
    else:
        archive = read_archive(
            folder, skip_bad=True, may_be_empty=True, progress=lambda done, size: bars.show("reading", done, size)
        )
        bars.close()
        if archive.skipped:  # an import that passed them over would not know them, and would write over them
            more = f", and {len(archive.skipped) - 1:,} more pages" if len(archive.skipped) > 1 else ""
            raise ArchiveError(f"{folder} cannot be extended, mend this first: {archive.skipped[0]}{more}")
    settings = archive.configuration
    if (folder / configuration.FILE).exists():
        if limit not in (None, settings.limit):
            raise ParameterError(
                "limit", limit, f"{settings.limit}, as {folder / configuration.FILE} says; change it there"
            )
        return archive, None
    settings = replace(settings, limit=limit or settings.limit)
    return replace(archive, configuration=settings), settings


def _tell(plan: ImportPlan) -> None:
    report = plan.report
    for title, counts in (
        ("events", report.states),
        ("lists of pages that were there", report.lists),
        ("passed over", Counter(one.cause for one in report.skipped)),
    ):
        lines = _lines(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
        if lines:
            click.echo("\n".join([f"{title}:", *lines]), err=True)
    for slug in report.kept_words:
        click.echo(f"edited by hand, keeps its words: {slug}", err=True)


def _lines(counts: Sequence[tuple[str, int]]) -> list[str]:
    return [f"  {count:>7,}  {name}" for name, count in counts if count]
