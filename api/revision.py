"""The program's own revision: what an answer depends on besides the index and the request."""

import hashlib
import zlib
from functools import cache
from importlib import import_module
from pathlib import Path

from recommender import __version__

_PACKAGES = ("models", "recommender", "api")
_SUFFIXES = {".py", ".json"}


@cache
def program_revision() -> str:
    """Digest over the version and every module and weight of the program.

    The version alone would call answers the same that two states of a checkout give. zlib has its part in the bytes of
    a compressed answer.
    """
    digest = hashlib.sha256(f"{__version__} {zlib.ZLIB_RUNTIME_VERSION}".encode())
    for package in _PACKAGES:
        for folder in map(Path, import_module(package).__path__):
            for path in sorted(folder.rglob("*")):
                if path.suffix in _SUFFIXES:
                    digest.update(f"\n{package}/{path.relative_to(folder).as_posix()}\n".encode())
                    digest.update(path.read_bytes())
    return digest.hexdigest()
