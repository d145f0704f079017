"""A complete description of one comparison of methods.

`Experiment` and its parts, a file each, declare name, default, bounds and meaning of each setting. The
dotted names (`data.condition`, `network.width`, ...) are public: Python, JSON, URLs, the
command line and the page's widgets all use them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, urlencode

import param

from gnviz.experiment.clock import Clock
from gnviz.experiment.data import Data
from gnviz.experiment.ensemble import Ensemble, Run, check_size, expand
from gnviz.experiment.loss import Loss
from gnviz.experiment.network import Network
from gnviz.experiment.observe import Observe
from gnviz.experiment.surface import Surface
from gnviz.knobs import Group, KnobError, flatten, parse, quoted, text_of, unknown
from gnviz.knobs.texts import split_outside
from gnviz.methods import Method, parse_method

MAX_METHODS = 12
"""Most runs compared in one experiment: as many as there are colours to tell apart."""


class Experiment(param.Parameterized):
    """A complete, reproducible description of one comparison of methods.

    The default is the paper's second figure at kappa(K_0) = 1e7: ten samples in close pairs,
    a wide network, gradient flow beside constant and adaptive damping.

    Example:
        >>> experiment = Experiment().replace({"data.condition": 1e6, "network.width": 200})
        >>> Experiment.from_dict(experiment.to_dict()) == experiment
        True
        >>> Experiment(data=Ring(n=4), loss="log-cosh", methods=[Adaptive(c=2), "gradient-flow"])
        Experiment(data=Ring(n=4), loss=LogCosh(), methods=[Adaptive(c=2.0), GradientFlow()])
    """

    data: Any = param.Parameter(None, doc="What is fitted: a data set, its name, or a group of knobs.")
    network = param.ClassSelector(default=Network(), class_=Network, doc="The model.")
    loss: Any = param.Parameter(None, doc="What is minimized: a loss, its name, or a group of knobs.")
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
        doc="Where to compute; auto takes CUDA where there is one and a step is enough work for it.",
    )
    engine = param.Selector(
        default="auto",
        objects=["auto", "torch", "compiled"],
        doc="What follows the runs; auto takes compiled code for small networks on the CPU, else torch.",
    )
    dtype = param.Selector(default="float64", objects=["float64", "float32"], doc="Floating-point precision.")

    _parts: ClassVar[dict[str, type[Group]]] = {
        "data": Data, "network": Network, "loss": Loss, "ensemble": Ensemble, "clock": Clock,
        "observe": Observe, "surface": Surface,
    }  # fmt: skip
    _order: ClassVar[tuple[str, ...]] = (
        "data", "network", "loss", "methods", "ensemble", "clock", "observe", "surface", "device",
        "engine", "dtype",
    )  # fmt: skip

    def __init__(self, **values: Any) -> None:
        for name, group in self._parts.items():
            values.setdefault(name, group())
        super().__init__(**{"methods": type(self).methods} | values)
        check_size(self.methods, self.ensemble)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a knob, or a group of knobs.

        Raises:
            KnobError: The value is not allowed.
        """
        if name == "methods":
            value = canonical_methods(parse(name, self.param.methods, value))
        elif name in ("data", "loss"):
            part = self._parts[name]
            value = value if isinstance(value, part) else part.of(value)  # type: ignore[attr-defined]
        elif name in ("device", "engine", "dtype"):
            value = parse(name, self.param[name], value)
        super().__setattr__(name, value)

    @property
    def parsed_methods(self) -> list[Method]:
        """The methods as objects, in order."""
        return [parse_method(m) for m in self.methods]

    @property
    def runs(self) -> list[Run]:
        """Every method with every alpha and seed, in this order, labelled by what differs."""
        return expand(self.methods, self.network.alpha, self.network.seed, self.ensemble)

    @property
    def on_surface(self) -> bool:
        """Whether a surface is walked on: data.* and most of network.* do not act then."""
        return self.surface.model != "none"

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
            new[name] = value  # each group reads and checks its own
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
            if value != base.get(name, ABSENT) and name not in NOT_IN_URLS
        ]
        return urlencode(pairs, quote_via=quote, safe=";()=")

    @classmethod
    def from_query(cls, query: str) -> Self:
        """Read an experiment from a URL query; nothing in it is trusted.

        Raises:
            KnobError: A name is unknown or a value not allowed; `data.path` and
                `data.table` are refused, since a link must not read files.
        """
        pairs = dict(query_pairs(query))
        for name in NOT_IN_URLS & set(pairs):
            raise KnobError(f"{name} cannot be set in a URL: open the file on the page instead")
        return cls().replace(pairs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Experiment):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._order)

    __hash__ = None  # type: ignore[assignment]  # mutable values

    def __repr__(self) -> str:
        """Return the Python that makes it again, with what is not as usual."""
        usual = type(self)()
        changed = {n: v for n in self._order if (v := getattr(self, n)) != getattr(usual, n)}
        if "methods" in changed:
            changed["methods"] = self.parsed_methods
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in changed.items())})"

    __str__ = __repr__


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values of a URL query; what no text can hold is replaced."""
    text = query.lstrip("?").encode("utf-8", "replace").decode()
    return parse_qsl(text, keep_blank_values=True)


NOT_IN_URLS = {"data.path", "data.table"}

ABSENT = object()
"""What no knob is equal to."""


def canonical_methods(methods: Sequence[str]) -> list[str]:
    """Return the methods in canonical spelling; commas may stand between them as well as semicolons.

    Raises:
        KnobError: None or too many, an unknown one, or the same one twice.
    """
    methods = [part for text in methods for part in split_outside(text)]
    if not 1 <= len(methods) <= MAX_METHODS:
        raise KnobError(f"methods: {len(methods)} given, allowed are 1 to {MAX_METHODS}")
    texts = [str(parse_method(m)) for m in methods]
    for text in texts:
        if texts.count(text) > 1:
            raise KnobError(f"methods: {quoted(text)} is given twice")
    return texts
