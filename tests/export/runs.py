"""Small experiments of every sort, and the runs that they give."""

from gnviz import Arrays, Csv, Experiment, Formula, PseudoHuber, preset

QUICK = {"clock.snapshots": 6}
NETWORK = {"network.width": 12, "data.n": 4, **QUICK}
TABLE = "speed,load,power\n1,0.5,2\n2,1.5,3\n3,0.25,5\n4,1.0,4\n"

EXPERIMENTS = {
    "figure1": preset("figure1").replace(QUICK | {"clock.horizon": 1.0}),
    "figure2": preset("figure2").replace(NETWORK | {"data.condition": 1e3, "clock.horizon": 50.0}),
    "figure3": preset("figure3").replace(
        QUICK | {"data.n": 8, "network.width": 2, "ensemble.alphas": [100, 1000 / 3], "clock.horizon": 1.0}
    ),
    "steps": preset("steps").replace(NETWORK | {"data.condition": 1e3, "clock.steps": 20}),
    "a formula": Experiment(
        methods=[Formula(rho="max(0.001, exp(-t))"), "constant(rho=1e-07)", "hybrid(by=time)"]
    ).replace(NETWORK | {"data.condition": 1e3, "clock.horizon": 0.1 + 0.2, "network.alpha": 10 / 3}),
    "a table": Experiment(
        data=Csv(table=TABLE, x=["speed"], y="power", rows=3), loss=PseudoHuber(delta=0.1 + 0.2)
    ).replace(QUICK | {"network.width": 8, "clock.horizon": 1.0, "ensemble.seeds": 2}),
    "arrays": Experiment(data=Arrays([[0.1, 1 / 3], [1e-7, 2.0], [5.0, -1.0]], [1, 0.1 + 0.2, 3])).replace(
        QUICK | {"network.width": 8, "clock.horizon": 1.0}
    ),
}  # fmt: skip
"""Experiments that take a blink each."""
