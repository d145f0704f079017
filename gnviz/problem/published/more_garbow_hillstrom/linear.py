"""Linear functions of full rank and of rank 1, with p = 5 and n = 10."""

from __future__ import annotations

from functools import partial

from torch import Tensor
from torch.nn.functional import pad

from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares, indices


def full_rank(w: Tensor, samples: int) -> Tensor:
    """Return w_i - 2 / n sum_j w_j - 1, i = 1 .. n, with w_i = 0 beyond p."""
    return pad(w, (0, samples - len(w))) - 2 / samples * w.sum() - 1


def rank_1(w: Tensor, samples: int) -> Tensor:
    """Return i sum_j j w_j - 1, i = 1 .. n."""
    return indices(w, samples) * (indices(w, len(w)) * w).sum() - 1


def rank_1_with_zeros(w: Tensor, samples: int) -> Tensor:
    """Return (i - 1) sum_(j=2)^(p-1) j w_j - 1, i = 1 .. n - 1, and -1; w_1 and w_p do not act."""
    inner = (indices(w, len(w)) * w)[1:-1].sum()
    return pad((indices(w, samples - 1) - 1) * inner, (0, 1)) - 1


N, P = 10, 5

PROBLEMS = (
    LeastSquares("linear-full-rank", 32, partial(full_rank, samples=N), N, (1.0,) * P, N - P),
    LeastSquares("linear-rank-1", 33, partial(rank_1, samples=N), N, (1.0,) * P, N * (N - 1) / (4 * N + 2)),
    LeastSquares(
        "linear-rank-1-with-zeros",
        34,
        partial(rank_1_with_zeros, samples=N),
        N,
        (1.0,) * P,
        (N**2 + 3 * N - 6) / (4 * N - 6),
    ),
)
