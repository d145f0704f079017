"""Figure `function_space`: the path of the predictions, in three dimensions."""

from gnviz.views.figures.function_space.figure import FunctionSpace

__all__ = ["FunctionSpace"]
