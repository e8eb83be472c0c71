"""Imports run one way: models ← recommender ← api, and within recommender from the leaves up."""

import ast
from importlib.resources import files
from pathlib import Path

import pytest

# The installed packages, so that the same test looks into the wheel and into a checkout.
ROOT = Path(str(files("recommender"))).parent
LAYERS = ("models", "recommender", "api")
ABOVE = {"models": {"recommender", "api"}, "recommender": {"api"}, "api": set()}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def modules(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


@pytest.mark.parametrize("layer", LAYERS)
def test_no_module_imports_a_layer_above(layer):
    assert modules(layer)
    upward = {
        (str(path.relative_to(ROOT)), name)
        for path in modules(layer)
        for name in imported(path)
        if name.split(".")[0] in ABOVE[layer]
    }
    assert upward == set()


def test_no_module_imports_its_own_package_face():
    """Only whole modules come from the package itself, and the version, which stands nowhere else."""
    faces = {
        (path.name, f"{node.module}.{alias.name}")
        for layer in LAYERS
        for path in modules(layer)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module == layer or node.level)
        for alias in node.names
        if not (ROOT / layer / f"{alias.name}.py").exists() and alias.name != "__version__"
    }
    assert faces == set()


def test_modules_of_the_recommender_form_no_circle():
    graph = {}
    for path in modules("recommender"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        graph[name] = {other for other in imported(path) if other.startswith("recommender.")}
    done: set[str] = set()
    while graph:
        free = {name for name, others in graph.items() if not (others & graph.keys()) - {name}}
        assert free, f"a circle among {sorted(graph)}"
        done |= free
        graph = {name: others for name, others in graph.items() if name not in free}


def test_click_flask_and_learned_models_stay_where_they_belong():
    homes = {
        "flask": {"api"},
        "granian": {"api"},
        "jinja2": {"recommender"},
        "torch": {"models"},
        "sklearn": {"models"},
        "sentence_transformers": {"models"},
    }
    strays = {
        (str(path.relative_to(ROOT)), name)
        for layer in LAYERS
        for path in modules(layer)
        for name in imported(path)
        if name.split(".")[0] in homes and layer not in homes[name.split(".")[0]]
    }
    assert strays == set()
