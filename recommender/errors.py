"""The errors that a caller can do something about, in one tree.

RelatedEventsError
├── ArchiveError             the folder of pages cannot be used as it is
│   └── PageError            one page cannot be read
├── IndexFolderError         the folder of the index cannot be used
│   ├── IndexMissingError    there is none
│   └── IndexStaleError      it was built from something else
├── SlugError                a slug does not lead to one event
│   ├── SlugUnknownError     to none
│   └── SlugAmbiguousError   to several
├── ParameterError           a parameter has a value that it cannot have
├── PortalError              the portal's wikitext cannot be had
├── EncoderError             an encoder cannot be loaded or used
├── QrelsError               judgements or a run cannot be read
└── ServerError              the service cannot be started

Every message is one sentence with the value, what was expected, and the way out. The facts are
attributes, so that the command line and the API can format them without parsing text.
"""

from collections.abc import Sequence
from typing import ClassVar


class RelatedEventsError(Exception):
    """Base of every error that this project raises on purpose."""

    code: ClassVar[str] = "error"


class ArchiveError(RelatedEventsError):
    """The folder of pages cannot be used as it is."""

    code = "archive"


class PageError(ArchiveError):
    """One page cannot be read.

    Args:
        path: The page, relative to the archive.
        reason: What is wrong with it, as the rest of a sentence.
    """

    code = "page"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class IndexFolderError(RelatedEventsError):
    """The folder of the index cannot be used."""

    code = "index"


class IndexMissingError(IndexFolderError):
    """There is no index where one was expected."""

    code = "index_missing"


class IndexStaleError(IndexFolderError):
    """The index was built from another archive state, by another encoder or by another version."""

    code = "index_stale"


class SlugError(RelatedEventsError):
    """A slug does not lead to one event."""

    code = "slug"

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug


class SlugUnknownError(SlugError):
    """No event has this slug; `nearest` are the slugs that look most like it, best first."""

    code = "slug_unknown"

    def __init__(self, slug: str, nearest: Sequence[str] = ()) -> None:
        hint = f"; the nearest are {', '.join(nearest)}" if nearest else ""
        super().__init__(slug, f"no event has the slug {slug!r}{hint}")
        self.nearest = tuple(nearest)


class SlugAmbiguousError(SlugError):
    """Several events end in this short slug; `choices` are their whole slugs, in the archive's order."""

    code = "slug_ambiguous"

    def __init__(self, slug: str, choices: Sequence[str]) -> None:
        super().__init__(slug, f"{len(choices)} events end in {slug!r}, give one whole: {', '.join(choices)}")
        self.choices = tuple(choices)


class ParameterError(RelatedEventsError):
    """A parameter has a value that it cannot have.

    Args:
        parameter: The name of the parameter, the same in command, library and HTTP.
        value: What was given.
        expected: What it can be, as the rest of a sentence.
    """

    code = "parameter"

    def __init__(self, parameter: str, value: object, expected: str) -> None:
        super().__init__(f"{parameter} is {value!r}, expected {expected}")
        self.parameter = parameter
        self.value = value
        self.expected = expected


class PortalError(RelatedEventsError):
    """The portal's wikitext cannot be read or fetched."""

    code = "portal"


class EncoderError(RelatedEventsError):
    """An encoder cannot be loaded or used."""

    code = "encoder"


class QrelsError(RelatedEventsError):
    """Judgements or a run cannot be read."""

    code = "qrels"


class ServerError(RelatedEventsError):
    """The service cannot be started."""

    code = "server"
