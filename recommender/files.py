"""Files of an archive: which there are, their bytes, and digests of these."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender import configuration, records
from recommender.errors import ArchiveError, PageError
from recommender.slugs import is_day_folder

_DIGEST_BYTES = 16


def page_paths(folder: Path) -> list[str]:
    """Paths of all that is read, relative to the folder, ascending as strings: pages, records, the configuration.

    Folders whose name begins with a dot, and links to folders, are not entered.

    Raises:
        ArchiveError: There is no such folder.
    """
    return sorted(path for path, _ in found_files(folder))


def found_files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that is read, in the order of the disk: paths as `page_paths` has them.

    Raises:
        ArchiveError: There is no such folder.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is not a folder; give the folder that holds news/YYYY/MM/D/<slug>.md")
    ahead = [""]
    while ahead:
        prefix = ahead.pop()
        try:
            with os.scandir(f"{folder}/{prefix}") as entries:
                found = list(entries)
        except OSError:
            continue
        for entry in found:
            name = entry.name
            if name.startswith("."):
                continue
            if _is_folder(entry):
                if not entry.is_symlink():
                    ahead.append(f"{prefix}{name}/")
            elif name.endswith(".md") or _has_a_place(prefix, name):
                yield prefix + name, entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _has_a_place(prefix: str, name: str) -> bool:
    """Whether a file is records of a day, or the configuration."""
    return (name == records.FILE and is_day_folder(prefix)) or (name == configuration.FILE and not prefix)


def read_bytes(folder: Path, path: str) -> bytes:
    """The bytes of one file.

    Raises:
        PageError: It cannot be read, or it is a link that leads out of the archive.
    """
    file = f"{folder}/{path}"
    try:
        path.encode()
        if os.path.islink(file) and not Path(file).resolve().is_relative_to(folder.resolve()):  # noqa: PTH114 - faster
            raise PageError(path, "a symbolic link that leads out of the archive; replace it by the page itself")
        with open(file, "rb") as opened:  # noqa: PTH123 - a Path for each of 70,000 files takes a second
            return opened.read()
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise PageError(shown, "the name of the file is not UTF-8; rename it") from None
    except OSError as error:
        raise PageError(path, f"cannot be read ({error.strerror})") from None
    except RuntimeError:  # Path.resolve before Python 3.13
        raise PageError(path, "cannot be read (a symbolic link that leads to itself)") from None


def decode(path: str, raw: bytes) -> str:
    """The text of a file.

    Raises:
        PageError: It is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise PageError(path, f"not UTF-8 at byte {error.start}; save the page as UTF-8") from None


def digest(raw: bytes) -> bytes:
    """What a file's content is known by, 16 bytes."""
    return hashlib.blake2b(raw, digest_size=_DIGEST_BYTES).digest()


def packed(digests: Sequence[bytes]) -> NDArray[np.uint64]:
    """(n, 2) digests as an array."""
    return np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)


def unpacked(digests: NDArray[np.uint64]) -> list[bytes]:
    """The digests of such an array."""
    raw = digests.astype("<u8", order="C").tobytes()
    return [raw[start : start + _DIGEST_BYTES] for start in range(0, len(raw), _DIGEST_BYTES)]


def fingerprint(digests: Mapping[str, bytes]) -> str:
    """Digest over paths and contents of files."""
    total = hashlib.sha256()
    for path in sorted(digests):
        name = path.encode("utf-8", "surrogateescape")
        total.update(b"%d " % len(name) + name + digests[path])
    return total.hexdigest()
