"""Compiled code that is kept: found again by the next process, and never older than what it calls."""

import os
import subprocess
import sys

import pytest

CALLED = "from models.compiled import compiled\n\n\n@compiled\ndef step(number):\n    return number + {by}\n"
CALLING = """from called import step

from models.compiled import compiled


@compiled
def twice(number):
    return step(step(number))
"""


@pytest.fixture
def run(tmp_path):
    def run() -> list[int]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        script = "from calling import twice; print(twice(1), sum(twice.stats.cache_hits.values()))"
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return [int(number) for number in done.stdout.split()]

    (tmp_path / "called.py").write_text(CALLED.format(by=1))
    (tmp_path / "calling.py").write_text(CALLING)
    return run


def test_code_is_found_again(run):
    assert run() == [3, 0]
    assert run() == [3, 1]


def test_code_is_not_older_than_what_it_calls_in_another_module(run, tmp_path):
    run()
    (tmp_path / "called.py").write_text(CALLED.format(by=10))
    assert run() == [21, 0]
