"""Memory that is used again: large arrays that live for one query cost more to get than to fill."""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Arrays(threading.local):
    """Those of one thread, by use."""

    def __init__(self) -> None:
        self.by_use: dict[str, NDArray[Any]] = {}


_ARRAYS = _Arrays()


def scratch(use: str, length: int, kind: type[np.generic]) -> NDArray[Any]:
    """An array with anything in it, this thread's until it asks for the same use again.

    Args:
        use: A name; two arrays that are needed at the same time have two.
        length: Of the array.
        kind: Of its numbers; always the same for a use.
    """
    found = _ARRAYS.by_use.get(use)
    if found is None or len(found) < length:
        found = _ARRAYS.by_use[use] = np.empty(length, kind)
    return found[:length]
