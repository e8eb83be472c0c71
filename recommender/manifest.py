"""What an index says of itself: what it was built from, and by which encoder."""

import hashlib
import json
from dataclasses import dataclass

from recommender import store
from recommender.configuration import Rule, StoryBullets


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was built from."""

    archive: str
    """Fingerprint of the archive, `Archive.fingerprint`."""
    content: str
    """Fingerprint of the pages without their Related lists, `Archive.content_fingerprint`."""
    encoder: str
    """Name of the encoder, as it was asked for."""
    revision: str
    """Identity of the encoder's vectors."""
    dimensions: int
    events: int
    entities: int
    limit: int
    """Items of a list where nobody asks for another number."""
    rule: Rule
    """By which the archive's own lists are made."""
    story_bullets: StoryBullets
    """Which events below one story heading that rule lists."""

    @property
    def fingerprint(self) -> str:
        """Digest over all that the index depends on."""
        facts = [store.FORMAT, self.archive, self.encoder, self.revision]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
