"""How the site makes an event's slug of its text."""

import re

from anyascii import anyascii

from recommender.configuration import Slugs

_NAME_LENGTH = 140
_LONGEST = 240
"""A file's name may have 255 bytes; `.md` and a number for a namesake are to follow."""
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_SITE_ASCII = str.maketrans(
    {"¢": "C/", "£": "PS", "¥": "Y=", "§": "SS", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "×": "x"}
)
"""Where the site's transliteration is another than that of anyascii."""


_SISTER_LENGTH = 60
_SISTER_DROPS = re.compile(r"[.,]")
_BETWEEN_LETTERS = re.compile(r"\W+")


def event_name(text: str, slugs: Slugs) -> str:
    """The last part of an event's slug.

    By the site's rule, `latin-1`: the first 140 characters, a leading blank counted, each byte of UTF-8 taken for a
    character of Latin-1, so that `–` becomes `a`; transliterated to ASCII, lower case, each run of other characters one
    `-`. `ascii` is the same from characters. By the rule of its Chinese sister, `unicode`: the first 60 characters
    without full stops and commas, letters as they are, each run of other characters one `-`.

    Args:
        text: The event in the source's words.
        slugs: By which rule.

    Returns:
        The name; empty where the text has no letter and no digit.
    """
    if slugs == "unicode":
        return _BETWEEN_LETTERS.sub("-", _SISTER_DROPS.sub("", text[:_SISTER_LENGTH])).strip("-")
    read = text.encode().decode("latin-1") if slugs == "latin-1" else text
    ascii_text = anyascii(read[:_NAME_LENGTH].translate(_SITE_ASCII))
    return _BETWEEN_WORDS.sub("-", ascii_text.lower())[:_LONGEST].strip("-")
