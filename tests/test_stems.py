"""Stems: one for Egypt and Egyptian, and what kind of word each is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import fit_stems

from models.stems import NAME, NUMBER, PLACE, WORD, StemTable, stem, with_text


def kinds(texts: list[str]) -> list[set[int]]:
    """Of each text the kinds of its stems."""
    table = fit_stems(texts)
    return [set(table.kinds[table.stems[a:b]].tolist()) for a, b in zip(table.starts, table.starts[1:], strict=False)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("egypt", "egyptian"), ("kenya", "kenyans"), ("china", "chinese"), ("flood", "flooding"), ("vote", "votes")],
)
def test_forms_of_a_word_have_one_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["iran", "oman", "a", "", "votes", "肯尼"])
def test_a_stem_is_the_beginning_of_the_word_and_not_cut_again(word):
    assert word.startswith(stem(word))
    assert stem(stem(word)) == stem(word)
    assert len(stem(word)) >= min(len(word), 4)


def test_what_is_written_large_inside_sentences_is_a_name_and_after_in_a_place():
    texts = ["Heavy rain in Peru", "Floods in Peru", "Today Obama speaks", "Later Obama speaks of 12 floods"]
    table = fit_stems([*texts, "Peru", "obama", "rain", "12"])
    ends = [table.kinds[table.stems[start]] for start in table.starts[-5:-1]]
    assert ends == [PLACE, NAME, WORD, NUMBER]


def test_the_first_word_of_a_sentence_may_be_large_without_being_a_name():
    assert kinds(["Rain. Rain: “Rain”"]) == [{WORD}]


def test_scripts_without_blanks_are_pairs_of_characters():
    table = fit_stems(["肯尼亚", "肯尼", "亚"])
    assert np.diff(table.starts).tolist() == [2, 1, 1]
    assert table.stems[0] in table.stems[:2]
    assert set(table.kinds.tolist()) == {WORD}


def test_rarity_counts_texts_not_words():
    table = fit_stems(["rain rain rain", "snow"])
    assert table.idf.tolist() == [np.log(3 / 2) + 1] * 2


@given(st.lists(st.text(alphabet="aAbs1. 法院\n", max_size=12), max_size=6))
def test_any_texts_make_a_table(texts):
    table = fit_stems(texts)
    assert isinstance(table, StemTable)
    assert len(table.starts) == len(texts) + 1
    assert table.starts[-1] == len(table.stems)
    assert len(table.idf) == len(table.kinds) == len(set(table.stems.tolist()))
    for start, end in zip(table.starts, table.starts[1:], strict=False):
        assert (np.diff(table.stems[start:end]) > 0).all()


class TestOneTextMore:
    texts = ("Heavy rain in Peru", "Floods in Peru follow heavy rain", "Obama speaks in Lima")

    def test_has_the_stems_that_a_table_of_all_texts_has(self):
        text = "Rain in Lima; there Obama meets Castillo in Cusco on 12 May"
        table, all_of_them = with_text(fit_stems(self.texts), text), fit_stems([*self.texts, text])
        known = table.names
        mine = table.stems[table.starts[-2] : table.starts[-1]].tolist()
        old = {known[number] for number in mine if number < len(known)}
        theirs = {all_of_them.names[number] for number in all_of_them.stems[all_of_them.starts[-2] :].tolist()}
        assert old == theirs & set(known)
        assert len(mine) == len(theirs)
        assert mine == sorted(mine)
        fresh = sorted(theirs - set(known))
        places = [all_of_them.names.index(item) for item in fresh]
        np.testing.assert_allclose(table.idf[len(known) :], all_of_them.idf[places])
        kinds = dict(zip(fresh, table.kinds[len(known) :].tolist(), strict=True))
        assert (kinds[stem("castillo")], kinds["12"]) == (NAME, NUMBER)

    def test_leaves_the_others_as_they_are(self):
        table = fit_stems(self.texts)
        more = with_text(table, "Nothing of the kind")
        np.testing.assert_array_equal(more.stems[: len(table.stems)], table.stems)
        np.testing.assert_array_equal(more.starts[:-1], table.starts)
        np.testing.assert_array_equal(more.idf[: len(table.idf)], table.idf)
        assert len(with_text(table, "").starts) == len(table.starts) + 1
