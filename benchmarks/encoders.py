r"""Encoders side by side: nDCG@10 of the cosine alone, texts a second, megabytes.

    python benchmarks/encoders.py --index MINILM_INDEX --index ACCURATE_INDEX --whole fast --graded FOLDER \
        --qrels judged-dev.qrels --qrels stories-2017.qrels

An encoder is taken from an index of the archive (its vectors need no encoding), encodes the whole archive (`--whole`),
or, where that would take too long, what the first `--qrels` names (`--graded`). In the column "graded" every encoder
ranks these events alone, without those that nobody graded; in the others it ranks the whole archive. Texts a second are
the best of three runs over the same texts, spread over the archive, all encoders in turn; the first line is
sentence-transformers as it comes.
"""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from models import semantic
from models.encoder import load_encoder
from models.shipped import weights_folder
from recommender.corpus import Corpus
from recommender.index import Index
from recommender.intervals import mean_interval
from recommender.measures import score_run
from recommender.neighbours import nearest_many
from recommender.qrels import Qrels, read_qrels

MEASURE = "nDCG@10"
CUTOFF, RUNS = 10, 3
FILES = {"accurate": ("accurate.onnx", "tokenizer.json"), "fast": ("fast.npz", "tokenizer.json")}
Vectors = NDArray[np.float32]


def over_all(corpus: Corpus, vectors: Vectors, qrels: Qrels) -> dict[str, list[str]]:
    """The nearest ten events of each query."""
    rows = [corpus.row(query) for query in qrels.queries]
    found = nearest_many(vectors, rows, CUTOFF + 1)
    return {
        query: [corpus.slug(int(other)) for other in near.rows if other != row][:CUTOFF]
        for query, row, near in zip(qrels.queries, rows, found, strict=True)
    }


def over_graded(vectors: Mapping[str, Vectors], qrels: Qrels) -> dict[str, list[str]]:
    """The nearest ten of each query's graded events."""
    return {
        query: sorted(documents, key=lambda slug: (-float(vectors[query] @ vectors[slug]), slug))[:CUTOFF]
        for query, documents in qrels.grades.items()
    }


def value(name: str, answers: Mapping[str, Sequence[str]], qrels: Qrels) -> str:
    """The mean of queries and half its interval."""
    found = mean_interval(score_run(name, answers, qrels).values[MEASURE], seed=0)
    return f"{found.estimate:.3f} ±{(found.high - found.low) / 2:.3f}"


def size(name: str) -> float:
    """Megabytes on disk of what an encoder reads; 0 of one that needs no files."""
    if name == "lexical":
        return 0.0
    if name in FILES:
        return sum((weights_folder() / file).stat().st_size for file in FILES[name]) / 1e6
    folder = semantic.bundled_folder() if name == semantic.BUNDLED else Path(name)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def speeds(encoders: Mapping[str, Callable[[Sequence[str]], object]], texts: Sequence[str]) -> dict[str, float]:
    """Texts a second of each, the best of some runs, all in turn."""
    best = dict.fromkeys(encoders, 0.0)
    for run in range(RUNS):
        for name, encode in encoders.items():
            encode(texts[:64] if run == 0 else texts[:1])
            started = time.perf_counter()
            encode(texts)
            best[name] = max(best[name], len(texts) / (time.perf_counter() - started))
    return best


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folders", type=PATH, multiple=True, required=True, help="Of the archive, one an encoder.")
@click.option("--whole", multiple=True, help="An encoder that encodes the whole archive.")
@click.option("--graded", multiple=True, help="An encoder that encodes graded events only.")
@click.option("--qrels", "files", type=PATH, multiple=True, required=True)
@click.option("--texts", "count", default=1000, show_default=True, help="For the speed; 0 leaves it out.")
def main(
    folders: tuple[Path, ...], whole: tuple[str, ...], graded: tuple[str, ...], files: tuple[Path, ...], *, count: int
) -> None:
    """Measure and print a table."""
    indexes = [Index.open(folder) for folder in folders]
    corpus, judgements = indexes[0].corpus, [read_qrels(file) for file in files]
    texts = [text.strip() for text in corpus.texts]
    first = judgements[0]
    slugs = sorted(set(first.queries).union(*first.grades.values()))
    names = [*(index.manifest.encoder for index in indexes), *whole, *graded]
    encoders = {name: load_encoder(name, corpus=texts) for name in names}
    rows: dict[str, list[str]] = {}
    known = ((index.manifest.encoder, np.ascontiguousarray(index.vectors)) for index in indexes)
    for name, vectors in itertools.chain(known, ((name, encoders[name].encode(texts)) for name in whole)):
        values = [value(name, over_graded({slug: vectors[corpus.row(slug)] for slug in slugs}, first), first)]
        rows[name] = values + [value(name, over_all(corpus, vectors, qrels), qrels) for qrels in judgements]
    for name in graded:
        made = encoders[name].encode([texts[corpus.row(slug)] for slug in slugs])
        rows[name] = [value(name, over_graded(dict(zip(slugs, made, strict=True)), first), first)]
        rows[name] += ["–"] * len(judgements)
    sample = [texts[row] for row in np.linspace(0, len(texts) - 1, count).astype(int)] if count else []
    timed = speeds(_timed(encoders), sample) if count else {}
    click.echo(f"| encoder | {first.name}, graded | {' | '.join(one.name for one in judgements)} | texts/s | MB |")
    click.echo("|---" * (len(judgements) + 4) + "|")
    if count:
        click.echo(
            f"| sentence-transformers{' | –' * (len(judgements) + 1)} | {timed['']:,.0f} | {size('minilm'):.0f} |"
        )
    for name, values in rows.items():
        speed = f"{timed[name]:,.0f}" if count else "–"
        click.echo(f"| {Path(name).name} | {' | '.join(values)} | {speed} | {size(name):.0f} |")


def _timed(encoders: Mapping[str, object]) -> dict[str, Callable[[Sequence[str]], object]]:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds

    plain = SentenceTransformer(str(semantic.bundled_folder()), device="cpu", local_files_only=True)
    timed: dict[str, Callable[[Sequence[str]], object]] = {"": lambda texts: plain.encode(list(texts))}
    timed.update({name: encoder.encode for name, encoder in encoders.items()})  # type: ignore[attr-defined]
    return timed


if __name__ == "__main__":
    main()
