"""The house's rules, read from the source: who may import whom, and how long a file may be."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import gnviz

HOUSE = Path(gnviz.__file__).parent
APP = HOUSE.parent / "app"
FILES = sorted(HOUSE.rglob("*.py")) + sorted(APP.rglob("*.py"))

ORDER = [
    "knobs", "methods", "losses", "activations", "data", "experiment", "problem", "results", "manifold",
    "dynamics", "jobs", "analysis", "sweeps", "views", "lessons", "export", "library", "lab",
]  # fmt: skip
"""The rooms along the data flow: each may import those before it."""

MAY = {room: set(ORDER[:i]) for i, room in enumerate(ORDER)}
for kinds in ("methods", "losses", "activations", "data"):
    MAY[kinds] = {"knobs"}
MAY["results"] = {"knobs", "experiment"}
MAY["analysis"] = {"knobs", "methods", "experiment", "results"}
MAY["sweeps"] = {"knobs", "methods", "experiment", "results", "dynamics", "jobs", "analysis"}
MAY["views"] = MAY["analysis"] | {"analysis", "data"}  # what a label is
MAY["lessons"] = MAY["views"] | {"views"}
MAY["export"] = MAY["lessons"] | {"lessons"}  # runs are taken away as they are: it makes none
MAY["library"] = MAY["lessons"]
MAY["report"] = MAY["lessons"] | {"lessons", "losses", "activations", "data"}
MAY["verify"] = set(ORDER[:10]) | {"analysis", "lessons"}
MAY["cli"] = set(ORDER) | {"report", "verify"}
MAY["app"] = {"lab", "jobs", "experiment", "knobs"}

ONLY = {"panel": {"lab", "app"}, "panel_material_ui": {"lab", "app"}, "holoviews": {"views", "lab"},
        "bokeh": {"views", "lab"}, "plotly": {"views", "lab"},
        "torch": {"losses", "activations", "data", "problem", "manifold", "dynamics", "verify"},
        "distributed": {"jobs/dask.py", "jobs/on_dask.py"}, "dask": {"jobs/dask.py", "jobs/on_dask.py"},
        "numba": {"dynamics/compiled"}, "llvmlite": {"dynamics/compiled"}}  # fmt: skip
"""Libraries that belong to certain rooms, or to a folder of one; kinds import torch only when used."""

MAX_LINES = 400


def room(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return parts[0] if parts[0] == "app" else parts[1]


def module(path: Path) -> str:
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
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


def test_rooms_import_along_the_flow_only():
    assert {room(path) for path in FILES} - {"__init__"} <= set(MAY), "a room is missing in ORDER"
    wrong = []
    for path in FILES:
        here = room(path)
        if here != "__init__":
            rooms = {name.split(".")[1] for name in imports(path) if name.startswith("gnviz.")}
            public = set(gnviz.__all__) - set(MAY)  # names, not rooms
            wrong += [(name_of(path), to) for to in sorted(rooms - MAY[here] - {here} - public)]
    assert not wrong


def test_libraries_stay_in_their_rooms():
    wrong = []
    for path in FILES:
        used = {name.split(".")[0] for name in imports(path)}
        folder = "/".join(path.relative_to(HOUSE).parts[:2]) if HOUSE in path.parents else ""
        homes = {room(path), folder}
        wrong += [(name_of(path), library) for library in used & set(ONLY) if not homes & ONLY[library]]
    assert not wrong


def test_only_backends_name_a_plotting_library():
    views = [path for path in FILES if room(path) == "views" and "backends" not in path.parts]
    plotting = {"holoviews", "bokeh", "plotly"}
    assert len(views) > 15
    assert not {name_of(p) for p in views if plotting & {name.split(".")[0] for name in imports(p)}}


def test_files_are_short():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: count for name, count in lines.items() if count > MAX_LINES}


def graph(lazy: bool) -> dict[str, set[str]]:
    """Return for each module those that it imports."""
    names = {module(path): path for path in FILES}
    found = {
        name: {
            target
            for imported in imports(path, lazy)
            for target in (imported, imported.rpartition(".")[0])
            if target in names and target != name
        }
        for name, path in names.items()
    }
    for name in found:  # the package itself is imported before any module in it
        found[name] -= {name.rpartition(".")[0], "gnviz"}
    return found


def in_or_above_a_cycle(found: dict[str, set[str]]) -> set[str]:
    done: set[str] = set()
    while ready := {name for name in found if name not in done and found[name] <= done}:
        done |= ready
    return set(found) - done


def in_a_cycle(found: dict[str, set[str]]) -> set[str]:
    """Return the modules of all cycles: what is above one is no part of it."""
    left = in_or_above_a_cycle(found)
    return in_or_above_a_cycle({name: {n for n in left if name in found[n]} for name in left})


def test_no_import_cycles():
    assert not in_a_cycle(graph(lazy=False))


def test_no_cycles_of_imports_inside_functions():
    assert not in_a_cycle(graph(lazy=True))


def without_torch() -> list[str]:
    """Every module outside the rooms that compute."""
    skip = {"problem", "manifold", "dynamics", "verify", "app", "__init__"}
    return [module(p) for p in FILES if room(p) not in skip]


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


MANY = 3
"""Arguments from which on a public function says what each is."""

TERSE = "lab/"
"""The room where it need not: its arguments are widgets."""


def public_functions(path: Path) -> list[tuple[ast.FunctionDef, bool]]:
    """Public functions of a file, and methods of its public classes; whether each is a method."""
    found, places = [], [ast.parse(path.read_text(encoding="utf-8"))]
    while places:
        place = places.pop()
        inside = [n for n in place.body if not getattr(n, "name", "_").startswith("_")]
        found += [(n, isinstance(place, ast.ClassDef)) for n in inside if isinstance(n, ast.FunctionDef)]
        places += [n for n in inside if isinstance(n, ast.ClassDef)]
    return found


def test_public_functions_of_many_arguments_say_what_each_is():
    """In the docstring's Args; a method need not whose namesake in another class does, for the same ones."""
    said, silent = set(), []
    for path in FILES:
        if str(path.relative_to(HOUSE.parent)).removeprefix("gnviz/").startswith(TERSE):
            continue
        for function, method in public_functions(path):
            given = function.args
            names = tuple(a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs))
            if len(set(names) - {"self", "cls"}) < MANY:
                continue
            if "Args:" in (ast.get_docstring(function) or ""):
                said.add((function.name, names, method))
            else:
                silent.append((function.name, names, method, f"{path.name}:{function.lineno}"))
    unsaid = [where for *which, where in silent if not which[2] or tuple(which) not in said]
    assert not unsaid, f"no Args in the docstrings at {unsaid}"
    assert len(said) > 100
