"""Thousands of damaged and hostile inputs: is each accepted, or refused in a sentence?

    OMP_NUM_THREADS=1 python tests/benchmarks/hostile_inputs.py [--share 1.0] [--limit 10] [--seed 0]

Cases are drawn from seeds (`tests/hostile`), in a process for each kind that has little memory. A case
that takes longer than the limit is a hang, one that ends the process a crash; the process is then started
again behind it. Exit code 1 if there is a raw exception, a hang or a crash; each is printed with its case.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from hostile import KINDS
from hostile.outcomes import ACCEPTED, REFUSED, VagueError, outcome

MEMORY = 3 * 2**30
"""Bytes of address space that reading a small input may take, beside what the libraries have at the start."""

FIRST = 120.0
"""Seconds for a process's first case, which imports and compiles."""

SHOWN = 5
"""Failures of a kind that are printed in full."""


def work(kind: str, first: int, last: int, seed: int, pipe: Connection) -> None:
    """Send the outcome of each case, in order."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        case = KINDS[kind][0]
        for warm in range(3):  # imports and what is made once
            attempt(kind, f"warm:{warm}", Path(folder))
        confine()
        del case
        for index in range(first, last):
            pipe.send(attempt(kind, f"{seed}:{index}", Path(folder)))


def attempt(kind: str, seed: str, folder: Path) -> tuple[str, str]:
    """Return the outcome of a case, and the traceback of a raw exception."""
    try:
        return outcome(KINDS[kind][0], f"{kind}:{seed}", folder), ""
    except VagueError as error:
        return "raw", f"no sentence: {str(error)[:300]}"
    except BaseException as error:
        lines = traceback.format_exception(error, limit=-4)
        return "raw", "".join(lines)[-1500:]


def confine() -> None:
    """Let the process have little more memory than it has."""
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # no Linux: cases are not confined
        return
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def survey(kind: str, count: int, seed: int, limit: float) -> tuple[Counter[str], list[str]]:
    """Return how often each outcome came, and what failed."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    context, index = multiprocessing.get_context("spawn"), 0
    while index < count:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(kind, index, count, seed, theirs), daemon=True)
        process.start()
        theirs.close()
        patience = FIRST
        while index < count:
            if not ours.poll(patience):
                ended, said = "hang", f"longer than {limit:g} s"
            else:
                try:
                    ended, said = ours.recv()
                except EOFError:
                    process.join()
                    ended, said = "crash", f"the process ended with {process.exitcode}"
            counts[ended] += 1
            if ended not in (ACCEPTED, REFUSED):
                failures.append(f"{kind}, case {seed}:{index}: {ended}\n{said}")
            index, patience = index + 1, limit
            if ended in ("hang", "crash"):
                break
        process.kill()
        process.join()
    return counts, failures


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--share", type=float, default=1.0, help="of the cases of each kind")
    options.add_argument("--limit", type=float, default=10.0, help="seconds a case")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--kind", choices=KINDS, action="append")
    given = options.parse_args()
    head = ("kind", "cases", "clear errors", "accepted", "raw exceptions", "hangs", "crashes", "seconds")
    print(" | ".join(head))
    total: Counter[str] = Counter()
    failed: list[str] = []
    for kind in given.kind or KINDS:
        began, cases = time.perf_counter(), max(1, round(given.share * KINDS[kind][1]))
        counts, failures = survey(kind, cases, given.seed, given.limit)
        total += counts
        failed += failures
        print(row(kind, counts), f"{time.perf_counter() - began:.0f}", sep=" | ", flush=True)
        for text in failures[:SHOWN]:
            print(text, file=sys.stderr)
    print(row("all", total), f"limit {given.limit:g} s a case", sep=" | ")
    return 1 if failed else 0


def row(kind: str, counts: Counter[str]) -> str:
    """Return a line of the table."""
    order = (REFUSED, ACCEPTED, "raw", "hang", "crash")
    return " | ".join([kind, str(counts.total()), *(str(counts[name]) for name in order)])


if __name__ == "__main__":
    raise SystemExit(main())
