"""All benchmarks of speed, one after the other on one machine, into the blocks of a document that are their outputs.

    python benchmarks/everything.py ARCHIVE --index INDEX [--document docs/performance.md] [--only NAME] [--short]

A block stands behind a line `<!-- measured: NAME -->` and begins with the command that prints it. Without `--document`
the blocks are printed. Nothing else should run meanwhile; the whole takes an hour on two processors, `--short` some
minutes, which shows that all of it works and gives no figures to quote. Rivals are left out where they are not
installed: `pip install faiss-cpu usearch turbovec py-spy`.
"""

import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of them."""

    command: str
    """As it is shown."""
    short: str
    """Options that make it short."""
    title: str
    about: str
    """What a document says before its first output."""


BENCHMARKS: Mapping[str, Benchmark] = {
    "bench": Benchmark(
        "related-events bench ARCHIVE --index INDEX",
        "--runs 1 --queries 100",
        "Every stage",
        "`bench` measures your archive, too: [commands.md](commands.md#bench).",
    ),
    "build": Benchmark(
        "python benchmarks/build.py ARCHIVE --vectors INDEX",
        "--new 5",
        "Building and bringing up to date",
        "Each line is a run of `build`; the last index, brought up to date, is compared with one from nothing.",
    ),
    "queries": Benchmark(
        "python benchmarks/queries.py --index INDEX",
        "--queries 100 --rows 2048",
        "Queries beside bare searches",
        "A bare search gives the 200 nearest texts of a query, or of all, and nothing else; all lists by `extend`,\n"
        "with reasons, are told as a multiple of the fastest one that has a recall of 0.999.",
    ),
    "over_http": Benchmark(
        "python benchmarks/over_http.py --index INDEX",
        "--rounds 1 --seconds 2 --warm-up 100",
        "Over HTTP",
        "Beside a bare Flask view that returns the same bytes; what the lines mean is in [api.md](api.md#measured).",
    ),
    "profiles": Benchmark(
        "python benchmarks/profiles.py ARCHIVE --index INDEX",
        "--only query",
        "Where time goes",
        "Flame graphs as text: what each function and those below it take of all samples of a stage.",
    ),
    "growth": Benchmark(
        "python benchmarks/growth.py --index INDEX",
        "--queries 100 --rows 2048 --events 10000 --events 66307",
        "Growth",
        "Archives larger than the real one are synthetic: `benchmarks/synthetic.py` says what of.",
    ),
    "approximate": Benchmark(
        "python benchmarks/growth.py --index INDEX --approximate --events 66307 --events 250000",
        "--events 10000",
        "Approximate search",
        "The 100 nearest texts of one query on one processor, beside indexes that may miss some.",
    ),
}


def words(command: str, archive: Path, index: Path) -> list[str]:
    """What is run for a command as it is shown."""
    places = {"ARCHIVE": [str(archive)], "INDEX": [str(index)], "python": [sys.executable]}
    places["related-events"] = [sys.executable, "-m", "recommender.cli"]
    return [
        part
        for word in command.split()
        for part in places.get(word, [str(HERE.parent / word)] if word.startswith("benchmarks/") else [word])
    ]


def block(command: str, output: str) -> str:
    """A command and what it printed."""
    lines = output.strip("\n")
    return f"```text\n$ {command}\n{lines}\n```\n"


def filled(document: str, name: str, new: str) -> str:
    """The document with another block behind the line that names it; at its end where it has none."""
    line = f"<!-- measured: {name} -->\n"
    text, times = re.subn(f"{re.escape(line)}```text\n.*?\n```\n", lambda _: line + new, document, flags=re.DOTALL)
    if times:
        return text
    benchmark = BENCHMARKS[name]
    return f"{document.rstrip()}\n\n## {benchmark.title}\n\n{benchmark.about}\n\n{line}{new}"


def names(given: Sequence[str], skipped: Sequence[str]) -> list[str]:
    """Which are run."""
    return [name for name in BENCHMARKS if name not in skipped and (not given or name in given)]


NAME = click.Choice(list(BENCHMARKS))


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True))
@click.option("--index", type=click.Path(path_type=Path, exists=True), required=True, help="Built from ARCHIVE.")
@click.option("--document", type=click.Path(path_type=Path, exists=True), help="Whose blocks are replaced.")
@click.option("--only", type=NAME, multiple=True)
@click.option("--skip", type=NAME, multiple=True)
@click.option("--short", is_flag=True, help="Small samples, one run.")
def main(
    archive: Path, index: Path, document: Path | None, only: tuple[str, ...], skip: tuple[str, ...], *, short: bool
) -> None:
    """Run them."""
    for name in names(only, skip):
        benchmark = BENCHMARKS[name]
        command = f"{benchmark.command} {benchmark.short}" if short else benchmark.command
        click.echo(f"{name}: {command}", err=True)
        started = time.perf_counter()
        done = subprocess.run(words(command, archive, index), stdout=subprocess.PIPE, text=True, check=False)
        click.echo(f"{name}: {time.perf_counter() - started:.0f} s", err=True)
        if done.returncode:
            raise click.ClickException(f"{name} ended with {done.returncode}")
        if document is None:
            click.echo(f"{name}\n\n{block(command, done.stdout)}")
        else:
            document.write_text(filled(document.read_text(), name, block(command, done.stdout)))


if __name__ == "__main__":
    main()
