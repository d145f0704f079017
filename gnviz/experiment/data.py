"""What is fitted."""

from __future__ import annotations

import param

from gnviz.knobs import Group

MAX_SAMPLES = 2000
"""Most samples of a data set: the kernel is n x n and its eigenvectors are wanted at every step."""

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
