"""A folder of pages on disk: read in one order, told apart from one another, written atomically."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recommender.day_page import parse_day_page
from recommender.errors import ArchiveError, PageError
from recommender.events import DayItem, Page
from recommender.page import parse_page
from recommender.slugs import DAY_PAGE_NAMES, event_date

TEMPORARY_PREFIX = ".related-events-"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Archive:
    """All that a folder of pages says."""

    pages: tuple[Page, ...]
    """Event pages in the archive's order: ascending path, compared as strings."""
    day_items: tuple[DayItem, ...]
    """Items of the day pages, in the order of the pages and of the items."""
    fingerprint: str
    """Digest over paths and bytes of event pages and day pages."""
    content_fingerprint: str
    """Digest over what the pages say apart from their Related lists, which regenerating changes."""
    skipped: tuple[PageError, ...] = ()
    """Pages that could not be read and were passed over on request."""


def page_paths(folder: Path) -> list[str]:
    """Paths of event pages and day pages relative to the folder, ascending as strings.

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
    progress: Callable[[int, int], None] | None = None,
) -> Archive:
    """Read every page of a folder.

    Args:
        folder: The archive's root.
        skip_bad: Pass over pages that cannot be read, and report them, instead of raising.
        progress: Called with pages read and pages in all.

    Raises:
        ArchiveError: There is no page, or, without `skip_bad`, a page cannot be read; all of them are told.
    """
    digest = hashlib.sha256()
    pages: list[Page] = []
    day_items: list[DayItem] = []
    bad: list[PageError] = []
    paths = page_paths(folder)
    for done, path in enumerate(paths, start=1):
        try:
            if _is_page(path):
                raw = _read_bytes(folder, path)
                digest.update(_stamp(path, raw))
                if _is_day_page(path):
                    day_items += parse_day_page(_decode(path, raw))
                else:
                    pages.append(parse_page(path, _decode(path, raw)))
        except PageError as error:
            bad.append(error)
        if progress is not None:
            progress(done, len(paths))
    if bad and not skip_bad:
        raise ArchiveError(_told(bad))
    if not pages:
        raise ArchiveError(f"{folder} has no event pages; expected files such as {folder}/news/2013/02/7/<slug>.md")
    return Archive(tuple(pages), tuple(day_items), digest.hexdigest(), _content(pages, day_items), tuple(bad))


def archive_fingerprint(folder: Path) -> str:
    """What `Archive.fingerprint` would be, without parsing a page."""
    digest = hashlib.sha256()
    for path in page_paths(folder):
        try:
            if _is_page(path):
                digest.update(_stamp(path, _read_bytes(folder, path)))
        except PageError:
            continue
    return digest.hexdigest()


def write_page(folder: Path, path: str, text: str) -> None:
    """Write one page so that a killed run leaves the old or the new one, never a part; its mode is kept.

    Raises:
        ArchiveError: The page cannot be written; the old one is as it was.
    """
    target = folder / path
    temporary = None
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise ArchiveError(f"{path} could not be written ({error.strerror}); it is as it was") from None


def remove_leftovers(folder: Path) -> int:
    """Remove what killed runs of `write_page` left behind; the number of files removed."""
    leftovers = list(_leftovers(folder))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _is_day_page(path: str) -> bool:
    return path.rsplit("/", 1)[-1] in DAY_PAGE_NAMES


def _is_page(path: str) -> bool:
    return _is_day_page(path) or event_date(path) is not None


def _stamp(path: str, raw: bytes) -> bytes:
    return b"%d %d " % (len(path.encode()), len(raw)) + path.encode() + raw


def _content(pages: list[Page], day_items: list[DayItem]) -> str:
    digest = hashlib.sha256()
    for page in pages:
        digest.update(repr((page.event, page.aliases)).encode("utf-8", "backslashreplace"))
    digest.update(repr(day_items).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


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
