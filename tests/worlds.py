"""Tiny archives for tests: pages in the site's layout, what is read from them, and cases kept as text.

An event is named by its day and its text, `BOAT = ("2011-05-02", "A ferry sinks on the Kasai River")`, so
that pages can name one another before they exist: `page(*BOAT, related=[link(*FERRY, "Congo, Kasai River")])`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml
from toy import ToyEncoder

from models.stems import StemTable, cut_stems, weigh_stems
from models.trees import TreeRanker
from models.word_rows import WordRows
from recommender import records as records_file
from recommender.archive import Archive, scan_archive
from recommender.building import build_index
from recommender.configuration import Configuration, Labels
from recommender.corpus import Corpus
from recommender.entities import ALL_SOURCES, EntityIndex, Query
from recommender.events import DayItem, Event, Page, Record, RelatedLink
from recommender.evidence import gather
from recommender.files import fingerprint
from recommender.heldout import query_without_list
from recommender.inference import infer_entities
from recommender.language import LANGUAGES
from recommender.related import Recommender
from recommender.slugs import path_of

CASES = Path(__file__).parent / "cases"
REAL_PAGES = Path(__file__).parents[1] / ".." / "shared" / "data" / "real-pages"

_ESCAPES = {"␠": " ", "␍": "\r"}
"""What a case file writes for characters that nobody sees at a line's end."""


@dataclass(frozen=True)
class Case:
    """One case file: its name, a sentence that says what it is about, and its sections by name."""

    name: str
    about: str
    sections: Mapping[str, str]

    def __str__(self) -> str:
        return self.name

    def data(self, section: str) -> Any:
        """A section that is YAML."""
        return yaml.safe_load(self.sections[section])


def read_cases(kind: str) -> list[Case]:
    """The cases of one folder, by name.

    A file begins with a sentence; each section is a line `=== name` and what follows it. The line
    `=== name, no newline` opens a section whose last line does not end. `␠` is a blank, `␍` a carriage return.
    """
    cases = []
    for file in sorted((CASES / kind).glob("*.txt")):
        about, *parts = re.split(r"^=== (.+)\n", file.read_bytes().decode(), flags=re.MULTILINE)
        sections = {}
        for heading, body in zip(parts[::2], parts[1::2], strict=True):
            name, _, modifier = heading.partition(", ")
            text = body.removesuffix("\n") if modifier == "no newline" else body
            for written, meant in _ESCAPES.items():
                text = text.replace(written, meant)
            sections[name] = text
        cases.append(Case(file.stem, about.strip(), sections))
    return cases


def slug_of(day: str, text: str) -> str:
    """A slug such as the archive gives."""
    when = date.fromisoformat(day)
    name = re.sub(r"[\W_]+", "-", text.lower()).strip("-")
    return f"news/{when.year:04}/{when.month:02}/{when.day}/{name}"


def link(day: str, text: str, context: str = "", *, prefix: str = "/") -> RelatedLink:
    """An item of a Related list that leads to the event of this day and text."""
    return RelatedLink(text, prefix + path_of(slug_of(day, text)), context)


def page(day: str, text: str, related: Sequence[RelatedLink] = (), **values: Any) -> Page:
    """One event page; `topic`, `description`, `aliases`, `locked`, `language` and `listed` where they matter."""
    event = Event(
        slug_of(day, text),
        date.fromisoformat(day),
        text,
        values.pop("topic", ""),
        values.pop("description", ""),
    )
    return Page(event, tuple(related), **{"listed": bool(related), "language": "en", **values})


def page_text(one: Page) -> str:
    """The page as the site would have written it."""
    event, language = one.event, LANGUAGES[one.language or "en"]
    steps = event.slug.split("/")
    lines = ["---", "related_lock: true", "---"] if one.locked else []
    lines += [f"### [{'-'.join(steps[1:4])}](/{'/'.join(steps[:4])}/index.md)", ""]
    lines += [f"##### {event.topic}"] if event.topic else []
    lines += [f"# {event.text}", "", event.description, "", ""]
    lines += [f"### {language.sources[0]}:", "", "1. [A newspaper](https://newspaper.example/story)"]
    if one.aliases:
        lines += ["", f"### {language.changes[0]}:", ""]
        lines += [f"1. [Older words](/{alias}.md) _2018-01-01 00:00:00 (First version)_" for alias in one.aliases]
    if one.listed:
        lines += ["", f"### {language.related[0]}:", ""]
    for number, item in enumerate(one.related, start=1):
        context = f" _{language.context[0]}: {item.context}_" if item.context else ""
        lines.append(f"{number}. [{item.text}]({item.target}){context}")
    return "\n".join([*lines, ""])


