"""What a measurement is: values of several runs, with the machine and the versions, as table and JSON."""

import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from recommender import __version__
from recommender.threads import processors

PACKAGES = ("numpy", "numba", "onnxruntime", "scikit-learn", "tokenizers", "torch", "sentence-transformers")
"""On whose versions speed depends."""
ENOUGH_S = 20.0
"""After so many seconds a stage is not run again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, in one or several runs."""

    stage: str
    name: str
    unit: str
    values: tuple[float, ...]
    """One a run."""

    @property
    def median(self) -> float:
        """The middle one of the runs, or between the two in the middle."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured."""

    processor: str
    processors: int
    """How many this process may use."""
    memory_gb: float
    system: str

    @classmethod
    def here(cls) -> "Machine":
        """This one."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
        return cls(_processor(), processors(), round(memory, 1), f"{platform.system()} {platform.machine()}")


def versions() -> dict[str, str]:
    """Of this program, of Python, and of those of `PACKAGES` that are installed."""
    found = {"related-events": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def repeated(work: Callable[[], object], runs: int) -> list[float]:
    """Seconds of each run; fewer runs where they take long.

    Args:
        work: What is measured.
        runs: At most so many, at least one.
    """
    seconds: list[float] = []
    while len(seconds) < runs and sum(seconds) < ENOUGH_S:
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds


def as_table(heading: Sequence[str], figures: Sequence[Figure]) -> str:
    """Lines about what was measured and where, then a table for reading as it is."""
    machine = Machine.here()
    where = (
        f"{machine.processor}, {machine.processors} processors, {machine.memory_gb:g} GB, {machine.system}",
        ", ".join(f"{name} {number}" for name, number in versions().items()),
    )
    rows = [("stage", "what", "median", "from", "to", "unit", "runs"), *map(_cells, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join((*heading, *where, "", *_lines(rows, widths)))


def as_json(about: Mapping[str, Any], figures: Sequence[Figure]) -> dict[str, Any]:
    """The same for programs."""
    machine = Machine.here()
    return {
        **about,
        "machine": {name: getattr(machine, name) for name in machine.__dataclass_fields__},
        "versions": versions(),
        "figures": [
            {
                "stage": one.stage,
                "name": one.name,
                "unit": one.unit,
                "median": one.median,
                "lowest": min(one.values),
                "highest": max(one.values),
                "runs": len(one.values),
            }
            for one in figures
        ],
    }


def _cells(figure: Figure) -> tuple[str, ...]:
    lowest, highest = (_number(end(figure.values)) for end in (min, max))
    spread = (lowest, highest) if len(figure.values) > 1 else ("", "")
    return (figure.stage, figure.name, _number(figure.median), *spread, figure.unit, str(len(figure.values)))


def _lines(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        cells = (
            f"{cell:>{width}}" if 2 <= column <= 4 else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _number(value: float) -> str:
    """Three digits or more."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _processor() -> str:
    """The model, as well as the system tells it."""
    listed = Path("/proc/cpuinfo")
    if sys.platform == "linux" and listed.exists():
        found = re.search(r"^model name\s*: *(.+)$", listed.read_text(encoding="utf-8"), re.MULTILINE)
        if found is not None:
            return found[1].strip()
    return platform.processor() or platform.machine()
