"""The service as a process: Granian with workers that are copies of it, until SIGINT or SIGTERM.

The index is opened and all code loaded before the workers are forked, so they share the memory of both; arrays are
mapped files anyway. Each keeps answers for itself. SIGHUP puts new workers in the place of the old ones, one after the
other.
"""

import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.common import AbstractServer
from threadpoolctl import threadpool_limits

from api.app import USUAL_CACHE_MB, app_of, create_app
from api.current import CurrentIndex
from api.kept import MEGABYTE
from models.compiled import spare_blas
from recommender.errors import ServerError
from recommender.parameters import Parameters

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 4
"""A view computes and never waits, so more threads only wait for one another; a few keep short answers short."""
_SECONDS_TO_STOP = 5
_LAST_PORT = 65535
_LOGGING: dict[str, Any] = {
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "loggers": {
        "_granian": {"handlers": ["stderr"], "propagate": False},
        "api": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
"""Stdout is for programs: Granian would write there."""


def serve(
    folder: Path, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1, cache_mb: int = USUAL_CACHE_MB
) -> None:
    """Serve an index over HTTP; returns after SIGINT or SIGTERM, when the last answer is given.

    Args:
        folder: The index.
        host: Address or name of this machine to listen at.
        port: 1 to 65535.
        workers: Processes that answer.
        cache_mb: Megabytes of finished answers that each of them keeps.

    Raises:
        IndexFolderError: The index cannot be opened.
        ServerError: The port is taken, host or port are none of this machine, or workers do not live.
    """
    if workers < 1:
        raise ServerError(f"workers is {workers}, expected at least 1")
    current = _prepared(folder, cache_mb)
    app, events = app_of(current), len(current().recommender.index.corpus)
    server = granian(_free_address(host, port), port, workers)
    server.on_startup(
        lambda: logging.getLogger(__name__).info("serving %d events at http://%s/v1/", events, _url(host, port))
    )
    # Workers of later on begin with the index of that time, and the files of the first one are given up.
    server.on_reload(current.look)

    def load() -> Flask:
        current.look()
        return app

    try:
        run(server, load)
    except (RuntimeError, ValueError) as error:  # such as a port that was free a moment ago
        raise _deaf_at(host, port, str(error).partition("\n")[0]) from None
    except SystemExit:
        # Ctrl+C reaches the workers too: one that is gone before its parent asks is no failure then.
        if not server.interrupt_signal:
            raise ServerError("workers ended by themselves again and again; the log may say why") from None


def _prepared(folder: Path, cache_mb: int) -> CurrentIndex:
    """The open index, with all loaded that a list needs."""
    gc.disable()  # what is made now stays, and is looked through for garbage again and again otherwise
    try:
        spare_blas()
        current = CurrentIndex(folder.absolute(), cache_mb * MEGABYTE)
        recommender = current().recommender
        for _ in recommender.related_rows(range(min(len(recommender.index.corpus), 1)), Parameters()):
            pass  # its machine code is what is wanted
        return current
    finally:
        gc.enable()


def granian(address: str, port: int, workers: int) -> AbstractServer[Any]:
    """The server with our settings, whatever it will serve."""
    return Granian(
        f"{create_app.__module__}:{create_app.__name__}",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        # A worker that was killed is replaced; one that cannot live is not replaced for ever, Granian sees to that.
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_TO_STOP,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
    )


def run(server: AbstractServer[Any], load: "Callable[[], WSGIApplication]") -> None:
    """Serve until SIGINT or SIGTERM; each worker loads an application of its own."""

    def loaded() -> "WSGIApplication":
        _hear_sigterm_only()
        # Requests are answered side by side; a matrix product that takes all cores for itself makes the others wait.
        threadpool_limits(limits=1)
        return load()

    os.register_at_fork(after_in_child=_hear_sigterm_only)
    gc.freeze()  # what is never looked at is never written to, and memory that nobody writes to stays shared
    # Given a loader Granian does not put the current folder, and whatever modules lie in it, before all others.
    server.serve(target_loader=loaded, wrap_loader=False)


def _hear_sigterm_only() -> None:
    """Make a worker's signals its own.

    A forked worker has the parent's handlers, and is deaf with them, until Granian sets others. Ctrl+C reaches
    all processes, and the parent sends its workers SIGTERM for it: two at once, and Granian hangs.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _free_address(host: str, port: int) -> str:
    """The numeric address of the host, where the port is free.

    Granian's workers share a port, and would share it with any other server that does the same.

    Raises:
        ServerError: It is not free, or there is no such address.
    """
    if not 1 <= port <= _LAST_PORT:
        raise ServerError(f"port is {port}, expected a number from 1 to {_LAST_PORT}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError):
        raise ServerError(f"host {host!r} is not known; give an address of this machine, such as 127.0.0.1") from None
    # IPv4 first: `localhost` is both, and what asks 127.0.0.1 is to be heard.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _deaf_at(host, port, error.strerror or str(error)) from None
    return str(address[0])


def _deaf_at(host: str, port: int, reason: str) -> ServerError:
    return ServerError(
        f"cannot listen at {_url(host, port)} ({reason}); "
        "choose another host or port, or stop the program that listens there"
    )


def _url(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
