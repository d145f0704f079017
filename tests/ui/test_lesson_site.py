"""A lesson's page opens from a file with the network off; its steps, links, slider and hover work."""

import re

import numpy as np
import pytest
from ui.test_exported_page import ALLOWED, SHADOW_TEXT

import gnviz
from gnviz.export import site
from gnviz.export.sites.page import experiments
from gnviz.lessons import LESSONS
from gnviz.views import VIEWS
from gnviz.views.headline import headline

LESSON = LESSONS["damping"]
POINT = """([run, table, k]) => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values()) {
    const view = model.type == "Figure" ? Bokeh.index.find_one_by_id(model.id) : null
    if (view?.el.closest(".run")?.dataset.run != run || !view.el.closest("[data-figure=loss]")) continue
    const {time, loss} = model.renderers.find((r) => r.name == table).data_source.data
    const at = view.canvas_view.el.getBoundingClientRect()
    return [at.x + view.frame.x_scale.compute(time[k]), at.y + view.frame.y_scale.compute(loss[k])]
  }
}"""
"""Where the k-th point of a run's loss is in the window."""


@pytest.fixture(scope="module")
def walk(browser, tmp_path_factory):
    """A lesson's page with the network off, and its runs; it may have no error, nor ask for more."""
    folder, made, complaints = tmp_path_factory.mktemp("site"), {}, []

    def run(experiment):
        return made.setdefault(experiment.to_json(), gnviz.run(experiment))

    for name, text in site(run, [LESSON]):
        (folder / name).write_text(text, encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.set_viewport_size({"width": 1400, "height": 1000})
    tab.on("pageerror", lambda e: complaints.append(f"error: {e}"))
    tab.on("console", lambda m: complaints.append(f"{m.type}: {m.text}") if m.type == "error" else None)
    tab.on("request", lambda r: None if r.url.startswith(ALLOWED) else complaints.append(r.url))
    tab.goto((folder / "damping.html").as_uri())
    yield tab, [made[text] for text in experiments(LESSON)]
    context.close()
    assert complaints == []


def place_of(link):
    return list(experiments(LESSON)).index(link.experiment.to_json())


def shown(tab, k, runs):
    """Wait until a run's pictures are there, and nothing of another run is in sight."""
    run = tab.locator(f'.run[data-run="{k}"]')
    run.locator("canvas").first.wait_for()
    assert tab.locator(".run:visible").count() == 1
    assert run.locator(".headline").inner_text() == headline(runs[k])
    return run


def test_what_a_reader_sees_first_is_drawn_first_and_alone(walk):
    tab, runs = walk
    shown(tab, place_of(LESSON.steps[0].begins), runs)
    assert tab.evaluate("Bokeh.documents.length") == 1 < len(runs)


def test_a_lesson_is_walked_from_its_first_step_to_its_answer(walk):
    tab, runs = walk
    for number, step in enumerate((*LESSON.steps, LESSON.check.question), 1):
        page = tab.locator(f"#step-{number}")
        assert tab.locator(".step:visible").count() == 1
        assert page.locator("h2").inner_text().endswith(step.title)
        shown(tab, place_of(step.begins), runs)
        lit = tab.locator(".run:visible .lit")
        assert {lit.nth(i).get_attribute("data-figure") for i in range(lit.count())} == set(step.looks)
        links = page.locator("p a.change")
        for i, link in enumerate(step.links):
            links.nth(i).click()
            shown(tab, place_of(link), runs)
            assert page.locator("a[aria-current]").count() == 1
        if number <= len(LESSON.steps):
            page.get_by_role("link", name="Next").click()
            tab.wait_for_function(f"document.activeElement.closest('.step')?.id == 'step-{number + 1}'")
    answer = tab.locator("details > p").first
    assert not answer.is_visible()
    tab.locator("summary").click()
    assert answer.is_visible()
    tab.go_back()
    tab.locator(f"#step-{len(LESSON.steps)}").wait_for()


def test_the_slider_moves_the_pictures_and_the_pointer_reads_them(walk):
    tab, runs = walk
    tab.evaluate("location.hash = '#step-1'")
    k = place_of(LESSON.steps[0].begins)
    run, ds = shown(tab, k, runs), runs[k]
    slider = run.get_by_role("slider")
    slider.focus()
    before = run.locator("figure").first.screenshot()
    for _ in range(5):
        tab.keyboard.press("ArrowLeft")
    tab.wait_for_timeout(300)
    assert run.locator("figure").first.screenshot() != before
    said = run.locator(".bar").evaluate(SHADOW_TEXT)
    time = float(said.split("t = ")[1])
    assert np.isclose(ds.time, time, rtol=1e-3).any()
    assert time < float(ds.time[-1])
    table, k = VIEWS["loss"].tables(ds)["constant(rho=1)"], 90
    x, y = tab.evaluate(POINT, [str(place_of(LESSON.steps[0].begins)), "constant(rho=1)", k])
    tab.mouse.move(x - 3, y)
    tab.mouse.move(x, y)
    told = tab.locator(".bk-tooltip-content", has_text="loss:")
    told.first.wait_for()
    size = re.compile(r"loss:\s*(\S+)")
    values = [float(size.search(words)[1]) for words in told.all_inner_texts()]
    assert any(abs(value / table["loss"][k] - 1) < 0.01 for value in values)


def test_a_link_in_a_tab_of_its_own_opens_there(walk):
    tab, runs = walk
    link = LESSON.steps[1].links[1]
    tab.goto(tab.url.partition("#")[0] + link.query)
    shown(tab, place_of(link), runs)
