"""The tests' world: the example archive, read and indexed once with the encoder that needs no model."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from recommender import cli
from recommender.archive import Archive, read_archive
from recommender.building import build_index
from recommender.example import example_archive
from recommender.index import Index
from recommender.related import Recommender

# The first call of a compiled function takes seconds where its code is not kept yet.
settings.register_profile("compiling", deadline=None)
settings.load_profile("compiling")

REAL_DATA = Path(__file__).parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The third-party data beside the project."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"{REAL_DATA.parent.name}/{REAL_DATA.name} is not beside the project")
    return REAL_DATA


@pytest.fixture(scope="session")
def archive_folder() -> Path:
    return example_archive()


@pytest.fixture(scope="session")
def archive(archive_folder: Path) -> Archive:
    return read_archive(archive_folder)


@pytest.fixture(scope="session")
def index(archive: Archive) -> Index:
    return build_index(archive, encoder="lexical")


@pytest.fixture(scope="session")
def recommender(index: Index) -> Recommender:
    return Recommender(index)


@pytest.fixture
def command(monkeypatch, capfd) -> Callable[..., tuple[int, str, str]]:
    """Runs `related-events` in this process: exit code, stdout, stderr."""
    monkeypatch.delenv("RELATED_EVENTS_INDEX", raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["related-events", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capfd.readouterr()
        return int(caught.value.code or 0), out, err

    return run
