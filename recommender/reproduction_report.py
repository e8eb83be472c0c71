"""A reproduction as people and programs read it: shares with their intervals, causes, and each list that differs."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from recommender.existing import Found
from recommender.intervals import LEVEL, RESAMPLES, Interval, ratio_intervals
from recommender.parameters import Profile
from recommender.related import Recommender
from recommender.reproduction import CAUSES, AsOf, Comparison, ListComparison, Reproduction

MEASURES: dict[str, str] = {
    "items": "of all items those that our lists have",
    "known items": "the same, of the items that we could list",
    "lists": "of all lists those that come out the same",
    "known lists": "of the lists with items that we could list those that come out the same but for other items",
    "tau": "Kendall's tau-b between the orders of the items that both lists have, mean over lists with two or more",
}
"""What is measured; each is a sum over lists divided by another."""

_JSON_DIGITS = 6  # as in the scoreboard
_CELL = len("known lists  ")


@dataclass(frozen=True, slots=True)
class Share:
    """One measure."""

    count: float
    """What is divided."""
    of: int
    """By what."""
    interval: Interval | None
    """None where there is nothing to divide by."""


def shares(comparison: Comparison, *, seed: int) -> dict[str, Share]:
    """The measures of one profile, with intervals by the bootstrap over lists.

    Args:
        comparison: At least one list.
        seed: The seed of the draws.
    """
    columns = np.array([_parts(one) for one in comparison.lists], np.float64)
    sums = columns.sum(axis=0)
    intervals = ratio_intervals(columns, seed=seed)
    return {
        measure: Share(float(sums[2 * place]), int(sums[2 * place + 1]), intervals[place])
        for place, measure in enumerate(MEASURES)
    }


def correlation(one: ListComparison) -> float | None:
    """Kendall's tau-b between the two orders of the items that both lists have; None for fewer than two."""
    places = one.common
    if len(places) < 2:
        return None
    if list(places) == sorted(places):
        return 1.0
    # Imported here: it takes as long as all the rest, and most commands and most lists do without.
    from scipy.stats import kendalltau  # noqa: PLC0415

    return float(kendalltau(range(len(places)), places).statistic)


def to_json(reproduction: Reproduction, recommender: Recommender, *, seed: int) -> dict[str, object]:
    """Gives the reproduction as dicts, lists, strings and numbers; each list that differs with both sides.

    Args:
        reproduction: What was compared.
        recommender: With what.
        seed: The seed of the bootstrap.
    """
    return {
        "pages": reproduction.pages,
        "without_list": reproduction.without_list,
        "as_of": _day(reproduction.as_of),
        "found_by": _found_by(reproduction),
        "interval": {"level": LEVEL, "resamples": RESAMPLES, "seed": seed},
        "profiles": [
            {
                "name": comparison.profile,
                "measures": {measure: _json_share(share) for measure, share in shares(comparison, seed=seed).items()},
                "causes": [
                    {"cause": cause, "meaning": CAUSES[cause], "lists": lists, "items": items, "example": example}
                    for cause, lists, items, example in causes(comparison)
                ],
                "differing": [
                    _json_list(one, recommender, comparison.profile) for one in comparison.lists if not one.exact
                ],
            }
            for comparison in reproduction.comparisons
        ],
    }


def format_reproduction(reproduction: Reproduction, *, seed: int) -> str:
    """Formats a reproduction for people."""
    comparisons = reproduction.comparisons
    measured = {one.profile: shares(one, seed=seed) for one in comparisons}
    width = max(len("profile"), *(len(profile) for profile in measured))
    table = [_line("profile", width, list(MEASURES))]
    table += [_line(profile, width, [_cell(share) for share in of.values()]) for profile, of in measured.items()]
    blocks = [table]
    for one in comparisons:
        block = [f"{one.profile}: lists that differ by their first cause, items that are missing by their own, a page"]
        for cause, lists, items, example in causes(one):
            block += [f"{lists:>6,} lists {items:>7,} items  {cause}: {CAUSES[cause]}", f"{'':>15}{example}"]
        blocks.append(block if len(block) > 1 else [f"{one.profile}: no list differs"])
    blocks.append(_notes(reproduction, measured, seed))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def causes(comparison: Comparison) -> list[tuple[str, int, int, str]]:
    """Each cause there is, the lists it is the first of, the items it is of, and the page of one of them."""
    lists = Counter(one.cause for one in comparison.lists)
    items = Counter(cause for one in comparison.lists for cause in one.missing)
    examples = {
        cause: next(
            (one.existing.slug for one in comparison.lists if one.cause == cause),
            next((one.existing.slug for one in comparison.lists if cause in one.missing), ""),
        )
        for cause in CAUSES
    }
    return [(cause, lists[cause], items[cause], examples[cause]) for cause in CAUSES if lists[cause] or items[cause]]


