"""What may happen around a command: a terminal without letters, a folder or a reader that goes, signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from made import made_header, made_snapshots

import gnviz
import gnviz.dynamics.simulate as engine
from gnviz import cli, results
from gnviz.cli.terminal import NOT_SAVED
from gnviz.results import Status

NAME = "gnviz.cli.commands"


@pytest.fixture
def ended(monkeypatch):
    """Stand-in engine in which something happens after five moments of nine."""

    def install(happens) -> None:
        def simulate(experiment, checkpoint=None):
            for snapshot in made_snapshots(made_header(n=4, moments=9)):
                if snapshot.index == 5:
                    happens()
                yield snapshot

        monkeypatch.setattr(engine, "simulate", simulate)

    return install


def shell(line: str, folder, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `gnviz` is this one."""
    return subprocess.run(
        f'gnviz() {{ "{sys.executable}" -m gnviz.cli "$@"; }}; {line}',
        shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=120, cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(gnviz.__file__).parents[1])} | environment,
    )  # fmt: skip


def test_a_terminal_without_greek_letters_has_question_marks(tmp_path):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    done = shell("gnviz list; echo code $?", tmp_path, **plain)
    assert done.stderr == ""
    assert done.stdout.endswith("code 0\n")
    assert "?" in done.stdout
    assert done.stdout.isascii()


def test_a_folder_or_a_reader_that_is_gone_or_full_is_told_in_a_line(tmp_path):
    (tmp_path / "gone").mkdir()
    done = shell('cd gone; rmdir ../gone; gnviz list; echo "code $?"', tmp_path)
    assert done.stderr == "gnviz: the folder that you are in is not there any more: change to another\n"
    assert done.stdout == "code 2\n"
    done = shell("gnviz list >&-; echo code $?", tmp_path)
    assert (done.stdout, done.stderr) == ("code 0\n", "")
    if os.path.exists("/dev/full"):
        done = shell("gnviz list >/dev/full; echo code $?", tmp_path)
        assert done.stdout == "code 2\n"
        assert done.stderr.count("\n") == 1
        assert "No space left" in done.stderr


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def number(request):
    """A signal that ends a process, also in tests under nohup."""
    number = getattr(signal, request.param, None)
    if number is None:
        pytest.skip(f"this system has no {request.param}")
    before = signal.signal(number, signal.SIG_DFL)
    yield number
    signal.signal(number, before)


def test_a_signal_keeps_what_there_is_as_ctrl_c_does(ended, capsys, tmp_path, number):
    before, name = signal.getsignal(number), signal.Signals(number).name
    ended(lambda: os.kill(os.getpid(), number))
    path = tmp_path / "x.nc"
    assert cli.main(["run", "figure2", "--quiet", "-o", str(path)]) == 128 + number
    assert signal.getsignal(number) == before
    ds = results.load(path)
    assert ds.sizes["time"] == 5
    assert set(ds["status"].values) == {Status.CANCELLED}
    assert f"Ended by {name.lower()} after 5 moments" in capsys.readouterr().out


def test_a_signal_before_the_first_moment_is_told(monkeypatch, capsys):
    monkeypatch.setattr("gnviz.cli.commands.catalogue", lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert cli.main(["list"]) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "gnviz: ended by SIGTERM: nothing was recorded\n"


def test_ctrl_c_while_it_starts_is_told(monkeypatch, capsys):
    class Interrupting:
        def find_spec(self, name, path=None, target=None):
            if name == NAME:
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, NAME)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert cli.main(["list"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "gnviz: interrupted: nothing was recorded\n"


@pytest.mark.parametrize("name", ["a" * 300 + ".nc", "a\0b.nc"])
def test_a_name_that_no_file_can_have_is_refused_before_the_run(ended, capsys, tmp_path, name):
    ended(lambda: pytest.fail("it ran"))
    assert cli.main(["run", "figure2", "--quiet", "-o", str(tmp_path / name)]) == cli.MISTAKE
    assert "cannot be written" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_the_longest_name_that_there_can_be_will_do(ended, tmp_path):
    ended(lambda: None)
    path = tmp_path / ("é" * 126 + ".nc")
    assert cli.main(["run", "figure2", "--quiet", "-o", str(path)]) == cli.OK
    assert results.load(path).sizes["time"] == 9


def test_what_cannot_be_written_in_the_end_is_kept_beside(ended, capsys, tmp_path):
    ended(lambda: path.mkdir())  # something has taken the name meanwhile
    path = tmp_path / "x.nc"
    assert cli.main(["run", "figure2", "--quiet", "-o", str(path)]) == NOT_SAVED
    (kept,) = (other for other in tmp_path.iterdir() if other != path)
    assert f"saved {kept} instead" in capsys.readouterr().err
    assert results.load(kept).sizes["time"] == 9
