"""Day pages and records in columns, with digests of their files: an index keeps them, so that none is parsed twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.events import DayItem, Record
from recommender.files import packed, unpacked
from recommender.strings import StringTable, numbered_strings

Ints = NDArray[np.int64]


class ParsedFile(NamedTuple):
    """What one file says."""

    digest: bytes
    """Of its bytes."""
    items: tuple[DayItem, ...] = ()
    """Where it is a day page."""
    records: tuple[Record, ...] = ()
    """Where it is the records of a day."""


@dataclass(frozen=True, slots=True, eq=False)
class OtherFiles:
    """Parsed files by path; strings are places in `strings`."""

    paths: StringTable
    """Ascending."""
    digests: NDArray[np.uint64]
    """(n, 2) digest of each file's bytes."""
    strings: StringTable
    """Every different one, ascending."""
    item_starts: Ints
    """Where the items of each file begin; one more than there are files."""
    items: NDArray[np.int32]
    """(m, 2) target and context of each item of a day page."""
    record_starts: Ints
    """Where the records of each file begin; one more than there are files."""
    records: NDArray[np.int32]
    """(k, 3) slug, text and digest of each record."""
    later: NDArray[np.bool_]
    """(k,) whether an earlier event stands under the same story heading."""
    title_starts: Ints
    """Where the entities of each record begin; one more than there are records."""
    titles: NDArray[np.int32]
    """(t, 2) title and words of each entity."""

    @classmethod
    def of(cls, parsed: Mapping[str, ParsedFile]) -> "OtherFiles":
        """Put parsed files, in ascending order of paths, into columns."""
        files = list(parsed.values())
        items = [part for file in files for item in file.items for part in (item.target, item.context)]
        found = [record for file in files for record in file.records]
        said = [part for record in found for part in (record.slug, record.text, record.digest)]
        titles = [part for record in found for entity in record.entities for part in entity]
        strings, numbers = numbered_strings([*items, *said, *titles])
        return cls(
            paths=StringTable.of(parsed),
            digests=packed([file.digest for file in files]),
            strings=strings,
            item_starts=np.cumsum([0, *(len(file.items) for file in files)]).astype(np.int64),
            items=numbers[: len(items)].reshape(-1, 2),
            record_starts=np.cumsum([0, *(len(file.records) for file in files)]).astype(np.int64),
            records=numbers[len(items) : len(items) + len(said)].reshape(-1, 3),
            later=np.array([record.later for record in found], np.bool_),
            title_starts=np.cumsum([0, *(len(record.entities) for record in found)]).astype(np.int64),
            titles=numbers[len(items) + len(said) :].reshape(-1, 2),
        )

    def files(self) -> dict[str, ParsedFile]:
        """The same by path."""
        strings = list(self.strings)
        items = [DayItem(strings[target], strings[context]) for target, context in self.items.tolist()]
        titles = [(strings[title], strings[words]) for title, words in self.titles.tolist()]
        said = zip(self.records.tolist(), pairwise(self.title_starts.tolist()), self.later.tolist(), strict=True)
        records = [
            Record(strings[slug], strings[text], tuple(titles[slice(*span)]), later, strings[digest])
            for (slug, text, digest), span, later in said
        ]
        spans = zip(pairwise(self.item_starts.tolist()), pairwise(self.record_starts.tolist()), strict=True)
        return {
            path: ParsedFile(digest, tuple(items[slice(*items_of)]), tuple(records[slice(*records_of)]))
            for path, digest, (items_of, records_of) in zip(self.paths, unpacked(self.digests), spans, strict=True)
        }

    def content(self) -> bytes:
        """What the files say, whichever they are, as bytes."""
        arrays = (self.strings.offsets, self.items, self.records, self.later, self.title_starts, self.titles)
        return self.strings.data.tobytes() + b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
