"""Days of the portal: the wikitext of one, and the names that their pages and files have."""

import re
from dataclasses import dataclass
from datetime import date

# As the portal's titles have them, whatever the locale is.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NAMED = re.compile(rf"(?a)(?P<year>\d{{4}})[ _-](?P<month>{'|'.join(MONTHS)}|\d{{1,2}})[ _-](?P<day>\d{{1,2}})")


@dataclass(frozen=True, slots=True)
class DaySource:
    """The wikitext of one day's page."""

    date: date
    """The day that the page is about."""
    wikitext: str
    """The whole page, line endings as they are."""
    revision: int = 0
    """The wiki's number of this state of the page; 0 where it is not known."""


def page_title(day: date) -> str:
    """The title of a day's page, such as `Portal:Current events/2017 July 1`."""
    return f"Portal:Current events/{day.year} {MONTHS[day.month - 1]} {day.day}"


def named_day(name: str) -> date | None:
    """The day that `2013_February_7` or `2013-02-07` names, None where it names none."""
    match = _NAMED.fullmatch(name)
    if match is None:
        return None
    month = int(match["month"]) if match["month"].isdigit() else MONTHS.index(match["month"]) + 1
    try:
        return date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
