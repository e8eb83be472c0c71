"""Spotting: which names count, where they stand in a headline, and which phrases are learned as names."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.word_rows import WordRows
from recommender.phrases import MIN_PHRASE_HITS
from recommender.spotting import Names, cut_names, learn_names, tokens


def spotted(
    texts: Sequence[str], names: Sequence[str], reference: Mapping[int, set[str]] | None = None
) -> list[set[str]]:
    """The entities of texts, each entity being called by its one label."""
    numbers = {name: number for number, name in enumerate(names)}
    known = sorted((row, numbers[name]) for row, entities in (reference or {}).items() for name in entities)
    rows, entities = np.array(known, np.int64).reshape(-1, 2).T
    asked = np.array(sorted(reference or {}), np.int64)
    headlines = WordRows.of(texts, cut_names)
    found = learn_names(headlines, numbers.items(), asked, (rows, entities)).entities_in(headlines)
    seen: list[set[str]] = [set() for _ in texts]
    for row, entity in zip(*(one.tolist() for one in found), strict=True):
        seen[row].add(names[entity])
    return seen


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Azerspace-1 is launched.", ["Azerspace", "1", "is", "launched"]),
            ("The U.S. and Côte d'Ivoire", ["The", "U", "S", "and", "Cote", "d", "Ivoire"]),
            ("snake_case", ["snake", "case"]),
            ("北京下雪", ["北", "京", "下", "雪"]),
            ("波音737MAX停飞", ["波", "音", "737MAX", "停", "飞"]),
            ("サッカー", ["サ", "ッ", "カ", "ー"]),
            ("서울에 눈", ["서", "울", "에", "눈"]),
            ("", []),
            ("…!?", []),
        ],
    )
    def test_are_words_without_accents_and_single_characters_where_nothing_parts_words(self, text, words):
        assert tokens(text) == words


def test_what_is_learned_serves_other_texts_too():
    """A name that is not trusted hides the shorter ones within it."""
    labels = [("Bus", 0), ("Paris", 1), ("Paris Bus", 2)]
    texts = ["A bus stops", "Paris has a bus", "In Paris it rains", "The Paris Bus is late"]
    names = learn_names(WordRows.of(texts, cut_names), labels, np.arange(4), (np.array([1, 2, 3]), np.array([1, 1, 1])))
    rows, entities = names.entities_in(WordRows.of(["Snow in Paris", "The Paris bus is full", "A bus", ""], cut_names))
    assert (rows.tolist(), entities.tolist()) == ([0], [1])


class TestNames:
    def spot(self, text: str, *names: str) -> list[str]:
        by_form = Names.of((name, number) for number, name in enumerate(names))
        _, found = by_form.find(WordRows.of([text], cut_names))
        return [names[by_form.entities[by_form.forms[name]]] for name in dict.fromkeys(found.tolist())]

    def test_stand_as_whole_words(self):
        assert self.spot("Nigeria wins in Niger Delta", "Niger") == ["Niger"]
        assert self.spot("Nigeria wins", "Niger") == []
        assert self.spot("A Nigerian wins", "Nigeria") == []

    def test_longest_wins_where_they_overlap(self):
        text = "The New York Times reports from York"
        assert self.spot(text, "York", "New York", "New York Times") == ["New York Times", "York"]

    def test_first_wins_where_neither_holds_the_other(self):
        assert self.spot("South Sudan Republic", "Sudan Republic", "South Sudan") == ["South Sudan"]

    def test_side_by_side_are_both_found(self):
        assert self.spot("In Paris France mourns", "Paris", "France") == ["Paris", "France"]

    def test_are_found_once_each_in_order_of_place(self):
        assert self.spot("Peru, Chile and Peru", "Chile", "Peru") == ["Peru", "Chile"]

    def test_are_found_whatever_the_case_and_the_accents(self):
        assert self.spot("CÔTE D’IVOIRE votes", "Cote d'Ivoire") == ["Cote d'Ivoire"]

    def test_of_one_character_are_none(self):
        assert self.spot("Q votes, 法 votes", "Q", "法", "?") == []

    def test_of_two_entities_belong_to_the_first(self):
        names = Names.of([("al-Qaeda", 7), ("Al Qaeda", 3)])
        rows, found = names.find(WordRows.of(["al Qaeda"], cut_names))
        assert [names.forms[name] for name in found.tolist()] == [" al  qaeda "]
        assert rows.tolist() == [0]
        assert list(names.entities.values()) == [7]

    def test_are_found_in_text_without_blanks(self):
        assert self.spot("中国北京市今日下雪", "北京", "北京市", "中国") == ["中国", "北京市"]
        assert self.spot("南京下雪", "北京") == []
        assert self.spot("서울에 눈이 온다", "서울") == ["서울"]

    def test_none_find_nothing(self):
        assert self.spot("Peru votes") == []

    @given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=6), max_size=5))
    def test_found_are_words_of_the_text(self, text, names):
        words = [word.casefold() for word in tokens(text)]
        for name in self.spot(text, *names):
            wanted = [word.casefold() for word in tokens(name)]
            assert any(words[i : i + len(wanted)] == wanted for i in range(len(words)))


class TestTrust:
    def test_a_name_that_is_its_entity_is_spotted(self):
        texts = ["Peru votes", "Peru shakes", "Peru mourns"]
        assert spotted(texts, ["Peru"], {0: {"Peru"}, 1: {"Peru"}}) == [{"Peru"}] * 3

    def test_an_ordinary_word_is_not_spotted_not_even_where_it_is_the_entity(self):
        texts = ["A bus burns", "A bus turns", "A bus stops", "A bus falls off a bridge"]
        reference = {0: {"bus"}, 1: set(), 2: set()}
        assert spotted(texts, ["bus"], reference) == [set()] * 4

    def test_a_word_met_once_without_its_entity_is_not_spotted(self):
        assert spotted(["A truck burns", "A truck turns"], ["truck"], {0: set()}) == [set(), set()]

    def test_a_word_that_is_nearly_always_its_entity_is_spotted(self):
        texts = ["Turkey votes", "Turkey wins", "Turkey mourns", "A turkey is pardoned", "Turkey shakes"]
        reference = {0: {"Turkey"}, 1: {"Turkey"}, 2: {"Turkey"}, 3: set()}
        assert spotted(texts, ["Turkey"], reference)[4] == {"Turkey"}

    def test_a_text_without_names_has_no_entities(self):
        assert spotted(["Nothing happens", ""], ["Peru"]) == [set(), set()]

    def test_a_longer_name_hides_the_shorter_one_in_it(self):
        texts = ["Guinea votes", "Guinea-Bissau votes", "Guinea-Bissau shakes", "Guinea shakes"]
        reference = {0: {"Guinea"}, 1: {"Guinea-Bissau"}}
        assert spotted(texts, ["Guinea", "Guinea-Bissau"], reference)[2:] == [{"Guinea-Bissau"}, {"Guinea"}]


class TestPhrases:
    US = ("United States sues BP", "Troops of the United States leave Iraq", "In Utah, United States, a mine floods")

    def test_a_phrase_that_stands_for_an_entity_is_learned_as_its_name(self):
        texts = [*self.US, "The United States votes"]
        reference = {row: {"U.S."} for row in range(3)}
        assert spotted(texts, ["U.S."], reference)[3] == {"U.S."}

    def test_a_phrase_met_too_rarely_is_not_learned(self):
        texts = [*self.US[: MIN_PHRASE_HITS - 1], "The United States votes"]
        reference = {row: {"U.S."} for row in range(MIN_PHRASE_HITS - 1)}
        assert spotted(texts, ["U.S."], reference)[-1] == set()

    def test_a_phrase_that_mostly_stands_for_something_else_is_not_learned(self):
        """The Manchester club is met more often than the country, so the half that both share is no name."""
        club = ["Manchester United wins", "Leeds United falls", "West Ham United rises", "Newcastle United is sold"]
        texts = [*self.US, *club, "Airline United merges", "The United States votes"]
        reference = {**{row: {"U.S."} for row in range(3)}, **{row: set() for row in range(3, 7)}}
        assert spotted(texts, ["U.S."], reference)[-2:] == [set(), {"U.S."}]

    def test_a_phrase_around_a_trusted_name_is_not_learned(self):
        """Else `President Obama` would hide Obama wherever both are said."""
        texts = ["President Obama speaks", "President Obama leaves", "President Obama lands", "President Obama rests"]
        reference = {row: {"Obama", "White House"} for row in range(3)}
        assert spotted(texts, ["Obama", "White House"], reference)[3] >= {"Obama"}
        forms = [["Obama"]] * 4
        assert [
            sorted(found - {"White House"}) for found in spotted(texts, ["Obama", "White House"], reference)
        ] == forms

    def test_words_in_small_letters_are_no_phrase(self):
        texts = ["the lower house votes", "the lower house meets", "the lower house splits", "the lower house rests"]
        assert spotted(texts, ["Parliament"], {row: {"Parliament"} for row in range(3)})[3] == set()

    def test_linking_words_may_stand_inside_a_phrase(self):
        texts = [f"The Bank of England {what}" for what in ("waits", "acts", "lends", "borrows")]
        other = [f"The Bank {name} opens" for name in ("Austria", "Leumi", "Windhoek", "Asya")]
        other += [f"England {what}" for what in ("wins", "loses", "draws", "rests")]
        reference = {**{row: {"BoE"} for row in range(3)}, **{row: set() for row in range(4, 12)}}
        found = spotted([*texts, *other], ["BoE"], reference)
        assert found[3:] == [{"BoE"}, *[set()] * 8]

    def test_an_entity_whose_own_name_is_in_the_text_teaches_no_phrase(self):
        texts = [f"Frank Peru {what}" for what in ("eats", "reads", "rests")] + ["Frank swims"]
        assert spotted(texts, ["Peru"], {row: {"Peru"} for row in range(3)})[3] == set()

    def test_a_learned_phrase_takes_a_distrusted_label_over(self):
        """`Georgia` the state was mostly not meant; where the archive always means the country, it is its name."""
        texts = [f"Georgia {what}" for what in ("votes", "shakes", "mourns", "rests")]
        reference = {row: {"Republic of Georgia"} for row in range(3)}
        assert spotted(texts, ["Georgia", "Republic of Georgia"], reference)[3] == {"Republic of Georgia"}
