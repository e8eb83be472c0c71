"""Every claim about the real archive: builds, asks, evaluates, regenerates; fails where one does not hold.

    python benchmarks/real_archive.py DATA --work FOLDER

DATA is the folder of third-party data; FOLDER is new, or holds an earlier run, which is used again.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import click

from recommender.archive import read_text
from recommender.files import page_paths
from recommender.page import parse_page, replace_related
from recommender.slugs import event_date

KHAMENEI = (
    "news/2013/02/7/the-supreme-leader-of-iran-ali-khamenei-accuses-the-united-states-of-holding-a-gun-to-tehran-s-head-"
    "to-pressure-it-to-hold-direct-talks-an"
)
_LINK = re.compile(r"\]\(/(news/[^)\s]*)\.md\)")


def command(*arguments: object, expect: tuple[int, ...] = (0,)) -> str:
    """Run `related-events`, show what it says, return its stdout."""
    words = [str(argument) for argument in arguments]
    click.echo(f"\n$ related-events {' '.join(words)}")
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "recommender.cli", *words], capture_output=True, text=True, check=False
    )
    click.echo(done.stderr.rstrip())
    click.echo(f"exit {done.returncode} after {time.perf_counter() - started:.1f} s")
    require(done.returncode in expect, f"exit code {done.returncode} is one of {expect}")
    return done.stdout


def require(holds: bool, claim: str) -> None:
    """Stop where a claim does not hold."""
    if not holds:
        raise click.ClickException(f"does not hold: {claim}")


def unpack(data: Path, work: Path, name: str) -> Path:
    """The archive, unpacked once."""
    folder = work / name
    if not folder.exists():
        partial = work / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        with tarfile.open(data / f"{name}.tar.xz") as tar:
            tar.extractall(partial, filter="data")
        partial.rename(folder)
    return folder


def check_pages(folder: Path) -> None:
    """A list replaced by itself changes no byte of any page."""
    count = 0
    for path in page_paths(folder):
        if path.rsplit("/", 1)[-1] not in ("index.md", "README.md") and event_date(path) is not None:
            text = read_text(folder, path)
            require(replace_related(text, parse_page(path, text).related) == text, f"{path} by itself is itself")
            count += 1
    click.echo(f"{folder.name}: {count:,} pages parse, and each list replaced by itself changes no byte")


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--work", type=click.Path(path_type=Path), required=True)
@click.option("--encoder", default="accurate", show_default=True)
def main(data: Path, work: Path, encoder: str) -> None:
    """Run everything in order."""
    work.mkdir(parents=True, exist_ok=True)
    english, chinese = unpack(data, work, "context-en"), unpack(data, work, "context-zh")
    for folder in (english, chinese, data / "real-pages"):
        check_pages(folder)
    english_index, chinese_index = work / "index-en", work / "index-zh"
    command("build", english, "--index", english_index, "--encoder", encoder)
    command("build", english, "--index", english_index)

    listed = command("related", KHAMENEI, "--index", english_index, "--profile", "reproduce", "--format", "markdown")
    real = read_text(data / "real-pages", f"{KHAMENEI}.md")
    wanted = [link.target for link in parse_page(f"{KHAMENEI}.md", real).related]
    require([f"/{slug}.md" for slug in _LINK.findall(listed)] == wanted, "the ten events of the real page, in order")
    click.echo("the ten events of the real page, in order")

    for qrels, times in (("judged-dev.qrels", 2.0), ("stories-dev.qrels.gz", 1.0)):
        board = json.loads(command("evaluate", "--index", english_index, "--qrels", data / qrels, "--format", "json"))
        ndcg = {run["name"]: run["means"]["nDCG@10"] for run in board["runs"]}
        click.echo("\n".join(f"{name:<10} nDCG@10 {value}" for name, value in ndcg.items()))
        claim = f"extend is above {times:g} times reproduce"
        require(ndcg["extend"]["mean"] > times * ndcg["reproduce"]["mean"], claim)
    click.echo(command("evaluate", "--index", english_index))
    command("regenerate", english, "--index", english_index, "--profile", "reproduce", "--check", expect=(0, 1))

    command("build", chinese, "--index", chinese_index, "--encoder", encoder)
    page = next(path for path in page_paths(chinese) if "### 有关:" in read_text(chinese, path))
    lines = command("related", page, "--index", chinese_index, "--format", "markdown")
    require("_消息: " in lines and "](/zh/news/" in lines, "Chinese words and links in what is written")
    click.echo(lines)
    command("regenerate", chinese, "--index", chinese_index, "--profile", "reproduce", "--check", expect=(0, 1))


if __name__ == "__main__":
    main()
