r"""Learn the table of the encoder `fast` from the vectors that the encoder of an index gave to its texts.

    pip install -e '.[fit]'
    python benchmarks/fit_static.py --index INDEX [--output models/weights/fast.npz]

INDEX was built with `--encoder accurate`. A piece of a word starts as the vector that the encoder gives to it alone,
shortened to the directions in which pieces differ most and weighed by its rarity ("Model2Vec"). Then pieces move so
that the cosines of texts become the encoder's: of texts of one step with each other, half of them near neighbours.
Texts after 2015 are not looked at. One thread, so that the same seed gives the same table on the same machine.
"""

import hashlib
import time
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from models.quantised import QuantisedEncoder
from models.shipped import load_tokenizer
from recommender.index import Index

LAST_YEAR = 2015
DIMENSIONS = 256
ANCHORS, STEPS, RATE = 256, 1500, 3e-3
FIRST, LAST = 101, 102
"""The marks [CLS] and [SEP], between which a text stands."""
RARITY = 1e-3
"""A piece weighs RARITY / (RARITY + its share of all pieces): Arora et al. 2017, "A simple but
tough-to-beat baseline for sentence embeddings"."""


def first_table(pieces: int, counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """(pieces, DIMENSIONS) vectors of pieces alone, weighed by their rarity."""
    encoder = QuantisedEncoder()
    alone = np.array([encoder.encode_tokens([FIRST, piece, LAST]) for piece in range(pieces)])
    alone -= alone.mean(axis=0)
    _, _, directions = np.linalg.svd(alone.astype(np.float64), full_matrices=False)
    table = alone @ directions[:DIMENSIONS].T.astype(np.float32)
    weights = RARITY / (RARITY + counts / counts.sum())
    return (table * weights[:, None]).astype(np.float32)


def quantised(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Whole numbers of 8 bits, and the factor of each row."""
    factors = (np.abs(table).max(axis=1) / 127).astype(np.float16)
    safe = np.maximum(factors.astype(np.float32), 1e-7)[:, None]
    return np.clip(np.rint(table / safe), -127, 127).astype(np.int8), factors


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--output", type=PATH, default=Path("models/weights/fast.npz"), show_default=True)
def main(folder: Path, seed: int, output: Path) -> None:
    """Start, learn, save."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    index, tokenizer = Index.open(folder), load_tokenizer()
    rows = [row for row in range(len(index.corpus)) if int(index.corpus.paths[row][5:9]) <= LAST_YEAR]
    texts = [index.corpus.texts[row].strip() for row in rows]
    tokens = [np.array(one.ids) for one in tokenizer.encode_batch(texts, add_special_tokens=False)]
    counts = np.bincount(np.concatenate(tokens), minlength=tokenizer.get_vocab_size())
    table = torch.nn.EmbeddingBag.from_pretrained(
        torch.tensor(first_table(len(counts), counts)), freeze=False, mode="sum"
    )
    teacher = torch.tensor(np.asarray(index.vectors))
    neighbours = np.asarray(index.graph.neighbours)
    optimizer = torch.optim.Adam(table.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / STEPS)
    started, errors = time.perf_counter(), []
    for step in range(STEPS):
        anchors = random.choice(len(rows), ANCHORS, replace=False)
        near = neighbours[anchors, random.integers(0, neighbours.shape[1], ANCHORS)]
        several = np.unique(np.concatenate((anchors, near[near < len(rows)])))
        ids = [tokens[place] for place in several]
        offsets = np.concatenate(([0], np.cumsum([len(one) for one in ids])[:-1]))
        vectors = functional.normalize(table(torch.tensor(np.concatenate(ids)), torch.tensor(offsets)), dim=1)
        known = teacher[several]
        target = known @ known.T
        # Near pairs are few and decide who stands on a list: they weigh more.
        loss = ((1.0 + 10.0 * target.clamp(min=0) ** 2) * (vectors @ vectors.T - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        errors.append(float(loss.detach()))
        if (step + 1) % 100 == 0:
            click.echo(f"{step + 1} of {STEPS}: {np.mean(errors[-100:]):.5f}, {time.perf_counter() - started:.0f} s")
    pieces, factors = quantised(table.weight.detach().numpy())
    with output.open("wb") as file:
        np.savez_compressed(file, pieces=pieces, factors=factors)
    click.echo(f"{output}: {output.stat().st_size:,} bytes, sha256 {hashlib.sha256(output.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
