"""The documents tell the truth: commands, parameters and the README's answer are what the program has."""

import json
import re
from pathlib import Path

import click
import pytest

from api.parameters import KNOWN
from recommender.cli import cli as program
from recommender.parameters import PROFILES, Parameters
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


def test_links_between_documents_lead_somewhere():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    broken = [
        (document.name, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#:\s]+\.md)\)", document.read_text(encoding="utf-8"))
        if not target.startswith("/") and "…" not in target and not (document.parent / target).exists()
    ]
    assert broken == []
