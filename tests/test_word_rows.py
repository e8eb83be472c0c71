"""Words of texts as numbers: kept rows beside rows cut anew are the rows cut anew."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.stems import cut_stems
from models.terms import cut_terms
from models.word_rows import WordRows

texts = st.lists(st.text("abAB .北京", max_size=12), max_size=6)


def assert_same(found: WordRows, expected: WordRows) -> None:
    for name in ("starts", "numbers", "flags"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), strict=True)
    assert found.words == expected.words


def test_are_the_words_in_their_order():
    rows = WordRows.of(["Rain in Peru", "", "in Rain"], cut_terms)
    assert rows.words == ("in", "peru", "rain")
    assert rows.starts.tolist() == [0, 3, 3, 5]
    assert rows.numbers.tolist() == [2, 0, 1, 0, 2]
    assert rows.owners().tolist() == [0, 0, 0, 2, 2]


@given(texts, texts)
def test_renewed_are_those_cut_anew(before, now):
    for cut in (cut_terms, cut_stems):
        places = np.array([before.index(text) if text in before else -1 for text in now], np.int64)
        fresh = WordRows.of([text for text in now if text not in before], cut)
        assert_same(WordRows.of(before, cut).renewed(places, fresh), WordRows.of(now, cut))
