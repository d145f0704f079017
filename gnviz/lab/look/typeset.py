"""Numbers in the browser as people read them; in Python: `gnviz.views.numbers`.

What a screen reader says keeps 1e+07: of 10⁷, some say one hundred and seven.
"""

SCRIPT = r"""
function typeset(text) {
  return text.replace(/(^|[^\w.])(-?\d+(?:\.\d+)?)e([+-]?\d+)\b/g, (whole, before, digits, power) => {
    const raised = [...String(Number(power))].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")
    return before + (digits == "1" ? `10${raised}` : `${digits}·10${raised}`)
  })
}
"""
