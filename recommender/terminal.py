"""Text as a terminal may be shown it: no page can drive one."""

import re

# Control characters, the override and isolation of directions, and halves of characters.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text on one line; what a terminal would obey is written as its code in Python."""
    return _UNFIT.sub(lambda match: ascii(match[0])[1:-1], " ".join(text.split()))
