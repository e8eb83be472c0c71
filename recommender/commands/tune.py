"""`tune`: parameters of a list fitted to an archive's own truth."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from recommender import __version__
from recommender.commands.options import index_option
from recommender.commands.progress import Bars
from recommender.commands.shared import open_recommender, output_file
from recommender.evaluation import Truth, existing_lists
from recommender.intervals import Interval, difference_interval, mean_interval
from recommender.parameters import PARAMETERS
from recommender.qrels import read_qrels
from recommender.related import Recommender
from recommender.tuned import Tuned
from recommender.tuning import (
    STEPS,
    Measure,
    Observation,
    Settings,
    Split,
    f1,
    lists,
    ndcg,
    observe,
    query_days,
    split_by_time,
)
from recommender.tuning import tune as tune_settings

MEASURES: Mapping[str, Measure] = {"nDCG@10": ndcg, "F1": f1}
_DIGITS = 4

Figures = Mapping[str, Mapping[str, Interval]]
"""Measure → `tuned`, `defaults` and the paired `difference`."""


@click.command()
@index_option
@click.option(
    "--qrels",
    type=click.Path(path_type=Path),
    help="TREC qrels, such as `judge` writes; the existing lists if not given.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The file to write, for --tuned.")
@click.option(
    "--held-out",
    type=click.FloatRange(0.1, 0.9),
    default=0.3,
    show_default=True,
    help="Share of the queries, the latest, on which nothing is fitted and the figures are told.",
)
@click.option("--sample", type=click.IntRange(min=1), default=500, show_default=True, help="Existing lists at most.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample and of the bootstrap.")
def tune(folder: Path | None, qrels: Path | None, output: Path, *, held_out: float, sample: int, seed: int) -> None:
    """Fit pool, weights, half-life and threshold of `extend`, and tell what that is worth on later queries.

    Without --qrels the truth is the archive's own lists, each hidden from what is known of its page's
    entities: that fits an imitation of them, not what a reader wants.
    """
    target = output_file("output", output)
    recommender = open_recommender(folder)
    truth = existing_lists(recommender, sample=sample, seed=seed) if qrels is None else Truth(read_qrels(qrels))
    split = split_by_time(truth.qrels, query_days(recommender, truth.qrels), held_out)
    bars, steps = Bars(), iter(range(1, STEPS + 1))
    observed = _observed(recommender, truth, split.fitted)
    settings = tune_settings(
        recommender.ranker, truth.qrels, observed, progress=lambda: bars.show("tuning", next(steps), STEPS)
    )
    bars.close()
    figures = _figures(recommender, truth, split, settings, seed)
    values = {name: value for name, value in asdict(settings).items() if value != PARAMETERS[name].default}
    provenance = _provenance(recommender, truth, split, figures, {"held_out": held_out, "seed": seed})
    Tuned(values, provenance).save(target)
    for line in _told(values, split, figures):
        click.echo(line)


def _observed(recommender: Recommender, truth: Truth, queries: Sequence[str]) -> Callable[[int], Sequence[Observation]]:
    return functools.cache(lambda candidates: [*observe(recommender, truth, queries, candidates)])


def _figures(recommender: Recommender, truth: Truth, split: Split, settings: Settings, seed: int) -> Figures:
    """What settings and defaults are worth on the queries held out."""
    observed = _observed(recommender, truth, split.held_out)
    figures = {}
    for name, measure in MEASURES.items():
        # The threshold makes lists shorter, which F1 can reward and nDCG@10 cannot: that is of the order alone.
        compared = (replace(settings, threshold=None) if measure is ndcg else settings, Settings())
        answers = [lists(recommender.ranker, observed(one.candidates), one) for one in compared]
        tuned, defaults = (measure(truth.qrels, answer) for answer in answers)
        figures[name] = {
            "tuned": mean_interval(tuned, seed=seed),
            "defaults": mean_interval(defaults, seed=seed),
            "difference": difference_interval(tuned, defaults, seed=seed),
        }
    return figures


def _provenance(
    recommender: Recommender, truth: Truth, split: Split, figures: Figures, options: Mapping[str, Any]
) -> dict[str, Any]:
    manifest = recommender.index.manifest
    return {
        "version": __version__,
        "index": {"fingerprint": manifest.fingerprint, "encoder": manifest.encoder, "events": manifest.events},
        "judgements": truth.qrels.name,
        "queries": {"fitted": len(split.fitted), "held_out": len(split.held_out), "left_out": len(split.left_out)},
        "held_out_from": min(split.held_out, key=query_days(recommender, truth.qrels).__getitem__)[:15],
        "on_held_out": {
            measure: {
                name: {key: round(value, _DIGITS) for key, value in asdict(interval).items()}
                for name, interval in intervals.items()
            }
            for measure, intervals in figures.items()
        },
        **options,
    }


def _told(values: Mapping[str, Any], split: Split, figures: Figures) -> Iterator[str]:
    """What was found, for people."""
    for name, value in values.items():
        yield f"{name}: {PARAMETERS[name].kind.to_json(value)}"
    if not values:
        yield "the defaults: nothing else gains more than twice its standard error"
    held_out, left_out = len(split.held_out), len(split.left_out)
    yield f"fitted on {len(split.fitted)} queries; on {held_out} later ones ({left_out} between left out):"
    for measure, intervals in figures.items():
        parts = [f"{name} {one.estimate:+.3f} ±{one.half_width:.3f}" for name, one in intervals.items()]
        yield f"{measure:<8} {'   '.join(parts)}"
    if values and all(intervals["difference"].low <= 0.0 for intervals in figures.values()):
        yield "no gain is certain on later queries: the defaults are as good a choice"
