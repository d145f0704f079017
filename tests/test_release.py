"""The wheel: built from what is released, complete, and at work in a folder where there is no checkout."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from cloudpickle import dumps
from panel.command.serve import Serve

import gnviz
from gnviz import cli
from gnviz.cli.arguments import Parser
from gnviz.cli.commands import parse
from gnviz.lab.server.command import APP
from gnviz.methods import METHODS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gnviz"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
UNRELEASED = shutil.ignore_patterns(
    "__pycache__", "_build", ".*", "*.egg-info", "build", "dist", "benchmarks"
)
HOST = "http://127.0.0.1"


def files(folder: Path) -> set[str]:
    """All that belongs to the package, by its path below the folder that holds it."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder.parent).as_posix() for path in found}


def python(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built of the source distribution, as `python -m build` does; nothing is fetched."""
    home = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT, home / "gnviz", ignore=UNRELEASED)
    python("-m", "build", "--no-isolation", "--outdir", str(home), str(home / "gnviz"))
    assert (home / f"gnviz-{PROJECT['version']}.tar.gz").is_file()
    return home / f"gnviz-{PROJECT['version']}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder where the wheel is installed, beside the libraries that this process has."""
    home = tmp_path_factory.mktemp("installed")
    python("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(home), str(wheel))
    return home


@pytest.fixture
def start(installed, tmp_path):
    """Start the installed command in an empty folder."""
    empty = tmp_path / "empty"
    empty.mkdir()
    own = {"PYTHONPATH": str(installed), "GNVIZ_LIBRARY": str(tmp_path / "library"), "PYTHONUNBUFFERED": "1"}

    def start(*command: str, **options) -> subprocess.Popen:
        command = (str(installed / "bin" / command[0]) if command[0] == "gnviz" else command[0], *command[1:])
        return subprocess.Popen(command, cwd=empty, env=os.environ | own, text=True, **options)

    return start


def output(process: subprocess.Popen) -> str:
    """What a process has to say, which ends well."""
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    return out


TOLD = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


@pytest.mark.slow
def test_the_wheel_has_what_the_package_has(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name for name in names if not name.startswith(f"gnviz-{PROJECT['version']}.dist-info/")}
    assert inside == files(PACKAGE)
    assert {"gnviz/py.typed", "gnviz/lab/server/app/main.py"} <= inside


LOOK = """
import json, gnviz
from gnviz.lessons import LESSONS
from gnviz.problem.published import nist
from gnviz.verify import engine

assert len([nist.read(name) for name in nist.names()]) == 27
assert [len(data.read().y) for data in (gnviz.Enso(), gnviz.Thurber())] == [168, 37]
assert all(finding.ok for finding in engine.both_spaces())  # one of the parts of `gnviz verify`
print(json.dumps({"file": gnviz.__file__, "version": gnviz.__version__, "lessons": list(LESSONS)}))
"""


@pytest.mark.slow
def test_it_runs_where_there_is_no_checkout(installed, start, tmp_path):
    seen = json.loads(output(start(sys.executable, "-c", LOOK, **TOLD)))
    assert Path(seen["file"]).parent == installed / "gnviz"
    assert seen["version"] == PROJECT["version"]
    assert seen["lessons"] == list(gnviz.lessons.LESSONS)
    small = [f"--set={knob}" for knob in ("clock.horizon=0.5", "clock.snapshots=4", "observe.optimum=false")]
    output(start("gnviz", "run", "figure1", *small, "--quiet", "-o", "out.nc", **TOLD))
    assert gnviz.load(tmp_path / "empty" / "out.nc").attrs["version"] == PROJECT["version"]
    assert "surface.model" in output(start("gnviz", "list", **TOLD))


@pytest.mark.slow
def test_it_serves_the_page(start, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as told:
        server = start("gnviz", "serve", "--port", "0", "--num-threads", "2", stdout=told, stderr=told)
    try:
        address = wait_for(log, server)
        assert address.startswith(f"{HOST}:")
        with urllib.request.urlopen(address, timeout=60) as page:
            assert "<title>gnviz" in page.read().decode()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    assert "Traceback" not in log.read_text()
    assert server.returncode == 0


def wait_for(log: Path, server: subprocess.Popen) -> str:
    """The address that a server says."""
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        if found := re.search(r"running at: (\S+)", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(log.read_text())


def test_the_version_is_written_once():
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited[1] == PROJECT["version"]
    assert not [name for name in files(PACKAGE) if PROJECT["version"] in (ROOT / name).read_text("utf-8")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prot", "5"], "unrecognized arguments: --prot"),
        (["--allow-websocket", "x"], "unrecognized arguments: --allow-websocket"),
        (["page.py"], "page.py is no Python file"),
        (["README.md"], "README.md is no Python file"),
        (["--port", "x"], "argument --port: invalid int value"),
        (["--basic-auth", "a", "--prefix", "b", "--root-path", "c"], "--root-path must start with a leading"),
    ],
)
def test_mistakes_in_what_is_to_be_served_are_one_line(capsys, monkeypatch, options, message):
    monkeypatch.setattr(Serve, "invoke", lambda self, arguments: self.customize_kwargs(arguments, {}))
    assert cli.main(["serve", *options]) == cli.MISTAKE
    error = capsys.readouterr().err
    assert error.startswith(f"gnviz: {message}")
    assert error.count("\n") == 1


MINE = """
import gnviz

@gnviz.register
class Served(gnviz.Schedule):
    label, formula, meaning = "served", "ρ = 1/(1 + t)²", "first order first"

    def rho_at(self, seen):
        return 1 / (1 + seen.time) ** 2
"""


def test_a_file_of_ones_own_is_run_before_the_page_is_served(monkeypatch, tmp_path, capsys):
    asked = []
    monkeypatch.setattr(Serve, "invoke", lambda self, arguments: asked.append(arguments.files))
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    try:
        assert cli.main(["serve", str(file), "--num-threads", "2"]) == 0
        assert asked == [[str(APP)]]
        assert "served" in METHODS
        assert dumps(METHODS["served"]()), "workers are sent it by value"
    finally:
        METHODS.remove("served")
    file.write_text("1 / 0")
    assert cli.main(["serve", str(file)]) == cli.MISTAKE
    assert "mine.py cannot be run: ZeroDivisionError" in capsys.readouterr().err


def test_panel_is_asked_for_what_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(Serve, "invoke", lambda self, arguments: asked.append(vars(arguments)))
    assert cli.main(["serve"]) == 0
    assert cli.main(["serve", "--basic-auth", "secret", "--open", "--address", "0.0.0.0", "--port=1"]) == 0
    usual, other = asked
    assert (usual["port"], usual["address"], usual["show"], usual["basic_auth"]) == (
        5006,
        "127.0.0.1",
        False,
        None,
    )
    assert (other["port"], other["address"], other["show"], other["basic_auth"]) == (
        1,
        "0.0.0.0",
        True,
        "secret",
    )
    assert {Path(file) for found in asked for file in found["files"]} == {PACKAGE / "lab" / "server" / "app"}


def test_the_container_file_names_what_there_is():
    text = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [line.partition(" ") for line in text.splitlines() if not line.startswith("#")]
    said = {name: rest for name, _, rest in steps}
    assert set(said) == {"FROM", "COPY", "RUN", "USER", "WORKDIR", "EXPOSE", "CMD"}
    image = re.fullmatch(r"docker\.io/library/python:(3\.\d+)-slim", said["FROM"])
    assert f"Programming Language :: Python :: {image[1]}" in PROJECT["classifiers"]
    commands = [shlex.split(part) for name, _, rest in steps if name == "RUN" for part in rest.split("&&")]
    assert [command[:3] for command in commands[:2]] == [["python", "-m", "pip"]] * 2
    assert commands[1][-1] == said["COPY"].split()[1]
    assert commands[2] == ["useradd", "--create-home", said["USER"]]
    program, *arguments = json.loads(said["CMD"])
    assert program in PROJECT["scripts"]
    asked = parse(arguments)
    assert (asked.address, asked.port) == ("0.0.0.0", int(said["EXPOSE"]))
    panel = Parser(allow_abbrev=False)
    Serve(panel)
    assert panel.parse_args(asked.rest).allow_websocket_origin == [f"localhost:{asked.port}"]
