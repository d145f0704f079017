"""One comparison for all tests: it shows where and by how much arrays differ."""

import numpy as np
import torch


def assert_close(actual, expected, *, rtol=0.0, atol=0.0, label=""):
    """Assert |actual - expected| <= atol + rtol max|expected|; a failure prints the worst entries.

    The scale is the largest expected entry, not each entry's own: rounding is relative to what
    was summed, and small entries of a vector are differences of large ones.
    """
    a, e = _array(actual), _array(expected)
    assert a.shape == e.shape, f"{label}: shape {a.shape} is not {e.shape}"
    limit = atol + rtol * (np.abs(e).max() if e.size else 0.0)
    gap = np.abs(a - e)
    bad = ~(gap <= limit)  # NaN is bad
    if bad.any():
        order = np.argsort(np.where(np.isnan(gap), np.inf, gap), axis=None)[::-1][:5]
        worst = [np.unravel_index(i, a.shape) for i in order]
        rows = "\n".join(f"  {tuple(map(int, i))}: {a[i]!r} is not {e[i]!r}, gap {gap[i]:.3g}" for i in worst)
        raise AssertionError(
            f"{label}: {bad.sum()} of {a.size} entries are off by more than {limit:.3g}\n{rows}"
        )


def _array(values):
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().numpy()
    return np.asarray(values, dtype=float)
