"""Losses, one a file: convex functions of predictions, with what dynamics and certificates ask of them.

To add one, write its file: a subclass of `Loss` with a label. Nothing here imports torch: tensors bring their
own arithmetic.
"""

from gnviz.knobs.registry import REGISTRIES, Registry, kinds_in
from gnviz.losses.base import Loss

LOSSES: Registry[type[Loss]] = Registry(Loss, kinds_in(Loss, __name__), "loss")
REGISTRIES.append(LOSSES)

__all__ = ["LOSSES", "Loss"]
