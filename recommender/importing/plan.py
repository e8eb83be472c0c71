"""Days of the portal → what changes in an archive: new pages, edited ones, day pages, records, and the lists of others.

Nothing is written here: `plan_import` says what to write, `writing.write_import` writes it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from recommender import records
from recommender.archive import Archive, read_text
from recommender.day_page import parse_day_page
from recommender.events import Record, RelatedLink
from recommender.evidence import PRINTED
from recommender.importing import compose, compose_day
from recommender.importing.compose_day import DayEntry
from recommender.importing.draft import Draft, entities_of, spellings
from recommender.importing.matching import Match, digest_of, match_day, numbered
from recommender.importing.naming import event_name
from recommender.importing.relisting import World, changed_lists
from recommender.importing.writing import ImportPlan, ImportReport
from recommender.page import parse_page, replace_related
from recommender.portal.day import PortalDay, PortalEvent, Skipped
from recommender.records import render_records
from recommender.slugs import DAY_PAGE_NAMES, day_folder, path_of

ROOT = "news"


def plan_import(
    folder: Path,
    archive: Archive,
    days: Sequence[PortalDay],
    *,
    lists: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportPlan:
    """Find out what an import would change.

    Args:
        folder: The archive on disk, which need not exist yet.
        archive: The same, as read.
        days: What the portal says, ascending; a day at most once.
        lists: Whether to make Related lists, and to bring up to date those that gain or lose an event.
        progress: Told of a stage, what is done of it and its size.
    """
    tell = progress or (lambda _stage, _done, _size: None)
    report = ImportReport(days=len(days))
    matched = {day.date: _matched(day, archive, report) for day in days}
    changes = [match for matches in matched.values() for match in matches if match.state not in ("same", "gone")]
    plan = ImportPlan(report)
    if not changes:
        return plan
    draft = Draft.of(archive)
    titles = spellings(archive, changes)
    for match in changes:
        draft.take(match, entities_of(match.event, archive.configuration, titles))
    report.kept_words += draft.kept_words
    tell("entities", 0, len(draft.pages))
    now = World.of(draft.pages.values(), draft.records.values(), archive)
    _write_days(plan, folder, draft, now, matched)
    made: dict[str, list[RelatedLink]] = {}
    if lists:
        changed = set(draft.matches)
        if archive.configuration.rule == "day-place":  # a new event shifts the others of its day
            now = World.of(draft.pages.values(), draft.records.values(), _with_day_pages(archive, plan.day_pages))
            folders = {path.rsplit("/", 1)[0] for path in plan.day_pages}
            changed |= {slug for slug in draft.pages if slug.rsplit("/", 1)[0] in folders}
        moved = {match.before: slug for slug, match in draft.matches.items() if match.before}
        made = changed_lists(archive, now, moved, changed, lambda done, size: tell("lists", done, size))
    _write_pages(plan, folder, draft, now, made)
    return plan


def _matched(day: PortalDay, archive: Archive, report: ImportReport) -> list[Match]:
    """The day's events, matched with its pages."""
    root = archive.pages[0].event.slug.rsplit("/", 4)[0] if archive.pages else ROOT
    folder = day_folder(root, day.date)
    settings = archive.configuration
    events: dict[str, tuple[PortalEvent, str]] = {}
    seen: set[PortalEvent] = set()
    report.skipped += day.skipped
    day_pages = {folder + name.removesuffix(".md").lower() for name in DAY_PAGE_NAMES}
    for event in day.events:
        name, plain = event_name(event.text, settings.slugs), replace(event, later=False)
        if not name or plain in seen:
            cause = "the same bullet twice" if name else "bullet without a letter"
            report.skipped.append(Skipped(day.date, cause, event.text))
            continue
        seen.add(plain)
        events[numbered(folder + name, events.keys() | day_pages)] = (event, digest_of(event, settings.headings))
    pages = {page.event.slug: page for page in archive.pages_of(folder)}
    recorded = archive.records_of(folder)
    matches = match_day(events, pages, recorded)
    report.states.update(match.state for match in matches)
    taken = {match.before for match in matches} | {match.slug for match in matches}
    report.states["left"] += sum(one.slug in pages and one.slug not in taken for one in recorded)
    return matches


