"""An archive of three events for tests, and the day page of one."""

from pathlib import Path

from worlds import (
    day_item,
    day_text,
    link,
    page,
    slug_of,
    write_archive,
)

from recommender.slugs import path_of

RISING = ("1989-11-04", "A million people gather on Alexanderplatz")
WALL = ("1989-11-09", "The wall opens")
UNITY = ("1990-10-03", "Germany is one")
WALL_PATH = path_of(slug_of(*WALL))


def write_berlin(folder: Path) -> Path:
    """Three events, and a day page."""
    return write_archive(
        folder,
        page(*RISING, [link(*WALL, "Berlin")]),
        page(*WALL, [link(*RISING, "Berlin")], aliases=["news/1989/11/9/a-wall-opens"]),
        page(*UNITY),
        files={"news/1989/11/9/index.md": day_text([day_item(*WALL, "Berlin, Berlin Wall")])},
    )
