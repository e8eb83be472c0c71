"""Redirects: which titles are one article, renamed or linked through a redirect, by evidence in the links.

No table of redirects is at hand, so two titles must first be alike and then be proven: how they are alike decides
how much proof they need. `2016 United States presidential election` needs none to be
`United States presidential election, 2016`; another spelling, a qualifier or an acronym needs

- links to one title that print the other, as in `[[European Union|EU]]`: the one is *named* so;
- the same other articles beside both, weighted by how rare they are: both keep the same *company*.

What one event links are two things, however alike. Better two entities for one article than one for two.
"""

from collections.abc import Iterable

from recommender.title_links import Link, TitleLinks, proven

MAX_TOGETHER = 0.05
"""Share of the events of the rarer of two groups that may link both: a redirect and its article do stand in one event
now and then."""


def merge_titles(links: Iterable[Link], *, max_together: float = MAX_TOGETHER) -> dict[str, str]:
    """Every title that another one stands for → that one.

    Titles of one comparable name are one, and so are those of the same letters: `US Senate` and `U.S. Senate`.
    A title with a section is never a key or a value. The title that stands for a group is the most used one, of
    equals the later used, then the first in order of characters. The order of the links plays no part.
    """
    archive = TitleLinks.of(links)
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in archive.titles}
    events = dict(archive.events)
    for _, (one, other) in proven(archive):
        together = len(events[one] & events[other])
        if other in groups[one] or together > max_together * min(len(events[one]), len(events[other])):
            continue
        joined, linked = groups[one] + groups[other], events[one] | events[other]
        groups.update(dict.fromkeys(joined, joined))
        events.update(dict.fromkeys(joined, linked))
    merged: dict[str, str] = {}
    for name, group in groups.items():
        if name == group[0]:
            titles = [title for member in group for title in archive.titles[member]]
            first = min(titles, key=archive.rank)
            merged.update((title, first) for title in titles if title != first)
    return dict(sorted(merged.items()))
