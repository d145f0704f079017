"""Hypothesis strategies: any allowed value of any knob, from its own declaration."""

from collections.abc import Sequence

import param
from hypothesis import strategies as st

from gnviz.experiment import Experiment
from gnviz.experiment.ensemble import ALPHA, MAX_RUNS
from gnviz.knobs import Numbers
from gnviz.knobs.formulas import FUNCTIONS, MAX_LENGTH
from gnviz.knobs.groups import Listed
from gnviz.methods import METHODS
from gnviz.methods.schedules.formula import NAMES

ROOM = 5
"""Characters left for what a test adds to a formula."""


def values(p: param.Parameter) -> st.SearchStrategy:
    """Any allowed value of a declared parameter."""
    if isinstance(p, param.Selector | Listed):
        strategy = st.sampled_from(p.objects)
    elif isinstance(p, param.Boolean):
        strategy = st.booleans()
    elif isinstance(p, param.Integer):
        strategy = st.integers(*p.bounds)
    elif isinstance(p, param.Number):
        strategy = st.floats(*p.bounds)
    elif isinstance(p, Numbers):
        each = st.floats(-p.limit, p.limit)
        strategy = st.lists(each, min_size=p.count, max_size=p.count)
    elif isinstance(p, param.List):
        strategy = st.lists(st.text(max_size=5), max_size=4)
    else:
        strategy = st.text(max_size=20)
    return st.none() | strategy if p.allow_None else strategy


def methods() -> st.SearchStrategy[str]:
    """Any method in canonical spelling."""
    return st.sampled_from(sorted(METHODS)).flatmap(
        lambda name: st.fixed_dictionaries(
            {
                k: formulas() if isinstance(p, param.String) else values(p)
                for k, p in METHODS[name].knobs().items()
            }
        ).map(lambda chosen: str(METHODS[name](**chosen)))
    )


def formulas(names: Sequence[str] = tuple(NAMES)) -> st.SearchStrategy[str]:
    """Any formula of the language, up to its greatest length."""
    numbers = st.floats(0, 1e6).map(repr) | st.integers(0, 10**6).map(str)
    operators = st.sampled_from(["+", "-", " * ", "/", "**", "^", "<", "<=", " > ", ">=", "==", "!="])

    def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda f: st.lists(inner, min_size=FUNCTIONS[f].least, max_size=min(FUNCTIONS[f].most, 3)).map(
                lambda parts: f"{f}({', '.join(parts)})"
            )
        )
        pairs = st.tuples(inner, operators, inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})")
        return calls | pairs | inner.map(lambda a: f"-{a}")

    atoms = numbers | st.sampled_from([*names, "pi"])
    return st.recursive(atoms, combined, max_leaves=8).filter(lambda f: len(f) <= MAX_LENGTH - ROOM)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Any experiment whose knobs are each within their bounds."""
    knobs = {k: p for k, p in Experiment.knobs().items() if k != "methods"}
    chosen = draw(st.fixed_dictionaries({}, optional={k: values(p) for k, p in knobs.items()}))
    if "ensemble.alphas" in chosen:
        chosen["ensemble.alphas"] = draw(st.lists(st.floats(*ALPHA).map(repr), max_size=4, unique=True))
    if "surface.formula" in chosen:
        chosen["surface.formula"] = draw(formulas(("w1", "w2", "x"))) + " + w1"
    if chosen.get("surface.span"):
        chosen["surface.span"] = draw(
            st.sampled_from([None, [-1.0, 2.0, 0.0, 0.5], [-100.0, 1e-3, -1e-3, 100.0]])
        )
    if "ensemble.seeds" in chosen:
        chosen["ensemble.seeds"] = min(chosen["ensemble.seeds"], MAX_RUNS // 20)
    chosen["methods"] = draw(st.lists(methods(), min_size=1, max_size=5, unique=True))
    return Experiment().replace(chosen)
