"""What an import finds and is to write, and its writing.

The order is such that an import that is killed can be run again: first the lists of pages that are there already, then
new pages and day pages; the older pages of what has moved are taken away; records come last, for they say what is done.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recommender.errors import ArchiveError
from recommender.page_writer import write_page
from recommender.portal.day import Skipped


@dataclass(slots=True)
class ImportReport:
    """What an import finds and does, counted."""

    days: int = 0
    states: Counter[str] = field(default_factory=Counter)
    """Events by state: same, known, edited, moved, new, gone; `left` are pages that the source no longer has."""
    lists: Counter[str] = field(default_factory=Counter)
    """Lists of pages that were there before: rewritten, locked."""
    skipped: list[Skipped] = field(default_factory=list)
    """What became no event."""
    kept_words: list[str] = field(default_factory=list)
    """Slugs of events that were edited in the source, and by hand on their pages: these keep their words."""


@dataclass(slots=True)
class ImportPlan:
    """What to write."""

    report: ImportReport
    lists: dict[str, str] = field(default_factory=dict)
    """Pages that are there already, by path: the new text."""
    pages: dict[str, str] = field(default_factory=dict)
    """Pages of new and of moved events, by path."""
    day_pages: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    removals: list[str] = field(default_factory=list)
    """Paths of pages whose events have moved."""

    @property
    def changes(self) -> int:
        """Files that are written or removed."""
        return sum(map(len, (self.lists, self.pages, self.day_pages, self.records, self.removals)))


def write_import(folder: Path, plan: ImportPlan, progress: Callable[[int, int], None] | None = None) -> None:
    """Write what an import changes.

    An import that is killed leaves every file as it was or as it is to be, and the same import can be run again.

    Raises:
        ArchiveError: A file cannot be written or removed.
    """
    _require_inside(folder, [*plan.lists, *plan.pages, *plan.day_pages, *plan.records, *plan.removals])
    done = 0

    def write(files: Mapping[str, str], *, durable: bool) -> None:
        nonlocal done
        for path, text in files.items():
            write_page(folder, path, text, durable=durable)
            done += 1
            if progress is not None:
                progress(done, plan.changes)

    write(plan.lists, durable=True)
    write(plan.pages, durable=False)
    write(plan.day_pages, durable=False)
    os.sync()  # one wait for all of them; neither removal nor record must outlive a page that never reached the disk
    for path in plan.removals:
        try:
            (folder / path).unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be removed ({error.strerror}); remove it, then import again") from None
    if plan.removals:
        os.sync()
    write(plan.records, durable=True)


def _require_inside(folder: Path, paths: Iterable[str]) -> None:
    """Refuse to follow a link to a folder: what lies there was not read."""
    root = folder.resolve()
    for place in sorted({(folder / path).parent for path in paths}):
        if place.resolve() != root / place.relative_to(folder):
            raise ArchiveError(f"{place} is behind a symbolic link; replace the link by the folder itself")
