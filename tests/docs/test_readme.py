"""README's blocks of Python run one after the other, with smaller numbers, and give what is said of them."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from checks import assert_close
from sweeps.here import Here

import gnviz
from gnviz.knobs.registry import REGISTRIES

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
SMALL = {"data.n": 4, "data.condition": None, "network.width": 8, "clock.horizon": 2.0, "clock.snapshots": 5}
SMALLER = {
    '"data.condition": 1e7, "network.width": 400': '"data.condition": 1e3, "network.width": 40, "data.n": 4',
    '"gradient-flow"])': f'"gradient-flow"]).replace({SMALL})',
    '"network.width": 64': '"network.width": 8, "clock.horizon": 2.0, "clock.snapshots": 5',
    '{"data.condition": 1e4}': f"{SMALL}",
    'gnviz.preset("figure2"),\n': f'gnviz.preset("figure2").replace({SMALL}),\n',
    '[1e5, 1e7, 1e9], "network.seed": range(10)': '[1e3, 1e4], "network.seed": [0, 1]',
    'gnviz.run(gnviz.preset("figure2"))': f'gnviz.run(gnviz.preset("figure2").replace({SMALL}))',
}  # fmt: skip
"""What is written for a reader, and what takes a blink; each stands in the README once or more."""


def small(block: str) -> str:
    for large, little in SMALLER.items():
        block = block.replace(large, little)
    return block


def test_what_is_made_smaller_is_there():
    assert not [large for large in SMALLER if not any(large in block for block in BLOCKS)]


@pytest.fixture
def space(tmp_path, monkeypatch):
    """Run blocks in a folder of their own, with no worker process; what they register is forgotten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["gnviz.sweeps.sweep"], "usual_runner", lambda *_, **__: Here())
    monkeypatch.setattr("gnviz.lab.laboratory.shared_runner", Here)
    before = [(registry, set(registry)) for registry in REGISTRIES]
    yield {"__name__": "readme"}
    for registry, names in before:
        for name in set(registry) - names:
            registry.remove(name)


def test_the_blocks_run_one_after_the_other(space, capsys):
    left = []
    for block in BLOCKS:
        exec(small(block), space)
        space.setdefault("other", space["ds"])
        left.append((block, space["ds"], capsys.readouterr().out))

    def of(words):
        ((ds, out),) = ((ds, out) for block, ds, out in left if words in block)
        return ds, out

    ds, out = of('gnviz.save(ds, "figure2.nc")')
    assert out.count("loss 1e-10 at flow time") == ds.sizes["run"] == len(gnviz.load("figure2.nc").run)
    _, out = of("make_problem")
    assert out.splitlines() == re.findall("^# (.*)$", "".join(BLOCKS), re.MULTILINE)
    ds, _ = of("class Warmup")
    assert_close(ds.rho[0], 1 / (1 + ds.time.values), rtol=1e-9)
    ds, _ = of("gnviz.Arrays")
    assert ds.attrs["loss_kind"] == "pseudo-huber"
    assert_close(ds.y, np.abs(ds.coordinate), rtol=0)
    ds, _ = of("class Steep")
    u, y = ds.prediction.values[:, 0], ds.y.values
    assert_close(ds.loss[:, 0], (np.cosh(u - y) - 1).sum(-1), rtol=1e-9)
    assert (ds.loss <= ds.bound * (1 + 1e-6)).all()
    ds, _ = of("gnviz.sweep(")
    assert dict(ds.sizes) | {"moment": 0} == {"data.condition": 2, "network.seed": 2, "run": 2, "moment": 0}
    assert space["library"].list() == []
