"""Names of events, as the site made them of their texts by reading UTF-8 as Latin-1; folders of days."""

import re
import tarfile
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.archive import read_archive
from recommender.importing.naming import event_name
from recommender.slugs import day_folder, event_date, is_day_folder

SLUGS = ("latin-1", "ascii", "unicode")

AS_THE_SITE = {
    "The Court's ruling, a win": "the-court-s-ruling-a-win",
    "A win!": "a-win",
    "  «A win» ": "a-a-wina",
    "U.S. & U.K. -- 2 wins": "u-s-u-k-2-wins",
    "snake_case": "snake-case",
    "the 2016–17 season": "the-2016a17-season",
    "a 54–45 vote": "a-54a45-vote",
    "the Navy’s “significant” ships": "the-navyas-asignificanta-ships",
    "a $1.21 billion, £921 million deal": "a-1-21-billion-aps921-million-deal",
    "one €": "one-a",
    "5½ hours": "5a-1-2-hours",
    "5¼ hours, 5¾ days": "5a-1-4-hours-5a-3-4-days",
    "2 × 4": "2-a-4",
    "א": "x",
    "¢5, ¥5, §5": "ac-5-ay-5-ass5",
    "François": "franassois",
    "Étienne": "atienne",
    "León": "lea3n",
    "Jiménez": "jima-c-nez",
    "Ján": "ja-n",
    "chargé d'affaires": "charga-c-d-affaires",
    "Gnassingbé’s": "gnassingba-c-as",
    "Miloš Zeman": "miloa-zeman",
    "Tōhoku": "tahoku",
    "Pléiades": "pla-c-iades",
}
"""Most of the words stand in lists that the site published, beside the names that it had made of them."""


class TestTheSite:
    @pytest.mark.parametrize(("text", "name"), AS_THE_SITE.items(), ids=AS_THE_SITE.values())
    def test_names_an_event_by_its_words(self, text, name):
        assert event_name(text, "latin-1") == name

    def test_takes_140_characters(self):
        assert event_name("a" * 141, "latin-1") == "a" * 140
        assert event_name("a" * 140, "latin-1") == "a" * 140

    def test_counts_a_leading_blank_and_does_not_keep_it(self):
        assert event_name(" " + "a" * 140, "latin-1") == "a" * 139

    def test_counts_bytes(self):
        assert event_name("é" + "b" * 140, "latin-1") == "a-c-" + "b" * 138

    def test_counts_before_it_spells_out(self):
        """`½` is two bytes, and three words."""
        assert event_name("½" * 70, "latin-1") == "a-1-2" * 48

    def test_ends_where_the_last_word_does(self):
        assert event_name("a" * 139 + " b", "latin-1") == "a" * 139

    @pytest.mark.realdata
    def test_named_real_events_so(self, real_data):
        """A page's text is the words of its name; a list's item had other words since then in some cases."""
        pages = read_archive(real_data / "real-pages").pages
        assert {event_name(one.event.text, "latin-1") == one.event.slug.rsplit("/", 1)[-1] for one in pages} == {True}
        items = {(link.text, link.target) for one in pages for link in one.related}
        same = [f"/{event_name(text, 'latin-1')}.md" in target for text, target in items]
        assert (len(same), sum(same)) == (391, 363)

    @pytest.mark.realdata
    def test_named_thousands_of_events_so(self, real_data):
        """The headlines of that archive are the portal's, accents and dashes included."""
        others, count = {}, 0
        with tarfile.open(real_data / "context-en.tar.xz", "r|xz") as archive:
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                if not member.isfile() or name in ("index.md", "README.md"):
                    continue
                headline = re.search(r"^# (.*)$", archive.extractfile(member).read().decode(), re.MULTILINE)[1]
                count += 1
                if event_name(headline, "latin-1") + ".md" != name:
                    others[name] = headline
                if count == 15_000:
                    break
        assert others == {}


class TestCharacters:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Élection à Nairobi – 2016", "election-a-nairobi-2016"),
            ("François Hollande’s ½ £", "francois-hollande-s-1-2-ps"),
            ("Łódź", "lodz"),
            ("北京", "beijing"),
        ],
    )
    def test_are_read_as_such_on_request(self, text, name):
        assert event_name(text, "ascii") == name

    def test_are_140(self):
        assert event_name("é" * 141, "ascii") == "e" * 140


