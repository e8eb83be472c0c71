"""Lists of many slugs as a run that evaluation tools read."""

from collections.abc import Callable, Sequence

from recommender.parameters import Parameters
from recommender.qrels import Run, RunEntry
from recommender.related import Recommender


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
        entries[corpus.slug(row)] = tuple(
            RunEntry(corpus.slug(int(other)), float(score))
            for other, score in zip(ranking.rows, ranking.scores, strict=True)
        )
        if progress is not None:
            progress(done)
    return Run(parameters.profile, entries)
