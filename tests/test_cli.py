import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from disks import full_disk
from made import made_header, made_snapshots

import gnviz.dynamics.simulate as engine
from gnviz import cli, results
from gnviz.analysis.time_to_loss import LEVELS
from gnviz.cli import commands
from gnviz.cli.files import read_experiment
from gnviz.cli.terminal import NOT_SAVED
from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS, preset
from gnviz.lessons import LESSONS
from gnviz.report import WIDTH, summary
from gnviz.results import Recording, Status, files

SMALL = ["--set", "data.n=4", "--set", "network.width=20", "--set", "clock.snapshots=8", "--quiet"]


@pytest.fixture
def made(monkeypatch):
    """Stand-in engine: nine moments made by hand."""

    def simulate(experiment, checkpoint=None):
        yield from made_snapshots(made_header(n=4, moments=9))

    monkeypatch.setattr(engine, "simulate", simulate)


@pytest.fixture
def interrupted(monkeypatch):
    """Stand-in engine in which Ctrl-C comes after some moments."""

    def install(moments: int) -> None:
        def simulate(experiment, checkpoint=None):
            yield from made_snapshots(made_header(n=4, moments=9), count=moments)
            raise KeyboardInterrupt

        monkeypatch.setattr(engine, "simulate", simulate)

    return install


def fail(capsys, *argv) -> str:
    """Run with a mistake; return its one line."""
    assert cli.main(argv) == cli.MISTAKE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gnviz: ")
    assert err.count("\n") == 1
    return err


