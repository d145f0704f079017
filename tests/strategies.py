"""Hypothesis strategies: any allowed value of any knob, from its own declaration."""

import param
from hypothesis import strategies as st

from gnviz.ensemble import ALPHA, MAX_RUNS
from gnviz.experiment import Experiment
from gnviz.schedules import SCHEDULES


def values(p: param.Parameter) -> st.SearchStrategy:
    """Any allowed value of a declared parameter."""
    if isinstance(p, param.Selector):
        strategy = st.sampled_from(p.objects)
    elif isinstance(p, param.Integer):
        strategy = st.integers(*p.bounds)
    elif isinstance(p, param.Number):
        strategy = st.floats(*p.bounds)
    elif isinstance(p, param.List):
        strategy = st.lists(st.text(max_size=5), max_size=4)
    else:
        strategy = st.text(max_size=20)
    return st.none() | strategy if p.allow_None else strategy


def methods() -> st.SearchStrategy[str]:
    """Any method in canonical spelling."""
    return st.sampled_from(sorted(SCHEDULES)).flatmap(
        lambda name: st.fixed_dictionaries({k: values(p) for k, p in SCHEDULES[name].knobs().items()}).map(
            lambda chosen: str(SCHEDULES[name](**chosen))
        )
    )


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any experiment whose knobs are each within their bounds."""
    knobs = {k: p for k, p in Experiment.knobs().items() if k != "methods"}
    chosen = draw(st.fixed_dictionaries({}, optional={k: values(p) for k, p in knobs.items()}))
    if "ensemble.alphas" in chosen:
        chosen["ensemble.alphas"] = draw(st.lists(st.floats(*ALPHA).map(repr), max_size=4, unique=True))
    if "ensemble.seeds" in chosen:
        chosen["ensemble.seeds"] = min(chosen["ensemble.seeds"], MAX_RUNS // 20)
    chosen["methods"] = draw(st.lists(methods(), min_size=1, max_size=5, unique=True))
    return Experiment().replace(chosen)
