"""What `build` costs: reading beside reading the same bytes, from nothing, up to date; and what new lists cost then.

    python benchmarks/build.py ARCHIVE --vectors INDEX [--new 20]

Runs the command itself, on a copy of the archive made of hard links. With `--vectors` nothing is encoded but new pages:
the vectors are those of that index, of the encoder of today. Prints one table. At the end the index that was brought up
to date four times is compared with one that is built anew, file by file.
"""

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from recommender.benchmark import as_table
from recommender.benchmark_building import reading
from recommender.files import page_paths, read_bytes
from recommender.store import MANIFEST

RUNS = 3
STAGES = ("comparing", "reading", "order", "terms", "encoding", "entities", "neighbours", "saving")
_LAP = re.compile(r"^(\w+) +([\d.]+) s", re.MULTILINE)
_MEMORY = re.compile(r"peak memory ([\d.]+) GB")


def build(name: str, archive: Path, index: Path, *options: str) -> str:
    """Run `build`; one line of the table."""
    command = [sys.executable, "-m", "recommender.cli", "build", str(archive), "--index", str(index)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    elapsed, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    laps = {stage: float(seconds) for stage, seconds in _LAP.findall(done.stderr)}
    memory = _MEMORY.search(done.stderr)
    cells = [f"{laps[stage]:.1f}" if stage in laps else "" for stage in STAGES]
    return f"| {name} | {' | '.join(cells)} | {elapsed:.1f} | {processor:.1f} | {memory[1] if memory else ''} |"


def regenerate(archive: Path, index: Path, slugs: list[str]) -> str:
    """Run `regenerate --check` around some events; what it says, and the seconds."""
    command = [sys.executable, "-m", "recommender.cli", "regenerate", str(archive), "--index", str(index), "--check"]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, *(f"--around={slug}" for slug in slugs)], capture_output=True, text=True, check=False
    )
    return f"{done.stderr.splitlines()[0]}: {time.perf_counter() - started:.1f} s"


def with_vectors(source: Path, index: Path) -> None:
    """An index of which a build takes the vectors alone: one of a format that never was."""
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(source, index)
    manifest = json.loads((index / MANIFEST).read_text())
    (index / MANIFEST).write_text(json.dumps({**manifest, "format": 0}))


def digest(index: Path) -> str:
    """Of names and bytes of all files of an index."""
    total = hashlib.sha256()
    for file in sorted(path for path in index.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(index)} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


def write(file: Path, text: str) -> None:
    """Write a file that was a hard link, without writing to the other."""
    file.unlink(missing_ok=True)
    file.write_text(text)


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True))
@click.option("--vectors", type=click.Path(path_type=Path, exists=True), help="An index whose vectors are used.")
@click.option("--encoder", help="For an archive without such an index: `lexical` is fast, but no update is.")
@click.option("--new", default=20, show_default=True, help="Pages that are added.")
def main(archive: Path, vectors: Path | None, encoder: str | None, new: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent) as name:
        folder, index, anew = Path(name) / "archive", Path(name) / "index", Path(name) / "anew"
        shutil.copytree(archive, folder, copy_function=os.link)
        click.echo(as_table((), list(reading(folder, RUNS))))
        click.echo(f"\n| seconds | {' | '.join(STAGES)} | in all | processor | peak GB |")
        click.echo("|---" * (len(STAGES) + 4) + "|")
        if vectors:
            with_vectors(vectors, index)
        click.echo(build("from nothing", folder, index, *(["--encoder", encoder] if encoder else [])))
        click.echo(build("nothing changed", folder, index))
        click.echo(build("nothing changed, all read again", folder, index, "--reread"))
        pages = [
            path for path in page_paths(folder) if path.count("/") == 4 and not path.endswith(("index.md", "README.md"))
        ]
        added = [path.replace(".md", "-again.md") for path in pages[:: max(1, len(pages) // new)][:new]]
        for number, (path, other) in enumerate(zip(pages[:: max(1, len(pages) // new)], added, strict=False)):
            text = read_bytes(folder, path).decode()
            write(folder / other, text.replace("\n# ", f"\n# Again ({number}): ", 1))
        click.echo(build(f"{new} new pages", folder, index))
        around = regenerate(folder, index, [path.removesuffix(".md") for path in added])
        edited = folder / pages[len(pages) // 2]
        write(edited, edited.read_text().replace("\n# ", "\n# Not ", 1))
        click.echo(build("one page edited", folder, index))
        (folder / pages[len(pages) // 3]).unlink()
        click.echo(build("one page deleted", folder, index))
        shutil.copytree(index, anew)
        with_vectors(index, anew)
        click.echo(build("the same from nothing", folder, anew))
        click.echo(f"\nregenerate --check --around each of the {new} new pages: {around}")
        click.echo(f"brought up to date: {digest(index)}, from nothing: {digest(anew)}")
        raise SystemExit(digest(index) != digest(anew))


if __name__ == "__main__":
    main()
