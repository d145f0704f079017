// Steps turn, links bring another run, and figures light up where the text says to look.
const leads = JSON.parse(document.getElementById("leads").textContent)
const steps = [...document.querySelectorAll(".step")]
const runs = [...document.querySelectorAll(".run")]
const drawn = new Set()

// Show a run; its figures are drawn when it is first shown, once there is room for them.
function show(run) {
  for (const place of runs) place.hidden = place.dataset.run !== String(run)
  if (drawn.has(run)) return
  drawn.add(run)
  Bokeh.embed.embed_items(...JSON.parse(document.getElementById(`drawing-${run}`).textContent))
}

function light(labels, bring) {
  for (const figure of document.querySelectorAll("[data-figure]"))
    figure.classList.toggle("lit", labels.includes(figure.dataset.figure))
  if (bring) document.querySelector(".run:not([hidden]) .lit")?.scrollIntoView({block: "nearest"})
}

function mark(link) {
  for (const other of document.querySelectorAll("a.change[aria-current]")) other.removeAttribute("aria-current")
  link?.setAttribute("aria-current", "true")
}

// Open the step that the address names; by a button or by Back, its heading takes the focus.
function open(turned) {
  const step = steps.find((step) => `#${step.id}` === location.hash) ?? steps[0]
  for (const other of steps) other.hidden = other !== step
  mark(null)
  const asked = turned ? undefined : leads[location.search]  // a link that was opened in a tab of its own
  show(asked ?? Number(step.dataset.run))
  light(step.dataset.looks.split(" "), false)
  if (turned) step.querySelector("h2").focus()
}

document.querySelector("article").addEventListener("click", (event) => {
  const link = event.target.closest("a.change, a.look")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const address = link.getAttribute("href")
  if (link.classList.contains("look")) return light([address.slice(1).split("@")[0]], true)
  mark(link)
  show(leads[address])
})
window.addEventListener("hashchange", () => open(true))
open(false)
