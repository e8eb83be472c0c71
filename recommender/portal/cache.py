"""Pages of the portal that were fetched once, kept by revision.

FOLDER/<day>.<revision>.<digest>.txt   a wikitext as it was served
"""

import hashlib
import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date
from pathlib import Path

from recommender.errors import ArchiveError, PortalError
from recommender.page_writer import remove_leftovers, write_page
from recommender.portal.days import DaySource

_ENTRY = re.compile(r"(?a)(?P<day>\d{4}-\d{2}-\d{2})\.\d+\.[0-9a-f]{16}\.txt")
_WAY_OUT = "give another folder, or go on without a cache"


def prepared_folder(folder: Path) -> Path:
    """The folder, made where it is missing, and rid of what killed runs left behind.

    Raises:
        PortalError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from None
    with suppress(OSError):  # what cannot be written can still be read
        remove_leftovers(folder)
    return folder


def kept_days(folder: Path, revisions: dict[date, int]) -> dict[date, DaySource]:
    """What the folder has of these revisions, unless it is not what was once written.

    Raises:
        PortalError: The folder cannot be read.
    """
    wanted = {f"{day}.{number}": (day, number) for day, number in revisions.items()}
    found = {}
    try:
        for path in folder.iterdir():
            day, number = wanted.get(path.name.rsplit(".", 2)[0], (None, 0))
            if day is None or not path.is_file():
                continue
            with suppress(OSError, UnicodeDecodeError):
                source = DaySource(day, path.read_bytes().decode(), number)
                if path.name == _entry_name(source):
                    found[day] = source
    except OSError as error:
        raise _unusable(folder, error) from None
    return found


def keep_days(folder: Path, sources: Collection[DaySource]) -> None:
    """Write entries so that a killed run leaves whole ones, then remove those of older revisions.

    Raises:
        PortalError: The folder cannot be written.
    """
    kept = {str(source.date): _entry_name(source) for source in sources}
    for source in sources:
        try:
            write_page(folder, kept[str(source.date)], source.wikitext)
        except ArchiveError as error:
            raise PortalError(f"the cache {folder} cannot be used ({error}); {_WAY_OUT}") from None
    try:
        for path in folder.iterdir():
            match = _ENTRY.fullmatch(path.name)
            if match and path.is_file() and path.name != kept.get(match["day"], path.name):
                path.unlink()
    except OSError as error:
        raise _unusable(folder, error) from None


def _entry_name(source: DaySource) -> str:
    digest = hashlib.sha256(source.wikitext.encode()).hexdigest()
    return f"{source.date}.{source.revision}.{digest[:16]}.txt"


def _unusable(folder: Path, error: OSError) -> PortalError:
    reason = error.strerror or error
    return PortalError(f"the cache {folder} cannot be used ({reason}); {_WAY_OUT}")