def _parts(one: ListComparison) -> tuple[float, ...]:
    """What one list adds to both sums of each measure."""
    kept, known, tau = len(one.common), len(one.existing.known), correlation(one)
    return (
        *(kept, len(one.existing.items)),
        *(kept, known),
        *(one.exact, 1),
        *(one.exact_of_known, known > 0),
        *(tau or 0.0, tau is not None),
    )


def _line(name: str, width: int, cells: list[str]) -> str:
    return "  ".join([f"{name:<{width}}", *(f"{cell:<{_CELL}}" for cell in cells)]).rstrip()


def _cell(share: Share) -> str:
    return "-" if share.interval is None else f"{share.interval.estimate:.3f} ±{share.interval.half_width:.3f}"


def _notes(reproduction: Reproduction, measured: dict[Profile, dict[str, Share]], seed: int) -> list[str]:
    first, found = next(iter(measured.values())), _found_by(reproduction)
    as_of = {"listed": "each list's newest item", None: "no day"}.get(_day(reproduction.as_of), str(reproduction.as_of))
    known = f"{first['known items'].of:,} on {first['known lists'].of:,} lists"
    correlated = ", ".join(f"{profile} {of['tau'].of:,}" for profile, of in measured.items())
    return [
        f"±: half the {LEVEL:.0%} interval of the bootstrap, {RESAMPLES:,} resamples of the lists, seed {seed}",
        f"{reproduction.pages:,} pages, {reproduction.without_list:,} without a list (not compared); as of {as_of}",
        f"{first['items'].of:,} items on {first['lists'].of:,} lists; known, which is what we could list: {known}",
        "pages and items found by " + ", ".join(f"{how} {count:,}" for how, count in found.items()),
        f"tau, over lists with at least two items that both have: {correlated}",
    ]


def _day(as_of: AsOf) -> str | None:
    return None if as_of is None else str(as_of)


def _found_by(reproduction: Reproduction) -> dict[str, int]:
    """How many pages and items were found by what; items on several lists count on each."""
    lists = [one.existing for one in reproduction.comparisons[0].lists]
    matches = [match for one in lists for match in (one.found, *(item.found for item in one.items)) if match]
    found = Counter(match.how for match in matches)
    return {"slug": found["slug"], "alias": found["alias"], "text": found["text"]}


def _json_share(share: Share) -> dict[str, float | int | None]:
    interval = share.interval
    return {
        "mean": None if interval is None else round(interval.estimate, _JSON_DIGITS),
        "low": None if interval is None else round(interval.low, _JSON_DIGITS),
        "high": None if interval is None else round(interval.high, _JSON_DIGITS),
        "count": round(share.count, _JSON_DIGITS),
        "of": share.of,
    }


def _json_list(one: ListComparison, recommender: Recommender, profile: Profile) -> dict[str, object]:
    existing, places = one.existing, {row: place for place, row in enumerate(one.ours, start=1)}
    corpus = recommender.index.corpus
    ranks = {item.found.row: rank for rank, item in enumerate(existing.items, start=1) if item.found}

    def found(match: Found | None) -> dict[str, str | None]:
        return {"event": corpus.slug(match.row) if match else None, "found_by": match.how if match else None}

    def shared(other: int) -> list[str]:
        page = existing.found
        return recommender.shared(page.row, other, profile) if page else []

    return {
        "slug": existing.slug,
        **found(existing.found),
        "as_of": _day(one.as_of),
        "cause": one.cause,
        "tau": correlation(one),
        "items": [
            {
                "rank": rank,
                "slug": item.slug,
                **found(item.found),
                "our_rank": item.found and places.get(item.found.row),
                "printed": list(item.printed),
                "shared": shared(item.found.row) if item.found else [],
                "cause": cause,
            }
            for rank, (item, cause) in enumerate(zip(existing.items, one.missing, strict=True), start=1)
        ],
        "ours": [
            {"rank": rank, "event": corpus.slug(row), "their_rank": ranks.get(row), "shared": shared(row)}
            for row, rank in places.items()
        ],
    }
