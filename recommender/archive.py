"""A folder of pages on disk: read in one order, told apart from one another."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender import configuration, records
from recommender.configuration import Configuration, parse_configuration
from recommender.day_page import parse_day_page
from recommender.errors import ArchiveError, PageError
from recommender.events import DayItem, Page, Record
from recommender.files import decode, digest, fingerprint, packed, page_paths, read_bytes, unpacked
from recommender.other_files import OtherFiles, ParsedFile
from recommender.page_reader import read_pages
from recommender.page_table import PageTable, joined
from recommender.records import parse_records
from recommender.slugs import DAY_PAGE_NAMES, event_date
from recommender.stamps import SeenFiles, take_stamps

_DEFAULTS = Configuration()
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Archive:
    """All that a folder of pages says."""

    pages: Sequence[Page]
    """Event pages in the archive's order: ascending path, compared as strings."""
    day_items: tuple[DayItem, ...]
    """Items of the day pages, in the order of the pages and of the items."""
    fingerprint: str
    """Digest over paths and bytes of all that is read."""
    content_fingerprint: str
    """Digest over what the pages say apart from their Related lists, which regenerating changes."""
    records: tuple[Record, ...] = ()
    """What the source says of events, where an import wrote it down; in the archive's order of days."""
    configuration: Configuration = _DEFAULTS
    """What `related-events.toml` says; the defaults where there is none."""
    skipped: tuple[PageError, ...] = ()
    """Pages that could not be read and were passed over on request."""
    digests: Mapping[str, bytes] = field(default_factory=dict)
    """Of every file that was read, by path."""
    others: OtherFiles | None = field(default=None, compare=False)
    """The files of `day_items` and `records`, for an index to keep."""

    def pages_of(self, folder: str) -> tuple[Page, ...]:
        """The pages of a day's folder, `news/2013/02/7/`, in the archive's order."""
        start = bisect_left(self.pages, folder, key=lambda page: page.event.slug)
        return tuple(takewhile(lambda page: page.event.slug.startswith(folder), islice(self.pages, start, None)))

    def records_of(self, folder: str) -> tuple[Record, ...]:
        """The records of a day's folder, in the order of their slugs."""
        start = bisect_left(self.records, folder, key=lambda record: record.slug)
        return tuple(takewhile(lambda record: record.slug.startswith(folder), islice(self.records, start, None)))


class Scan(NamedTuple):
    """What lies in an archive, unparsed."""

    paths: Sequence[str]
    """Of all files, `page_paths`."""
    digests: Mapping[str, bytes]
    """Of every file that is read, by path; those that cannot be read are left out."""


class Known(NamedTuple):
    """What an earlier index keeps of files, and what lies in the archive now."""

    pages: PageTable
    others: OtherFiles
    scan: Scan


def read_text(folder: Path, path: str) -> str:
    """One page's text, line endings as they are.

    Raises:
        PageError: It is not UTF-8, or it is a link that leads out of the archive.
    """
    return decode(path, read_bytes(folder, path))


def scan_archive(folder: Path, seen: SeenFiles | None = None) -> Scan:
    """Look at every file that is read, without parsing any.

    Args:
        folder: The archive's root.
        seen: What was read earlier: a file whose stamp is the same is not read again. What is read now is noted there.

    Raises:
        ArchiveError: There is no such folder.
    """
    stamps = take_stamps(folder)
    known = seen.digests(stamps) if seen else {}
    digests = {}
    for path in stamps.paths:
        try:
            if path in known:
                digests[path] = known[path]
            elif _counts(path):
                digests[path] = digest(read_bytes(folder, path))
        except PageError:
            continue
    if seen and len(known) < len(digests):
        seen.keep(stamps, digests)
    return Scan(stamps.paths, digests)


def read_archive(
    folder: Path,
    *,
    skip_bad: bool = False,
    may_be_empty: bool = False,
    progress: Callable[[int, int], None] | None = None,
    known: Known | None = None,
) -> Archive:
    """Read every page of a folder.

    Args:
        folder: The archive's root.
        skip_bad: Pass over pages that cannot be read, and report them, instead of raising.
        may_be_empty: Whether a folder without a page will do.
        progress: Called with pages read and pages in all.
        known: Files that need no parsing while their bytes are the same.

    Raises:
        ArchiveError: There is no page, or, without `skip_bad`, a page cannot be read; all of them are told.
    """
    paths = page_paths(folder) if known is None else known.scan.paths
    done = 0

    def tick(number: int) -> None:
        nonlocal done
        done += number
        if progress is not None and number:
            progress(done, len(paths))

    reading = _Reading(folder, known.others if known else None)
    unchanged = _unchanged(known) if known is not None else {}
    events = [path for path in paths if path not in unchanged and reading.is_event(path)]
    kept = np.array(list(unchanged.values()), np.int64)
    tick(len(unchanged))
    read = read_pages(folder, events, tick)
    pages = read.pages if known is None or not len(kept) else _with(known.pages, kept, read.pages)
    reading.take_others(known.scan if known else None, tick)
    tick(len(paths) - done)
    reading.bad += read.bad
    if reading.bad and not skip_bad:
        raise ArchiveError(_told(sorted(reading.bad, key=lambda error: error.path)))
    if not len(pages) and not may_be_empty:
        raise ArchiveError(f"{folder} has no event pages; expected files such as {folder}/news/2013/02/7/<slug>.md")
    reading.digests |= read.bad_digests
    return reading.archive(pages)


