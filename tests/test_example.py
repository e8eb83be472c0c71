"""The example archive: it is found wherever the package lies, and its pages are what the site would have made."""

import re
from pathlib import Path

import numpy as np
import pytest
from worlds import REAL_PAGES

from recommender import __version__, example
from recommender.archive import read_archive
from recommender.day_page import parse_day_page
from recommender.errors import ArchiveError
from recommender.evidence import PRINTED, Source
from recommender.example import example_archive, example_index
from recommender.slugs import path_of


class TestWhereItLies:
    @pytest.fixture
    def package(self, tmp_path, monkeypatch) -> Path:
        """A package without any archive."""
        folder = tmp_path / "site" / "recommender"
        folder.mkdir(parents=True)
        monkeypatch.setattr(example, "files", lambda name: tmp_path / "site" / name)
        return folder

    def test_is_in_the_package_where_a_wheel_was_installed(self, package):
        (package / "example_archive").mkdir()
        (package.parent / "examples" / "archive").mkdir(parents=True)
        assert example_archive() == package / "example_archive"

    def test_is_beside_the_package_in_a_checkout(self, package):
        (package.parent / "examples" / "archive").mkdir(parents=True)
        assert example_archive() == package.parent / "examples" / "archive"

    def test_is_told_where_it_is_missing(self, package):
        with pytest.raises(ArchiveError, match="the example archive is missing from this installation; install"):
            example_archive()

    def test_has_its_index_in_the_user_s_cache_by_version(self, monkeypatch, tmp_path):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert example_index() == tmp_path / "related-events" / f"example-{__version__}"
        assert not example_index().exists(), "asking where it lies makes nothing"


def site_slug(text: str) -> str:
    """DESIGN 2.7, the later form: of the first 140 characters as printed, for texts in ASCII."""
    return re.sub(r"[^a-z0-9]+", "-", text[:140].lower()).strip("-")


class TestPages:
    def test_are_enough_to_show_something_and_all_read(self, archive):
        assert len(archive.pages) > 250
        assert archive.skipped == ()
        assert len({page.event.date.year for page in archive.pages}) > 10

    def test_bear_the_slugs_that_the_site_gives(self, archive):
        plain = [page for page in archive.pages if page.event.text.isascii() and page.event.text[0] != " "]
        assert len(plain) > 200
        for page in plain:
            assert page.event.slug.rsplit("/", 1)[-1] == site_slug(page.event.text)

    def test_have_lists_of_at_most_ten_whose_links_lead_to_events(self, archive):
        paths = {path_of(page.event.slug) for page in archive.pages}
        for page in archive.pages:
            assert 0 < len(page.related) <= 10
            assert {link.target.removeprefix("/") for link in page.related} <= paths - {path_of(page.event.slug)}
            assert all(link.context for link in page.related)

    def test_are_each_shown_by_their_day_page_mostly_with_labels(self, archive, archive_folder):
        items = {item.target.removeprefix("/"): item.context for item in archive.day_items}
        assert items.keys() == {path_of(page.event.slug) for page in archive.pages}
        assert 0.8 * len(items) < sum(map(bool, items.values())) < len(items)
        for page in archive.pages:
            day = archive_folder / path_of(page.event.slug)
            shown = parse_day_page((day.parent / "index.md").read_text(encoding="utf-8"))
            assert f"/{path_of(page.event.slug)}" in {item.target for item in shown}

    def test_print_headlines_in_lists_as_on_their_own_page(self, archive):
        texts = {f"/{path_of(page.event.slug)}": page.event.text for page in archive.pages}
        for page in archive.pages:
            assert [link.text for link in page.related] == [texts[link.target] for link in page.related]

    def test_have_what_the_site_s_pages_have(self, archive):
        """A leading or trailing blank, a topic line, a day of one digit: what readers must get right."""
        texts = [page.event.text for page in archive.pages]
        assert any(text != text.strip() for text in texts)
        assert any(page.event.topic for page in archive.pages)
        assert any(re.search(r"/\d/", page.event.slug) for page in archive.pages)

    def test_tell_their_entities_in_every_way_there_is(self, index):
        """By their own list, by lists that name them, on their day page, in their headline; nobody imported them."""
        rows = range(len(index.corpus))
        told = np.concatenate([index.entities.sources_of(row) for row in rows])
        assert all((told & source).any() == (source != Source.RECORD) for source in Source)
        assert all(len(index.entities.entities(row, PRINTED)) for row in rows)

    @pytest.mark.realdata
    def test_share_no_sentence_with_the_real_pages(self, real_data, archive):
        """Those are under another licence, and used only where they lie."""
        real = read_archive(REAL_PAGES.resolve(), skip_bad=True)
        sentences = {
            sentence.strip().lower()
            for page in real.pages
            for text in (page.event.text, *(link.text for link in page.related))
            for sentence in text.split(". ")
            if len(sentence.split()) > 5
        }
        assert len(sentences) > 200
        ours = {sentence.strip().lower() for page in archive.pages for sentence in page.event.text.split(". ")}
        assert not sentences & ours
