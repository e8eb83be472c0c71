"""Who asks: an event, several together or a text, and what is liked or not beside; slugs → rows, each once."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from recommender.corpus import Corpus
from recommender.errors import ParameterError
from recommender.fusion import Role
from recommender.parameters import Profile
from recommender.text_queries import SHOWN

MAX_SEEDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks, as the command line and HTTP take it: slugs or a text."""

    slugs: tuple[str, ...] = ()
    text: str | None = None
    date: datetime.date | None = None
    """Of the text."""
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()

    @classmethod
    def checked(
        cls,
        *,
        slugs: Sequence[str] = (),
        text: str | None = None,
        date: datetime.date | None = None,
        like: Sequence[str] = (),
        unlike: Sequence[str] = (),
    ) -> Self:
        """Make sure that it is one question.

        Raises:
            ParameterError: There are both slugs and a text, or neither, or a date and no text.
        """
        if text is None and not slugs:
            raise ParameterError("slug", None, "the slug of an event, or several, or a text in its place")
        if text is not None and slugs:
            raise ParameterError("text", text[:SHOWN], f"no text beside the slug {slugs[0]!r}: the one or the other")
        if date is not None and text is None:
            raise ParameterError("date", date.isoformat(), "no date without a text: an event has its own")
        return cls(slugs=tuple(slugs), text=text, date=date, like=tuple(like), unlike=tuple(unlike))


@dataclass(frozen=True, slots=True)
class SeedRows:
    """Rows by role, in the order in which they were given."""

    queries: tuple[int, ...]
    """None where a text asks."""
    like: tuple[int, ...]
    unlike: tuple[int, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """All of them, role by role."""
        return self.queries + self.like + self.unlike

    @property
    def is_one(self) -> bool:
        """Whether it is a single event that asks, and nothing beside it."""
        return len(self.queries) == 1 and not self.like and not self.unlike

    def by_role(self) -> Iterator[tuple[Role, tuple[int, ...]]]:
        """Roles and rows, in the order of `rows`."""
        yield "query", self.queries
        yield "like", self.like
        yield "unlike", self.unlike


def seed_rows(corpus: Corpus, slugs: Sequence[str] | None, like: Sequence[str], unlike: Sequence[str]) -> SeedRows:
    """Find the rows.

    Args:
        corpus: The events.
        slugs: Of those that ask, None where a text does.
        like: Of those that are liked.
        unlike: Of those that are not.

    Raises:
        SlugUnknownError: No event has one of the slugs.
        SlugAmbiguousError: Several events end in it.
        ParameterError: There are none or too many, or an event is unliked and something else too.
    """
    if slugs is not None and not slugs:
        raise ParameterError("slug", "", "the slug of an event, or several")
    count = len(slugs or ()) + len(like) + len(unlike)
    if count > MAX_SEEDS:
        raise ParameterError("slug", count, f"at most {MAX_SEEDS} slugs, those to like and unlike among them")
    found = SeedRows(_rows(corpus, slugs or ()), _rows(corpus, like), _rows(corpus, unlike))
    for row, slug in zip(map(corpus.row, unlike), unlike, strict=True):
        if row in found.queries or row in found.like:
            raise ParameterError("unlike", slug, "an event that is neither liked nor asked for")
    return found


def check_profile(profile: Profile) -> None:
    """Make sure that a profile makes lists of more than one event of the archive.

    Raises:
        ParameterError: It does not.
    """
    if profile == "reproduce":
        expected = "extend or cosine: the archive's rule makes lists of single events, by what is printed of them"
        raise ParameterError("profile", profile, expected)


def _rows(corpus: Corpus, slugs: Sequence[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(map(corpus.row, slugs)))
