"""How near a text's list is to that of its event, and how long it takes.

    python benchmarks/text_queries.py --index INDEX --qrels judged-dev.qrels

Each judged query is asked by its slug, and by its own text and day; for that its event is hidden: moved behind the
wall of `as_of`, so that it is not listed and no feature looks at it. What is left is what lists and day pages tell of
the event and its words do not.
"""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import click
import numpy as np
from tqdm import tqdm

from models.trees import TreeRanker
from recommender.index import Index
from recommender.measures import score_run
from recommender.parameters import Parameters
from recommender.qrels import read_qrels
from recommender.related import Recommender
from recommender.scoreboard import build_scoreboard, format_table
from recommender.text_queries import TextReader


def hidden(index: Index, row: int) -> tuple[Index, Parameters]:
    """The index with an event behind the wall, and the parameters that raise it."""
    days = index.corpus.days.copy()
    last = int(days.max())
    days[row] = last + 1
    return replace(index, corpus=replace(index.corpus, days=days)), Parameters(as_of=date.fromordinal(last))


@click.command()
@click.option("--index", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--qrels", "file", type=click.Path(path_type=Path), required=True)
def main(folder: Path, file: Path) -> None:
    """Print measures of both, what they have in common, and milliseconds."""
    index, qrels, ranker = Index.open(folder), read_qrels(file), TreeRanker.bundled("extend")
    plain, reader = Recommender(index, ranker), TextReader(index)
    answers: dict[str, dict[str, list[str]]] = {"slug": {}, "text": {}}
    common, found, known, right, seconds = [], 0, 0, 0, []
    started = time.perf_counter()
    reader.read("The first text loads the encoder.")
    click.echo(f"first text: {time.perf_counter() - started:.1f} s")
    for query in tqdm(qrels.queries, disable=None):
        row = index.corpus.row(query)
        event = index.corpus.event(row)
        by_slug = plain.related(query)
        without, parameters = hidden(index, row)
        by_text = Recommender(without, ranker, reader).related_text(event.text, parameters, date=event.date)
        started = time.perf_counter(), time.process_time()
        plain.related_text(event.text, date=event.date)
        seconds.append((time.perf_counter() - started[0], time.process_time() - started[1]))
        for name, answer in (("slug", by_slug), ("text", by_text)):
            answers[name][query] = [one.event.slug for one in answer.related]
        common.append(len(set(answers["slug"][query]) & set(answers["text"][query])) / len(answers["slug"][query]))
        found, known = found + len(by_text.entities), known + len(by_slug.entities)
        right += len(set(by_text.entities) & set(by_slug.entities))
    runs = [score_run(name, answers[name], qrels) for name in answers]
    click.echo(format_table(build_scoreboard(runs, baselines=("slug",))))
    click.echo(
        f"in common: {np.mean(common):.3f} of a list; of {known} entities {right} are spotted, of {found} spotted"
    )
    for name, taken in zip(("time", "processor time"), np.array(seconds[1:]).T * 1000.0, strict=True):
        p50, p90, p99 = np.percentile(taken, (50, 90, 99))
        click.echo(f"one text, {name}: p50 {p50:.0f} ms, p90 {p90:.0f} ms, p99 {p99:.0f} ms")


if __name__ == "__main__":
    main()
