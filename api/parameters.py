"""The query string of a request as checked parameters; every name and every value that is not known is refused."""

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from recommender.errors import ParameterError
from recommender.kinds import Day
from recommender.parameters import MAX_LIMIT, PARAMETERS, Parameters
from recommender.seeds import Question

KNOWN = tuple(PARAMETERS)


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
        date=None if (day := query.get("date")) is None else Day().read("date", day),
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
    given = _given(query, (*KNOWN, *also))
    return Parameters.checked(**{name: PARAMETERS[name].read(text) for name, text in given.items() if name in KNOWN})


def why_parameters(query: MultiDict[str, str]) -> tuple[str, Parameters]:
    """The slug of the other event and the parameters of the list.

    Raises:
        ParameterError: As by `related_parameters`, or `other` is not given once.
    """
    others = query.getlist("other")
    if len(others) != 1:
        expected = f"one value, not {len(others)}" if others else "the slug of the event that is asked about"
        raise ParameterError("other", ", ".join(others), expected)
    return others[0], related_parameters(MultiDict([pair for pair in query.items(multi=True) if pair[0] != "other"]))


def timeline_parameters(query: MultiDict[str, str]) -> Parameters:
    """The parameters of a timeline; what is not given has its default.

    Raises:
        ParameterError: As by `related_parameters`.
    """
    given = _given(query, ("limit", "as_of"))
    values = {name: PARAMETERS[name].read(text) for name, text in given.items()}
    return Parameters.checked(**{"limit": MAX_LIMIT, **values})


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
