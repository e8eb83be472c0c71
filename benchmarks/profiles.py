"""Where time goes: a flame graph, as text, of each of three stages: one query, all lists, a build from nothing.

    pip install py-spy
    python benchmarks/profiles.py ARCHIVE --index INDEX [--only query]

A line is a function and those that it calls stand below it, each with its share of all samples of its stage; what has
less than `--least` of it is left out. Functions of libraries count as their callers', compiled loops as the functions
that call them, imports not at all. Only threads that run are looked at: those that wait for others count for nothing.
"""

import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np

from recommender.index import Index
from recommender.parameters import Parameters
from recommender.related import Recommender

ONE, MANY, BUILD = "query", "lists", "build"
TOLD = {
    ONE: "2,000 lists by `extend`, one after the other",
    MANY: "8,192 lists by `extend` at once",
    BUILD: "from nothing",
}
PER_SECOND = 250
OWN = ("recommender/", "models/")
_BAR = 20

Stack = tuple[str, ...]


def ask(folder: Path, *, together: bool) -> None:
    """What is measured of queries."""
    recommender = Recommender(Index.open(folder))
    count = 8192 if together else 2000
    rows = np.random.default_rng(0).permutation(len(recommender.index.corpus))[:count].tolist()
    pieces = [rows] if together else [[row] for row in rows]
    for piece in pieces:
        for _ in recommender.related_rows(piece, Parameters()):
            pass


def own_frames(stack: str) -> Stack:
    """The functions of this project among those of a stack, as `function (module)`."""
    found = []
    for frame in stack.split(";"):
        name, _, place = frame.partition(" (")
        start = max(place.find(folder) for folder in OWN)
        name = name.rsplit("<locals>.", 1)[-1]
        if start >= 0 and not name.startswith("<"):
            found.append(f"{name} ({place[start:].split('.py')[0].replace('/', '.')})")
    return tuple(found)


def counted(raw: str) -> Mapping[Stack, int]:
    """Samples of each stack of own functions, and of all that it begins with."""
    counts: dict[Stack, int] = defaultdict(int)
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = own_frames(stack)
        if not frames:  # a library's own thread, or imports
            continue
        for depth in range(len(frames) + 1):
            counts[frames[:depth]] += int(samples)
    return counts


def drawn(counts: Mapping[Stack, int], least: float) -> list[str]:
    """One line a function, the callers first, of equals the larger first."""
    whole = max(1, counts[()])

    def below(stack: Stack) -> list[str]:
        children = [one for one in counts if len(one) == len(stack) + 1 and one[: len(stack)] == stack]
        lines = []
        for child in sorted(children, key=lambda one: (-counts[one], one)):
            share = counts[child] / whole
            if share >= least:
                bar = "█" * round(_BAR * share)
                lines.append(f"{share:6.1%} {bar:<{_BAR}} {'  ' * len(stack)}{child[-1]}")
                lines += below(child)
        return lines

    return below(())


def profile(command: Sequence[str]) -> str:
    """The stacks of a command and how often each was seen."""
    with tempfile.TemporaryDirectory() as name:
        raw = Path(name) / "raw"
        recorder = [
            "py-spy",
            "record",
            "--format",
            "raw",
            "--function",
            "--rate",
            str(PER_SECOND),
            "--output",
            str(raw),
        ]
        subprocess.run([*recorder, "--", *command], check=True, capture_output=True)
        return raw.read_text()


def command_of(stage: str, archive: Path, index: Path, work: Path) -> list[str]:
    """What is run for a stage."""
    if stage == BUILD:
        return [sys.executable, "-m", "recommender.cli", "build", str(archive), "--index", str(work / "index")]
    return [sys.executable, __file__, str(archive), "--index", str(index), "--run", stage]


STAGE = click.Choice([ONE, MANY, BUILD])


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True))
@click.option("--index", type=click.Path(path_type=Path, exists=True), required=True, help="Built from ARCHIVE.")
@click.option("--only", type=STAGE, multiple=True)
@click.option("--least", default=0.015, show_default=True, help="The smallest share that is shown.")
@click.option("--run", type=STAGE, hidden=True)
def main(archive: Path, index: Path, only: tuple[str, ...], least: float, run: str | None) -> None:
    """Print the graphs."""
    if run is not None:
        ask(index, together=run == MANY)
        return
    for stage in only or (ONE, MANY, BUILD):
        with tempfile.TemporaryDirectory() as work:
            counts = counted(profile(command_of(stage, archive, index, Path(work))))
        click.echo(f"{stage}: {TOLD[stage]}; {counts[()]:,} samples\n")
        click.echo("\n".join(drawn(counts, least)) + "\n")


if __name__ == "__main__":
    main()
