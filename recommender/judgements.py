"""A file of qrels that grows grade by grade: what lay there stays, and whoever is killed has saved every grade.

The whole file is written anew for each grade and takes its place by renaming. Appending would be less to write, but
a cut last line would have to be told from a whole one and an answer taken back would have to be cut off again; a
rename leaves the old file or the new one, and a file of 5,000 grades is written in milliseconds.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from recommender.atomic import replace_file
from recommender.errors import QrelsError
from recommender.qrels import qrels_line, read_qrels

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JudgementFile:
    """Qrels on disk, and the grades of a session behind what lay there."""

    def __init__(self, path: Path, before: bytes, graded: frozenset[tuple[str, str]]) -> None:
        self.path = path
        self.graded = graded
        """Pairs of query and document that had a grade before."""
        self._before = before
        self._written = before

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read what lies there, if anything; nothing is written.

        Raises:
            QrelsError: It is no qrels, or grades cannot be saved there.
        """
        if path.suffix == ".gz":
            raise QrelsError(f"{path} would be compressed, expected a name without .gz; unpack it first if it is there")
        before = _read(path)
        parent = path.resolve().parent
        if not parent.is_dir():
            raise QrelsError(f"{path} cannot be written: {parent} is no folder; make it first")
        if not os.access(parent, os.W_OK):
            raise QrelsError(f"{path} cannot be written: nothing may be written to {parent}; give a file elsewhere")
        if before is None or not before.removeprefix(_BYTE_ORDER_MARK).strip():
            return cls(path, before or b"", frozenset())
        judged = read_qrels(path).grades
        return cls(path, before, frozenset((query, document) for query in judged for document in judged[query]))

    def save(self, grades: Mapping[tuple[str, str], int]) -> None:
        """Make the file what lay there before and these grades; when this returns they are on the disk.

        Args:
            grades: All of the session, not only the newest: one that was taken back is left out.

        Raises:
            QrelsError: The file cannot be written, or something else has changed it; it is as it was.
        """
        lines = "".join(qrels_line(query, document, grade) for (query, document), grade in grades.items())
        gap = b"\n" if lines and self._before and not self._before.endswith(b"\n") else b""
        content = self._before + gap + lines.encode()
        if content == self._written:
            return
        if _read(self.path) not in (None, self._written):
            message = "was changed by something else, so that the last answer is not saved"
            raise QrelsError(f"{self.path} {message}; start again, which goes on from what it holds now")
        self._replace(content)
        self._written = content

    def _replace(self, content: bytes) -> None:
        try:
            replace_file(self.path.resolve(), content, one_writer=True)  # resolved, so that a link stays one
        except OSError as error:
            raise QrelsError(f"{self.path} cannot be written ({error.strerror or error}); it is as it was") from None


def _read(path: Path) -> bytes | None:
    """What lies there, None where nothing does."""
    try:
        if path.is_dir():
            raise QrelsError(f"{path} is a folder, expected the name of a file for the grades")
        if path.exists() and not path.is_file():
            raise QrelsError(f"{path} is no regular file, expected the name of a file for the grades")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise QrelsError(f"{path} cannot be read: {error.strerror or error}") from None
