"""The example archive that comes with the package, and its index, built on first use."""

from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from recommender import __version__
from recommender.errors import ArchiveError

_IN_THE_WHEEL = "example_archive"
_IN_THE_CHECKOUT = ("examples", "archive")


def example_archive() -> Path:
    """The folder of the example archive.

    Raises:
        ArchiveError: It is neither in the installed package nor in a checkout around it.
    """
    package = Path(str(files("recommender")))
    for folder in (package / _IN_THE_WHEEL, package.parent.joinpath(*_IN_THE_CHECKOUT)):
        if folder.is_dir():
            return folder
    raise ArchiveError("the example archive is missing from this installation; install the package again")


def example_index() -> Path:
    """Where the example's index lies, in the user's cache."""
    return user_cache_path("related-events", appauthor=False) / f"example-{__version__}"
