"""The query string of a request as checked parameters; every name and every value that is not known is refused."""

import re
from collections.abc import Collection, Mapping
from datetime import date

from werkzeug.datastructures import MultiDict

from recommender.errors import ParameterError
from recommender.parameters import Parameters
from recommender.seeds import Question

KNOWN = ("profile", "limit", "as_of", "candidates")

_NUMBER = re.compile(r"-?[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


ANYONE = ("slug", "text", "date", "like", "unlike")
"""Who asks, where the address does not say it."""
BESIDE = ("like", "unlike")
"""What can be said beside the event that the address names."""
_SEVERAL = frozenset({"slug", "like", "unlike"})


def question(query: MultiDict[str, str]) -> Question:
    """Who asks; `ANYONE` are the names.

    Raises:
        ParameterError: Nobody does, both slugs and a text do, or the date is none.
    """
    return Question.checked(
        slugs=query.getlist("slug"),
        text=query.get("text"),
        date=_day(query, "date"),
        like=query.getlist("like"),
        unlike=query.getlist("unlike"),
    )


def related_parameters(query: MultiDict[str, str], also: Collection[str] = ()) -> Parameters:
    """The parameters of a list; what is not given has its default.

    Args:
        query: The query string.
        also: Names that are no parameters of a list, and known at this address.

    Raises:
        ParameterError: A name is unknown or given twice, or a value is none that it can have.
    """
    values = _given(query, (*KNOWN, *also))
    defaults = Parameters()
    return Parameters.checked(
        profile=values.get("profile", defaults.profile),
        limit=_number(values, "limit"),
        as_of=_day(values, "as_of"),
        candidates=defaults.candidates if (given := _number(values, "candidates")) is None else given,
    )


def no_parameters(query: MultiDict[str, str]) -> None:
    """Make sure that nothing is asked of an address that takes no parameters.

    Raises:
        ParameterError: Something is.
    """
    _given(query, ())


def _given(query: MultiDict[str, str], known: Collection[str]) -> dict[str, str]:
    """Each name with its one value."""
    for name, values in query.lists():
        if name not in known:
            told = f"a known parameter: {', '.join(known)}" if known else "no parameter at this address"
            raise ParameterError(name, values[0], told)
        if len(values) > 1 and name not in _SEVERAL:
            raise ParameterError(name, ", ".join(values), f"one value, not {len(values)}")
    return query.to_dict()


def _number(values: Mapping[str, str], name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    # `int` also reads ` 1_0 ` and digits of other scripts.
    if not _NUMBER.fullmatch(value):
        raise ParameterError(name, value, "a whole number in digits")
    return int(value)


def _day(values: Mapping[str, str], name: str) -> date | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        # `fromisoformat` also reads 20130207 and 2013-W06-4.
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ParameterError(name, value, "a day of the calendar, YYYY-MM-DD")
