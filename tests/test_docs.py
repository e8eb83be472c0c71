"""The documents tell the truth: commands, parameters and the README's answer are what the program has."""

import json
import os
import re
from pathlib import Path

import click
import pytest

import models
from api.parameters import KNOWN
from recommender.cli import cli as program
from recommender.measures import score_run
from recommender.parameters import PROFILES, Parameters
from recommender.qrels import Qrels
from recommender.related import Recommender
from recommender.render import as_json

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PROGRAM = {name: program.get_command(None, name) for name in program.list_commands(None)}


@pytest.mark.parametrize("name", sorted(PROGRAM))
def test_every_command_is_documented_and_has_help(name):
    assert PROGRAM[name].help
    assert re.search(rf"^\| `{name} ", COMMANDS, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(PROGRAM))
def test_every_option_is_documented_and_has_help(name):
    options = [parameter for parameter in PROGRAM[name].params if isinstance(parameter, click.Option)]
    names = {name for option in options for name in option.opts if name.startswith("--")}
    undocumented = {name for name in names if name not in COMMANDS and f"`{name.removeprefix('--')}`" not in COMMANDS}
    assert undocumented == set()


def test_the_parameters_of_http_are_documented():
    assert all(f"`{name}`" in COMMANDS for name in KNOWN)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_documented(profile):
    assert f"`{profile}`" in README
    assert f"`{profile}`" in COMMANDS


def test_the_readme_shows_the_answer_that_the_example_gives(recommender: Recommender):
    """Everything that does not depend on the encoder: the tests' index has another than the default."""
    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    answer = as_json(recommender.related(shown["query"]["slug"], Parameters.checked(limit=1)), recommender.index)
    assert shown["query"] == answer["query"]
    assert shown["parameters"] == answer["parameters"]
    assert shown["index"]["events"] == answer["index"]["events"]
    first, expected = answer["related"][0], shown["related"][0]
    for name in ("rank", "slug", "date", "text", "topic", "shared", "days"):
        assert first[name] == expected[name]
    assert list(first) == list(expected)
    assert first["contributions"].keys() == expected["contributions"].keys()
    assert sum(expected["contributions"].values()) == pytest.approx(expected["score"], abs=1e-9)


@pytest.mark.model
def test_the_readme_shows_the_scores_of_the_default_encoder(archive):
    from recommender.building import build_index  # noqa: PLC0415 - the model is loaded in here only

    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    recommender = Recommender(build_index(archive))
    first = as_json(recommender.related(shown["query"]["slug"], Parameters.checked(limit=1)), recommender.index)
    assert first["related"][0]["reason"] == shown["related"][0]["reason"]
    assert first["related"][0]["contributions"] == pytest.approx(shown["related"][0]["contributions"], abs=1e-4)


def is_installed(folder: Path, target: str) -> bool:
    """Whether a file of the packages is where a link from a folder beside them leads."""
    return Path(os.path.normpath(folder / target)).is_file()


def test_links_between_documents_lead_somewhere():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    installed = Path(models.__file__).parents[1] / "docs"  # beside the packages, wherever these are
    broken = [
        (document.name, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#:\s]+\.md)\)", document.read_text(encoding="utf-8"))
        if not target.startswith("/") and "…" not in target
        if not ((document.parent / target).exists() or (target.startswith("../") and is_installed(installed, target)))
    ]
    assert broken == []


def test_the_summary_of_the_twelve_lists_is_that_of_their_rows():
    """Rows, sum and mean of the grades, nDCG@10 and rows of 0, old and new, from the tables above it."""
    document = (ROOT / "docs" / "twelve-lists.md").read_text(encoding="utf-8")
    tables, summary = document.split("## All twelve")
    expected = []
    for table in tables.split("\n## ")[1:]:
        lists: list[dict[str, int]] = [{}, {}]
        for row in re.findall(r"^\| \d+ \|(.*)\|$", table, re.MULTILINE):
            cells = [cell.strip() for cell in row.split("|")]
            for listed, what, grade in zip(lists, cells[::2], cells[1::2], strict=True):
                if what:
                    listed[what] = int(grade[2])
        assert all(lists[1][what] == grade for what, grade in lists[0].items() if what in lists[1])
        judged = Qrels("both lists", {"query": {**lists[0], **lists[1]}})
        numbers = [
            (
                len(listed),
                sum(listed.values()),
                f"{sum(listed.values()) / len(listed):.2f}",
                f"{score_run('list', {'query': list(listed)}, judged).mean('nDCG@10'):.3f}",
                list(listed.values()).count(0),
            )
            for listed in lists
        ]
        expected.append([str(number) for pair in zip(*numbers, strict=True) for number in pair])
    assert len(expected) == 12
    rows = [row.split(" | ")[1:] for row in re.findall(r"^\| (.*) \|$", summary, re.MULTILINE)]
    assert rows[1:13] == expected
    totals = rows[13]
    for column in (0, 1, 2, 3, 8, 9):
        assert int(totals[column]) == sum(int(row[column]) for row in expected)
    for column in (4, 5):
        assert totals[column] == f"{int(totals[column - 2]) / int(totals[column - 4]):.2f}"
    for column in (6, 7):
        assert float(totals[column]) == pytest.approx(sum(float(row[column]) for row in expected) / 12, abs=0.001)
