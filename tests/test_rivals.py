"""The rivals of `extend`: each by its own rule, on a world small enough to reckon by hand."""

import importlib
import json
import math
import re

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.sparse import csr_matrix
from worlds import page, recommender_of, slug_of

for needed in ("bm25s", "Stemmer"):
    pytest.importorskip(needed, reason=f"{needed} is needed for the comparison with rivals only")
rival_rankings = pytest.importorskip("rival_rankings", reason="benchmarks/ is not beside the tests")
command = importlib.import_module("rivals")

FERRY = ("2015-06-10", "A ferry sinks off Kos")
SAME_TAGS = ("2015-07-01", "Divers find a wreck")
TWO_THIS_YEAR = ("2015-05-01", "Ferries race to Kos harbour")
TWO_LATE = ("2014-08-01", "Tourists leave Kos")
TWO_EARLY = ("2014-03-02", "Storm floods villages")
ONE_THIS_YEAR = ("2015-01-05", "Athens votes")
ONE = ("2013-04-04", "An airport opens")
NONE = ("2015-06-01", "Oslo opens a library")
TAGS = {
    FERRY: "Aegean Sea, Greece, Kos",
    SAME_TAGS: "Aegean Sea, Greece, Kos",
    TWO_THIS_YEAR: "Aegean Sea, Kos",
    TWO_LATE: "Greece, Kos",
    TWO_EARLY: "Greece, Kos",
    ONE_THIS_YEAR: "Greece",
    ONE: "Kos",
    NONE: "Norway",
}
IDF = {"Aegean Sea": math.log(8 / 3), "Greece": math.log(8 / 5), "Kos": math.log(8 / 6), "Norway": math.log(8)}


@pytest.fixture(scope="module")
def recommender():
    return recommender_of([page(*event) for event in TAGS], TAGS)


@pytest.fixture(scope="module")
def aegean(recommender):
    return rival_rankings.Rivals.of(recommender.index)


def row_of(rivals, event):
    return rivals.index.corpus.row(slug_of(*event))


def listed(rivals, ranking, query=FERRY):
    row = row_of(rivals, query)
    events = [rivals.index.corpus.event(other) for other in rival_rankings.order(ranking(rivals, row), row)]
    return [(event.date.isoformat(), event.text) for event in events]


def score(rivals, ranking, event, query=FERRY):
    return ranking(rivals, row_of(rivals, query))[row_of(rivals, event)]


def test_a_list_leaves_out_the_query_and_what_has_no_score_and_takes_equals_by_row():
    assert rival_rankings.order(np.array([1.0, 2.0, 0.0, 2.0, 9.0, -1.0, 1.0 + 1e-12]), 4) == [1, 3, 0, 6]
    assert rival_rankings.order(np.array([1.0, 2.0, 3.0]), 0, limit=1) == [2]


def test_hugo_wants_a_tag_in_common_and_prefers_more_of_them_then_the_year_then_the_newer(aegean):
    older = [TWO_THIS_YEAR, TWO_LATE, TWO_EARLY, ONE_THIS_YEAR, ONE]  # weights 170, 160, 160, 90, 80
    assert listed(aegean, rival_rankings.hugo) == older
    assert listed(aegean, rival_rankings.hugo_newer) == [SAME_TAGS, *older]


def test_hugo_weighs_as_in_its_own_example():
    """The four pages and two searches of `TestSearch` in Hugo's related/inverted_index_test.go."""
    weights = rival_rankings.hugo_weights
    by_tags = weights({50: np.array([3, 2, 1, 0])}, heaviest=65, threshold=90)
    assert by_tags.tolist() == [150, 100, 0, 0]
    by_both = weights({50: np.array([2, 1, 1, 0]), 65: np.array([0, 0, 1, 2])}, heaviest=65, threshold=90)
    assert by_both.tolist() == [100, 0, 115, 130]


def test_gorse_weighs_common_labels_by_rarity_and_shrinks_few(aegean):
    assert score(aegean, rival_rankings.gorse, SAME_TAGS) == 1.0
    common, whole = IDF["Aegean Sea"] + IDF["Kos"], IDF["Aegean Sea"] + IDF["Greece"] + IDF["Kos"]
    expected = common * 2 / (math.sqrt(common) * math.sqrt(whole) * 102)
    assert score(aegean, rival_rankings.gorse, TWO_THIS_YEAR) == pytest.approx(expected)
    assert score(aegean, rival_rankings.gorse, NONE) == 0.0
    assert listed(aegean, rival_rankings.gorse) == [
        SAME_TAGS, TWO_THIS_YEAR, TWO_EARLY, TWO_LATE, ONE_THIS_YEAR, ONE
    ]  # fmt: skip


def test_gorse_gives_one_for_equal_labels_only(aegean):
    assert score(aegean, rival_rankings.gorse, FERRY, query=TWO_LATE) < 1.0  # all of one's labels, not of the other's
    assert score(aegean, rival_rankings.gorse, TWO_EARLY, query=TWO_LATE) == 1.0


def test_entities_are_a_cosine_of_rarities(aegean):
    assert score(aegean, rival_rankings.entities, SAME_TAGS) == pytest.approx(1.0)
    rarity = {label: math.log1p(8 / count) for label, count in (("Aegean Sea", 3), ("Greece", 5), ("Kos", 6))}
    expected = rarity["Kos"] / math.sqrt(sum(value**2 for value in rarity.values()))
    assert score(aegean, rival_rankings.entities, ONE) == pytest.approx(expected, abs=1e-6)


