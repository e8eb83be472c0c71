"""The query string of a request as checked parameters; every name and every value that is not known is refused."""

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from recommender.errors import ParameterError
from recommender.parameters import PARAMETERS, Parameters

KNOWN = tuple(PARAMETERS)


def related_parameters(query: MultiDict[str, str]) -> Parameters:
    """The parameters of a list; what is not given has its default.

    Raises:
        ParameterError: A name is unknown or given twice, or a value is none that it can have.
    """
    given = _given(query, KNOWN)
    return Parameters.checked(**{name: PARAMETERS[name].read(text) for name, text in given.items()})


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
        if len(values) > 1:
            raise ParameterError(name, ", ".join(values), f"one value, not {len(values)}")
    return query.to_dict()
