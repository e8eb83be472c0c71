"""Context entities: who has which, known from where, and how rare."""

import math

import numpy as np
import pytest
from worlds import World, day_item, link, page, record, world

from recommender.entities import EntityIndex
from recommender.evidence import Source

OWN, NAMED, DAY, SPOTTED = Source.OWN_LIST, Source.NAMED, Source.DAY_PAGE, Source.SPOTTED

ARIANE = ("2013-02-07", "An Ariane takes off")
VEGA = ("2012-02-13", "A Vega takes off")
SOYUZ = ("2011-10-21", "A Soyuz takes off")
GALILEO = ("2016-12-15", "Galileo is switched on")


class TestCommon:
    def test_entities_are_those_that_both_events_have_by_the_sources(self):
        seen = world(
            page(*ARIANE, [link(*VEGA, "ESA, Kourou")]),
            page(*VEGA),
            day_items=[day_item(*VEGA, "ESA, Kourou, Vega")],
        )
        one, other = seen.row(ARIANE), seen.row(VEGA)
        assert seen.labels(seen.entities.common(one, other)) == {"ESA", "Kourou"}
        assert seen.labels(seen.entities.common(one, other, OWN | DAY)) == {"ESA", "Kourou"}
        assert seen.entities.common(one, other, OWN).tolist() == []
        assert seen.entities.common(one, other, DAY).tolist() == []

    def test_entities_are_counted_once_in_ascending_order_from_either_side(self):
        records = [record(*ARIANE, "Vega", "ESA", "Kourou"), record(*VEGA, "Kourou", "Vega", "Italy")]
        seen = world(page(*ARIANE), page(*VEGA), records=records)
        one, other = seen.row(ARIANE), seen.row(VEGA)
        both = seen.entities.common(one, other)
        assert [seen.entities.labels[int(entity)] for entity in both] == ["Kourou", "Vega"]
        assert both.tolist() == seen.entities.common(other, one).tolist() == sorted(both)


class TestPostings:
    @pytest.fixture
    def seen(self) -> World:
        """Kourou has three events, Arianespace two, Vega none of its own list."""
        return world(
            page(*ARIANE, [link(*VEGA, "Arianespace, Kourou"), link(*SOYUZ, "Kourou")]),
            page(*VEGA),
            page(*SOYUZ),
            page(*GALILEO),
        )

    def test_are_rows_that_have_the_entity_ascending(self, seen):
        labels = list(seen.entities.labels)
        rows = sorted(map(seen.row, (ARIANE, VEGA, SOYUZ)))
        assert seen.entities.postings(labels.index("Kourou")).tolist() == rows
        assert seen.entities.postings(labels.index("Kourou"), OWN).tolist() == [seen.row(ARIANE)]
        assert seen.entities.postings(labels.index("Arianespace"), SPOTTED).tolist() == []

    def test_agree_with_the_events_entities(self, seen):
        index = seen.entities
        for sources in (OWN, NAMED, OWN | NAMED, 15):
            forward = {(row, int(e)) for row in range(index.events) for e in index.entities(row, sources)}
            backward = {(int(row), e) for e in range(len(index)) for row in index.postings(e, sources)}
            assert forward == backward

    def test_make_rare_entities_weigh_more(self, seen):
        labels = list(seen.entities.labels)
        idf = seen.entities.idf()
        assert idf[labels.index("Kourou")] == pytest.approx(math.log(1 + 4 / 3))
        assert idf[labels.index("Arianespace")] == pytest.approx(math.log(1 + 4 / 2))

    def test_of_an_archive_that_prints_nothing_are_none(self):
        seen = world(page(*ARIANE), page(*VEGA))
        assert (len(seen.entities), seen.entities.events) == (0, 2)
        assert seen.entities.idf().tolist() == []
        assert seen.entities.query(0).entities.tolist() == []

    def test_do_not_depend_on_the_order_of_pages(self):
        pages = [
            page(*ARIANE, [link(*VEGA, "Arianespace, Kourou")]),
            page(*VEGA, [link(*SOYUZ, "Kourou")]),
            page(*SOYUZ),
        ]
        one, other = world(*pages).entities, world(*pages[::-1]).entities
        for field in EntityIndex.__dataclass_fields__:
            if field != "labels":
                np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
        assert list(one.labels) == list(other.labels)
