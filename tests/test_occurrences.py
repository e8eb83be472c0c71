"""Sequences of words in texts: what a plain search from left to right finds, the longest first."""

from hypothesis import given
from hypothesis import strategies as st

from models.word_rows import WordRows
from recommender.occurrences import Patterns

words = st.sampled_from(["amur", "Bonn", "bonn", "cork", "Dover"])
texts = st.lists(st.lists(words, max_size=8), max_size=5)
patterns = st.lists(st.lists(words.map(str.casefold), min_size=1, max_size=4), max_size=8)


def plain(texts: list[list[str]], patterns: list[list[str]]) -> list[tuple[int, int]]:
    found = []
    for row, text in enumerate(texts):
        place = 0
        while place < len(text):
            ahead = [word.casefold() for word in text[place:]]
            fits = [one for one in patterns if ahead[: len(one)] == one]
            if fits:
                found.append((row, patterns.index(max(fits, key=len))))
            place += max(map(len, fits), default=1)
    return found


@given(texts, patterns)
def test_are_those_of_a_plain_search(texts, patterns):
    ordered = sorted({tuple(one) for one in patterns})
    made = Patterns.of([word for one in ordered for word in one], list(map(len, ordered)))
    rows, places = made.find(WordRows.of(texts, lambda text: [(word, 0) for word in text]))
    assert list(zip(rows.tolist(), places.tolist(), strict=True)) == plain(texts, list(map(list, ordered)))
