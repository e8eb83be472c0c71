"""Slugs: dates from paths, slugs from links, and slugs as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import PageError, SlugUnknownError
from recommender.slugs import as_typed, event_date, path_of, split_target

SLUG = "news/2013/02/7/azerspace-1-is-launched"


class TestDates:
    @pytest.mark.parametrize(
        ("path", "day"),
        [
            ("news/2013/02/7/azerspace.md", date(2013, 2, 7)),
            ("news/2013/12/31/azerspace.md", date(2013, 12, 31)),
            ("2013/02/7/azerspace.md", date(2013, 2, 7)),
            ("mirror/of/news/2013/02/07/azerspace.md", date(2013, 2, 7)),
            ("news/2016/02/29/闰年.md", date(2016, 2, 29)),
        ],
    )
    def test_are_read_from_the_paths_of_events(self, path, day):
        assert event_date(path) == day

    @pytest.mark.parametrize(
        "path",
        [
            "news/2013/02/7/index.md",
            "news/2013/02/7/README.md",
            "news/2013/2/7/azerspace.md",
            "news/2013/02/azerspace.md",
            "news/2013/02/7/azerspace.html",
            "news/2013/02/7/pictures/azerspace.md",
            "news/12013/02/7x/azerspace.md",
            "README.md",
            "",
        ],
    )
    def test_are_none_for_any_other_path(self, path):
        assert event_date(path) is None

    @pytest.mark.parametrize("day", ["2013/02/30", "2013/13/1", "2013/00/1", "2013/01/0", "0000/01/1"])
    def test_that_no_calendar_has_are_told(self, day):
        with pytest.raises(PageError, match=f"{day} is not a day of the calendar"):
            event_date(f"news/{day}/azerspace.md")


class TestTargets:
    @pytest.mark.parametrize(
        ("target", "parts"),
        [
            (f"/{SLUG}.md", ("/", SLUG)),
            (f"{SLUG}.md", ("", SLUG)),
            (f"/zh/{SLUG}.md", ("/zh/", SLUG)),
            (f"zh/{SLUG}", ("zh/", SLUG)),
            (f"https://site.example/{SLUG}.md", ("https://site.example/", SLUG)),
            (f"../../../../{SLUG}.md", ("../../../../", SLUG)),
            ("/zh/news/2016/10/27/北京.md", ("/zh/", "news/2016/10/27/北京")),
            ("/news/2013/02/7/index-of-prices-rises.md", ("/", "news/2013/02/7/index-of-prices-rises")),
        ],
    )
    def test_are_cut_into_prefix_and_slug(self, target, parts):
        assert split_target(target) == parts

    @pytest.mark.parametrize(
        "target",
        [
            "",
            "azerspace.md",
            "/news/2013/02/7/",
            "/news/2013/02/7/.md",
            "/news/2013/02/7/index.md",
            "/news/2013/02/7/README.md",
            "/zh/news/2013/02/7/index.md",
            "/news/2013/2/7/azerspace.md",
            "https://paper.example/2013-02-07/azerspace.md",
            "/2013/02/7/azerspace.md/comments",
        ],
    )
    def test_that_lead_to_no_event_are_none(self, target):
        assert split_target(target) is None

    @given(
        st.sampled_from(["", "/", "/zh/", "zh/"]), st.dates(), st.from_regex(r"[a-z\d\u4e00-\u4e20-]+", fullmatch=True)
    )
    def test_are_their_prefix_and_their_path_again(self, prefix, day, name):
        slug = f"news/{day.year:04}/{day.month:02}/{day.day}/{name}"
        assert split_target(prefix + path_of(slug)) == (None if name == "index" else (prefix, slug))


class TestAsTyped:
    @pytest.mark.parametrize(
        "typed",
        [
            SLUG,
            f"/{SLUG}",
            f"{SLUG}.md",
            f"/{SLUG}.md",
            f"  /{SLUG}.md\n",
            f"{SLUG}/",
            SLUG.replace("/", "%2F"),
            SLUG.replace("-", "%2d") + "%2Emd",
        ],
    )
    def test_accepts_a_slug_in_every_form(self, typed):
        assert as_typed(typed) == SLUG

    @pytest.mark.parametrize(
        ("typed", "slug"),
        [
            ("azerspace-1-is-launched", "azerspace-1-is-launched"),
            ("news/2016/10/27/%E5%8C%97%E4%BA%AC", "news/2016/10/27/北京"),
            ("news/2016/10/27/北京.md", "news/2016/10/27/北京"),
            ("news/2013/02/7/a..b", "news/2013/02/7/a..b"),
            ("a.md.md", "a.md"),
            ("a" * 2000, "a" * 2000),
        ],
    )
    def test_accepts_last_parts_names_in_any_script_and_dots_within_them(self, typed, slug):
        assert as_typed(typed) == slug

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            " ",
            "/",
            ".md",
            "%20",
            "..",
            "../../etc/passwd",
            "news/2013/../../secret",
            "%2e%2e",
            "%2e%2e%2fsecret",
            "news/%2E./secret",
            f"{SLUG}\x00",
            f"{SLUG}%00.md",
            "news/2013/02/7/a\nb",
            "news/2013/02/7/a%1bb",
            "news/2013/02/7/a\x7fb",
            "a" * 2001,
        ],
    )
    def test_refuses_what_cannot_be_a_slug(self, typed):
        with pytest.raises(SlugUnknownError) as caught:
            as_typed(typed)
        assert caught.value.nearest == ()
        assert len(str(caught.value)) < 500

    def test_refuses_what_no_file_of_text_can_hold(self):
        """A command's argument that is not UTF-8 reaches Python as a lone surrogate."""
        with pytest.raises(SlugUnknownError):
            as_typed("news/2013/02/7/caf\udce9")

    def test_decodes_once(self):
        assert as_typed("a%252e%252e") == "a%2e%2e"

    @given(st.text(max_size=60))
    def test_gives_a_slug_or_its_own_error_and_a_slug_that_can_be_written(self, typed):
        try:
            slug = as_typed(typed)
        except SlugUnknownError:
            return
        assert slug.encode()
        assert ".." not in slug.split("/")
        assert not slug.startswith("/")
