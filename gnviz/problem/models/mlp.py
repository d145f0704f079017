"""Multilayer perceptrons whose exact tangent kernel costs about a gradient step.

For layer inputs A_l (n x m_{l-1}) and output sensitivities D_l = df/dz_l (n x m_l),

    K = sum_l (D_l D_l^T) * (s_l^2 A_l A_l^T + 1)        (* elementwise; + 1 from the biases),

so the n x p Jacobian is formed only where it is smaller than K. The layers are
z_l = s_l W_l a_{l-1} + b_l with s_1 = 1 (inputs have norm about 1) and s_l = 1/sqrt(width) after that (NTK
scaling); the output f = c . a_L / sqrt(width) has no bias. All weights are standard normal at the start and
all are trained. Derived; see Jacot et al. (2018) for the scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gnviz.activations import Activation, parse_activation

HALVED = 256
"""Samples from which K is computed in halves, a quarter of it by reflection; below, more calls cost more."""


@dataclass(frozen=True)
class MLP:
    """A perceptron of `depth` hidden layers of equal `width` and one output.

    Attributes:
        inputs: Input dimension d.
        width: Neurons m per hidden layer.
        depth: Number of hidden layers.
        activation: The nonlinearity's text, such as `tanh`.
    """

    inputs: int
    width: int
    depth: int
    activation: str

    @cached_property
    def sigma(self) -> Activation:
        """The nonlinearity."""
        return parse_activation(self.activation)

    @cached_property
    def fan_in(self) -> tuple[int, ...]:
        """Input sizes of the hidden layers."""
        return (self.inputs, *[self.width] * (self.depth - 1))

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """The factors s_l of the hidden layers' weights."""
        return (1.0, *[1 / math.sqrt(self.width)] * (self.depth - 1))

    @property
    def output_scale(self) -> float:
        """The factor 1/sqrt(width) of the output layer."""
        return 1 / math.sqrt(self.width)

    @property
    def parameters(self) -> int:
        """The number p of parameters."""
        return sum((k + 1) * self.width for k in self.fan_in) + self.width

    @property
    def shared_units(self) -> bool:
        """True: all weights are standard normal at the start."""
        return True

    def entries(self, n: int) -> int:
        """Return how many entries the largest matrix of one run has: the kernel, or a layer's outputs."""
        return n * max(n, self.width)

    def initialize(self, generator: torch.Generator, *, paired: bool) -> Tensor:
        """Draw standard normal weights, float64 on the CPU.

        Args:
            generator: Source of randomness.
            paired: Make the second half of the last hidden layer a twin of the first, with
                opposite output weights, so that f(w0) = 0 (needs an even width).

        Returns:
            Flat parameters, shape (p,).
        """

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        half = self.width // 2
        parts: list[Tensor] = []
        for layer, k in enumerate(self.fan_in):
            rows = half if paired and layer == self.depth - 1 else self.width
            weight, bias = draw(rows, k), draw(rows)
            twice = self.width // rows if rows else 1
            parts += [weight.repeat(twice, 1).reshape(-1), bias.repeat(twice)]
        c = draw(half if paired else self.width)
        parts.append(torch.cat([c, -c]) if paired else c)
        return torch.cat(parts)

    def unflatten(self, w: Tensor) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """Return views of w (R, p): [(W (R, m, k), b (R, m)), ...] and c (R, m)."""
        layers, start = [], 0
        for k in self.fan_in:
            stop = start + self.width * k
            weight = w[:, start:stop].view(-1, self.width, k)
            layers.append((weight, w[:, stop : stop + self.width]))
            start = stop + self.width
        return layers, w[:, start:]

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """Return f(w) on inputs x (n, d), shape (R, n), for w (R, p)."""
        layers, c = self.unflatten(w)
        a = x.expand(len(w), *x.shape)
        for scale, layer in zip(self.scales, layers, strict=True):
            a = self.sigma.value(_affine(layer, a, scale))
        return _apply(a, c) * self.output_scale

    def linearize(self, w: Tensor, x: Tensor) -> MLPLinearization:
        """Return outputs and tangent map at w (R, p) on inputs x (n, d)."""
        layers, c = self.unflatten(w)
        sigma = self.sigma
        inputs, slopes = [x.expand(len(w), *x.shape)], []
        for scale, layer in zip(self.scales, layers, strict=True):
            z = _affine(layer, inputs[-1], scale)
            inputs.append(sigma.value(z))
            slopes.append(sigma.slope(z, inputs[-1]))
        sensitivities = [slopes[-1] * (c * self.output_scale)[:, None, :]]
        for layer in range(self.depth - 1, 0, -1):
            back = sensitivities[0] @ layers[layer][0] * self.scales[layer]
            sensitivities.insert(0, back * slopes[layer - 1])
        return MLPLinearization(self, _apply(inputs[-1], c) * self.output_scale, inputs, sensitivities)

    def second_derivatives(self, w: Tensor, x: Tensor, v: Tensor) -> Tensor:
        """Return sum_k v_k Hess f_k of a network with one hidden layer, shape (R, p, p).

        A block for each neuron, as weights of different ones share no product: with z = (w, b) (x, 1)^T,
        v^T f = sum_j s c_j sigma(z_j) v bends by s c_j sigma'' among (w, b), and by s sigma' beside c.

        Args:
            w: Weights, shape (R, p).
            x: Inputs, shape (n, d).
            v: A number for each sample, shape (R, n).
        """
        ((weight, bias),), c = self.unflatten(w)
        z = _affine((weight, bias), x.expand(len(w), *x.shape), 1.0)
        a, s = self.sigma.value(z), self.output_scale
        ones = torch.cat([x, torch.ones_like(x[:, :1])], 1)
        bent = s * c[:, None] * self.sigma.second_derivative(z, a) * v[:, :, None]
        beside = torch.einsum("rij,ia->rja", s * self.sigma.slope(z, a) * v[:, :, None], ones)
        block = w.new_zeros(len(w), self.width, self.inputs + 2, self.inputs + 2)
        block[:, :, :-1, :-1] = torch.einsum("rij,ia,ib->rjab", bent, ones, ones)
        block[:, :, :-1, -1] = block[:, :, -1, :-1] = beside
        numbers = torch.arange(self.parameters, device=w.device)[None]
        ((of_weight, of_bias),), of_c = self.unflatten(numbers)
        mine = torch.cat([of_weight[0], of_bias[0][:, None], of_c[0][:, None]], 1)
        hessian = w.new_zeros(len(w), self.parameters, self.parameters)
        hessian[:, mine[:, :, None], mine[:, None, :]] = block
        return hessian


