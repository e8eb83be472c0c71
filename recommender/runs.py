"""Lists of many slugs as a run that evaluation tools read."""

from collections.abc import Callable, Sequence
from typing import TextIO

import numpy as np

from recommender.errors import QrelsError
from recommender.parameters import Parameters
from recommender.qrels import Run, RunEntry
from recommender.related import Recommender


def read_slugs(lines: TextIO) -> list[str]:
    """The slugs of a file, one a line, each once.

    Raises:
        QrelsError: It is not text.
    """
    try:
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    except UnicodeDecodeError as error:
        byte = f"the byte {error.object[error.start]:#04x}"
        raise QrelsError(f"{lines.name} holds {byte}, expected a slug a line in UTF-8") from None


def answer_slugs(
    recommender: Recommender,
    slugs: Sequence[str],
    parameters: Parameters,
    *,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """The lists of many slugs.

    Args:
        recommender: What answers.
        slugs: Whole, or last parts; the run has them as whole slugs.
        parameters: The same for all.
        progress: Called with the number of queries answered.

    Raises:
        SlugUnknownError: No event has one of them.
        SlugAmbiguousError: Several events end in one of them.
    """
    corpus = recommender.index.corpus
    rows = list(dict.fromkeys(corpus.row(slug) for slug in slugs))
    entries = {}
    for done, (row, ranking) in enumerate(recommender.rankings(rows, parameters), start=1):
        # What stands without a score stands above or below all that has one; `run_lines` prints falling scores.
        scores = ranking.scores.copy()
        scores[: ranking.chosen] = max([0.0, *scores[~np.isnan(scores)].tolist()])
        entries[corpus.slug(row)] = tuple(
            RunEntry(corpus.slug(int(other)), 0.0 if np.isnan(score) else float(score))
            for other, score in zip(ranking.rows, scores, strict=True)
        )
        if progress is not None:
            progress(done)
    return Run(parameters.profile, entries)