def _unchanged(known: Known) -> dict[str, int]:
    """The known pages that are still there with the same bytes: path and row, ascending."""
    digests = known.scan.digests
    rows = [(path, row) for row, path in enumerate(known.pages.paths) if path in digests]
    places = np.array([row for _, row in rows], np.int64)
    now = packed([digests[path] for path, _ in rows])
    same = (known.pages.details.digests[places] == now).all(axis=1)
    return dict([one for one, is_same in zip(rows, same.tolist(), strict=True) if is_same])


def _with(known: PageTable, kept: NDArray[np.int64], fresh: PageTable) -> PageTable:
    pages = known if len(kept) == len(known) else known.taken(kept)
    return joined([pages, fresh]) if len(fresh) else pages


@dataclass(slots=True)
class _Reading:
    """What has been read so far, event pages apart."""

    folder: Path
    known: OtherFiles | None
    """What an earlier index keeps of them."""
    others: list[str] = field(default_factory=list)
    """Paths of day pages, records and the configuration."""
    digests: dict[str, bytes] = field(default_factory=dict)
    parsed: dict[str, ParsedFile] = field(default_factory=dict)
    """Day pages and records."""
    settings: Configuration = _DEFAULTS
    bad: list[PageError] = field(default_factory=list)

    def is_event(self, path: str) -> bool:
        """Whether a path is that of an event page; others that are read are noted."""
        try:
            if path.endswith(".md") and not _is_day_page(path):
                return event_date(path) is not None
        except PageError as error:
            self.bad.append(error)
            return False
        self.others.append(path)
        return False

    def take_others(self, scan: Scan | None, tick: Callable[[int], None]) -> None:
        """Read the other files that are not known with the bytes that the scan has found."""
        before = self.known.files() if self.known and scan else {}
        digests = scan.digests if scan else {}
        for path in self.others:
            file = before.get(path)
            if file is not None and file.digest == digests.get(path):
                self.digests[path] = file.digest
                self.parsed[path] = file
            else:
                self._take(path)
            tick(1)
        if self.parsed != before:
            self.known = None

    def _take(self, path: str) -> None:
        """Read one other file, by what its path says it is."""
        try:
            raw = read_bytes(self.folder, path)
            self.digests[path] = digest(raw)
            text = decode(path, raw)
            if path == configuration.FILE:
                self.settings = parse_configuration(text)
            elif path.endswith(records.FILE):
                self.parsed[path] = ParsedFile(self.digests[path], records=parse_records(path, text))
            else:
                self.parsed[path] = ParsedFile(self.digests[path], items=tuple(parse_day_page(text)))
        except PageError as error:
            if path == configuration.FILE:
                raise ArchiveError(str(error)) from None
            self.bad.append(error)

    def archive(self, pages: PageTable) -> Archive:
        """All of it."""
        self.digests.update(zip(pages.paths, unpacked(pages.details.digests), strict=True))
        others = self.known or OtherFiles.of(self.parsed)
        content = pages.content_digest()
        content.update(others.content() + repr(self.settings).encode("utf-8", "backslashreplace"))
        return Archive(
            pages=pages,
            day_items=tuple(item for file in self.parsed.values() for item in file.items),
            fingerprint=fingerprint(self.digests),
            content_fingerprint=content.hexdigest(),
            records=tuple(record for file in self.parsed.values() for record in file.records),
            configuration=self.settings,
            skipped=tuple(sorted(self.bad, key=lambda error: error.path)),
            digests=self.digests,
            others=others,
        )


def _is_day_page(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in DAY_PAGE_NAMES


def _counts(path: str) -> bool:
    """Whether a path of `page_paths` is read; other Markdown is not."""
    return not path.endswith(".md") or _is_day_page(path) or event_date(path) is not None


def _told(bad: list[PageError]) -> str:
    shown = "\n  ".join(str(error) for error in bad[:_SHOWN])
    more = f"\n  and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    pages = "1 page" if len(bad) == 1 else f"{len(bad)} pages"
    return f"{pages} cannot be read; mend them, or go on without them with --skip-bad-pages:\n  {shown}{more}"