class TestLetters:
    """The rule of the Chinese sister."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("杨利伟乘神舟五号，进入太空。", "杨利伟乘神舟五号-进入太空"),
            ("3.11大地震：福島核電站", "311大地震-福島核電站"),
            (" Élan 2,000 «a»", "Élan-2000-a"),
        ],
    )
    def test_stay_as_they_are_but_for_full_stops_and_commas(self, text, name):
        assert event_name(text, "unicode") == name

    def test_are_60(self):
        assert event_name("字" * 61, "unicode") == "字" * 60
        assert event_name("." + "字" * 60, "unicode") == "字" * 59

    @pytest.mark.realdata
    def test_are_those_of_every_slug_of_the_sister(self, real_data):
        same = Counter()
        with tarfile.open(real_data / "context-zh.tar.xz") as tar:
            for member in tar:
                name = member.name.split("/")[-1].removesuffix(".md")
                if member.isfile() and name not in ("index", "README"):
                    headline = re.search(r"^# (.*)$", tar.extractfile(member).read().decode(), re.MULTILINE)[1]
                    same[event_name(headline, "unicode") == name] += 1
        assert same == {True: 8984}


class TestEveryName:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)

    @given(texts | st.text("£½×–’é a.", max_size=300), st.sampled_from(("latin-1", "ascii")))
    def test_is_words_of_letters_and_digits_with_one_hyphen_between(self, text, slugs):
        name = event_name(text, slugs)
        assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", name)

    @given(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=100, max_size=200),
        st.sampled_from(("latin-1", "ascii")),
    )
    def test_is_short_enough_for_a_file(self, text, slugs):
        assert len((event_name(text, slugs) + "-2.md").encode()) <= 255

    @pytest.mark.parametrize("text", ["肯" * 140, "½" * 140, "﷽" * 140])
    @pytest.mark.parametrize("slugs", SLUGS)
    def test_is_short_enough_for_a_file_whatever_the_script(self, text, slugs):
        name = event_name(text, slugs)
        assert len((name + "-2.md").encode()) <= 255
        assert not name.endswith("-")

    @given(st.text(st.characters(codec="ascii"), max_size=200))
    def test_of_ascii_is_the_same_in_either_way_and_by_itself(self, text):
        name = event_name(text, "latin-1")
        assert event_name(text, "ascii") == name
        assert event_name(name, "latin-1") == name
        assert len(name) <= 140

    @given(texts, st.sampled_from(("latin-1", "ascii")))
    def test_does_not_depend_on_what_stands_beyond(self, text, slugs):
        assert event_name("a" * 140 + text, slugs) == "a" * 140

    @pytest.mark.parametrize("text", ["", " ", "…", "''", "—"])
    def test_of_a_text_without_words_is_empty_where_characters_are_read(self, text):
        assert event_name(text, "ascii") == ""

    @pytest.mark.parametrize("text", ["", " ", "?!", "''"])
    def test_of_a_text_without_words_is_empty(self, text):
        assert event_name(text, "latin-1") == ""


class TestDayFolders:
    def test_have_a_month_of_two_digits_and_a_day_without_a_zero(self):
        assert day_folder("news", date(2013, 2, 7)) == "news/2013/02/7/"
        assert day_folder("mirror/news", date(987, 12, 31)) == "mirror/news/0987/12/31/"

    @given(st.dates())
    def test_are_known_for_what_they_are(self, day):
        folder = day_folder("news", day)
        assert is_day_folder(folder)
        assert event_date(folder + "x.md") == day

    @pytest.mark.parametrize("folder", ["2013/02/7/", "a/b/news/2013/02/07/"])
    def test_may_lie_at_any_depth(self, folder):
        assert is_day_folder(folder)

    @pytest.mark.parametrize(
        "folder",
        [
            "",
            "/",
            "news/",
            "news/2013/02/",
            "news/2013/02/7",
            "news/2013/02/7/x/",
            "news/2013/2/7/",
            "news/13/02/7/",
            "news/2013/02/7x/",
        ],
    )
    def test_are_no_other_folders(self, folder):
        assert not is_day_folder(folder)
