"""`gnviz sweep`."""

import pytest
from sweeps.here import Here, tiny

import gnviz
from gnviz import cli
from gnviz.cli.sweep import HELP, read_over
from gnviz.knobs import KnobError


@pytest.fixture
def runner(monkeypatch):
    """Stand-in for the runner."""
    here = Here()
    monkeypatch.setattr("gnviz.jobs.choice.usual_runner", lambda workers, threads: here)
    return here


@pytest.fixture
def experiment(tmp_path) -> str:
    path = tmp_path / "tiny.json"
    path.write_text(tiny().to_json())
    return str(path)


SEEDS = ["--over", "network.alpha=1:100:3", "--over", "network.seed=0:1"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("network.alpha=1,10,100", ["1", "10", "100"]),
        ("data.condition=1e4:1e10:4", [1e4, 1e6, 1e8, 1e10]),
        ("network.alpha=100:1:3", [100.0, 10.0, 1.0]),
        ("network.alpha=1:2:3", [1.0, 1.5, 2.0]),
        ("data.noise=0:1:3", [0.0, 0.5, 1.0]),
        ("data.noise=0.01:1:2,3", [0.01, 1.0, "3"]),
        ("network.seed=0:4", [0, 1, 2, 3, 4]),
        ("network.seed=1:101:3", [1, 51, 101]),
        ("network.width=4:400:3", [4, 40, 400]),
        ("network.width=1:3:9", [1, 2, 3]),
        ("network.activation=tanh,sin", ["tanh", "sin"]),
        ("methods=adaptive(c=1);gradient-flow", ["adaptive(c=1)", "gradient-flow"]),
    ],
)
def test_values_are_lists_and_ranges(text, values):
    assert read_over([text]) == {text.partition("=")[0]: values}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["network.alpha"], "is not KNOB=VALUES, such as"),
        (["network.alpha="], "is not KNOB=VALUES"),
        (["network.alfa=1"], "unknown knob 'network.alfa'; did you mean 'network.alpha'"),
        (["network.alpha=1:2"], "is no range: allowed LOW:HIGH:COUNT"),
        (["network.alpha=1:x:3"], "'x' is no number"),
        (["network.alpha=1:2:0"], "COUNT = '0' is not allowed"),
        (["network.alpha=1:2:9999999"], "has 9999999 values"),
        (["network.seed=5:1"], "is no range"),
        (["network.seed=1", "network.seed=2"], "network.seed is given twice"),
    ],
)
def test_bad_text_is_one_sentence(texts, message, capsys):
    with pytest.raises(KnobError, match=message):
        read_over(texts)
    over = [argument for text in texts for argument in ("--over", text)]
    assert cli.main(["sweep", "figure2", *over]) == cli.MISTAKE
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    "more",
    [["--over", "network.width=0"], ["--over", "network.seed=1", "--workers", "0"],
     ["--over", "network.seed=1", "--level", "0"], [], ["--over", "network.seed=1", "-o", "/no/such/map.nc"]],
)  # fmt: skip
def test_mistakes_start_nothing(more, runner, experiment, capsys):
    assert cli.main(["sweep", experiment, *more]) == cli.MISTAKE
    assert capsys.readouterr().err.count("\n") == 1
    assert not runner.submitted


def test_a_map_is_saved_and_a_table_has_medians_over_seeds(runner, experiment, tmp_path, capsys):
    target = tmp_path / "map.nc"
    assert cli.main(["sweep", experiment, *SEEDS, "--level", "0.01", "-o", str(target)]) == cli.OK
    ds = gnviz.load(target)
    assert ds.attrs["level"] == 0.01
    assert len(list((tmp_path / "map.cells").iterdir())) == 6
    out, err = capsys.readouterr()
    rows = out.splitlines()
    assert rows[0].split()[:3] == ["network.alpha", "run", "made"]
    assert len(rows) == 1 + 3 * 2 + 1
    median = float(ds["final_loss"].median("network.seed").values[1, 0])
    assert f"{median:.4g}" in rows[3]
    assert rows[3].split()[:3] == ["10", "gradient-flow", "2/2"]
    assert "gnviz: 6 of 6 cells" in err


def test_interrupted_says_what_is_kept_and_goes_on(runner, experiment, tmp_path, capsys):
    def ctrl_c(job):
        if len(list(tmp_path.glob("cells/*.npz"))) == 2:
            raise KeyboardInterrupt

    runner.before = ctrl_c
    command = ["sweep", experiment, *SEEDS, "--folder", str(tmp_path / "cells"), "--quiet"]
    assert cli.main(command) == cli.INTERRUPTED
    out, err = capsys.readouterr()
    assert "missing: 4 of 6 cells" in out
    kept = f"2 of 6 cells are kept in {tmp_path / 'cells'}"
    assert err == f"gnviz: interrupted: {kept}: the same command goes on from there\n"
    runner.before, before = (lambda job: None), len(runner.submitted)
    assert cli.main(command) == cli.OK
    assert len(runner.submitted) - before == 4
    assert "missing" not in capsys.readouterr().out


def test_cells_that_are_refused_are_counted_with_a_sentence(runner, experiment, capsys):
    assert cli.main(["sweep", experiment, "--over", "data.kind=line,csv", "--quiet"]) == cli.OK
    assert "refused: 1 of 2 cells, the first: data.path" in capsys.readouterr().out


def test_help_says_the_rule_of_ranges(capsys):
    with pytest.raises(SystemExit):
        cli.main(["sweep", "--help"])
    assert HELP in capsys.readouterr().out