def test_run_prints_a_table_and_saves(capsys, tmp_path):
    target = tmp_path / "result.nc"
    assert cli.main(["run", "figure2", *SMALL, "--set", "data.condition=1e3", "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split("  ")[0] == "method"
    assert "t at 1e-10" in out.splitlines()[0]
    assert out.splitlines()[1].startswith("gradient-flow ")
    assert "kappa(K_0) = 1e+03" in out
    assert err == f"gnviz: saved {target}\n"
    data = results.load(target)
    assert Experiment.from_json(data.attrs["experiment"]).data.n == 4


def test_progress_goes_to_stderr(made, capsys):
    assert cli.main(["run", "figure2"]) == 0
    out, err = capsys.readouterr()
    assert "0/9" in err  # how far it counts is a matter of time
    assert "/9" not in out


def test_steps_are_called_steps(capsys):
    assert cli.main(["run", "steps", *SMALL, "--set", "clock.steps=5"]) == 0
    assert "step at 1e-02" in capsys.readouterr().out


def test_an_experiment_can_be_written_changed_and_run(made, capsys, tmp_path):
    path = tmp_path / "my.json"
    assert cli.main(["run", "teacher", "--set", "data.n=7", "--save-experiment", str(path)]) == 0
    assert json.loads(path.read_text())["data"]["n"] == 7
    assert read_experiment(str(path)) == preset("teacher").replace({"data.n": 7})
    assert cli.main(["run", str(path), "--quiet"]) == 0


def test_list_names_everything(capsys):
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in [*PRESETS, *LESSONS, *Experiment.knobs(), "adaptive", "ρ = c·λmin"])
    assert "an integer from 1 to 2000" in out


def test_a_lesson_is_printed(capsys):
    assert cli.main(["lesson", "damping"]) == 0
    out = capsys.readouterr().out
    assert all(step.title in out for step in LESSONS["damping"].parts)
    assert "[?methods=gauss-newton]" in out
    assert max(len(line) for line in out.splitlines() if "?" not in line) <= WIDTH
    assert cli.main(["lesson", "dampin"]) == cli.MISTAKE
    assert "unknown lesson 'dampin'; did you mean 'damping'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "required: COMMAND (see gnviz --help)"),
        (["rnu"], "invalid choice: 'rnu'"),
        (["run"], "required: NAME_OR_FILE (see gnviz run --help)"),
        (["run", "figur2"], "unknown experiment 'figur2'; did you mean 'figure2'"),
        (["run", "figure2", "--set", "data.n"], "'data.n' is not KNOB=VALUE, such as data.condition=1e9"),
        (["run", "figure2", "--set", "=3"], "'=3' is not KNOB=VALUE"),
        (["run", "figure2", "--set", "data.m=3"], "unknown knob 'data.m'; did you mean"),
        (["run", "figure2", "--set", "data.n=0"], "data.n = '0' is not allowed: an integer from 1 to 2000"),
        (["run", "figure2", "--set", "data.kind=csv"], "data.path = '' names no table"),
        (["run", "figure2", "--set", "network.width=21"], "network.width = 21 is odd"),
        (["run", "missing.json"], "No such file or directory: 'missing.json'"),
        (["run", "figure2", "--save-experiment", "/missing/x.json"], "No such file or directory"),
        (["run", "figure2", "-o", "/missing/x.nc"], "cannot be written (/missing: no such folder)"),
        (["run", "figure2", "-o", "/"], "-o / is a folder"),
        (["run", "figure2", "--checkpoint", "/missing/x.npz"], "--checkpoint /missing/x.npz cannot be"),
        (["run", "--resume", "/missing/x.npz"], "No such file or directory: '/missing/x.npz'"),
        (["run", "figure2", "--resume", "x.npz"], "give no NAME_OR_FILE or --set"),
        (["run", "--resume", "x.npz", "--set", "data.n=3"], "give no NAME_OR_FILE or --set"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(capsys, argv, message):
    assert message in fail(capsys, *argv, *(["--quiet"] if argv[:1] == ["run"] and len(argv) > 1 else []))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not a JSON experiment"),
        (b'{"data": {"m": 1}}', "unknown knob 'data.m'"),
        (b"\xff\xfe\x00", "not a text file"),
    ],
)
def test_bad_files_are_named(capsys, tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    err = fail(capsys, "run", str(path))
    assert str(path) in err
    assert message in err


def test_output_is_checked_before_the_run(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "record", lambda *_, **__: pytest.fail("ran"))
    fail(capsys, "run", "figure2", "-o", str(tmp_path / "no" / "x.nc"))


def test_a_result_that_cannot_be_saved_goes_elsewhere(made, capsys, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    plain = files._write_whole

    def full(path, data):
        if "elsewhere" not in str(path):
            raise OSError(28, "No space left on device")
        return plain(path, data)

    monkeypatch.setattr(files, "_write_whole", full)
    assert cli.main(["run", "figure2", "--quiet", "-o", str(tmp_path / "x.nc")]) == NOT_SAVED
    out, err = capsys.readouterr()
    (saved,) = (tmp_path / "elsewhere").iterdir()
    assert "No space left on device" in err
    assert f"saved {saved} instead" in err
    assert "gradient-flow" in out
    assert results.load(saved).sizes["time"] == 9


def test_a_result_that_fits_nowhere_is_said_to_be_lost(made, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with full_disk():
        assert cli.main(["run", "figure2", "--quiet", "-o", str(tmp_path / "x.nc")]) == NOT_SAVED
    assert "the result is lost" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_no_temporary_folder_is_said_too(made, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "check_writable", lambda path, option: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    argv = ["run", "figure2", "--quiet", "-o", str(tmp_path / "missing" / "x.nc")]
    assert cli.main(argv) == NOT_SAVED
    assert "no other place to save it was found" in capsys.readouterr().err


def test_ctrl_c_keeps_what_there_is(interrupted, capsys, tmp_path):
    interrupted(5)
    path = tmp_path / "x.nc"
    assert cli.main(["run", "figure2", "--quiet", "-o", str(path)]) == cli.INTERRUPTED
    assert "cancelled" in capsys.readouterr().out
    data = results.load(path)
    assert data.sizes["time"] == 5
    assert set(data["status"].values) == {Status.CANCELLED}


def test_ctrl_c_before_the_first_moment(interrupted, capsys, tmp_path):
    interrupted(0)
    assert cli.main(["run", "figure2", "--quiet", "-o", str(tmp_path / "x.nc")]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "gnviz: interrupted: nothing was recorded\n"
    assert os.listdir(tmp_path) == []


def test_the_installed_command():
    command = [sys.executable, "-m", "gnviz.cli", "run", "figure2", *SMALL, "--set", "data.condition=1e3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "adaptive(c=1)" in done.stdout
    assert done.stderr == ""


def test_a_closed_pipe_is_not_an_error():
    done = subprocess.run(
        f"{sys.executable} -m gnviz.cli list | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["flow", "steps"])
def test_an_interrupted_run_goes_on_where_it_was(capsys, monkeypatch, tmp_path, kind):
    settings = [*SMALL, "--set", f"clock.kind={kind}", "--set", "data.condition=1e3"]
    settings += ["--set", "methods=adaptive;formula(rho='max(0.1, exp(-t))')"]
    whole, part, kept = (tmp_path / name for name in ("whole.nc", "part.nc", "kept.npz"))
    assert cli.main(["run", "figure2", *settings, "-o", str(whole)]) == 0
    simulation, calls = engine.Simulation, []

    def interrupting(experiment, tick=None, resume=None):
        def tick():
            calls.append(0)
            if len(calls) == 12:
                raise KeyboardInterrupt

        return simulation(experiment, tick, resume)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "simulate", interrupting)
        code = cli.main(["run", "figure2", *settings, "--checkpoint", str(kept)])
        assert code == cli.INTERRUPTED
    assert cli.main(["run", "--resume", str(kept), "--quiet", "-o", str(part)]) == 0
    expected, found = results.load(whole), results.load(part)
    assert found.drop_attrs().identical(expected.drop_attrs())
    assert found.attrs["experiment"] == expected.attrs["experiment"]
    capsys.readouterr()


def test_a_file_that_is_no_checkpoint_is_named(capsys, tmp_path):
    path = tmp_path / "x.npz"
    path.write_text("no")
    assert "x.npz is not a gnviz checkpoint" in fail(capsys, "run", "--resume", str(path))


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(capsys, monkeypatch, tmp_path):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gnviz.dynamics.checkpoint.Checkpoint.save", full)
    assert (
        cli.main(
            ["run", "figure2", *SMALL, "--set", "data.condition=1e3", "--checkpoint", str(tmp_path / "x.npz")]
        )
        == 0
    )
    out, err = capsys.readouterr()
    assert "No space left" in err
    assert "adaptive" in out


def test_the_test_loss_is_in_the_summary(capsys):
    small = ["data.kind=line", "data.condition=none", "data.n=4", "network.width=20", "clock.horizon=1"]
    settings = [part for setting in (*small, "data.test=30") for part in ("--set", setting)]
    assert cli.main(["run", "figure2", "--quiet", *settings]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "final loss  test loss" in lines[0]
    assert all(float(line.split()[3]) > 0 for line in lines[1:4])


def test_the_summary_says_where_runs_ended_and_counts_levels_passed_by_then():
    header = made_header(moments=20, clock="steps")
    recording = Recording(header)
    for snapshot in made_snapshots(header):
        recording.append(snapshot)
    recording.status = ["diverged", "converged", "running"]
    recording.ends["end_time"][:2], recording.ends["end_loss"][1] = (17, 4.5), 1e-12
    for array in recording._arrays.values():
        array[0, 17:], array[1, 5:] = np.nan, np.nan
    titles, *rows = (re.split(r"  +", line) for line in summary(recording).splitlines()[:4])
    assert titles == ["method", "status", "final loss", "last step", *(f"step at {x:.0e}" for x in LEVELS)]
    assert rows[0][:2] + rows[0][3:] == ["gradient-flow", "diverged", "17", "-", "-", "-"]
    assert rows[1][1:4] == ["converged", "1e-12", "4.5"]
    assert all(4 < float(step) <= 4.5 for step in rows[1][4:]), "after the last recorded moment"
    assert rows[2][3] == "-", "it goes on"
