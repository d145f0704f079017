"""Peak memory of own models beside the estimate: `python tests/benchmarks/own_memory.py`.

Every case has a process of its own; what the interpreter, the libraries and a tiny run take is subtracted.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 8 * 2**30
"""Bytes of address space beyond which a case is stopped, twice over for what is reserved and never used."""

SHORT = [  # model, n, p, starts, clock, methods, horizon
    ("sines", 400, 60, 3, "flow", ["gauss-newton", "gradient-flow"], 1e-6),
    ("sines", 50, 2000, 1, "flow", ["gauss-newton", "adaptive(c=1)", "gradient-flow"], 1e-6),
    ("sines", 50, 2000, 1, "steps", ["gauss-newton", "trust-region", "gradient-flow"], 0),
    ("sines", 2000, 5, 1, "steps", ["trust-region", "gradient-flow"], 0),
]
CASES = [
    *SHORT,
    ("sines", 400, 600, 4, "steps", ["gauss-newton", "trust-region"], 0),
    ("network", 500, 2000, 1, "flow", ["adaptive(c=1)", "gradient-flow"], 1e-3),
    ("sines", 2000, 5, 1, "flow", ["gauss-newton", "gradient-flow", "adaptive(c=1)"], 1e-3),
    ("network", 2000, 1900, 1, "steps", ["trust-region"], 0),
    ("network", 2000, 2000, 1, "flow", ["gauss-newton"], 1e-4),
]


def problem(model, n, p, starts):
    """Return an own problem of about p parameters."""
    import torch

    from gnviz import make_problem

    torch.manual_seed(0)
    x = torch.linspace(-1, 1, n, dtype=torch.float64)
    if model == "network":
        width = round((p + 3) ** 0.5) - 2  # 1 - width - width - 1 has width^2 + 4 width + 1 parameters
        layer = torch.nn.Linear
        parts = layer(1, width), torch.nn.Tanh(), layer(width, width), torch.nn.Tanh(), layer(width, 1)
        return make_problem(torch.nn.Sequential(*parts), x, torch.sin(3 * x))
    waves = torch.arange(1, p + 1, dtype=torch.float64) * (3 / p)

    def sines(w, x):
        return (w * torch.tanh(x[:, None] * waves + w)).sum(1) / p**0.5

    return make_problem(sines, x, torch.sin(3 * x), torch.randn(starts, p, dtype=torch.float64))


def experiment(clock, methods, horizon):
    """Return a short experiment: its peak is there after a step or two."""
    from gnviz import Experiment

    knobs = {"methods": methods, "clock.kind": clock, "clock.snapshots": 3, "device": "cpu"}
    return Experiment().replace(
        knobs | ({"clock.steps": 2} if clock == "steps" else {"clock.horizon": horizon})
    )


def peak():
    """Return the most bytes that this process has held since it began.

    getrusage would not do: its maximum starts with what the parent held.
    """
    if not (status := Path("/proc/self/status")).exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes
    return next(1024 * int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)


def measure(model, n, p, starts, clock, methods, horizon):
    """Run a case here, and return its sizes, its peak and its estimate in bytes."""
    import torch

    from gnviz import run
    from gnviz.problem.memory import most_bytes

    torch.set_num_threads(1)
    for kind in ("flow", "steps"):
        for size in (2, 5):
            run(experiment(kind, ["gauss-newton"], 1e-3), problem("sines", 3, size, 1))
    before, start = peak(), time.perf_counter()
    resource.setrlimit(resource.RLIMIT_AS, (2 * LIMIT, 2 * LIMIT))
    mine = problem(model, n, p, starts)
    settings = experiment(clock, methods, horizon)
    estimate = most_bytes(settings, mine.sizes(len(methods) * starts))
    run(settings, mine)
    seconds = time.perf_counter() - start
    return {"p": mine.model.parameters, "peak": peak() - before, "estimate": estimate, "seconds": seconds}


def apart(case):
    """Measure a case in a process of its own."""
    command = [sys.executable, "-W", "ignore", str(Path(__file__)), json.dumps(case)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def main():
    """Print the table."""
    print(f"{'model':8} {'n':>5} {'p':>5} {'runs':>4} {'clock':5} {'peak':>7} {'estimate':>8} MiB {'s':>6}")
    for case in CASES:
        got, (model, n, _, starts, clock, methods, _) = apart(case), case
        peak_at, estimate = got["peak"] / 2**20, got["estimate"] / 2**20
        sizes = f"{model:8} {n:5} {got['p']:5} {starts * len(methods):4} {clock:5}"
        print(
            f"{sizes} {peak_at:7.0f} {estimate:8.0f}     {got['seconds']:6.1f}  {', '.join(methods)}",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(*json.loads(sys.argv[1]))))
    else:
        main()
