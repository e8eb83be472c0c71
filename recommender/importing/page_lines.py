"""The lines of a page, and others put in their place."""

from collections.abc import Sequence


def lines_of(text: str) -> list[str]:
    """The lines of a page, of which the last is ended: what is added begins a line of its own."""
    ending = "\r" if text.partition("\n")[0].endswith("\r") else ""
    return (text if text.endswith("\n") else f"{text}{ending}\n").split("\n")


def with_lines(lines: Sequence[str], start: int, end: int, wanted: Sequence[str]) -> str:
    """The page with other lines at a place; new ones end as its first line does."""
    ending = "\r" if lines[0].endswith("\r") else ""
    return "\n".join([*lines[:start], *(line.removesuffix(ending) + ending for line in wanted), *lines[end:]])


def blank_above(lines: Sequence[str], place: int) -> list[str]:
    """A blank line where there is none above a place."""
    return [""] if place and lines[place - 1].strip() else []
