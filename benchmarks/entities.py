"""Precision and recall of inferred entities, by where they are known from.

    python benchmarks/entities.py ARCHIVE [--folds 5]

The truth are the events whose day page prints their Context. In each fold a fifth of these lines is hidden, the
entities are inferred anew from all the rest, and what is inferred for the hidden events is compared with the lines.
"""

from dataclasses import replace
from pathlib import Path

import click
from tqdm import tqdm

from recommender.archive import Archive, read_archive
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.evidence import Source, gather
from recommender.inference import infer_entities
from recommender.labels import name_of

_OWN, _NAMED, _SPOTTED = Source.OWN_LIST, Source.NAMED, Source.SPOTTED
SOURCES = {
    "own list": _OWN,
    "lists that name it": _NAMED,
    "either list": _OWN | _NAMED,
    "spotted in its headline": _SPOTTED,
    "either list or spotted": _OWN | _NAMED | _SPOTTED,
}
GROUPS = ("all", "with a list", "without a list")


class Counts:
    """Right, inferred and true pairs of event and entity."""

    def __init__(self) -> None:
        self.right = self.inferred = self.true = self.events = 0

    def add(self, inferred: set[str], true: set[str]) -> None:
        """Count one event."""
        self.right += len(inferred & true)
        self.inferred += len(inferred)
        self.true += len(true)
        self.events += 1

    def __str__(self) -> str:
        precision = self.right / self.inferred if self.inferred else float("nan")
        recall = self.right / self.true if self.true else float("nan")
        return f"{precision:.3f} | {recall:.3f} | {self.inferred:,}"


def names(index: EntityIndex, row: int, source: int) -> set[str]:
    """Names of the entities that a source tells of an event."""
    return {name_of(index.labels[int(entity)]) for entity in index.entities(row, source)}


def measure(archive: Archive, folds: int) -> dict[tuple[str, str], Counts]:
    """Counts by group of events and by source."""
    corpus = Corpus.of(archive.pages)
    complete = infer_entities(corpus, gather(corpus, archive.pages, archive.day_items))
    counts = {(group, source): Counts() for group in GROUPS for source in SOURCES}
    printed = [place for place, item in enumerate(archive.day_items) if item.context]
    for fold in tqdm(range(folds)):
        hidden = set(printed[fold::folds])
        items = [replace(item, context="") if i in hidden else item for i, item in enumerate(archive.day_items)]
        inferred = infer_entities(corpus, gather(corpus, archive.pages, items))
        for place in sorted(hidden):
            row = corpus.row_of_target(archive.day_items[place].target)
            if row is None:
                continue
            true = names(complete, row, Source.DAY_PAGE)
            groups = ("all", "with a list" if len(corpus.existing(row)) else "without a list")
            for source, flag in SOURCES.items():
                found = names(inferred, row, flag)
                for group in groups:
                    counts[group, source].add(found, true)
    return counts


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
def main(folder: Path, folds: int) -> None:
    """Print the table."""
    counts = measure(read_archive(folder), folds)
    click.echo("| events | known from | precision | recall | pairs inferred |\n|---|---|---|---|---|")
    for (group, source), count in counts.items():
        click.echo(f"| {group} ({count.events:,}) | {source} | {count} |")


if __name__ == "__main__":
    main()
