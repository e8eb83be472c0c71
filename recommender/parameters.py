"""The parameters of a request: one declaration each, from which command, library and HTTP follow.

A field of `Parameters` is all that there is to declare: its name, its kind and range, its default, a line of help.
The options of commands, the query string, `Parameters.checked` and the JSON of an answer are made of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal, Self, get_args

from recommender.errors import ParameterError
from recommender.features import GROUPS
from recommender.kinds import Choice, Day, Flag, Kind, Real, Weights, Whole

Profile = Literal["extend", "reproduce", "cosine"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""extend: the best list we know; reproduce: the archive's own rule; cosine: embeddings alone, a baseline."""

USUAL_LIMIT = 10
MAX_LIMIT = 50
MAX_CANDIDATES = 10_000
POOL_PER_ITEM = 5
MAX_DAYS = 100_000
MAX_WEIGHT = 10.0


def _told(kind: Kind, told: str) -> Mapping[str, Any]:
    """What is declared of a parameter beside name, type and default: its kind, and what it does, for help."""
    return {"kind": kind, "told": told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What can be asked of a list; every value has been checked."""

    profile: Profile = field(
        default="extend",
        metadata=_told(
            Choice(PROFILES), "extend: the best list; reproduce: the archive's own rule; cosine: embeddings alone."
        ),
    )
    limit: int | None = field(
        default=None,
        metadata=_told(
            Whole(1, MAX_LIMIT), f"Items at most, 1 to {MAX_LIMIT}; the archive's limit if not given, {USUAL_LIMIT}."
        ),
    )
    as_of: date | None = field(
        default=None, metadata=_told(Day(), "As if it were this day: no later event is listed, nor looked at.")
    )
    candidates: int = field(
        default=250,
        metadata=_told(
            Whole(POOL_PER_ITEM, MAX_CANDIDATES),
            "Size of the pool, at least five times the limit, so that the limit never changes an order.",
        ),
    )
    """By `cosine` so many nearest texts, by `extend` two fifths of it from each of five sources."""
    include_newer: bool = field(
        default=True, metadata=_told(Flag(), "Whether events after the query's own day may be listed.")
    )
    before: date | None = field(
        default=None, metadata=_told(Day(), "List only events before this day, the day itself excluded.")
    )
    after: date | None = field(
        default=None, metadata=_told(Day(), "List only events after this day, the day itself excluded.")
    )
    max_age_days: int | None = field(
        default=None, metadata=_told(Whole(0, MAX_DAYS), "List only events at most so many days before or after it.")
    )
    threshold: float | None = field(
        default=None,
        metadata=_told(
            Real(0, 1), "List only what is so probably relevant (extend; 0.5: as likely as not), or so near (cosine)."
        ),
    )
    half_life_days: int | None = field(
        default=None,
        metadata=_told(Whole(1, MAX_DAYS), "Halve what counts for an event for every so many days before or after it."),
    )
    weights: tuple[tuple[str, float], ...] = field(
        default=(),
        metadata=_told(
            Weights(tuple(GROUPS), MAX_WEIGHT), "Factors for kinds of evidence, 1 where none is given; extend only."
        ),
    )
    """Pairs of a group of `features.GROUPS` and its factor; `checked` takes a mapping as well."""
    duplicates: Literal["collapse", "keep"] = field(
        default="collapse",
        metadata=_told(
            Choice(("collapse", "keep")),
            "Whether an event that the archive has twice stands on a list once; reproduce keeps both.",
        ),
    )
    diversity: float = field(
        default=0.0, metadata=_told(Real(0, 1), "How much a list avoids to say the same again; 0 is off.")
    )
    fallback: Literal["none", "recent"] = field(
        default="none",
        metadata=_told(
            Choice(("none", "recent")),
            "Whether a list that is too short is filled with the most recent events, marked.",
        ),
    )

    @classmethod
    def checked(cls, **values: Any) -> Self:  # noqa: ANN401 - each parameter has its own type
        """Check the values of a request; what is not given has its default.

        Raises:
            ParameterError: There is no such parameter, one is out of range, or two contradict each other; the error
                names it.
        """
        for name, value in values.items():
            if name not in PARAMETERS:
                raise ParameterError(name, value, f"a known parameter: {', '.join(PARAMETERS)}")
        parameters = cls(**{name: PARAMETERS[name].check(value) for name, value in values.items()})
        parameters._check_pool()
        _agree(parameters)
        return parameters

    def limited(self, limit: int) -> Self:
        """The same with a limit.

        Raises:
            ParameterError: The pool is too small for it.
        """
        limited = replace(self, limit=limit)
        limited._check_pool()
        return limited

    def _check_pool(self) -> None:
        least = POOL_PER_ITEM * (self.limit or USUAL_LIMIT)
        if self.candidates < least:
            expected = f"a number from {least} (five times the limit) to {MAX_CANDIDATES}"
            raise ParameterError("candidates", self.candidates, expected)

    @property
    def last_day(self) -> int | None:
        """`as_of` as an ordinal."""
        return None if self.as_of is None else self.as_of.toordinal()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as it is declared."""

    name: str
    kind: Kind
    default: Any
    told: str
    """What it does, for the help of commands."""

    def read(self, text: str) -> Any:  # noqa: ANN401 - the value of any kind
        """The value that a text stands for, not yet checked against the others.

        Raises:
            ParameterError: It stands for none.
        """
        return self.kind.read(self.name, text)

    def check(self, value: Any) -> Any:  # noqa: ANN401
        """The value as it is kept; None only where that is the default.

        Raises:
            ParameterError: It is not of the kind, or out of range.
        """
        return None if value is None and self.default is None else self.kind.check(self.name, value)

    def to_json(self, parameters: Parameters) -> Any:  # noqa: ANN401
        """The value that it has in some parameters, as a JSON value."""
        value = getattr(parameters, self.name)
        return None if value is None else self.kind.to_json(value)


PARAMETERS: Mapping[str, Parameter] = {
    one.name: Parameter(one.name, one.metadata["kind"], one.default, one.metadata["told"]) for one in fields(Parameters)
}
"""All of them by name, in the order of the declaration."""


_NOT_WITH: Mapping[str, Mapping[str, str]] = {
    "reproduce": {
        "threshold": "counts shared entities and is never more or less sure",
        "half_life_days": "has no score that could fade",
        "weights": "has one kind of evidence only",
        "diversity": "has an order of its own",
    },
    "cosine": {"weights": "has one kind of evidence only"},
}
"""What a profile does not take, and why."""


def _agree(parameters: Parameters) -> None:
    """Refuse what can be asked alone but not together."""
    for name, reason in _NOT_WITH.get(parameters.profile, {}).items():
        if (value := getattr(parameters, name)) != PARAMETERS[name].default:
            shown = PARAMETERS[name].kind.to_json(value)
            raise ParameterError(name, shown, f"none with the profile {parameters.profile}, which {reason}")
    before, after = parameters.before, parameters.after
    if before is not None and after is not None and (before - after).days < 2:
        raise ParameterError("before", before.isoformat(), f"at least two days later than after, {after.isoformat()}")
