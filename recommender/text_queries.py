"""A text that is not in the archive as an event that asks: its vector, the entities that it names, and its day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.encoder import Encoder
from models.stems import with_text
from models.word_rows import WordRows
from recommender.encoders import encoder_of
from recommender.errors import ParameterError
from recommender.evidence import Source
from recommender.index import Index
from recommender.spotting import Names, cut_names

LONGEST_TEXT = 2000
"""Characters of a text; encoders read no more of one than its first two hundred words or so."""
SHOWN = 60
"""Characters of a text that an error repeats."""


@dataclass(frozen=True, slots=True, eq=False)
class TextQuery:
    """A text, read by the eyes of one index."""

    text: str
    date: date
    vector: NDArray[np.float32]
    """(dimensions,) of unit length, or zero."""
    entities: NDArray[np.int32]
    """The entities of the index that it names, ascending."""

    def in_index(self, index: Index) -> Index:
        """The index with this text as one event more, the last row, as ranking looks at it.

        It is made for one query: what ranking does not ask of the query (its slug, its TF-IDF row, its vector, who
        has its words) stays that of the archive alone, and the arrays of the given index stay as they are.
        """
        days = np.append(index.corpus.days, np.int32(self.date.toordinal()))
        return replace(
            index,
            corpus=replace(index.corpus, days=days),
            articles=index.articles.with_event(self.entities, Source.SPOTTED),
            stems=with_text(index.stems, self.text),
            graph=index.graph.with_row(index.vectors, self.vector),
        )


class TextReader:
    """Reads texts for one index; encoder and names are loaded by the first text, in seconds, and kept."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = Lock()  # a tokenizer serves one thread at a time

    def read(self, text: str, day: date | None = None, as_of: date | None = None) -> TextQuery:
        """Encode a text and spot its entities.

        Args:
            text: One to three sentences, as the archive's headlines; runs of blanks count as one.
            day: When it happened; None for after everything, which is the day after the last event that is looked at.
            as_of: The last day that is looked at, None for all.

        Raises:
            ParameterError: The text is empty, too long, or no text.
            EncoderError: The index's encoder is not there any more.
        """
        text = checked_text(text)
        with self._lock:
            vector = self._encoder.encode([text])[0]
            _, entities = self._names.entities_in(WordRows.of([text], cut_names))
        return TextQuery(text, day or self._afterwards(as_of), vector, entities.astype(np.int32))

    def _afterwards(self, as_of: date | None) -> date:
        days = self._index.corpus.days
        last = date.fromordinal(int(days.max())) if len(days) else date.min
        last = last if as_of is None else min(last, as_of)
        return last + timedelta(days=1) if last < date.max else last

    @cached_property
    def _encoder(self) -> Encoder:
        return encoder_of(self._index)

    @cached_property
    def _names(self) -> Names:
        entities = self._index.articles
        return Names(dict(zip(entities.name_forms, entities.name_entities.tolist(), strict=True)))


def checked_text(text: str) -> str:
    """The text with single blanks.

    Raises:
        ParameterError: There is no word in it, too much, or bytes that are no text.
    """
    words = " ".join(text.split())
    if not any(map(str.isalnum, words)):
        raise ParameterError("text", text[:SHOWN], "one to three sentences about an event")
    if len(words) > LONGEST_TEXT:
        raise ParameterError("text", f"{words[:SHOWN]}…", f"at most {LONGEST_TEXT} characters, not {len(words)}")
    try:
        words.encode()
    except UnicodeEncodeError:
        raise ParameterError("text", words[:SHOWN], "text in UTF-8") from None
    return words
