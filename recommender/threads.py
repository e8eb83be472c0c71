"""Work for all processors: compiled loops run side by side, results come in order."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_PIECES = 4
"""Of a block for each thread: the last of them do not wait long for each other."""


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(function: Callable[[Item], Result], blocks: Iterable[Sequence[Item]]) -> Iterator[list[Result]]:
    """Apply a function to every item of every block; a block is begun while the one before is looked at.

    Args:
        function: Spends its time where other threads can run.
        blocks: What can be held at the same time, twice.

    Yields:
        The results of each block, in its order.
    """
    threads = processors()
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[list[Result]]] = []
        for block in blocks:
            begun = [pool.submit(_all, function, piece) for piece in _cut(block, threads * _PIECES)]
            if waiting:
                yield [result for piece in waiting for result in piece.result()]
            waiting = begun
        yield [result for piece in waiting for result in piece.result()]


def _all(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return list(map(function, items))


def _cut(items: Sequence[Item], pieces: int) -> Iterator[Sequence[Item]]:
    size = max(1, -(-len(items) // pieces))
    for start in range(0, len(items), size):
        yield items[start : start + size]
