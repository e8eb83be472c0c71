"""The parameters of a request: one name and one range for command, library and HTTP."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Self, get_args

from recommender.errors import ParameterError

Profile = Literal["extend", "reproduce", "cosine"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""extend: the best list we know; reproduce: the archive's own rule; cosine: embeddings alone, a baseline."""

USUAL_LIMIT = 10
MAX_LIMIT = 50
MAX_CANDIDATES = 10_000
POOL_PER_ITEM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What can be asked of a list; every value has been checked."""

    profile: Profile = "extend"
    limit: int | None = None
    """Items at most, 1 to 50; None for as many as the archive's own lists have, 10 unless its configuration says so."""
    as_of: date | None = None
    """Only events up to this day, as if the list had been made then."""
    candidates: int = 500
    """Size of the pool, at least ten times the limit, so that the limit never changes an order: by `cosine` so many
    nearest texts, by `extend` two fifths of it from each of five sources."""

    @classmethod
    def checked(
        cls,
        *,
        profile: str = "extend",
        limit: int | None = None,
        as_of: date | None = None,
        candidates: int = 500,
    ) -> Self:
        """Check the values of a request.

        Raises:
            ParameterError: One of them is out of range; the error names it.
        """
        if profile not in PROFILES:
            raise ParameterError("profile", profile, f"one of {', '.join(PROFILES)}")
        if limit is not None and not 1 <= limit <= MAX_LIMIT:
            raise ParameterError("limit", limit, f"a number from 1 to {MAX_LIMIT}")
        least = POOL_PER_ITEM * (limit or USUAL_LIMIT)
        if not least <= candidates <= MAX_CANDIDATES:
            expected = f"a number from {least} (ten times the limit) to {MAX_CANDIDATES}"
            raise ParameterError("candidates", candidates, expected)
        return cls(profile=profile, limit=limit, as_of=as_of, candidates=candidates)

    @property
    def last_day(self) -> int | None:
        """`as_of` as an ordinal."""
        return None if self.as_of is None else self.as_of.toordinal()
