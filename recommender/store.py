"""An index folder on disk: arrays in a generation of its own, and one manifest that says which one counts.

    INDEX/manifest.json       format, fingerprints, sizes and checksums of the arrays
    INDEX/<fingerprint>/*.npy the arrays, memory-mapped when opened
    INDEX/.related-events-*   what a build is writing, or a killed one has left

A new generation is written beside the old one; replacing the manifest is the one moment at which it
takes over. A build that is killed leaves the old manifest with the old arrays. No pickles.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import IndexFolderError, IndexMissingError, IndexStaleError
from recommender.threads import mapped

FORMAT = 8
"""Version of the layout and of how its content is computed: an index of another one has to be built anew."""
MANIFEST = "manifest.json"
_BUILDING = ".related-events-building-"
_JOURNAL = f"{_BUILDING}vectors"
_WRITERS = 16
"""Arrays that are written at a time: they wait for the disk, not for a processor."""
_REBUILD = "build it again with `related-events build`"

Arrays = Mapping[str, NDArray[Any]]


def write_index(folder: Path, arrays: Arrays, manifest: Mapping[str, Any], generation: str) -> None:
    """Write a generation and let it take over.

    Args:
        folder: The index; made where it is missing.
        arrays: By name.
        manifest: What else the manifest is to say, JSON values.
        generation: Name of the folder of arrays, different for different content.

    Raises:
        IndexFolderError: The folder cannot be written, or holds something that is not an index.
    """
    building = folder / f"{_BUILDING}{os.getpid()}"
    new_manifest = folder / f"{_BUILDING}{MANIFEST}"
    try:
        _prepare(folder)
        building.mkdir()
        largest_first = sorted(arrays, key=lambda name: (-arrays[name].nbytes, name))
        with ThreadPoolExecutor(_WRITERS) as pool:
            written = pool.map(lambda name: _write_array(building / f"{name}.npy", arrays[name]), largest_first)
            files = dict(zip(largest_first, written, strict=True))
        content = {"format": FORMAT, "generation": generation, **manifest, "files": files}
        # Written before the arrays get their place: by it `_prepare` knows what a killed first build has left.
        _write_text(new_manifest, json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        target = folder / generation
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
        new_manifest.replace(folder / MANIFEST)
    except OSError as error:
        raise IndexFolderError(
            f"the index {folder} could not be written ({error.strerror or error}); the old one, if any, is as it was"
        ) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
        with suppress(OSError):
            new_manifest.unlink()
    _remove_others(folder, generation)
    drop_journal(folder)


def read_manifest(folder: Path, *, any_format: bool = False) -> dict[str, Any]:
    """What the manifest says.

    Args:
        folder: The index.
        any_format: Whether an index of another format will do.

    Raises:
        IndexMissingError: There is no index.
        IndexStaleError: It has another format.
        IndexFolderError: The manifest is broken.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"{folder} is not an index; make one with `related-events build ARCHIVE --index {folder}`"
        raise IndexMissingError(message) from None
    except (OSError, ValueError) as error:
        raise IndexFolderError(f"{path} cannot be read ({error}); {_REBUILD}") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT and not (any_format and isinstance(manifest, dict)):
        raise IndexStaleError(f"{folder} has format {found}, expected {FORMAT}; {_REBUILD}")
    return dict(manifest)


def read_arrays(
    folder: Path, manifest: Mapping[str, Any], *, verify: bool = False, only: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """Map the arrays of the generation that counts; read-only views on the files.

    Args:
        folder: The index.
        manifest: Its manifest.
        verify: Read every byte and compare checksums; without it sizes are compared.
        only: The names of those that are wanted; all if empty.

    Raises:
        IndexFolderError: An array is missing, truncated or, with `verify`, changed.
    """
    try:
        generation = str(manifest["generation"])
        files = {name: manifest["files"][name] for name in only or manifest["files"]}
        entries = [(name, entry["bytes"], entry["items"], entry["sha256"]) for name, entry in files.items()]
    except (AttributeError, KeyError, TypeError) as error:
        message = f"the index {folder} is damaged: its manifest does not say what is in it ({error!r})"
        raise IndexFolderError(f"{message}; {_REBUILD}") from None
    arrays = {}
    paths = [folder / generation / f"{name}.npy" for name, *_ in entries]
    found = mapped(_checksums, paths, 1) if verify else repeat("")
    for (name, expected, items, checksum), path, checksum_now in zip(entries, paths, found, strict=False):
        try:
            size = path.stat().st_size
            if size != expected:
                message = f"{path.name} has {size} bytes, expected {expected}"
                raise IndexFolderError(f"the index {folder} is damaged: {message}; {_REBUILD}")
            if verify and checksum_now != checksum:
                raise IndexFolderError(f"the index {folder} is damaged: {path.name} has changed; {_REBUILD}")
            array = np.load(path, mmap_mode="r" if items else None, allow_pickle=False)
        # NumPy reads a header with Python's own parser, which has errors of its own.
        except (OSError, ValueError, TypeError, SyntaxError, TokenError) as error:
            raise IndexFolderError(f"the index {folder} is damaged: {error}; {_REBUILD}") from None
        arrays[name] = array.view(np.ndarray)
    return arrays


def journal_folder(folder: Path) -> Path:
    """Where a running build of this index writes down what it has encoded: `journal.VectorJournal`."""
    return folder / _JOURNAL


def drop_journal(folder: Path) -> None:
    """Remove what running or killed builds have written down of their encoding."""
    shutil.rmtree(journal_folder(folder), ignore_errors=True)


def check_place(folder: Path) -> None:
    """Make sure that an index may lie there, without touching anything.

    Raises:
        IndexFolderError: It is a file, or a folder that holds something that is not an index.
    """
    if folder.exists() and not folder.is_dir():
        raise IndexFolderError(f"{folder} is a file; give a new or an empty folder")
    if folder.exists() and not _is_ours(folder):
        raise IndexFolderError(f"{folder} holds something else than an index; give a new or an empty folder")


def _prepare(folder: Path) -> None:
    check_place(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(f"{_BUILDING}*"):
        if leftover.name == _JOURNAL:
            continue  # it goes when the build counts
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink()


def _is_ours(folder: Path) -> bool:
    """Whether the folder holds an index, damaged or not, what a killed build left of one, or nothing."""
    others = [path for path in folder.iterdir() if not path.name.startswith(_BUILDING)]
    if (folder / MANIFEST).exists():
        try:
            return bool(read_manifest(folder))
        except IndexFolderError:
            return any(map(_is_generation, others))
    return not others or ((folder / f"{_BUILDING}{MANIFEST}").exists() and all(map(_is_generation, others)))


def _write_array(path: Path, array: NDArray[Any]) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": path.stat().st_size, "items": int(array.size), "sha256": _checksum(path)}


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _remove_others(folder: Path, generation: str) -> None:
    """Remove older generations; whoever has one open keeps it until closing."""
    for path in folder.iterdir():
        if path.name != generation and _is_generation(path):
            shutil.rmtree(path, ignore_errors=True)


def _is_generation(path: Path) -> bool:
    return path.is_dir() and len(path.name) == 16 and all(character in "0123456789abcdef" for character in path.name)


def _checksums(paths: Sequence[Path]) -> list[str]:
    """Of some files; of one that cannot be read nothing."""
    found = []
    for path in paths:
        try:
            found.append(_checksum(path))
        except OSError:
            found.append("")
    return found


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
