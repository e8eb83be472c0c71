"""A dozen events in which anyone can see what is related to what, for the tests of the service."""

from pathlib import Path

from worlds import day_item, day_text, link, page, slug_of, write_archive

_ERUPTION = ("2013-02-03", "Mount Etna erupts and ash falls on Catania")
_AIRPORT = ("2013-02-04", "Ash of Mount Etna closes the airport of Catania")
_LAVA = ("2013-02-15", "Lava of Mount Etna reaches a road in Sicily")
_ELECTION = ("2013-03-09", "Uhuru Kenyatta wins the presidential election in Kenya")
_COURT = ("2013-03-30", "The supreme court of Kenya upholds the election of Uhuru Kenyatta")
_FLOODS = (("2013-04-02", "Floods"), ("2013-05-07", "Floods"))
_DROUGHT = ("2013-05-08", "A drought ends in Kenya")
_RELATED = ("2013-06-01", "Related")
_CHINESE = ("2016-10-27", "肯尼亚法院维持选举结果")
_MOVED = ("2016-11-02", "Chess champion keeps the title")
_LOST = ("2012-01-01", "A page that is lost")

ERUPTION, AIRPORT, LAVA, ELECTION, COURT, DROUGHT = (
    slug_of(*event) for event in (_ERUPTION, _AIRPORT, _LAVA, _ELECTION, _COURT, _DROUGHT)
)
FLOODS = [slug_of(*event) for event in _FLOODS]
"""Two events with one short slug."""
NAMED_RELATED = slug_of(*_RELATED)
CHINESE = slug_of(*_CHINESE)
MOVED = slug_of(*_MOVED)
MOVED_BEFORE = "news/2016/11/2/chess-champion-holds-the-title"


def write_tiny_archive(folder: Path) -> Path:
    """Write the pages and one day page; the folder."""
    etna = [link(*_AIRPORT, "Catania, Mount Etna"), link(*_LAVA, "Mount Etna"), link(*_LOST, "Mount Etna")]
    return write_archive(
        folder,
        page(*_ERUPTION, etna),
        page(*_AIRPORT, [link(*_ERUPTION, "Catania, Mount Etna")]),
        page(*_LAVA, listed=True),
        page(*_ELECTION, [link(*_COURT, "Kenya, Uhuru Kenyatta")], topic="Elections", description="By a few votes."),
        *(page(*event) for event in (_COURT, *_FLOODS, _DROUGHT, _RELATED, _CHINESE)),
        page(*_MOVED, aliases=(MOVED_BEFORE,)),
        files={"news/2013/03/9/index.md": day_text([day_item(*_ELECTION, "Kenya, Nairobi, Uhuru Kenyatta")])},
    )
