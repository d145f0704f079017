"""The page of a run opens from a file with the network off, and its slider moves every picture."""

import numpy as np
import pytest
from export.runs import EXPERIMENTS

from gnviz import Csv, Experiment, run
from gnviz.export import page
from gnviz.views import VIEWS

ALLOWED = ("file:", "data:", "blob:")

SEEN = """(name) => {
  const found = []
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      for (const drawn of model.renderers.filter((r) => r.name == name))
        found.push(Object.fromEntries(
          Object.entries(drawn.data_source.data).map(([k, v]) => [k, Array.from(v)])))
  return found
}"""
"""The columns that are drawn under a label, in each figure that has it."""

CURSORS = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((model) => model.type == "Span").map((model) => model.visible ? model.location : null)"""


@pytest.fixture
def opened(browser, tmp_path):
    """Open the page of a run with the network off; it may have no error, and ask for nothing elsewhere."""
    context, complaints = browser.new_context(offline=True), []

    def opened(ds):
        path = tmp_path / "run.html"
        path.write_text(page(ds), encoding="utf-8")
        tab = context.new_page()
        tab.set_viewport_size({"width": 1300, "height": 1800})  # all of it: nothing scrolls
        tab.on("pageerror", lambda e: complaints.append(f"error: {e}"))
        tab.on("console", lambda m: complaints.append(f"{m.type}: {m.text}") if m.type == "error" else None)
        tab.on("request", lambda r: None if r.url.startswith(ALLOWED) else complaints.append(r.url))
        tab.goto(path.as_uri())
        tab.get_by_role("slider").wait_for()
        return tab

    yield opened
    context.close()
    assert complaints == []


def drawn(tab, label: str, table: dict) -> dict[str, list]:
    """Return what is drawn under a label in the figure that has the columns of a table there."""
    return next(found for found in tab.evaluate(SEEN, label) if found.keys() == table.keys())


@pytest.mark.parametrize(
    ("name", "figure", "label", "column"),
    [
        ("figure2", "fit", "gradient-flow", "value"),
        ("figure1", "parameter_plane", "gradient-flow · now", "v1"),
        ("steps", "spectrum", "adaptive(c=1)", "eigenvalue"),
    ],
)
def test_the_slider_moves_the_pictures(opened, name, figure, label, column):
    ds = run(EXPERIMENTS[name])
    tab, times = opened(ds), ds["time"].values
    tables = [VIEWS[figure].tables(ds, moment=k)[label] for k in range(len(times))]
    expected = [table[column] for table in tables]
    assert not np.array_equal(expected[-1], expected[-3]), "so that there is something to see"
    picture = tab.locator("figure", has_text=VIEWS[figure].title).first
    np.testing.assert_array_equal(drawn(tab, label, tables[-1])[column], expected[-1])
    before = picture.screenshot()
    tab.get_by_role("slider").focus()
    for _ in range(2):
        tab.keyboard.press("ArrowLeft")
    tab.wait_for_function(f"() => {tab_value('return slider.value')} == {len(times) - 3}")
    np.testing.assert_array_equal(drawn(tab, label, tables[-1])[column], expected[-3])
    assert set(tab.evaluate(CURSORS)) == {times[-3]}
    assert f"{times[-3]:.4g}" in tab.locator(".bar").evaluate(SHADOW_TEXT)
    assert picture.screenshot() != before
    tab.keyboard.press("End")
    tab.wait_for_function(f"() => {tab_value('return slider.value')} == {len(times) - 1}")
    np.testing.assert_array_equal(drawn(tab, label, tables[-1])[column], expected[-1])


def tab_value(code: str) -> str:
    """Return JavaScript that asks the slider."""
    find = 'Bokeh.documents.flatMap((doc) => [...doc._all_models.values()]).find((m) => m.type == "Slider")'
    return f"((slider) => {{ {code} }})({find})"


SHADOW_TEXT = """(bar) => {
  const words = (node) => node.shadowRoot ? words(node.shadowRoot)
    : [...node.childNodes].map((child) => child.nodeType == 3 ? child.textContent : words(child)).join("")
  return words(bar)
}"""
"""What is written in an element, in its shadow roots too."""


def test_what_users_name_is_never_run(opened):
    evil = "<img src=x onerror='window.evil = 1'></script><script>window.evil = 1</script>"
    small = {"network.width": 8, "clock.horizon": 1.0, "clock.snapshots": 4}
    tab = opened(run(Experiment(data=Csv(table=f"a,{evil}\n1,2\n2,4\n3,1\n")).replace(small)))
    tab.locator("summary").first.click()
    assert tab.evaluate("window.evil") is None
    assert len(tab.evaluate(SEEN, "adaptive(c=1)")) >= 3


def test_settings_and_script_are_there_to_unfold(opened):
    tab = opened(run(EXPERIMENTS["figure2"]))
    code = tab.locator("pre")
    assert not code.is_visible()
    tab.locator("summary", has_text="script").click()
    assert "experiment = Experiment(" in code.inner_text()
    tab.locator("summary", has_text="set").click()
    assert tab.get_by_text("data.condition", exact=True).is_visible()
