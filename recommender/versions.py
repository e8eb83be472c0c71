"""One event in two versions of the site: how near their texts are."""

import html
import re

from rapidfuzz import fuzz

from recommender.labels import fold

SAME_EVENT = 95.0
"""How near two texts of one day are that are one event. In 266,000 pairs of events of one day a single pair came as
near, and that was one event told twice; the same events in other versions of the site lie at 97 and above. At 90 a
short text may be that of another country."""

# A text as short as a heading begins or ends many others.
_SHORTEST_PART = 40
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def comparable(text: str) -> str:
    """The words of a text: no accents, case, punctuation or Markdown."""
    return _BETWEEN_WORDS.sub(" ", fold(html.unescape(text)).casefold()).strip()


def similarity(one: str, other: str) -> float:
    """How near two comparable texts are, 0 to 100: as wholes, or the shorter one to an end of the longer."""
    if not one or not other:
        return 0.0
    size = min(len(one), len(other))
    best = fuzz.ratio(one, other)
    if size >= _SHORTEST_PART:
        best = max(best, fuzz.ratio(one[:size], other[:size]), fuzz.ratio(one[-size:], other[-size:]))
    return best
