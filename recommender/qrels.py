"""Judgements and runs: TREC qrels read from files and made line by line, TREC runs written and read.

A line of qrels is `query 0 document grade`, a line of a run `query Q0 document rank score tag`, both separated
by ASCII blanks. Queries and documents are slugs and hold no blank.
"""

import gzip
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from recommender.errors import QrelsError

# trec_eval counts documents per grade in an array as long as the largest gain; 2^15 - 1 is far above any real scale.
MAX_GRADE = 15
# trec_eval holds a score in single precision, whose largest number is 3.4e38.
_SCORE_LIMIT = 1e38

_QRELS_COLUMNS = ("query", "iteration", "document", "grade")
_RUN_COLUMNS = ("query", "Q0", "document", "rank", "score", "tag")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Qrels:
    """Judgements: for each query, the documents that were read and their grades."""

    name: str
    """What the judgements are called, e.g. `judged-dev`."""
    grades: Mapping[str, Mapping[str, int]]
    """Query → document → grade, read-only, queries sorted. Grade 0 is a judgement: read, and found not related."""

    def __post_init__(self) -> None:
        # Sorted, so that the order of a file's lines changes neither the order of results nor a seeded resample.
        frozen = {query: MappingProxyType(dict(self.grades[query])) for query in sorted(self.grades)}
        object.__setattr__(self, "grades", MappingProxyType(frozen))
        if not self.pairs:
            raise QrelsError(f"{self.name} holds no judged pair, expected at least one")
        if self.max_grade > MAX_GRADE:
            raise QrelsError(f"{self.name} has the grade {self.max_grade}, expected none above {MAX_GRADE}")

    @property
    def queries(self) -> tuple[str, ...]:
        """The judged queries, sorted."""
        return tuple(self.grades)

    @property
    def pairs(self) -> int:
        """The number of judged pairs."""
        return sum(map(len, self.grades.values()))

    @property
    def max_grade(self) -> int:
        """The highest grade given."""
        return max(grade for judged in self.grades.values() for grade in judged.values())

    def pairs_from(self, grade: int) -> int:
        """Counts the pairs with this grade or a higher one."""
        return sum(given >= grade for judged in self.grades.values() for given in judged.values())

    def restricted_to(self, queries: Sequence[str], *, name: str) -> "Qrels":
        """Gives the judgements of some of the queries: one side of a split.

        Args:
            queries: The queries to keep; one that is not judged is an error.
            name: What the part is called.
        """
        missing = sorted(set(queries) - set(self.grades))
        if missing:
            raise QrelsError(f"{self.name} does not judge {missing[0]!r} ({len(missing)} such), expected its queries")
        return Qrels(name, {query: self.grades[query] for query in queries})


class RunEntry(NamedTuple):
    """One document of an answer, with the score it was listed for."""

    document: str
    score: float


@dataclass(frozen=True, slots=True)
class Run:
    """What one system answered: for each query, its documents, best first."""

    name: str
    """The tag of the run, e.g. `extend`."""
    entries: Mapping[str, tuple[RunEntry, ...]]
    """Query → entries, best first, read-only, in the order of the file."""

    def __post_init__(self) -> None:
        frozen = {query: tuple(answer) for query, answer in self.entries.items()}
        object.__setattr__(self, "entries", MappingProxyType(frozen))

    def documents(self) -> dict[str, tuple[str, ...]]:
        """Gives the documents of each query without their scores, best first."""
        return {query: tuple(entry.document for entry in answer) for query, answer in self.entries.items()}


def read_qrels(path: Path) -> Qrels:
    """Reads TREC qrels, plain or (by the ending `.gz`) compressed; blank lines are skipped.

    A pair may be repeated with the same grade; with another one the file contradicts itself and is refused.
    """
    grades: dict[str, dict[str, int]] = {}
    for line, (query, _, document, grade_text) in _rows(path, _QRELS_COLUMNS):
        grade = _integer(grade_text)
        if grade is None or grade > MAX_GRADE:
            raise _error(path, line, f"the grade is {grade_text!r}", f"an integer up to {MAX_GRADE}")
        given = grades.setdefault(query, {}).setdefault(document, grade)
        if given != grade:
            found = f"{query!r} and {document!r} have the grade {grade} and, above, {given}"
            raise _error(path, line, found, "one grade for a pair")
    return Qrels(path.name.removesuffix(".gz").removesuffix(".qrels"), grades)


def qrels_line(query: str, document: str, grade: int) -> str:
    """A line of qrels with its newline.

    Raises:
        QrelsError: The query or the document is no word; see `is_word`.
    """
    return f"{_word(query, 'a query')} 0 {_word(document, 'a document')} {grade}\n"


