"""Loops that are compiled to machine code: the same results as in Python, a hundred times sooner."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Result = TypeVar("Result")


def compiled(function: Callable[..., Result]) -> Callable[..., Result]:
    """Compile a function of arrays and numbers when it is first called, and keep its code for the next process.

    Sums keep their order (no fast math), and other threads run meanwhile. The code is kept beside the module, or in the
    user's cache where the module's folder can't be written; where neither can, each process compiles anew. Compiled
    functions of other modules that it calls are imported by their names.
    """
    try:
        with _kept_apart(function):
            return _jit(function, cache=True)
    except (RuntimeError, OSError):  # there is no place to keep it, or no source to know it by
        return _jit(function, cache=False)


@contextmanager
def _kept_apart(function: Callable[..., Any]) -> Iterator[None]:
    """Numba knows code that it keeps by the function's own module: with calls to others it goes to a place of these."""
    called = sorted(_modules_called(function))
    if not called:
        yield
        return
    digest = hashlib.sha256(b"".join(hashlib.sha256(Path(file).read_bytes()).digest() for file in called)).hexdigest()
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(Path(before or Path(_file_of(function)).parent / "__pycache__") / digest[:16])
    try:
        yield
    finally:
        settings.CACHE_DIR = before


def _modules_called(function: Callable[..., Any]) -> set[str]:
    """Files of other modules with compiled functions that a function calls, and that these call."""
    names = [function.__globals__.get(name) for name in function.__code__.co_names]
    called = [one.py_func for one in names if isinstance(one, numba.core.dispatcher.Dispatcher)]
    own = _file_of(function)
    others = {_file_of(one) for one in called if _file_of(one) != own}
    return others.union(*map(_modules_called, called)) - {own} if called else others


def _file_of(function: Callable[..., Any]) -> str:
    return str(function.__code__.co_filename)


def read_only(*arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """The same numbers, for reading: code is compiled apart for arrays that can be written to, and few must be."""
    views = tuple(np.ascontiguousarray(array).view() for array in arrays)
    for view in views:
        view.flags.writeable = False
    return views


def _jit(function: Callable[..., Result], *, cache: bool) -> Callable[..., Result]:
    fast: Callable[..., Result] = numba.njit(cache=cache, nogil=True, error_model="numpy")(function)
    return fast


def spare_blas() -> None:
    """Let numba find no BLAS in this process: looking for it imports SciPy's linear algebra, 0.15 s and 10 MB.

    Of use before anything compiled is called. Compiled loops here multiply no matrices; where somebody else's do, numba
    says that SciPy is missing, so a library must not call this, a program of ours may.
    """
    linear_algebra = "scipy.linalg"
    if linear_algebra in sys.modules:
        return
    # The documented way to have who imports a module told that it is missing.
    sys.modules[linear_algebra] = None  # type: ignore[assignment]
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[linear_algebra]


def _prefetch(_context: Any, array: Any, _place: Any) -> Any:  # noqa: ANN401 - types of the compiler
    """Ask for the part of a one-dimensional array that will be read soon; nothing is read yet."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        reading, keep, data_cache = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(function, [pointer, reading, keep, data_cache])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Any = intrinsic(_prefetch)
"""Called with an array and a place in it from a compiled function."""
