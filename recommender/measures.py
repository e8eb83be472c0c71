"""Measures of a run against judgements, query by query, computed by trec_eval's own code.

| measure | says |
|---|---|
| `nDCG@10` | gains 2^grade - 1, discount log2(rank + 1): `nDCG(dcg="exp-log2")@10` of ir-measures |
| `R@10` | the share of the relevant documents that are in the first ten |
| `RR` | 1 / rank of the first relevant document |
| `AP` | the precision at each relevant document, averaged over all relevant documents |
| `Judged@10` | the share of the first ten (or of all, where there are fewer) that were judged |
| `nDCG@10 condensed` | nDCG@10 of the list without its unjudged documents |

The gains are those of Burges et al., "Learning to rank using gradient descent" (ICML 2005); condensed lists are from
Sakai, "Alternatives to bpref" (SIGIR 2007).

Every judged query counts, as in ir-measures and `trec_eval -c`: a query without an answer has 0 in every measure. A
query whose truth is empty has 0 too, whatever the run lists: it lowers every run alike, so it stays in the means, and
`without_relevant` tells how many there are. (Where only low grades were given, nDCG can still be above 0.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pytrec_eval import RelevanceEvaluator

from recommender.errors import ParameterError, QrelsError
from recommender.qrels import MAX_GRADE, Qrels

FloatArray = NDArray[np.float64]

CUTOFF: Final = 10
CONDENSED: Final = "nDCG@10 condensed"
JUDGED: Final = "Judged@10"
MEASURES: Final = ("nDCG@10", "R@10", "RR", "AP", JUDGED, CONDENSED)

# Our names → the names under which trec_eval takes them and (with `_` for `.`) gives them back.
_TREC_NAMES: Final = {"nDCG@10": f"ndcg_cut.{CUTOFF}", "R@10": f"recall.{CUTOFF}", "RR": "recip_rank", "AP": "map"}
_CONDENSED_TREC_NAMES: Final = {CONDENSED: f"ndcg_cut.{CUTOFF}"}


@dataclass(frozen=True, slots=True, eq=False)
class RunScores:
    """What every query of the judgements says about one run."""

    name: str
    """The name of the run."""
    qrels: str
    """The name of the judgements."""
    queries: tuple[str, ...]
    """All judged queries, sorted."""
    values: Mapping[str, FloatArray]
    """Measure → one value in [0, 1] per query, in the order of `queries`, read-only."""
    relevant_from: int
    """The lowest grade that `R@10`, `RR` and `AP` count as relevant."""
    pairs: int
    """The number of judged pairs."""
    irrelevant_pairs: int
    """How many of them have a grade below 1. Where there are none, `Judged@10` is a precision."""
    unanswered: int
    """Judged queries for which the run lists nothing; they have 0 in every measure."""
    without_relevant: int
    """Judged queries with no document of `relevant_from` or above: `R@10`, `RR` and `AP` are 0 for every run."""
    not_judged: int
    """Queries of the run that nobody judged; they count nowhere."""

    def mean(self, measure: str) -> float:
        """Gives the mean of a measure over all judged queries."""
        if measure not in self.values:
            raise ParameterError("measure", measure, f"one of {', '.join(self.values)}")
        return float(self.values[measure].mean())

    @property
    def means(self) -> dict[str, float]:
        """The mean of each measure over all judged queries."""
        return {measure: self.mean(measure) for measure in self.values}


def score_run(
    name: str, answers: Mapping[str, Sequence[str]], qrels: Qrels, *, relevant_from: int | None = None
) -> RunScores:
    """Computes every measure for every judged query.

    Args:
        name: The name of the run.
        answers: Query → documents, best first, each once. Their order is the order that is measured.
        qrels: The judgements.
        relevant_from: The lowest grade that counts as relevant in the binary measures; without it, 2 where the
            judgements go up to 3 or more (a scale on which 1 means loosely related), else 1.
    """
    level = default_relevant_from(qrels) if relevant_from is None else relevant_from
    if not 1 <= level <= MAX_GRADE:
        raise ParameterError("relevant_from", level, f"a grade from 1 to {MAX_GRADE}")
    answered = {query: answers[query] for query in qrels.queries if answers.get(query)}
    scored = {query: _falling_scores(name, query, documents) for query, documents in answered.items()}
    gains = {query: {doc: gain(grade) for doc, grade in judged.items()} for query, judged in qrels.grades.items()}
    # gain() rises strictly, so one set of gains serves the graded and (from gain(level) on) the binary measures.
    graded = RelevanceEvaluator(gains, _TREC_NAMES.values(), relevance_level=gain(level))
    condensed = RelevanceEvaluator(gains, _CONDENSED_TREC_NAMES.values(), judged_docs_only_flag=True)
    values = _trec_columns(graded, scored, qrels.queries, _TREC_NAMES)
    values |= _trec_columns(condensed, scored, qrels.queries, _CONDENSED_TREC_NAMES)
    values[JUDGED] = np.array([_judged_share(answered.get(query, ()), gains[query]) for query in qrels.queries])
    for column in values.values():
        column.flags.writeable = False
    return RunScores(
        name=name,
        qrels=qrels.name,
        queries=qrels.queries,
        values=MappingProxyType({measure: values[measure] for measure in MEASURES}),
        relevant_from=level,
        pairs=qrels.pairs,
        irrelevant_pairs=qrels.pairs - qrels.pairs_from(1),
        unanswered=len(qrels.queries) - len(answered),
        without_relevant=sum(max(judged.values()) < level for judged in qrels.grades.values()),
        not_judged=len(answers.keys() - qrels.grades.keys()),
    )


def default_relevant_from(qrels: Qrels) -> int:
    """Gives the lowest grade that counts as relevant where nobody chose one."""
    return 2 if qrels.max_grade >= 3 else 1


def gain(grade: int) -> int:
    """Gives the gain 2^grade - 1 of a grade: 0, 1, 3, 7; a negative grade (spam, in some qrels) gains nothing."""
    return (1 << max(grade, 0)) - 1


def _falling_scores(run: str, query: str, documents: Sequence[str]) -> dict[str, float]:
    """Turns an order into scores: trec_eval sorts again, equal scores by document from Z to A.

    Whole numbers stay apart in the single precision that trec_eval holds them in.
    """
    scores = {document: float(-rank) for rank, document in enumerate(documents)}
    if len(scores) < len(documents):
        raise QrelsError(f"the run {run!r} lists a document twice for {query!r}, expected each once")
    return scores


def _trec_columns(
    evaluator: RelevanceEvaluator,
    scored: Mapping[str, Mapping[str, float]],
    queries: Sequence[str],
    names: Mapping[str, str],
) -> dict[str, FloatArray]:
    """Runs trec_eval once; gives, for each of our names, one value per query, 0 where the run has no answer."""
    found = evaluator.evaluate(scored)
    return {
        measure: np.array([found[query][trec_name.replace(".", "_")] if query in found else 0.0 for query in queries])
        for measure, trec_name in names.items()
    }


def _judged_share(documents: Sequence[str], judged: Mapping[str, int]) -> float:
    listed = documents[:CUTOFF]
    return sum(document in judged for document in listed) / len(listed) if listed else 0.0