def day_item(day: str, text: str, context: str = "") -> DayItem:
    """An event as its day page shows it."""
    return DayItem(f"/{path_of(slug_of(day, text))}", context)


def day_text(items: Iterable[DayItem]) -> str:
    """A day page that shows these events."""
    shown = (f"### [An event]({item.target})\n" + f"_Context: {item.context}_\n" * bool(item.context) for item in items)
    return "## [A day](/index.md)\n\n" + "\n".join(shown)


def record(
    day: str, text: str, *titles: str, words: Mapping[str, str] | None = None, later: bool = False, digest: str = "0"
) -> Record:
    """What the source says of an event: the titles that it links to, by words of their own where `words` has some."""
    entities = tuple((title, (words or {}).get(title, title)) for title in titles)
    return Record(slug_of(day, text), text, entities, later, digest)


def record_files(records: Iterable[Record]) -> dict[str, str]:
    """The `events.json` of each day, by path."""
    ordered = sorted(records, key=lambda one: one.slug)
    days = groupby(ordered, key=lambda one: one.slug.rsplit("/", 1)[0])
    return {f"{day}/{records_file.FILE}": records_file.render_records(of_day) for day, of_day in days}


def write_archive(
    folder: Path, *pages: Page, files: Mapping[str, str | bytes] | None = None, records: Iterable[Record] = ()
) -> Path:
    """Write pages and records, and whatever else by path, below a folder; the folder."""
    contents: dict[str, str | bytes] = {path_of(one.event.slug): page_text(one) for one in pages}
    contents.update(record_files(records))
    for path, content in {**contents, **(files or {})}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@dataclass(frozen=True)
class World:
    """A corpus and its entities, asked by the day and text of an event and by the labels of entities."""

    corpus: Corpus
    entities: EntityIndex

    def row(self, event: tuple[str, str]) -> int:
        """The row of an event."""
        return self.corpus.row(slug_of(*event))

    def labels(self, entities: Iterable[int]) -> set[str]:
        """How entities are printed."""
        return {self.entities.labels[int(entity)] for entity in entities}

    def sources(self, event: tuple[str, str]) -> dict[str, int]:
        """Label → `Source` flags of an event."""
        row = self.row(event)
        flags = self.entities.sources_of(row).tolist()
        return {
            self.entities.labels[int(entity)]: flag
            for entity, flag in zip(self.entities.entities(row), flags, strict=True)
        }

    def query_without_list(self, event: tuple[str, str], sources: int = ALL_SOURCES) -> Query:
        """How an event asks while its list is hidden."""
        return query_without_list(self.entities, self.row(event), sources)


def world(
    *pages: Page, day_items: Sequence[DayItem] = (), records: Sequence[Record] = (), labels: Labels = "title"
) -> World:
    """What an archive of these pages is read as."""
    corpus = Corpus.of(pages, day_items, records)
    ordered = sorted(pages, key=lambda one: path_of(one.event.slug))
    return World(corpus, infer_entities(corpus, gather(corpus, ordered, day_items, records), labels=labels))


def recommender_of(
    pages: Sequence[Page],
    labels: Mapping[tuple[str, str], str] | None = None,
    ranker: TreeRanker | None = None,
    *,
    records: Sequence[Record] = (),
    settings: Configuration | None = None,
) -> Recommender:
    """What answers from these pages, with day pages that print these labels; the toy encoder encodes the texts."""
    ordered = sorted(pages, key=lambda one: one.event.slug + ".md")
    items = tuple(day_item(*event, context) for event, context in (labels or {}).items())
    toy = ToyEncoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.encoders.load_encoder", lambda name, *, corpus: toy)
        patch.setattr("recommender.encoders.encoder_revision", lambda name, *, corpus: toy.revision)
        archive = Archive(tuple(ordered), items, "archive", "content", tuple(records), settings or Configuration())
        return Recommender(build_index(archive, encoder="toy"), ranker)


def archive_fingerprint(folder: Path) -> str:
    """What a build compares before it reads a page."""
    return fingerprint(scan_archive(folder).digests)


def fit_stems(texts: Sequence[str]) -> StemTable:
    """Stems of all texts with their rarity and kind, as an index has them."""
    return weigh_stems(WordRows.of(texts, cut_stems))
