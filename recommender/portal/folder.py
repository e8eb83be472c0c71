"""A folder of the portal's day pages: files found by their names, in the order of their days, decoded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from recommender.errors import ParameterError, PortalError
from recommender.portal.days import DaySource, named_day

_SUFFIXES = frozenset({"", ".txt", ".wiki", ".wikitext", ".mediawiki"})


@dataclass(frozen=True, slots=True)
class PortalFolder:
    """What lies in a folder."""

    days: tuple[tuple[date, Path], ...]
    """The file of each day, ascending."""
    others: tuple[Path, ...]
    """Files that are not taken for days: their names say none, or another file is of the same day."""

    @classmethod
    def find(cls, folder: Path) -> "PortalFolder":
        """Look for day files, `2013_February_7.txt` or `2013-02-07.txt`, in a folder and those in it.

        Raises:
            PortalError: There is no such folder, or no such file in it.
        """
        if not folder.is_dir():
            raise PortalError(f"{folder} is not a folder; give the folder of files such as 2013_February_7.txt")
        days: dict[date, Path] = {}
        others = []
        for path in _files(folder):
            day = named_day(path.stem) if path.suffix.lower() in _SUFFIXES else None
            if day is None or day in days:
                others.append(path)
            else:
                days[day] = path
        if not days:
            raise PortalError(f"{folder} has no day of the portal; expected files such as 2013_February_7.txt")
        return cls(tuple(sorted(days.items())), tuple(others))

    def within(self, since: date | None, until: date | None) -> "PortalFolder":
        """The same without the days before and after.

        Raises:
            ParameterError: `since` is after `until`.
        """
        if since and until and since > until:
            raise ParameterError("since", since.isoformat(), f"a day that is not after {until}")
        days = ((day, path) for day, path in self.days if (since or day) <= day <= (until or day))
        return PortalFolder(tuple(days), self.others)

    def read(self) -> Iterator[DaySource]:
        """The days, ascending; UTF-8, or Windows' Latin-1 where a file is no UTF-8.

        Raises:
            PortalError: A file cannot be read.
        """
        for day, path in self.days:
            try:
                raw = path.read_bytes()
            except OSError as error:
                raise PortalError(f"{path} cannot be read ({error.strerror}); mend it or take it away") from None
            try:
                yield DaySource(day, raw.decode("utf-8-sig"))
            except UnicodeDecodeError:
                yield DaySource(day, raw.decode("cp1252", "replace"))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path
