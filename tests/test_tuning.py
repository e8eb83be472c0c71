"""`tune`: settings found on earlier queries, told on later ones, written to a file that commands read."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees import UNIT
from recommender.errors import ParameterError, QrelsError
from recommender.evaluation import Truth
from recommender.features import GROUPS
from recommender.parameters import Parameters
from recommender.qrels import Qrels
from recommender.tuned import Tuned, read_tuned
from recommender.tuning import (
    STEPS,
    Observation,
    Settings,
    f1,
    lists,
    ndcg,
    observe,
    query_days,
    split_by_time,
    tune,
)


def judged(grades) -> Qrels:
    return Qrels("judged", grades)


@settings(max_examples=25, deadline=None)
@given(
    values=st.fixed_dictionaries(
        {
            "weights": st.dictionaries(st.sampled_from([*GROUPS]), st.sampled_from([0.0, 0.5, 1.5, 3.0])),
            "half_life_days": st.sampled_from([None, 7, 365]),
            "threshold": st.sampled_from([None, 0.1, 0.5]),
            "candidates": st.sampled_from([200, 500]),
        }
    ),
    row=st.integers(0, 278),
)
def test_what_is_tuned_is_what_is_listed(recommender, values, row) -> None:
    parameters = Parameters.checked(**values)
    corpus = recommender.index.corpus
    slug = corpus.slug(row)
    truth = Truth(judged({slug: {slug: 1}}))
    observed = [*observe(recommender, truth, [slug], parameters.candidates)]
    tried = Settings(parameters.candidates, parameters.weights, parameters.half_life_days, parameters.threshold)
    listed = [corpus.slug(int(other)) for _, found in recommender.rankings([row], parameters) for other in found.rows]
    assert lists(recommender.ranker, observed, tried)[slug] == listed


def test_settings_without_anything_are_the_defaults() -> None:
    chosen, defaults = Settings(), Parameters()
    assert (chosen.candidates, chosen.weights) == (defaults.candidates, defaults.weights)
    assert (chosen.half_life_days, chosen.threshold) == (defaults.half_life_days, defaults.threshold)


def observations(truthful: str, count: int) -> tuple[Qrels, list[Observation]]:
    """Queries of which only one group of evidence knows what is relevant; `time` shouts louder and knows nothing."""
    random = np.random.default_rng(0)
    grades, found = {}, []
    for number in range(count):
        relevant = random.permutation(30) < 5
        parts = np.zeros((30, len(GROUPS)), np.int64)
        parts[:, [*GROUPS].index(truthful)] = np.where(relevant, UNIT, 0)
        parts[:, [*GROUPS].index("time")] = random.integers(0, 4 * UNIT, 30)
        slugs = tuple(f"news/2001/01/1/{number}-{place}" for place in range(30))
        query = f"news/2001/01/1/q{number:03}"
        grades[query] = {slug: 3 * int(hit) for slug, hit in zip(slugs, relevant, strict=True)}
        found.append(Observation(query, slugs, parts, np.zeros(30)))
    return judged(grades), found


@pytest.mark.parametrize("truthful", ["names", "entities"])
def test_the_group_that_knows_gains_weight(recommender, truthful) -> None:
    qrels, observed = observations(truthful, 60)
    steps = []
    found = tune(recommender.ranker, qrels, lambda _: observed, progress=lambda: steps.append(1))
    weights = dict.fromkeys(GROUPS, 1.0) | dict(found.weights)
    assert weights[truthful] > weights["time"]
    tuned, defaults = (ndcg(qrels, lists(recommender.ranker, observed, one)) for one in (found, Settings()))
    assert tuned.mean() > defaults.mean() + 0.2
    assert 0 < len(steps) <= STEPS
    assert found == tune(recommender.ranker, qrels, lambda _: observed)


def test_without_evidence_nothing_is_better_than_the_defaults(recommender) -> None:
    qrels, observed = observations("names", 40)
    random = np.random.default_rng(1)
    noise = [Observation(one.query, one.slugs, random.permutation(one.parts), one.apart) for one in observed]
    shuffled = judged({query: dict(zip(documents, random.permutation([*documents.values()]).tolist(), strict=True))
                       for query, documents in qrels.grades.items()})  # fmt: skip
    found = tune(recommender.ranker, shuffled, lambda _: noise)
    assert (found.candidates, found.half_life_days, found.weights) == (250, None, ())


def test_f1_rewards_an_honest_empty_list() -> None:
    qrels = judged({"a": {"x": 3, "y": 2, "z": 0}, "b": {"x": 0, "z": 1, "y": 0}})
    assert f1(qrels, {"a": ["x", "z"], "b": []}).tolist() == [0.5, 1.0]
    assert f1(qrels, {"a": [], "b": ["x"]}).tolist() == [0.0, 0.0]


def test_the_latest_queries_are_held_out_and_what_tells_of_them_is_left_out() -> None:
    queries = {f"q{number:02}": {f"d{number}": 3} for number in range(40)}
    queries["q03"] = {"d39": 3}  # an event that is relevant to the latest query, too
    queries["q04"] = {"q38": 2, "d4": 3}  # a query that is held out
    qrels = judged(queries)
    days = {query: 100 - int(query[1:]) for query in qrels.queries}  # q39 is the earliest
    split = split_by_time(qrels, days, 0.3)
    assert [*split.held_out] == [f"q{number:02}" for number in range(11, -1, -1)]
    assert split.left_out == ("q38", "q39")
    assert {*split.fitted} == {f"q{number:02}" for number in range(12, 38)}


def test_too_few_queries_are_refused() -> None:
    qrels = judged({f"q{number}": {"d": 1} for number in range(12)})
    with pytest.raises(QrelsError, match="at least 10 of each"):
        split_by_time(qrels, dict.fromkeys(qrels.queries, 1), 0.3)


def test_a_query_that_the_archive_does_not_have_is_passed_over(recommender) -> None:
    slug = recommender.index.corpus.slug(3)
    assert [*query_days(recommender, judged({slug: {"d": 1}, "news/1999/01/1/nothing": {"d": 1}}))] == [slug]


def test_the_file_comes_back_as_it_was(tmp_path) -> None:
    values = {"weights": (("time", 0.5),), "half_life_days": 30, "threshold": 0.4, "candidates": 200}
    Tuned(values, {"seed": 0}).save(tmp_path / "tuned.json")
    assert read_tuned(tmp_path / "tuned.json") == Tuned(values, {"seed": 0})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a file that `tune` wrote"),
        ("[]", "a file that `tune` wrote"),
        ('{"parameters": 3}', "a file that `tune` wrote"),
        ('{"parameters": {"limit": 3}}', "limit in"),
        ('{"parameters": {"threshold": 2}}', "threshold"),
        ('{"parameters": {"weights": {"luck": 1}}}', "weights"),
        ("[" * 100_000, "a file that `tune` wrote"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, text, told) -> None:
    (tmp_path / "tuned.json").write_text(text)
    with pytest.raises(ParameterError, match=told):
        read_tuned(tmp_path / "tuned.json")
    with pytest.raises(ParameterError, match="No such file"):
        read_tuned(tmp_path / "missing.json")


@pytest.fixture
def saved(index, tmp_path):
    index.save(tmp_path / "index")
    return tmp_path / "index"


def test_tune_writes_the_same_bytes_for_the_same_seed(command, saved, recommender, tmp_path) -> None:
    corpus = recommender.index.corpus
    lines = []
    for row in range(0, 279, 3):
        listed = next(recommender.rankings([row], Parameters()))[1].rows.tolist()
        lines += [f"{corpus.slug(row)} 0 {corpus.slug(other)} {place % 4}\n" for place, other in enumerate(listed)]
    (tmp_path / "mine.qrels").write_text("".join(lines))
    contents = []
    for name in ("one", "two"):
        asked = ("tune", "--index", saved, "--qrels", tmp_path / "mine.qrels", "--output", tmp_path / name)
        code, out, err = command(*asked)
        assert code == 0, err
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    assert "later ones" in out
    assert "difference" in out
    provenance = json.loads(contents[0])["provenance"]
    assert provenance["queries"]["fitted"] + provenance["queries"]["left_out"] + provenance["queries"]["held_out"] == 93
    assert provenance["index"]["fingerprint"] == recommender.index.manifest.fingerprint


def test_a_list_takes_parameters_from_the_file_unless_they_are_given(command, saved, recommender, tmp_path) -> None:
    slug = recommender.index.corpus.slug(0)
    Tuned({"threshold": 0.9, "half_life_days": 30, "candidates": 200}, {}).save(tmp_path / "tuned.json")
    asked = ("related", slug, "--index", saved, "--format", "json", "--tuned", tmp_path / "tuned.json")
    told = json.loads(command(*asked)[1])["parameters"]
    assert (told["threshold"], told["half_life_days"], told["candidates"]) == (0.9, 30, 200)
    told = json.loads(command(*asked, "--threshold", "0.1")[1])["parameters"]
    assert (told["threshold"], told["half_life_days"]) == (0.1, 30)


def test_tune_says_in_one_sentence_what_is_missing(command, saved, tmp_path) -> None:
    (tmp_path / "few.qrels").write_text("news/2001/01/1/a 0 news/2001/01/1/b 1\n")
    code, _, err = command("tune", "--index", saved, "--qrels", tmp_path / "few.qrels", "--output", tmp_path / "out")
    assert code == 2
    assert "at least 10 of each" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
    code, _, err = command("tune", "--index", saved, "--output", tmp_path / "no" / "out")
    assert code == 2
    assert "output" in err
