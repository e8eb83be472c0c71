"""Berlin in 1989 for tests: events with their entities, and an archive of three of them."""

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
MILLION = ("1989-11-04", "A million people gather in Berlin")
FIFTEEN = ("1989-11-15", "Berliners count the holes in the wall")
CHESS = ("1989-11-09", "A chess champion keeps the title")
BERLIN = {
    WALL: "Berlin, Berlin Wall, Germany",
    MILLION: "Berlin, Germany",
    FIFTEEN: "Berlin, Berlin Wall",
    UNITY: "Germany",
    CHESS: "Chess",
}
"""Events and all their entities."""
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
