"""The library's button and dialog in the browser: keep this run, find others, open, delete, bring back."""

from __future__ import annotations

from typing import ClassVar

import panel as pn
import param

from gnviz.lab.look import dialog

PART = 512 * 1024
"""Bytes of a file that travel in one message; a message has an end, and a page answers between two."""


class Shelf(pn.custom.JSComponent):
    """Shows what it is given, and sends what the user asks for as messages; see `gnviz.lab.library.desk`."""

    entries = param.List(
        [], doc="The runs: file, name, note, date (text), size (text), picture (data URI) each."
    )
    unreadable = param.List([], doc="Files that cannot be read: name and sentence each.")
    found = param.String("", doc="The words that the entries were searched for.")
    suggested = param.String("", doc="A name for the run that is shown; empty: there is nothing to keep.")
    said = param.Dict({}, doc="What was done: words, bad (whether it failed), back (a deleted run's file).")
    most = param.Integer(0, doc="Bytes of a file that can be taken in.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
form { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.4fr) auto; gap: 10px;
  align-items: end; }
.find { display: flex; gap: 10px; align-items: end; margin-top: 16px; padding-top: 14px;
  border-top: 1px solid rgba(128, 135, 145, 0.3); }
.find label { flex: 1 1 auto; }
ul { list-style: none; margin: 10px 0 0; padding: 0; display: grid; gap: 6px; }
li { display: grid; grid-template-columns: 108px minmax(0, 1fr) auto; gap: 12px; align-items: center;
  padding: 6px; border-radius: 6px; border: 1px solid rgba(128, 135, 145, 0.3); }
li img, li .none { width: 108px; height: 60px; border-radius: 4px; background: rgba(128, 135, 145, 0.1); }
li b { font-weight: 600; overflow-wrap: anywhere; }
li p { margin: 0; overflow-wrap: anywhere; }
.acts { display: flex; gap: 6px; }
.over dialog { outline: 3px dashed var(--mui-palette-primary-main, #0072b5); outline-offset: -6px; }
input[type=file] { display: none; }
@media (max-width: 560px) {
  form { grid-template-columns: minmax(0, 1fr); }
  li { grid-template-columns: 72px minmax(0, 1fr); }
  li img, li .none { width: 72px; height: 40px; }
  .acts { grid-column: 1 / -1; }
  .acts .plain { flex: 1 1 0; }
}
"""
    ]

    _esm = (
        dialog.SCRIPT
        + """
const PART = ALL_PART

function base64(bytes) {
  let text = ""
  for (let k = 0; k < bytes.length; k += 8192) text += String.fromCharCode(...bytes.subarray(k, k + 8192))
  return btoa(text)
}

export function render({model}) {
  const {root, dialog, body} = makeDialog("Library", "Library of runs",
    "M4 4v16M8 4v16M12 4v16M16 5l4 15")
  body.innerHTML = `
    <form><label>Name of this run<input class="name" maxlength="120" required></label>
      <label>Note, if any<input class="note" maxlength="2000"></label>
      <button class="plain strong" type="submit">Keep this run</button></form>
    <p class="said" role="status"><span></span> <button class="plain back" type="button">Undo</button></p>
    <div class="find"><label>Find in names, notes and settings<input type="search"></label>
      <button class="plain load" type="button">Add a file\u2026</button>
      <input type="file" accept=".nc" tabindex="-1" aria-hidden="true"></div>
    <ul aria-label="Kept runs"></ul><p class="quiet none"></p>
    <details><summary></summary><ul></ul></details>`
  const find = (what) => body.querySelector(what)
  const name = find(".name"), note = find(".note")
  const search = find("[type=search]"), file = find("[type=file]")
  const keep = find("form button"), list = find("ul"), lost = find("details"), back = find(".back")
  const send = (act, more = {}) => model.send_msg({act, ...more})
  const look = () => send("look", {words: search.value})
  const say = (words, bad = false) => {
    find(".said span").textContent = words
    find(".said").classList.toggle("bad", bad)
    back.hidden = true
  }
  const button = (words, classes, named, act) => {
    const made = element("button", `plain ${classes}`, words)
    made.type = "button"
    made.setAttribute("aria-label", `${words} ${named}`)
    made.addEventListener("click", act)
    return made
  }
  const row = (run) => {
    const item = element("li"), words = element("div"), acts = element("div", "acts")
    const picture = element(run.picture ? "img" : "div", run.picture ? "" : "none")
    if (run.picture) { picture.src = run.picture; picture.alt = "" }
    words.append(element("b", "", run.name))
    if (run.note) words.append(element("p", "", run.note))
    words.append(element("p", "quiet", `${run.date}, ${run.size}`))
    acts.append(
      button("Open", "strong", run.name, () => {
        send("open", {file: run.file})
        say(`Opening ${run.name}\u2026`)
      }),
      button("Delete", "", run.name, () => send("delete", {file: run.file})))
    item.append(picture, words, acts)
    return item
  }
  const draw = () => {
    const inside = list.contains(list.getRootNode().activeElement)
    list.replaceChildren(...model.entries.map(row))
    if (inside) search.focus()
    find(".none").textContent = model.entries.length ? "" : model.found
      ? `No run is named or described by \u201c${model.found}\u201d.` : "Nothing is kept yet."
    lost.hidden = !model.unreadable.length
    lost.firstChild.textContent = `Files that cannot be read: ${model.unreadable.length}`
    lost.lastChild.replaceChildren(
      ...model.unreadable.map(([file, why]) => element("li", "quiet", `${file}: ${why}`)))
  }
  const offer = () => {
    keep.disabled = name.disabled = note.disabled = !model.suggested
    if (name.getRootNode().activeElement != name) name.value = model.suggested
  }
  const add = async (chosen) => {
    if (!chosen) return
    if (chosen.size > model.most) return say(`${chosen.name} has ${Math.ceil(chosen.size / 1048576)} MB; ` +
      `up to ${Math.floor(model.most / 1048576)} MB can be added.`, true)
    say(`Adding ${chosen.name}\u2026`)
    const number = Date.now()
    try {
      for (let from = 0; from == 0 || from < chosen.size; from += PART) {
        const part = new Uint8Array(await chosen.slice(from, from + PART).arrayBuffer())
        send("part", {number, name: chosen.name, part: base64(part), last: from + PART >= chosen.size})
      }
    } catch (error) { say(`${chosen.name} could not be read: ${error.message}`, true) }
  }

  find("form").addEventListener("submit", (event) => {
    event.preventDefault()
    say("Keeping\u2026")
    send("keep", {name: name.value, note: note.value, words: search.value})
  })
  let timer = null
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 150) })
  find(".load").addEventListener("click", () => file.click())
  file.addEventListener("change", () => { add(file.files[0]); file.value = "" })
  back.addEventListener("click", () => send("undo", {file: model.said.back}))
  const over = (on) => (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return
    event.preventDefault()
    root.classList.toggle("over", on)
    if (event.type == "drop") add(event.dataTransfer.files[0])
  }
  for (const [kind, on] of [["dragover", true], ["dragleave", false], ["drop", false]])
    dialog.addEventListener(kind, over(on))
  dialog.addEventListener("opened", () => {
    say("")
    note.value = search.value = ""
    look()
    search.focus()
  })
  model.on("said", () => {
    const {words, bad, back: file, shut} = model.said
    say(words, bad)
    back.hidden = !file
    if (shut) dialog.close()
  })
  for (const what of ["entries", "unreadable", "found"]) model.on(what, draw)
  model.on("suggested", offer)
  say("")
  draw()
  offer()
  return root
}
"""
    ).replace("ALL_PART", str(PART))
