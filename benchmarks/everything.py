"""All benchmarks of speed, one after the other on one machine, into the blocks of a document that are their outputs.

    python benchmarks/everything.py ARCHIVE --index INDEX [--document docs/performance.md] [--only NAME] [--short]

A block stands behind a line `<!-- measured: NAME -->` and begins with the command that prints it. Without `--document`
the blocks are printed. Nothing else should run meanwhile; the whole takes an hour on two processors, `--short` some
minutes, which shows that all of it works and gives no figures to quote. Rivals are left out where they are not
installed: `pip install faiss-cpu usearch turbovec`.
"""

import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

HERE = Path(__file__).parent
COMMANDS: Mapping[str, str] = {
    "bench": "related-events bench ARCHIVE --index INDEX",
    "build": "python benchmarks/build.py ARCHIVE --vectors INDEX",
    "queries": "python benchmarks/queries.py --index INDEX",
    "over_http": "python benchmarks/over_http.py --index INDEX",
    "growth": "python benchmarks/growth.py --index INDEX",
    "approximate": "python benchmarks/growth.py --index INDEX --approximate --events 250000 --events 1000000",
}
SHORT: Mapping[str, str] = {
    "bench": "--runs 1 --queries 50",
    "build": "--new 5",
    "queries": "--queries 50 --rows 2048",
    "over_http": "--rounds 1 --seconds 2 --warm-up 100",
    "growth": "--events 10000 --events 20000 --queries 50 --rows 512",
    "approximate": "--events 10000",
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
    return f"```text\n$ {command}\n{output.strip()}\n```\n"


def replaced(document: str, name: str, new: str) -> str:
    """The document with another block behind the line that names it.

    Raises:
        ClickException: It has no such line with a block behind it.
    """
    line = f"<!-- measured: {name} -->\n"
    text, times = re.subn(f"{re.escape(line)}```text\n.*?\n```\n", lambda _: line + new, document, flags=re.DOTALL)
    if times != 1:
        raise click.ClickException(f"expected one block behind {line.strip()!r}, found {times}")
    return text


def names(given: Sequence[str], skipped: Sequence[str]) -> list[str]:
    """Which are run."""
    return [name for name in COMMANDS if name not in skipped and (not given or name in given)]


NAME = click.Choice(list(COMMANDS))


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
        command = f"{COMMANDS[name]} {SHORT[name]}" if short else COMMANDS[name]
        click.echo(f"{name}: {command}", err=True)
        started = time.perf_counter()
        done = subprocess.run(words(command, archive, index), stdout=subprocess.PIPE, text=True, check=False)
        click.echo(f"{name}: {time.perf_counter() - started:.0f} s", err=True)
        if done.returncode:
            raise click.ClickException(f"{name} ended with {done.returncode}")
        if document is None:
            click.echo(f"{name}\n\n{block(command, done.stdout)}")
        else:
            document.write_text(replaced(document.read_text(), name, block(command, done.stdout)))


if __name__ == "__main__":
    main()