def is_word(text: str) -> bool:
    """Whether a slug can stand in qrels and runs, whose columns are separated by ASCII blanks."""
    return text.encode().split() == [text.encode()]


def read_run(path: Path) -> Run:
    """Reads a TREC run, plain or (by the ending `.gz`) compressed, best first.

    Documents are ordered by score, falling, and by rank where scores are equal. (trec_eval has another rule for
    equal scores; runs that `write_run` made have none.)
    """
    answers: dict[str, dict[str, tuple[float, int]]] = {}
    tags: dict[str, None] = {}
    for line, (query, _, document, rank_text, score_text, tag) in _rows(path, _RUN_COLUMNS):
        rank, score = _integer(rank_text), _number(score_text)
        if rank is None:
            raise _error(path, line, f"the rank is {rank_text!r}", "an integer")
        if score is None:
            raise _error(path, line, f"the score is {score_text!r}", "a finite number")
        if document in answers.setdefault(query, {}):
            raise _error(path, line, f"{document!r} is listed again for {query!r}", "each document once")
        tags[tag] = None
        if len(tags) > 1:
            raise _error(path, line, f"the tag is {tag!r} and, above, {next(iter(tags))!r}", "one run in a file")
        answers[query][document] = (-score, rank)
    ordered = {query: sorted(answer.items(), key=itemgetter(1)) for query, answer in answers.items()}
    return Run(
        next(iter(tags)),
        {query: tuple(RunEntry(document, -key[0]) for document, key in answer) for query, answer in ordered.items()},
    )


def run_lines(run: Run) -> Iterator[str]:
    """Yields the lines of a TREC run, each with its newline; a query without documents has no line.

    A score is printed so that it reads back as the same number. Where scores do not fall, in the single precision of
    trec_eval, the lower one is printed just below its predecessor: every tool then keeps the order of the run.
    """
    tag = _word(run.name, "the name of the run")
    for query, answer in run.entries.items():
        _word(query, "a query")
        if len({entry.document for entry in answer}) < len(answer):
            raise QrelsError(f"the run {tag!r} lists a document twice for {query!r}, expected each once")
        printed = math.inf
        for rank, (document, score) in enumerate(answer, 1):
            if not abs(score) < _SCORE_LIMIT:  # so that NaN is refused too
                raise QrelsError(f"{document!r} has the score {score} for {query!r}, expected one below {_SCORE_LIMIT}")
            printed = min(float(score), _next_below(printed)) if _ties(score, printed) else float(score)
            yield f"{query} Q0 {_word(document, 'a document')} {rank} {printed!r} {tag}\n"


def write_run(run: Run, path: Path) -> None:
    """Writes a run as a TREC file in UTF-8, over whatever was there."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(run_lines(run))
    except OSError as error:
        raise QrelsError(f"{path} cannot be written: {error.strerror or error}") from None


def _ties(score: float, printed: float) -> bool:
    return bool(np.float32(score) >= np.float32(printed))


def _next_below(printed: float) -> float:
    return float(np.nextafter(np.float32(printed), np.float32(-np.inf)))


def _word(text: str, what: str) -> str:
    if not is_word(text):
        raise QrelsError(f"{what} is {text!r}, expected a word without blanks")
    return text


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yields the number and the fields of each line that is not blank, and tells what keeps a file from being read."""
    line, empty = 0, True
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            # Bytes, because text would also be split at blanks and line ends that are not ASCII.
            for line, row in enumerate(file, 1):
                fields = (row.removeprefix(_BYTE_ORDER_MARK) if line == 1 else row).split()
                if fields and len(fields) != len(columns):
                    raise _error(path, line, f"{len(fields)} columns", f"{len(columns)}: {_shape(columns)}")
                if fields:
                    empty = False
                    yield line, [field.decode("utf-8") for field in fields]
    except FileNotFoundError:
        raise QrelsError(f"{path} is missing, expected a file of lines {_shape(columns)}") from None
    except UnicodeDecodeError as error:
        raise _error(path, line, f"the byte {error.object[error.start]:#04x}", "UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _error(path, line + 1, f"broken gzip ({error})", "a whole gzip file, or a name without .gz") from None
    except OSError as error:
        raise QrelsError(f"{path} cannot be read: {error.strerror or error}") from None
    if empty:
        raise QrelsError(f"{path} is empty, expected lines of {len(columns)} columns: {_shape(columns)}")


def _shape(columns: Sequence[str]) -> str:
    return f"`{' '.join(columns)}`"


def _error(path: Path, line: int, found: str, expected: str) -> QrelsError:
    return QrelsError(f"{path}, line {line}: {found}, expected {expected}")


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
