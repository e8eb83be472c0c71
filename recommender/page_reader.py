"""Many pages from the disk into columns, on two processors: a second process parses one half of them.

That process is this module run by itself: it takes folder and paths as JSON on stdin and gives arrays on stdout.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.errors import PageError
from recommender.events import Page
from recommender.files import decode, digest, packed, read_bytes
from recommender.page import parse_page
from recommender.page_table import PageTable, joined
from recommender.parts import flatten, restore

FEW = 4000
"""Fewer pages are read sooner than a second process has started."""
_PACKAGE_ROOT = Path(__file__).parents[1]

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PagesRead:
    """What became of some files."""

    pages: PageTable
    bad: tuple[PageError, ...]
    """Why others are no pages, in the order of their paths."""
    bad_digests: dict[str, bytes]
    """Digests of those among them that could be read."""


def read_pages(folder: Path, paths: Sequence[str], tick: Tick) -> PagesRead:
    """Read and parse event pages.

    Args:
        folder: The archive's root.
        paths: Their paths in it, ascending.
        tick: Called with the number of pages just done.
    """
    if len(paths) < FEW or len(os.sched_getaffinity(0)) < 2:
        return _read(folder, paths, tick)
    half = len(paths) // 2
    with _Helper(folder, paths[half:]) as helper:
        one = _read(folder, paths[:half], tick)
        other = helper.result() or _read(folder, paths[half:], lambda _done: None)
    tick(len(paths) - half)
    return PagesRead(joined([one.pages, other.pages]), one.bad + other.bad, one.bad_digests | other.bad_digests)


def _read(folder: Path, paths: Sequence[str], tick: Tick) -> PagesRead:
    pages: list[Page] = []
    digests: list[bytes] = []
    bad: list[PageError] = []
    bad_digests: dict[str, bytes] = {}
    for path in paths:
        try:
            raw = read_bytes(folder, path)
            bad_digests[path] = digest(raw)
            pages.append(parse_page(path, decode(path, raw)))
            digests.append(bad_digests.pop(path))
        except PageError as error:
            bad.append(error)
        tick(1)
    return PagesRead(PageTable.of(pages, packed(digests)), tuple(bad), bad_digests)


class _Helper:
    """The second process; where it cannot be had, there is no result, and the first does it all."""

    def __init__(self, folder: Path, paths: Sequence[str]) -> None:
        known = os.environ.get("PYTHONPATH")
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_PACKAGE_ROOT), *([known] if known else [])])}
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                [sys.executable, "-P", "-m", "recommender.page_reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        except OSError:
            self._process = None
        self._task = json.dumps([str(folder.absolute()), list(paths)]).encode()

    def __enter__(self) -> "_Helper":
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(self._task)
                self._process.stdin.close()
            except OSError:
                self._stop()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def result(self) -> PagesRead | None:
        """What it has read, None where it failed."""
        if self._process is None or self._process.stdout is None:
            return None
        raw = self._process.stdout.read()
        if self._process.wait():
            return None
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            said = json.loads(arrays["said"].tobytes())
            pages = restore("pages", PageTable, dict(arrays), {})
        bad = tuple(PageError(path, reason) for path, reason in said["bad"])
        return PagesRead(pages, bad, {path: bytes.fromhex(digits) for path, digits in said["digests"].items()})

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


def _help() -> None:
    folder, paths = json.load(sys.stdin)
    read = _read(Path(folder), paths, lambda _done: None)
    said = {
        "bad": [(error.path, error.reason) for error in read.bad],
        "digests": {path: raw.hex() for path, raw in read.bad_digests.items()},
    }
    arrays, _ = flatten("pages", read.pages)
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    np.savez(sys.stdout.buffer, allow_pickle=False, **arrays)


if __name__ == "__main__":
    _help()
