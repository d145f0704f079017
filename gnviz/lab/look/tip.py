"""Help beside a control: a small button that says, when it is pointed at or focused, what something means."""

from __future__ import annotations

STYLE = """
.help { position: relative; border: 0; width: 24px; height: 24px; margin: -4px; padding: 0; font-size: 11px;
  line-height: 1; background: none; cursor: help; flex: none;
  color: var(--mui-palette-text-secondary, inherit); }
.help::before { content: ""; position: absolute; inset: 4px; border: 1px solid currentColor;
  border-radius: 50%; }
.tip { display: none; position: absolute; right: 0; bottom: 22px; width: 240px; padding: 6px 8px; z-index: 9;
  border-radius: 4px; background: #37404c; color: #fff; font-size: 12px; line-height: 1.4; text-align: left;
  pointer-events: none; }
.help.open .tip, .help:focus-visible .tip { display: block; }
@media (hover: hover) { .help:hover .tip { display: block; } }
"""
"""Style of the button in a component's shadow."""

SCRIPT = """
function helpButton() {
  const button = document.createElement("button"), tip = document.createElement("span")
  button.className = "help"
  button.type = "button"
  tip.className = "tip"
  tip.setAttribute("role", "tooltip")
  button.append("?", tip)
  const shut = () => {
    button.classList.remove("open")
    for (const what of ["pointerdown", "scroll"]) document.removeEventListener(what, shut, true)
  }
  button.addEventListener("click", () => {  // a finger points at nothing, and taps
    if (!button.classList.toggle("open")) return shut()
    for (const what of ["pointerdown", "scroll"]) document.addEventListener(what, shut, true)
  })
  return button
}

function explain(button, label, words) {
  button.style.display = words ? "" : "none"
  button.setAttribute("aria-label", `What ${label} means`)
  button.lastChild.textContent = words
}
"""
"""What makes it, and says what it explains: for a component's script."""
