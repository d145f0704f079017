"""The experiment: every knob of gnviz, defined once.

`Experiment` and its parts declare name, default, bounds and meaning of each setting. The
dotted names (`data.condition`, `network.width`, ...) are public: Python, JSON, URLs, the
command line and the page's widgets all use them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, urlencode

import param

from gnviz.ensemble import ALPHA, Ensemble, Run, check_size, expand
from gnviz.knobs import Group, KnobError, flatten, parse, text_of, unknown
from gnviz.methods import Method, parse_method
from gnviz.observe import Observe
from gnviz.surface import Surface

MAX_SAMPLES = 2000
"""Most samples of a data set: the kernel is n x n and its eigenvectors are wanted at every step."""

MAX_METHODS = 12
"""Most runs compared in one experiment: as many as there are colours to tell apart."""

DATA_KINDS = {
    "circle": "pairs on a half circle (the conditioning dial)",
    "ring": "evenly spaced points on the full circle",
    "line": "evenly spaced points on [-1, 1]",
    "teacher": "random inputs, labels from a random network",
    "enso": "NIST ENSO: Pacific pressure differences, 168 months",
    "thurber": "NIST Thurber: electron mobility, 37 points",
    "csv": "your own CSV",
}

TARGETS = {
    "two-tone": "sin 3θ + 0.3 cos 7θ",
    "wave": "sin 2θ",
    "step": "sign(sin 2θ)",
    "equal-modes": "equal weight in every eigenvector of K₀",
}

LOSSES = {
    "squared": "½‖u − y‖²",
    "log-cosh": "Σ log cosh(u − y): robust, absolute error far out",
    "pseudo-huber": "robust, absolute error beyond loss.delta",
    "logistic": "classification: Σ log(1 + exp(−y u)), labels −1 and 1",
    "weighted": "squared with weights from 1 to 1/loss.condition: ill-conditioned on purpose",
}

STEP_RULES = ("fixed", "stable", "line-search")

ACTIVATIONS = ("tanh", "erf", "sigmoid", "softplus", "gelu", "silu", "sin")


class Data(Group):
    """What is fitted: inputs x of shape (n, d) and targets y of shape (n,)."""

    kind = param.Selector(
        default="circle", objects=list(DATA_KINDS), doc="Where inputs and targets come from."
    )
    n = param.Integer(10, bounds=(1, MAX_SAMPLES), doc="Number of samples (made data only).")
    d = param.Integer(
        2, bounds=(1, 100), doc="Input dimension (teacher only; circle and ring have 2, the line 1)."
    )
    condition = param.Number(
        1e7,
        bounds=(1e2, 1e12),
        allow_None=True,
        doc="Condition number of K_0, reached by moving the circle's pairs together; none: use separation.",
    )
    separation = param.Number(
        0.1,
        bounds=(1e-7, 3.0),
        doc="Angle between the partners of a pair, in radians (when condition is none).",
    )
    target = param.Selector(
        default="two-tone",
        objects=list(TARGETS),
        doc="Function to fit (circle, ring and line), or equal-modes (any data).",
    )
    noise = param.Number(
        0.0, bounds=(0.0, 10.0), doc="Standard deviation of Gaussian noise added to made targets."
    )
    seed = param.Integer(
        0, bounds=(0, 2**31 - 1), doc="Seed of random inputs, teacher, noise and test samples."
    )
    test = param.Integer(
        0,
        bounds=(0, MAX_SAMPLES),
        doc="Samples for the test loss: drawn beside made data, or held out of a table's rows.",
    )
    path = param.String("", doc="CSV file to read when kind is csv (never taken from a URL).")
    table = param.String(
        "", doc="The CSV's text itself, for uploads; wins over path (never taken from a URL)."
    )
    x = param.List(
        [], item_type=str, doc="CSV columns used as inputs; empty: all that hold numbers, but the target."
    )
    y = param.String("", doc="CSV column used as target; empty: the last one that holds numbers.")
    missing = param.Selector(
        default="refuse",
        objects=["refuse", "drop"],
        doc="What is done with rows of a CSV that have empty cells in the columns used: refuse the table, or "
        "drop the rows.",
    )
    rows = param.Integer(
        None,
        bounds=(2, MAX_SAMPLES),
        allow_None=True,
        doc="Most rows of a CSV to use; of more, so many are chosen at random with data.seed. None: all.",
    )


class Network(Group):
    """The model: a multilayer perceptron u = alpha f(w) in NTK scaling."""

    width = param.Integer(400, bounds=(1, 4096), doc="Neurons in each hidden layer.")
    depth = param.Integer(1, bounds=(1, 8), doc="Number of hidden layers.")
    activation = param.Selector(
        default="tanh", objects=list(ACTIVATIONS), doc="Nonlinearity of the hidden layers."
    )
    initialization = param.Selector(
        default="paired",
        objects=["paired", "centred", "plain"],
        doc="paired: twin neurons cancel, f(w0) = 0; centred: u = alpha (f(w) - f(w0)); plain: neither.",
    )
    alpha = param.Number(
        5.0, bounds=ALPHA, doc="Output scaling alpha: large is lazy, the weights hardly move."
    )
    seed = param.Integer(0, bounds=(0, 2**31 - 1), doc="Seed of the initial weights.")


class Loss(Group):
    """What is minimized: a convex loss g(u) of the predictions u."""

    kind = param.Selector(
        default="squared",
        objects=list(LOSSES),
        doc="The loss. logistic takes two-valued targets; made targets are replaced by their sign.",
    )
    delta = param.Number(
        1.0, bounds=(1e-3, 1e3), doc="Residual beyond which the error counts as absolute (pseudo-huber)."
    )
    condition = param.Number(
        1e3,
        bounds=(1.0, 1e12),
        doc="Ratio of the largest to the smallest weight, falling geometrically over the samples (weighted).",
    )


class Clock(Group):
    """How time passes: the flow in continuous time, or discrete steps."""

    kind = param.Selector(
        default="flow", objects=["flow", "steps"], doc="Continuous flow, or discrete steps."
    )
    horizon = param.Number(
        None,
        bounds=(1e-6, 1e16),
        allow_None=True,
        doc="Flow time at which to stop; none: 16 over the slowest predicted rate at the start.",
    )
    snapshots = param.Integer(160, bounds=(2, 2000), doc="Number of recorded moments.")
    spacing = param.Selector(default="log", objects=["log", "linear"], doc="Spacing of the recorded moments.")
    tol = param.Number(
        1e-3,
        bounds=(1e-8, 0.03),  # beyond, the estimate of the error is too far from the error
        doc="Accuracy of the flow: ||u - u_exact|| is at most this times ||u - y|| at every recorded moment, "
        "whatever the loss, up to rounding; a run that may not have kept it says so.",
    )
    gtol = param.Number(
        1e-14,
        bounds=(0.0, 0.1),
        doc="A run has converged when the weights can still change at most this share of the residual, "
        "to first order.",
    )
    xtol = param.Number(
        1e-12,
        bounds=(0.0, 0.1),
        doc="So has a trust region whose step is at most this share of the weights, in units of their own.",
    )
    ftol = param.Number(
        1e-15,
        bounds=(0.0, 0.1),
        doc="So has a trust region whose step lowers the loss, and is predicted to, by at most this share.",
    )
    steps = param.Integer(1000, bounds=(1, 10_000_000), doc="Number of steps (steps clock).")
    step_rule = param.Selector(
        default="fixed",
        objects=list(STEP_RULES),
        doc="How the step size is chosen: fixed (step_size), stable (0.9 of the largest stable one, as the "
        "kernel moves), or line-search (backtracking from step_size until the loss falls enough).",
    )
    step_size = param.Number(
        None,
        bounds=(1e-12, 1e9),
        allow_None=True,
        doc="Step size eta (fixed), or the first one tried (line-search); none: 1 over the largest "
        "predicted rate at the start, for each method (adam: 0.001 alpha).",
    )


class Experiment(param.Parameterized):
    """A complete, reproducible description of one comparison of methods.

    The default is the paper's second figure at kappa(K_0) = 1e7: ten samples in close pairs,
    a wide network, gradient flow beside constant and adaptive damping.

    Example:
        >>> experiment = Experiment().replace({"data.condition": 1e6, "network.width": 200})
        >>> Experiment.from_dict(experiment.to_dict()) == experiment
        True
    """

    data = param.ClassSelector(default=Data(), class_=Data, doc="What is fitted.")
    network = param.ClassSelector(default=Network(), class_=Network, doc="The model.")
    loss = param.ClassSelector(default=Loss(), class_=Loss, doc="What is minimized.")
    methods = param.List(
        ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"],
        item_type=str,
        bounds=(1, MAX_METHODS),
        doc="The methods compared, each a name with its parameters.",
    )
    ensemble = param.ClassSelector(default=Ensemble(), class_=Ensemble, doc="Repetitions.")
    clock = param.ClassSelector(default=Clock(), class_=Clock, doc="How time passes.")
    surface = param.ClassSelector(
        default=Surface(), class_=Surface, doc="A surface to walk on instead: 3 samples, 2 parameters."
    )
    observe = param.ClassSelector(default=Observe(), class_=Observe, doc="What is measured on request.")
    device = param.Selector(
        default="auto",
        objects=["auto", "cpu", "cuda"],
        doc="Where to compute; auto takes CUDA where there is one.",
    )
    dtype = param.Selector(default="float64", objects=["float64", "float32"], doc="Floating-point precision.")

    _parts: ClassVar[dict[str, type[Group]]] = {
        "data": Data, "network": Network, "loss": Loss, "ensemble": Ensemble, "clock": Clock,
        "observe": Observe, "surface": Surface,
    }  # fmt: skip
    _order: ClassVar[tuple[str, ...]] = (
        "data", "network", "loss", "methods", "ensemble", "clock", "observe", "surface", "device",
        "dtype",
    )  # fmt: skip

    def __init__(self, **values: Any) -> None:
        for name, group in self._parts.items():
            values.setdefault(name, group())
        values["methods"] = canonical_methods(values.get("methods", type(self).methods))
        super().__init__(**values)
        check_size(self.methods, self.ensemble)

    @property
    def parsed_methods(self) -> list[Method]:
        """The methods as objects, in order."""
        return [parse_method(m) for m in self.methods]

    @property
    def runs(self) -> list[Run]:
        """Every method with every alpha and seed, in this order, labelled by what differs."""
        return expand(self.methods, self.network.alpha, self.network.seed, self.ensemble)

    @classmethod
    def knobs(cls) -> dict[str, param.Parameter]:
        """Return every knob by its dotted public name."""
        out: dict[str, param.Parameter] = {}
        for name in cls._order:
            if name in cls._parts:
                out |= {f"{name}.{k}": p for k, p in cls._parts[name].knobs().items()}
            else:
                out[name] = cls.param[name]
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values, ready for JSON."""
        return {
            name: getattr(self, name).to_dict() if name in self._parts else getattr(self, name)
            for name in self._order
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build an experiment from nested (`{"data": {"n": 10}}`) or dotted names.

        Raises:
            KnobError: A name is unknown or a value not allowed.
        """
        return cls().replace(values)

    def replace(self, values: Mapping[str, Any]) -> Self:
        """Return a copy with some knobs changed, given by (dotted or nested) names.

        Args:
            values: New values; texts such as `"1e7"` are converted.

        Raises:
            KnobError: A name is unknown or a value not allowed.
        """
        knobs, new = self.knobs(), dict(flatten(self.to_dict()))
        for name, value in flatten(values):
            if name not in knobs:
                raise KnobError(unknown("knob", name, knobs))
            new[name] = parse(name, knobs[name], value)
        parts = {part: {} for part in self._parts}
        top = {}
        for name, value in new.items():
            part, dot, leaf = name.partition(".")
            if dot:
                parts[part][leaf] = value
            else:
                top[name] = value
        return type(self)(**{p: self._parts[p](**v) for p, v in parts.items()}, **top)

    def to_json(self) -> str:
        """Return the experiment as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read an experiment from JSON.

        Raises:
            KnobError: The text is not JSON, not an object, or holds a bad setting.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise KnobError(f"not a JSON experiment: {error}") from None
        if not isinstance(values, dict):
            raise KnobError('not a JSON experiment: expected an object such as {"data": {"n": 10}}')
        return cls.from_dict(values)

    def to_query(self) -> str:
        """Return a URL query (without `?`) with the knobs that differ from the defaults."""
        base = dict(flatten(Experiment().to_dict()))
        pairs = [
            (name, text_of(value))
            for name, value in flatten(self.to_dict())
            if value != base[name] and name not in NOT_IN_URLS
        ]
        return urlencode(pairs, quote_via=quote, safe=";()=")

    @classmethod
    def from_query(cls, query: str) -> Self:
        """Read an experiment from a URL query; nothing in it is trusted.

        Raises:
            KnobError: A name is unknown or a value not allowed; `data.path` and
                `data.table` are refused, since a link must not read files.
        """
        pairs = dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
        for name in NOT_IN_URLS & set(pairs):
            raise KnobError(f"{name} cannot be set in a URL: open the file on the page instead")
        return cls().replace(pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Experiment) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # mutable values

    def __repr__(self) -> str:
        return f"Experiment.from_query({self.to_query()!r})"

    __str__ = __repr__


NOT_IN_URLS = {"data.path", "data.table"}


def canonical_methods(methods: list[str]) -> list[str]:
    """Return the methods in canonical spelling.

    Raises:
        KnobError: None or too many, an unknown one, or the same one twice.
    """
    if not 1 <= len(methods) <= MAX_METHODS:
        raise KnobError(f"methods: {len(methods)} given, allowed are 1 to {MAX_METHODS}")
    texts = [str(parse_method(m)) for m in methods]
    for text in texts:
        if texts.count(text) > 1:
            raise KnobError(f"methods: {text!r} is given twice")
    return texts
