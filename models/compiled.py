"""Loops that are compiled to machine code: the same results as in Python, a hundred times sooner."""

from collections.abc import Callable
from typing import TypeVar

import numba

Result = TypeVar("Result")


def compiled(function: Callable[..., Result]) -> Callable[..., Result]:
    """Compile a function of arrays and numbers when it is first called, and keep its code for the next process.

    Sums keep their order (no fast math), and other threads run meanwhile. The code is kept beside the module, or in the
    user's cache where the module's folder can't be written; where neither can, each process compiles anew. What is
    kept is known by the function's own module: a compiled function calls only those of its module.
    """
    try:
        return _jit(function, cache=True)
    except RuntimeError:  # there is no place to keep it
        return _jit(function, cache=False)


def _jit(function: Callable[..., Result], *, cache: bool) -> Callable[..., Result]:
    fast: Callable[..., Result] = numba.njit(cache=cache, nogil=True, error_model="numpy")(function)
    return fast
