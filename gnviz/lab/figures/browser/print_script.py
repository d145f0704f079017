"""Drawing a figure for a file, in the browser: for the script of the component that offers it."""

SCRIPT = """
const RESOLUTION = 2  // pixels of a PNG for each of the figure's
const SETTLED = 6  // frames: a legend is measured once it is painted, and then the figure is laid out again

async function drawnSvg({content, root, width, height}) {  // off the screen, and gone again
  const place = document.createElement("div")
  place.id = `print-${root}`
  place.style.cssText = `position: fixed; left: -${2 * width}px; top: 0; width: ${width}px`
  place.setAttribute("aria-hidden", "true")
  document.body.append(place)
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  const items = [{docid: "run", roots: {[root]: place.id}, root_ids: [root]}]
  const [views] = await Bokeh.embed.embed_items({run: JSON.parse(content)}, items)
  try {
    const view = views.get_by_id(root)
    await view.ready
    for (let k = 0; k < SETTLED; k++) await painted()
    return new Blob([view.export("svg", false).ctx.get_serialized_svg(true)], {type: "image/svg+xml"})
  } finally {
    views.clear()
    place.remove()
  }
}

async function asPng(svg, width, height) {
  const url = URL.createObjectURL(svg), image = new Image(), canvas = document.createElement("canvas")
  try {
    image.src = url
    await image.decode()
  } finally { URL.revokeObjectURL(url) }
  canvas.width = RESOLUTION * width
  canvas.height = RESOLUTION * height
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, "image/png"))
}

function everywhere(selector, root = document) {  // also in shadows
  const found = [...root.querySelectorAll(selector)]
  for (const other of root.querySelectorAll("*"))
    if (other.shadowRoot) found.push(...everywhere(selector, other.shadowRoot))
  return found
}

async function surface(format, {title, width, height}) {
  const shown = (plot) => plot.getClientRects().length && plot._fullLayout?.scene
  const plot = everywhere(".js-plotly-plot").find(shown)
  if (!plot) throw new Error("the surface is not drawn yet")
  const scene = {...plot.layout.scene, camera: plot._fullLayout.scene._scene.getCamera()}
  const margin = {l: 0, r: 0, t: 50, b: 0}, font = {color: "#22272e"}
  const words = {title: {text: title, font: {size: 18}}, font, showlegend: true, paper_bgcolor: "white"}
  const layout = {...plot.layout, ...words, margin, scene, width, height}
  const figure = {data: plot.data, layout, config: {displayModeBar: false}}
  const url = await Plotly.toImage(figure, {format, width, height, scale: format == "png" ? RESOLUTION : 1})
  return (await fetch(url)).blob()
}

async function print(format, drawing) {
  if (drawing.surface) return surface(format, drawing)
  const svg = await drawnSvg(drawing)
  return format == "svg" ? svg : asPng(svg, drawing.width, drawing.height)
}
"""
"""`print(format, drawing)` returns a promise of a Blob; a drawing is what `gnviz.lab.figures.prints` says."""
