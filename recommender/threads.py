"""Work for all processors: compiled loops run side by side, results come in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Pieces for each thread that are begun before their results are asked for."""
_MOST_SHARES = 4
"""So many processors read memory as fast as it can be read."""


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


def shared_out(work: Callable[[int, int], None], length: int) -> None:
    """Have all places of a range worked on, a share of them by each processor, at the same time.

    Args:
        work: Called with the first place of a share and the one behind its last; spends its time where other threads
            can run.
        length: Of the range.
    """
    shares = min(processors(), _MOST_SHARES)
    edges = [length * share // shares for share in range(shares + 1)]
    (*others, own) = pairwise(edges)
    begun = [_helpers(shares - 1).submit(work, *share) for share in others]
    work(*own)
    for share, one in zip(others, begun, strict=True):
        if one.cancel():  # whoever helps is busy with somebody else's work
            work(*share)
        else:
            one.result()


@lru_cache(maxsize=1)
def _helpers(threads: int) -> ThreadPoolExecutor:
    """Threads that wait for work as long as the process lives: to begin one takes longer than most work."""
    return ThreadPoolExecutor(threads)


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_helpers.cache_clear)