def _write_pages(
    plan: ImportPlan, folder: Path, draft: Draft, now: World, made: Mapping[str, list[RelatedLink]]
) -> None:
    """Event pages: those whose lists change, new ones, and edited ones."""
    prefix = now.corpus.link_prefix
    for slug in sorted(made.keys() | draft.matches.keys(), key=path_of):
        page, match, path = draft.pages[slug], draft.matches.get(slug), path_of(slug)
        if match is not None and match.state == "new":
            plan.pages[path] = compose.event_page(page.event, match.event.sources, made.get(slug, []), prefix=prefix)
            continue
        old = read_text(folder, path_of(match.before) if match is not None else path)
        text = old
        if match is not None and match.state in ("edited", "moved") and slug not in draft.kept_words:
            text = compose.with_sources(compose.with_headline(text, page.event.text), match.event.sources)
        if match is not None and match.state == "moved":
            before = replace(page.event, slug=match.before, text=parse_page(path_of(match.before), old).event.text)
            text = compose.with_change(text, before, page.event, prefix=prefix)
            plan.removals.append(path_of(match.before))
        if slug in made and page.locked:
            plan.report.lists["locked"] += 1
        elif slug in made:
            plan.report.lists["rewritten"] += 1
            text = replace_related(text, made[slug], language=now.corpus.language)
        if match is not None and match.state == "moved":
            plan.pages[path] = text
        elif text != old:
            plan.lists[path] = text


def _write_days(
    plan: ImportPlan, folder: Path, draft: Draft, now: World, matched: Mapping[date, Sequence[Match]]
) -> None:
    """Day pages and records of days with an event that changes."""
    by_folder: defaultdict[str, list[Record]] = defaultdict(list)
    for slug, record in draft.records.items():
        by_folder[slug.rsplit("/", 1)[0] + "/"].append(record)
    for day, matches in matched.items():
        current = [draft.current(match) for match in matches if match.state != "gone"]
        if not any(match.slug in draft.matches for match in current):
            continue
        place = current[0].slug.rsplit("/", 1)[0] + "/"
        names = [name for name in sorted(DAY_PAGE_NAMES) if (folder / place / name).exists()]
        for name in names or ["index.md"]:
            root = place.rsplit("/", 4)[0]
            old = read_text(folder, place + name) if names else ""
            text = old or compose_day.day_page(day, root, prefix=now.corpus.link_prefix)
            text = _with_entries(text, current, draft, now)
            if text != old:
                plan.day_pages[place + name] = text
        path = place + records.FILE
        text = render_records(by_folder[place])
        if not (folder / path).exists() or read_text(folder, path) != text:
            plan.records[path] = text


def _with_entries(text: str, matches: Sequence[Match], draft: Draft, now: World) -> str:
    """A day's page with those of its events that change."""
    above = ""
    for match in matches:
        page = draft.pages[match.slug]
        older = [alias for alias in page.aliases if alias not in draft.pages]
        shown = compose_day.shows(text, [match.slug, *older])
        if match.slug in draft.matches and not (match.state == "known" and shown):
            row = now.corpus.row(match.slug)
            labels = tuple(now.entities.labels[int(one)] for one in now.entities.entities(row, PRINTED))
            entry, prefix = DayEntry(page.event, labels), now.corpus.link_prefix
            text = compose_day.with_entry(text, entry, after=above, older=older, prefix=prefix)
        above = match.slug
    return text


def _with_day_pages(archive: Archive, day_pages: Mapping[str, str]) -> Archive:
    """The archive with the events of its day pages in the order in which they are going to stand there."""
    folders = {path.rsplit("/", 1)[0] for path in day_pages}
    others = [item for item in archive.day_items if item.target.rsplit("/", 1)[0].lstrip("/") not in folders]
    new = [item for path in sorted(day_pages) for item in parse_day_page(day_pages[path])]
    return replace(archive, day_items=(*others, *new))
