"""A small archive for tests of commands, and what a command says of errors."""

import sys
from collections.abc import Callable

from worlds import day_item, day_text, link, page

EIGHT = ("2013-02-07", "Eight boats race on the Cam")
FLOODS = (("2013-04-02", "Floods"), ("2013-05-07", "Floods"))
OXFORD = ("2013-03-31", "Oxford wins the boat race")
PAGES = (
    page(*EIGHT, [link(*OXFORD, "Boat Race")]),
    page(*OXFORD, [link(*EIGHT, "Boat Race")]),
    *(page(*event) for event in FLOODS),
)
FILES = {
    "news/2013/02/7/index.md": day_text([day_item(*EIGHT, "Boat Race, River Cam")]),
    "news/2013/03/31/index.md": day_text([day_item(*OXFORD, "Boat Race")]),
}


Answer = tuple[int, str, str]
Command = Callable[..., Answer]


def program(*arguments: object) -> list[str]:
    """The same in a process of its own."""
    return [sys.executable, "-m", "recommender.cli", *map(str, arguments)]


def is_error(answer: Answer, *parts: str) -> None:
    """Exit code 2, nothing for programs, and one sentence that holds the parts for people."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    for part in parts:
        assert part in err


def is_wrong_use(answer: Answer, *parts: str) -> None:
    """Exit code 2, nothing for programs, and click's own words: how it is used, then what is wrong."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert err.startswith("Usage: ")
    last = err.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    for part in parts:
        assert part in last