def test_jekyll_lists_the_newest_for_every_page(aegean):
    newest = [SAME_TAGS, FERRY, NONE, TWO_THIS_YEAR, ONE_THIS_YEAR, TWO_LATE, TWO_EARLY, ONE]
    assert listed(aegean, rival_rankings.jekyll) == [event for event in newest if event != FERRY]
    assert listed(aegean, rival_rankings.jekyll, query=ONE) == newest[:-1]


def test_words_count_by_their_stems_and_rarity(aegean):
    assert listed(aegean, rival_rankings.bm25) == [TWO_THIS_YEAR, TWO_LATE]  # ferries and Kos; Kos
    assert listed(aegean, rival_rankings.bm25_tags)[:2] == [TWO_THIS_YEAR, SAME_TAGS]
    assert listed(aegean, rival_rankings.tfidf) == [TWO_LATE, TWO_THIS_YEAR]  # no stems: Kos, in the shorter text first
    assert listed(aegean, rival_rankings.jekyll_lsi) == [TWO_THIS_YEAR, TWO_LATE]


def test_a_text_without_words_has_no_list():
    recommender = recommender_of([page("2015-06-10", "It is"), page("2015-06-11", "Kos votes")])
    assert listed(rival_rankings.Rivals.of(recommender.index), rival_rankings.bm25, query=("2015-06-10", "It is")) == []


def test_association_is_a_logarithm_over_the_entropy_of_the_words():
    matrix = rival_rankings.association(["Ferries, a ferry: Kos", "Kos", "of it"]).toarray()
    entropy = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert matrix == pytest.approx(np.array([[math.log(3) / entropy, math.log(2) / entropy], [0, 1], [0, 0]]))


def test_latent_vectors_bring_together_what_shares_words_with_the_same(monkeypatch):
    monkeypatch.setattr(rival_rankings, "LSI_COMPONENTS", 2)
    boats = [[1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0]]  # the first and the last share no word
    votes = [[0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1]]
    vectors = rival_rankings.latent_vectors(csr_matrix(np.array(boats + votes, float)))
    products = (vectors @ vectors.T).round(6)
    assert (products[:3, :3] == 1.0).all()
    assert (products[:3, 3:] == 0.0).all()


def test_lsi_is_a_cosine(aegean):
    assert score(aegean, rival_rankings.lsi, FERRY) == pytest.approx(1.0)
    assert listed(aegean, rival_rankings.lsi)[0] == TWO_LATE


def test_fusion_adds_up_reciprocal_ranks(aegean):
    row, expected = row_of(aegean, FERRY), 0.0
    for ranking in (rival_rankings.bm25, rival_rankings.text_cosine, rival_rankings.entities):
        rows = rival_rankings.order(ranking(aegean, row), row, 100)
        expected += 1 / (61 + rows.index(row_of(aegean, TWO_THIS_YEAR)))
    assert score(aegean, rival_rankings.rrf, TWO_THIS_YEAR) == pytest.approx(expected)


def test_the_hand_set_score_fades_by_a_fifth():
    twins = [("2015-01-01", "Kos votes"), ("2015-05-01", "Kos votes")]
    rivals = rival_rankings.Rivals.of(
        recommender_of([page(*event) for event in twins], dict.fromkeys(twins, "Kos")).index
    )
    expected = (1 + 0.5 + 0.5) * (0.8 + 0.2 * math.exp(-1))  # 120 days apart
    assert score(rivals, rival_rankings.hand_set, twins[1], query=twins[0]) == pytest.approx(expected, abs=1e-6)


@pytest.fixture(scope="module")
def arguments(recommender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rivals")
    recommender.index.save(folder / "index")
    query = slug_of(*FERRY)
    grades = {SAME_TAGS: 3, TWO_THIS_YEAR: 2, NONE: 0}
    (folder / "read.qrels").write_text("".join(f"{query} 0 {slug_of(*event)} {grades[event]}\n" for event in grades))
    of_2014 = f"{slug_of(*TWO_LATE)} 0 {slug_of(*TWO_EARLY)} 1"
    (folder / "told.qrels").write_text(f"{of_2014}\n{query} 0 {slug_of(*SAME_TAGS)} 1\n")
    files = ("--index", folder / "index", "--qrels", folder / "read.qrels", "--stories", folder / "told.qrels")
    return [*map(str, files), "--year", "2014"]


def run(*arguments):
    done = CliRunner().invoke(command.main, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_numbers_are_those_of_the_lists(arguments):
    read, told = json.loads(run(*arguments, "--format", "json"))
    assert (read["queries"], told["queries"], told["qrels"]) == (1, 1, "told of 2014")
    means = {row["name"]: row["means"] for row in read["runs"]}
    assert means.keys() == {"extend", "reproduce", "cosine", *rival_rankings.RIVALS}
    assert means["Gorse"]["nDCG@10"]["mean"] == 1.0
    second = (3 / math.log2(2)) / (7 / math.log2(2) + 3 / math.log2(3))  # Hugo leaves out what is newer
    assert means["Hugo"]["nDCG@10"]["mean"] == pytest.approx(second, abs=1e-6)
    assert means["Hugo"]["Judged@10"]["mean"] == pytest.approx(1 / 5)


def test_tables_have_a_row_a_ranking_the_best_first(arguments):
    rows = run(*arguments).split("\n\n")[1].splitlines()
    assert rows[0].split() == [
        "ranking",
        "nDCG@10",
        "extend",
        "minus",
        "it",
        "Judged@10",
        "condensed",
        "extend",
        "minus",
        "it",
    ]
    values = [float(re.search(r"(\d\.\d{3}) ±", row)[1]) for row in rows[1:]]
    assert len(values) == 3 + len(rival_rankings.RIVALS)
    assert values == sorted(values, reverse=True)
    assert run(*arguments, "--format", "markdown").count("| Hugo, newer too | ") == 2
