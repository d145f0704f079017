"""Scripts of a dozen lines that a researcher writes; each that trains is run in a worker process as well."""

import numpy as np
import pytest
from checks import assert_close

import gnviz
from gnviz.jobs import JobStatus, stream
from gnviz.losses import LOSSES
from gnviz.methods import METHODS
from gnviz.results import Recording

LONGEST = 12
"""Lines of a script."""

SWEEP = """
import numpy as np
from gnviz import Clock, Ensemble, Experiment, GaussNewton, Network, Ring, run, time_to_loss

experiment = Experiment(
    data=Ring(n=6, target="wave"),
    network=Network(width=32),
    methods=[GaussNewton()],
    ensemble=Ensemble(alphas=np.geomspace(1, 100, 3)),
    clock=Clock(horizon=12, snapshots=30),
)
times = time_to_loss(ds := run(experiment), 1e-6)
"""

SCHEDULE = """
from gnviz import Circle, Clock, Experiment, Network, Schedule, register, run

@register
class Warmup(Schedule):
    label, formula, meaning = "warmup", "ρ = 1/(1 + t)", "first order first"

    def rho_at(self, seen):
        return 1 / (1 + seen.time)

experiment = Experiment(data=Circle(n=4, condition=1e5), network=Network(width=16), methods=[Warmup()])
ds = run(experiment.replace({"clock.horizon": 2, "clock.snapshots": 6}))
"""

LOSS = """
from gnviz import Adaptive, Experiment, Line, Loss, Network, register, run

@register
class Steep(Loss):
    label, meaning, decay_constant = "steep", "Σ cosh(u − y) − 1", 0.5

    def terms(self, u, y):
        return (u - y).cosh() - 1

experiment = Experiment(data=Line(n=4), network=Network(width=16), loss=Steep(), methods=[Adaptive(c=1)])
ds = run(experiment.replace({"clock.horizon": 20, "clock.snapshots": 20}))
"""

ARRAYS = """
import numpy as np
from gnviz import Arrays, Clock, Experiment, LogCosh, Network, TrustRegion, run

x = np.linspace(-1, 1, 20)
data = Arrays(x, np.abs(x))
clock = Clock(kind="steps", steps=40, snapshots=20)
experiment = Experiment(
    data=data, network=Network(width=32), loss=LogCosh(), methods=[TrustRegion()], clock=clock
)
ds = run(experiment)
"""

CURVES = """
from gnviz import Experiment, Ring, run
from gnviz.views import draw

small = {"network.width": 16, "clock.horizon": 2, "clock.snapshots": 8}
experiment = Experiment(data=Ring(n=4)).replace(small)
ds = run(experiment)
loss, spectrum = draw(ds, "loss"), draw(ds, "spectrum")
picture = (loss + spectrum).opts(shared_axes=False, backend="bokeh")
both = loss * draw(run(experiment.replace({"network.alpha": 50})), "loss")
"""


def ran(script):
    assert len([line for line in script.splitlines() if line]) <= LONGEST
    space = {"__name__": "script"}
    exec(script, space)
    return space


@pytest.fixture
def trained(worker):
    """Run a script; what it trains is trained in a worker process too."""
    yield lambda script: both(script, worker)
    for registry, label in ((METHODS, "warmup"), (LOSSES, "steep")):
        if label in {cls.label for cls in registry.added}:
            registry.remove(label)


def both(script, worker):
    space = ran(script)
    job = worker.submit(gnviz.Experiment.from_json(space["ds"].attrs["experiment"]))
    there = Recording.of(stream(job)).dataset()
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert_close(there.loss, space["ds"].loss, rtol=1e-7, label="loss")
    return space


def test_a_sweep_over_alphas_that_are_numbers(trained):
    space = trained(SWEEP)
    assert space["ds"].alpha.values.tolist() == [1, 10, 100]
    lazy = space["times"][1:]
    # the flow of a loss of half a squared residual is e^(-2t) in the lazy limit
    assert_close(lazy, 0.5 * np.log(space["ds"].loss[1:, 0] / 1e-6), rtol=0.05, label="time to 1e-6")


def test_a_schedule_of_ones_own(trained):
    ds = trained(SCHEDULE)["ds"]
    assert_close(ds.rho[0], 1 / (1 + ds.time.values), rtol=1e-9)


def test_a_loss_of_ones_own(trained):
    ds = trained(LOSS)["ds"]
    assert ds.attrs["loss_formula"] == "Σ cosh(u − y) − 1"
    assert ds.loss[0, -1] < 1e-6 * ds.loss[0, 0]
    assert (ds.loss <= ds.bound * (1 + 1e-6)).all()


def test_arrays_with_the_built_in_network(trained):
    ds = trained(ARRAYS)["ds"]
    assert_close(ds.y, np.abs(ds.coordinate), rtol=0)
    assert ds.loss[0, -1] < 1e-2 * ds.loss[0, 0]


def test_curves_in_a_notebook(trained):
    import holoviews as hv

    space = trained(CURVES)
    left, right = (hv.render(part, backend="bokeh") for part in space["picture"])
    assert (left.yaxis[0].axis_label, right.xaxis[0].axis_label) == ("loss ½‖u − y‖²", "mode number i")
    drawn = {tuple(r.data_source.data["loss"]) for r in hv.render(space["both"], backend="bokeh").renderers}
    assert tuple(space["ds"].loss.values[0, 1:]) in drawn


def test_a_class_that_was_not_made_known_is_told():
    own = type("Steep", (gnviz.Loss,), {"label": "steep"})
    with pytest.raises(gnviz.KnobError, match=r"unknown loss 'steep'.*gnviz.register\(Steep\)"):
        gnviz.Experiment(loss=own())
