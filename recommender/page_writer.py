"""Pages of an archive on their way to the disk: the old or the new one, never a part."""

import os
from collections.abc import Iterator
from pathlib import Path

from recommender.atomic import TEMPORARY_PREFIX, replace_file
from recommender.errors import ArchiveError


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


def _leftovers(folder: Path) -> Iterator[Path]:
    for root, _, files in os.walk(folder):
        yield from (Path(root) / name for name in files if name.startswith(TEMPORARY_PREFIX))
