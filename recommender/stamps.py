"""Files that need not be read again: digests from an earlier reading, as long as no stamp says that a file was touched.

A stamp is what the disk tells of a file without opening it: its size, when its content and when anything of it was
last changed, and its number. Whoever writes to a file leaves another stamp, unless the clock is turned back, or both
happen within one tick of it: so only stamps that were older than any clock's tick when they were taken are believed.
What was seen lies beside an index, not in it: an index is the same on every machine, stamps are not.
"""

import io
import os
import stat
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.atomic import replace_file
from recommender.files import found_files, packed, unpacked
from recommender.strings import StringTable

SETTLED_NS = 2 * 10**9
"""How long before it is taken a stamp must have been made; the clock of the coarsest disks ticks every two seconds."""
_NOTHING = (0, 0, 0, 0)
"""The stamp of what is no file of its own: a link, whose file lies elsewhere."""
_LARGEST = 2**63 - 1
_VERSION = b"1 "


class Stamps(NamedTuple):
    """What the disk tells of an archive's files."""

    paths: list[str]
    """Of all that is read, ascending."""
    values: NDArray[np.int64]
    """(n, 4) size in bytes, time of content and time of change in nanoseconds, number."""
    settled: NDArray[np.bool_]
    """Whether no later change can leave the same stamp; a link is never settled, since its file lies elsewhere."""


def take_stamps(folder: Path) -> Stamps:
    """The stamps of all files that are read.

    Raises:
        ArchiveError: There is no such folder.
    """
    now = time.time_ns()
    told = {path: _told(entry) for path, entry in found_files(folder)}
    paths = sorted(told)
    values = np.array([told[path] for path in paths], np.int64).reshape(-1, 4)
    times = values[:, 1:3].max(axis=1, initial=0)
    return Stamps(paths, values, (times > 0) & (times < now - SETTLED_NS))


def _told(entry: os.DirEntry[str]) -> tuple[int, int, int, int]:
    try:
        told = entry.stat(follow_symlinks=False)
    except OSError:
        return _NOTHING
    if not stat.S_ISREG(told.st_mode):
        return _NOTHING
    return told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino & _LARGEST


@dataclass(frozen=True, slots=True)
class SeenFiles:
    """What was read of an archive, for one index."""

    file: Path
    """Where that is written down."""
    archive: Path

    @classmethod
    def beside(cls, index: Path, archive: Path) -> "SeenFiles":
        """What builds of an index from an archive have read."""
        place = index.resolve()
        return cls(place.with_name(f".{place.name}.seen"), archive.resolve())

    def digests(self, stamps: Stamps) -> dict[str, bytes]:
        """Digests by path of files that were read with the stamps that they have now; empty where nothing is known."""
        try:
            raw = self.file.read_bytes()
            with np.load(io.BytesIO(raw.removeprefix(self._name())), allow_pickle=False) as arrays:
                rows = {path: row for row, path in enumerate(StringTable(arrays["data"], arrays["offsets"]))}
                known, digests = arrays["stamps"], arrays["digests"]
            there = np.array([rows.get(path, -1) for path in stamps.paths], np.int64)
            found = np.flatnonzero(there >= 0)
            found = found[(known[there[found]] == stamps.values[found]).all(axis=1)]
            paths = [stamps.paths[place] for place in found.tolist()]
            return dict(zip(paths, unpacked(digests[there[found]]), strict=True))
        # Damaged, or of another archive. NumPy reads a header with Python's own parser, which has errors of its own.
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            IndexError,
            TypeError,
            SyntaxError,
            TokenError,
            zipfile.BadZipFile,
        ):
            return {}

    def keep(self, stamps: Stamps, digests: Mapping[str, bytes]) -> None:
        """Write down what was read after these stamps were taken; not where nothing can be written."""
        rows = [row for row in np.flatnonzero(stamps.settled).tolist() if stamps.paths[row] in digests]
        paths = StringTable.of(stamps.paths[row] for row in rows)
        content = io.BytesIO()
        content.write(self._name())
        np.savez(
            content,
            allow_pickle=False,
            data=paths.data,
            offsets=paths.offsets,
            stamps=stamps.values[rows],
            digests=packed([digests[stamps.paths[row]] for row in rows]),
        )
        with suppress(OSError):
            replace_file(self.file, content.getvalue(), durable=False, one_writer=True)

    def forget(self) -> None:
        """Believe nothing of what is written down."""
        with suppress(OSError):
            self.file.unlink()

    def _name(self) -> bytes:
        return _VERSION + os.fsencode(self.archive) + b"\n"
