"""Data sets, one a file: made ones, tables of measurements, arrays of one's own.

To add one, write its file: a subclass of `DataSet` with a label. Nothing here imports torch before samples
are asked for.
"""

from gnviz.data.base import DataSet, Made
from gnviz.data.samples import MAX_SAMPLES, Given, Samples
from gnviz.data.targets import TARGETS
from gnviz.knobs.registry import REGISTRIES, Registry, kinds_in

DATA_SETS: Registry[type[DataSet]] = Registry(DataSet, kinds_in(DataSet, __name__), "data set")
REGISTRIES.append(DATA_SETS)

__all__ = ["DATA_SETS", "MAX_SAMPLES", "TARGETS", "DataSet", "Given", "Made", "Samples"]
