"""Why an event is on a list, or is not, as JSON values and as a table for people."""

from typing import Any

from recommender.index import Index
from recommender.reasons import time_apart
from recommender.render import event_json, index_json, parameters_json
from recommender.terminal import printable
from recommender.why import Why


def why_json(why: Why, index: Index) -> dict[str, Any]:
    """The answer as JSON values, the same from the command and from HTTP."""
    standing, gate = why.standing, why.gate
    return {
        "query": event_json(why.query),
        "other": event_json(why.other),
        "profile": why.parameters.profile,
        "parameters": parameters_json(why.parameters),
        "index": index_json(index),
        "rank": why.rank,
        "place": why.place,
        "ranked": why.ranked,
        "score": why.score,
        "days": why.days,
        "group": standing.group if standing else None,
        "likelihood": {
            "same_story": _rounded(standing.story),
            "related": _rounded(standing.related),
        }
        if standing
        else None,
        "reason": why.reason,
        "dropped_by": {"gate": gate.name, "message": gate.sentence} if gate else None,
        "criterion": why.criterion,
        "shared": [{"label": one.label, "events": one.events, "rarity": one.rarity} for one in why.shared],
        "sources": [
            {"source": one.source, "similarity": _rounded(one.similarity), "place": one.place, "cut": one.cut}
            for one in why.sources
        ],
        "contributions": dict(why.contributions),
        "features": [
            {
                "name": one.name,
                "group": one.group,
                "value": _rounded(one.value),
                "contribution": one.contribution,
            }
            for one in why.features
        ],
    }


def why_table(why: Why) -> str:
    """The answer for people."""
    lines = [
        f"query  {why.query.date}  {printable(why.query.headline)}",
        f"other  {why.other.date}  {printable(why.other.headline)}",
        f"       {printable(why.reason or time_apart(why.days))}",
        "",
        _verdict(why),
    ]
    if why.score is not None:
        lines.append(
            f"score {why.score:.6f} = " + " ".join(f"{name} {v:+.6f}" for name, v in why.contributions.items())
        )
    if why.standing is not None:
        lines.append(f"likelihood: same story {why.standing.story:.2f}, related at all {why.standing.related:.2f}")
    if why.criterion is not None:
        lines.append(why.criterion)
    lines += _part(
        "shared entity",
        "events  rarity",
        [f"{one.events:>6}  {one.rarity:6.3f}  {printable(one.label)}" for one in why.shared],
    )
    lines += _part(
        "source of candidates",
        " place     cut  similarity",
        [
            f"{'—' if one.place is None else one.place:>6}  {one.cut:>6}  {one.similarity:10.4f}  {one.source}"
            for one in why.sources
        ],
    )
    lines += _part(
        "feature",
        "contribution       value",
        [f"{one.contribution:+12.6f}  {one.value:10.4f}  {one.group}: {one.name}" for one in why.features],
    )
    return "\n".join(lines)


def _verdict(why: Why) -> str:
    if why.rank is not None:
        return f"on the list at {why.rank}, of {why.ranked} candidates"
    return f"not on the list: {why.gate.sentence}" if why.gate else "not on the list"


def _part(name: str, columns: str, rows: list[str]) -> list[str]:
    return ["", f"{columns}  {name}", *rows] if rows else []


def _rounded(value: float) -> float:
    return round(value, 6) + 0.0  # never -0.0
