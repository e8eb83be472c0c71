"""Kinds of values that a parameter can have: how each is read from text, checked, and shown as JSON.

A value of text comes from a query string or a command line; a checked one comes from either or from the library.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from recommender.errors import ParameterError

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FLAGS = {"true": True, "false": False}


class Kind(Protocol):
    """What values a parameter can have."""

    @property
    def shape(self) -> str:
        """How a value is written, for a line of help."""
        ...

    def read(self, name: str, text: str) -> Any:  # noqa: ANN401 - each kind has its own type
        """The value that a text stands for.

        Raises:
            ParameterError: It stands for none.
        """
        ...

    def check(self, name: str, value: Any) -> Any:  # noqa: ANN401
        """The value as it is kept.

        Raises:
            ParameterError: It is not of the kind, or out of range.
        """
        ...

    def to_json(self, value: Any) -> Any:  # noqa: ANN401
        """The value as a JSON value."""
        ...


def _within(name: str, value: Any, kind: type | tuple[type, ...], least: float, most: float) -> Any:  # noqa: ANN401
    """A number of a kind and within a range; truth values are none."""
    is_number: bool = isinstance(value, kind) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:
        raise ParameterError(name, value, f"a number from {least} to {most}")
    return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within a range."""

    least: int
    most: int
    shape: str = "NUMBER"

    def read(self, name: str, text: str) -> int:
        """Digits; `int` would also read ` 1_0 ` and digits of other scripts."""
        if not _WHOLE.fullmatch(text):
            raise ParameterError(name, text, "a whole number in digits")
        return int(text)

    def check(self, name: str, value: Any) -> int:  # noqa: ANN401
        """Within the range."""
        return int(_within(name, value, int, self.least, self.most))

    def to_json(self, value: int) -> int:
        """As it is."""
        return value


@dataclass(frozen=True, slots=True)
class Real:
    """A number within a range."""

    least: float
    most: float
    shape: str = "NUMBER"

    def read(self, name: str, text: str) -> float:
        """Digits, with a point where needed; neither exponents nor `nan`."""
        if not _NUMBER.fullmatch(text):
            raise ParameterError(name, text, "a number in digits, such as 0.5")
        return float(text)

    def check(self, name: str, value: Any) -> float:  # noqa: ANN401
        """Within the range."""
        return float(_within(name, value, (int, float), self.least, self.most))

    def to_json(self, value: float) -> float:
        """As it is."""
        return value


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    shape: str = "YYYY-MM-DD"

    def read(self, name: str, text: str) -> date:
        """Four, two and two digits; `fromisoformat` also reads 20130207 and 2013-W06-4."""
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        return self.check(name, text)

    def check(self, name: str, value: Any) -> date:  # noqa: ANN401
        """A day, not a moment."""
        if isinstance(value, datetime) or not isinstance(value, date):
            raise ParameterError(name, value, "a day of the calendar, YYYY-MM-DD")
        return value

    def to_json(self, value: date) -> str:
        """YYYY-MM-DD."""
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    shape: str = "true|false"

    def read(self, name: str, text: str) -> bool:
        """`true` or `false`."""
        return self.check(name, _FLAGS.get(text, text))

    def check(self, name: str, value: Any) -> bool:  # noqa: ANN401
        """A truth value itself."""
        if not isinstance(value, bool):
            raise ParameterError(name, value, "true or false")
        return value

    def to_json(self, value: bool) -> bool:
        """As it is."""
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    @property
    def shape(self) -> str:
        """All words."""
        return "|".join(self.words)

    def read(self, name: str, text: str) -> str:
        """The word itself."""
        return self.check(name, text)

    def check(self, name: str, value: Any) -> str:  # noqa: ANN401
        """One of them."""
        if value not in self.words:
            raise ParameterError(name, value, f"one of {', '.join(self.words)}")
        return str(value)

    def to_json(self, value: str) -> str:
        """As it is."""
        return value


@dataclass(frozen=True, slots=True)
class Weights:
    """A factor for each of some names; 1 for a name that is not given.

    Kept as pairs in the order of the names, without those of factor 1: equal weights are equal values.
    """

    names: tuple[str, ...]
    most: float
    shape: str = "NAME:NUMBER,…"

    def read(self, name: str, text: str) -> tuple[tuple[str, float], ...]:
        """`time:0.5,names:1.2`."""
        given: dict[str, float] = {}
        for part in text.split(","):
            key, colon, number = part.partition(":")
            if not colon or key in given or not _NUMBER.fullmatch(number):
                raise ParameterError(name, text, self._expected)
            given[key] = float(number)
        return self.check(name, given)

    def check(self, name: str, value: Any) -> tuple[tuple[str, float], ...]:  # noqa: ANN401
        """Known names and numbers within the range; a mapping, or pairs."""
        try:
            given = dict(value)
        except (TypeError, ValueError):
            raise ParameterError(name, value, self._expected) from None
        for key, number in given.items():
            real = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
            if key not in self.names or not real or not 0.0 <= number <= self.most:
                raise ParameterError(name, value, self._expected)
        return tuple((key, float(given[key])) for key in self.names if given.get(key, 1.0) != 1.0)

    def to_json(self, value: Mapping[str, float] | tuple[tuple[str, float], ...]) -> dict[str, float]:
        """An object."""
        return dict(value)

    @property
    def _expected(self) -> str:
        names = ", ".join(self.names)
        return f"numbers from 0 to {self.most:g} for some of {names}, such as {self.names[0]}:0.5,{self.names[-1]}:1.2"
