"""Tangent kernels of wide networks against their limits at infinite width, in closed form.

With x~ = (x, 1) and s = x~ . x~', the layer z = W x + b and f = c . sigma(z) / sqrt(m) have the limit
K = E[sigma(z) sigma(z')] + E[sigma'(z) sigma'(z')] s. The means over Gaussian z are those of Williams (1997)
for erf and of Cho and Saul (2009) for ReLU.
"""

import math

import pytest
import torch

from gnviz.problem.autodiff.model import DenseModel
from gnviz.problem.models.mlp import MLP

WIDTHS = (64, 512, 4096)
SEEDS = 12


def points():
    g = torch.Generator().manual_seed(3)
    x = torch.randn(8, 2, generator=g, dtype=torch.float64)
    return x / x.norm(dim=1, keepdim=True)


def covariances(x):
    augmented = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
    s = augmented @ augmented.T
    return s, s.diagonal()[:, None], s.diagonal()[None]


def erf_limit(x):
    s, a, b = covariances(x)
    size = (1 + 2 * a) * (1 + 2 * b)
    values = 2 / math.pi * torch.asin(2 * s / size.sqrt())
    slopes = 4 / math.pi / (size - 4 * s**2).sqrt()
    return values + slopes * s


def relu_limit(x):
    s, a, b = covariances(x)
    cosine = (s / (a * b).sqrt()).clamp(-1, 1)
    angle = torch.acos(cosine)
    values = (a * b).sqrt() / (2 * math.pi) * (angle.sin() + (math.pi - angle) * cosine)
    return values + (math.pi - angle) / (2 * math.pi) * s


def erf_kernels(width, x):
    network = MLP(2, width, 1, "erf")
    generator = torch.Generator().manual_seed(width)
    w = torch.stack([network.initialize(generator, paired=False) for _ in range(SEEDS)])
    return network.linearize(w, x).kernel()


def relu_kernels(width, x):
    def network(w, x):
        matrix, bias, c = w[: 2 * width].view(width, 2), w[2 * width : 3 * width], w[3 * width :]
        return torch.relu(x @ matrix.T + bias) @ c / math.sqrt(width)

    generator = torch.Generator().manual_seed(width)
    w = torch.randn(SEEDS, 4 * width, generator=generator, dtype=torch.float64)
    return DenseModel(network, 4 * width, "reverse").linearize(w, x).kernel()


@pytest.mark.parametrize(("kernels", "limit"), [(erf_kernels, erf_limit), (relu_kernels, relu_limit)])
def test_the_kernel_comes_within_one_over_root_width_of_its_limit(kernels, limit):
    x = points()
    exact = limit(x)
    gaps = [
        ((kernels(m, x) - exact).flatten(1).norm(dim=1) / exact.norm()).square().mean().sqrt() for m in WIDTHS
    ]
    scaled = [gap.item() * math.sqrt(m) for gap, m in zip(gaps, WIDTHS, strict=True)]
    print(f"{limit.__name__}: gap times root width {', '.join(f'{s:.2f}' for s in scaled)}")
    # of order 1 at every width; measured 1.2 to 1.4 for erf and 1.6 to 1.8 for ReLU
    assert all(0.5 < s < 2.5 for s in scaled)
