"""A part of an index ↔ named arrays and strings, field by field."""

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from numpy.typing import NDArray

from recommender.strings import StringTable


def flatten(name: str, part: Any) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:  # noqa: ANN401 - any such value
    """The arrays of a part by name, and its strings.

    Args:
        name: The part's, with which the names of its arrays begin.
        part: A frozen value of arrays, string tables, strings, and values of arrays and string tables.
    """
    arrays: dict[str, NDArray[Any]] = {}
    strings: dict[str, str] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, StringTable):
            arrays[f"{name}.{field.name}.data"] = value.data
            arrays[f"{name}.{field.name}.offsets"] = value.offsets
        elif is_dataclass(value):
            arrays.update(flatten(f"{name}.{field.name}", value)[0])
        elif isinstance(value, str):
            strings[field.name] = value
        else:
            arrays[f"{name}.{field.name}"] = value
    return arrays, strings


def restore(name: str, part: type, arrays: dict[str, NDArray[Any]], strings: dict[str, str]) -> Any:  # noqa: ANN401 - a value of the given type
    """The part again.

    Args:
        name: The part's.
        part: Its type.
        arrays: All arrays of the index.
        strings: The part's strings.

    Raises:
        KeyError: Something is missing.
    """
    values: dict[str, Any] = {}
    types = get_type_hints(part)
    for field in fields(part):
        key = f"{name}.{field.name}"
        kind = types[field.name]
        if is_dataclass(kind) and kind is not StringTable:
            values[field.name] = restore(key, kind, arrays, {})  # type: ignore[arg-type]
        elif f"{key}.offsets" in arrays:
            values[field.name] = StringTable(arrays[f"{key}.data"], arrays[f"{key}.offsets"])
        else:
            values[field.name] = strings[field.name] if field.name in strings else arrays[key]
    return part(**values)
