"""Where front matter, headline and sections of a page stand: its lines, and the headings that divide them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recommender.language import HEADING

_FENCE = "---"
_SECTION = "### "


class Section(NamedTuple):
    """Where a section stands: lines[heading] opens it, lines[heading + 1:end] are its body."""

    language: str
    heading: int
    end: int


def bare_lines(text: str) -> list[str]:
    """The lines of a page without a byte order mark and without carriage returns."""
    lines = text.removeprefix("\ufeff").split("\n")
    return [line.rstrip("\r") for line in lines] if "\r" in text else lines


def front_matter_end(lines: Sequence[str]) -> int:
    """The line below the front matter; 0 where there is none."""
    if not lines or lines[0] != _FENCE:
        return 0
    return next((i + 1 for i in range(1, len(lines)) if lines[i] == _FENCE), 0)


def headline_place(lines: Sequence[str]) -> int | None:
    """The line that is the headline, `# Text`, None where there is none; a comment in the front matter is none."""
    return next((i for i in range(front_matter_end(lines), len(lines)) if lines[i].startswith("# ")), None)


def find_section(lines: Sequence[str], words: Mapping[str, str]) -> Section | None:
    """The first section that one of these words opens, below the front matter."""
    for i in range(front_matter_end(lines), len(lines)):
        word = heading_word(lines[i]) if lines[i].startswith(_SECTION) else ""
        if word in words:
            end = next(
                (j for j in range(i + 1, len(lines)) if lines[j][:1] == "#" and HEADING.match(lines[j])), len(lines)
            )
            return Section(words[word], i, end)
    return None


def is_heading(line: str) -> bool:
    """Whether a line is a heading of any level."""
    return line.startswith("#") and HEADING.match(line) is not None


def heading_word(line: str) -> str:
    """The word of a section's heading, `### Related:`; empty where the line is none."""
    if not line.startswith(_SECTION):
        return ""
    text = line.rstrip()
    if not text.endswith((":", "：")):
        return ""
    return text[4:-1].strip()
