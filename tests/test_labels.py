"""Labels: the names by which they are compared, and cutting Context lines by the order of their labels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.labels import LabelSplitter, fold, name_of


class TestNames:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("al Qaeda", "al-Qaeda"),
            ("al-Qaeda", "Al-Qaeda"),
            ("Côte d'Ivoire", "Cote d’Ivoire"),
            ("São Paulo", "Sao Paulo"),
            ("Straße", "STRASSE"),
            ("Conservative Party", " Conservative  Party "),
            ("Boeing 737", "Boeing_737"),
            ("ＮＡＴＯ", "NATO"),
            ("Malmö", "Malmo\u0308"),
            ("''Irish Independent''", "Irish Independent"),
        ],
    )
    def test_are_the_same_whatever_the_case_accents_and_signs_between_words(self, one, other):
        assert name_of(one) == name_of(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Niger", "Nigeria"),
            ("United States", "Americans"),
            ("Boeing 737", "Boeing 747"),
            ("民主党", "民主黨"),
            ("北京", "南京"),
        ],
    )
    def test_are_different_where_a_letter_is(self, one, other):
        assert name_of(one) != name_of(other)

    @pytest.mark.parametrize(("one", "other"), [("パリ", "バリ"), ("かき", "がき")])
    def test_keep_marks_that_are_no_accents(self, one, other):
        """Paris and Bali differ by such a mark in Japanese."""
        assert name_of(one) != name_of(other)

    def test_are_words_joined_by_hyphens(self):
        assert name_of("2013 Solomon Islands earthquake") == "2013-solomon-islands-earthquake"
        assert name_of("U.S.") == "u-s"

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    def test_are_names_of_themselves(self, label):
        assert name_of(name_of(label)) == name_of(label)

    def test_fold_leaves_plain_text_and_other_scripts_alone(self):
        assert fold("Plain, text's") == "Plain, text's"
        assert fold("習近平 Москва Αθήνα") == "習近平 Москва Αθηνα"

    def test_fold_does_not_take_hangul_apart(self):
        assert fold("서울") == "서울"


def learned(*contexts: str) -> LabelSplitter:
    return LabelSplitter.learn(dict.fromkeys(contexts, 1))


FULLERTON = (
    "California State University, Fullerton, Christopher Dorner",
    "California State University, Fullerton, Disneyland",
    "Big Bear Lake, Christopher Dorner",
    "Anaheim, Disneyland",
)
"""Fullerton is never met but after the university; its neighbours are met elsewhere too."""


class TestSplitting:
    def test_cuts_at_every_comma_where_all_is_in_order(self):
        assert learned("Angola, Benin, Chad").split("Angola, Benin, Chad") == ["Angola", "Benin", "Chad"]

    def test_knows_a_label_by_the_break_that_its_comma_makes(self):
        """Tucson before Arizona is out of order: the comma belongs to the label."""
        splitter = learned("Gabrielle Giffords, Tucson, Arizona", "Tucson, Arizona, United States", "Tucson, Arizona")
        assert splitter.split("Gabrielle Giffords, Tucson, Arizona") == ["Gabrielle Giffords", "Tucson, Arizona"]
        assert splitter.split("Tucson, Arizona, United States") == ["Tucson, Arizona", "United States"]

    def test_knows_a_label_that_is_in_order_by_what_follows_it(self):
        """The university's comma is in order, but what follows is not: is it Fullerton's end, or Dorner's beginning?"""
        splitter = learned(*FULLERTON)
        assert splitter.split("California State University, Fullerton, Christopher Dorner") == [
            "California State University, Fullerton",
            "Christopher Dorner",
        ]

    def test_holds_what_it_knows_against_lines_that_do_not_show_it(self):
        splitter = learned(*FULLERTON, "California State University, Fullerton, Los Angeles")
        assert splitter.split("California State University, Fullerton, Los Angeles") == [
            "California State University, Fullerton",
            "Los Angeles",
        ]

    def test_knows_labels_with_two_commas(self):
        splitter = learned(
            "Mark Kelly, Tucson, Pima County, Arizona",
            "Gabrielle Giffords, Tucson, Pima County, Arizona, United States",
            "Tucson, Pima County, Arizona, border",
        )
        assert splitter.split("Mark Kelly, Tucson, Pima County, Arizona, border") == [
            "Mark Kelly",
            "Tucson, Pima County, Arizona",
            "border",
        ]

    def test_knows_several_labels_with_commas_in_one_line(self):
        splitter = learned("Tucson, Arizona", "Yuma, Arizona", "Tucson, Arizona, Yuma, Arizona")
        assert splitter.split("Tucson, Arizona, Yuma, Arizona") == ["Tucson, Arizona", "Yuma, Arizona"]

    def test_joins_only_neighbours_that_were_elected(self):
        splitter = learned("Tucson, Arizona", "Yuma, Arizona")
        assert splitter.split("Arizona, Phoenix, Tucson, Yuma") == ["Arizona", "Phoenix", "Tucson", "Yuma"]

    @pytest.mark.parametrize(
        "context",
        [
            "Zimbabwe, al-Qaeda, iPhone",  # capitals come before small letters
            "2010 FIFA World Cup, Africa",  # figures before letters
            "Zürich, al-Shabaab, Élysée Palace",  # letters with accents after all others
            "Dresden, Dresden Frauenkirche",
            "China, 中国, 香港",
        ],
    )
    def test_does_not_take_a_line_for_broken_that_is_in_order_of_characters(self, context):
        splitter = learned(context)
        assert splitter.joined == frozenset()
        assert splitter.split(context) == context.split(", ")

    def test_a_break_made_by_one_label_does_not_glue_the_next_one_to_it(self):
        """In `Fullerton, Brea` the order breaks only because Fullerton is the end of a label."""
        splitter = learned(*FULLERTON)
        assert splitter.split("Christopher Dorner, Fullerton") == ["Christopher Dorner", "Fullerton"]
        assert splitter.split("Fullerton, Christopher Dorner") == ["Fullerton", "Christopher Dorner"]

    def test_a_tie_is_a_label_with_the_comma_at_the_break(self):
        splitter = learned("Arizona, Tucson, Arizona")
        assert splitter.split("Arizona, Tucson, Arizona") == ["Arizona", "Tucson, Arizona"]
        assert learned("Benin, Ghana, Chad").split("Benin, Ghana, Chad") == ["Benin", "Ghana, Chad"]

    def test_a_comma_without_a_blank_is_no_cut(self):
        assert learned().split("1,000 Guineas, Newmarket") == ["1,000 Guineas", "Newmarket"]

    @pytest.mark.parametrize(("context", "labels"), [("", []), (" ", []), ("Angola, , Chad", ["Angola", "Chad"])])
    def test_nothing_is_no_label(self, context, labels):
        assert learned().split(context) == labels

    labels = st.lists(st.text("ABab, ", min_size=1, max_size=4).map(str.strip).filter(bool), max_size=5)

    @settings(deadline=None)
    @given(st.lists(labels.map(", ".join), max_size=6), labels.map(", ".join))
    def test_loses_no_character_but_separators(self, contexts, context):
        split = learned(*contexts).split(context)
        assert ", ".join(split) == ", ".join(part for part in context.split(", ") if part.strip())

    @settings(deadline=None)
    @given(st.lists(labels.map(", ".join), max_size=6))
    def test_does_not_depend_on_the_order_of_the_lines(self, contexts):
        assert learned(*contexts) == learned(*reversed(contexts))
