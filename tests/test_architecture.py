"""The house's rules, read from the source: who may import whom, and how long a file may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gnviz

HOUSE = Path(gnviz.__file__).parent
APP = HOUSE.parent / "app"
FILES = sorted(HOUSE.rglob("*.py")) + sorted(APP.rglob("*.py"))

ORDER = [
    "knobs", "methods", "experiment", "problem", "results", "manifold", "dynamics", "jobs", "analysis",
    "views", "lab",
]  # fmt: skip
"""The rooms along the data flow: each may import those before it."""

MAY = {room: set(ORDER[:i]) for i, room in enumerate(ORDER)}
MAY["results"] = {"knobs", "experiment"}
MAY["analysis"] = {"knobs", "methods", "experiment", "results"}
MAY["views"] = MAY["analysis"] | {"analysis"}
MAY["report"] = MAY["views"]
MAY["verify"] = set(ORDER[:7]) | {"analysis"}
MAY["cli"] = set(ORDER) | {"report", "verify"}
MAY["app"] = {"lab", "jobs", "experiment", "knobs"}

ONLY = {"panel": {"lab", "app"}, "panel_material_ui": {"lab", "app"}, "holoviews": {"views", "lab"},
        "bokeh": {"views", "lab"}, "plotly": {"views", "lab"},
        "torch": {"problem", "manifold", "dynamics", "verify"},
        "numba": {"dynamics/compiled"}, "llvmlite": {"dynamics/compiled"}}  # fmt: skip
"""Libraries that belong to certain rooms, or to a folder of one."""

MAX_LINES = 400


def room(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return parts[0] if parts[0] == "app" else parts[1]


def module(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, lazy: bool = True) -> list[str]:
    """Dotted names imported by a file; without `lazy`, only those that importing it runs."""
    names = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif not lazy and (
            isinstance(node, (ast.FunctionDef, ast.Lambda))
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        ):
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return names


def name_of(path: Path) -> str:
    return str(path.relative_to(HOUSE.parent))


@pytest.mark.parametrize("path", [p for p in FILES if room(p) != "__init__"], ids=name_of)
def test_rooms_import_along_the_flow_only(path):
    here = room(path)
    assert here in MAY, f"{here} is not in the order of rooms: add it to ORDER"
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("gnviz.")}
    wrong = rooms - MAY[here] - {here, *gnviz.__all__}
    assert not wrong, f"{name_of(path)} imports {sorted(wrong)}; {here} may import {sorted(MAY[here])}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_libraries_stay_in_their_rooms(path):
    used = {name.split(".")[0] for name in imports(path)}
    folder = "/".join(path.relative_to(HOUSE).parts[:2]) if HOUSE in path.parents else ""
    wrong = {library for library in used & set(ONLY) if not {room(path), folder} & ONLY[library]}
    assert not wrong, f"{name_of(path)} imports {wrong}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_no_import_cycles():
    names = {module(path): path for path in FILES}
    graph = {
        name: {
            target
            for imported in imports(path, lazy=False)
            for target in (imported, imported.rpartition(".")[0])
            if target in names and target != name
        }
        for name, path in names.items()
    }
    for name in graph:  # the package itself is imported before any module in it
        graph[name] -= {name.rpartition(".")[0], "gnviz"}
    done: set[str] = set()
    while ready := {name for name in graph if name not in done and graph[name] <= done}:
        done |= ready
    assert not set(graph) - done, f"in or above a cycle: {sorted(set(graph) - done)}"


def without_torch() -> list[str]:
    """Every module outside the rooms that compute."""
    skip = {"problem", "manifold", "dynamics", "verify", "app", "__init__"}
    return ["gnviz.problem.tables.read", *(module(p) for p in FILES if room(p) not in skip)]


def test_looking_at_results_never_imports_torch():
    code = f"""
import importlib, sys
for name in {without_torch()!r}:
    importlib.import_module(name)
    assert "torch" not in sys.modules, name + " imports torch"
"""
    subprocess.run([sys.executable, "-W", "error::ImportWarning", "-c", code], check=True, timeout=120)


def test_the_command_line_starts_without_heavy_libraries():
    code = """
import sys
from gnviz.cli import main
assert main(["list"]) == 0
heavy = {"torch", "panel", "holoviews", "bokeh", "plotly", "xarray", "pandas", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, stdout=subprocess.DEVNULL)
