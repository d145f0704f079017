"""What this is, the paper, and every symbol on the page: folded away at its end."""

from __future__ import annotations

import html

import panel as pn

from gnviz.lab.look.layout import INK, SHEET

CITATION = """\
@misc{cayci2024riemannian,
  title  = {A Riemannian Optimization Perspective of the Gauss-Newton Method for Feedforward Neural Networks},
  author = {Cayci, Semih},
  year   = {2024},
  eprint = {2412.14031},
  archivePrefix = {arXiv}
}"""

SYMBOLS = {
    "w": "the parameters of the network, p numbers",
    "u": "the predictions on the n samples: u = α f(w), or α (f(w) − f(w₀)) where they start from 0",
    "y": "the targets",
    "α": "output scaling: where it is large the weights hardly move (lazy), where it is small they do (rich)",
    "J": "the Jacobian of the outputs f(w) by the parameters, n × p, without α",
    "K": "the neural tangent kernel on the samples, K = J Jᵀ; K₀ at the start",
    "λᵢ": "its eigenvalues, the largest first; mode i is the part of the error along the i-th eigenvector",
    "κ": "its condition number, λ₁ / λₙ",
    "ρ": "damping, the blend between first and second order: 1 is gradient flow, towards 0 Gauss-Newton",
    "H": "what a step divides by: H = ρ I + (1 − ρ) Jᵀ G J, with G the curvature of the loss (1 for squares)",
    "rᵢ": "the rate at which mode i decays: rᵢ = λᵢ / (ρ + (1 − ρ) λᵢ)",
    "c": "of the adaptive damping ρ = c λₙ / (1 + c λₙ), by which every rate is at least 1 / (1 + c)",
    "t": "flow time, training's own clock, not the computer's: of dw/dt = −H⁻¹ Jᵀ ∇g(u) / α; a method that "
    "needs less of it may compute longer for each moment. On the clock of steps it counts steps",
    "η": "the size of a step",
    "σ_min": "the smallest singular value of J; where it is 0 the predictions form no surface",
    "M": "the surface of all predictions that the model can make",
}
"""Each symbol and what it means; the loss and the kernel have no factor 1/n."""

STYLE = (
    SHEET
    + """
:host { font-size: 14px; line-height: 1.5; padding: 4px 12px; }
summary { cursor: pointer; padding: 8px 0; font-weight: 500; }
h2 { font-size: 15px; font-weight: 600; margin: 14px 0 4px; }
p { margin: 4px 0; max-width: 75ch; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 14px; max-width: 90ch;
  margin: 4px 0; }
dt { font-style: italic; }
dd { margin: 0; }
pre { overflow-x: auto; font-size: 12px; }
"""
)


def about() -> pn.pane.HTML:
    """Return what a visitor may want to know of the page, folded."""
    symbols = "".join(
        f"<dt>{html.escape(symbol)}</dt><dd>{html.escape(meaning)}</dd>"
        for symbol, meaning in SYMBOLS.items()
    )
    words = f"""<details><summary>About this page, the paper, and every symbol</summary>
<h2>What this is</h2>
<p>A laboratory for Gauss-Newton training: small networks are trained by gradient descent and by Gauss-Newton
side by side. Every curve is computed, none is drawn by hand. Change a setting, and what it does is seen at
once.</p>
<h2>The paper</h2>
<p>S. Cayci, <i>A Riemannian Optimization Perspective of the Gauss-Newton Method for Feedforward Neural
Networks</i>, arXiv 2412.14031: the flow of Gauss-Newton is a Riemannian gradient flow on the manifold of
predictors, and with curvature-aware damping its speed does not depend on the kernel's smallest
eigenvalue.</p>
<pre tabindex="0" aria-label="Citation as BibTeX">{html.escape(CITATION)}</pre>
<h2>Symbols</h2>
<p>The loss is a sum over samples, ½‖u − y‖² unless another is chosen. It has no factor 1/n, nor has the
kernel.</p>
<dl>{symbols}</dl></details>"""
    return pn.pane.HTML(words, stylesheets=[INK, STYLE], margin=(8, 0), sizing_mode="stretch_width")
