"""Sparse TF-IDF term vectors of texts: the words that two headlines share, the rare ones weighing more."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.word_rows import WordRows, Words

# Scripts that are written without blanks between words: Han (with 々 and 〇), Kana, Hangul. Korean has blanks, but
# its particles are glued to the words, and bigrams get over that too.
_CJK = (
    "\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"
)
RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|[^\W_{_CJK}]+")
"""Words of letters and digits, and runs of scripts without blanks."""


def tokens(text: str) -> list[str]:
    """Return the terms of a text, in its order: lower-case words of letters and digits, and bigrams of CJK runs."""
    # NFKC makes one character of a letter and its accent, and ordinary ones of full-width letters and digits.
    found: list[str] = []
    for run in RUNS.finditer(unicodedata.normalize("NFKC", text).lower()):
        term = run[0]
        if run["cjk"] is None or len(term) == 1:
            found.append(term)
        else:
            found.extend(first + second for first, second in pairwise(term))
    return found


def find(terms: Words, term: str) -> int | None:
    """The position of a term among terms that ascend, None where it has none."""
    position = bisect_left(terms, term)
    return position if position < len(terms) and terms[position] == term else None


@dataclass(frozen=True, slots=True, eq=False)
class TermVector:
    """One text as weighted terms; of unit length, or empty."""

    columns: NDArray[np.int32]
    """(m,) columns in the matrix that the vector belongs to, ascending."""
    weights: NDArray[np.float32]
    """(m,) the weight in each of these columns."""


@dataclass(frozen=True, slots=True, eq=False)
class TermMatrix:
    """One unit row of weighted terms per text, compressed by rows (CSR); the arrays may be memory-maps."""

    indptr: NDArray[np.int64]
    """(n + 1,) row `i` lies in `indptr[i]:indptr[i + 1]` of the two arrays below."""
    indices: NDArray[np.int32]
    """(nnz,) columns, ascending within a row."""
    data: NDArray[np.float32]
    """(nnz,) weights; the row of a text without terms is empty."""
    terms: Words
    """The term of each column, ascending."""
    idf: NDArray[np.float32]
    """(len(terms),) the weight of one occurrence: ln((1 + n) / (1 + df)) + 1."""

    def __post_init__(self) -> None:
        if not len(self.indices) == len(self.data) == self.indptr[-1]:
            raise ValueError(
                f"{len(self.indices)} columns, {len(self.data)} weights and rows that end at {self.indptr[-1]}, "
                "expected three equal numbers; build the term vectors again"
            )
        if len(self.terms) != len(self.idf):
            raise ValueError(
                f"{len(self.terms)} terms and {len(self.idf)} idf values, expected equal numbers; "
                "build the term vectors again"
            )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row_vector(self, row: int) -> TermVector:
        """Return one row."""
        start, end = self.indptr[row], self.indptr[row + 1]
        return TermVector(self.indices[start:end], self.data[start:end])

    def text_vector(self, text: str) -> TermVector:
        """Weigh the terms of any text as if it were a row; terms that no row has are left out."""
        return self._weighed(text, strange=0.0)

    def further_row(self, text: str) -> TermVector:
        """Weigh the terms of any text as if it were one row more: terms that no row has count towards its length."""
        return self._weighed(text, strange=math.log((2.0 + len(self)) / 2.0) + 1.0)

    def _weighed(self, text: str, *, strange: float) -> TermVector:
        """The vector of a text, where an occurrence of a term that no row has weighs `strange`."""
        counts: dict[int, int] = {}
        squares = 0.0
        for term, count in Counter(tokens(text)).items():
            column = find(self.terms, term)
            if column is None:
                squares += ((1.0 + math.log(count)) * strange) ** 2
            else:
                counts[column] = count
        columns = np.array(sorted(counts), dtype=np.int32)
        occurrences = np.array([counts[column] for column in columns.tolist()], dtype=np.float64)
        weights = (1.0 + np.log(occurrences)) * self.idf[columns]
        length = float(np.sqrt(squares + (weights**2).sum()))
        return TermVector(columns, (weights / length if length else weights).astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class TermPostings:
    """A term matrix by its columns (CSC): which rows have a term; the arrays may be memory-maps."""

    starts: NDArray[np.int64]
    """(terms + 1,) the rows of term `j` lie in `starts[j]:starts[j + 1]` of the two arrays below."""
    rows: NDArray[np.int32]
    """(nnz,) ascending within a term."""
    weights: NDArray[np.float32]
    """(nnz,) the weight of the term in each of these rows."""

    @classmethod
    def of(cls, matrix: TermMatrix) -> "TermPostings":
        """The same weights, sorted by term."""
        owners = np.repeat(np.arange(len(matrix), dtype=np.int32), np.diff(matrix.indptr))
        order = np.argsort(matrix.indices, kind="stable")
        counts = np.bincount(matrix.indices, minlength=len(matrix.idf))
        starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return cls(starts, owners[order], matrix.data[order])


def cut_terms(text: str) -> list[tuple[str, int]]:
    """The terms of a text for `WordRows`, without flags."""
    return [(term, 0) for term in tokens(text)]


def fit_terms(texts: Sequence[str]) -> TermMatrix:
    """Weigh the terms of each text: see `weigh_terms`.

    Args:
        texts: One text per row, in the order of the rows; repeated and empty texts are rows like any other.
    """
    return weigh_terms(WordRows.of(texts, cut_terms))


def weigh_terms(rows: WordRows) -> TermMatrix:
    """Weigh the terms of each text: (1 + ln tf) · idf, with the idf of these texts, rows scaled to unit length.

    Args:
        rows: The terms of each text, cut by `cut_terms`.
    """
    number, size = len(rows.starts) - 1, max(1, len(rows.words))
    pairs, counts = np.unique(rows.owners() * size + rows.numbers, return_counts=True)
    owners, columns = np.divmod(pairs, size)
    frequency = np.bincount(columns, minlength=len(rows.words))
    # In single precision step by step, as scikit-learn's TfidfVectorizer does it.
    idf = np.log(np.float32(number + 1) / (frequency + 1).astype(np.float32)) + np.float32(1.0)
    weights = (np.log(counts.astype(np.float32)) + np.float32(1.0)) * idf[columns]
    lengths = np.sqrt(np.bincount(owners, (weights * weights).astype(np.float64), minlength=number))
    return TermMatrix(
        indptr=np.searchsorted(owners, np.arange(number + 1)).astype(np.int64),
        indices=columns.astype(np.int32),
        data=(weights / lengths[owners]).astype(np.float32),
        terms=rows.words,
        idf=idf,
    )
