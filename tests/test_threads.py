"""Work shared out among processors: all of it is done, whoever is busy, and what fails is told."""

import threading

import numpy as np
import pytest

from recommender import threads
from recommender.threads import shared_out


@pytest.fixture(autouse=True)
def three_processors(monkeypatch):
    monkeypatch.setattr(threads, "processors", lambda: 3)
    threads._helpers.cache_clear()
    yield
    threads._helpers.cache_clear()


@pytest.mark.parametrize("length", [0, 1, 2, 3, 1000])
def test_every_place_is_worked_on_once(length):
    done = np.zeros(length, np.int64)

    def work(first, last):
        done[first:last] += 1

    shared_out(work, length)
    assert (done == 1).all()


def test_who_waits_for_busy_helpers_does_the_work_itself():
    go, begun = threading.Event(), threading.Barrier(3)

    def busy():
        begun.wait()
        go.wait()

    blocked = [threads._helpers(2).submit(busy) for _ in range(2)]
    begun.wait()
    workers = []
    shared_out(lambda first, last: workers.append((threading.current_thread().name, first, last)), 30)
    assert {name for name, _, _ in workers} == {threading.current_thread().name}
    assert sorted((first, last) for _, first, last in workers) == [(0, 10), (10, 20), (20, 30)]
    go.set()
    for one in blocked:
        one.result()


def test_an_error_of_a_helper_is_told():
    def work(first, _last):
        if first == 0:
            raise ValueError("the first share")

    with pytest.raises(ValueError, match="the first share"):
        shared_out(work, 30)
