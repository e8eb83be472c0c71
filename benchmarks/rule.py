"""What each part of the archive's rule is worth: lists of real pages, as they come out when one part is another one.

    python benchmarks/rule.py DATA --work FOLDER

DATA is the folder of third-party data; FOLDER is new, or holds an earlier run, whose unpacked files are used again.
Nothing is written but the unpacked wikitext; each variant takes about a minute.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from real_archive import unpack

from recommender.archive import Archive, read_archive
from recommender.building import build_index
from recommender.configuration import Configuration
from recommender.importing.draft import Draft, entities_of, spellings
from recommender.importing.matching import Match
from recommender.importing.naming import event_name
from recommender.portal.day import PortalDay, PortalEvent, read_day
from recommender.portal.folder import PortalFolder
from recommender.related import Recommender
from recommender.reproduction import compare
from recommender.reproduction_report import shares
from recommender.slugs import day_folder


@dataclass(frozen=True)
class Variant:
    """One way to read the source."""

    name: str
    settings: Configuration = field(default_factory=Configuration)
    read: Callable[[PortalEvent], PortalEvent] = lambda event: event
    redirects: bool = False


def without_sections(event: PortalEvent) -> PortalEvent:
    """Links into an article as links to the article."""
    return replace(event, links=tuple(replace(link, target=link.target.partition("#")[0]) for link in event.links))


VARIANTS = (
    Variant("the rule"),
    Variant("all events of a story are listed", Configuration(story_bullets="all")),
    Variant("no story heading is an entity", Configuration(headings="none")),
    Variant("every story heading is an entity", Configuration(headings="all")),
    Variant("`X#section` is the entity `X`", read=without_sections),
    Variant("redirects are the article", redirects=True),
)


def archive_of(days: list[PortalDay], variant: Variant) -> Archive:
    """The archive that an import would make, without lists."""
    matches = list(_matches(days, variant))
    archive = Archive((), (), "", "", configuration=variant.settings)
    draft, titles = Draft.of(archive), spellings(archive, matches)
    for match in matches:
        draft.take(match, entities_of(match.event, variant.settings, titles))
    return replace(archive, pages=tuple(draft.pages.values()), records=tuple(draft.records.values()))


def _matches(days: list[PortalDay], variant: Variant) -> Iterator[Match]:
    for day in days:
        for event in day.events:
            slug = day_folder("news", day.date) + event_name(event.text, "latin-1")
            yield Match(variant.read(event), "", "new", slug)


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--work", type=click.Path(path_type=Path), required=True)
def main(data: Path, work: Path) -> None:
    """Print the table."""
    work.mkdir(parents=True, exist_ok=True)
    sources = PortalFolder.find(unpack(data, work, "wiki-raw-en")).read()
    days = [read_day(source.date, source.wikitext) for source in sources]
    pages = read_archive(data / "real-pages").pages
    click.echo("| variant | items | of | lists | of |\n|---|---|---|---|---|")
    for variant in VARIANTS:
        index = build_index(archive_of(days, variant), encoder="lexical")
        if variant.redirects:
            index = replace(index, entities=index.articles)
        (comparison,) = compare(Recommender(index), pages, ["reproduce"]).comparisons
        measured = shares(comparison, seed=0)
        items, lists = measured["known items"], measured["known lists"]
        click.echo(f"| {variant.name} | {items.count:g} | {items.of:g} | {lists.count:g} | {lists.of:g} |")


if __name__ == "__main__":
    main()
