"""Which Related lists gain or lose an event when an archive grows or changes, and how they read then."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recommender.archive import Archive
from recommender.corpus import Corpus
from recommender.entities import EntityIndex
from recommender.events import Page, Record, RelatedLink
from recommender.evidence import PRINTED, gather
from recommender.inference import infer_entities
from recommender.rule import ListRule, list_by_rule, list_items
from recommender.slugs import path_of


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """An archive as its lists are made of it."""

    corpus: Corpus
    entities: EntityIndex
    rule: ListRule

    @classmethod
    def of(cls, pages: Iterable[Page], recorded: Iterable[Record], archive: Archive) -> "World":
        """Put pages into the archive's order and find their entities."""
        ordered = sorted(pages, key=lambda page: path_of(page.event.slug))
        known, settings = tuple(recorded), archive.configuration
        corpus = Corpus.of(ordered, archive.day_items, known, language=settings.language)
        evidence = gather(corpus, ordered, archive.day_items, known)
        entities = infer_entities(corpus, evidence, labels=settings.labels)
        return cls(corpus, entities, ListRule(settings.rule, settings.story_bullets, settings.limit))

    def listed(self, row: int) -> list[int]:
        """The rows of an event's list."""
        query = self.entities.query(row, PRINTED)
        rows: list[int] = list_by_rule(self.corpus, self.entities, row, query, self.rule)[0].tolist()
        return rows

    def links(self, row: int, others: Sequence[int]) -> list[RelatedLink]:
        """Rows as the items of an event's list."""
        return list_items(self.corpus, self.entities, PRINTED, row, others)

    def touched(self, rows: Iterable[int]) -> set[int]:
        """Rows that share an entity with any of these, and these."""
        entities = {int(entity) for row in rows for entity in self.entities.entities(row, PRINTED)}
        found = {int(row) for entity in entities for row in self.entities.postings(entity, PRINTED)}
        return found | set(rows)


def changed_lists(
    archive: Archive, now: World, moved: Mapping[str, str], changed: Iterable[str], progress: Callable[[int, int], None]
) -> dict[str, list[RelatedLink]]:
    """New lists by slug: of new pages, and of old ones whose list gains or loses an event.

    Args:
        archive: As it is so far.
        now: As it is to be.
        moved: Slug that an event has so far → the slug that it is to have, where an event changes.
        changed: Slugs, as they are to be, of all events that are new or change.
        progress: Told how many lists are compared, and of how many.
    """
    slugs = [path.removesuffix(".md") for path in now.corpus.paths]
    rows = {slug: row for row, slug in enumerate(slugs)}
    changed = list(changed)
    affected = now.touched([rows[slug] for slug in changed])
    before: dict[str, set[str]] = {}
    if archive.pages:
        then = World.of(archive.pages, archive.records, archive)
        old_slugs = [path.removesuffix(".md") for path in then.corpus.paths]
        old_rows = {moved.get(slug, slug): row for row, slug in enumerate(old_slugs)}
        affected |= {
            rows[moved.get(old_slugs[row], old_slugs[row])]
            for row in then.touched([old_rows[slug] for slug in changed if slug in old_rows])
        }
        for slug in (slugs[row] for row in sorted(affected) if slugs[row] in old_rows):
            was = [old_slugs[other] for other in then.listed(old_rows[slug])]
            before[slug] = {moved.get(other, other) for other in was}
    made: dict[str, list[RelatedLink]] = {}
    for done, row in enumerate(sorted(affected), start=1):
        progress(done, len(affected))
        slug, others = slugs[row], now.listed(row)
        if slug not in before:
            made[slug] = now.links(row, others)
            continue
        listed = {slugs[other] for other in others}
        printed = {slugs[other] for other in now.corpus.existing(row).tolist() if other >= 0}
        if listed not in (before[slug], printed):
            made[slug] = now.links(row, others)
    return made
