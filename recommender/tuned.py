"""The file that `tune` writes: parameters, and where they come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.atomic import replace_file
from recommender.errors import ParameterError
from recommender.parameters import PARAMETERS, Parameters

TUNABLE = ("candidates", "weights", "half_life_days", "threshold")


@dataclass(frozen=True, slots=True)
class Tuned:
    """Parameters that were fitted to an archive."""

    parameters: Mapping[str, Any]
    """Checked values by name, some of `TUNABLE`."""
    provenance: Mapping[str, Any]
    """How they were found, as JSON values."""

    def save(self, path: Path) -> None:
        """Write the file in one step; the same content gives the same bytes.

        Raises:
            ParameterError: It cannot be written.
        """
        shown = {name: PARAMETERS[name].kind.to_json(value) for name, value in self.parameters.items()}
        text = json.dumps({"provenance": self.provenance, "parameters": shown}, indent=2, ensure_ascii=False)
        try:
            replace_file(path, f"{text}\n".encode())
        except OSError as error:
            raise ParameterError("output", str(path), f"a file that can be written ({error.strerror})") from None


def read_tuned(path: Path) -> Tuned:
    """Read a file that `tune` wrote, or one written by hand in its form.

    Raises:
        ParameterError: It is none, or has a parameter or a value that there is not.
    """
    expected = f'a file that `tune` wrote: {{"parameters": {{…}}}} with some of {", ".join(TUNABLE)}'
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        given, provenance = dict(content["parameters"]), dict(content.get("provenance", {}))
    except OSError as error:
        raise ParameterError("tuned", str(path), f"{expected} ({error.strerror})") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ParameterError("tuned", str(path), expected) from None
    if unknown := given.keys() - set(TUNABLE):
        raise ParameterError("tuned", f"{min(unknown)} in {path}", expected)
    checked = Parameters.checked(**given)
    return Tuned({name: getattr(checked, name) for name in given}, provenance)
