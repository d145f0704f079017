"""Every command that the documentation writes down is one that there is, with options that it takes.

Commands that need no server, cluster or network are run, with smaller numbers.
"""

import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from panel.command.serve import Serve
from sweeps.here import Here

from gnviz import cli
from gnviz.cli.arguments import Parser
from gnviz.cli.commands import parse, parser
from gnviz.cli.files import read_experiment
from gnviz.lessons import lesson

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = "gnviz|panel|python|dask|podman|pre-commit"
ASSIGNED = re.compile(r"^([A-Z_]+=\S*\s+)+")
SMALL = [
    "--set=data.n=4",
    "--set=network.width=8",
    "--set=clock.snapshots=6",
    "--set=data.condition=1e3",
    "--quiet",
]


def commands(text: str) -> list[str]:
    """The commands of a page's blocks of shell and of its sentences, each once, without variables before."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(
        r"(?:^    \S.*\n)+", text, re.MULTILINE
    )
    blocks = [re.sub(r"\s+#.*$", "", block.replace("\\\n", " "), flags=re.MULTILINE) for block in blocks]
    lines = [part for block in blocks for line in block.splitlines() for part in line.split("&&")]
    inline = [part for words in re.findall(r"`([^`\n]+)`", text) for part in words.split("&&")]
    found = [ASSIGNED.sub("", part.strip()) for part in (*lines, *inline)]
    return list(dict.fromkeys(part for part in found if re.match(rf"({PROGRAMS}) [\w.-]", part)))


WRITTEN = {
    f"{path.relative_to(ROOT)}: {command}": command
    for path in PAGES
    if "_build" not in path.parts and not (path.parent.name == "lessons" and path.stem != "index")
    for command in commands(path.read_text(encoding="utf-8"))
}


def test_commands_are_found():
    programs = {command.split()[0] for command in WRITTEN.values()}
    assert programs == set(PROGRAMS.split("|"))
    assert len({command.split()[1] for command in WRITTEN.values() if command.startswith("gnviz ")}) >= 7


@pytest.mark.parametrize("command", WRITTEN.values(), ids=WRITTEN)
def test_a_command_is_one_that_there_is(command):
    program, *arguments = shlex.split(command.removesuffix(" ..."))
    {"gnviz": gnviz, "panel": panel, "python": python, "dask": dask, "podman": podman, "pre-commit": hooks}[
        program
    ](arguments)


def gnviz(arguments):
    if len(arguments) == 1:  # a sentence that names it
        assert arguments[0] in commands_there()
        return
    asked = parse(arguments)
    if "rest" in asked:
        files = [
            argument for argument in asked.rest if argument.endswith(".py")
        ]  # run before the page is served
        serve([*(argument for argument in asked.rest if argument not in files), str(ROOT / "app")])
    named = getattr(asked, "lesson", [])
    for name in [named] if isinstance(named, str) else named:
        assert name == "NAME" or lesson(name)
    if getattr(asked, "kind", "") == "lessons":
        return
    experiment = getattr(asked, "experiment", None) or getattr(asked, "run", None)
    if experiment and not experiment.endswith((".nc", ".json")):
        read_experiment(experiment).replace(dict(asked.changes))


def commands_there() -> set[str]:
    return set(re.findall(r"^    (\w+)", parser().format_help(), re.MULTILINE))


def panel(arguments):
    assert arguments[0] == "serve"
    assert (ROOT / "app" / "main.py").is_file()
    serve(arguments[1:] or ["app"])


def serve(options):
    parser = Parser(allow_abbrev=False)
    Serve(parser)
    asked = parser.parse_args([option for option in options if option != "..."])
    assert [Path(file).name for file in asked.files] == ["app"]


def python(arguments):
    assert arguments[0] == "-m" or (ROOT / arguments[0]).is_file()
    if arguments[:3] == ["-m", "pip", "install"]:
        wanted = re.fullmatch(r"(?:\.|gnviz)(?:\[([\w,]+)\])?", arguments[-1])
        assert wanted, arguments
        assert set(filter(None, (wanted[1] or "").split(","))) <= set(PROJECT["optional-dependencies"])
    elif arguments[0] == "-m":
        assert find_spec(arguments[1]), arguments


def dask(arguments):
    pytest.importorskip("distributed", reason='python -m pip install -e ".[dask]"')
    from distributed.cli import dask_scheduler, dask_worker

    program = {"scheduler": dask_scheduler, "worker": dask_worker}[arguments[0]].main
    assert program.make_context(arguments[0], arguments[1:]).params


def podman(arguments):
    assert arguments[0] in ("build", "run")
    assert (ROOT / "Containerfile").is_file()


def hooks(arguments):
    assert arguments == ["install"]
    assert (ROOT / ".pre-commit-config.yaml").is_file()


RUN = [
    command
    for command in dict.fromkeys(WRITTEN.values())
    if re.match(r"gnviz (run|sweep|list|export|lesson) ", f"{command} ")
    and not re.search(r"NAME|\.json|--resume|sweep$|export lessons", command)
]


@pytest.mark.slow
def test_what_needs_no_server_runs(tmp_path, monkeypatch, capsys):
    """One after the other: some take up what another one left."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gnviz.jobs.choice.usual_runner", lambda *_, **__: Here())
    assert len(RUN) >= 10
    for command in RUN:
        arguments = shlex.split(command)[1:]
        if arguments[0] in ("run", "sweep", "export") and not any(
            word.endswith(".nc") for word in arguments[:3]
        ):
            arguments = [*smaller(arguments), *SMALL]
        assert cli.main(arguments) == 0, f"{command}: {capsys.readouterr().err}"


def smaller(arguments: list[str]) -> list[str]:
    """Two values of each knob of a sweep, three of its conditions' in reach of a small network."""
    conditions = [re.sub(r"^data.condition=.*", "data.condition=1e3:1e4:2", word) for word in arguments]
    return [re.sub(r"^network.seed=.*", "network.seed=0:1", word) for word in conditions]
