r"""Tune all-MiniLM-L6-v2 on an archive's stories and rare entities, near the model that it started from.

    pip install -e '.[fit]'
    python benchmarks/fit_encoder.py --index INDEX --stories stories-dev.qrels.gz \
        --qrels judged-train.qrels --leave-out judged-dev.qrels --seed 1 --output tuned-1

INDEX was built with `--encoder minilm`. Give `--qrels` and `--leave-out` as `fit_extend.py` gets them. No grade is
looked at, and neither these queries nor anything of their stories is in a pair, so that trees fitted on the grades
meet vectors as good there as anywhere. Stories that go on after 2015, or of which the trees learn, are left out too.

One thread, so that the same seed gives the same weights on the same machine; run two seeds at once and let
`ship_encoder.py` average them.
"""

import itertools
import math
import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from pools import Groups, story_queries, year
from sentence_transformers import SentenceTransformer
from torch.nn import functional

from models import semantic
from recommender.index import Index
from recommender.qrels import read_qrels

LAST_YEAR = 2015
PAIRS, TOKENS = 32, 64
"""Pairs of a step, each with one hard negative; tokens of a text that are read."""
FROZEN_LAYERS = 3
RATE, WARM_UP, SCALE = 3e-5, 0.1, 20.0
"""Of learning; share of the steps in which it rises; by which cosines are multiplied before the softmax."""
STAY = 20.0
"""Weight of the mean squared change of a cosine against the first model, over all pairs of texts of a step."""
STORY_SHARE = 0.4
RARE, TOLD_APART = 12, 60
"""An entity of at most so many events makes pairs; who share one of at most so many are no negatives."""
SAME_DAYS, FAR_DAYS = 14, 180


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pairs come from; rows of the corpus."""

    stories: list[list[int]]
    entities: list[NDArray[np.int64]]
    """Events of one rare entity."""
    story_of: dict[int, int]
    allowed: NDArray[np.bool_]
    """(n,) who may be in a pair."""


def sources(index: Index, stories: Path, qrels: Path, leave_out: tuple[Path, ...]) -> Sources:
    """What may be learned from."""
    corpus, filed = index.corpus, read_qrels(stories)
    left_out = {query for path in leave_out for query in read_qrels(path).grades}
    groups = Groups()
    groups.merge(filed, 1)
    barred = left_out | set(story_queries(filed, groups, left_out)) | set(read_qrels(qrels).grades)
    members: dict[str, set[str]] = {}
    for query, documents in filed.grades.items():
        members.setdefault(groups.find(query), set()).update((query, *documents))
    free = [sorted(story) for _, story in sorted(members.items())]
    taken = [story for story in free if story_is_taken(story, barred)]
    free = [story for story in free if not story_is_taken(story, barred)]
    rows = [[corpus.row(slug) for slug in story] for story in free]
    last = int(
        np.searchsorted([int(path[5:9]) for path in map(corpus.paths.__getitem__, range(len(corpus)))], LAST_YEAR + 1)
    )
    allowed = np.arange(len(corpus)) < last
    allowed[[corpus.row(slug) for slug in itertools.chain(barred, *taken)]] = False
    story_of = {row: number for number, story in enumerate(rows) for row in story}
    entities = []
    for entity in range(len(index.entities)):
        events = index.entities.postings(entity)
        if 2 <= len(events) <= RARE:
            events = events[allowed[events]].astype(np.int64)
            if len(events) > 1:
                entities.append(events)
    return Sources(rows, entities, story_of, allowed)


def story_is_taken(story: list[str], barred: set[str]) -> bool:
    """Whether a story goes on too long, or has an event that must not be learned from."""
    return not barred.isdisjoint(story) or max(map(year, story)) > LAST_YEAR


class Drawing:
    """Draws the pairs and hard negatives of a step."""

    def __init__(self, index: Index, found: Sources, seed: int) -> None:
        self.index, self.found = index, found
        self.random = np.random.default_rng(seed)
        self.days = np.asarray(index.corpus.days)
        self.frequency = np.diff(index.entities.entity_starts)

    def step(self) -> tuple[list[int], list[int], list[int]]:
        """Anchors, positives, negatives."""
        anchors, positives, negatives = [], [], []
        while len(anchors) < PAIRS:
            pool = self.found.stories if self.random.random() < STORY_SHARE else self.found.entities
            anchor, positive = self.random.choice(pool[self.random.integers(len(pool))], 2, replace=False).tolist()
            anchors.append(anchor)
            positives.append(positive)
            negatives.append(self.negative(anchor))
        return anchors, positives, negatives

    def negative(self, anchor: int) -> int:
        """An event of the same days with a common entity, or one with a like text of another year; or any."""
        if self.random.random() < 0.5:
            entities = self.index.entities.entities(anchor)
            sharing = [self.index.entities.postings(int(entity)) for entity in entities]
            among = np.unique(np.concatenate(sharing)).astype(np.int64) if sharing else np.zeros(0, np.int64)
            among = among[np.abs(self.days[among] - self.days[anchor]) <= SAME_DAYS]
        else:
            among = np.asarray(self.index.graph.neighbours[anchor]).astype(np.int64)
            among = among[np.abs(self.days[among] - self.days[anchor]) > FAR_DAYS]
        among = np.array([row for row in among.tolist() if self.found.allowed[row] and not self.related(anchor, row)])
        return int(self.random.choice(among if len(among) else np.flatnonzero(self.found.allowed)))

    def related(self, row: int, other: int) -> bool:
        """Whether two events may well belong together."""
        story = self.found.story_of.get(row)
        if row == other or (story is not None and story == self.found.story_of.get(other)):
            return True
        common = self.index.entities.common(row, other)
        return bool(len(common)) and int(self.frequency[common].min()) <= TOLD_APART


def embed(model: torch.nn.Module, tokens: list[list[int]]) -> torch.Tensor:
    """(texts, dimensions) unit rows: the mean over tokens, a text beside others of about its length."""
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    parts = []
    for start in range(0, len(order), PAIRS):
        several = [torch.tensor(tokens[place]) for place in order[start : start + PAIRS]]
        ids = torch.nn.utils.rnn.pad_sequence(several, batch_first=True)
        mask = (torch.arange(ids.shape[1])[None] < torch.tensor([len(one) for one in several])[:, None]).long()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        summed = (states.float() * mask[..., None]).sum(dim=1)
        parts.append(functional.normalize(summed / mask.sum(dim=1, keepdim=True), dim=1))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


PATH = click.Path(path_type=Path)


@click.command()
@click.option("--index", "folder", type=PATH, required=True)
@click.option("--stories", type=PATH, required=True)
@click.option("--qrels", type=PATH, required=True, help="Judgements that trees are fitted on.")
@click.option("--leave-out", type=PATH, multiple=True, help="Judgements whose queries must not be learned from.")
@click.option("--steps", default=400, show_default=True)
@click.option("--stop-after", type=int, help="Stop after so many of these steps.")
@click.option("--seed", default=1, show_default=True)
@click.option("--output", type=PATH, required=True, help="Folder of a sentence-transformers model.")
def main(
    folder: Path,
    stories: Path,
    qrels: Path,
    leave_out: tuple[Path, ...],
    output: Path,
    *,
    steps: int,
    stop_after: int | None,
    seed: int,
) -> None:
    """Draw, learn, save."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    index = Index.open(folder)
    found = sources(index, stories, qrels, leave_out)
    click.echo(f"{len(found.stories)} stories of {len(found.story_of)} events, {len(found.entities)} rare entities")
    drawing = Drawing(index, found, seed)
    whole = SentenceTransformer(str(semantic.bundled_folder()), device="cpu", local_files_only=True)
    model = whole[0].auto_model.eval()  # without dropout: a cosine is compared with the first model's
    for part in (model.embeddings, *model.encoder.layer[:FROZEN_LAYERS]):
        part.requires_grad_(requires_grad=False)
    learned = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM_UP * steps), (steps - step) / (steps * (1 - WARM_UP)))
    )
    started, losses = time.perf_counter(), []
    last = steps if stop_after is None else min(steps, stop_after)
    for step in range(last):
        anchors, positives, negatives = drawing.step()
        rows = anchors + positives + negatives
        tokens = whole.tokenizer([index.corpus.texts[row].strip() for row in rows], truncation=True, max_length=TOKENS)
        vectors = embed(model, tokens["input_ids"])
        first = torch.tensor(np.asarray(index.vectors[rows]))
        change = ((vectors @ vectors.T - first @ first.T) ** 2).mean()
        logits = SCALE * vectors[:PAIRS] @ vectors[PAIRS:].T
        doubtful = torch.tensor(
            [[place != own and drawing.related(row, other) for place, other in enumerate(positives + negatives)]
             for own, row in enumerate(anchors)]
        )  # fmt: skip
        told = functional.cross_entropy(logits.masked_fill(doubtful, -math.inf), torch.arange(PAIRS))
        loss = told + STAY * change
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        schedule.step()
        losses.append((float(told.detach()), float(change.detach())))
        if (step + 1) % 25 == 0:
            mean = np.mean(losses[-25:], axis=0)
            spent = time.perf_counter() - started
            click.echo(f"{step + 1} of {steps}: pairs {mean[0]:.3f}, change {mean[1]:.5f}, {spent:.0f} s")
        if (step + 1) % 100 == 0 or step + 1 == last:
            whole.save(str(output), create_model_card=False)


if __name__ == "__main__":
    main()
