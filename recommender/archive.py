"""A folder of pages on disk: read in one order, told apart from one another, written atomically."""

import hashlib
import os
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from pathlib import Path

from recommender import configuration, records
from recommender.atomic import TEMPORARY_PREFIX, replace_file
from recommender.configuration import Configuration, parse_configuration
from recommender.day_page import parse_day_page
from recommender.errors import ArchiveError, PageError
from recommender.events import DayItem, Page, Record
from recommender.page import parse_page
from recommender.records import parse_records
from recommender.slugs import DAY_PAGE_NAMES, event_date, is_day_folder

_DEFAULTS = Configuration()
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Archive:
    """All that a folder of pages says."""

    pages: tuple[Page, ...]
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

    def pages_of(self, folder: str) -> tuple[Page, ...]:
        """The pages of a day's folder, `news/2013/02/7/`, in the archive's order."""
        start = bisect_left(self.pages, folder, key=lambda page: page.event.slug)
        return tuple(takewhile(lambda page: page.event.slug.startswith(folder), islice(self.pages, start, None)))

    def records_of(self, folder: str) -> tuple[Record, ...]:
        """The records of a day's folder, in the order of their slugs."""
        start = bisect_left(self.records, folder, key=lambda record: record.slug)
        return tuple(takewhile(lambda record: record.slug.startswith(folder), islice(self.records, start, None)))


def page_paths(folder: Path) -> list[str]:
    """Paths of all that is read, relative to the folder, ascending as strings: pages, records, the configuration.

    Folders whose name begins with a dot, and links to folders, are not entered.

    Raises:
        ArchiveError: There is no such folder.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is not a folder; give the folder that holds news/YYYY/MM/D/<slug>.md")
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        prefix = Path(root).relative_to(folder).as_posix()
        prefix = "" if prefix == "." else prefix + "/"
        found += [prefix + name for name in files if name.endswith(".md") and not name.startswith(".")]
        if records.FILE in files and is_day_folder(prefix):
            found.append(prefix + records.FILE)
        if configuration.FILE in files and not prefix:
            found.append(configuration.FILE)
    return sorted(found)


def read_text(folder: Path, path: str) -> str:
    """One page's text, line endings as they are.

    Raises:
        PageError: It is not UTF-8, or it is a link that leads out of the archive.
    """
    return _decode(path, _read_bytes(folder, path))


def read_archive(
    folder: Path,
    *,
    skip_bad: bool = False,
    may_be_empty: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Archive:
    """Read every page of a folder.

    Args:
        folder: The archive's root.
        skip_bad: Pass over pages that cannot be read, and report them, instead of raising.
        may_be_empty: Whether a folder without a page will do.
        progress: Called with pages read and pages in all.

    Raises:
        ArchiveError: There is no page, or, without `skip_bad`, a page cannot be read; all of them are told.
    """
    reading = _Reading()
    bad: list[PageError] = []
    paths = page_paths(folder)
    for done, path in enumerate(paths, start=1):
        try:
            if _counts(path):
                reading.take(path, _read_bytes(folder, path))
        except PageError as error:
            if path == configuration.FILE:
                raise ArchiveError(str(error)) from None
            bad.append(error)
        if progress is not None:
            progress(done, len(paths))
    if bad and not skip_bad:
        raise ArchiveError(_told(bad))
    if not reading.pages and not may_be_empty:
        raise ArchiveError(f"{folder} has no event pages; expected files such as {folder}/news/2013/02/7/<slug>.md")
    return reading.archive(bad)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    pages: list[Page] = field(default_factory=list)
    day_items: list[DayItem] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    settings: Configuration = _DEFAULTS
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, path: str, raw: bytes) -> None:
        """Read one file, by what its path says it is."""
        self.digest.update(_stamp(path, raw))
        text = _decode(path, raw)
        if path == configuration.FILE:
            self.settings = parse_configuration(text)
        elif path.endswith(records.FILE):
            self.records += parse_records(path, text)
        elif _is_day_page(path):
            self.day_items += parse_day_page(text)
        else:
            self.pages.append(parse_page(path, text))

    def archive(self, skipped: list[PageError]) -> Archive:
        """All of it."""
        content = hashlib.sha256()
        for page in self.pages:
            said = (page.event, page.aliases, *((page.pinned, page.excluded) if page.pinned or page.excluded else ()))
            content.update(repr(said).encode("utf-8", "backslashreplace"))
        content.update(repr((self.day_items, self.records, self.settings)).encode("utf-8", "backslashreplace"))
        return Archive(
            pages=tuple(self.pages),
            day_items=tuple(self.day_items),
            fingerprint=self.digest.hexdigest(),
            content_fingerprint=content.hexdigest(),
            records=tuple(self.records),
            configuration=self.settings,
            skipped=tuple(skipped),
        )


def archive_fingerprint(folder: Path) -> str:
    """What `Archive.fingerprint` would be, without parsing a page."""
    digest = hashlib.sha256()
    for path in page_paths(folder):
        try:
            if _counts(path):
                digest.update(_stamp(path, _read_bytes(folder, path)))
        except PageError:
            continue
    return digest.hexdigest()


def write_page(folder: Path, path: str, text: str, *, durable: bool = True) -> None:
    """Write one page so that a killed run leaves the old or the new one, never a part; its mode is kept.

    Args:
        folder: The archive's root.
        path: The page, which need not be there yet.
        text: All of it.
        durable: Whether it is on the disk when this returns; if not, that is as late as the system decides.

    Raises:
        ArchiveError: The page cannot be written; the old one is as it was.
    """
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, text.encode(), durable=durable)
    except OSError as error:
        raise ArchiveError(f"{path} could not be written ({error.strerror}); it is as it was") from None


def remove_leftovers(folder: Path) -> int:
    """Remove what killed runs of `write_page` left behind; the number of files removed."""
    leftovers = list(_leftovers(folder))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _is_day_page(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in DAY_PAGE_NAMES


def _counts(path: str) -> bool:
    """Whether a path of `page_paths` is read; other Markdown is not."""
    return not path.endswith(".md") or _is_day_page(path) or event_date(path) is not None


def _stamp(path: str, raw: bytes) -> bytes:
    return b"%d %d " % (len(path.encode()), len(raw)) + path.encode() + raw


def _leftovers(folder: Path) -> Iterator[Path]:
    for root, _, files in os.walk(folder):
        yield from (Path(root) / name for name in files if name.startswith(TEMPORARY_PREFIX))


def _read_bytes(folder: Path, path: str) -> bytes:
    file = folder / path
    try:
        path.encode()
        if file.is_symlink() and not file.resolve().is_relative_to(folder.resolve()):
            raise PageError(path, "a symbolic link that leads out of the archive; replace it by the page itself")
        return file.read_bytes()
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise PageError(shown, "the name of the file is not UTF-8; rename it") from None
    except OSError as error:
        raise PageError(path, f"cannot be read ({error.strerror})") from None
    except RuntimeError:  # Path.resolve before Python 3.13
        raise PageError(path, "cannot be read (a symbolic link that leads to itself)") from None


def _decode(path: str, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise PageError(path, f"not UTF-8 at byte {error.start}; save the page as UTF-8") from None


def _told(bad: list[PageError]) -> str:
    shown = "\n  ".join(str(error) for error in bad[:_SHOWN])
    more = f"\n  and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    pages = "1 page" if len(bad) == 1 else f"{len(bad)} pages"
    return f"{pages} cannot be read; mend them, or go on without them with --skip-bad-pages:\n  {shown}{more}"
