"""Work for all processors: compiled loops run side by side, results come in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Pieces for each thread that are begun before their results are asked for."""


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(
    function: Callable[[Sequence[Item]], Iterable[Result]], items: Sequence[Item], size: int
) -> Iterator[Result]:
    """Give a function items piece by piece, on as many threads as there are processors.

    Args:
        function: From some items to a result for each; spends its time where other threads can run.
        items: In any number.
        size: Of a piece.

    Yields:
        The results in the order of the items; few pieces are ahead of whoever asks.
    """
    if len(items) <= size:
        yield from function(items)
        return
    threads = processors()
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[list[Result]]] = deque()
        for start in range(0, len(items), size):
            begun.append(pool.submit(lambda piece: list(function(piece)), items[start : start + size]))
            if len(begun) > threads * _AHEAD:
                yield from begun.popleft().result()
        while begun:
            yield from begun.popleft().result()
