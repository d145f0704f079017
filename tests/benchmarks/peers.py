"""The same damped Gauss-Newton step by other libraries; used by `step.py` and `ensemble.py`.

All take w+ = w - eta J^T (0.9 J J^T + 0.1 I)^{-1} e with an n x n Cholesky factorization, except optimistix
and torch-levenberg-marquardt, whose Levenberg-Marquardt steps are their own.
"""

from __future__ import annotations

import importlib.util

import torch
from made import STEP, Size, Steps

from gnviz.problem.models.mlp import MLP

LARGEST_STACK = 5_000
"""Parameters up to which optimistix is run: at 134,656 its (n + p) x p system would take 145 GB."""


def torch_steps(size: Size) -> Steps:
    """Torch's jacrev, then an n x n Cholesky factorization."""
    (x, y), w = size.data(), list(size.weights())

    def outputs(v: torch.Tensor) -> torch.Tensor:
        return size.network.outputs(v[None], x)[0]

    jacobian = torch.func.jacrev(lambda v: (lambda f: (f, f))(outputs(v)), has_aux=True)

    def steps(count: int) -> None:
        for _ in range(count):
            j, f = jacobian(w[0])
            gram = 0.9 * j @ j.T
            gram.diagonal().add_(0.1)
            v = torch.cholesky_solve((f - y)[:, None], torch.linalg.cholesky(gram))[:, 0]
            w[0] = w[0] - STEP * (j.T @ v)

    return steps


def jax_step(size: Size):
    """Return the step of one run's weights in JAX: reverse-mode Jacobian, n x n Cholesky factorization."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, y = (jnp.asarray(v.numpy()) for v in size.data())
    outputs = jax_outputs(size.network)

    def step(w):
        j, e = jax.jacrev(outputs)(w, x), outputs(w, x) - y
        factor = jax.scipy.linalg.cho_factor(0.9 * j @ j.T + 0.1 * jnp.eye(len(y)))
        return w - STEP * j.T @ jax.scipy.linalg.cho_solve(factor, e)

    return step


def jax_steps(size: Size) -> Steps:
    """JAX under jit."""
    import jax

    return repeated(jax.jit(jax_step(size)), size.weights()[0])


def jax_ensemble(size: Size, runs: int) -> Steps:
    """JAX under vmap and jit, one call a step."""
    import jax

    return repeated(jax.jit(jax.vmap(jax_step(size))), size.weights(runs))


def jax_ensemble_loop(size: Size, runs: int) -> Steps:
    """JAX under vmap and jit, the loop over the steps compiled as well."""
    import jax
    import jax.numpy as jnp

    step = jax.vmap(jax_step(size))
    loop = jax.jit(lambda w, count: jax.lax.fori_loop(0, count, lambda _, v: step(v), w))
    w = [jnp.asarray(size.weights(runs).numpy())]

    def steps(count: int) -> None:
        w[0] = loop(w[0], count)
        w[0].block_until_ready()

    return steps


def repeated(step, start: torch.Tensor) -> Steps:
    """Return a function that takes so many steps from the weights where the last ones ended."""
    import jax.numpy as jnp

    w = [jnp.asarray(start.numpy())]

    def steps(count: int) -> None:
        for _ in range(count):
            w[0] = step(w[0])
        w[0].block_until_ready()

    return steps


def optimistix_steps(size: Size) -> Steps:
    """Levenberg-Marquardt of optimistix, one step a call; it solves with the stacked (n + p) x p system."""
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    (x, y), w = (jnp.asarray(v.numpy()) for v in size.data()), jnp.asarray(size.weights()[0].numpy())
    outputs = jax_outputs(size.network)
    solver = optimistix.LevenbergMarquardt(rtol=0.0, atol=0.0)

    @jax.jit
    def solve(w):
        return optimistix.least_squares(
            lambda v, _: outputs(v, x) - y, solver, w, max_steps=1, throw=False
        ).value

    def steps(count: int) -> None:
        for _ in range(count):
            solve(w).block_until_ready()

    return steps


def jax_outputs(network: MLP):
    """Return the network's outputs as a function of flat weights in JAX."""
    import jax.numpy as jnp

    def outputs(w, x):
        a, start = x, 0
        for scale, k in zip(network.scales, network.fan_in, strict=True):
            stop = start + network.width * k
            weight, bias = w[start:stop].reshape(network.width, k), w[stop : stop + network.width]
            a, start = jnp.tanh(scale * a @ weight.T + bias), stop + network.width
        return a @ w[start:] * network.output_scale

    return outputs


def torch_lm_steps(size: Size) -> Steps:
    """Levenberg-Marquardt of torch-levenberg-marquardt on an nn.Module of the same shape."""
    import torch_levenberg_marquardt as lm

    x, y = size.data()
    layers: list[torch.nn.Module] = [torch.nn.Linear(size.d, size.width), torch.nn.Tanh()]
    for _ in range(size.depth - 1):
        layers += [torch.nn.Linear(size.width, size.width), torch.nn.Tanh()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(size.width, 1, bias=False)).double()
    module = lm.training.LevenbergMarquardtModule(model=net, loss_fn=lm.loss.MSELoss(), attempts_per_step=1)

    def steps(count: int) -> None:
        for _ in range(count):
            module.training_step(x, y[:, None])

    return steps


PEERS = {
    "torch": ("torch jacrev + Cholesky", torch_steps),
    "jax": ("JAX jit jacrev + Cholesky", jax_steps),
    "optimistix": ("optimistix LM", optimistix_steps),
    "torch_levenberg_marquardt": ("torch-levenberg-marquardt", torch_lm_steps),
}
"""By the package that has to be importable: the name to print, and what makes the steps."""


def peers_for(size: Size) -> dict[str, Steps]:
    """Return the steps of the peers that can be imported and hold their matrices; print which are missing."""
    out = {}
    for package, (name, make) in PEERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{package} cannot be imported: pip install -e '.[bench]'")
        elif package == "optimistix" and size.p > LARGEST_STACK:
            print(f"{name}: left out, its matrix would take {8e-9 * (size.n + size.p) * size.p:,.0f} GB")
        else:
            out[name] = make(size)
    return out