def _affine(layer: tuple[Tensor, Tensor], a: Tensor, scale: float) -> Tensor:
    """Return z = scale W a + b, shape (R, n, m), for a (R, n, k)."""
    weight, bias = layer
    return torch.baddbmm(bias[:, None, :], a, weight.mT, alpha=scale)


def _apply(a: Tensor, c: Tensor) -> Tensor:
    """Return a c, shape (R, n), for a (R, n, m) and c (R, m)."""
    return (a @ c[:, :, None])[:, :, 0]


def _halves(arrays: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Return each array's first and second half of the samples, as views."""
    middle = arrays[0].shape[1] // 2
    return [a[:, :middle] for a in arrays], [a[:, middle:] for a in arrays]


@dataclass(frozen=True)
class MLPLinearization:
    """The tangent map of an `MLP`, kept as layer inputs and output sensitivities.

    Attributes:
        network: The network.
        outputs: f(w), shape (R, n).
        layer_inputs: A_l for the hidden layers and the output, each (R, n, m_{l-1}).
        sensitivities: D_l = df/dz_l for the hidden layers, each (R, n, m).
    """

    network: MLP
    outputs: Tensor
    layer_inputs: list[Tensor]
    sensitivities: list[Tensor]

    def kernel(self) -> Tensor:
        """Return K = J J^T, shape (R, n, n)."""
        n = self.outputs.shape[1]
        a, d = self.layer_inputs, self.sensitivities
        if n < HALVED:
            return self._products(a, a, d, d)
        inputs, slopes = _halves(a), _halves(d)
        first, second = slice(0, n // 2), slice(n // 2, n)
        k = self.outputs.new_empty(len(self.outputs), n, n)
        k[:, first, first] = self._products(inputs[0], inputs[0], slopes[0], slopes[0])
        k[:, second, second] = self._products(inputs[1], inputs[1], slopes[1], slopes[1])
        corner = self._products(inputs[1], inputs[0], slopes[1], slopes[0])
        k[:, second, first], k[:, first, second] = corner, corner.mT
        return k

    def _products(self, a: list[Tensor], b: list[Tensor], da: list[Tensor], db: list[Tensor]) -> Tensor:
        """Return the kernel between samples with layer inputs a, b and sensitivities da, db."""
        one = a[-1].new_ones(())
        k = torch.baddbmm(one, a[-1], b[-1].mT, beta=0, alpha=self.network.output_scale**2)
        for i, scale in enumerate(self.network.scales):
            k.addcmul_(torch.bmm(da[i], db[i].mT), torch.baddbmm(one, a[i], b[i].mT, alpha=scale**2))
        return k

    def jacobian(self) -> Tensor:
        """Return J, shape (R, n, p), in the order of the flat parameters."""
        parts = []
        for scale, a, d in zip(self.network.scales, self.layer_inputs, self.sensitivities, strict=False):
            parts += [(scale * d[:, :, :, None] * a[:, :, None, :]).flatten(2), d]
        parts.append(self.layer_inputs[-1] * self.network.output_scale)
        return torch.cat(parts, 2)

    def vjp(self, v: Tensor) -> Tensor:
        """Return J^T v, shape (R, p), for v (R, n): one weighted backward pass."""
        out = v.new_empty(len(v), self.network.parameters)  # filled in place: it is the largest array
        layers, c = self.network.unflatten(out)
        for (weight, bias), scale, a, d in zip(
            layers, self.network.scales, self.layer_inputs, self.sensitivities, strict=False
        ):
            weighted = d * v[:, :, None]
            torch.baddbmm(weight, weighted.mT, a, beta=0, alpha=scale, out=weight)
            torch.sum(weighted, 1, out=bias)
        c.copy_(_apply(self.layer_inputs[-1].mT, v) * self.network.output_scale)
        return out

    def jvp(self, dw: Tensor) -> Tensor:
        """Return J dw, shape (R, n), for dw (R, p)."""
        layers, c = self.network.unflatten(dw)
        out = _apply(self.layer_inputs[-1], c) * self.network.output_scale
        for scale, a, d, layer in zip(
            self.network.scales, self.layer_inputs, self.sensitivities, layers, strict=False
        ):
            out = out + (d * _affine(layer, a, scale)).sum(-1)
        return out

    def absolute_jvp(self, w: Tensor) -> Tensor:
        """Return |J| |w|, shape (R, n), for w (R, p): every entry of J is one product, so one more `jvp`."""
        inputs, slopes = [a.abs() for a in self.layer_inputs], [d.abs() for d in self.sensitivities]
        return MLPLinearization(self.network, self.outputs, inputs, slopes).jvp(w.abs())
