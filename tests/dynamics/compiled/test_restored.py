"""What machine code would take from a checkpoint, held against the run's own arrays first."""

import numpy as np
import pytest

from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.compiled.restored import COUNTS, restore
from gnviz.knobs import KnobError


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    num = rng.normal(size=(2, at.NUM))
    num[:, list(COUNTS)] = 0.0
    num[0, at.FIRST_STEP_SIZE] = np.nan  # a setting that there is none of
    return {"num": num, "vec": rng.normal(size=(2, at.VEC, 6))}


def test_what_a_run_of_the_same_settings_has_kept_takes_its_place():
    own, kept = arrays(), arrays()
    kept["num"][:, at.TIME] = 7.0
    kept["num"][:, at.NOW] = 2.0
    kept["vec"] += 1.0
    restore(own, kept)
    for name, values in own.items():
        np.testing.assert_array_equal(values, kept[name])


@pytest.mark.parametrize("slot", COUNTS)
@pytest.mark.parametrize("wild", [-1.0, 0.5, 1e9, np.nan])
def test_no_index_leads_out_of_an_array(slot, wild):
    own, kept, before = arrays(), arrays(), arrays()
    kept["num"][1, slot] = wild
    with pytest.raises(KnobError, match="the checkpoint is damaged: num has no such number"):
        restore(own, kept)
    np.testing.assert_array_equal(own["num"], before["num"])


def test_settings_and_shapes_are_the_runs_own():
    kept = arrays()
    kept["num"][0, at.MODEL] += 1
    with pytest.raises(KnobError, match="set otherwise"):
        restore(arrays(), kept)
    for name in ("num", "vec"):
        with pytest.raises(KnobError, match=f"{name} has shape"):
            restore(arrays(), arrays() | {name: arrays()[name][:1]})
        with pytest.raises(KnobError, match=f"lacks {name}"):
            restore(arrays(), {k: v for k, v in arrays().items() if k != name})
