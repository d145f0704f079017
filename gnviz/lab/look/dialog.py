"""A button that opens a dialog, as browsers have them: for components' scripts.

A `<dialog>` keeps the focus inside, closes with Escape, gives the focus back to its button, and lies above
all else, whatever it stands in.
"""

from __future__ import annotations

STYLE = """
:host { flex: none; }
[hidden] { display: none !important; }
.open, .plain { display: inline-flex; align-items: center; justify-content: center; gap: 5px; font: inherit;
  font-size: 13px; font-weight: 500; letter-spacing: 0.02em; min-height: 32px; padding: 3px 9px;
  cursor: pointer; border-radius: 4px; border: 1px solid rgba(128, 135, 145, 0.6); background: none;
  white-space: nowrap;
  color: var(--mui-palette-primary-main, #0072b5); box-sizing: border-box; }
.open svg { width: 17px; height: 17px; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
.open:hover, .plain:hover { border-color: currentColor; }
.strong { background: var(--mui-palette-primary-main, #0072b5); border-color: transparent;
  color: var(--mui-palette-primary-contrastText, #fff); }
.open:disabled, .plain:disabled { color: var(--mui-palette-text-disabled, #8d949e); cursor: default;
  background: none; border-color: rgba(128, 135, 145, 0.3); }
button:focus-visible, input:focus-visible, textarea:focus-visible, a:focus-visible {
  outline: 2px solid var(--mui-palette-primary-main, #0072b5); outline-offset: 1px; }
dialog { width: min(760px, calc(100vw - 24px)); max-height: min(86vh, 900px); padding: 0; border: 0;
  border-radius: 8px; box-shadow: 0 8px 40px rgba(0, 0, 0, 0.4); box-sizing: border-box; font-size: 14px;
  line-height: 1.4; color: var(--mui-palette-text-primary, CanvasText);
  background: var(--mui-palette-background-paper, Canvas); }
dialog::backdrop { background: rgba(0, 0, 0, 0.45); }
dialog header { display: flex; align-items: center; justify-content: space-between;
  padding: 12px 12px 6px 20px; position: sticky; top: 0; background: inherit; z-index: 1; }
dialog h2 { margin: 0; font-size: 18px; font-weight: 600; }
dialog h3 { margin: 16px 0 4px; font-size: 14px; font-weight: 600; }
.shut { font: inherit; font-size: 20px; line-height: 1; width: 34px; height: 34px; border: 0;
  border-radius: 4px; background: none; color: inherit; cursor: pointer; }
.shut:hover { background: rgba(128, 135, 145, 0.25); }
.body { padding: 0 20px 18px; }
.quiet { color: var(--mui-palette-text-secondary, inherit); font-size: 13px; }
.said { margin: 8px 0; min-height: 1.4em; }
.said.bad { color: var(--mui-palette-error-main, #b3261e); }
label { display: grid; gap: 2px; font-size: 12px; color: var(--mui-palette-text-secondary, inherit); }
input, textarea { font: inherit; font-size: 14px; padding: 6px 8px; border-radius: 4px; width: 100%;
  box-sizing: border-box; border: 1px solid rgba(128, 135, 145, 0.6); background: none;
  color: var(--mui-palette-text-primary, inherit); }
"""
"""Style of the button and the dialog, in a component's shadow."""

SCRIPT = """
function makeDialog(label, title, path) {
  const root = document.createElement("div")
  root.innerHTML = `<button class="open" type="button" aria-haspopup="dialog">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path></path></svg><span></span></button>
    <dialog><header><h2></h2><button class="shut" type="button" aria-label="Close">\u00d7</button></header>
    <div class="body"></div></dialog>`
  const button = root.querySelector(".open"), dialog = root.querySelector("dialog")
  button.querySelector("path").setAttribute("d", path)
  button.querySelector("span").textContent = label
  button.title = title
  dialog.setAttribute("aria-label", title)
  dialog.querySelector("h2").textContent = title
  button.addEventListener("click", () => { dialog.showModal(); dialog.dispatchEvent(new Event("opened")) })
  dialog.querySelector(".shut").addEventListener("click", () => dialog.close())
  let pressed = false  // on the ground around: a text may be selected from inside to there
  dialog.addEventListener("pointerdown", (event) => { pressed = event.target == dialog })
  dialog.addEventListener("click", (event) => { if (pressed && event.target == dialog) dialog.close() })
  return {root, button, dialog, body: dialog.querySelector(".body")}
}

function element(kind, classes, words) {
  const made = document.createElement(kind)
  if (classes) made.className = classes
  if (words != null) made.textContent = words
  return made
}

function bring(name, data, type) {  // a file, to where the browser keeps downloads
  const url = URL.createObjectURL(data instanceof Blob ? data : new Blob([data], {type}))
  const link = element("a")
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60000)
}
"""
"""What makes them, and two helpers: for a component's script."""
