"""Known numbers, computed again on the user's own machine: `gnviz verify`.

Closed forms, published values and the paper's claims; none of them was made here. Everything runs on the
CPU in float64 within about a minute.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gnviz.verify.check import Check, Finding


def checks() -> tuple[Check, ...]:
    """Return all checks, in the order in which they are run."""
    from gnviz.verify import closed_forms, engine, paper, published, surfaces

    return (
        engine.structured_kernel,
        engine.both_spaces,
        engine.lazy_steps,
        engine.certificate,
        closed_forms.constant_jacobian,
        closed_forms.sphere,
        closed_forms.charts,
        surfaces.curvature,
        surfaces.projection,
        published.rosenbrock,
        published.minima,
        published.nist,
        paper.conditioning,
        paper.under_parameterized,
    )


def verify() -> Iterator[Finding]:
    """Yield what is found, check by check; one that raises is a finding that failed."""
    for check in checks():
        try:
            yield from check()
        except Exception as error:  # the other checks are still worth having
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
            yield Finding(check.__name__.replace("_", " "), "a result", words, math.nan, False)


WIDTHS = (62, 16, 16, 6)


def header() -> str:
    """Return the table's first line."""
    return _line("what", "expected", "found", "digits", "verdict")


def row(finding: Finding) -> str:
    """Return one line of the table."""
    digits = "-" if math.isnan(finding.digits) else f"{finding.digits:.1f}"
    return _line(finding.what, finding.expected, finding.found, digits, "ok" if finding.ok else "WRONG")


def closing(findings: Sequence[Finding]) -> str:
    """Return the table's last line."""
    wrong = sum(not f.ok for f in findings)
    return f"{len(findings)} numbers, " + (f"{wrong} of them wrong" if wrong else "all as they should be")


def _line(what: str, expected: str, found: str, digits: str, verdict: str) -> str:
    a, b, c, d = WIDTHS
    return f"{what:{a}} {expected:>{b}} {found:>{c}} {digits:>{d}}  {verdict}"
