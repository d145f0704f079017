"""What every activation is: a function of a number, with the derivative that the structured kernel needs."""

from __future__ import annotations

from typing import Any, ClassVar

from gnviz.knobs.kinds import Kind


class Activation(Kind):
    """An elementwise nonlinearity sigma.

    Subclasses set `label` (the public name) and `meaning` (one line), declare their knobs if they have any,
    and define `value`; its derivatives are by automatic differentiation where they are not written out.

    Attributes:
        smooth: Whether its derivative is continuous, so that the kernel moves without jumps: the scheme that
            follows a flow rests on it, and so do the certificates. Others are trained in discrete steps only.
    """

    smooth: ClassVar[bool] = True

    def value(self, z: Any) -> Any:
        """Return sigma(z), a tensor like z, whatever its shape."""
        raise NotImplementedError

    def slope(self, z: Any, a: Any) -> Any:
        """Return sigma'(z), a tensor like z; a = sigma(z) is at hand."""
        from torch.func import grad

        return grad(lambda v: self.value(v).sum())(z)

    def second_derivative(self, z: Any, a: Any) -> Any:
        """Return sigma''(z), a tensor like z; a = sigma(z) is at hand."""
        from torch.func import grad

        return grad(lambda v: self.slope(v, self.value(v)).sum())(z)

    def expectations(self, q: Any) -> tuple[Any, Any] | None:
        """Return E[sigma(z) sigma(z')^T] and E[sigma'(z) sigma'(z')^T] for z normal about 0, in closed form.

        Args:
            q: The covariance of z, a tensor of shape (n, n).

        Returns:
            Two tensors like q; None where no closed form is known.
        """
        return None
